/** What one stretch of time holds of a point's history. Without `mean` nothing usable is known of it. */
export interface HistoryBucket {
  /** [startMs, startMs + everyMs) */
  readonly startMs: number;
  readonly min?: number;
  readonly max?: number;
  /** Weighted by time: each sample counts for as long as it was the latest one. */
  readonly mean?: number;
  /** First and last value in force within the stretch. */
  readonly first?: number;
  readonly last?: number;
  /** Sum of the samples that were recorded in it, for pulses and amounts. */
  readonly sum: number;
  /** Samples that were recorded in it. */
  readonly count: number;
  /** Share of the time for which a usable value was known, 0 … 1: below 1 there is a gap. */
  readonly coverage: number;
}

/** R10, `hot`: a point whose device answers the standby otherwise than it answers the active node. */
export interface FieldDifference {
  readonly point: string;
  readonly device: string;
  /** As a person reads it, with its quality where that is not good: what both nodes hold, and what the standby reads. */
  readonly image: string;
  readonly field: string;
  /** Since when, pair time. */
  readonly sinceMs: number;
}

/**
 * `equal`: no point differs. `unreachable`: it answers the active node and not the standby. `waiting`: nothing has been
 * compared yet, or it answers neither.
 */
export type ComparedState = 'equal' | 'differs' | 'unreachable' | 'waiting';

export interface ComparedDevice {
  readonly name: string;
  readonly state: ComparedState;
  /** How many of its points differ. */
  readonly differing: number;
  /** Since when it is `differs` or `unreachable`, pair time. */
  readonly sinceMs?: number;
}

/** What the standby finds in the field, beside the image that both nodes hold (`GET /api/v1/redundancy`, `comparison`). */
export interface FieldComparison {
  /** The standby that compares. */
  readonly node: string;
  /** Devices that are compared, in the order of the configuration. */
  readonly devices: readonly ComparedDevice[];
  /** The oldest first, and no more than {@link MOST_DIFFERENCES}; `differing` of the devices counts all. */
  readonly differences: readonly FieldDifference[];
}

export const MOST_DIFFERENCES = 50;

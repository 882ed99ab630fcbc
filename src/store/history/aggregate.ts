import { QualityLevel, type HistoryBucket } from '../../contract/index.js';
import type { Columns } from './columns.js';

/**
 * Time-weighted aggregates over equal stretches of [fromMs, toMs). A sample holds until the next one; one whose quality
 * is stale or bad, or that is no number, says that nothing is known until the next. Feed blocks in order, from the sample
 * that is in force at `fromMs` on; nothing is known before the first sample, nor after `knownUntilMs`.
 */
export class Aggregator {
  private readonly buckets: HistoryBucket[] = [];
  private readonly count: number;
  private heldMs = NaN;
  private held = NaN;
  /** The stretch that is being filled. */
  private startMs: number;
  private min = Infinity;
  private max = -Infinity;
  private area = 0;
  private knownMs = 0;
  private first = NaN;
  private last = NaN;
  private sum = 0;
  private samples = 0;

  constructor(
    fromMs: number,
    toMs: number,
    private readonly everyMs: number,
  ) {
    this.count = Math.max(0, Math.ceil((toMs - fromMs) / everyMs));
    this.startMs = fromMs;
  }

  feed({ times, values, qualities, length }: Columns): void {
    for (let row = 0; row < length; row++) {
      const timeMs = times[row] as number;
      if (timeMs >= this.startMs + this.everyMs) this.advance(timeMs);
      this.hold(timeMs);
      const value = (qualities[row] as number) >> 6 <= QualityLevel.uncertain ? (values[row] as number) : NaN;
      this.heldMs = timeMs;
      this.held = value;
      if (timeMs < this.startMs || value !== value) continue;
      this.sum += value;
      this.samples++;
    }
  }

  /** The stretches, oldest first. The last sample holds until `knownUntilMs`: the present, or the end of what was recorded. */
  finish(knownUntilMs: number): HistoryBucket[] {
    this.advance(knownUntilMs);
    this.hold(knownUntilMs);
    while (this.buckets.length < this.count) this.close();
    return this.buckets.slice(0, this.count);
  }

  /** Closes the stretches that are over at `timeMs`. */
  private advance(timeMs: number): void {
    while (this.buckets.length < this.count && timeMs >= this.startMs + this.everyMs) {
      this.hold(this.startMs + this.everyMs);
      this.close();
    }
  }

  /** Counts the held value for the time up to `untilMs`, which lies in the present stretch. */
  private hold(untilMs: number): void {
    const { held } = this;
    const fromMs = this.heldMs > this.startMs ? this.heldMs : this.startMs;
    if (held !== held || !(untilMs > fromMs)) return;
    if (held < this.min) this.min = held;
    if (held > this.max) this.max = held;
    if (this.knownMs === 0) this.first = held;
    this.last = held;
    this.area += held * (untilMs - fromMs);
    this.knownMs += untilMs - fromMs;
  }

  private close(): void {
    const { startMs, sum, samples, knownMs, min, max, area, first, last } = this;
    const coverage = knownMs / this.everyMs;
    // One shape of object for each case, written out: a year by the hour makes thousands of them.
    this.buckets.push(knownMs === 0 ? { startMs, sum, count: samples, coverage } : { startMs, min, max, mean: area / knownMs, first, last, sum, count: samples, coverage });
    this.startMs += this.everyMs;
    this.min = Infinity;
    this.max = -Infinity;
    this.area = this.knownMs = this.sum = this.samples = 0;
  }
}

import type { PointValue } from './point.js';
import type { Quality } from './quality.js';

/**
 * A batch of samples as columns: row `i` says that point `points[i]` had `values[i]` at `times[i]`.
 * What flows through the pipeline is always a batch. It belongs to all who see it, and its columns may be shared with
 * others: nobody changes them. `times` is source time, milliseconds since 1970 UTC.
 */
export interface SampleBatch {
  readonly length: number;
  readonly points: Uint32Array;
  readonly values: Float64Array;
  readonly qualities: Uint8Array;
  readonly times: Float64Array;
  /** Values that are not numbers (bigint, string), by row; their `values` cell is NaN. */
  readonly texts?: ReadonlyMap<number, string | bigint>;
}

/** Collects samples; {@link take} hands over what was collected and begins anew. */
export class SampleBuilder {
  private points: Uint32Array;
  private values: Float64Array;
  private qualities: Uint8Array;
  private times: Float64Array;
  private texts: Map<number, string | bigint> | undefined;
  private count = 0;

  constructor(capacity = 128) {
    this.points = new Uint32Array(capacity);
    this.values = new Float64Array(capacity);
    this.qualities = new Uint8Array(capacity);
    this.times = new Float64Array(capacity);
  }

  get length(): number {
    return this.count;
  }

  add(point: number, value: PointValue, quality: Quality, timeMs: number): void {
    if (typeof value === 'number') {
      this.addNumber(point, value, quality, timeMs);
      return;
    }
    (this.texts ??= new Map()).set(this.count, value);
    this.addNumber(point, NaN, quality, timeMs);
  }

  /** As {@link add}, for loops over columns of numbers. */
  addNumber(point: number, value: number, quality: Quality, timeMs: number): void {
    if (this.count === this.points.length) this.grow();
    const row = this.count++;
    this.points[row] = point;
    this.values[row] = value;
    this.qualities[row] = quality;
    this.times[row] = timeMs;
  }

  take(): SampleBatch {
    const length = this.count;
    const batch: SampleBatch = {
      length,
      points: this.points.slice(0, length),
      values: this.values.slice(0, length),
      qualities: this.qualities.slice(0, length),
      times: this.times.slice(0, length),
      ...(this.texts === undefined ? {} : { texts: this.texts }),
    };
    this.count = 0;
    this.texts = undefined;
    return batch;
  }

  private grow(): void {
    const capacity = Math.max(16, this.points.length * 2);
    const widen = <T extends Uint32Array | Float64Array | Uint8Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.points = widen(this.points, new Uint32Array(capacity));
    this.values = widen(this.values, new Float64Array(capacity));
    this.qualities = widen(this.qualities, new Uint8Array(capacity));
    this.times = widen(this.times, new Float64Array(capacity));
  }
}

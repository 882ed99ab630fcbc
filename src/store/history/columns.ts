import type { PointValue } from '../../contract/index.js';

export interface Sample {
  readonly timeMs: number;
  readonly value: PointValue;
  readonly quality: number;
}

/** Samples as columns that grow, oldest first. `values` is NaN where `texts` has the row. */
export class Columns {
  length = 0;
  texts: Map<number, string | bigint> | undefined;
  times: Float64Array;
  values: Float64Array;
  qualities: Uint8Array;

  constructor(capacity = 16) {
    this.times = new Float64Array(capacity);
    this.values = new Float64Array(capacity);
    this.qualities = new Uint8Array(capacity);
  }

  static of(samples: readonly Sample[]): Columns {
    const columns = new Columns(Math.max(1, samples.length));
    for (const { timeMs, value, quality } of samples) columns.push(timeMs, value, quality);
    return columns;
  }

  push(timeMs: number, value: PointValue, quality: number): void {
    if (typeof value !== 'number') (this.texts ??= new Map()).set(this.length, value);
    this.pushNumber(timeMs, typeof value === 'number' ? value : NaN, quality);
  }

  /** As {@link push}, for loops over numbers. */
  pushNumber(timeMs: number, value: number, quality: number): void {
    if (this.length === this.times.length) this.grow();
    const row = this.length++;
    this.times[row] = timeMs;
    this.values[row] = value;
    this.qualities[row] = quality;
  }

  value(row: number): PointValue {
    return this.texts?.get(row) ?? (this.values[row] as number);
  }

  sample(row: number): Sample {
    return { timeMs: this.times[row] as number, value: this.value(row), quality: this.qualities[row] as number };
  }

  /** Time of the newest row; -Infinity where there is none. */
  get lastMs(): number {
    return this.length === 0 ? -Infinity : (this.times[this.length - 1] as number);
  }

  /** The rows of this moment. */
  copy(): Columns {
    const columns = new Columns(1);
    columns.times = this.times.slice(0, this.length);
    columns.values = this.values.slice(0, this.length);
    columns.qualities = this.qualities.slice(0, this.length);
    columns.length = this.length;
    if (this.texts !== undefined) columns.texts = new Map(this.texts);
    return columns;
  }

  /** Makes room for `count` more rows, which the caller fills. */
  extend(count: number): void {
    while (this.length + count > this.times.length) this.grow();
    this.length += count;
  }

  /** Becomes a window on the numbers of `other`, without a copy. */
  view(other: Columns, from: number, length: number): void {
    this.times = other.times.subarray(from, from + length);
    this.values = other.values.subarray(from, from + length);
    this.qualities = other.qualities.subarray(from, from + length);
    this.length = length;
  }

  private grow(): void {
    const widen = <T extends Float64Array | Uint8Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    const capacity = this.times.length * 2;
    this.times = widen(this.times, new Float64Array(capacity));
    this.values = widen(this.values, new Float64Array(capacity));
    this.qualities = widen(this.qualities, new Uint8Array(capacity));
  }
}

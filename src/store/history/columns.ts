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
    if (this.length === this.times.length) this.grow();
    const row = this.length++;
    this.times[row] = timeMs;
    this.qualities[row] = quality;
    if (typeof value === 'number') {
      this.values[row] = value;
    } else {
      this.values[row] = NaN;
      (this.texts ??= new Map()).set(row, value);
    }
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

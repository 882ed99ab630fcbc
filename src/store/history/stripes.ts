import type { SampleBatch } from '../../contract/index.js';
import { Columns } from './columns.js';

/** Ticks of the same points that are turned into columns together. */
const TICKS = 32;
/** Fewer rows are not worth a look at whether the next batch is of the same points. */
const LEAST_ROWS = 64;

/** One batch; columns of which all cells are the same are one number. */
interface Tick {
  readonly values: Float64Array | Float32Array;
  readonly times: Float64Array | number;
  readonly qualities: Uint8Array | number;
  readonly texts: ReadonlyMap<number, string | bigint> | undefined;
}

interface Stripe {
  readonly points: Uint32Array;
  readonly ticks: Tick[];
  /** Each point has one row: more ticks may join. */
  readonly isDistinct: boolean;
  /** Rows that have been taken, from the first on. */
  taken: number;
  /** Ticks that have been taken of single rows, out of turn. */
  readonly ahead: Map<number, number>;
}

/** Gets the samples of one point, in the order in which they came. They are valid until it returns. */
export type Sink = (point: number, samples: Columns) => void;

/**
 * Batches that are in no block yet. Ticks of the same points wait together and are then taken point by point, 32 samples at
 * a time: the block of each point is fetched into the cache once for all of them, and not for each.
 */
export class Stripes {
  private readonly stripes: Stripe[] = [];
  private readonly gathered = new Columns(TICKS);
  private marks = new Uint32Array(0);
  private mark = 0;

  get isEmpty(): boolean {
    return this.stripes.length === 0;
  }

  /** The batch belongs to the stripes from now on. True where its points are others than those of the batch before. */
  add(batch: SampleBatch): boolean {
    const last = this.stripes.at(-1);
    const tick = tickOf(batch);
    if (last !== undefined && last.isDistinct && last.taken === 0 && last.ticks.length < TICKS && isSame(last.points, batch)) {
      last.ticks.push(tick);
      return false;
    }
    const points = owned(batch.points, batch.length);
    this.stripes.push({ points, ticks: [tick], isDistinct: batch.length >= LEAST_ROWS && this.isDistinct(points), taken: 0, ahead: new Map() });
    return true;
  }

  /** Hands over about `samples` of them, the oldest first; a stripe that may still grow is left alone unless `all`. */
  drain(samples: number, all: boolean, sink: Sink): void {
    let left = samples;
    for (let stripe = this.stripes[0]; stripe !== undefined && left > 0; stripe = this.stripes[0]) {
      if (!all && this.stripes.length === 1 && stripe.isDistinct && stripe.ticks.length < TICKS) return;
      const { points, ticks, ahead } = stripe;
      for (; stripe.taken < points.length && left > 0; stripe.taken++) {
        const from = ahead.size === 0 ? 0 : (ahead.get(stripe.taken) ?? 0);
        if (from < ticks.length) sink(points[stripe.taken] as number, this.gather(ticks, stripe.taken, from));
        left -= ticks.length;
      }
      if (stripe.taken === points.length) this.stripes.shift();
    }
  }

  /** Hands over the samples of one point, out of turn. */
  drainPoint(point: number, sink: Sink): void {
    for (const { points, ticks, ahead, taken } of this.stripes) {
      for (let row = points.indexOf(point, taken); row >= 0; row = points.indexOf(point, row + 1)) {
        const from = ahead.get(row) ?? 0;
        if (from === ticks.length) continue;
        ahead.set(row, ticks.length);
        sink(point, this.gather(ticks, row, from));
      }
    }
  }

  private gather(ticks: readonly Tick[], row: number, from: number): Columns {
    const { gathered } = this;
    gathered.length = 0;
    gathered.texts = undefined;
    for (let index = from; index < ticks.length; index++) {
      const { values, times, qualities, texts } = ticks[index] as Tick;
      const timeMs = typeof times === 'number' ? times : (times[row] as number);
      const quality = typeof qualities === 'number' ? qualities : (qualities[row] as number);
      const text = texts?.get(row);
      if (text === undefined) gathered.pushNumber(timeMs, values[row] as number, quality);
      else gathered.push(timeMs, text, quality);
    }
    return gathered;
  }

  private isDistinct(points: Uint32Array): boolean {
    this.mark++;
    for (const point of points) {
      if (point >= this.marks.length) {
        const wide = new Uint32Array(Math.max(point + 1, this.marks.length * 2));
        wide.set(this.marks);
        this.marks = wide;
      }
      if (this.marks[point] === this.mark) return false;
      this.marks[point] = this.mark;
    }
    return true;
  }
}

function tickOf({ values, times, qualities, texts, length }: SampleBatch): Tick {
  return {
    values: isSingle(values, length) ? Float32Array.from(values.subarray(0, length)) : owned(values, length),
    times: isUniform(times, length) ? (times[0] as number) : owned(times, length),
    qualities: isUniform(qualities, length) ? (qualities[0] as number) : owned(qualities, length),
    texts,
  };
}

/** Memory that holds nothing else: a window of a frame would keep the frame. */
function owned<T extends Float64Array | Uint32Array | Uint8Array>(column: T, length: number): T {
  const isWhole = column.length === length && column.byteLength === column.buffer.byteLength;
  return (isWhole ? column : column.slice(0, length)) as T;
}

function isUniform(column: Float64Array | Uint8Array, length: number): boolean {
  for (let row = 1; row < length; row++) if (column[row] !== column[0]) return false;
  return length > 0;
}

function isSingle(values: Float64Array, length: number): boolean {
  for (let row = 0; row < length; row++) {
    const value = values[row] as number;
    if (Math.fround(value) !== value && value === value) return false;
  }
  return true;
}

function isSame(points: Uint32Array, batch: SampleBatch): boolean {
  if (points.length !== batch.length) return false;
  return points === batch.points || Buffer.compare(bytesOf(points, points.length), bytesOf(batch.points, batch.length)) === 0;
}

function bytesOf(points: Uint32Array, length: number): Buffer {
  return Buffer.from(points.buffer, points.byteOffset, length * 4);
}

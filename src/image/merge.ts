import { SampleBuilder } from '../contract/index.js';
import type { Frame, LogEntry, Put, ValueColumns } from './frame.js';

/**
 * One frame in place of several that follow each other: the latest value of each point and key with its own
 * seq, every log entry and trend sample. What a slow consumer gets; nothing but repeated values is left out.
 * All frames are of one configuration revision. Frame by frame, so that neither all of them lie in memory nor one turn
 * of the event loop has all the work: 50,000 values that change ten times a second are a megabyte each time.
 */
export class FrameMerger {
  private first: Frame | undefined;
  private last: Frame | undefined;
  private readonly values = new LatestValues();
  private readonly puts = new Map<string, Put>();
  private readonly entries: LogEntry[] = [];
  private readonly samples = new SampleBuilder();

  get isEmpty(): boolean {
    return this.last === undefined;
  }

  /** What grows with the frames, in trend samples; values do not. An entry or a key with its value is as much as some twenty of them. */
  get weight(): number {
    const one = this.last === this.first ? this.last : undefined;
    const [samples, entries, puts] = one === undefined ? [this.samples.length, this.entries.length, this.puts.size] : [one.samples.length, one.logs.length, one.puts.length];
    return samples + 20 * (entries + puts);
  }

  add(frame: Frame): void {
    const { first, last } = this;
    this.last = frame;
    if (first === undefined) {
      this.first = frame;
      return;
    }
    // One frame alone is given back as it is.
    if (last === first) this.absorb(first);
    this.absorb(frame);
  }

  take(): Frame {
    const { first, last } = this;
    if (first === undefined || last === undefined) throw new RangeError('nothing to merge');
    if (first === last) return last;
    return { ...last, fromSeq: first.fromSeq, values: this.values.take(), samples: this.samples.take(), puts: [...this.puts.values()], logs: this.entries };
  }

  private absorb({ seq, values, puts, logs, samples }: Frame): void {
    this.values.add(values, seq);
    for (const put of puts) this.puts.set(put.key, { ...put, seq: put.seq ?? seq });
    for (const entry of logs) this.entries.push(entry);
    const { points, qualities, times, texts, length } = samples;
    for (let row = 0; row < length; row++) {
      const text = texts?.get(row);
      if (text === undefined) this.samples.addNumber(points[row] as number, samples.values[row] as number, qualities[row] as number, times[row] as number);
      else this.samples.add(points[row] as number, text, qualities[row] as number, times[row] as number);
    }
  }
}

/** Of each point the value that came last, in the order in which the points first came. */
class LatestValues {
  private length = 0;
  /** By point: one more than its row; 0 where it has none. */
  private rows = new Uint32Array(256);
  private points = new Uint32Array(256);
  private values = new Float64Array(256);
  private qualities = new Uint8Array(256);
  private times = new Float64Array(256);
  private seqs = new Float64Array(256);
  private readonly texts = new Map<number, string | bigint>();

  add(from: ValueColumns, seq: number): void {
    if (this.length + from.length > this.points.length) this.widen(this.length + from.length);
    for (let at = 0; at < from.length; at++) {
      const point = from.points[at] as number;
      if (point >= this.rows.length) this.rows = wide(this.rows, new Uint32Array(roomFor(point + 1)));
      let row = (this.rows[point] as number) - 1;
      if (row < 0) {
        row = this.length++;
        this.rows[point] = this.length;
        this.points[row] = point;
      }
      this.values[row] = from.values[at] as number;
      this.qualities[row] = from.qualities[at] as number;
      this.times[row] = from.times[at] as number;
      this.seqs[row] = from.seqs?.[at] ?? seq;
      const text = from.texts?.get(at);
      if (text !== undefined) this.texts.set(row, text);
      else if (this.texts.size > 0) this.texts.delete(row);
    }
  }

  take(): ValueColumns {
    const { length } = this;
    return {
      length,
      points: this.points.slice(0, length),
      values: this.values.slice(0, length),
      qualities: this.qualities.slice(0, length),
      times: this.times.slice(0, length),
      seqs: this.seqs.slice(0, length),
      ...(this.texts.size === 0 ? {} : { texts: this.texts }),
    };
  }

  private widen(least: number): void {
    const size = roomFor(least);
    this.points = wide(this.points, new Uint32Array(size));
    this.values = wide(this.values, new Float64Array(size));
    this.qualities = wide(this.qualities, new Uint8Array(size));
    this.times = wide(this.times, new Float64Array(size));
    this.seqs = wide(this.seqs, new Float64Array(size));
  }
}

function roomFor(count: number): number {
  return 2 ** Math.ceil(Math.log2(count));
}

function wide<T extends Uint32Array | Float64Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** Whether the frame brings entries that another node wrote while the two were apart. */
export function hasAdopted({ epoch, seq, fromSeq, logs }: Frame): boolean {
  return fromSeq === seq && logs.some(({ id }) => !id.startsWith(`${epoch.number}.${seq}.`) || !id.endsWith(`.${epoch.nonce}`));
}

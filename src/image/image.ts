import { WAITING, type PointValue, type Quality, type SampleBatch, type SampleBuilder } from '../contract/index.js';
import type { ValueColumns } from './frame.js';
import type { PointTable } from './point-table.js';

/**
 * The present value of every point, as a struct of typed arrays (42 bytes a number, with what the last frame had of it; 17 ns an update where a
 * Map of objects costs 116, docs/decisions/0002). On the active node samples are ingested and cut into
 * frames; on the standby frames are applied.
 */
export class Image {
  private readonly values: Float64Array;
  private readonly qualities: Uint8Array;
  private readonly times: Float64Array;
  private readonly seqs: Float64Array;
  private readonly deadbands: Float64Array;
  private readonly texts = new Map<number, string | bigint>();
  private readonly isDirty: Uint8Array;
  private readonly dirty: Uint32Array;
  private dirtyCount = 0;
  /** What the last frame had of the points in `dirty`, in their order: until the next cut it is what the other node has. */
  private readonly framedValues: Float64Array;
  private readonly framedQualities: Uint8Array;
  private readonly framedTimes: Float64Array;
  /** Texts that the last frame had, by point; undefined where there was none. */
  private readonly framedTexts = new Map<number, string | bigint | undefined>();

  constructor(readonly table: PointTable) {
    const size = table.size;
    this.values = new Float64Array(size).fill(NaN);
    this.qualities = new Uint8Array(size).fill(WAITING);
    this.times = new Float64Array(size);
    this.seqs = new Float64Array(size);
    this.deadbands = new Float64Array(size);
    this.isDirty = new Uint8Array(size);
    this.dirty = new Uint32Array(size);
    this.framedValues = new Float64Array(size);
    this.framedQualities = new Uint8Array(size);
    this.framedTimes = new Float64Array(size);
    for (const point of table.all()) this.deadbands[point.id] = point.cov ?? 0;
  }

  /**
   * The same values under another configuration: by name, where the kind of value is the same. What has changed and is
   * in no frame yet is not carried over: cut first. Both nodes come to the same result, because it follows from the two
   * tables alone.
   */
  under(table: PointTable): Image {
    const next = new Image(table);
    for (const { id, name, kind } of table.all()) {
      const old = this.table.find(name);
      if (old === undefined || (this.table.knowsKinds && old.kind !== kind)) continue;
      next.values[id] = this.values[old.id] as number;
      next.qualities[id] = this.qualities[old.id] as number;
      next.times[id] = this.times[old.id] as number;
      next.seqs[id] = this.seqs[old.id] as number;
      const text = this.texts.get(old.id);
      if (text !== undefined) next.texts.set(id, text);
    }
    return next;
  }

  get size(): number {
    return this.values.length;
  }

  /** Points that changed and are in no frame yet. */
  get pending(): number {
    return this.dirtyCount;
  }

  /** Those points, without a copy. */
  pendingPoints(): Uint32Array {
    return this.dirty.subarray(0, this.dirtyCount);
  }

  value(id: number): PointValue {
    return this.texts.get(id) ?? this.values[id] ?? NaN;
  }

  quality(id: number): Quality {
    return this.qualities[id] ?? WAITING;
  }

  /** Source time of the last change, milliseconds since 1970; 0 when never read. */
  timeMs(id: number): number {
    return this.times[id] ?? 0;
  }

  /** Frame of the last change. */
  seq(id: number): number {
    return this.seqs[id] ?? 0;
  }

  /**
   * Takes samples in, marking what is news: another quality, another text, or a number that moved by the
   * point's increment. A NaN without text keeps the last value (only its quality is news).
   */
  ingest(batch: SampleBatch): void {
    const { points, values, qualities, times, texts, length } = batch;
    for (let row = 0; row < length; row++) {
      const id = points[row] as number;
      const value = values[row] as number;
      const quality = qualities[row] as number;
      const text = texts?.get(row);
      if (text !== undefined) {
        const old = this.texts.get(id);
        if (old === text && this.qualities[id] === quality) continue;
        this.mark(id);
        if (!this.framedTexts.has(id)) this.framedTexts.set(id, old);
        this.texts.set(id, text);
      } else if (value === value) {
        const old = this.values[id] as number;
        // Written so that a first value (old is NaN) and an equal infinity both come out right.
        const same = value === old || Math.abs(value - old) < (this.deadbands[id] as number);
        if (same && this.qualities[id] === quality) continue;
        this.mark(id);
        if (!same) this.values[id] = value;
      } else if (this.qualities[id] === quality) {
        continue;
      } else this.mark(id);
      this.qualities[id] = quality;
      this.times[id] = times[row] as number;
    }
  }

  /** Adds the present values of `points` as samples of one time; a point that was never read is left out. */
  sampleInto(builder: SampleBuilder, points: Uint32Array, timeMs: number): void {
    const { texts, values, qualities } = this;
    const hasTexts = texts.size > 0;
    for (const id of points) {
      const quality = qualities[id] as number;
      if (quality === WAITING) continue;
      const text = hasTexts ? texts.get(id) : undefined;
      if (text === undefined) builder.addNumber(id, values[id] as number, quality, timeMs);
      else builder.add(id, text, quality, timeMs);
    }
  }

  /** Hands over what changed since the last cut and stamps it with the frame `seq`. */
  cut(seq: number): ValueColumns {
    const ids = this.dirty.slice(0, this.dirtyCount);
    this.dirtyCount = 0;
    if (this.framedTexts.size !== 0) this.framedTexts.clear();
    for (const id of ids) {
      this.isDirty[id] = 0;
      this.seqs[id] = seq;
    }
    return this.rows(ids);
  }

  /** Forgets what changed since the last cut: no frame will have it, and nobody else ever heard of it. */
  revert(): void {
    for (let slot = 0; slot < this.dirtyCount; slot++) {
      const id = this.dirty[slot] as number;
      this.isDirty[id] = 0;
      this.values[id] = this.framedValues[slot] as number;
      this.qualities[id] = this.framedQualities[slot] as number;
      this.times[id] = this.framedTimes[slot] as number;
    }
    this.dirtyCount = 0;
    for (const [id, text] of this.framedTexts) {
      if (text === undefined) this.texts.delete(id);
      else this.texts.set(id, text);
    }
    this.framedTexts.clear();
  }

  /** What changed after frame `seq`, each row with its own frame. Take a cut first: what is pending has no frame yet. */
  changedSince(seq: number): ValueColumns {
    const size = this.size;
    let count = 0;
    for (let id = 0; id < size; id++) if ((this.seqs[id] as number) > seq) count++;
    const ids = new Uint32Array(count);
    let row = 0;
    for (let id = 0; id < size; id++) if ((this.seqs[id] as number) > seq) ids[row++] = id;
    const columns = this.rows(ids);
    const seqs = new Float64Array(count);
    for (let i = 0; i < count; i++) seqs[i] = this.seqs[ids[i] as number] as number;
    return { ...columns, seqs };
  }

  /** Takes over the rows of a frame of another node, or of the journal. */
  apply(columns: ValueColumns, seq: number): void {
    const { points, values, qualities, times, texts, seqs, length } = columns;
    for (let row = 0; row < length; row++) {
      const id = points[row] as number;
      const value = values[row] as number;
      const text = texts?.get(row);
      if (text !== undefined) this.texts.set(id, text);
      this.values[id] = value;
      this.qualities[id] = qualities[row] as number;
      this.times[id] = times[row] as number;
      this.seqs[id] = seqs === undefined ? seq : (seqs[row] as number);
    }
  }

  /** Forgets every value, before a snapshot that replaces. */
  clear(): void {
    this.values.fill(NaN);
    this.qualities.fill(WAITING);
    this.times.fill(0);
    this.seqs.fill(0);
    this.texts.clear();
    this.framedTexts.clear();
    this.isDirty.fill(0);
    this.dirtyCount = 0;
  }

  /** Before it is changed. */
  private mark(id: number): void {
    if (this.isDirty[id] !== 0) return;
    this.isDirty[id] = 1;
    const slot = this.dirtyCount++;
    this.dirty[slot] = id;
    this.framedValues[slot] = this.values[id] as number;
    this.framedQualities[slot] = this.qualities[id] as number;
    this.framedTimes[slot] = this.times[id] as number;
  }

  private rows(ids: Uint32Array): ValueColumns {
    const length = ids.length;
    const values = new Float64Array(length);
    const qualities = new Uint8Array(length);
    const times = new Float64Array(length);
    let texts: Map<number, string | bigint> | undefined;
    for (let row = 0; row < length; row++) {
      const id = ids[row] as number;
      values[row] = this.values[id] as number;
      qualities[row] = this.qualities[id] as number;
      times[row] = this.times[id] as number;
      if (this.texts.size !== 0) {
        const text = this.texts.get(id);
        if (text !== undefined) (texts ??= new Map()).set(row, text);
      }
    }
    return { length, points: ids, values, qualities, times, ...(texts === undefined ? {} : { texts }) };
  }
}

import type { Operation } from '../database.js';
import { historyKey } from '../keys.js';
import { BitReader, BitWriter } from './bits.js';
import { encodeBlock, readChunks, sealBlock } from './block.js';
import { ByteLanes } from './byte-lanes.js';
import { writeChunk } from './chunk.js';
import { Columns } from './columns.js';

/** Samples in one block. Larger ones compress better, smaller ones are cheaper to keep open. */
export const BLOCK_SAMPLES = 256;
/** Samples that wait as they are until they are worth a chunk. */
const CHUNK_LEAST = 16;
const RAW_BYTES = 17;

const writer = new BitWriter();
const raw = Buffer.alloc(RAW_BYTES);

/**
 * The blocks that are being filled, one for each lane: compressed as their samples come, so that fifty thousand of them take
 * a few hundred bytes each and no object. What is not worth a chunk yet lies beside it as it is.
 */
export class OpenBlocks {
  readonly names: string[] = [];
  private readonly chunks = new ByteLanes();
  private readonly loose = new ByteLanes();
  /** Blocks with texts among their samples: rare, and kept as columns. */
  private readonly plain = new Map<number, Columns>();
  private counts = new Uint16Array(0);
  private looseCounts = new Uint8Array(0);
  private limits = new Uint16Array(0);
  private flushed = new Uint16Array(0);
  private firstMs = new Float64Array(0);
  private lastMs = new Float64Array(0);
  private chunkMs = new Float64Array(0);
  /** By lane: time of the newest sample in order, the blocks before this one included. */
  newestMs = new Float64Array(0);
  private readonly work = new Columns(BLOCK_SAMPLES);

  begin(name: string, newestMs: number): number {
    const lane = this.names.length;
    this.names.push(name);
    if (lane >= this.counts.length) this.widen(lane);
    // The first block of a point is shorter, each by its own measure: points that are recorded together must not all
    // have a full block in the same turn.
    this.limits[lane] = BLOCK_SAMPLES / 4 + ((lane * 2_654_435_761) % ((BLOCK_SAMPLES * 3) / 4));
    this.newestMs[lane] = newestMs;
    return lane;
  }

  count(lane: number): number {
    return this.counts[lane] as number;
  }

  isFull(lane: number): boolean {
    return this.count(lane) >= (this.limits[lane] as number);
  }

  /** Times that the block covers, where there is any. */
  range(lane: number): { readonly firstMs: number; readonly lastMs: number } | undefined {
    return this.count(lane) === 0 ? undefined : { firstMs: this.firstMs[lane] as number, lastMs: this.lastMs[lane] as number };
  }

  /** Appends samples that are none older than what the block has; CHUNK_SAMPLES at the most. */
  add(lane: number, samples: Columns): void {
    const { length } = samples;
    if (length === 0) return;
    if (this.count(lane) === 0) this.firstMs[lane] = samples.times[0] as number;
    if (samples.texts !== undefined || this.plain.size > 0) {
      const plain = this.plain.get(lane) ?? (samples.texts === undefined ? undefined : this.makePlain(lane));
      if (plain !== undefined) {
        for (let row = 0; row < length; row++) plain.push(samples.times[row] as number, samples.value(row), samples.qualities[row] as number);
        this.noteAdded(lane, samples);
        return;
      }
    }
    const waiting = this.looseCounts[lane] as number;
    if (waiting + length < CHUNK_LEAST) {
      for (let row = 0; row < length; row++) this.addLoose(lane, samples, row);
      this.looseCounts[lane] = waiting + length;
    } else if (waiting === 0) {
      this.addChunk(lane, samples);
    } else {
      const { work } = this;
      work.length = 0;
      this.readLoose(lane, work);
      for (let row = 0; row < length; row++) work.pushNumber(samples.times[row] as number, samples.values[row] as number, samples.qualities[row] as number);
      this.addChunk(lane, work);
      this.loose.clear(lane);
      this.looseCounts[lane] = 0;
    }
    this.noteAdded(lane, samples);
  }

  /** The samples of the block as it is now. */
  columns(lane: number): Columns {
    const plain = this.plain.get(lane);
    if (plain !== undefined) return plain.copy();
    const columns = new Columns(Math.max(1, this.count(lane)));
    const bytes = Buffer.alloc(this.chunks.length(lane));
    this.chunks.copy(lane, bytes, 0);
    readChunks(columns, this.count(lane) - (this.looseCounts[lane] as number), new BitReader(bytes, 0));
    this.readLoose(lane, columns);
    return columns;
  }

  /** The write that puts the block on disk as it is now; undefined where the disk holds it already. */
  put(lane: number): Operation | undefined {
    const count = this.count(lane);
    if (count === this.flushed[lane]) return undefined;
    this.flushed[lane] = count;
    return { type: 'put', key: historyKey(this.names[lane] as string, this.firstMs[lane] as number), value: this.encode(lane) };
  }

  /** The block is on its way to the disk: the next one begins. */
  clear(lane: number): void {
    this.chunks.clear(lane);
    this.loose.clear(lane);
    this.plain.delete(lane);
    this.counts[lane] = this.looseCounts[lane] = this.flushed[lane] = 0;
    this.chunkMs[lane] = 0;
    this.limits[lane] = BLOCK_SAMPLES;
  }

  private encode(lane: number): Buffer {
    const plain = this.plain.get(lane);
    if (plain !== undefined) return encodeBlock(plain);
    const size = this.chunks.length(lane);
    let rest: Uint8Array | undefined;
    if ((this.looseCounts[lane] as number) > 0) {
      const { work } = this;
      work.length = 0;
      this.readLoose(lane, work);
      writeChunk(work, this.chunkMs[lane] as number, writer);
      rest = writer.take();
    }
    return sealBlock(this.count(lane), size + (rest?.length ?? 0), undefined, (bytes, at) => {
      this.chunks.copy(lane, bytes, at);
      if (rest !== undefined) bytes.set(rest, at + size);
    });
  }

  private addChunk(lane: number, samples: Columns): void {
    writeChunk(samples, this.chunkMs[lane] as number, writer);
    this.chunks.append(lane, writer.take());
    this.chunkMs[lane] = samples.lastMs;
  }

  private addLoose(lane: number, samples: Columns, row: number): void {
    raw.writeDoubleLE(samples.times[row] as number, 0);
    raw.writeDoubleLE(samples.values[row] as number, 8);
    raw[16] = samples.qualities[row] as number;
    this.loose.append(lane, raw);
  }

  private readLoose(lane: number, into: Columns): void {
    const bytes = Buffer.alloc(this.loose.length(lane));
    this.loose.copy(lane, bytes, 0);
    for (let at = 0; at < bytes.length; at += RAW_BYTES) into.pushNumber(bytes.readDoubleLE(at), bytes.readDoubleLE(at + 8), bytes[at + 16] as number);
  }

  private makePlain(lane: number): Columns {
    const columns = this.columns(lane);
    this.chunks.clear(lane);
    this.loose.clear(lane);
    this.looseCounts[lane] = 0;
    this.plain.set(lane, columns);
    return columns;
  }

  private noteAdded(lane: number, samples: Columns): void {
    this.counts[lane] = this.count(lane) + samples.length;
    this.lastMs[lane] = this.newestMs[lane] = samples.lastMs;
  }

  private widen(lane: number): void {
    const size = Math.max(64, lane + 1, this.counts.length * 2);
    const wide = <T extends Uint8Array | Uint16Array | Float64Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.counts = wide(this.counts, new Uint16Array(size));
    this.looseCounts = wide(this.looseCounts, new Uint8Array(size));
    this.limits = wide(this.limits, new Uint16Array(size));
    this.flushed = wide(this.flushed, new Uint16Array(size));
    this.firstMs = wide(this.firstMs, new Float64Array(size));
    this.lastMs = wide(this.lastMs, new Float64Array(size));
    this.chunkMs = wide(this.chunkMs, new Float64Array(size));
    this.newestMs = wide(this.newestMs, new Float64Array(size));
  }
}

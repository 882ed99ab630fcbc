import { crc32 } from 'node:zlib';
import type { SampleBatch } from '../../contract/index.js';
import type { PointTable } from '../../image/index.js';
import type { Database, Operation } from '../database.js';
import { below, historyKey, lateHistoryKey, markKey } from '../keys.js';
import { decodeBlock, encodeBlock } from './block.js';
import { Columns, type Sample } from './columns.js';

/** Samples in one block. Larger ones compress better, smaller ones are cheaper to keep open. */
const BLOCK_SAMPLES = 256;
/** Open blocks that one turn writes at a checkpoint. */
const FLUSH_AT_ONCE = 500;
/** A block of late samples stays within one of these, so that a query knows how far back to look. */
const DAY_MS = 86_400_000;
/** Time of the newest sample of all, as of the last checkpoint. */
const NEWEST = markKey('history-newest');

interface OpenBlock {
  readonly name: string;
  columns: Columns;
  /** Full at this length. */
  limit: number;
  /** Rows that the disk holds already, under the key of the first one. */
  flushed: number;
  /** Time of the newest sample in order, the blocks before this one included. */
  newestMs: number;
  /** What came later than a newer one: merged from another node, read from a device's log, or a clock that was set back. */
  late: Columns | undefined;
}

/**
 * Trend samples by point. Open blocks live in memory (the journal holds their samples until a checkpoint
 * writes them); a full one is written with the frame that filled it.
 */
export class History {
  private readonly open = new Map<string, OpenBlock>();
  /** Open blocks by point id of `table`. */
  private byId: (OpenBlock | undefined)[] = [];
  private table: PointTable | undefined;
  private newestMs = -Infinity;
  /** Nothing on the disk is newer, as far as was known at the start. */
  private floorMs = -Infinity;

  constructor(private readonly db: Database) {}

  /** Before anything is added. */
  async load(): Promise<void> {
    const bytes = await this.db.get(NEWEST);
    if (bytes !== undefined) this.floorMs = this.newestMs = Number(bytes.toString('utf8'));
  }

  /** Adds a frame's samples; returns the writes that full blocks cause, for the frame's own batch. */
  add(batch: SampleBatch, table: PointTable): Operation[] {
    if (batch.length === 0) return [];
    if (table !== this.table) this.learn(table);
    const operations: Operation[] = [];
    for (let row = 0; row < batch.length; row++) {
      const id = batch.points[row] as number;
      const block = this.byId[id] ?? this.begin(id, table);
      const timeMs = batch.times[row] as number;
      const value = batch.texts?.get(row) ?? (batch.values[row] as number);
      const quality = batch.qualities[row] as number;
      // Blocks of a point follow each other in time, so that a query finds them by their keys; what comes late goes aside.
      if (timeMs < block.newestMs) {
        (block.late ??= new Columns()).push(timeMs, value, quality);
        if (block.late.length >= BLOCK_SAMPLES) operations.push(...putLate(block));
        continue;
      }
      block.columns.push(timeMs, value, quality);
      block.newestMs = timeMs;
      if (timeMs > this.newestMs) this.newestMs = timeMs;
      if (block.columns.length >= block.limit) {
        operations.push(put(block));
        block.columns = new Columns();
        block.limit = BLOCK_SAMPLES;
        block.flushed = 0;
      }
    }
    return operations;
  }

  /**
   * Writes every open block as it is, so that the journal below may go. It stays open. In slices, because thousands of
   * blocks take longer than a turn of the event loop may.
   */
  *flush(): Generator<Operation[]> {
    let slice: Operation[] = [{ type: 'put', key: NEWEST, value: Buffer.from(String(this.newestMs)) }];
    for (const block of this.open.values()) {
      slice.push(...putLate(block));
      if (block.columns.length > block.flushed) slice.push(put(block));
      block.flushed = block.columns.length;
      if (slice.length < FLUSH_AT_ONCE) continue;
      yield slice;
      slice = [];
    }
    yield slice;
  }

  /** Samples of [fromMs, toMs], oldest first, at most `limit`. A sample that is stored twice appears once. */
  async query(point: string, fromMs: number, toMs: number, limit: number): Promise<Sample[]> {
    const samples: Sample[] = [];
    for await (const columns of this.columns(point, fromMs, toMs)) {
      for (let row = 0; row < columns.length; row++) {
        samples.push(columns.sample(row));
        if (samples.length >= limit) return samples;
      }
    }
    return samples;
  }

  /** The sample that is the latest at `atMs`; undefined where there is none. */
  async inForce(point: string, atMs: number): Promise<Sample | undefined> {
    let found: Sample | undefined;
    const take = (columns: Columns): void => {
      for (let row = columns.length - 1; row >= 0; row--) {
        if ((columns.times[row] as number) > atMs) continue;
        if (found === undefined || (columns.times[row] as number) > found.timeMs) found = columns.sample(row);
        return;
      }
    };
    const open = this.open.get(point);
    if (open !== undefined) take(open.columns);
    for await (const bytes of this.db.values({ gte: below(`h!${point}!`).gte, lt: historyKey(point, atMs + 1), reverse: true, limit: 1 })) take(decodeBlock(bytes));
    take(Columns.of(await this.late(point, atMs - DAY_MS, atMs)));
    return found;
  }

  /** The same as columns, block by block, each row newer than the one before it. */
  async *columns(point: string, fromMs: number, toMs: number): AsyncGenerator<Columns> {
    const late = await this.late(point, fromMs, toMs);
    let lateRow = 0;
    let lastMs = -Infinity;
    for await (const block of this.blocks(point, fromMs, toMs)) {
      const first = block.times[0] ?? Infinity;
      const isClean = first > lastMs && first >= fromMs && block.lastMs <= toMs && (late.length <= lateRow || (late[lateRow]?.timeMs ?? Infinity) > block.lastMs);
      if (isClean && isRising(block)) {
        lastMs = block.lastMs;
        yield block;
        continue;
      }
      const merged = new Columns(block.length);
      const take = (timeMs: number, value: Sample['value'], quality: number): void => {
        if (timeMs <= lastMs || timeMs < fromMs || timeMs > toMs) return;
        merged.push(timeMs, value, quality);
        lastMs = timeMs;
      };
      for (let row = 0; row < block.length; row++) {
        const timeMs = block.times[row] as number;
        // Of two samples of one time the one that came in order counts: what is late was recorded elsewhere.
        for (let next = late[lateRow]; next !== undefined && next.timeMs < timeMs; next = late[++lateRow]) take(next.timeMs, next.value, next.quality);
        take(timeMs, block.value(row), block.qualities[row] as number);
      }
      if (merged.length > 0) yield merged;
    }
    const rest = late.slice(lateRow).filter(({ timeMs }) => timeMs > lastMs);
    if (rest.length > 0) yield Columns.of(rest);
  }

  private async *blocks(point: string, fromMs: number, toMs: number): AsyncGenerator<Columns> {
    const { gte } = below(`h!${point}!`);
    // The block that covers `from` begins before it.
    for await (const bytes of this.db.values({ gte, lt: historyKey(point, fromMs), reverse: true, limit: 1 })) yield decodeBlock(bytes);
    const rows = this.db.values({ gte: historyKey(point, fromMs), lt: historyKey(point, toMs + 1) });
    try {
      for (let some = await rows.nextv(64); some.length > 0; some = await rows.nextv(64)) for (const bytes of some) yield decodeBlock(bytes);
    } finally {
      await rows.close();
    }
    const open = this.open.get(point)?.columns;
    if (open !== undefined && open.length > 0) yield open;
  }

  /** Late samples are few: all of the range, in order. */
  private async late(point: string, fromMs: number, toMs: number): Promise<Sample[]> {
    const found = new Map<number, Sample>();
    const take = (columns: Columns): void => {
      for (let row = 0; row < columns.length; row++) {
        const sample = columns.sample(row);
        if (sample.timeMs >= fromMs && sample.timeMs <= toMs) found.set(sample.timeMs, sample);
      }
    };
    for await (const bytes of this.db.values({ gte: lateHistoryKey(point, fromMs - DAY_MS), lt: lateHistoryKey(point, toMs + 1) })) take(decodeBlock(bytes));
    const open = this.open.get(point)?.late;
    if (open !== undefined) take(open);
    return [...found.values()].sort((a, b) => a.timeMs - b.timeMs);
  }

  /** Times that the open block of a point covers; undefined where none is open. It will grow beyond `lastMs`. */
  openRange(point: string): { readonly firstMs: number; readonly lastMs: number } | undefined {
    const columns = this.open.get(point)?.columns;
    return columns === undefined || columns.length === 0 ? undefined : { firstMs: columns.times[0] as number, lastMs: columns.lastMs };
  }

  /** The next point with samples in memory, in the order of keys. */
  nextOpen(after: string): string | undefined {
    const least = Buffer.from(after === '' ? '' : `${after}!`);
    let next: Buffer | undefined;
    for (const { name, columns, late } of this.open.values()) {
      const key = Buffer.from(`${name}!`);
      if ((columns.length === 0 && late === undefined) || Buffer.compare(key, least) <= 0 || (next !== undefined && Buffer.compare(key, next) >= 0)) continue;
      next = key;
    }
    return next?.toString('utf8').slice(0, -1);
  }

  private learn(table: PointTable): void {
    this.table = table;
    this.byId = [];
    for (const block of this.open.values()) {
      const point = table.find(block.name);
      if (point !== undefined) this.byId[point.id] = block;
    }
  }

  private begin(id: number, table: PointTable): OpenBlock {
    const { name } = table.byId(id);
    // The first block of a point is shorter, each by its own measure: points that are recorded together must not all
    // have a full block in the same turn.
    const block: OpenBlock = { name, columns: new Columns(), limit: BLOCK_SAMPLES / 4 + ((id * 2_654_435_761) % ((BLOCK_SAMPLES * 3) / 4)), flushed: 0, newestMs: this.floorMs, late: undefined };
    this.open.set(name, block);
    this.byId[id] = block;
    return block;
  }
}

function put({ name, columns }: OpenBlock): Operation {
  return { type: 'put', key: historyKey(name, columns.times[0] ?? 0), value: encodeBlock(columns) };
}

/** The late samples of a point; none are open after it. */
function putLate(block: OpenBlock): Operation[] {
  const { name, late } = block;
  block.late = undefined;
  return late === undefined ? [] : lateOperations(name, late);
}

/** A block for each day that the samples touch. */
export function lateOperations(name: string, late: Columns): Operation[] {
  const days = new Map<number, Sample[]>();
  for (let row = 0; row < late.length; row++) {
    const sample = late.sample(row);
    const day = Math.floor(sample.timeMs / DAY_MS);
    const others = days.get(day);
    if (others === undefined) days.set(day, [sample]);
    else others.push(sample);
  }
  return [...days.values()].map((samples): Operation => {
    samples.sort((a, b) => a.timeMs - b.timeMs);
    const value = encodeBlock(Columns.of(samples));
    return { type: 'put', key: lateHistoryKey(name, samples[0]?.timeMs ?? 0, crc32(value).toString(16)), value };
  });
}

function isRising({ times, length }: Columns): boolean {
  for (let row = 1; row < length; row++) if ((times[row] as number) <= (times[row - 1] as number)) return false;
  return true;
}

import { crc32 } from 'node:zlib';
import type { SampleBatch } from '../../contract/index.js';
import type { PointTable } from '../../image/index.js';
import type { Database, Operation } from '../database.js';
import { isLateHistoryKey, lateHistoryKey, markKey } from '../keys.js';
import { decodeBlock, encodeBlock } from './block.js';
import { Columns, type Sample } from './columns.js';
import { InFlight } from './in-flight.js';
import { BLOCK_SAMPLES, OpenBlocks } from './open-blocks.js';
import { DAY_MS, readColumns, readInForce, type Held } from './read.js';
import { Stripes } from './stripes.js';

/** Open blocks that one turn writes at a checkpoint. */
const FLUSH_AT_ONCE = 500;
/** Samples that one turn takes into their blocks at a checkpoint. */
const DRAIN_AT_ONCE = 100_000;
const NONE = -1;
/** Time of the newest sample of all, as of the last checkpoint. */
const NEWEST = markKey('history-newest');

/**
 * Trend samples by point. What is not on the disk yet lives in memory (the journal holds it until a checkpoint writes it):
 * batches as they came, then the open block of each point; a full one is written with the frame of that moment.
 */
export class History {
  private readonly stripes = new Stripes();
  private readonly open = new OpenBlocks();
  /** What came later than a newer one: merged from another node, read from a device's log, or a clock that was set back. */
  private readonly lateOf = new Map<number, Columns>();
  /** Lanes of the open blocks by point id of `table`; NONE where there is none yet. */
  private lanes = new Int32Array(0);
  /** Lanes of points that the table does not have any more. */
  private orphans = new Map<string, number>();
  private table: PointTable | undefined;
  private newestMs = -Infinity;
  /** Nothing on the disk is newer, as far as was known at the start. */
  private floorMs = -Infinity;
  /** Full blocks on their way to the disk. */
  private full: Operation[] = [];
  private readonly inFlight = new InFlight();
  /** Lanes in the order of their keys; made when it is asked for. */
  private order: { readonly lanes: readonly number[]; readonly keys: readonly Buffer[] } | undefined;

  constructor(private readonly db: Database) {}

  /** Before anything is added. */
  async load(): Promise<void> {
    const bytes = await this.db.get(NEWEST);
    if (bytes !== undefined) this.floorMs = this.newestMs = Number(bytes.toString('utf8'));
  }

  /** Adds a frame's samples; returns writes of blocks that are full, for the frame's own batch. */
  add(batch: SampleBatch, table: PointTable): Operation[] {
    if (batch.length === 0) return [];
    if (table !== this.table) this.learn(table);
    if (this.stripes.add(batch)) for (let row = 0; row < batch.length; row++) this.laneFor(batch.points[row] as number);
    // Twice what came: so nothing gathers for long, and no turn takes longer than another.
    this.stripes.drain(2 * batch.length, false, this.sink);
    return this.full.splice(0);
  }

  /**
   * Writes every open block as it is, so that the journal below may go. It stays open. In slices, because thousands of
   * blocks take longer than a turn of the event loop may.
   */
  *flush(): Generator<Operation[]> {
    for (;;) {
      this.stripes.drain(DRAIN_AT_ONCE, true, this.sink);
      if (this.stripes.isEmpty) break;
      yield this.full.splice(0);
    }
    let slice: Operation[] = [...this.full.splice(0), { type: 'put', key: NEWEST, value: Buffer.from(String(this.newestMs)) }];
    for (const lane of [...this.lateOf.keys()]) slice.push(...this.putLate(lane));
    for (let lane = 0; lane < this.open.names.length; lane++) {
      const operation = this.putOpen(lane);
      if (operation !== undefined) slice.push(operation);
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
    return readInForce(this.db, point, this.held(point), atMs);
  }

  /** The same as columns, block by block, each row newer than the one before it. */
  columns(point: string, fromMs: number, toMs: number): AsyncGenerator<Columns> {
    return readColumns(this.db, point, () => this.held(point), fromMs, toMs);
  }

  /** These writes are on the disk. Until then what {@link add} and {@link flush} gave out is found in memory. */
  landed(operations: readonly Operation[]): void {
    this.inFlight.landed(operations);
  }

  /** Times that the open block of a point covers; undefined where none is open. It will grow beyond `lastMs`. */
  openRange(point: string): { readonly firstMs: number; readonly lastMs: number } | undefined {
    const lane = this.laneOf(point);
    return lane === undefined ? undefined : this.open.range(lane);
  }

  /** The next point with samples in memory, in the order of keys. */
  nextOpen(after: string): string | undefined {
    this.order ??= orderOf(this.open.names);
    const { lanes, keys } = this.order;
    for (let at = after === '' ? 0 : firstAfter(keys, Buffer.from(`${after}!`)); at < lanes.length; at++) {
      const lane = lanes[at] as number;
      const name = this.open.names[lane] as string;
      if (!this.stripes.isEmpty || this.open.count(lane) > 0 || this.lateOf.has(lane) || this.inFlight.has(name)) return name;
    }
    return undefined;
  }

  private held(point: string): Held {
    const lane = this.laneOf(point);
    const inOrder: Columns[] = [];
    const late: Columns[] = [];
    for (const [key, bytes] of this.inFlight.of(point)) (isLateHistoryKey(key) ? late : inOrder).push(decodeBlock(bytes));
    const beside = lane === undefined ? undefined : this.lateOf.get(lane);
    if (beside !== undefined) late.push(beside.copy());
    if (lane !== undefined && this.open.count(lane) > 0) inOrder.push(this.open.columns(lane));
    return { inOrder, late };
  }

  /** The lane of a point, with everything in it that has come. */
  private laneOf(point: string): number | undefined {
    const id = this.table?.find(point)?.id;
    if (id === undefined) return this.orphans.get(point);
    // Not more than its own samples: whoever asks does not wait for those of all other points.
    if (!this.stripes.isEmpty) this.stripes.drainPoint(id, this.keep);
    const lane = this.lanes[id] ?? NONE;
    return lane === NONE ? undefined : lane;
  }

  private readonly sink = (id: number, samples: Columns): void => {
    const lane = this.keep(id, samples);
    if (this.lateOf.size > 0 && (this.lateOf.get(lane)?.length ?? 0) >= BLOCK_SAMPLES) this.full.push(...this.putLate(lane));
    if (!this.open.isFull(lane)) return;
    const operation = this.putOpen(lane);
    if (operation !== undefined) this.full.push(operation);
    this.open.clear(lane);
  };

  /** Adds samples of a point to its lane. */
  private readonly keep = (id: number, samples: Columns): number => {
    const lane = this.laneFor(id);
    const { times, length } = samples;
    let newest = this.open.newestMs[lane] as number;
    let row = 0;
    while (row < length && (times[row] as number) >= newest) newest = times[row++] as number;
    if (newest > this.newestMs) this.newestMs = newest;
    if (row === length) this.open.add(lane, samples);
    else this.keepApart(lane, samples);
    return lane;
  };

  /** Blocks of a point follow each other in time, so that a query finds them by their keys; what comes late goes aside. */
  private keepApart(lane: number, samples: Columns): void {
    const inOrder = new Columns(samples.length);
    let newest = this.open.newestMs[lane] as number;
    for (let row = 0; row < samples.length; row++) {
      const { timeMs, value, quality } = samples.sample(row);
      if (timeMs >= newest) {
        newest = timeMs;
        inOrder.push(timeMs, value, quality);
        continue;
      }
      let late = this.lateOf.get(lane);
      if (late === undefined) this.lateOf.set(lane, (late = new Columns(1)));
      late.push(timeMs, value, quality);
    }
    if (newest > this.newestMs) this.newestMs = newest;
    this.open.add(lane, inOrder);
  }

  /** The late samples of a lane; none are open after it. */
  private putLate(lane: number): Operation[] {
    const late = this.lateOf.get(lane);
    this.lateOf.delete(lane);
    if (late === undefined) return [];
    const name = this.open.names[lane] as string;
    const operations = lateOperations(name, late);
    for (const operation of operations) this.inFlight.add(name, operation);
    return operations;
  }

  /** The open block of a lane as it is now; undefined where the disk has it, or will. */
  private putOpen(lane: number): Operation | undefined {
    const operation = this.open.put(lane);
    if (operation !== undefined) this.inFlight.add(this.open.names[lane] as string, operation);
    return operation;
  }

  private learn(table: PointTable): void {
    // What waits is of the ids of the table before.
    this.stripes.drain(Infinity, true, this.sink);
    this.table = table;
    this.lanes = new Int32Array(table.size).fill(NONE);
    this.orphans = new Map();
    for (const [lane, name] of this.open.names.entries()) {
      const point = table.find(name);
      if (point === undefined) this.orphans.set(name, lane);
      else this.lanes[point.id] = lane;
    }
  }

  private laneFor(id: number): number {
    const known = this.lanes[id] ?? NONE;
    if (known !== NONE) return known;
    const { name } = (this.table as PointTable).byId(id);
    const lane = this.open.begin(name, this.floorMs);
    this.order = undefined;
    this.lanes[id] = lane;
    return lane;
  }
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

function orderOf(names: readonly string[]): { readonly lanes: readonly number[]; readonly keys: readonly Buffer[] } {
  const all = names.map((name, lane) => ({ lane, key: Buffer.from(`${name}!`) })).sort((a, b) => Buffer.compare(a.key, b.key));
  return { lanes: all.map(({ lane }) => lane), keys: all.map(({ key }) => key) };
}

/** Index of the first key beyond `key`. */
function firstAfter(keys: readonly Buffer[], key: Buffer): number {
  let low = 0;
  for (let high = keys.length; low < high; ) {
    const middle = (low + high) >> 1;
    if (Buffer.compare(keys[middle] as Buffer, key) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

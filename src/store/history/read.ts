/**
 * Reading of a point's samples: blocks on the disk, blocks on their way to it, and what is in memory, as they all were at one
 * instant. What moves from one to the other meanwhile is found once, and a frame is seen whole or not at all.
 */
import type { AbstractValueIterator } from 'abstract-level';
import type { Database } from '../database.js';
import { below, historyKey, lateHistoryKey } from '../keys.js';
import { decodeBlock } from './block.js';
import { Columns, type Sample } from './columns.js';

/** Blocks that a query fetches in one go, decoded in a few milliseconds; LevelDB's own 16 KB would be thirty of them. */
const BLOCKS_AT_ONCE = 256;
const READ_AHEAD = { highWaterMarkBytes: 1 << 18 };
/** A block of late samples stays within one of these, so that a query knows how far back to look. */
export const DAY_MS = 86_400_000;

/** What of a point is not known to be on the disk; nobody changes it any more. */
export interface Held {
  /** Each in order; the open one is the last. */
  readonly inOrder: readonly Columns[];
  readonly late: readonly Columns[];
}

/** Samples of [fromMs, toMs] block by block, each row newer than the one before it. The instant is that of the first `next`. */
export async function* readColumns(db: Database, point: string, hold: () => Held, fromMs: number, toMs: number): AsyncGenerator<Columns> {
  // LevelDB shows an iterator what was there when it was made: no turn of the loop may lie between these.
  const held = hold();
  const lateRows = lateBlocks(db, point, fromMs, toMs);
  // The block that covers `from` begins before it.
  const covering = db.values({ gte: below(`h!${point}!`).gte, lt: historyKey(point, fromMs), reverse: true, limit: 1 });
  const rows = db.values({ gte: historyKey(point, fromMs), lt: historyKey(point, toMs + 1), ...READ_AHEAD });
  try {
    yield* merge(blocks(covering, rows, held), lateSamples(await lateRows.all(), held, fromMs, toMs), fromMs, toMs);
  } finally {
    await Promise.all([lateRows.close(), covering.close(), rows.close()]);
  }
}

/** The sample that is the latest at `atMs`; undefined where there is none. */
export async function readInForce(db: Database, point: string, held: Held, atMs: number): Promise<Sample | undefined> {
  let found: Sample | undefined;
  const take = (columns: Columns): void => {
    for (let row = columns.length - 1; row >= 0; row--) {
      if ((columns.times[row] as number) > atMs) continue;
      if (found === undefined || (columns.times[row] as number) > found.timeMs) found = columns.sample(row);
      return;
    }
  };
  const [onDisk, late] = [db.values({ gte: below(`h!${point}!`).gte, lt: historyKey(point, atMs + 1), reverse: true, limit: 1 }), lateBlocks(db, point, atMs - DAY_MS, atMs)];
  for (const columns of [...held.inOrder].reverse()) take(columns);
  for (const bytes of await onDisk.all()) take(decodeBlock(bytes));
  take(Columns.of(lateSamples(await late.all(), held, atMs - DAY_MS, atMs)));
  return found;
}

type Rows = AbstractValueIterator<Database, string, Buffer>;

function lateBlocks(db: Database, point: string, fromMs: number, toMs: number): Rows {
  return db.values({ gte: lateHistoryKey(point, fromMs - DAY_MS), lt: lateHistoryKey(point, toMs + 1) });
}

async function* blocks(covering: Rows, rows: Rows, { inOrder }: Held): AsyncGenerator<Columns> {
  for (const bytes of await covering.all()) yield decodeBlock(bytes);
  for (let some = await rows.nextv(BLOCKS_AT_ONCE); some.length > 0; some = await rows.nextv(BLOCKS_AT_ONCE)) for (const bytes of some) yield decodeBlock(bytes);
  yield* inOrder;
}

/** Late samples are few: all of the range, in order. */
function lateSamples(stored: readonly Buffer[], { late }: Held, fromMs: number, toMs: number): Sample[] {
  const found = new Map<number, Sample>();
  for (const columns of [...stored.map((bytes) => decodeBlock(bytes)), ...late]) {
    for (let row = 0; row < columns.length; row++) {
      const sample = columns.sample(row);
      if (sample.timeMs >= fromMs && sample.timeMs <= toMs) found.set(sample.timeMs, sample);
    }
  }
  return [...found.values()].sort((a, b) => a.timeMs - b.timeMs);
}

async function* merge(inOrder: AsyncIterable<Columns>, late: readonly Sample[], fromMs: number, toMs: number): AsyncGenerator<Columns> {
  let lateRow = 0;
  let lastMs = -Infinity;
  for await (const block of inOrder) {
    const first = block.times[0] ?? Infinity;
    const isClean = first > lastMs && first >= fromMs && block.lastMs <= toMs && (late.length <= lateRow || (late[lateRow]?.timeMs ?? Infinity) > block.lastMs);
    if (isClean && isRising(block)) {
      lastMs = block.lastMs;
      yield block;
      continue;
    }
    const merged = new Columns(Math.max(1, block.length));
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

function isRising({ times, length }: Columns): boolean {
  for (let row = 1; row < length; row++) if ((times[row] as number) <= (times[row - 1] as number)) return false;
  return true;
}

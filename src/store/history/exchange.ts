import { decodeBlock, encodeBlock } from './block.js';
import { Columns } from './columns.js';
import type { Database, Operation } from '../database.js';
import { below, historyKey } from '../keys.js';
import { lateOperations, type History } from './history.js';

export interface Cursor {
  readonly point: string;
  readonly afterMs: number;
}

export type Piece = readonly [point: string, block: Uint8Array];

/** Stored samples of [fromMs, toMs] from `cursor` on, about `bytes` of them, in the order of point and time. */
export async function pageOf(history: History, db: Database, cursor: Cursor | undefined, fromMs: number, toMs: number, bytes: number): Promise<{ pieces: readonly Piece[]; next?: Cursor }> {
  const pieces: Piece[] = [];
  let size = 0;
  let point = cursor?.point ?? (await pointAfter(history, db, ''));
  let afterMs = cursor?.afterMs ?? -Infinity;
  while (point !== undefined) {
    for await (const columns of history.columns(point, Math.max(fromMs, afterMs + 1), toMs)) {
      const block = encodeBlock(columns);
      pieces.push([point, block]);
      size += block.length;
      if (size >= bytes) return { pieces, next: { point, afterMs: columns.lastMs } };
    }
    point = await pointAfter(history, db, point);
    afterMs = -Infinity;
  }
  return { pieces };
}

/**
 * The writes that store those of the samples that are not there yet, and how many they are. A stretch that no block of this
 * node touches becomes a block among the others; the rest lies beside them as late samples do.
 * @throws STORE_CORRUPT
 */
export async function operationsFor(history: History, db: Database, pieces: readonly Piece[]): Promise<{ operations: Operation[]; added: number }> {
  const operations: Operation[] = [];
  let added = 0;
  for (const [point, block] of pieces) {
    const columns = decodeBlock(Buffer.from(block.buffer, block.byteOffset, block.byteLength));
    if (columns.length === 0) continue;
    const firstMs = columns.times[0] as number;
    const own = new Set<number>();
    for await (const { times, length } of history.columns(point, firstMs, columns.lastMs)) for (let row = 0; row < length; row++) own.add(times[row] as number);
    const missing = new Columns(columns.length);
    for (let row = 0; row < columns.length; row++) if (!own.has(columns.times[row] as number)) missing.push(columns.times[row] as number, columns.value(row), columns.qualities[row] as number);
    if (missing.length === 0) continue;
    added += missing.length;
    if (own.size === 0 && (await isFree(history, db, point, firstMs, columns.lastMs))) operations.push({ type: 'put', key: historyKey(point, firstMs), value: encodeBlock(missing) });
    else operations.push(...lateOperations(point, missing));
  }
  return { operations, added };
}

/** Blocks of a point must follow each other: nothing may begin within the stretch, nor reach into it. */
async function isFree(history: History, db: Database, point: string, firstMs: number, lastMs: number): Promise<boolean> {
  const open = history.openRange(point);
  if (open !== undefined && open.firstMs <= lastMs) return false;
  const [last] = await db.iterator({ gte: below(`h!${point}!`).gte, lt: historyKey(point, lastMs + 1), reverse: true, limit: 1 }).all();
  if (last === undefined) return true;
  const [key, bytes] = last;
  return key < historyKey(point, firstMs) && decodeBlock(bytes).lastMs < firstMs;
}

/** The next point that has history, in the order of names. */
export async function pointAfter(history: History, db: Database, point: string): Promise<string | undefined> {
  const from = point === '' ? 'h!' : `h!${point}!~`;
  // (In one turn with the disk: what memory lets go of meanwhile is there.)
  const open = history.nextOpen(point);
  const found = await Promise.all(['h', 'g'].map(async (letter) => (await db.keys({ gt: `${letter}${from.slice(1)}`, lt: `${letter}!\uffff`, limit: 1 }).all())[0]));
  const names = found.flatMap((key) => (key === undefined ? [] : [key.slice(2, key.lastIndexOf('!'))]));
  if (open !== undefined) names.push(open);
  return names.sort(byKey)[0];
}

/** Whether `point` comes after `other` in the order of keys. */
export function isPointBeyond(point: string, other: string): boolean {
  return byKey(point, other) > 0;
}

/** As LevelDB has them: by their bytes, the separator after the name included. */
function byKey(a: string, b: string): number {
  return Buffer.compare(Buffer.from(`${a}!`), Buffer.from(`${b}!`));
}

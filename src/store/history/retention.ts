import type { ClassicLevel } from 'classic-level';
import type { Database } from '../database.js';
import { below, historyKey, lateHistoryKey } from '../keys.js';

const DAY_MS = 86_400_000;
/** What is freed beyond the limit, so that the limit is not met again at once. */
const ROOM = 0.05;

/** What may be kept: for each point by age, for all of them together by room on the disk. */
export interface RetentionRules {
  /** Milliseconds of history that a point keeps; undefined for a point that is not recorded any more. */
  readonly keepMs: (point: string) => number | undefined;
  /** For points that no trend records any more. */
  readonly orphanKeepMs: number;
  readonly maxBytes: number;
}

/**
 * Forgets history that is older than its trend keeps, and, where all of it takes more than `maxBytes`, the oldest days of
 * everything. Whole blocks go, so that up to a block's length of older samples stays. Returns how many blocks went.
 */
export async function prune(db: Database, rules: RetentionRules, nowMs: number): Promise<number> {
  let dropped = 0;
  const oldest: number[] = [];
  for await (const { point, firstMs } of points(db)) {
    const keepMs = rules.keepMs(point) ?? rules.orphanKeepMs;
    if (firstMs < nowMs - keepMs) dropped += await forget(db, point, nowMs - keepMs);
    oldest.push(Math.max(firstMs, nowMs - keepMs));
  }
  const bytes = await sizeOf(db);
  if (bytes > rules.maxBytes && oldest.length > 0) {
    const firstMs = Math.min(...oldest);
    const share = 1 - (rules.maxBytes * (1 - ROOM)) / bytes;
    const beforeMs = firstMs + Math.max(DAY_MS, (nowMs - firstMs) * share);
    for await (const { point } of points(db)) dropped += await forget(db, point, beforeMs);
  }
  if (dropped > 0) await levelOf(db)?.compactRange('g!', 'h~');
  return dropped;
}

/** Bytes of history on the disk, about; 0 where the database cannot tell. */
export async function sizeOf(db: Database): Promise<number> {
  return (await levelOf(db)?.approximateSize('g!', 'h~')) ?? 0;
}

/** Each point that has blocks, with the time of its oldest one. Skips from point to point, whatever they hold. */
async function* points(db: Database): AsyncGenerator<{ point: string; firstMs: number }> {
  let after = 'h!';
  for (;;) {
    const [key] = await db.keys({ gt: after, lt: below('h!').lt, limit: 1 }).all();
    if (key === undefined) return;
    const end = key.lastIndexOf('!');
    yield { point: key.slice(2, end), firstMs: Number.parseInt(key.slice(end + 1), 16) };
    after = `${key.slice(0, end)}!~`;
  }
}

/** Blocks that end before `beforeMs`: those that another one follows which begins before it. */
async function forget(db: Database, point: string, beforeMs: number): Promise<number> {
  const { gte } = below(`h!${point}!`);
  const [last] = await db.keys({ gte, lt: historyKey(point, beforeMs + 1), reverse: true, limit: 1 }).all();
  const keys = last === undefined ? [] : await db.keys({ gte, lt: last }).all();
  const late = await db.keys({ gte: lateHistoryKey(point, 0), lt: lateHistoryKey(point, beforeMs - DAY_MS) }).all();
  await db.batch([...keys, ...late].map((key) => ({ type: 'del', key })));
  return keys.length + late.length;
}

/** LevelDB knows its sizes; a simulated disk does not. */
function levelOf(db: Database): Pick<ClassicLevel, 'approximateSize' | 'compactRange'> | undefined {
  return 'approximateSize' in db && 'compactRange' in db ? (db as unknown as ClassicLevel) : undefined;
}

import type { LogEntry } from '../image/index.js';
import type { Database } from './database.js';
import { below, logKey } from './keys.js';

/** Entries of one kind lie in the order in which they were written; those of two nodes that were apart overlap in time. */
const OVERLAP_MS = 86_400_000;
const ALL = below('l!');

/**
 * Journal entries of [fromMs, toMs], pair time, of all kinds, about `bytes` of them, newest first from the key `before` on.
 * Without `next` that was the last of them.
 */
export async function logPage(db: Database, before: string | undefined, fromMs: number, toMs: number, bytes: number): Promise<{ entries: LogEntry[]; next?: string }> {
  const entries: LogEntry[] = [];
  let size = 0;
  let end: string | undefined = before ?? ALL.lt;
  while (end !== undefined) {
    const lt: string = end;
    end = undefined;
    for await (const value of db.values({ gte: ALL.gte, lt, reverse: true })) {
      const entry = JSON.parse(value.toString('utf8')) as LogEntry;
      if (entry.timeMs < fromMs - OVERLAP_MS) {
        // What lies before of this kind is older still.
        end = `l!${entry.kind}!`;
        break;
      }
      if (entry.timeMs < fromMs || entry.timeMs > toMs) continue;
      entries.push(entry);
      size += value.length;
      if (size >= bytes) return { entries, next: logKey(entry.kind, entry.id) };
    }
  }
  return { entries };
}

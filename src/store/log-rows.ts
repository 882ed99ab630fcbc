import type { LogEntry } from '../image/index.js';
import type { Database, Operation } from './database.js';
import { below, logKey } from './keys.js';

export function logRow(entry: LogEntry): Operation {
  return { type: 'put', key: logKey(entry.kind, entry.id), value: Buffer.from(JSON.stringify(entry)) };
}

/**
 * Entries of a kind, newest first; only those older than the one with the id `before`, where one is named, and at most
 * `limit`. What is written meanwhile may be missing.
 */
export async function* logRows(db: Database, kind: string, before?: string, limit?: number): AsyncGenerator<LogEntry> {
  const { gte, lt } = below(`l!${kind}!`);
  const range = { gte, lt: before === undefined ? lt : logKey(kind, before), reverse: true, ...(limit === undefined ? {} : { limit }) };
  for await (const bytes of db.values(range)) yield JSON.parse(bytes.toString('utf8')) as LogEntry;
}

export async function hasLog(db: Database, kind: string, id: string): Promise<boolean> {
  return (await db.get(logKey(kind, id))) !== undefined;
}

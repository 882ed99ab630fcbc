import { pipeline, Readable } from 'node:stream';
import { stringify } from 'csv-stringify';
import type { WireAlarm } from '../contract/index.js';
import type { LogEntry } from '../image/index.js';
import { followed } from './followed.js';
import type { ActivityHandle } from './node-api.js';

/** What of the journal is asked for; what is left out is not looked at. Lists: one of them. */
export interface JournalQuery {
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly priority?: readonly number[] | undefined;
  readonly class?: readonly string[] | undefined;
  readonly state?: readonly string[] | undefined;
  readonly event?: readonly string[] | undefined;
  readonly alarm?: string | undefined;
  readonly point?: string | undefined;
  /** Area, or one above it. */
  readonly area?: string | undefined;
  /** In any of the texts, capitals or not. */
  readonly text?: string | undefined;
  /** Of an entry that may be seen; left out, all may. */
  readonly sees?: (entry: LogEntry) => boolean;
}

type AlarmLog = Partial<WireAlarm> & { readonly event?: string; readonly by?: string; readonly note?: string };

/** Entries that were merged from the other node carry the time at which they happened, so they lie a little further on. */
const OUT_OF_ORDER_MS = 86_400_000;

/** The entries that fit, newest first, and how far was looked. */
export async function* journalEntries(entries: AsyncIterable<LogEntry>, query: JournalQuery): AsyncGenerator<LogEntry> {
  for await (const entry of entries) {
    if (entry.timeMs < (query.fromMs ?? -Infinity) - OUT_OF_ORDER_MS) return;
    if (fits(entry, query)) yield entry;
  }
}

/** At most `limit` of them, with the id after which the next page begins where there may be more. */
export async function journalPage(entries: AsyncIterable<LogEntry>, query: JournalQuery, limit: number): Promise<{ readonly page: readonly LogEntry[]; readonly next?: string }> {
  const page: LogEntry[] = [];
  for await (const entry of journalEntries(entries, query)) {
    const last = page.at(-1);
    if (page.length === limit && last !== undefined) return { page, next: last.id };
    page.push(entry);
  }
  return { page };
}

const columns = ['time', 'event', 'alarm', 'state', 'priority', 'class', 'point', 'area', 'message', 'occurrence', 'by', 'note', 'id'];

/** As a spreadsheet reads it: UTF-8 with a byte-order mark, times in ISO 8601 UTC. */
export function journalCsv(entries: AsyncIterable<LogEntry>, query: JournalQuery, separator: ',' | ';', limit: number, activity: ActivityHandle): Readable {
  async function* rows(): AsyncGenerator<Record<string, unknown>> {
    let count = 0;
    for await (const { id, timeMs, data } of journalEntries(entries, query)) {
      if (count++ >= limit) return;
      const { name, ...rest } = data as AlarmLog;
      yield { ...rest, alarm: name, time: new Date(timeMs).toISOString(), id };
    }
  }
  const followedRows = followed(rows(), activity, (done) => activity.report({ step: 'write-rows', done, unit: 'rows' }));
  return pipeline(Readable.from(followedRows), stringify({ header: true, columns, bom: true, delimiter: separator, escape_formulas: true }), () => undefined);
}

function fits(entry: LogEntry, query: JournalQuery): boolean {
  const { timeMs, data } = entry;
  const { fromMs = -Infinity, toMs = Infinity } = query;
  if (timeMs < fromMs || timeMs > toMs) return false;
  const alarm = data as AlarmLog;
  const isOf = <T>(value: T | undefined, asked: readonly T[] | undefined): boolean => asked === undefined || (value !== undefined && asked.includes(value));
  if (!isOf(alarm.priority, query.priority) || !isOf(alarm.class, query.class) || !isOf<string>(alarm.state, query.state) || !isOf(alarm.event, query.event)) return false;
  if (query.alarm !== undefined && alarm.name !== query.alarm) return false;
  if (query.point !== undefined && alarm.point !== query.point) return false;
  if (query.area !== undefined && alarm.area !== query.area && alarm.area?.startsWith(`${query.area}/`) !== true) return false;
  if (query.sees?.(entry) === false) return false;
  if (query.text === undefined) return true;
  return [alarm.name, alarm.point, alarm.message, alarm.by, alarm.note].join('\n').toLowerCase().includes(query.text.toLowerCase());
}

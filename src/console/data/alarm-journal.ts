import type { WireAlarm, WireLog } from '../../contract/client-protocol.js';
import { spans, type Span } from './alarm-actions.js';
import { getJson } from './rest.js';

/** What an alarm went through, as the node logs it. */
export interface JournalEntry extends Partial<WireAlarm> {
  readonly event: string;
  readonly by?: string;
  readonly note?: string;
}

export interface JournalRow {
  readonly id: string;
  readonly timeMs: number;
  readonly entry: JournalEntry;
}

export interface JournalFilter {
  readonly match: string;
  readonly event: string;
  readonly priority: string;
  readonly span: Span | 'all';
}

export const wholeJournal: JournalFilter = { match: '', event: '', priority: '', span: 'all' };

const limit = 500;

/** `GET /api/v1/alarms/journal`, newest first, in pages: `next` is what the following one is asked with. */
export async function readJournal(url: string, filter: JournalFilter, before?: string): Promise<{ readonly rows: readonly JournalRow[]; readonly next: string | undefined }> {
  const query = queryOf(filter);
  query.set('limit', String(limit));
  if (before !== undefined) query.set('before', before);
  const { entries, next } = (await getJson(url, `api/v1/alarms/journal?${query.toString()}`)) as { readonly entries: readonly WireLog[]; readonly next?: string };
  return { rows: entries.map(({ id, timeMs, data }) => ({ id, timeMs, entry: data as JournalEntry })), next };
}

export function journalCsv(filter: JournalFilter): string {
  const query = queryOf(filter);
  query.set('format', 'csv');
  return `api/v1/alarms/journal?${query.toString()}`;
}

function queryOf({ match, event, priority, span }: JournalFilter): URLSearchParams {
  const query = new URLSearchParams();
  if (match.trim() !== '') query.set('match', match.trim());
  if (event !== '') query.set('event', event);
  // What is shown as the lowest priority is it and everything below.
  if (priority !== '') query.set('priority', priority);
  if (span !== 'all') query.set('from', new Date(Date.now() - spans[span]).toISOString());
  return query;
}

import type { WireAlarm, WireLog } from '../../contract/client-protocol.js';
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

const limit = 1000;

/** `GET /api/v1/alarms/journal`, newest first. */
export async function readJournal(url: string): Promise<readonly JournalRow[]> {
  const { entries } = (await getJson(url, `api/v1/alarms/journal?limit=${limit}`)) as { readonly entries: readonly WireLog[] };
  return entries.map(({ id, timeMs, data }) => ({ id, timeMs, entry: data as JournalEntry }));
}

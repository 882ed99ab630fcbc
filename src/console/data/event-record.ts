import type { RedundancyEvent } from '../../contract/redundancy-status.js';
import { saveText } from './download.js';
import { fetchBlob } from './rest.js';

/** What each node has decided, whole, newest first, as CSV with times in UTC: for the report that somebody will ask for. What both tell is there once. */
export async function saveEvents(urls: readonly string[], name: string): Promise<void> {
  const told = await Promise.all(urls.map(async (url) => (await fetchBlob(url, 'api/v1/redundancy/events?format=jsonl')).text()));
  saveText(name, eventsCsv(told), 'text/csv');
}

type Written = Omit<RedundancyEvent, 'timeMs'> & { readonly time: string };

/** Of records as JSON lines. */
export function eventsCsv(records: readonly string[]): string {
  const events = records.flatMap((record) => record.split('\n').filter((line) => line !== '')).map((line) => JSON.parse(line) as Written);
  const once = [...new Map(events.map((event) => [`${event.time} ${event.node} ${event.what}`, event])).values()].sort((a, b) => (a.time < b.time ? 1 : a.time > b.time ? -1 : 0));
  return ['time,node,what,evidence,cause', ...once.map(({ time, node, what, evidence, cause }) => [time, node, what, evidence, cause ?? ''].map(quoted).join(','))].join('\r\n');
}

/** What a spreadsheet would take for a formula becomes a text. */
function quoted(text: string): string {
  return `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
}

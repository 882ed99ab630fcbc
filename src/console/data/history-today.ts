import type { HistoryBucket } from '../../contract/history.js';
import { startOfDay } from '../format/day.js';
import { getJson } from './rest.js';

/** What a counter showed as the day began, as far as it is recorded; undefined where nothing is. */
export async function readAtMidnight(url: string, point: string, timezone: string): Promise<number | undefined> {
  const nowMs = Date.now();
  const query = new URLSearchParams({ point, from: new Date(startOfDay(nowMs, timezone)).toISOString(), to: new Date(nowMs).toISOString(), buckets: '1' });
  const { buckets } = (await getJson(url, `api/v1/history/aggregate?${query.toString()}`)) as { readonly buckets: readonly HistoryBucket[] };
  return buckets.find(({ first }) => first !== undefined)?.first;
}

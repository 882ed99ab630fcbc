import type { HistoryBucket } from '../../contract/history.js';
import type { WirePoint, WireValue } from '../../contract/client-protocol.js';
import { download } from './download.js';
import { getJson } from './rest.js';

export interface HistorySample {
  readonly timeMs: number;
  readonly value: WireValue;
  /** As `formatQuality` writes it. */
  readonly quality: string;
}

export interface History {
  readonly fromMs: number;
  readonly toMs: number;
  readonly samples: readonly HistorySample[];
}

export interface Aggregates {
  readonly fromMs: number;
  readonly toMs: number;
  readonly everyMs: number;
  readonly buckets: readonly HistoryBucket[];
}

export const historyRanges = { hour: 3_600_000, day: 86_400_000, week: 604_800_000, month: 2_592_000_000 } as const;
export type HistoryRange = keyof typeof historyRanges;

const mostSamples = 20_000;
/** About one for each two pixels of the chart. */
const bucketCount = 300;

/** What a chart of this range is drawn from: samples of an hour and of what cannot be summed up, figures of stretches else. */
export async function readTrend(url: string, { name, kind }: WirePoint, range: HistoryRange): Promise<History | Aggregates> {
  const query = rangeQuery(name, range);
  if (range === 'hour' || kind === 'text' || kind === 'integer64') {
    const { from, to, samples } = (await getJson(url, `api/v1/history?${query}&limit=${mostSamples}`)) as Span & { readonly samples: readonly HistorySample[] };
    return { fromMs: Date.parse(from), toMs: Date.parse(to), samples };
  }
  const { from, to, everyMs, buckets } = (await getJson(url, `api/v1/history/aggregate?${query}&buckets=${bucketCount}`)) as Span & { readonly everyMs: number; readonly buckets: readonly HistoryBucket[] };
  return { fromMs: Date.parse(from), toMs: Date.parse(to), everyMs, buckets };
}

/** Every sample of the range as a table for spreadsheets, saved as a file. */
export async function downloadCsv(url: string, point: string, range: HistoryRange): Promise<void> {
  await download(url, `api/v1/history.csv?${rangeQuery(point, range)}`, `${point}.csv`);
}

interface Span {
  readonly from: string;
  readonly to: string;
}

function rangeQuery(point: string, range: HistoryRange): string {
  const toMs = Date.now();
  return new URLSearchParams({ point, from: new Date(toMs - historyRanges[range]).toISOString(), to: new Date(toMs).toISOString() }).toString();
}

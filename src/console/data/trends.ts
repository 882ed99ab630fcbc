import type { HistoryBucket } from '../../contract/history.js';
import { getJson, patientMs } from './rest.js';

/** A stretch of time: the last `lastMs` up to now, or a fixed one. */
export type Span = { readonly lastMs: number } | { readonly fromMs: number; readonly toMs: number };

export interface TrendSeries {
  readonly point: string;
  readonly buckets: readonly HistoryBucket[];
  readonly error?: string;
}

export function boundsOf(span: Span, nowMs: number): { readonly fromMs: number; readonly toMs: number } {
  return 'lastMs' in span ? { fromMs: nowMs - span.lastMs, toMs: nowMs } : span;
}

const bucketCount = 600;

/** All points over the same stretches, so that they lie under each other. One that cannot be read does not take the others with it. */
export async function readTrends(url: string, points: readonly string[], span: Span, messageOf: (cause: unknown) => string): Promise<{ readonly fromMs: number; readonly toMs: number; readonly series: readonly TrendSeries[] }> {
  const { fromMs, toMs } = boundsOf(span, Date.now());
  const everyMs = Math.max(1_000, Math.ceil((toMs - fromMs) / bucketCount / 1_000) * 1_000);
  const from = Math.floor(fromMs / everyMs) * everyMs;
  const to = Math.ceil(toMs / everyMs) * everyMs;
  const series = await Promise.all(
    points.map(async (point): Promise<TrendSeries> => {
      try {
        const query = new URLSearchParams({ point, from: new Date(from).toISOString(), to: new Date(to).toISOString(), every: `${everyMs}ms` });
        const { buckets } = (await getJson(url, `api/v1/history/aggregate?${query.toString()}`, patientMs)) as { readonly buckets: readonly HistoryBucket[] };
        return { point, buckets };
      } catch (cause) {
        return { point, buckets: [], error: messageOf(cause) };
      }
    }),
  );
  return { fromMs: from, toMs: to, series };
}

/** All of them as one table for spreadsheets. */
export function trendsCsvUrl(url: string, points: readonly string[], span: Span): string {
  const { fromMs, toMs } = boundsOf(span, Date.now());
  const query = new URLSearchParams([...points.map((point) => ['point', point]), ['from', new Date(fromMs).toISOString()], ['to', new Date(toMs).toISOString()]]);
  return new URL(`api/v1/history.csv?${query.toString()}`, url.endsWith('/') ? url : `${url}/`).href;
}

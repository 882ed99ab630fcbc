import type { HistoryBucket } from '../../contract/history.js';
import { download } from './download.js';
import type { TrendSeries } from './trend-series.js';
import { getJson } from './rest.js';

/** A stretch of time: the last `lastMs` up to now, or a fixed one. */
export type Span = { readonly lastMs: number } | { readonly fromMs: number; readonly toMs: number };

/** How far back is looked for what is compared: `36h`, `7d`. */
export interface Shift {
  readonly count: number;
  readonly unit: 'h' | 'd';
}

const mostShift = { h: 24 * 366 * 10, d: 366 * 10 };

export function parseShift(text: string | undefined): Shift | undefined {
  const [, digits, unit] = /^(\d{1,6})([hd])$/.exec(text?.trim() ?? '') ?? [];
  const count = Number(digits);
  return (unit === 'h' || unit === 'd') && count > 0 && count <= mostShift[unit] ? { count, unit } : undefined;
}

/** Days keep the time of day of this browser's clock, also where it was put forward or back in between. */
export function shiftMsOf({ count, unit }: Shift, atMs: number): number {
  if (unit === 'h') return count * 3_600_000;
  const before = new Date(atMs);
  before.setDate(before.getDate() - count);
  return atMs - before.getTime();
}

export function boundsOf(span: Span, nowMs: number): { readonly fromMs: number; readonly toMs: number } {
  return 'lastMs' in span ? { fromMs: nowMs - span.lastMs, toMs: nowMs } : span;
}

const bucketCount = 600;

/**
 * All points over the same stretches, so that they lie under each other, and again of an earlier time where one is compared.
 * One that cannot be read does not take the others with it.
 */
export async function readTrends(url: string, points: readonly string[], span: Span, shift: Shift | undefined, messageOf: (cause: unknown) => string): Promise<{ readonly fromMs: number; readonly toMs: number; readonly series: readonly TrendSeries[] }> {
  const { fromMs, toMs } = boundsOf(span, Date.now());
  const everyMs = Math.max(1_000, Math.ceil((toMs - fromMs) / bucketCount / 1_000) * 1_000);
  const from = Math.floor(fromMs / everyMs) * everyMs;
  const to = Math.ceil(toMs / everyMs) * everyMs;
  const read = async (point: string, shiftMs: number): Promise<TrendSeries> => {
    const moved = shiftMs === 0 ? {} : { shiftMs };
    try {
      const begin = Math.floor((from - shiftMs) / everyMs) * everyMs;
      const query = new URLSearchParams({ point, from: new Date(begin).toISOString(), to: new Date(begin + to - from).toISOString(), every: `${everyMs}ms` });
      const { buckets } = (await getJson(url, `api/v1/history/aggregate?${query.toString()}`)) as { readonly buckets: readonly HistoryBucket[] };
      // To whole stretches, so that both times have their figures in the same places.
      return { point, ...moved, buckets: shiftMs === 0 ? buckets : buckets.map((bucket) => ({ ...bucket, startMs: bucket.startMs + from - begin })) };
    } catch (cause) {
      return { point, ...moved, buckets: [], error: messageOf(cause) };
    }
  };
  const shifts = shift === undefined ? [0] : [0, shiftMsOf(shift, to)];
  const series = await Promise.all(shifts.flatMap((shiftMs) => points.map(async (point) => read(point, shiftMs))));
  return { fromMs: from, toMs: to, series };
}

/** Saves all of them as one table for spreadsheets; of the earlier time with `shift`. */
export async function saveTrends(url: string, points: readonly string[], span: Span, shift?: Shift): Promise<void> {
  const bounds = boundsOf(span, Date.now());
  const shiftMs = shift === undefined ? 0 : shiftMsOf(shift, bounds.toMs);
  const [fromMs, toMs] = [bounds.fromMs - shiftMs, bounds.toMs - shiftMs];
  const query = new URLSearchParams([...points.map((point) => ['point', point]), ['from', new Date(fromMs).toISOString()], ['to', new Date(toMs).toISOString()]]);
  await download(url, `api/v1/history.csv?${query.toString()}`, `history-${new Date(toMs).toISOString().slice(0, 10)}.csv`);
}

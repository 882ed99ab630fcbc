import type { HistoryBucket } from '../../contract/history.js';

/** One line of a trend. */
export interface TrendSeries {
  readonly point: string;
  readonly buckets: readonly HistoryBucket[];
  /** Of an earlier time, moved forward by so much to lie under the time that is shown. */
  readonly shiftMs?: number;
  readonly error?: string;
}

/** With what was read before where it cannot be read just now, such as while the other node takes over: a line that is shown does not vanish. */
export function withLastKnown(series: readonly TrendSeries[], before: readonly TrendSeries[]): readonly TrendSeries[] {
  return series.map((each) => {
    if (each.error === undefined) return each;
    const last = before.find(({ point, shiftMs }) => point === each.point && (shiftMs === undefined) === (each.shiftMs === undefined));
    return last === undefined ? each : { ...last, error: each.error };
  });
}

import type { Aggregates } from '../data/history.js';
import { chartWidth, scaleOf } from './chart.js';

/** Paths for an SVG of `chartWidth` by `chartHeight`. */
export interface BandChart {
  /** From the lowest to the highest value of each stretch. */
  readonly band: string;
  /** Through the means. */
  readonly line: string;
  readonly low: number;
  readonly high: number;
}

/** Steps, as each figure stands for its whole stretch. Where nothing is known of a stretch, band and line are interrupted. Undefined where nothing is known at all. */
export function bandOf({ fromMs, toMs, everyMs, buckets }: Aggregates): BandChart | undefined {
  const known = buckets.flatMap(({ startMs, min, max, mean, coverage }) => (coverage > 0 && min !== undefined && max !== undefined && mean !== undefined ? [{ startMs, min, max, mean }] : []));
  if (known.length === 0) return undefined;
  const low = known.reduce((least, { min }) => Math.min(least, min), Infinity);
  const high = known.reduce((most, { max }) => Math.max(most, max), -Infinity);
  const { x, y } = scaleOf(fromMs, toMs, low, high);
  let band = '';
  let line = '';
  let endMs = NaN;
  for (const { startMs, min, max, mean } of known) {
    const [left, right] = [Math.max(0, x(startMs)), Math.min(chartWidth, x(startMs + everyMs))];
    band += `M${left} ${y(max)}H${right}V${y(min)}H${left}Z`;
    line += `${startMs === endMs ? 'V' : `M${left} `}${y(mean)}H${right}`;
    endMs = startMs + everyMs;
  }
  return { band, line, low, high };
}

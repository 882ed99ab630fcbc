import type { History } from '../data/history.js';

export interface Chart {
  /** For an SVG of `chartWidth` by `chartHeight`. */
  readonly path: string;
  readonly low: number;
  readonly high: number;
}

export const chartWidth = 600;
export const chartHeight = 120;
const margin = 8;

/**
 * A line through the good samples; where a sample is bad or stale the line is broken until the next good one.
 * Samples are recorded on change, so a value holds until the next one: steps. Undefined where there is no number.
 */
export function chartOf({ fromMs, toMs, samples }: History): Chart | undefined {
  let low = Infinity;
  let high = -Infinity;
  const numbers = samples.map(({ value, quality }) => (drawable(quality) && value !== null ? Number(value) : NaN));
  for (const value of numbers) {
    if (Number.isNaN(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return undefined;
  const { x, y } = scaleOf(fromMs, toMs, low, high);
  let path = '';
  let drawing = false;
  for (const [index, { timeMs }] of samples.entries()) {
    const value = numbers[index] ?? NaN;
    if (drawing) path += `H${x(timeMs)}`;
    if (Number.isNaN(value)) drawing = false;
    else {
      path += drawing ? `V${y(value)}` : `M${x(timeMs)} ${y(value)}`;
      drawing = true;
    }
  }
  if (drawing) path += `H${chartWidth}`;
  return { path, low, high };
}

export interface Scale {
  readonly x: (timeMs: number) => number;
  readonly y: (value: number) => number;
}

export function scaleOf(fromMs: number, toMs: number, low: number, high: number): Scale {
  // A value that wanders by less than a twentieth of itself is shown as nearly still.
  const span = Math.max(high - low, Math.max(Math.abs(low), Math.abs(high)) / 20, Number.EPSILON);
  const middle = (low + high) / 2;
  return {
    x: (timeMs) => tenths(((timeMs - fromMs) / Math.max(1, toMs - fromMs)) * chartWidth),
    y: (value) => tenths(chartHeight / 2 - ((value - middle) / span) * (chartHeight - 2 * margin)),
  };
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}

function drawable(quality: string): boolean {
  return quality.startsWith('good') || quality.startsWith('uncertain');
}

import type { PointValue, Quality, TrendDefinition } from '../contract/index.js';

export interface Recorded {
  readonly value: PointValue;
  readonly quality: Quality;
}

/** Mode `change`: whether what is there now is news against what was recorded last. */
export function isNews(last: Recorded, now: Recorded, deadband: number): boolean {
  if (last.quality !== now.quality) return true;
  if (typeof last.value !== 'number' || typeof now.value !== 'number') return last.value !== now.value;
  if (Object.is(last.value, now.value) || last.value === now.value) return false;
  const moved = Math.abs(now.value - last.value);
  // From or to "no value" the distance is NaN, and that is news.
  return !(moved < deadband);
}

/** Whether it records at multiples of an interval. */
export function isAligned({ mode, everyMs }: Pick<TrendDefinition, 'mode' | 'everyMs'>): boolean {
  return mode === 'interval' || (mode === 'triggered' && everyMs > 0);
}

/** The newest multiple of the interval, mode `interval`. */
export function alignedMs(nowMs: number, everyMs: number): number {
  return Math.floor(nowMs / everyMs) * everyMs;
}

/**
 * Which aligned time is to be recorded now, if any. One that is noticed more than half an interval late is
 * left as a gap: what is there by then is not what was there at the time.
 */
export function dueBoundary(lastMs: number, nowMs: number, everyMs: number): { readonly boundaryMs: number; readonly record: boolean } | undefined {
  const boundaryMs = alignedMs(nowMs, everyMs);
  if (boundaryMs <= lastMs) return undefined;
  return { boundaryMs, record: nowMs - boundaryMs <= everyMs / 2 };
}

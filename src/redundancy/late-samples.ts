import type { SampleBatch } from '../contract/index.js';
import type { Json, Put } from '../image/index.js';

/**
 * Keyed state: how far back the times of samples reached that were recorded lately. A sample has the time of its source: of a
 * clock that somebody set, or of a device that had logged it by itself. A node that was away asks for history by those
 * times, and knows only when it was away.
 */
export const LATE_KEY = 'history/late';

/** Of frames up to `untilMs` of pair time no sample is older than `oldestMs`, unless an entry says so that ends later. Both rise. */
interface Late {
  readonly untilMs: number;
  readonly oldestMs: number;
}

/** Source times are a little older than the frames that carried them: what is within this is asked for in any case. */
export const MARGIN_MS = 600_000;
/** One entry is for so long, so that a clock that is wrong for a day does not write one with each frame. */
const STRETCH_MS = 600_000;
const MOST = 200;

/** What goes into a frame with these samples so that {@link oldestSince} knows of them. */
export function putLate(stored: Json | undefined, { times, length }: SampleBatch, pairTimeMs: number): Put[] {
  let oldestMs = Infinity;
  for (let row = 0; row < length; row++) oldestMs = Math.min(oldestMs, times[row] as number);
  if (oldestMs >= pairTimeMs - MARGIN_MS || oldestSince(stored, pairTimeMs) <= oldestMs) return [];
  // What reached back no further is told by the new entry.
  const late = [...listOf(stored).filter((each) => each.oldestMs < oldestMs), { untilMs: Math.round(pairTimeMs) + STRETCH_MS, oldestMs }];
  const [first, second] = late;
  if (late.length > MOST && first !== undefined && second !== undefined) late.splice(0, 2, { untilMs: second.untilMs, oldestMs: first.oldestMs });
  return [{ key: LATE_KEY, value: late.map(({ untilMs, oldestMs: of }) => [untilMs, of]) }];
}

/** No sample of a frame since `sinceMs` of pair time is older than this, apart from {@link MARGIN_MS}. */
export function oldestSince(stored: Json | undefined, sinceMs: number): number {
  return Math.min(sinceMs, ...listOf(stored).filter(({ untilMs }) => untilMs >= sinceMs).map(({ oldestMs }) => oldestMs));
}

function listOf(stored: Json | undefined): Late[] {
  if (!Array.isArray(stored)) return [];
  return (stored as readonly (readonly [number, number])[]).map(([untilMs, oldestMs]) => ({ untilMs, oldestMs }));
}

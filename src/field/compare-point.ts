import type { PointValue } from '../contract/index.js';

/** Both sides of a point at one time. */
export interface Look {
  readonly image: PointSide;
  readonly field: PointSide;
}

/** A value, or that there is none. */
export type PointSide = { readonly value: PointValue } | 'bad';

export interface CompareRules {
  /** Two numbers no further apart than this are equal. */
  readonly tolerance: number;
  /** For so long the two sides must have had nothing in common. */
  readonly holdMs: number;
}

/** Monotonic and pair time. */
export interface CompareTime {
  readonly ms: number;
  readonly pairMs: number;
}

/** What a side has been within a window of time: the range of its numbers, and what else it was. */
interface Trail {
  readonly low: number | bigint | undefined;
  readonly high: number | bigint | undefined;
  readonly others: readonly string[];
}

interface Window {
  readonly sinceMs: number;
  /** How often the field was read. */
  readonly looks: number;
  readonly image: Trail;
  readonly field: Trail;
}

/** A point whose two sides did not agree when they were last looked at; once `differs`, until they have agreed again for some time. */
export interface Suspect {
  readonly since: CompareTime;
  readonly differs: boolean;
  readonly last: Look;
  /** Absent where the next look opens one. */
  readonly window: Window | undefined;
  /** How often the two have agreed since, of one that differs. */
  readonly agreements: number;
}

/** A difference is none before the field was read so often, whatever the time. */
const LEAST_LOOKS = 3;
/** So often the two must agree again. */
const LEAST_AGREEMENTS = 3;
/** Texts that are kept of a window. */
const MOST_OTHERS = 8;
/** Where both sides were more texts than this within a window, the point changes too quickly to be judged. */
const QUICK_OTHERS = 2;

const NOTHING: Trail = { low: undefined, high: undefined, others: [] };

/**
 * Compares what a standby reads with the image that both nodes hold, for one point (R10). The two are never of the same
 * moment: the active has polled before or after, and its frame was under way. So it is not two values that are compared
 * but what either side *was* within a window: where the two have something in common, one was merely ahead of the other,
 * however quickly the point changes. Only where they have had nothing in common for the hold, over several readings, the
 * point differs. Pure: the state of a point that agrees is undefined.
 */
export function comparePoint(suspect: Suspect | undefined, look: Look, by: 'reading' | 'frame', now: CompareTime, rules: CompareRules): Suspect | undefined {
  const before = suspect?.window ?? { sinceMs: now.ms, looks: 0, image: NOTHING, field: NOTHING };
  const window: Window = {
    sinceMs: before.sinceMs,
    looks: before.looks + (by === 'reading' ? 1 : 0),
    image: extend(before.image, look.image),
    // A frame says nothing new of the field.
    field: by === 'reading' || suspect?.window === undefined ? extend(before.field, look.field) : before.field,
  };
  if (isSame(look) || meet(window.image, window.field, rules.tolerance)) return agreed(suspect, look, by);
  const since = suspect?.since ?? now;
  if (now.ms - window.sinceMs < rules.holdMs || window.looks < LEAST_LOOKS) return { since, differs: suspect?.differs ?? false, last: look, window, agreements: suspect?.agreements ?? 0 };
  // The next window begins anew: what was long ago must not make the two agree.
  return { since, differs: true, last: look, window: undefined, agreements: 0 };
}

function agreed(suspect: Suspect | undefined, look: Look, by: 'reading' | 'frame'): Suspect | undefined {
  if (suspect?.differs !== true) return undefined;
  const agreements = suspect.agreements + (by === 'reading' ? 1 : 0);
  return agreements >= LEAST_AGREEMENTS ? undefined : { ...suspect, last: look, window: undefined, agreements };
}

function extend(trail: Trail, side: PointSide): Trail {
  const { low, high, others } = trail;
  if (side === 'bad' || typeof side.value === 'string') {
    const other = side === 'bad' ? 'bad' : `text ${String(side.value)}`;
    return others.includes(other) || others.length === MOST_OTHERS ? trail : { low, high, others: [...others, other] };
  }
  const { value } = side;
  if (low !== undefined && high !== undefined && low <= value && value <= high) return trail;
  return { low: low === undefined || value < low ? value : low, high: high === undefined || value > high ? value : high, others };
}

function isSame({ image, field }: Look): boolean {
  return image === 'bad' || field === 'bad' ? image === field : image.value === field.value;
}

function meet(a: Trail, b: Trail, tolerance: number): boolean {
  if (a.others.length > QUICK_OTHERS && b.others.length > QUICK_OTHERS) return true;
  if (a.others.some((other) => b.others.includes(other))) return true;
  if (a.low === undefined || a.high === undefined || b.low === undefined || b.high === undefined) return false;
  return reaches(a.low, b.high, tolerance) && reaches(b.low, a.high, tolerance);
}

/** Whether `low` lies no more than the tolerance above `high`. Exact for integers of 64 bits. */
function reaches(low: number | bigint, high: number | bigint, tolerance: number): boolean {
  if (low <= high) return true;
  if (tolerance === 0) return false;
  return Number(low) - Number(high) <= tolerance;
}

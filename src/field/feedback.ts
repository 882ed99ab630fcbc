import { isTandemError, messageOf, TandemError, type Clock, type FeedbackRule, type PointValue, type Timers } from '../contract/index.js';

/** The feedback comes from another device's answer, so it is asked for, and not waited for in the poll. */
const ASK_MS = 200;

export interface FeedbackGiven {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Reads the feedback point from its device now. */
  readonly read: () => Promise<PointValue>;
}

/**
 * Reads the feedback of a write that has been sent until it shows the value. Rejects with FIELD_NOT_VERIFIED when its time is over,
 * and when it cannot be read any more because control has moved: the write itself was sent, so it is in doubt, not refused.
 */
export async function awaitFeedback({ clock, timers, read }: FeedbackGiven, rule: FeedbackRule, wanted: PointValue): Promise<void> {
  const deadlineMs = clock.monotonicMs() + rule.withinMs;
  for (;;) {
    let found: string;
    try {
      const value = await read();
      if (shows(value, wanted, rule.tolerance ?? 0)) return;
      found = `reads ${String(value)}`;
    } catch (error) {
      if (isTandemError(error, 'NOT_ACTIVE')) throw new TandemError('FIELD_NOT_VERIFIED', `control moved before ${rule.point} showed ${String(wanted)}`, { cause: error });
      found = `cannot be read (${messageOf(error)})`;
    }
    if (clock.monotonicMs() + ASK_MS > deadlineMs) {
      throw new TandemError('FIELD_NOT_VERIFIED', `${String(wanted)} was written, and ${rule.point} ${found} after ${rule.withinMs} ms`);
    }
    await new Promise<void>((resolve) => timers.after(ASK_MS, resolve));
  }
}

/** Equal as devices say it: numbers may have been rounded to a format. */
function shows(found: PointValue, wanted: PointValue, tolerance: number): boolean {
  if (typeof found === 'number' && typeof wanted === 'number') return Math.abs(found - wanted) <= Math.max(tolerance, 1e-6 * Math.max(Math.abs(found), Math.abs(wanted)));
  return found === wanted;
}

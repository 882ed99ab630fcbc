import { isTandemError, type Timers } from '../contract/index.js';

/** From the first look at a point in doubt to the next one; then twice as long each time. */
const FIRST_LOOK_MS = 100;

interface Clocks {
  readonly timers: Timers;
  readonly pairTime: () => number;
}

/**
 * Looks again and again, because a device that this node has only just connected to answers late. What decides is an answer
 * to a look that began at `untilMs` (pair time) or later, when no write of the other node can arrive any more; a device that
 * gives none within `patienceMs` after that is not waited for. @throws NOT_ACTIVE
 */
export async function arrivesLate(arrived: () => Promise<boolean>, untilMs: number, patienceMs: number, { timers, pairTime }: Clocks): Promise<boolean> {
  const giveUpMs = Math.max(untilMs, pairTime()) + patienceMs;
  for (let pauseMs = FIRST_LOOK_MS; ; pauseMs *= 2) {
    const nowMs = pairTime();
    const waitMs = Math.min(pauseMs, nowMs < untilMs ? untilMs - nowMs : giveUpMs - nowMs);
    if (waitMs > 0) await new Promise<void>((resolve) => timers.after(waitMs, resolve));
    const lookedMs = pairTime();
    const answer = await arrived().catch((error: unknown) => {
      if (isTandemError(error, 'NOT_ACTIVE')) throw error;
      return undefined;
    });
    if (answer === true) return true;
    if (lookedMs >= untilMs && (answer === false || lookedMs >= giveUpMs)) return false;
  }
}

/** Longest wait between two tries of a device that does not answer. */
export const MAX_BACKOFF_MS = 30_000;

/** Longest wait where the driver itself keeps from asking too often. */
const PACED_RETRY_MS = 500;

/** How much of a wait chance may take away, so that devices that failed together do not return together. */
const JITTER = 0.2;

/**
 * How long to leave a device alone after its `failures`th failed poll in a row: its own period after the
 * first, then twice as long each time, up to {@link MAX_BACKOFF_MS}. `chance` is in [0, 1).
 */
export function backoffMs(failures: number, periodMs: number, chance: number): number {
  if (failures <= 1) return Math.min(periodMs, MAX_BACKOFF_MS);
  // 2^30 periods are past any maximum; more would only overflow.
  const fullMs = Math.min(MAX_BACKOFF_MS, periodMs * 2 ** Math.min(failures - 1, 30));
  return Math.round(fullMs * (1 - JITTER * chance));
}

/** The same for a driver that paces itself: never longer than half a second. */
export function pacedRetryMs(periodMs: number, chance: number): number {
  return Math.round(Math.min(PACED_RETRY_MS, periodMs) * (1 - JITTER * chance));
}

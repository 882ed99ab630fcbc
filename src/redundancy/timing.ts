import type { RedundancySettings } from '../contract/index.js';

/** Silence after which the peer counts as gone. */
export function detectionBudgetMs(settings: RedundancySettings): number {
  return settings.pingTimeoutMs ?? settings.pingRateMs * settings.missedPings;
}

/**
 * Worst case from the last sign of life to the decision: the budget, or the promise that was given with the last echo
 * where a witness is in force, one beat that had just been sent, one tick.
 */
export function worstDetectionMs(settings: RedundancySettings): number {
  return Math.max(detectionBudgetMs(settings), settings.witness?.promiseMs ?? 0) + settings.pingRateMs + tickMs(settings);
}

/**
 * Round trip beyond which a standby does not count itself in sync: the active may have gone on alone after confirmWait, and
 * its word about that be still under way.
 */
export function slowLinkMs(settings: RedundancySettings): number {
  return Math.max(detectionBudgetMs(settings), settings.confirmWaitMs - settings.pingRateMs);
}

/** How often the role machine looks at the time. */
export function tickMs(settings: RedundancySettings): number {
  return Math.max(5, Math.min(50, settings.pingRateMs / 4));
}

/**
 * How long effects are allowed after the last proof that this node's event loop turns. Below the budget less
 * one beat, so that a node that froze has fenced itself before its standby may promote.
 */
export function leaseMs(settings: RedundancySettings): number {
  return Math.max(2 * tickMs(settings), detectionBudgetMs(settings) / 2);
}

/** Period of the slow calls: seldom enough to cost nothing, often enough that a starting partner is not taken for away. */
export function slowRedialMs(settings: RedundancySettings): number {
  return Math.max(settings.pingRateMs, Math.min(10 * settings.pingRateMs, settings.connectionWaitMs / 3));
}

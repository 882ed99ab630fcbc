import type { Json } from '../image/index.js';

/** Keyed state: when control was moved without a person, in pair time. Survives every restart and takeover. */
export const MOVES_KEY = 'redundancy/moves';

const HOUR_MS = 3_600_000;

/** Those of the last hour before `pairTimeMs`. */
export function recentMoves(stored: Json | undefined, pairTimeMs: number): number[] {
  if (!Array.isArray(stored)) return [];
  return stored.filter((at): at is number => typeof at === 'number' && pairTimeMs - at < HOUR_MS);
}

/**
 * How long control stays where it is before it moves again without a person, ms: `baseMs`, doubled for each move of the last
 * hour (rule 10), but never longer than an hour shared among the moves that it allows. Without that bound a site that
 * allows many would wait for days after a dozen, and never reach what it allows.
 */
export function holdOffMs(baseMs: number, moves: number, allowedPerHour: number): number {
  return Math.min(baseMs * 2 ** moves, Math.max(baseMs, HOUR_MS / Math.max(1, allowedPerHour)));
}

import type { Json } from '../image/index.js';

/** Keyed state: when control was moved without a person, in pair time. Survives every restart and takeover. */
export const MOVES_KEY = 'redundancy/moves';

const HOUR_MS = 3_600_000;

/** Those of the last hour before `pairTimeMs`. */
export function recentMoves(stored: Json | undefined, pairTimeMs: number): number[] {
  if (!Array.isArray(stored)) return [];
  return stored.filter((at): at is number => typeof at === 'number' && pairTimeMs - at < HOUR_MS);
}

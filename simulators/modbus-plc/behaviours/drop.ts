import type { Behaviour } from './behaviour.js';

/** Carries the request out and answers nothing. */
export function drop(): Behaviour {
  return { frames: () => [] };
}

import type { Behaviour } from './behaviour.js';

/** Answers only when the next request is there, so that the answer can be taken for the wrong one's. */
export function late(): Behaviour {
  return { held: true };
}

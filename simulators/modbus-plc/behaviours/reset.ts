import type { Behaviour } from './behaviour.js';

/** Cuts the connection instead of answering. */
export function reset(): Behaviour {
  return { cuts: true };
}

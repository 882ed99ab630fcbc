import type { Behaviour } from './behaviour.js';

const MOST = 64;

/** Random bytes instead of an answer. */
export function garbage(): Behaviour {
  return { frames: ({ random }) => [Uint8Array.from({ length: 1 + Math.floor(random.next() * MOST) }, () => Math.floor(random.next() * 256))] };
}

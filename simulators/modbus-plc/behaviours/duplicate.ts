import { rightFrame, type Behaviour } from './behaviour.js';

/** The answer comes twice. */
export function duplicate(): Behaviour {
  return { frames: (reply) => [rightFrame(reply), rightFrame(reply)] };
}

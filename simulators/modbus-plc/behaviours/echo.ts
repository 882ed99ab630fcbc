import { rightFrame, type Behaviour } from './behaviour.js';

/** The request comes back before the answer, as through an RS-485 adapter that hears what it sends. */
export function echo(): Behaviour {
  return { frames: (reply) => [reply.request.frame, rightFrame(reply)] };
}

import type { Behaviour } from './behaviour.js';

const WRONG = 0x5a5a;

/** Answers under another transaction id; on a bus, which has none, rightly. */
export function wrongTransaction(): Behaviour {
  return { frames: ({ request, pdu, framing }) => [framing.encode(request.unit, pdu, request.transaction ^ WRONG)] };
}

import type { Behaviour } from './behaviour.js';

/** Answers as the unit with the next number. */
export function wrongUnit(): Behaviour {
  return { frames: ({ request, pdu, framing }) => [framing.encode((request.unit % 247) + 1, pdu, request.transaction)] };
}

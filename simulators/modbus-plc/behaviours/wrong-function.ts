import type { Behaviour } from './behaviour.js';

/** Answers with another function code, otherwise rightly. */
export function wrongFunction(): Behaviour {
  return { frames: ({ request, pdu, framing }) => [framing.encode(request.unit, Uint8Array.of((pdu[0] ?? 0) ^ 7, ...pdu.subarray(1)), request.transaction)] };
}

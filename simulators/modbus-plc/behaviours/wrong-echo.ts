import type { Behaviour } from './behaviour.js';

/** A single write is echoed with another value; what was read differs in its last bit. */
export function wrongEcho(): Behaviour {
  return { frames: ({ request, pdu, framing }) => [framing.encode(request.unit, pdu.map((byte, index) => (index === pdu.length - 1 ? byte ^ 1 : byte)), request.transaction)] };
}

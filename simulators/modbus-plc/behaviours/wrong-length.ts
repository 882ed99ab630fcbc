import type { Behaviour } from './behaviour.js';

/** The answer is one register shorter than asked for, in itself consistent. */
export function wrongLength(): Behaviour {
  return {
    frames: ({ request, pdu, framing }) => {
      const short = pdu.slice(0, Math.max(2, pdu.length - 2));
      short[1] = short.length - 2;
      return [framing.encode(request.unit, short, request.transaction)];
    },
  };
}

import { rightFrame, type Behaviour } from './behaviour.js';

/** The check sum (CRC, or LRC of ASCII) is wrong; Modbus TCP has none, and is answered rightly. */
export function badCrc(): Behaviour {
  return { frames: (reply) => [reply.framing.withBadCheck(rightFrame(reply))] };
}

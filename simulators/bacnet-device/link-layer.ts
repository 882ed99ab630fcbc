/** What a device that is no BBMD, and the router that stands for its network, say below the application layer (annex J.2, clause 6.4). */
import type { Route } from './frames.js';

const RESULT = 0x00;
const UNICAST = 0x0a;
const BROADCAST = 0x0b;
/** Requests that only a BBMD takes, with the code of the BVLC-Result that refuses each. */
const refusals: Readonly<Record<number, number>> = { 0x01: 0x10, 0x02: 0x20, 0x05: 0x30, 0x06: 0x40, 0x08: 0x50, 0x09: 0x60 };
/** What a BBMD answers; nobody asked for it here. */
const answers: readonly number[] = [RESULT, 0x03, 0x07];

const WHO_IS_ROUTER = 0x00;
const I_AM_ROUTER = 0x01;
const REJECT = 0x03;
/** "The router is not directly connected to DNET and cannot find a router to it" (6.4.4). */
const NO_SUCH_NETWORK = 1;

/** The refusal of what is for a BBMD; `ignore` for what is none of a device's business; undefined for everything else. */
export function linkAnswer(data: Uint8Array): Buffer | 'ignore' | undefined {
  const [type, purpose = 0xff] = data;
  if (type !== 0x81 || data.length < 4) return undefined;
  const code = refusals[purpose];
  if (code !== undefined) return Buffer.from([0x81, RESULT, 0, 6, code >> 8, code & 255]);
  return answers.includes(purpose) ? 'ignore' : undefined;
}

/** I-Am-Router-To-Network (6.4.2) of the router to `route`, where a network message asks for it. */
export function routerAnswer(message: Buffer, { network }: Route, toAll: boolean): Buffer | undefined {
  if (message[0] !== WHO_IS_ROUTER) return undefined;
  if (message.length >= 3 && message.readUInt16BE(1) !== network) return undefined;
  return Buffer.from([0x81, toAll ? BROADCAST : UNICAST, 0, 9, 1, 0x80, I_AM_ROUTER, network >> 8, network & 255]);
}

/** Reject-Message-To-Network (6.4.4): no way to `network` from here. */
export function noSuchNetwork(network: number): Buffer {
  return Buffer.from([0x81, UNICAST, 0, 10, 1, 0x80, REJECT, NO_SUCH_NETWORK, network >> 8, network & 255]);
}

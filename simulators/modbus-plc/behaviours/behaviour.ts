import type { Random } from '../../../src/contract/clock.js';
import type { Framing, PlcRequest } from '../framing/framing.js';

/** An answer that is about to leave, and what can be made of it. */
export interface Reply {
  readonly request: PlcRequest;
  readonly pdu: Uint8Array;
  readonly framing: Framing;
  readonly random: Random;
}

/** What a virtual PLC does instead of what is right. What is left out is as usual. */
export interface Behaviour {
  /** Answers with this exception and does nothing. */
  readonly refusal?: number;
  /** Takes the request and neither does nor answers anything. */
  readonly deaf?: true;
  /** Cuts the connection instead of answering. */
  readonly cuts?: true;
  /** Answers this much later. */
  readonly delayMs?: number;
  /** Answers only when the next request is there, right before the answer to that. */
  readonly held?: true;
  /** Whether it is in force, so long after the PLC was started. */
  applies?(sinceStartMs: number): boolean;
  /** The frames that leave. */
  frames?(reply: Reply): readonly Uint8Array[];
}

export function rightFrame({ request, pdu, framing }: Reply): Uint8Array {
  return framing.encode(request.unit, pdu, request.transaction);
}

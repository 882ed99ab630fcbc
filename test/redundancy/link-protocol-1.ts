import { z } from 'zod';
/** The sync link's protocol 1 as Tandem 0.1.0 spoke it, frozen: what a node of that version understands. Anything else ends its connection. */
const epoch = z.strictObject({ number: z.int().nonnegative(), node: z.string(), nonce: z.string() });
const position = z.strictObject({ epoch, seq: z.int().nonnegative() });
const role = z.enum(['starting', 'standby', 'active', 'yielding']);
const mode = z.enum(['independent', 'main', 'backup']);
const cause = z.enum(['start', 'failover', 'switch', 'recovery', 'arbitration']);
const seq = z.int().nonnegative();

/** Texts on the link. Frames travel as bytes (src/image/frame-codec.ts). Unknown keys are let through: a newer peer may say more. */
const messages = z.discriminatedUnion('type', [
  /** First on every connection, from both sides. */
  z.object({ type: z.literal('hello'), least: z.int(), most: z.int(), site: z.string(), revision: z.string(), node: z.string(), mode, url: z.string(), role, position }),
  /** Why the connection is closed for good; sent before closing, so that nobody takes it for death. */
  z.object({ type: z.literal('refuse'), code: z.enum(['LINK_SITE', 'LINK_REVISION', 'LINK_VERSION', 'LINK_MALFORMED']), reason: z.string() }),
  /** The heartbeat. `echo` is the last `beat` of the receiver that the sender has seen. */
  z.object({ type: z.literal('status'), beat: z.int(), echo: z.int(), role, position, pairTimeMs: z.number() }),
  /** Standby → active: send everything after this position. */
  z.object({ type: z.literal('follow'), position }),
  /** Standby → active: applied in memory, and synced to disk. */
  z.object({ type: z.literal('ack'), applied: seq, durable: seq }),
  /** Active → standby: frames after `commonSeq` that you hold are not part of the pair's history; a snapshot follows. */
  z.object({ type: z.literal('diverged'), commonSeq: seq }),
  /** Active → standby: from here on confirmations wait for you. Answered once the mark is on disk. */
  z.object({ type: z.literal('in-set'), epoch, seq }),
  z.object({ type: z.literal('in-set-ok'), epoch }),
  /** Active → standby: confirmations do not wait for you any more. */
  z.object({ type: z.literal('out-of-set'), epoch }),
  /** Standby → active, once in sync: what it recorded apart from the pair (rule 9), piece by piece. */
  z.object({
    type: z.literal('tail'),
    fork: z.string(),
    upTo: seq,
    logs: z.array(z.object({ id: z.string(), kind: z.string(), timeMs: z.number(), data: z.unknown() })),
    samples: z.array(z.tuple([z.string(), z.number(), z.union([z.number(), z.string(), z.object({ integer: z.string() }), z.null()]), z.int()])),
    commands: z.array(z.object({ key: z.string(), value: z.unknown() })),
  }),
  /** Active → standby: that piece is on both disks. */
  z.object({ type: z.literal('tail-merged'), fork: z.string(), upTo: seq }),
  z.object({ type: z.literal('prepare'), cause }),
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('not-ready'), reason: z.string() }),
  /** Irrevocable: the receiver promotes itself, holding everything up to `lastSeq`. */
  z.object({ type: z.literal('yield'), epoch, lastSeq: seq, cause }),
  /** An operator pressed Switch on the standby. */
  z.object({ type: z.literal('switch-request'), id: z.string(), by: z.string(), reason: z.string() }),
  z.object({ type: z.literal('switch-result'), id: z.string(), refusal: z.string().optional() }),
  /** A clean stop: what follows is not death but leave. */
  z.object({ type: z.literal('goodbye') }),
]);

/** Whether a node that speaks protocol 1 can read this. */
export function readableBefore2(text: string): boolean {
  return messages.safeParse(JSON.parse(text)).success;
}

import { z } from 'zod';
import { FINGERPRINT, TandemError, messageOf } from '../contract/index.js';
import { historyDigests, nodeFacts } from './verify/facts.js';

export interface ProtocolRange {
  readonly least: number;
  readonly most: number;
}

/**
 * Versions of the sync link's protocol that this build speaks. Both sides use the highest that both speak, so that
 * nodes of adjacent versions form a pair while one after the other is upgraded (R32).
 */
export const LINK_PROTOCOL: ProtocolRange = { least: 1, most: 4 };

const MOST_REASON = 500;

const epoch = z.strictObject({ number: z.int().nonnegative(), node: z.string(), nonce: z.string() });
const position = z.strictObject({ epoch, seq: z.int().nonnegative() });
const role = z.enum(['starting', 'standby', 'active', 'yielding']);
const mode = z.enum(['independent', 'main', 'backup', 'reader']);
const cause = z.enum(['start', 'failover', 'switch', 'force', 'recovery', 'arbitration', 'field']);
const seq = z.int().nonnegative();
/** A stranger may say it, and it is logged and shown. */
const shortened = (text: string): string => (text.length > MOST_REASON ? `${text.slice(0, MOST_REASON)}…` : text);
/** What a node measures of itself. */
const health = z.object({ diskFreeBytes: z.number(), diskLow: z.literal(true), memoryBytes: z.number(), loopStallMs: z.number(), certificateDays: z.number() }).partial();
const cursor = z.object({ point: z.string(), afterMs: z.number() });

const origin = z.object({ how: z.enum(['file', 'edit', 'rollback']), node: z.string(), user: z.string(), timeMs: z.number(), comment: z.string(), file: z.string().optional() });
/** As documents.ts writes it. */
const configuration = z.object({ revision: z.string(), number: seq, points: z.string(), origin, packed: z.string() });
const problem = z.object({
  code: z.string(),
  message: z.string(),
  file: z.string(),
  line: z.int(),
  column: z.int(),
  path: z.string(),
  severity: z.enum(['error', 'warning']),
});

/** Texts on the link. Frames travel as bytes (src/image/frame-codec.ts). Unknown keys are let through: a newer peer may say more. */
const messages = z.discriminatedUnion('type', [
  /** First on every connection, from both sides. `configuration`: can give its document, and take another one. */
  z.object({ type: z.literal('hello'), least: z.int(), most: z.int(), site: z.string(), revision: z.string(), node: z.string(), mode, url: z.string(), role, position, configuration: z.boolean().optional(), /** The sender approves of this connection (docs/trust.md). */ approved: z.boolean().optional(), /** What the sender is entitled to run. */ modules: z.array(z.string()).optional() }),
  /** Why the connection is closed for good; sent before closing, so that nobody takes it for death. */
  z.object({ type: z.literal('refuse'), code: z.enum(['LINK_SITE', 'LINK_REVISION', 'LINK_VERSION', 'LINK_MALFORMED', 'LINK_TRUST', 'LINK_INACTIVE']), reason: z.string().transform(shortened), role: role.optional(), position: position.optional() }),
  /** The sender's setting `DB sync`; what of the history it does not hold. */
  z.object({ type: z.literal('db-sync'), on: z.boolean(), missingAfter: seq.optional() }),
  /** Active → standby: after this frame you get live state only. */
  z.object({ type: z.literal('live-only'), after: seq }),
  /** Active → standby: the frame before was a snapshot with the journal entries and samples from this frame on. */
  z.object({ type: z.literal('history-complete'), from: seq }),
  /** The certificate that the sender will use next; only over a trusted link, and answered once it is on disk there. */
  z.object({ type: z.literal('certificate'), fingerprint: z.string().regex(FINGERPRINT), name: z.string(), notAfterMs: z.number() }),
  z.object({ type: z.literal('certificate-known'), fingerprint: z.string() }),
  /**
   * The heartbeat. `echo` is the last `beat` of the receiver that the sender has seen; with `supports` it is a promise to
   * support nobody else for a while (rule 2). `witness`: the sender reaches the witness. `clock`: its wall clock when that
   * beat arrived, and now.
   */
  z.object({ type: z.literal('status'), beat: z.int(), echo: z.int(), role, position, pairTimeMs: z.number(), supports: z.boolean().optional(), witness: z.boolean().optional(), clock: z.object({ heardMs: z.number(), sentMs: z.number() }).optional(), health: health.optional() }),
  /** Digests on the second heartbeat path are made with it. */
  z.object({ type: z.literal('heartbeat-key'), key: z.string().regex(/^[0-9a-f]{64}$/) }),
  /** Standby → active: send everything after this position. `epochs`: its latest activations, which tell where two histories parted. */
  z.object({ type: z.literal('follow'), position, epochs: z.array(z.object({ number: z.int(), node: z.string(), nonce: z.string(), firstSeq: seq })).optional() }),
  /** Standby → active: applied in memory, and synced to disk. */
  z.object({ type: z.literal('ack'), applied: seq, durable: seq }),
  /** Active → standby: frames after `commonSeq` that you hold are not part of the pair's history; a snapshot follows. `journalFrom` where the journal begins later than that. */
  z.object({ type: z.literal('diverged'), commonSeq: seq, journalFrom: seq.optional() }),
  /** Active → standby: from here on confirmations wait for you. Answered once the mark is on disk. */
  z.object({ type: z.literal('in-set'), epoch, seq }),
  z.object({ type: z.literal('in-set-ok'), epoch }),
  /** Active → standby: confirmations do not wait for you any more. */
  z.object({ type: z.literal('out-of-set'), epoch }),
  /** Active → standby, the last word on a connection that the active ends because it hears nothing: it lives, and goes on alone. */
  z.object({ type: z.literal('dropped') }),
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
  /** Either way, once in sync: send what is stored of this time, a page from `cursor` on. `ask` comes back with the answer. */
  z.object({ type: z.literal('history-ask'), ask: z.int(), fromMs: z.number(), toMs: z.number(), cursor: cursor.optional() }),
  /** A page of stored samples: history blocks in base64. `next` is where the following page begins. */
  z.object({ type: z.literal('history'), ask: z.int(), pieces: z.array(z.tuple([z.string(), z.base64()])), next: cursor.optional() }),
  /** The same for journal entries, newest first from `before` on. */
  z.object({ type: z.literal('logs-ask'), ask: z.int(), fromMs: z.number(), toMs: z.number(), before: z.string().optional() }),
  z.object({ type: z.literal('logs'), ask: z.int(), entries: z.array(z.object({ id: z.string(), kind: z.string(), timeMs: z.number(), data: z.unknown() })), next: z.string().optional() }),
  /** Either way, once in sync: since then, pair time, the sender recorded apart what its journal does not hold any more. Fetch it; answered once that is on disk. */
  z.object({ type: z.literal('history-owed'), fromMs: z.number() }),
  z.object({ type: z.literal('history-owed-known'), fromMs: z.number() }),
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
  /** Active → standby: could you run this document? */
  z.object({ type: z.literal('configuration-check'), id: z.string(), document: configuration }),
  z.object({ type: z.literal('configuration-checked'), id: z.string(), problems: z.array(problem) }),
  /** Standby → active: the document in force, to be ready for the snapshot under it. */
  z.object({ type: z.literal('configuration-request') }),
  z.object({ type: z.literal('configuration-document'), document: configuration }),
  /** From an active node, first on each connection and with each activation: what it has to say where the other one is active too (R21). */
  z.object({ type: z.literal('stand'), stand: z.object({ epoch: seq, mode, suspect: z.boolean(), confirmed: z.boolean(), reach: z.number(), activeMs: z.number(), priority: z.int(), policy: z.enum(['field', 'longest-active', 'main', 'priority']) }) }),
  /** Standby → active: devices that it does not reach, and those that it does not ask (R31). */
  z.object({ type: z.literal('reach'), unreachable: z.array(z.string()), unknown: z.array(z.string()) }),
  /** Standby → active: what it reads beside the image (R10); each time the whole of it. */
  z.object({
    type: z.literal('comparison'),
    node: z.string(),
    devices: z.array(z.object({ name: z.string(), state: z.enum(['equal', 'differs', 'unreachable', 'waiting']), differing: seq, sinceMs: z.number().optional() })),
    differences: z.array(z.object({ point: z.string(), device: z.string(), image: z.string(), field: z.string(), sinceMs: z.number() })),
  }),
  /** Standby → active: the link is so slow that a word of yours may come too late: do not count on this node (rule 4). */
  z.object({ type: z.literal('left-set'), epoch }),
  /** Verification (R16): what do you know of yourself? `revision`: the sender's, so that another document comes with the answer. */
  z.object({ type: z.literal('verify-ask'), id: z.string(), revision: z.string() }),
  z.object({ type: z.literal('verify-answer'), id: z.string(), facts: nodeFacts.optional(), error: z.string().optional(), document: configuration.optional() }),
  /** Digests of stored history of [fromMs, toMs], from the point after `after` on, or of `only`. */
  z.object({ type: z.literal('verify-history-ask'), id: z.string(), fromMs: z.number(), toMs: z.number(), after: z.string().optional(), only: z.string().optional() }),
  z.object({ type: z.literal('verify-history'), id: z.string(), points: historyDigests, next: z.string().optional(), error: z.string().optional() }),
  /** What came out, for the other node to show as well; then, that it counts no longer. */
  z.object({ type: z.literal('verify-result'), by: z.string(), findings: z.array(z.object({ part: z.string(), severity: z.enum(['difference', 'warning', 'unchecked']), text: z.string() })), history: z.object({ fromMs: z.number(), toMs: z.number(), points: z.int(), samples: z.int() }).optional() }),
  z.object({ type: z.literal('verify-lapsed'), why: z.string() }),
  /** Answer to a message that this node does not know and that says `must`: the sender cannot have what it asked for. */
  z.object({ type: z.literal('not-understood'), kind: z.string() }),
]);

/** A configuration as it is stored and sent: its text deflated. */
export type PackedConfiguration = z.infer<typeof configuration>;
export type LinkMessage = z.infer<typeof messages>;
export type LinkHello = Extract<LinkMessage, { type: 'hello' }>;
export type LinkStatus = Extract<LinkMessage, { type: 'status' }>;

/**
 * The protocol version that brought each kind of message. A peer of an older version is never sent it: one of version 1
 * takes what it does not know for nonsense and ends the connection.
 */
const SINCE: Readonly<Record<LinkMessage['type'], number>> = {
  hello: 1,
  refuse: 1,
  status: 1,
  follow: 1,
  ack: 1,
  diverged: 1,
  'in-set': 1,
  'in-set-ok': 1,
  'out-of-set': 1,
  tail: 1,
  'tail-merged': 1,
  prepare: 1,
  ready: 1,
  'not-ready': 1,
  yield: 1,
  'switch-request': 1,
  'switch-result': 1,
  goodbye: 1,
  'not-understood': 2,
  'heartbeat-key': 2,
  certificate: 2,
  'certificate-known': 2,
  'db-sync': 2,
  'live-only': 2,
  'history-complete': 2,
  'history-ask': 2,
  history: 2,
  'logs-ask': 2,
  logs: 2,
  'configuration-check': 2,
  'configuration-checked': 2,
  'configuration-request': 2,
  'configuration-document': 2,
  stand: 2,
  reach: 2,
  'left-set': 2,
  'verify-ask': 2,
  'verify-answer': 2,
  'verify-history-ask': 2,
  'verify-history': 2,
  'verify-result': 2,
  'verify-lapsed': 2,
  comparison: 3,
  'history-owed': 4,
  dropped: 4,
  'history-owed-known': 4,
};

/** Whether a peer with which `version` was agreed knows this kind of message. */
export function isSpokenIn(version: number, type: LinkMessage['type']): boolean {
  return SINCE[type] <= version;
}

/** A message of a newer version. Passed over, unless it says `must`: then the sender is told. */
export interface UnknownMessage {
  readonly type: 'unknown';
  readonly kind: string;
  readonly must: boolean;
}

const anyMessage = z.object({ type: z.string().max(100), must: z.boolean().optional() });

/** @throws LINK_MALFORMED */
export function parseLinkMessage(text: string): LinkMessage | UnknownMessage {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new TandemError('LINK_MALFORMED', `not JSON: ${messageOf(cause)}`, { cause });
  }
  const result = messages.safeParse(json);
  if (result.success) return result.data;
  const unknown = anyMessage.safeParse(json);
  if (unknown.success && !(unknown.data.type in SINCE)) return { type: 'unknown', kind: unknown.data.type, must: unknown.data.must === true };
  throw new TandemError('LINK_MALFORMED', z.prettifyError(result.error));
}

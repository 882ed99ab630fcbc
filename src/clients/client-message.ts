import { z } from 'zod';
import { rowFormats, TandemError, type ClientMessage } from '../contract/index.js';
import { isGlob, isTag } from './glob.js';
import { limits } from './limits.js';

const id = z.string().min(1).max(100);
const name = z.string().min(1).max(300);
const token = z.string().max(1_000);
const seq = z.number().int().min(0);

const position = z.object({
  epoch: z.object({ number: seq, node: z.string().max(100), nonce: z.string().max(100) }),
  seq,
  revision: z.string().max(100),
  scope: z.string().max(100).optional(),
});

export const valueSchema = z.union([z.number(), z.boolean(), z.string().max(4_000), z.null()]);
export const prioritySchema = z.number().int().min(1).max(16);
export const requestIdSchema = id;
export const noteSchema = z.string().max(1_000);

const note = noteSchema.optional();
const forMs = z.number().positive().max(366 * 86_400_000);
const scope = z.union([z.strictObject({ area: name }), z.strictObject({ device: name })]);
const alarmAction = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('acknowledge'), alarm: name, occurrence: seq, transition: z.enum(['raised', 'returned']).optional(), note }),
  z.strictObject({ kind: z.literal('shelve'), alarm: name, forMs, note }),
  z.strictObject({ kind: z.enum(['reset', 'unshelve', 'take-out-of-service', 'return-to-service']), alarm: name, note }),
  z.strictObject({ kind: z.literal('note'), alarm: name, id, note: noteSchema.min(1) }),
  z.strictObject({ kind: z.literal('silence'), alarms: z.array(name).max(1_000).optional() }),
  z.strictObject({ kind: z.literal('mute'), scope, forMs, note }),
  z.strictObject({ kind: z.literal('unmute'), scope }),
]);

const message = z.discriminatedUnion('type', [
  z.object({ type: z.literal('authenticate'), token }),
  z.object({ type: z.literal('subscribe'), id, points: z.array(name).max(10_000), resume: position.optional(), anyRole: z.boolean().optional(), rows: z.enum(rowFormats).optional() }),
  z.object({ type: z.literal('unsubscribe'), id }),
  z.object({ type: z.literal('write'), id, point: name, value: valueSchema, priority: prioritySchema.optional(), token: token.optional(), epoch: seq, nonce: z.string().max(100).optional() }),
  z.object({ type: z.literal('acknowledge'), id, alarm: name, occurrence: seq, token: token.optional(), note: noteSchema.optional() }),
  z.object({ type: z.literal('alarm'), id, token: token.optional(), action: alarmAction }),
]);

/** Each message as it is parsed. */
export const clientMessages = message.options;
export const clientMessageTypes = clientMessages.map((option) => option.shape.type.value);

/** @throws CLIENT_MALFORMED, CLIENT_LIMIT */
export function parseClientMessage(text: string): ClientMessage {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    throw new TandemError('CLIENT_MALFORMED', 'the message is not JSON');
  }
  const parsed = message.safeParse(raw);
  if (!parsed.success) throw new TandemError('CLIENT_MALFORMED', `the message is refused: ${describe(parsed.error)}`);
  if (parsed.data.type === 'subscribe' && parsed.data.points.filter((pattern) => isGlob(pattern) || isTag(pattern)).length > limits.globsPerSubscription) {
    throw new TandemError('CLIENT_LIMIT', `at most ${limits.globsPerSubscription} patterns with * or # in one subscription`);
  }
  // zod writes `undefined` into optional keys' types only; the values are exactly the contract's.
  return parsed.data as ClientMessage;
}

const asked = z.object({ type: z.enum(['write', 'acknowledge', 'alarm']), id });

/** Of a message that was refused: the id under which somebody waits for a result. */
export function waitingFor(text: string): string | undefined {
  try {
    return asked.safeParse(JSON.parse(text)).data?.id;
  } catch {
    return undefined;
  }
}

export function describe(error: z.ZodError): string {
  const issue = error.issues[0];
  return issue === undefined ? 'not as documented' : `${issue.path.join('.') || 'it'}: ${issue.message}`;
}

import { z } from 'zod';
import { messageOf, TandemError } from '../contract/index.js';

export const WITNESS_PROTOCOL = 1;

const nonce = z.string().regex(/^[0-9a-f]{32}$/);
const name = z.string().min(1).max(64);
const count = z.int().nonnegative();
const common = { n: count, promiseMs: z.number().positive().max(3_600_000) };

/** First word of a witness on each connection. */
const challenge = z.object({ type: z.literal('challenge'), version: z.int(), nonce });
/** First word of a node, in clear; everything after it is sealed (sealed-channel.ts). */
const open = z.object({ type: z.literal('open'), version: z.int(), site: name, node: name, nonce });
const request = z.discriminatedUnion('type', [
  z.object({ type: z.literal('renew'), ...common, epoch: count, members: z.array(name).max(16) }),
  z.object({ type: z.literal('ask'), ...common, epoch: count, dead: z.boolean(), beyondSet: z.boolean() }),
  z.object({ type: z.literal('release'), ...common }),
  z.object({ type: z.literal('look'), ...common }),
]);
const answer = z.object({
  n: count,
  granted: z.boolean(),
  refusal: z.enum(['mute', 'promised', 'fenced', 'not-a-member']).optional(),
  epoch: count,
  holder: z.string(),
  members: z.array(z.string()),
});

export const parseChallenge = reader(challenge);
export const parseOpen = reader(open);
export const parseWitnessRequest = reader(request);
export const parseWitnessAnswer = reader(answer);

/** @throws LINK_MALFORMED */
function reader<T>(shape: z.ZodType<T>): (text: string) => T {
  return (text) => {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch (cause) {
      throw new TandemError('LINK_MALFORMED', `not JSON: ${messageOf(cause)}`, { cause });
    }
    const result = shape.safeParse(json);
    if (!result.success) throw new TandemError('LINK_MALFORMED', z.prettifyError(result.error));
    return result.data;
  };
}

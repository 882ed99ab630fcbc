import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { formatEpoch, NO_EPOCH, TandemError } from '../contract/index.js';
import type { Actor } from './access-api.js';
import { describe } from './client-message.js';
import { mustReachSomewhere, principalOf } from './guard.js';
import type { NodeApi } from './node-api.js';

/** @throws CLIENT_MALFORMED */
export function parseInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (!parsed.success) throw new TandemError('CLIENT_MALFORMED', describe(parsed.error));
  return parsed.data;
}

export function countParam(standard: number, most: number): z.ZodType<number> {
  return z.coerce.number().int().min(1).max(most).default(standard);
}

/** Of a record that is answered in pages of 100, or of another size up to this, and as a file whole. */
export const fileLimitParam = z.coerce.number().int().min(1).max(10_000).optional();

/** ISO 8601, or milliseconds since 1970; turned into the latter. */
export const timeParam = z.string().max(40).transform((text, context) => {
  const ms = /^-?\d+$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isFinite(ms)) return ms;
  context.addIssue({ code: 'custom', message: 'a time as ISO 8601 or milliseconds since 1970' });
  return z.NEVER;
});

/** `a,b`, or the parameter several times. */
export const listParam = z.union([z.string(), z.array(z.string())]).transform((written) => [written].flat().flatMap((text) => text.split(',')).map((text) => text.trim()).filter((text) => text !== ''));

/** Who asks, and from where. The guard has looked already whether they may. @throws CLIENT_UNAUTHORIZED */
export function actorOf(request: FastifyRequest): Actor {
  const principal = principalOf(request);
  mustReachSomewhere(principal, 'viewer');
  if (principal.kind === 'anyone') throw new TandemError('CLIENT_UNAUTHORIZED', 'sign in first');
  return { principal, address: request.ip };
}

/** Who asked, for journals and the audit: `anna@10.20.0.7`. */
export function callerOf(request: FastifyRequest): string {
  const { principal, address } = actorOf(request);
  return `${principal.name}@${address}`;
}

/** The same of who only reads; nothing where nobody has to sign in for that. */
export function readerOf(request: FastifyRequest): { readonly by?: string } {
  const principal = principalOf(request);
  return principal === undefined || principal.kind === 'anyone' ? {} : { by: `${principal.name}@${request.ip}` };
}

/** Makes request ids for callers that bring none: unique for ever, because every activation has its own epoch. */
export function requestIds(api: NodeApi): () => string {
  let count = 0;
  return () => `rest/${formatEpoch(api.status().epoch ?? NO_EPOCH)}/${String(++count)}`;
}

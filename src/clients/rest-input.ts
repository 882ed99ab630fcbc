import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { formatEpoch, NO_EPOCH, TandemError } from '../contract/index.js';
import { describe } from './client-message.js';
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

/** ISO 8601, or milliseconds since 1970; turned into the latter. */
export const timeParam = z.string().max(40).transform((text, context) => {
  const ms = /^-?\d+$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isFinite(ms)) return ms;
  context.addIssue({ code: 'custom', message: 'a time as ISO 8601 or milliseconds since 1970' });
  return z.NEVER;
});

/** @throws CLIENT_UNAUTHORIZED */
export function requireToken(api: NodeApi, request: FastifyRequest): void {
  const [scheme, token] = (request.headers.authorization ?? '').split(' ');
  if (scheme?.toLowerCase() !== 'bearer' || token === undefined || !api.mayWrite(token)) {
    throw new TandemError('CLIENT_UNAUTHORIZED', 'this needs a token: Authorization: Bearer <token>');
  }
}

/** Who asked, for the audit. */
export function callerOf(request: FastifyRequest): string {
  return request.ip;
}

/** Makes request ids for callers that bring none: unique for ever, because every activation has its own epoch. */
export function requestIds(api: NodeApi): () => string {
  let count = 0;
  return () => `rest/${formatEpoch(api.status().epoch ?? NO_EPOCH)}/${String(++count)}`;
}

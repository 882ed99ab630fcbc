import type { FastifyReply } from 'fastify';
import { errorCodes, TandemError, type ErrorCode } from '../contract/index.js';

/** An error as RFC 9457 has it, with our code. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly [extension: string]: unknown;
}

export function problemOf(error: TandemError, status: number = errorCodes[error.code].status, more: Readonly<Record<string, unknown>> = {}): Problem {
  return {
    ...error.details,
    ...more,
    type: `urn:tandem:error:${error.code}`,
    title: error.code.toLowerCase().replaceAll('_', ' '),
    status,
    detail: error.message,
    code: error.code,
  };
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  if (problem.status === 401) void reply.header('www-authenticate', 'Bearer realm="tandem"');
  return reply.code(problem.status).header('cache-control', 'no-store').type('application/problem+json').send(JSON.stringify(problem));
}

/** What fastify itself refuses: bodies too large, not JSON, of another type. */
export function fromFramework(error: unknown): Problem | undefined {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return undefined;
  const { statusCode } = error;
  if (typeof statusCode !== 'number' || statusCode < 400 || statusCode > 499) return undefined;
  const message = error instanceof Error ? error.message : 'refused';
  return problemOf(new TandemError(statusCode === 413 ? 'CLIENT_LIMIT' : 'CLIENT_MALFORMED', message), statusCode);
}

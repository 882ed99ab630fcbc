import { texts } from '../texts.js';

const timeoutMs = 2000;
/** For what asks the other node, a witness or a device before it answers. */
export const patientMs = 20_000;

/** A request that the node refused, with the text and the code that it gave. */
export class RestError extends Error {
  readonly status: number;
  /** Stable, of docs/errors.md. */
  readonly code: string | undefined;

  constructor(status: number, message: string, code?: string) {
    super(message);
    this.name = 'RestError';
    this.status = status;
    this.code = code;
  }
}

export async function getJson(base: string, path: string, waitMs?: number): Promise<unknown> {
  return request(base, path, {}, waitMs);
}

/** Reads what the node tells only to those who may write. */
export async function getJsonAs(base: string, path: string, token: string): Promise<unknown> {
  return request(base, path, { headers: { authorization: `Bearer ${token}` } }, patientMs);
}

export async function postJson(base: string, path: string, body: unknown, token: string, waitMs?: number): Promise<unknown> {
  return send('POST', base, path, body, token, waitMs);
}

export async function putJson(base: string, path: string, body: unknown, token: string): Promise<unknown> {
  return send('PUT', base, path, body, token);
}

/** What to show of anything that was thrown: the node's text, and the code under which docs/errors.md explains it. */
export function messageOf(cause: unknown): string {
  if (cause instanceof RestError && cause.code !== undefined) return `${cause.message} (${cause.code})`;
  return cause instanceof Error ? cause.message : String(cause);
}

async function send(method: string, base: string, path: string, body: unknown, token: string, waitMs?: number): Promise<unknown> {
  return request(base, path, { method, headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` }, body: JSON.stringify(body) }, waitMs);
}

async function request(base: string, path: string, init: RequestInit, waitMs: number = timeoutMs): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(new URL(path, base.endsWith('/') ? base : `${base}/`), { ...init, cache: 'no-store', signal: AbortSignal.timeout(waitMs) });
  } catch (cause) {
    throw new Error(texts.errors.unreachable, { cause });
  }
  const text = await response.text();
  const body: unknown = text === '' ? undefined : JSON.parse(text);
  if (!response.ok) throw new RestError(response.status, textIn(body, 'detail') ?? texts.errors.http(response.status), textIn(body, 'code'));
  return body;
}

/** RFC 9457: `detail` is for people, `code` is ours. */
function textIn(body: unknown, key: 'detail' | 'code'): string | undefined {
  if (typeof body !== 'object' || body === null || !(key in body)) return undefined;
  const text: unknown = (body as Record<string, unknown>)[key];
  return typeof text === 'string' ? text : undefined;
}

import { texts } from '../texts.js';

const timeoutMs = 2000;

/** A request that the node refused, with the text that it gave. */
export class RestError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'RestError';
    this.status = status;
  }
}

export async function getJson(base: string, path: string): Promise<unknown> {
  return request(base, path, {});
}

export async function postJson(base: string, path: string, body: unknown, token: string): Promise<unknown> {
  return request(base, path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
}

/** What to show of anything that was thrown. */
export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

async function request(base: string, path: string, init: RequestInit): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(new URL(path, base.endsWith('/') ? base : `${base}/`), { ...init, cache: 'no-store', signal: AbortSignal.timeout(timeoutMs) });
  } catch (cause) {
    throw new Error(texts.errors.unreachable, { cause });
  }
  const text = await response.text();
  const body: unknown = text === '' ? undefined : JSON.parse(text);
  if (!response.ok) throw new RestError(response.status, messageIn(body) ?? texts.errors.http(response.status));
  return body;
}

function messageIn(body: unknown): string | undefined {
  // RFC 9457: `detail` is for people.
  if (typeof body !== 'object' || body === null || !('detail' in body)) return undefined;
  return typeof body.detail === 'string' ? body.detail : undefined;
}

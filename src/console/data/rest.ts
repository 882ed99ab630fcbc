import { texts } from '../texts.js';

/** For what is asked to learn whether a node is there at all, and is asked again. */
const probeMs = 2_000;
/** A node may be busy, taking over, or ask the other one, a witness or a device before it answers. */
const patientMs = 20_000;
/** What changes something may take longer (a document of a large site): it is waited for as long as the node says that it lives, asked as often. */
const aliveMs = 10_000;
const mostMs = 900_000;
/** How long one of the nodes may take to become active. */
const takeOverMs = 20_000;
const againMs = 250;
/** How long a file that is being saved may stand still. */
const silentMs = 120_000;

/** A request that the node refused, with the text and the code that it gave. */
export class RestError extends Error {
  readonly status: number;
  /** Stable, of docs/errors.md. */
  readonly code: string | undefined;
  /** Address of the node that is active, where this one is not. */
  readonly active: string | undefined;

  constructor(status: number, message: string, code?: string, active?: string) {
    super(message);
    this.name = 'RestError';
    this.status = status;
    this.code = code;
    this.active = active;
  }
}

let credential: () => string | undefined = () => undefined;
let refused: () => void = () => undefined;

/** What every request brings, to whichever node. */
export function useCredential(current: () => string | undefined): void {
  credential = current;
}

/** What to do when a node does not know the credential (any more). */
export function onUnauthorized(listener: () => void): void {
  refused = listener;
}

/** What this very node says, soon or not at all: one that is gone or frozen shall not keep who asks from the other one. */
export async function probeJson(base: string, path: string): Promise<unknown> {
  return requestAt(base, path, {}, probeMs);
}

export async function getJson(base: string, path: string): Promise<unknown> {
  return request(base, path, {});
}

/** Reads what the node tells only to those who may write. */
export async function getJsonAs(base: string, path: string, token: string): Promise<unknown> {
  return request(base, path, { headers: { authorization: `Bearer ${token}` } });
}

export async function postJson(base: string, path: string, body: unknown, token: string): Promise<unknown> {
  return send('POST', base, path, body, token);
}

export async function removeJson(base: string, path: string, token: string): Promise<unknown> {
  return request(base, path, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } });
}

export async function fetchBlob(base: string, path: string): Promise<Blob> {
  // A long table takes as long as it takes; it is given up where nothing comes any more.
  const silence = new AbortController();
  let timer = window.setTimeout(() => silence.abort(), silentMs);
  try {
    const response = await ask(base, path, { signal: silence.signal });
    if (!response.ok) throw errorOf(response, await response.text());
    const reader = response.body?.getReader();
    const parts: Uint8Array<ArrayBuffer>[] = [];
    for (let part = await reader?.read(); part !== undefined && !part.done; part = await reader?.read()) {
      parts.push(part.value);
      window.clearTimeout(timer);
      timer = window.setTimeout(() => silence.abort(), silentMs);
    }
    return new Blob(parts, { type: response.headers.get('content-type') ?? '' });
  } catch (cause) {
    if (cause instanceof RestError) throw cause;
    throw new Error(texts.errors.unreachable, { cause });
  } finally {
    window.clearTimeout(timer);
  }
}

export async function putJson(base: string, path: string, body: unknown, token: string): Promise<unknown> {
  return send('PUT', base, path, body, token);
}

/** What to show of anything that was thrown: the node's text, and the code under which docs/errors.md explains it. */
export function messageOf(cause: unknown): string {
  if (cause instanceof RestError && cause.code !== undefined) return `${cause.message} (${cause.code})`;
  return cause instanceof Error ? cause.message : String(cause);
}

async function send(method: string, base: string, path: string, body: unknown, token: string): Promise<unknown> {
  return request(base, path, { method, headers: { 'content-type': 'application/json', ...(token === '' ? {} : { authorization: `Bearer ${token}` }) }, body: JSON.stringify(body) });
}

/**
 * What a node refuses because it is not active (any more) is asked of the one that it names, and where it knows none, of itself again until
 * one is: it may be about to take over. Nothing was done, so nothing is done twice.
 */
async function request(base: string, path: string, init: RequestInit): Promise<unknown> {
  const endMs = performance.now() + takeOverMs;
  let at = base;
  for (;;) {
    try {
      return await requestAt(at, path, init);
    } catch (cause) {
      // Where no answer came at all it may have been done: that is for a person to look at.
      if (!(cause instanceof RestError) || cause.code !== 'NOT_ACTIVE' || performance.now() > endMs) throw cause;
      const { active } = cause;
      if (at === base && active !== undefined) at = active;
      else {
        await new Promise((resolve) => setTimeout(resolve, againMs));
        at = base;
      }
    }
  }
}

async function requestAt(base: string, path: string, init: RequestInit, waitMs?: number): Promise<unknown> {
  const response = await ask(base, path, init, waitMs);
  const text = await response.text();
  if (!response.ok) throw errorOf(response, text);
  return text === '' ? undefined : (JSON.parse(text) as unknown);
}

async function ask(base: string, path: string, init: RequestInit, waitMs: number = patientMs): Promise<Response> {
  const headers = new Headers(init.headers);
  const held = credential();
  if (held !== undefined && !headers.has('authorization')) headers.set('authorization', `Bearer ${held}`);
  const changes = init.method !== undefined;
  const patience = changes ? whileAlive(base) : undefined;
  let response: Response;
  try {
    response = await fetch(urlOf(base, path), { ...init, headers, cache: 'no-store', signal: init.signal ?? patience?.signal ?? AbortSignal.timeout(waitMs) });
  } catch (cause) {
    // A request that went out and was not answered may have been carried out.
    throw new Error(changes ? texts.errors.inDoubt : texts.errors.unreachable, { cause });
  } finally {
    patience?.end();
  }
  // What was asked with a credential that is not the present one says nothing about that.
  if (response.status === 401 && headers.get('authorization') === `Bearer ${credential() ?? ''}`) refused();
  return response;
}

function urlOf(base: string, path: string): URL {
  return new URL(path, base.endsWith('/') ? base : `${base}/`);
}

/** Aborts once a node has been silent for too long and does not even say that it lives. */
function whileAlive(base: string): { readonly signal: AbortSignal; readonly end: () => void } {
  const patience = new AbortController();
  const endMs = performance.now() + mostMs;
  let timer = 0;
  const look = async (): Promise<void> => {
    try {
      await fetch(urlOf(base, 'healthz'), { cache: 'no-store', signal: AbortSignal.timeout(aliveMs) });
      if (performance.now() > endMs) patience.abort();
      else if (timer >= 0) timer = window.setTimeout(() => void look(), aliveMs);
    } catch {
      patience.abort();
    }
  };
  timer = window.setTimeout(() => void look(), patientMs);
  const end = (): void => {
    window.clearTimeout(timer);
    timer = -1;
  };
  return { signal: patience.signal, end };
}

function errorOf({ status }: Response, text: string): RestError {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  return new RestError(status, textIn(body, 'detail') ?? texts.errors.http(status), textIn(body, 'code'), textIn(body, 'active'));
}

/** RFC 9457: `detail` is for people, `code` is ours. */
function textIn(body: unknown, key: 'detail' | 'code' | 'active'): string | undefined {
  if (typeof body !== 'object' || body === null || !(key in body)) return undefined;
  const text: unknown = (body as Record<string, unknown>)[key];
  return typeof text === 'string' ? text : undefined;
}

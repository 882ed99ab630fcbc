import { pinnedFetch } from './pinned-fetch.js';
import { messageOf, TandemError, errorCodes, type ErrorCode } from '../contract/index.js';

/** A large configuration is read on both nodes before the answer comes. */
const TIMEOUT_MS = 120_000;

/** Fingerprints by origin. */
const pins = new Map<string, string>();

/** Whoever answers there has to show this certificate (`sha256:…`), and no authority is asked. */
export function expectCertificate(url: string, fingerprint: string): void {
  pins.set(new URL(url).origin, fingerprint);
}

/**
 * Asks a node's REST interface, for the command line.
 * @throws what the node answers with; NODE_UNREACHABLE where there is nobody
 */
export async function askNode<T>(url: string, { method = 'GET', token, body }: { method?: 'GET' | 'POST' | 'PUT' | 'DELETE'; token?: string | undefined; body?: unknown } = {}): Promise<T> {
  const headers = { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
  let answer: { ok: boolean; text: string };
  try {
    const pin = pins.get(new URL(url).origin);
    const ask = pin === undefined ? fetch : pinnedFetch(pin);
    const response = await ask(url, { method, headers, signal: AbortSignal.timeout(TIMEOUT_MS), ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    answer = { ok: response.ok, text: await response.text() };
  } catch (cause) {
    const why = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : messageOf(cause);
    throw new TandemError('NODE_UNREACHABLE', `${url} does not answer: ${why}`, { cause });
  }
  if (answer.ok && answer.text === '') return undefined as T;
  let read: unknown;
  try {
    read = JSON.parse(answer.text);
  } catch (cause) {
    throw new TandemError('NODE_UNREACHABLE', `${url} answers, but not as a Tandem node does`, { cause });
  }
  if (answer.ok) return read as T;
  const { code, detail, ...details } = read as { code?: string; detail?: string };
  throw new TandemError(isErrorCode(code) ? code : 'INTERNAL', detail ?? answer.text, { details });
}

function isErrorCode(code: string | undefined): code is ErrorCode {
  return code !== undefined && code in errorCodes;
}

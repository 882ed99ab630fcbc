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

interface Question {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly token?: string | undefined;
  readonly body?: unknown;
}

/**
 * Asks a node's REST interface, for the command line.
 * @throws what the node answers with; NODE_UNREACHABLE where there is nobody
 */
export async function askNode<T>(url: string, question: Question = {}): Promise<T> {
  const answer = await ask(url, question);
  return answer === '' ? (undefined as T) : (read(url, answer) as T);
}

/** What is answered as it is: a table, a text. Without its byte-order mark. @throws as {@link askNode} */
export async function askNodeText(url: string, question: Question = {}): Promise<string> {
  return ask(url, question);
}

async function ask(url: string, { method = 'GET', token, body }: Question): Promise<string> {
  const headers = { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
  let answer: { ok: boolean; text: string };
  try {
    const pin = pins.get(new URL(url).origin);
    const put = pin === undefined ? fetch : pinnedFetch(pin);
    const response = await put(url, { method, headers, signal: AbortSignal.timeout(TIMEOUT_MS), ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    answer = { ok: response.ok, text: await response.text() };
  } catch (cause) {
    const why = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : messageOf(cause);
    throw new TandemError('NODE_UNREACHABLE', `${url} does not answer: ${why}`, { cause });
  }
  if (answer.ok) return answer.text;
  const { code, detail, ...details } = read(url, answer.text) as { code?: string; detail?: string };
  throw new TandemError(isErrorCode(code) ? code : 'INTERNAL', detail ?? answer.text, { details });
}

function read(url: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TandemError('NODE_UNREACHABLE', `${url} answers, but not as a Tandem node does`, { cause });
  }
}

function isErrorCode(code: string | undefined): code is ErrorCode {
  return code !== undefined && code in errorCodes;
}

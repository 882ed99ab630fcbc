import type { ConfigurationCheck, ConfigurationDiff, ConfigurationDocument, ConfigurationInfo } from '../../contract/configuration.js';
import { texts } from '../texts.js';
import { digestOf } from './digest.js';
import { getJson, postJson, putJson, removeJson, RestError } from './rest.js';

const root = 'api/v1/configuration';

/** The site configuration of the pair: see docs/rest-api.md. */
export async function readConfiguration(url: string): Promise<ConfigurationDocument> {
  return (await getJson(url, root)) as ConfigurationDocument;
}

export async function readRevisions(url: string): Promise<readonly ConfigurationInfo[]> {
  return ((await getJson(url, `${root}/history`)) as { readonly history: readonly ConfigurationInfo[] }).history;
}

export async function checkText(url: string, text: string, token: string): Promise<ConfigurationCheck> {
  return (await postJson(url, `${root}/check`, { text }, token)) as ConfigurationCheck;
}

export async function diffText(url: string, text: string, token: string): Promise<ConfigurationDiff> {
  return (await postJson(url, `${root}/diff`, { text }, token)) as ConfigurationDiff;
}

export async function diffRevisions(url: string, from: number, to: number): Promise<ConfigurationDiff> {
  return (await getJson(url, `${root}/diff?from=${from}&to=${to}`)) as ConfigurationDiff;
}

export async function applyText(url: string, text: string, expected: string, comment: string, token: string): Promise<unknown> {
  return putJson(url, root, { text, expected, comment }, token);
}

export async function rollBack(url: string, number: number, expected: string, comment: string, token: string): Promise<unknown> {
  return postJson(url, `${root}/rollback`, { number, expected, comment }, token);
}

/** One definition, as it is written in the document. */
export interface Definition {
  readonly value: Readonly<Record<string, unknown>>;
  readonly revision: string;
}

export async function readDefinition(url: string, section: string, name: string): Promise<Definition> {
  return (await getJson(url, `${root}/${section}/${encodeURIComponent(name)}`)) as Definition;
}

export async function putDefinition(url: string, section: string, name: string, value: unknown, expected: string | undefined, comment: string, token: string): Promise<unknown> {
  return putJson(url, `${root}/${section}/${encodeURIComponent(name)}`, { value, expected, comment }, token);
}

/** A definition as it was read, to be changed. */
export interface WrittenDefinition {
  /** Absent where there is none. */
  readonly value?: Definition['value'];
  /** Of the whole configuration. */
  readonly revision?: string;
  /** Of what is written: another one, and somebody has changed it. Empty where there is none. */
  readonly digest: string;
}

export async function readWritten(url: string, section: string, name: string): Promise<WrittenDefinition> {
  try {
    const { value, revision } = await readDefinition(url, section, name);
    return { value, revision, digest: digestOf(value) };
  } catch (cause) {
    if (cause instanceof RestError && cause.code === 'CONFIG_UNKNOWN') return { digest: '' };
    throw cause;
  }
}

/** How often others may change something else in the very moment of a change before it is given up. */
const mostTries = 5;

/**
 * Puts (or, with `undefined`, removes) a definition that was begun on what `base` is the digest of, and only on that: whatever else has
 * changed meanwhile stays. @throws RestError CONFIG_CONFLICT where somebody has changed this one
 */
export async function replaceDefinition(url: string, section: string, name: string, value: unknown, base: string, comment: string, token: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    // Read before it is looked for: one that is made in between is a conflict, too.
    const whole = base === '' ? (await readConfiguration(url)).revision : undefined;
    const { revision = whole, digest } = await readWritten(url, section, name);
    if (digest !== base) throw new RestError(409, texts.errors.changedMeanwhile(name), 'CONFIG_CONFLICT');
    try {
      if (value === undefined) await removeJson(url, `${root}/${section}/${encodeURIComponent(name)}?${new URLSearchParams(revision === undefined ? {} : { expected: revision }).toString()}`, token);
      else await putDefinition(url, section, name, value, revision, comment, token);
      return;
    } catch (cause) {
      if (cause instanceof RestError && cause.code === 'FENCED' && (await isInForce(cause.active ?? url, section, name, value))) return;
      // Something else has become another between the two questions.
      if (!(cause instanceof RestError) || cause.code !== 'CONFIG_CONFLICT' || tries === mostTries) throw cause;
    }
  }
}

/** Control moved while it was being put into force, and nobody confirmed it: the node that leads now knows whether it is. */
async function isInForce(url: string, section: string, name: string, value: unknown): Promise<boolean> {
  try {
    return ordered((await readWritten(url, section, name)).value) === ordered(value);
  } catch {
    return false;
  }
}

/** As JSON with the keys in one order: who edits a document keeps the order that is there. */
function ordered(value: unknown): string | undefined {
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'object' && part !== null && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part));
}

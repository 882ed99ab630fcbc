import type { ConfigurationCheck, ConfigurationDiff, ConfigurationDocument, ConfigurationInfo } from '../../contract/configuration.js';
import { getJson, patientMs, postJson, putJson, removeJson } from './rest.js';

const root = 'api/v1/configuration';

/** The site configuration of the pair: see docs/rest-api.md. */
export async function readConfiguration(url: string): Promise<ConfigurationDocument> {
  return (await getJson(url, root, patientMs)) as ConfigurationDocument;
}

export async function readRevisions(url: string): Promise<readonly ConfigurationInfo[]> {
  return ((await getJson(url, `${root}/history`)) as { readonly history: readonly ConfigurationInfo[] }).history;
}

export async function checkText(url: string, text: string, token: string): Promise<ConfigurationCheck> {
  return (await postJson(url, `${root}/check`, { text }, token, patientMs)) as ConfigurationCheck;
}

export async function diffText(url: string, text: string, token: string): Promise<ConfigurationDiff> {
  return (await postJson(url, `${root}/diff`, { text }, token, patientMs)) as ConfigurationDiff;
}

export async function diffRevisions(url: string, from: number, to: number): Promise<ConfigurationDiff> {
  return (await getJson(url, `${root}/diff?from=${from}&to=${to}`, patientMs)) as ConfigurationDiff;
}

export async function applyText(url: string, text: string, expected: string, comment: string, token: string): Promise<unknown> {
  return putJson(url, root, { text, expected, comment }, token, patientMs);
}

export async function rollBack(url: string, number: number, expected: string, comment: string, token: string): Promise<unknown> {
  return postJson(url, `${root}/rollback`, { number, expected, comment }, token, patientMs);
}

/** One definition, as it is written in the document. */
export interface Definition {
  readonly value: Readonly<Record<string, unknown>>;
  readonly revision: string;
}

export async function readDefinition(url: string, section: string, name: string): Promise<Definition> {
  return (await getJson(url, `${root}/${section}/${encodeURIComponent(name)}`, patientMs)) as Definition;
}

export async function putDefinition(url: string, section: string, name: string, value: unknown, expected: string | undefined, comment: string, token: string): Promise<unknown> {
  return putJson(url, `${root}/${section}/${encodeURIComponent(name)}`, { value, expected, comment }, token, patientMs);
}

export async function removeDefinition(url: string, section: string, name: string, token: string): Promise<unknown> {
  return removeJson(url, `${root}/${section}/${encodeURIComponent(name)}`, token);
}

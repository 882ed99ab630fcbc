import { getJson, getJsonAs, patientMs, postJson, removeJson } from './rest.js';

const root = 'api/v1/discovery';
const driver = 'bacnet';

/** Looking for devices: see docs/rest-api.md. */
export interface Discovery {
  readonly id: string;
  readonly state: 'running' | 'done' | 'failed' | 'cancelled';
  readonly done: number;
  readonly text: string;
  readonly error: string | null;
  readonly devices: readonly FoundDevice[];
}

export interface FoundDevice {
  readonly id: string;
  readonly address: string;
  readonly name: string;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly objects: readonly unknown[];
  readonly problems: readonly string[];
}

export interface NamedText {
  readonly name: string;
  readonly text: string;
}

/** Names of the BACnet lines of the site. */
export async function bacnetLines(url: string): Promise<readonly string[]> {
  const { value } = (await getJson(url, 'api/v1/configuration/lines', patientMs)) as { readonly value?: Readonly<Record<string, { readonly kind?: string } | null>> | null };
  return Object.entries(value ?? {}).flatMap(([name, line]) => (line?.kind === 'bacnet-ip' ? [name] : []));
}

export async function startDiscovery(url: string, line: string, range: string, token: string): Promise<Discovery> {
  return (await postJson(url, root, { driver, line, options: range.trim() === '' ? {} : { range: range.trim() } }, token, patientMs)) as Discovery;
}

export async function readDiscovery(url: string, id: string, token: string): Promise<Discovery> {
  return (await getJsonAs(url, `${root}/${id}`, token)) as Discovery;
}

export async function stopDiscovery(url: string, id: string, token: string): Promise<Discovery> {
  return (await removeJson(url, `${root}/${id}`, token)) as Discovery;
}

export async function importFiles(url: string, line: string, files: readonly NamedText[], token: string): Promise<Discovery> {
  return (await postJson(url, `${root}/import`, { driver, line, files }, token, patientMs)) as Discovery;
}

/** `text`, a site document, with devices that were found added to it. */
export async function documentWith(url: string, id: string, text: string, devices: readonly string[], token: string): Promise<string> {
  return ((await postJson(url, `${root}/${id}/document`, { text, devices }, token, patientMs)) as { readonly text: string }).text;
}

/** Exchange files of one discovery, or of the site without one. */
export async function exchangeFiles(url: string, id: string | undefined, token: string): Promise<readonly NamedText[]> {
  const path = id === undefined ? `${root}/files?driver=${driver}` : `${root}/${id}/files`;
  return ((await getJsonAs(url, path, token)) as { readonly files: readonly NamedText[] }).files;
}

/** EDE files are UTF-8; those of older tools are in Latin-1. */
export async function textOfFile(file: File): Promise<NamedText> {
  const bytes = await file.arrayBuffer();
  const text = new TextDecoder().decode(bytes);
  return { name: file.name, text: text.includes('\uFFFD') ? new TextDecoder('latin1').decode(bytes) : text };
}

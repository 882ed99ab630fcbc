import type { Written } from './configured-as.js';
import { getJson, getJsonAs, postJson, removeJson } from './rest.js';

const root = 'api/v1/discovery';

/** What can be looked through, as the drivers are called. */
export const searchable = ['bacnet', 'modbus-tcp', 'modbus-rtu-tcp', 'modbus-rtu'] as const;
export type Searchable = (typeof searchable)[number];

/** Where is looked, and for what. */
export interface Search {
  readonly driver: Searchable;
  readonly line?: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** Looking for devices: see docs/rest-api.md. */
export interface Discovery {
  readonly id: string;
  readonly state: 'running' | 'done' | 'failed' | 'cancelled';
  readonly driver: Searchable;
  readonly line: string | null;
  readonly done: number;
  readonly total: number | null;
  readonly text: string;
  readonly error: string | null;
  readonly devices: readonly FoundDevice[];
  /** Of a site document; null while it runs. */
  readonly blocks: string | null;
}

export interface FoundDevice {
  readonly id: string;
  readonly address: string;
  readonly name: string;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly about: string | null;
  readonly objects: readonly unknown[];
  readonly problems: readonly string[];
}

export interface NamedText {
  readonly name: string;
  readonly text: string;
}

/** Lines and devices of the site, as far as a search is about them. */
export interface SearchPlaces {
  /** Names, by kind. */
  readonly lines: Readonly<Record<string, readonly string[]>>;
  /** Names, by driver. */
  readonly devices: Readonly<Record<string, readonly string[]>>;
  /** As they are written, by name. */
  readonly written: Written;
}

export async function readPlaces(url: string): Promise<SearchPlaces> {
  const read = async (section: string): Promise<Written> => ((await getJson(url, `api/v1/configuration/${section}`)) as { readonly value?: Written | null }).value ?? {};
  const namesBy = (blocks: Written, key: 'kind' | 'driver'): Readonly<Record<string, readonly string[]>> => {
    const names: Record<string, string[]> = {};
    for (const [name, block] of Object.entries(blocks)) {
      const of = block?.[key];
      if (typeof of === 'string') (names[of] ??= []).push(name);
    }
    return names;
  };
  const [lines, devices] = await Promise.all([read('lines'), read('devices')]);
  return { lines: namesBy(lines, 'kind'), devices: namesBy(devices, 'driver'), written: devices };
}

export async function startDiscovery(url: string, search: Search, token: string): Promise<Discovery> {
  return (await postJson(url, root, search, token)) as Discovery;
}

export async function readDiscovery(url: string, id: string, token: string): Promise<Discovery> {
  return (await getJsonAs(url, `${root}/${id}`, token)) as Discovery;
}

export async function stopDiscovery(url: string, id: string, token: string): Promise<Discovery> {
  return (await removeJson(url, `${root}/${id}`, token)) as Discovery;
}

export async function importFiles(url: string, search: Search, files: readonly NamedText[], token: string): Promise<Discovery> {
  return (await postJson(url, `${root}/import`, { ...search, files }, token)) as Discovery;
}

/** `text`, a site document, with devices that were found added to it. */
export async function documentWith(url: string, id: string, text: string, devices: readonly string[], token: string): Promise<string> {
  return ((await postJson(url, `${root}/${id}/document`, { text, devices }, token)) as { readonly text: string }).text;
}

/** EDE files of one discovery, or of the site without one. */
export async function exchangeFiles(url: string, id: string | undefined, token: string): Promise<readonly NamedText[]> {
  const path = id === undefined ? `${root}/files?driver=bacnet` : `${root}/${id}/files`;
  return ((await getJsonAs(url, path, token)) as { readonly files: readonly NamedText[] }).files;
}

/** Files of spreadsheets and tools are in UTF-8, in UTF-16, or in the code page of their country, which is nearly always Latin. */
export async function textOfFile(file: File): Promise<NamedText> {
  const bytes = await file.arrayBuffer();
  const [first, second] = new Uint8Array(bytes);
  if (first === 0xff && second === 0xfe) return { name: file.name, text: new TextDecoder('utf-16le').decode(bytes) };
  const text = new TextDecoder().decode(bytes);
  return { name: file.name, text: text.includes('\uFFFD') ? new TextDecoder('latin1').decode(bytes) : text };
}

import { deflateSync, inflateSync } from 'node:zlib';
import type { ConfigurationDocument, ConfigurationInfo } from '../contract/index.js';
import type { Json, KeyedState, Put } from '../image/index.js';
import type { PackedConfiguration } from './link-messages.js';

/**
 * The site configuration in the keyed state: `configuration/current` says which number is in force,
 * `configuration/history/<number>` holds the last documents, that one among them. They travel with frames and snapshots
 * like everything else, so a standby never holds a configuration without the state that belongs to it.
 */
export const CONFIGURATION_CURRENT = 'configuration/current';
export const CONFIGURATION_HISTORY = 'configuration/history/';

/** Revisions that can be rolled back to. */
const KEPT = 20;
/** Of packed text, over all of them: a snapshot carries it. */
const KEPT_BYTES = 8 << 20;

/** By pair state, the one in force as it was unpacked last: it is asked for several times with each change, and may be of a megabyte. */
const unpackedLast = new WeakMap<KeyedState, { readonly json: Json; readonly document: ConfigurationDocument }>();

const packedOnce = new WeakMap<ConfigurationDocument, PackedConfiguration>();

/** The configuration in force; undefined before the pair has stored one. */
export function currentConfiguration(keyed: KeyedState): ConfigurationDocument | undefined {
  const current = keyed.get(CONFIGURATION_CURRENT);
  const json = current === undefined ? undefined : keyed.get(keyOf(Number(current)));
  if (json === undefined) return undefined;
  const last = unpackedLast.get(keyed);
  if (last?.json === json) return last.document;
  const document = unpacked(json as unknown as PackedConfiguration);
  unpackedLast.set(keyed, { json, document });
  return document;
}

export function configurationAt(keyed: KeyedState, number: number): ConfigurationDocument | undefined {
  const json = keyed.get(keyOf(number));
  return json === undefined ? undefined : unpacked(json as unknown as PackedConfiguration);
}

/** Newest first. */
export function configurationHistory(keyed: KeyedState): ConfigurationInfo[] {
  return [...keyed.entries(CONFIGURATION_HISTORY)]
    .map(([, json]) => {
      return infoOf(json as unknown as PackedConfiguration);
    })
    .sort((a, b) => b.number - a.number);
}

/** What the frame carries that puts `document` into force. */
export function putConfiguration(keyed: KeyedState, document: ConfigurationDocument): Put[] {
  const puts: Put[] = [
    { key: CONFIGURATION_CURRENT, value: document.number },
    { key: keyOf(document.number), value: packed(document) as unknown as Json },
  ];
  let bytes = 0;
  let kept = 1;
  const older = [...keyed.entries(CONFIGURATION_HISTORY)].map(([key, json]) => [key, json as unknown as PackedConfiguration] as const).sort(([, a], [, b]) => b.number - a.number);
  for (const [key, { packed: text, number }] of older) {
    bytes += text.length;
    kept += 1;
    if (number !== document.number && (kept > KEPT || bytes > KEPT_BYTES)) puts.push({ key, value: null });
  }
  return puts;
}

/** As it is stored and sent. Kept, because a change is packed for the question to the standby and for the frame: of megabytes that takes its time. */
export function packed(document: ConfigurationDocument): PackedConfiguration {
  const known = packedOnce.get(document);
  if (known !== undefined) return known;
  const { text, ...info } = document;
  const made = { ...info, packed: deflateSync(Buffer.from(text, 'utf8')).toString('base64') };
  packedOnce.set(document, made);
  return made;
}

export function unpacked(document: PackedConfiguration): ConfigurationDocument {
  return { ...infoOf(document), text: inflateSync(Buffer.from(document.packed, 'base64')).toString('utf8') };
}

function infoOf({ revision, number, origin, points }: PackedConfiguration): ConfigurationInfo {
  // zod writes `undefined` into the types of optional keys only.
  return { revision, number, points, origin: origin as ConfigurationInfo['origin'] };
}

function keyOf(number: number): string {
  return CONFIGURATION_HISTORY + String(number).padStart(8, '0');
}

import { TandemError } from '../../src/contract/errors.js';
import type { IdentityEntry } from '../../src/contract/driver.js';
import type { ModbusLink } from './link.js';
import { functionCode, MEI_IDENTIFICATION } from './pdu.js';

/** Read Device Identification, Modbus Application Protocol v1.1b3, clause 6.21. Asked for on demand only: some devices hang on it. */

/** Basic objects 0 to 2, regular ones up to 0x7f, and the maker's own from 0x80 on. */
export type IdentificationLevel = 'basic' | 'regular' | 'extended';

const levels = { basic: 1, regular: 2, extended: 3 } as const satisfies Record<IdentificationLevel, number>;

const names: Readonly<Record<number, string>> = {
  0: 'vendor name',
  1: 'product code',
  2: 'revision',
  3: 'vendor URL',
  4: 'product name',
  5: 'model name',
  6: 'user application name',
};

/** A device that always says "more follows" must end some time: all objects there can be, one to an answer. */
const MOST_ANSWERS = 256;
const HEAD = 7;

export function identificationRequest(level: IdentificationLevel, firstObject = 0): Uint8Array {
  return Uint8Array.of(functionCode.encapsulated, MEI_IDENTIFICATION, levels[level], firstObject);
}

export interface IdentificationAnswer {
  readonly objects: readonly { readonly id: number; readonly text: string }[];
  /** The object to go on with, where more follow. */
  readonly next: number | undefined;
}

/** Reads an answer; undefined where it is none. */
export function parseIdentification(pdu: Uint8Array): IdentificationAnswer | undefined {
  const count = pdu[6];
  if (pdu[0] !== functionCode.encapsulated || pdu[1] !== MEI_IDENTIFICATION || count === undefined) return undefined;
  const objects: { id: number; text: string }[] = [];
  let at = HEAD;
  for (let index = 0; index < count; index++) {
    const [id, length] = [pdu[at], pdu[at + 1]];
    if (id === undefined || length === undefined || at + 2 + length > pdu.length) return undefined;
    objects.push({ id, text: textOf(pdu.subarray(at + 2, at + 2 + length)) });
    at += 2 + length;
  }
  if (at !== pdu.length) return undefined;
  return { objects, next: pdu[4] === 0xff ? pdu[5] : undefined };
}

/**
 * Asks for everything of a level, in as many answers as the device needs. Rejects with a FIELD_… code; FIELD_REJECTED
 * from a device that has no identification.
 */
export async function identify(link: Pick<ModbusLink, 'request'>, unit: number, timeoutMs: number, level: IdentificationLevel = 'regular'): Promise<readonly IdentityEntry[]> {
  const found = new Map<number, string>();
  let first = 0;
  for (let answers = 0; answers < MOST_ANSWERS; answers++) {
    const { pdu } = await link.request({ unit, pdu: identificationRequest(level, first), urgent: true, timeoutMs });
    const answer = parseIdentification(pdu);
    if (answer === undefined) throw new TandemError('FIELD_MALFORMED', 'the answer is no device identification');
    for (const { id, text } of answer.objects) found.set(id, text);
    // A device that goes round in circles has said all it has.
    if (answer.next === undefined || found.has(answer.next)) break;
    first = answer.next;
  }
  return [...found].sort(([a], [b]) => a - b).map(([id, value]) => ({ name: names[id] ?? `object 0x${id.toString(16).padStart(2, '0')}`, value }));
}

/** ASCII by the specification; what is not printable there comes out as dots. */
function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1').replace(/\0+$/, '').replace(/[^\x20-\x7e\xa0-\xff]/g, '.').trim();
}

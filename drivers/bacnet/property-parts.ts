/**
 * Arrays and lists that do not fit into one APDU of a device without segmentation: an array goes element by element
 * (ANSI/ASHRAE 135 clause 12.1.5), a list is read by ReadRange (15.8) and changed by AddListElement and
 * RemoveListElement (15.1, 15.2).
 */
import { AlarmService } from './alarm-services.js';
import { ConfirmedService, REQUEST_HEADER } from './apdu.js';
import { Asn1Reader, Asn1Writer, malformed, unsignedLength } from './asn1.js';
import { readRaw, type Asker } from './raw-property.js';
import { decodeListRange, encodeListRange } from './read-range.js';
import { ErrorCode, refusalOf } from './refusal.js';
import type { RequestOptions } from './transactions.js';
import { readValue, type ObjectId } from './values.js';

type Options = Partial<RequestOptions>;

/** Elements that one ReadRange asks for; fewer where the answer gets too long. */
const CHUNK = 32;
/** No device has more of anything that is read here. */
const MOST = 10_000;
/** Object, property and brackets around the elements. */
const LIST_HEADER = 12;

/** Whole, or in parts where the device cannot send it whole: the elements one after the other. Rejects with FIELD_…. */
export async function readElements(contact: Asker, object: ObjectId, property: number): Promise<Uint8Array> {
  try {
    return await readRaw(contact, { object, property });
  } catch (error) {
    if (refusalOf(error)?.kind !== 'abort') throw error;
  }
  const count = await countOf(contact, object, property);
  if (count === undefined) return readList(contact, object, property);
  const parts: Uint8Array[] = [];
  for (let index = 1; index <= count; index++) parts.push(await readRaw(contact, { object, property, index }));
  return joined(parts);
}

/** Length of an array; undefined for a list, which has no index. */
async function countOf(contact: Asker, object: ObjectId, property: number): Promise<number | undefined> {
  try {
    const count = readValue(new Asn1Reader(await readRaw(contact, { object, property, index: 0 })));
    if (count.type !== 'unsigned' || count.value > MOST) throw malformed('an array that does not say how long it is');
    return count.value;
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal?.kind !== 'error' || refusal.errorCode !== ErrorCode.propertyIsNotAnArray) throw error;
    return undefined;
  }
}

async function readList(contact: Asker, object: ObjectId, property: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let count = CHUNK;
  for (let from = 1; from <= MOST; ) {
    try {
      const answer = decodeListRange(await contact.request(AlarmService.readRange, encodeListRange(object, property, from, count)), object, property);
      parts.push(answer.octets);
      if (answer.count === 0 || answer.last) return joined(parts);
      from += answer.count;
    } catch (error) {
      if (refusalOf(error)?.kind !== 'abort' || count === 1) throw error;
      count = Math.ceil(count / 4);
    }
  }
  throw malformed(`a list of more than ${MOST} elements`);
}

/** Writes an array element by element, after its length where that changes. */
export async function writeArray(contact: Asker, object: ObjectId, property: number, elements: readonly Uint8Array[], options: Options): Promise<void> {
  const count = await countOf(contact, object, property);
  if (count !== elements.length) {
    const length = new Asn1Writer().tag(2, false, unsignedLength(elements.length)).unsigned(elements.length).take();
    await contact.request(ConfirmedService.writeProperty, writeBody(object, property, 0, length), options);
  }
  for (const [row, element] of elements.entries()) await contact.request(ConfirmedService.writeProperty, writeBody(object, property, row + 1, element), options);
}

/** Makes a list hold exactly `elements`: what is missing is added before what is too much is taken away. `split` finds the elements of what is there. */
export async function changeList(contact: Asker & { readonly maxApdu: number }, object: ObjectId, property: number, elements: readonly Uint8Array[], split: (raw: Uint8Array) => Uint8Array[], options: Options): Promise<void> {
  const present = split(await readElements(contact, object, property));
  const missing = elements.filter((element) => !includes(present, element));
  const surplus = present.filter((element) => !includes(elements, element));
  for (const [service, changed] of [[AlarmService.addListElement, missing], [AlarmService.removeListElement, surplus]] as const) {
    for (const part of packed(changed, contact.maxApdu - REQUEST_HEADER - LIST_HEADER)) await contact.request(service, writeBody(object, property, undefined, joined(part)), options);
  }
}

/** Body of WriteProperty, AddListElement and RemoveListElement. */
export function writeBody(object: ObjectId, property: number, index: number | undefined, value: Uint8Array): Uint8Array {
  const writer = new Asn1Writer().contextObjectId(0, object).contextUnsigned(1, property);
  if (index !== undefined) writer.contextUnsigned(2, index);
  return writer.opening(3).octets(value).closing(3).take();
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

function packed(elements: readonly Uint8Array[], octets: number): Uint8Array[][] {
  const parts: Uint8Array[][] = [];
  let left = 0;
  for (const element of elements) {
    if (element.length > left) {
      parts.push([]);
      left = octets;
    }
    parts.at(-1)?.push(element);
    left -= element.length;
  }
  return parts;
}

function includes(elements: readonly Uint8Array[], wanted: Uint8Array): boolean {
  return elements.some((element) => Buffer.compare(element, wanted) === 0);
}

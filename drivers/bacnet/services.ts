/** The services that the driver asks for, as bodies without APDU header. Clauses of ANSI/ASHRAE 135. */
import { Asn1Reader, Asn1Writer, malformed } from './asn1.js';
import { readValue, readValues, writeValue, type BacnetValue, type ObjectId } from './values.js';

/** `error` is what BACnet answers in place of a value: class and code (clause 18). */
export interface PropertyError {
  readonly errorClass: number;
  readonly errorCode: number;
}

export interface PropertyReference {
  readonly object: ObjectId;
  readonly property: number;
  readonly index?: number;
}

export interface PropertyResult extends PropertyReference {
  readonly values?: readonly BacnetValue[];
  readonly error?: PropertyError;
}

/** 15.5 */
export function encodeReadProperty(reference: PropertyReference): Uint8Array {
  const writer = new Asn1Writer().contextObjectId(0, reference.object).contextUnsigned(1, reference.property);
  if (reference.index !== undefined) writer.contextUnsigned(2, reference.index);
  return writer.take();
}

/** 15.5; throws unless it answers `asked`. */
export function decodeReadPropertyAck(body: Uint8Array, asked: PropertyReference): readonly BacnetValue[] {
  const reader = new Asn1Reader(body);
  const object = reader.objectId(reader.context(0));
  const property = reader.unsigned(reader.context(1));
  const index = reader.isContext(2) ? reader.unsigned(reader.context(2)) : undefined;
  if (!sameObject(object, asked.object) || property !== asked.property || index !== asked.index) throw malformed('the answer is for another property');
  reader.context(3, 'opening');
  const values = readValues(reader, 3);
  atEnd(reader);
  return values;
}

/** What is asked of one object in ReadPropertyMultiple. */
export interface ReadAccess {
  readonly object: ObjectId;
  readonly properties: readonly { readonly property: number; readonly index?: number }[];
}

/** 15.7 */
export function encodeReadPropertyMultiple(accesses: readonly ReadAccess[]): Uint8Array {
  const writer = new Asn1Writer();
  for (const { object, properties } of accesses) {
    writer.contextObjectId(0, object).opening(1);
    for (const { property, index } of properties) {
      writer.contextUnsigned(0, property);
      if (index !== undefined) writer.contextUnsigned(1, index);
    }
    writer.closing(1);
  }
  return writer.take();
}

/** 15.7; throws unless objects and properties are exactly those asked, in their order. */
export function decodeReadPropertyMultipleAck(body: Uint8Array, asked: readonly ReadAccess[]): PropertyResult[] {
  const reader = new Asn1Reader(body);
  const results: PropertyResult[] = [];
  for (const access of asked) {
    const object = reader.objectId(reader.context(0));
    if (!sameObject(object, access.object)) throw malformed('the answer is for another object');
    reader.context(1, 'opening');
    for (const expected of access.properties) {
      const property = reader.unsigned(reader.context(2));
      const index = reader.isContext(3) ? reader.unsigned(reader.context(3)) : undefined;
      if (property !== expected.property || index !== expected.index) throw malformed('the answer is for another property');
      results.push(readResult(reader, object, property, index));
    }
    reader.context(1, 'closing');
  }
  atEnd(reader);
  return results;
}

function readResult(reader: Asn1Reader, object: ObjectId, property: number, index: number | undefined): PropertyResult {
  if (reader.isContext(4, 'opening')) {
    reader.context(4, 'opening');
    const values = readValues(reader, 4);
    return index === undefined ? { object, property, values } : { object, property, index, values };
  }
  reader.context(5, 'opening');
  const error = readError(reader);
  reader.context(5, 'closing');
  return index === undefined ? { object, property, error } : { object, property, index, error };
}

/** The body of an Error-PDU (20.1.7): class and code; of a list, and of several writes, in brackets and with what failed after them (clause 21). */
export function decodeError(body: Uint8Array): PropertyError {
  const reader = new Asn1Reader(body);
  const inBrackets = reader.isContext(0, 'opening');
  if (inBrackets) reader.context(0, 'opening');
  const error = readError(reader);
  if (inBrackets) reader.context(0, 'closing');
  else atEnd(reader);
  return error;
}

function readError(reader: Asn1Reader): PropertyError {
  const errorClass = readValue(reader);
  const errorCode = readValue(reader);
  if (errorClass.type !== 'enumerated' || errorCode.type !== 'enumerated') throw malformed('an error without class and code');
  return { errorClass: errorClass.value, errorCode: errorCode.value };
}

/** 15.9; `null` relinquishes the slot. */
export function encodeWriteProperty(reference: PropertyReference, value: BacnetValue, priority?: number): Uint8Array {
  const writer = new Asn1Writer().contextObjectId(0, reference.object).contextUnsigned(1, reference.property);
  if (reference.index !== undefined) writer.contextUnsigned(2, reference.index);
  writer.opening(3);
  writeValue(writer, value);
  writer.closing(3);
  if (priority !== undefined) writer.contextUnsigned(4, priority);
  return writer.take();
}

/** 13.14; without `lifetimeS` it cancels. */
export function encodeSubscribeCov(processId: number, object: ObjectId, subscription?: { confirmed: boolean; lifetimeS: number }): Uint8Array {
  const writer = new Asn1Writer().contextUnsigned(0, processId).contextObjectId(1, object);
  if (subscription !== undefined) writer.contextBoolean(2, subscription.confirmed).contextUnsigned(3, subscription.lifetimeS);
  return writer.take();
}

/** 13.15: of one property, with an increment of the subscriber's own; without `terms` it cancels. */
export function encodeSubscribeCovProperty(processId: number, object: ObjectId, property: number, terms?: { confirmed: boolean; lifetimeS: number; increment?: number }): Uint8Array {
  const writer = new Asn1Writer().contextUnsigned(0, processId).contextObjectId(1, object);
  if (terms !== undefined) writer.contextBoolean(2, terms.confirmed).contextUnsigned(3, terms.lifetimeS);
  writer.opening(4).contextUnsigned(0, property).closing(4);
  if (terms?.increment !== undefined) writer.tag(5, true, 4).real(terms.increment);
  return writer.take();
}

/** 13.1 and 13.7 */
export interface CovNotification {
  readonly processId: number;
  readonly device: number;
  readonly object: ObjectId;
  readonly timeRemainingS: number;
  readonly values: readonly { readonly property: number; readonly index?: number; readonly values: readonly BacnetValue[] }[];
}

/** Devices built on node-bacnet and its descendants send this index where they mean none. */
const ALL_ELEMENTS = 0xffff_ffff;

export function decodeCovNotification(body: Uint8Array): CovNotification {
  const reader = new Asn1Reader(body);
  const processId = reader.unsigned(reader.context(0));
  const device = reader.objectId(reader.context(1));
  if (device.type !== 8) throw malformed('a notification of something that is no device');
  const object = reader.objectId(reader.context(2));
  const timeRemainingS = reader.unsigned(reader.context(3));
  reader.context(4, 'opening');
  const values: { property: number; index?: number; values: BacnetValue[] }[] = [];
  while (!reader.isContext(4, 'closing')) {
    const property = reader.unsigned(reader.context(0));
    const index = reader.isContext(1) ? reader.unsigned(reader.context(1)) : ALL_ELEMENTS;
    reader.context(2, 'opening');
    values.push({ property, ...(index !== ALL_ELEMENTS && { index }), values: readValues(reader, 2) });
    if (reader.isContext(3)) reader.octets(reader.context(3));
  }
  reader.context(4, 'closing');
  atEnd(reader);
  return { processId, device: device.instance, object, timeRemainingS, values };
}

/** 16.10 */
export function encodeWhoIs(low: number, high: number): Uint8Array {
  return new Asn1Writer().contextUnsigned(0, low).contextUnsigned(1, high).take();
}

/** 16.10 */
export interface IAm {
  readonly device: number;
  readonly maxApdu: number;
  /** BACnetSegmentation: 0 both, 1 transmit, 2 receive, 3 none. */
  readonly segmentation: number;
  readonly vendor: number;
}

export function decodeIAm(body: Uint8Array): IAm {
  const reader = new Asn1Reader(body);
  const [object, maxApdu, segmentation, vendor] = [readValue(reader), readValue(reader), readValue(reader), readValue(reader)];
  if (object.type !== 'object' || object.value.type !== 8 || maxApdu.type !== 'unsigned' || segmentation.type !== 'enumerated' || vendor.type !== 'unsigned') throw malformed('an I-Am that is none');
  atEnd(reader);
  return { device: object.value.instance, maxApdu: maxApdu.value, segmentation: segmentation.value, vendor: vendor.value };
}

export function sameObject(a: ObjectId, b: ObjectId): boolean {
  return a.type === b.type && a.instance === b.instance;
}

function atEnd(reader: Asn1Reader): void {
  if (!reader.done) throw malformed('octets after its end');
}

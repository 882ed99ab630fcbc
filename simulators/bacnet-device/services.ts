/** Bodies of the services that a virtual device answers. */
import { faults as fault, PropertyFault } from './objects.js';
import { WireError, WireReader, WireWriter, type ObjectId, type WireValue } from './wire.js';

export interface ReadSpec {
  readonly object: ObjectId;
  readonly property: number;
  readonly index?: number;
}

export type ReadOne = (spec: ReadSpec) => WireValue[];

/** 15.5 */
export function readProperty(body: Buffer, read: ReadOne, answers: (object: ObjectId) => ObjectId): Buffer {
  const reader = new WireReader(body);
  const spec = specOf(reader.contextObject(0), reader, 1, 2);
  reader.end();
  const values = read(spec);
  const writer = new WireWriter().contextObject(0, answers(spec.object)).contextUnsigned(1, spec.property);
  if (spec.index !== undefined) writer.contextUnsigned(2, spec.index);
  writer.open(3);
  for (const value of values) writer.value(value);
  return writer.close(3).done();
}

/** 15.7; `all` gives what ALL (8), REQUIRED (105) and OPTIONAL (80) stand for, `answers` the object that an answer names. */
export function readPropertyMultiple(body: Buffer, read: ReadOne, all: (object: ObjectId, which: number) => number[], answers: (object: ObjectId) => ObjectId): Buffer {
  const reader = new WireReader(body);
  const writer = new WireWriter();
  do {
    const object = reader.contextObject(0);
    writer.contextObject(0, answers(object)).open(1);
    reader.mustOpen(1);
    do {
      const spec = specOf(object, reader, 0, 1);
      for (const property of meant(spec, all)) result(writer, { ...spec, property }, read);
    } while (!reader.closes(1));
    writer.close(1);
  } while (reader.left > 0);
  return writer.done();
}

/** Of an object that is not there, the error stands beside what was asked for, as for any other property. */
function meant({ object, property }: ReadSpec, all: (object: ObjectId, which: number) => number[]): readonly number[] {
  if (property !== 8 && property !== 105 && property !== 80) return [property];
  try {
    return all(object, property);
  } catch (error) {
    if (!(error instanceof PropertyFault)) throw error;
    return [property];
  }
}

function result(writer: WireWriter, spec: ReadSpec, read: ReadOne): void {
  writer.contextUnsigned(2, spec.property);
  if (spec.index !== undefined) writer.contextUnsigned(3, spec.index);
  try {
    const values = read(spec);
    writer.open(4);
    for (const value of values) writer.value(value);
    writer.close(4);
  } catch (error) {
    if (!(error instanceof PropertyFault)) throw error;
    writer.open(5).value({ tag: 9, value: error.errorClass }).value({ tag: 9, value: error.errorCode }).close(5);
  }
}

export interface WriteSpec extends ReadSpec {
  /** What stands between the tags of the value. */
  readonly raw: Buffer;
  readonly priority?: number;
}

/** 15.9 */
export function parseWriteProperty(body: Buffer): WriteSpec {
  const reader = new WireReader(body);
  const spec = specOf(reader.contextObject(0), reader, 1, 2);
  const raw = reader.enclosed(3);
  const priority = reader.isContext(4) ? reader.contextUnsigned(4) : undefined;
  reader.end();
  return { ...spec, raw, ...(priority !== undefined && { priority }) };
}

/** 15.10: one object after the other, each with its properties. The first that fails ends it; those before it are written. */
export function parseWritePropertyMultiple(body: Buffer): WriteSpec[] {
  const reader = new WireReader(body);
  const writes: WriteSpec[] = [];
  do {
    const object = reader.contextObject(0);
    reader.mustOpen(1);
    do {
      const spec = specOf(object, reader, 0, 1);
      const raw = reader.enclosed(2);
      writes.push({ ...spec, raw, ...(reader.isContext(3) && { priority: reader.contextUnsigned(3) }) });
    } while (!reader.closes(1));
  } while (reader.left > 0);
  return writes;
}

/** The only value of `raw`. */
export function singleValue(raw: Buffer): WireValue {
  const reader = new WireReader(raw);
  if (reader.next !== undefined && (reader.next & 8) !== 0) throw fault.invalidDataType(); // constructed
  const value = reader.value();
  if (reader.left > 0) throw fault.invalidDataType();
  return value;
}

export interface SubscribeSpec {
  readonly processId: number;
  readonly object: ObjectId;
  /** Absent: cancellation. Seconds; 0 for ever. */
  readonly terms?: { readonly confirmed: boolean; readonly lifetimeS: number };
}

/** 13.14 */
export function parseSubscribeCov(body: Buffer): SubscribeSpec {
  const reader = new WireReader(body);
  const processId = reader.contextUnsigned(0);
  const object = reader.contextObject(1);
  if (reader.left === 0) return { processId, object };
  // A lifetime alone is neither a subscription nor a cancellation (13.14.1.3, 13.14.1.4).
  const confirmed = reader.contextUnsigned(2) === 1;
  const lifetimeS = reader.isContext(3) ? reader.contextUnsigned(3) : 0;
  reader.end();
  return { processId, object, terms: { confirmed, lifetimeS } };
}

/** 13.15; `increment` where the subscriber gives one. */
export function parseSubscribeCovProperty(body: Buffer): SubscribeSpec & { readonly property: number; readonly increment: number | undefined } {
  const reader = new WireReader(body);
  const processId = reader.contextUnsigned(0);
  const object = reader.contextObject(1);
  const confirmed = reader.isContext(2) ? reader.contextUnsigned(2) === 1 : undefined;
  const lifetimeS = reader.isContext(3) ? reader.contextUnsigned(3) : undefined;
  reader.mustOpen(4);
  const property = reader.contextUnsigned(0);
  const index = reader.isContext(1) ? reader.contextUnsigned(1) : undefined;
  if (!reader.closes(4)) throw new WireError('closing tag 4 is due');
  const increment = reader.isContext(5) ? reader.contextReal(5) : undefined;
  reader.end();
  if (index !== undefined) throw fault.notAnArray();
  const terms = confirmed === undefined && lifetimeS === undefined ? undefined : { confirmed: confirmed === true, lifetimeS: lifetimeS ?? 0 };
  return { processId, object, property, increment, ...(terms && { terms }) };
}

/** 13.1 */
export function covNotification(what: { processId: number; device: number; object: ObjectId; remainingS: number; values: readonly { property: number; values: readonly WireValue[] }[] }): Buffer {
  const writer = new WireWriter().contextUnsigned(0, what.processId).contextObject(1, { type: 8, instance: what.device }).contextObject(2, what.object).contextUnsigned(3, what.remainingS).open(4);
  for (const { property, values } of what.values) {
    writer.contextUnsigned(0, property).open(2);
    for (const value of values) writer.value(value);
    writer.close(2);
  }
  return writer.close(4).done();
}

/** 16.10; undefined limits mean everybody. */
export function parseWhoIs(body: Buffer): { low: number; high: number } {
  const reader = new WireReader(body);
  if (reader.left === 0) return { low: 0, high: 4_194_303 };
  const limits = { low: reader.contextUnsigned(0), high: reader.contextUnsigned(1) };
  reader.end();
  return limits;
}

/** 16.9 */
export function parseWhoHas(body: Buffer): { low: number; high: number } & ({ object: ObjectId } | { name: string }) {
  const reader = new WireReader(body);
  const limits = reader.isContext(0) ? { low: reader.contextUnsigned(0), high: reader.contextUnsigned(1) } : { low: 0, high: 4_194_303 };
  const asked = reader.isContext(2) ? { object: reader.contextObject(2) } : { name: reader.contextText(3) };
  reader.end();
  return { ...limits, ...asked };
}

export function iAm(device: number, maxApdu: number, segmentation: number): Buffer {
  return new WireWriter().value({ tag: 12, value: { type: 8, instance: device } }).value({ tag: 2, value: maxApdu }).value({ tag: 9, value: segmentation }).value({ tag: 2, value: 0 }).done();
}

function specOf(object: ObjectId, reader: WireReader, propertyTag: number, indexTag: number): ReadSpec {
  const property = reader.contextUnsigned(propertyTag);
  return reader.isContext(indexTag) ? { object, property, index: reader.contextUnsigned(indexTag) } : { object, property };
}

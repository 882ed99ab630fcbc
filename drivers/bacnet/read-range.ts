/** ReadRange of a log buffer, and the records in it (ANSI/ASHRAE 135 clauses 15.8, 12.25.14 and 21, BACnetLogRecord). */
import { Asn1Reader, Asn1Writer, malformed, signedLength, unsignedLength } from './asn1.js';
import { readDateTime, writeDateTime, type BacnetDateTime } from './date-time.js';
import { readValue, type BacnetValue, type ObjectId } from './values.js';

const LOG_BUFFER = 131;

/** `count` forward from the reference, which itself is part of it by position and by sequence, and not by time. */
export type Range =
  | { readonly by: 'position'; readonly from: number; readonly count: number }
  | { readonly by: 'sequence'; readonly from: number; readonly count: number }
  | { readonly by: 'time'; readonly after: BacnetDateTime; readonly count: number };

export type LogDatum =
  | { readonly kind: 'value'; readonly value: BacnetValue }
  /** Log_Status: what happened to the log itself. */
  | { readonly kind: 'status'; readonly disabled: boolean; readonly purged: boolean; readonly interrupted: boolean }
  /** The device could not read what it logs: error class and code. */
  | { readonly kind: 'failure'; readonly errorClass: number; readonly errorCode: number }
  /** The device's clock was set; by so many seconds, 0 where it does not know. */
  | { readonly kind: 'time-change'; readonly seconds: number }
  | { readonly kind: 'null' | 'any' };

export interface LogRecord {
  readonly at: BacnetDateTime;
  readonly datum: LogDatum;
  readonly flags?: readonly boolean[];
}

export interface RangeAnswer {
  readonly records: readonly LogRecord[];
  /** The answer holds the oldest record of the buffer, the newest, and less than was asked for. */
  readonly first: boolean;
  readonly last: boolean;
  readonly more: boolean;
  readonly firstSequence?: number;
}

export function encodeReadRange(object: ObjectId, range: Range): Uint8Array {
  const writer = new Asn1Writer().contextObjectId(0, object).contextUnsigned(1, LOG_BUFFER);
  const tag = range.by === 'position' ? 3 : range.by === 'sequence' ? 6 : 7;
  writer.opening(tag);
  if (range.by === 'time') writeDateTime(writer, range.after);
  else writer.tag(2, false, unsignedLength(range.from)).unsigned(range.from);
  return writer.tag(3, false, signedLength(range.count)).signed(range.count).closing(tag).take();
}

/** Throws FIELD_MALFORMED unless it answers for the log buffer of `asked`. */
export function decodeReadRangeAck(body: Uint8Array, asked: ObjectId): RangeAnswer {
  const reader = new Asn1Reader(body);
  const object = reader.objectId(reader.context(0));
  const property = reader.unsigned(reader.context(1));
  if (object.type !== asked.type || object.instance !== asked.instance || property !== LOG_BUFFER) throw malformed('the answer is for another log');
  if (reader.isContext(2)) reader.octets(reader.context(2));
  const [first, last, more] = reader.bits(reader.context(3));
  const count = reader.unsigned(reader.context(4));
  reader.context(5, 'opening');
  const records: LogRecord[] = [];
  while (!reader.isContext(5, 'closing')) records.push(readRecord(reader));
  reader.context(5, 'closing');
  if (first === undefined || last === undefined || more === undefined || count !== records.length) throw malformed('a range that does not say what it holds');
  const firstSequence = reader.isContext(6) ? reader.unsigned(reader.context(6)) : undefined;
  if (!reader.done) throw malformed('octets after its end');
  return { records, first, last, more, ...(firstSequence !== undefined && { firstSequence }) };
}

/** `count` elements of a property that is a list, by position from `from`, counted from 1. */
export function encodeListRange(object: ObjectId, property: number, from: number, count: number): Uint8Array {
  const writer = new Asn1Writer().contextObjectId(0, object).contextUnsigned(1, property).opening(3);
  return writer.tag(2, false, unsignedLength(from)).unsigned(from).tag(3, false, signedLength(count)).signed(count).closing(3).take();
}

/** The elements as they came, one after the other. Throws FIELD_MALFORMED unless it answers for `property` of `asked`. */
export function decodeListRange(body: Uint8Array, asked: ObjectId, property: number): { readonly octets: Uint8Array; readonly count: number; readonly last: boolean } {
  const reader = new Asn1Reader(body);
  const object = reader.objectId(reader.context(0));
  if (object.type !== asked.type || object.instance !== asked.instance || reader.unsigned(reader.context(1)) !== property) throw malformed('the answer is for another list');
  const [, last] = reader.bits(reader.context(3));
  const count = reader.unsigned(reader.context(4));
  reader.context(5, 'opening');
  const from = reader.position;
  reader.skipToClosing();
  const octets = reader.since(from).slice(0, -1);
  if (!reader.done) throw malformed('octets after its end');
  return { octets, count, last: last === true };
}

function readRecord(reader: Asn1Reader): LogRecord {
  reader.context(0, 'opening');
  const at = readDateTime(reader);
  reader.context(0, 'closing');
  reader.context(1, 'opening');
  const datum = readDatum(reader);
  reader.context(1, 'closing');
  const flags = reader.isContext(2) ? reader.bits(reader.context(2)) : undefined;
  return { at, datum, ...(flags && { flags }) };
}

function readDatum(reader: Asn1Reader): LogDatum {
  const tag = reader.tag();
  if (!tag.context) throw malformed('a log datum without a context tag');
  const value = (type: 'real' | 'enumerated' | 'unsigned' | 'signed', of: number): LogDatum => ({ kind: 'value', value: { type, value: of } });
  switch (tag.number) {
    case 0: {
      const [disabled, purged, interrupted] = reader.bits(tag.length);
      return { kind: 'status', disabled: disabled === true, purged: purged === true, interrupted: interrupted === true };
    }
    case 1: return { kind: 'value', value: { type: 'boolean', value: reader.unsigned(tag.length) === 1 } };
    case 2: return value('real', reader.real(tag.length));
    case 3: return value('enumerated', reader.unsigned(tag.length));
    case 4: return value('unsigned', reader.unsigned(tag.length));
    case 5: return value('signed', reader.signed(tag.length));
    case 6: return { kind: 'value', value: { type: 'bits', value: reader.bits(tag.length) } };
    case 7: return { kind: 'null' };
    case 8: {
      const [errorClass, errorCode] = [readValue(reader), readValue(reader)];
      reader.context(8, 'closing');
      if (errorClass.type !== 'enumerated' || errorCode.type !== 'enumerated') throw malformed('a failure without class and code');
      return { kind: 'failure', errorClass: errorClass.value, errorCode: errorCode.value };
    }
    case 9: return { kind: 'time-change', seconds: reader.real(tag.length) };
    case 10:
      if (tag.form === 'opening') reader.skipToClosing();
      return { kind: 'any' };
    default: throw malformed(`a log datum of kind ${tag.number}`);
  }
}

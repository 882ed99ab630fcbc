/** What a notification says besides, by type of event (ANSI/ASHRAE 135 clause 13.3 and 21, BACnetNotificationParameters). */
import { Asn1Reader } from './asn1.js';
import { objectText } from './object-names.js';
import { readValue, type BacnetValue } from './values.js';

type Detail = string | number | boolean;
type Kind = 'real' | 'double' | 'unsigned' | 'signed' | 'enumerated' | 'bits' | 'text' | 'choice' | 'reference' | 'values';
type Field = readonly [tag: number, name: string, kind: Kind];

const flags = (tag: number): Field => [tag, 'statusFlags', 'bits'];

/** By the context tag of the choice, which is the event type. Fields that a device leaves out are left out. */
const shapes: Readonly<Record<number, readonly Field[]>> = {
  0: [[0, 'referencedBitstring', 'bits'], flags(1)],
  1: [[0, 'newState', 'choice'], flags(1)],
  2: [[0, 'newValue', 'choice'], flags(1)],
  3: [[0, 'commandValue', 'values'], flags(1), [2, 'feedbackValue', 'values']],
  4: [[0, 'referenceValue', 'real'], flags(1), [2, 'setpointValue', 'real'], [3, 'errorLimit', 'real']],
  5: [[0, 'exceedingValue', 'real'], flags(1), [2, 'deadband', 'real'], [3, 'exceededLimit', 'real']],
  8: [[0, 'newState', 'enumerated'], [1, 'newMode', 'enumerated'], flags(2), [3, 'operationExpected', 'enumerated']],
  9: [[0, 'vendorId', 'unsigned'], [1, 'extendedEventType', 'unsigned'], [2, 'parameters', 'values']],
  10: [[0, 'bufferProperty', 'reference'], [1, 'previousNotification', 'unsigned'], [2, 'currentNotification', 'unsigned']],
  11: [[0, 'exceedingValue', 'unsigned'], flags(1), [2, 'exceededLimit', 'unsigned']],
  14: [[0, 'exceedingValue', 'double'], flags(1), [2, 'deadband', 'double'], [3, 'exceededLimit', 'double']],
  15: [[0, 'exceedingValue', 'signed'], flags(1), [2, 'deadband', 'unsigned'], [3, 'exceededLimit', 'signed']],
  16: [[0, 'exceedingValue', 'unsigned'], flags(1), [2, 'deadband', 'unsigned'], [3, 'exceededLimit', 'unsigned']],
  17: [[0, 'changedValue', 'text'], flags(1), [2, 'alarmValue', 'text']],
  18: [[0, 'presentValue', 'values'], [1, 'referencedFlags', 'bits']],
  19: [[0, 'reliability', 'enumerated'], flags(1), [2, 'propertyValues', 'values']],
  21: [[0, 'newValue', 'values'], flags(1)],
};

/**
 * Reads from the opening tag 12 to its closing tag. What has a type that is not known here, or does not fit it, comes as
 * `raw`, hexadecimal: the alarm counts, whatever is wrong with its details.
 */
export function decodeParameters(reader: Asn1Reader): Record<string, Detail> {
  reader.context(12, 'opening');
  const from = reader.position;
  reader.skipToClosing();
  const contents = reader.since(from).slice(0, -1);
  const raw = { raw: Buffer.from(contents).toString('hex') };
  try {
    const inner = new Asn1Reader(contents);
    const tag = inner.tag();
    const shape = shapes[tag.number];
    if (!tag.context || tag.form !== 'opening' || shape === undefined) return raw;
    const details: Record<string, Detail> = {};
    for (const field of shape) readField(inner, field, details);
    inner.context(tag.number, 'closing');
    return inner.done ? details : raw;
  } catch {
    return raw;
  }
}

function readField(reader: Asn1Reader, [tag, name, kind]: Field, details: Record<string, Detail>): void {
  const constructed = kind === 'choice' || kind === 'reference' || kind === 'values';
  if (!reader.isContext(tag, constructed ? 'opening' : 'primitive')) return;
  const length = reader.context(tag, constructed ? 'opening' : 'primitive');
  switch (kind) {
    case 'real': details[name] = told(reader.real(length)); return;
    case 'double': details[name] = told(reader.double(length)); return;
    case 'unsigned': case 'enumerated': details[name] = reader.unsigned(length); return;
    case 'signed': details[name] = reader.signed(length); return;
    case 'text': details[name] = reader.characters(length); return;
    case 'bits': details[name] = bitsText(reader.bits(length)); return;
    case 'choice': details[name] = readChoice(reader, details, name); break;
    case 'reference': details[name] = readReference(reader); break;
    case 'values': details[name] = readAll(reader, tag); return;
  }
  reader.context(tag, 'closing');
}

/** BACnetPropertyStates, or the new value of change-of-value: one primitive under a tag that says what it is. */
function readChoice(reader: Asn1Reader, details: Record<string, Detail>, name: string): Detail {
  const tag = reader.tag();
  if (name === 'newValue') return tag.number === 0 ? bitsText(reader.bits(tag.length)) : told(reader.real(tag.length));
  if (tag.form !== 'primitive') {
    reader.skipToClosing();
    return 'constructed';
  }
  details.newStateKind = tag.number; // 0 boolean, 1 binary, 11 unsigned …
  return tag.number === 41 ? reader.signed(tag.length) : reader.unsigned(tag.length);
}

/** BACnetDeviceObjectPropertyReference */
function readReference(reader: Asn1Reader): string {
  const object = reader.objectId(reader.context(0));
  const property = reader.unsigned(reader.context(1));
  const index = reader.isContext(2) ? `[${reader.unsigned(reader.context(2))}]` : '';
  const device = reader.isContext(3) ? ` of device ${reader.objectId(reader.context(3)).instance}` : '';
  return `${objectText(object)} property ${property}${index}${device}`;
}

/** Values of any type up to the closing tag, which it consumes; one that stands alone as itself. */
function readAll(reader: Asn1Reader, tag: number): Detail {
  const values: BacnetValue[] = [];
  while (!reader.isContext(tag, 'closing')) values.push(readValue(reader));
  reader.context(tag, 'closing');
  const [first] = values;
  return values.length === 1 && first !== undefined ? valueText(first) : values.map(valueText).join(', ');
}

function valueText(value: BacnetValue): Detail {
  switch (value.type) {
    case 'null': return 'null';
    case 'bits': return bitsText(value.value);
    case 'object': return objectText(value.value);
    case 'opaque': return `[${value.tag}]`;
    case 'boolean': return value.value;
    case 'text': return value.value;
    default: return told(value.value);
  }
}

/** JSON knows no infinity. */
function told(value: number): Detail {
  return Number.isFinite(value) ? value : String(value);
}

function bitsText(bits: readonly boolean[]): string {
  return bits.map(Number).join('');
}

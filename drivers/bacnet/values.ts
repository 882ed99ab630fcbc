/** Application-tagged values, ANSI/ASHRAE 135 clause 20.2.1.4. */
import { malformed, signedLength, unsignedLength, type Asn1Reader, type Asn1Writer } from './asn1.js';

export type BacnetValue =
  | { readonly type: 'null' }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'unsigned' | 'signed' | 'real' | 'double' | 'enumerated'; readonly value: number }
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'bits'; readonly value: readonly boolean[] }
  | { readonly type: 'object'; readonly value: ObjectId }
  /** Octet strings, dates, times and everything constructed: kept out of the way, not decoded. */
  | { readonly type: 'opaque'; readonly tag: number };

export interface ObjectId {
  readonly type: number;
  readonly instance: number;
}

/** Reads values up to the closing context tag `closing`, which it consumes. */
export function readValues(reader: Asn1Reader, closing: number): BacnetValue[] {
  const values: BacnetValue[] = [];
  while (!reader.isContext(closing, 'closing')) values.push(readValue(reader));
  reader.context(closing, 'closing');
  return values;
}

export function readValue(reader: Asn1Reader): BacnetValue {
  const tag = reader.tag();
  if (tag.form === 'closing') throw malformed('a closing tag where a value is due');
  if (tag.form === 'opening') {
    reader.skipToClosing();
    return { type: 'opaque', tag: tag.number };
  }
  if (tag.context) {
    reader.octets(tag.length);
    return { type: 'opaque', tag: tag.number };
  }
  switch (tag.number) {
    case 0:
      if (tag.length !== 0) throw malformed('a NULL with contents');
      return { type: 'null' };
    case 1:
      if (tag.length > 1) throw malformed('a BOOLEAN that is neither true nor false');
      return { type: 'boolean', value: tag.length === 1 };
    case 2: return { type: 'unsigned', value: reader.unsigned(tag.length) };
    case 3: return { type: 'signed', value: reader.signed(tag.length) };
    case 4: return { type: 'real', value: reader.real(tag.length) };
    case 5: return { type: 'double', value: reader.double(tag.length) };
    case 7: return { type: 'text', value: reader.characters(tag.length) };
    case 8: return { type: 'bits', value: reader.bits(tag.length) };
    case 9: return { type: 'enumerated', value: reader.unsigned(tag.length) };
    case 12: return { type: 'object', value: reader.objectId(tag.length) };
    case 6: case 10: case 11:
      reader.octets(tag.length);
      return { type: 'opaque', tag: tag.number };
    default: throw malformed(`application tag ${tag.number}, which is reserved`);
  }
}

export function writeValue(writer: Asn1Writer, value: BacnetValue): void {
  switch (value.type) {
    case 'null': writer.tag(0, false, 0); return;
    case 'boolean': writer.tag(1, false, value.value ? 1 : 0); return;
    case 'unsigned': writer.tag(2, false, unsignedLength(value.value)).unsigned(value.value); return;
    case 'signed': writer.tag(3, false, signedLength(value.value)).signed(value.value); return;
    case 'real': writer.tag(4, false, 4).real(value.value); return;
    case 'double': writer.tag(5, false, 8).double(value.value); return;
    case 'enumerated': writer.tag(9, false, unsignedLength(value.value)).unsigned(value.value); return;
    case 'object': writer.tag(12, false, 4).objectId(value.value); return;
    case 'text': {
      const bytes = new TextEncoder().encode(value.value);
      writer.tag(7, false, bytes.length + 1).octet(0).octets(bytes);
      return;
    }
    case 'bits': {
      const octets = new Uint8Array(Math.ceil(value.value.length / 8));
      value.value.forEach((bit, at) => {
        if (bit) octets[at >> 3] = (octets[at >> 3] ?? 0) | (0x80 >> (at & 7));
      });
      writer.tag(8, false, octets.length + 1).octet(octets.length * 8 - value.value.length).octets(octets);
      return;
    }
    case 'opaque': throw malformed(`a value of type ${value.type} is never written`);
  }
}

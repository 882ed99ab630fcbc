/** Recipient_List of a notification class (ANSI/ASHRAE 135 clauses 12.21.8 and 21, BACnetDestination; 15.1 AddListElement). */
import { Asn1Reader, Asn1Writer, malformed, unsignedLength } from './asn1.js';
import { readTime, writeTime, type BacnetTime } from './date-time.js';
import type { ObjectId } from './values.js';

/** A device by its instance, or an address: network 0 the own one, MAC of six octets on BACnet/IP. */
export type Recipient = { readonly device: number } | { readonly network: number; readonly mac: string };

export interface Destination {
  /** Monday … Sunday */
  readonly days: readonly boolean[];
  readonly from: BacnetTime;
  readonly to: BacnetTime;
  readonly recipient: Recipient;
  readonly processId: number;
  readonly confirmed: boolean;
  /** To-offnormal, to-fault, to-normal. */
  readonly transitions: readonly boolean[];
}

/** All days, all day, all transitions, confirmed. */
export function alwaysTo(recipient: Recipient, processId: number): Destination {
  return {
    days: new Array<boolean>(7).fill(true), from: { hour: 0, minute: 0, second: 0, hundredths: 0 }, to: { hour: 23, minute: 59, second: 59, hundredths: 99 },
    recipient, processId, confirmed: true, transitions: [true, true, true],
  };
}

export function writeDestination(writer: Asn1Writer, { days, from, to, recipient, processId, confirmed, transitions }: Destination): void {
  writeBits(writer, days);
  writeTime(writer, from);
  writeTime(writer, to);
  if ('device' in recipient) {
    writer.contextObjectId(0, { type: 8, instance: recipient.device });
  } else {
    const mac = new Uint8Array(Buffer.from(recipient.mac, 'hex'));
    writer.opening(1).tag(2, false, unsignedLength(recipient.network)).unsigned(recipient.network).tag(6, false, mac.length).octets(mac).closing(1);
  }
  writer.tag(2, false, unsignedLength(processId)).unsigned(processId).tag(1, false, confirmed ? 1 : 0);
  writeBits(writer, transitions);
}

/** What a device holds, each entry also as it came, so that others' entries are written back untouched. */
export function readDestinations(bytes: Uint8Array): { readonly destination: Destination; readonly raw: Uint8Array }[] {
  const reader = new Asn1Reader(bytes);
  const entries: { destination: Destination; raw: Uint8Array }[] = [];
  while (!reader.done) {
    const from = reader.position;
    const destination = readDestination(reader);
    entries.push({ destination, raw: reader.since(from) });
  }
  return entries;
}

export function sameRecipient(a: Recipient, b: Recipient): boolean {
  if ('device' in a || 'device' in b) return 'device' in a && 'device' in b && a.device === b.device;
  return a.network === b.network && a.mac === b.mac;
}

/** 15.1 */
export function encodeAddListElement(object: ObjectId, property: number, elements: readonly Destination[]): Uint8Array {
  const writer = new Asn1Writer().contextObjectId(0, object).contextUnsigned(1, property).opening(3);
  for (const element of elements) writeDestination(writer, element);
  return writer.closing(3).take();
}

/** 15.9, of a whole list: what is there already as it came, then what is new. */
export function encodeWriteList(object: ObjectId, property: number, present: readonly Uint8Array[], added: readonly Destination[]): Uint8Array {
  const writer = new Asn1Writer().contextObjectId(0, object).contextUnsigned(1, property).opening(3);
  for (const raw of present) writer.octets(raw);
  for (const element of added) writeDestination(writer, element);
  return writer.closing(3).take();
}

function readDestination(reader: Asn1Reader): Destination {
  const days = bits(reader, 7);
  const [from, to] = [readTime(reader), readTime(reader)];
  const recipient = readRecipient(reader);
  const processId = reader.unsigned(application(reader, 2));
  const confirmed = application(reader, 1) === 1;
  return { days, from, to, recipient, processId, confirmed, transitions: bits(reader, 3) };
}

function readRecipient(reader: Asn1Reader): Recipient {
  if (reader.isContext(0)) return { device: reader.objectId(reader.context(0)).instance };
  reader.context(1, 'opening');
  const network = reader.unsigned(application(reader, 2));
  const mac = Buffer.from(reader.octets(application(reader, 6))).toString('hex');
  reader.context(1, 'closing');
  return { network, mac };
}

/** Length of the primitive under application tag `number`. */
function application(reader: Asn1Reader, number: number): number {
  const tag = reader.tag();
  if (tag.context || tag.form !== 'primitive' || tag.number !== number) throw malformed(`application tag ${number} is missing`);
  return tag.length;
}

function bits(reader: Asn1Reader, count: number): boolean[] {
  const value = reader.bits(application(reader, 8));
  if (value.length !== count) throw malformed(`a bit string that has not ${count} bits`);
  return value;
}

function writeBits(writer: Asn1Writer, value: readonly boolean[]): void {
  let octet = 0;
  value.forEach((bit, at) => {
    if (bit) octet |= 0x80 >> at;
  });
  writer.tag(8, false, 2).octet(8 - value.length).octet(octet);
}

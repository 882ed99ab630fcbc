/**
 * BACnet encoding (ANSI/ASHRAE 135 clause 20.2) as the virtual devices speak it. Written apart from the
 * driver's on purpose: two readings of the standard that have to agree find what one would hide.
 */
export interface ObjectId {
  readonly type: number;
  readonly instance: number;
}

/** An application-tagged value: tag 0 null, 1 boolean, 2 unsigned, 3 signed, 4 real, 5 double, 6 octets, 7 text, 8 bits, 9 enumerated, 10 date, 11 time, 12 object; {@link RAW} what is encoded already. */
export interface WireValue {
  readonly tag: number;
  readonly value: null | boolean | number | string | readonly boolean[] | ObjectId | Buffer;
}

export class WireError extends Error {}

/** A request that is wrong as such, with the reason to reject it (18.8). */
export class RequestFault extends WireError {
  constructor(readonly reason: number, what: string) {
    super(what);
  }
}

/** A text in a character set that is not known here: an error of the property and not of the request. */
export class CharacterSetFault extends WireError {}

const MISSING = 5;
const TOO_MANY = 7;

/** Tag of a value that is several values, or a constructed one, in its encoded form. */
export const RAW = -1;
const encodable = new Set([RAW, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);

export class WireWriter {
  private buffer = Buffer.allocUnsafe(256);
  private length = 0;

  done(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  bytes(...octets: number[]): this {
    for (const octet of octets) this.byte(octet);
    return this;
  }

  raw(data: Uint8Array): this {
    this.room(data.length);
    this.buffer.set(data, this.length);
    this.length += data.length;
    return this;
  }

  open(context: number): this {
    return this.byte(context * 16 + 14);
  }

  close(context: number): this {
    return this.byte(context * 16 + 15);
  }

  contextUnsigned(context: number, value: number): this {
    return this.header(context, 8, unsignedSize(value)).unsigned(value);
  }

  contextObject(context: number, object: ObjectId): this {
    return this.header(context, 8, 4).object(object);
  }

  contextRaw(context: number, content: Uint8Array): this {
    return this.header(context, 8, content.length).raw(content);
  }

  value({ tag, value }: WireValue): this {
    if (!encodable.has(tag)) throw new WireError(`tag ${tag} is not encoded here`);
    if (Buffer.isBuffer(value)) return tag === RAW ? this.raw(value) : this.header(tag, 0, value.length).raw(value);
    if (tag === 1) return this.byte(0x10 + Number(value === true));
    if (value === null) return this.header(tag, 0, 0);
    if (typeof value === 'boolean') throw new WireError('a boolean has no content');
    if (typeof value === 'number') return this.number(tag, value);
    if (typeof value === 'string') {
      const text = Buffer.from(value, 'utf8');
      return this.header(tag, 0, text.length + 1).byte(0).raw(text);
    }
    return 'instance' in value ? this.header(tag, 0, 4).object(value) : this.bits(tag, value);
  }

  private number(tag: number, value: number): this {
    if (tag === 4 || tag === 5) {
      const size = tag === 4 ? 4 : 8;
      this.header(tag, 0, size).room(size);
      this.length = tag === 4 ? this.buffer.writeFloatBE(value, this.length) : this.buffer.writeDoubleBE(value, this.length);
      return this;
    }
    if (tag !== 3) return this.header(tag, 0, unsignedSize(value)).unsigned(value);
    let size = 1;
    while (size < 6 && (value < -(2 ** (size * 8 - 1)) || value >= 2 ** (size * 8 - 1))) size++;
    this.header(tag, 0, size).room(size);
    this.length = this.buffer.writeIntBE(value, this.length, size);
    return this;
  }

  private bits(tag: number, value: readonly boolean[]): this {
    const octets = Math.ceil(value.length / 8);
    this.header(tag, 0, octets + 1).byte((8 - (value.length % 8)) % 8);
    for (let at = 0; at < octets; at++) {
      let octet = 0;
      for (let bit = 0; bit < 8; bit++) if (value[at * 8 + bit] === true) octet |= 128 >> bit;
      this.byte(octet);
    }
    return this;
  }

  private object({ type, instance }: ObjectId): this {
    this.room(4);
    this.length = this.buffer.writeUInt32BE(((type << 22) | instance) >>> 0, this.length);
    return this;
  }

  private unsigned(value: number): this {
    const size = unsignedSize(value);
    this.room(size);
    this.length = this.buffer.writeUIntBE(value, this.length, size);
    return this;
  }

  private header(tag: number, context: 0 | 8, length: number): this {
    if (length < 5) return this.byte(tag * 16 + context + length);
    this.byte(tag * 16 + context + 5);
    return length < 254 ? this.byte(length) : this.bytes(254, length >> 8, length & 255);
  }

  private byte(octet: number): this {
    this.room(1);
    this.buffer[this.length++] = octet;
    return this;
  }

  private room(octets: number): void {
    if (this.length + octets <= this.buffer.length) return;
    const wider = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.length + octets));
    wider.set(this.buffer.subarray(0, this.length));
    this.buffer = wider;
  }
}

function unsignedSize(value: number): number {
  let size = 1;
  while (value >= 256 ** size) size++;
  return size;
}

/** Strict: whatever is out of place throws WireError. */
export class WireReader {
  private at = 0;

  constructor(private readonly data: Buffer) {}

  get left(): number {
    return this.data.length - this.at;
  }

  byte(): number {
    return this.take(1).readUInt8();
  }

  take(length: number): Buffer {
    if (length > this.left) throw new WireError('too short');
    this.at += length;
    return this.data.subarray(this.at - length, this.at);
  }

  /** The octet of the next tag; undefined at the end. */
  get next(): number | undefined {
    return this.data[this.at];
  }

  isContext(number: number): boolean {
    return this.next !== undefined && (this.next & 0xf8) === number * 16 + 8 && (this.next & 7) < 6;
  }

  opens(context: number): boolean {
    if (this.next !== context * 16 + 14) return false;
    this.at++;
    return true;
  }

  /** As {@link opens}, where it is required. */
  mustOpen(context: number): void {
    if (this.left === 0) throw new RequestFault(MISSING, `opening tag ${context} is due`);
    if (!this.opens(context)) throw new WireError(`opening tag ${context} is due`);
  }

  closes(context: number): boolean {
    if (this.next !== context * 16 + 15) return false;
    this.at++;
    return true;
  }

  contextUnsigned(number: number): number {
    return unsignedOf(this.context(number));
  }

  contextObject(number: number): ObjectId {
    return objectOf(this.context(number));
  }

  contextText(number: number): string {
    return textOf(this.context(number));
  }

  contextReal(number: number): number {
    return sized(this.context(number), 4).readFloatBE();
  }

  value(): WireValue {
    const head = this.byte();
    if ((head & 8) !== 0) throw new WireError('an application tag is due');
    const tag = head >> 4;
    if (tag === 1) return { tag, value: (head & 7) === 1 };
    const content = this.take(this.length(head));
    switch (tag) {
      case 0: return { tag, value: null };
      case 2: case 9: return { tag, value: unsignedOf(content) };
      case 3: return { tag, value: content.readIntBE(0, content.length) };
      case 4: return { tag, value: sized(content, 4).readFloatBE() };
      case 5: return { tag, value: sized(content, 8).readDoubleBE() };
      case 7: return { tag, value: textOf(content) };
      case 8: return { tag, value: bitsOf(content) };
      case 6: case 10: case 11: return { tag, value: content };
      case 12: return { tag, value: objectOf(content) };
      default: throw new WireError(`tag ${tag} is not decoded here`);
    }
  }

  /** Everything between the opening and the closing tag `context`, as it came. */
  enclosed(context: number): Buffer {
    this.mustOpen(context);
    const from = this.at;
    for (let depth = 1; ; ) {
      const head = this.byte();
      if ((head & 15) === 14) depth++;
      else if ((head & 15) === 15) depth--;
      else if (head >> 3 !== 2) this.take(this.length(head)); // (an application boolean has no content)
      if (depth === 0) return this.data.subarray(from, this.at - 1);
    }
  }

  contextRaw(number: number): Buffer {
    return this.context(number);
  }

  end(): void {
    if (this.left > 0) throw new RequestFault(TOO_MANY, 'octets after the end');
  }

  private context(number: number): Buffer {
    if (this.left === 0) throw new RequestFault(MISSING, `context tag ${number} is due`);
    if (!this.isContext(number)) throw new WireError(`context tag ${number} is due`);
    return this.take(this.length(this.byte()));
  }

  private length(head: number): number {
    const short = head & 7;
    if (short < 5) return short;
    if (short > 5) throw new WireError('a bracket where a value is due');
    const long = this.byte();
    return long < 254 ? long : this.take(2).readUInt16BE();
  }
}

/** UTF-8, UCS-2 and ISO 8859-1 (20.2.9). */
function textOf(content: Buffer): string {
  const octets = content.subarray(1);
  switch (content[0]) {
    case 0: return octets.toString('utf8');
    case 4: return Buffer.from(octets).swap16().toString('utf16le');
    case 5: return octets.toString('latin1');
    default: throw new CharacterSetFault();
  }
}

function sized(content: Buffer, length: number): Buffer {
  if (content.length !== length) throw new WireError(`${length} octets are due`);
  return content;
}

function unsignedOf(content: Buffer): number {
  if (content.length < 1 || content.length > 6) throw new WireError('an unsigned of odd size');
  return content.readUIntBE(0, content.length);
}

function bitsOf(content: Buffer): boolean[] {
  const unused = content.readUInt8(0);
  return Array.from({ length: (content.length - 1) * 8 - unused }, (_, bit) => (content.readUInt8(1 + (bit >> 3)) & (128 >> (bit & 7))) !== 0);
}

function objectOf(content: Buffer): ObjectId {
  const raw = sized(content, 4).readUInt32BE();
  return { type: raw >>> 22, instance: raw & 0x3fffff };
}

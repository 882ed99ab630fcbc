/**
 * BACnet encoding (ANSI/ASHRAE 135 clause 20.2) as the virtual devices speak it. Written apart from the
 * driver's on purpose: two readings of the standard that have to agree find what one would hide.
 */
export interface ObjectId {
  readonly type: number;
  readonly instance: number;
}

/** An application-tagged value: tag 0 null, 1 boolean, 2 unsigned, 3 signed, 4 real, 5 double, 7 text, 8 bits, 9 enumerated, 12 object. */
export interface WireValue {
  readonly tag: number;
  readonly value: null | boolean | number | string | readonly boolean[] | ObjectId;
}

export class WireError extends Error {}

const encodable = new Set([0, 1, 2, 3, 4, 5, 7, 8, 9, 12]);

export class WireWriter {
  private readonly parts: Buffer[] = [];

  done(): Buffer {
    return Buffer.concat(this.parts);
  }

  bytes(...octets: number[]): this {
    this.parts.push(Buffer.from(octets));
    return this;
  }

  raw(data: Uint8Array): this {
    this.parts.push(Buffer.from(data));
    return this;
  }

  open(context: number): this {
    return this.bytes(context * 16 + 14);
  }

  close(context: number): this {
    return this.bytes(context * 16 + 15);
  }

  contextUnsigned(context: number, value: number): this {
    const content = unsignedBytes(value);
    return this.header(context, 8, content.length).raw(content);
  }

  contextObject(context: number, object: ObjectId): this {
    return this.header(context, 8, 4).raw(objectBytes(object));
  }

  value({ tag, value }: WireValue): this {
    if (!encodable.has(tag)) throw new WireError(`tag ${tag} is not encoded here`);
    if (tag === 1) return this.bytes(0x10 + Number(value === true));
    const content = contentOf(tag, value);
    return this.header(tag, 0, content.length).raw(content);
  }

  private header(tag: number, context: 0 | 8, length: number): this {
    if (length < 5) return this.bytes(tag * 16 + context + length);
    return length < 254 ? this.bytes(tag * 16 + context + 5, length) : this.bytes(tag * 16 + context + 5, 254, length >> 8, length & 255);
  }
}

function contentOf(tag: number, value: WireValue['value']): Buffer {
  if (value === null) return Buffer.alloc(0);
  if (typeof value === 'string') return Buffer.concat([Buffer.from([0]), Buffer.from(value, 'utf8')]);
  if (typeof value === 'number') {
    const content = Buffer.alloc(8);
    if (tag === 4) return content.subarray(content.writeFloatBE(value) - 4, 4);
    if (tag === 5) return content.subarray(content.writeDoubleBE(value) - 8, 8);
    if (tag !== 3) return unsignedBytes(value);
    let length = 1;
    while (length < 6 && (value < -(2 ** (length * 8 - 1)) || value >= 2 ** (length * 8 - 1))) length++;
    return content.subarray(content.writeIntBE(value, 0, length) - length, length);
  }
  if (typeof value === 'boolean') throw new WireError('a boolean has no content');
  if ('instance' in value) return objectBytes(value);
  const content = Buffer.alloc(1 + Math.ceil(value.length / 8));
  content[0] = (8 - (value.length % 8)) % 8;
  value.forEach((bit, at) => {
    if (bit) content[1 + (at >> 3)] = (content[1 + (at >> 3)] ?? 0) | (128 >> (at % 8));
  });
  return content;
}

function unsignedBytes(value: number): Buffer {
  let length = 1;
  while (value >= 256 ** length) length++;
  const content = Buffer.alloc(length);
  content.writeUIntBE(value, 0, length);
  return content;
}

function objectBytes({ type, instance }: ObjectId): Buffer {
  const content = Buffer.alloc(4);
  content.writeUInt32BE(((type << 22) | instance) >>> 0);
  return content;
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
      case 7: return { tag, value: content.subarray(1).toString('utf8') };
      case 12: return { tag, value: objectOf(content) };
      default: throw new WireError(`tag ${tag} is not decoded here`);
    }
  }

  end(): void {
    if (this.left > 0) throw new WireError('octets after the end');
  }

  private context(number: number): Buffer {
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

function sized(content: Buffer, length: number): Buffer {
  if (content.length !== length) throw new WireError(`${length} octets are due`);
  return content;
}

function unsignedOf(content: Buffer): number {
  if (content.length < 1 || content.length > 6) throw new WireError('an unsigned of odd size');
  return content.readUIntBE(0, content.length);
}

function objectOf(content: Buffer): ObjectId {
  const raw = sized(content, 4).readUInt32BE();
  return { type: raw >>> 22, instance: raw & 0x3fffff };
}

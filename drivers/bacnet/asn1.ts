/**
 * Tags and primitives of ANSI/ASHRAE 135 clause 20.2. Our own, because the library's decoders read past the
 * end of the APDU, take a short REAL for a number and accept what is left over; here every read is bounded
 * and whatever does not fit throws FIELD_MALFORMED.
 */
import { TandemError } from '../../src/contract/index.js';
import { textOf } from './character-sets.js';

export function malformed(what: string): TandemError {
  return new TandemError('FIELD_MALFORMED', `the BACnet message is malformed: ${what}`);
}

export interface Tag {
  readonly number: number;
  readonly context: boolean;
  readonly form: 'primitive' | 'opening' | 'closing';
  /** Octets that follow; for an application BOOLEAN it is the value itself (20.2.3). */
  readonly length: number;
}

/** Reads one APDU from front to back and never past its end. */
export class Asn1Reader {
  private readonly view: DataView;

  constructor(private readonly bytes: Uint8Array, private at = 0) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get done(): boolean {
    return this.at >= this.bytes.length;
  }

  /** Octets read so far; for {@link since}. */
  get position(): number {
    return this.at;
  }

  /** What was read since `position`, as it came. */
  since(position: number): Uint8Array {
    return this.bytes.subarray(position, this.at);
  }

  octet(): number {
    const value = this.bytes[this.at];
    if (value === undefined) throw malformed('it ends too early');
    this.at++;
    return value;
  }

  octets(length: number): Uint8Array {
    return this.bytes.subarray(this.skip(length), this.at);
  }

  /** Where the `length` octets begin that are taken now; a view of them costs more than reading them. */
  private skip(length: number): number {
    const start = this.at;
    if (length > this.bytes.length - start) throw malformed('it ends too early');
    this.at = start + length;
    return start;
  }

  rest(): Uint8Array {
    return this.octets(this.bytes.length - this.at);
  }

  tag(): Tag {
    const first = this.octet();
    const context = (first & 0x08) !== 0;
    let number = first >> 4;
    if (number === 15) number = this.octet();
    const low = first & 0x07;
    if (low === 6 || low === 7) {
      if (!context) throw malformed('an opening or closing tag without a context number');
      return { number, context, form: low === 6 ? 'opening' : 'closing', length: 0 };
    }
    return { number, context, form: 'primitive', length: low < 5 ? low : this.longLength() };
  }

  peek(): Tag | undefined {
    if (this.done) return undefined;
    const before = this.at;
    const tag = this.tag();
    this.at = before;
    return tag;
  }

  /** True when the next tag is the context tag `number`, opening or primitive; nothing is consumed. */
  isContext(number: number, form: Tag['form'] = 'primitive'): boolean {
    const first = this.bytes[this.at];
    // Nearly every tag is one octet: that one tells.
    if (first !== undefined && first < 0xf0) return (first & 0x08) !== 0 && first >> 4 === number && formOf(first) === form;
    const tag = this.peek();
    return tag?.context === true && tag.number === number && tag.form === form;
  }

  /** Consumes the context tag `number` or throws; its length in octets. */
  context(number: number, form: Tag['form'] = 'primitive'): number {
    const first = this.bytes[this.at];
    if (first !== undefined && first < 0xf0 && (first & 0x07) !== 5 && (first & 0x08) !== 0 && first >> 4 === number && formOf(first) === form) {
      this.at++;
      return form === 'primitive' ? first & 0x07 : 0;
    }
    const tag = this.tag();
    if (!tag.context || tag.number !== number || tag.form !== form) throw malformed(`context tag ${number} (${form}) is missing`);
    return tag.length;
  }

  /** Skips what is left up to and with the closing tag that matches an opening tag already consumed. */
  skipToClosing(): void {
    for (let depth = 1; depth > 0; ) {
      const tag = this.tag();
      if (tag.form === 'opening') depth++;
      else if (tag.form === 'closing') depth--;
      else if (tag.context || tag.number !== 1) this.octets(tag.length);
    }
  }

  unsigned(length: number): number {
    if (length < 1 || length > 8) throw malformed(`an unsigned number of ${length} octets`);
    const { bytes } = this;
    let value = 0;
    for (let at = this.skip(length); at < this.at; at++) value = value * 256 + (bytes[at] ?? 0);
    if (!Number.isSafeInteger(value)) throw malformed('an unsigned number beyond 2^53');
    return value;
  }

  signed(length: number): number {
    if (length < 1 || length > 6) throw malformed(`a signed number of ${length} octets`);
    const value = this.unsigned(length);
    const half = 2 ** (8 * length - 1);
    return value >= half ? value - 2 * half : value;
  }

  real(length: number): number {
    if (length !== 4) throw malformed(`a REAL of ${length} octets`);
    return this.view.getFloat32(this.skip(4));
  }

  double(length: number): number {
    if (length !== 8) throw malformed(`a Double of ${length} octets`);
    return this.view.getFloat64(this.skip(8));
  }

  /** Character string (20.2.9). */
  characters(length: number): string {
    if (length < 1) throw malformed('a character string without a character set');
    const text = textOf(this.octet(), this.octets(length - 1));
    if (text === undefined) throw malformed('a character string that is not in its character set');
    return text;
  }

  /** Bit string (20.2.10), first bit first. */
  bits(length: number): boolean[] {
    const unused = this.octet();
    if (length < 1 || unused > 7 || (length === 1 && unused > 0)) throw malformed('a bit string with a bad count of unused bits');
    const { bytes } = this;
    const start = this.skip(length - 1);
    const count = (length - 1) * 8 - unused;
    const bits = new Array<boolean>(count);
    for (let bit = 0; bit < count; bit++) bits[bit] = ((bytes[start + (bit >> 3)] ?? 0) & (0x80 >> (bit & 7))) !== 0;
    return bits;
  }

  /** Object identifier (20.2.14). */
  objectId(length: number): { type: number; instance: number } {
    if (length !== 4) throw malformed(`an object identifier of ${length} octets`);
    const raw = this.unsigned(4);
    return { type: Math.floor(raw / 0x400000), instance: raw % 0x400000 };
  }

  private longLength(): number {
    const length = this.octet();
    if (length < 254) return length;
    return this.unsigned(length === 254 ? 2 : 4);
  }
}

function formOf(first: number): Tag['form'] {
  const low = first & 0x07;
  return low < 6 ? 'primitive' : low === 6 ? 'opening' : 'closing';
}

/** Parts of a message, one after the other. In memory of Node's pool: an allocation of its own for each costs more than the copying. */
export function concatenated(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  const { buffer, byteOffset, length } = Buffer.allocUnsafe(parts.reduce((sum, part) => sum + part.length, 0));
  const whole = new Uint8Array(buffer, byteOffset, length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Writes an APDU; grows as needed. */
export class Asn1Writer {
  private bytes = new Uint8Array(64);
  private view = new DataView(this.bytes.buffer);
  private length = 0;

  take(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  octet(value: number): this {
    this.reserve(1);
    this.bytes[this.length++] = value;
    return this;
  }

  octets(values: Uint8Array): this {
    this.reserve(values.length);
    this.bytes.set(values, this.length);
    this.length += values.length;
    return this;
  }

  word(value: number): this {
    return this.octet((value >> 8) & 0xff).octet(value & 0xff);
  }

  tag(number: number, context: boolean, length: number): this {
    const low = length < 5 ? length : 5;
    this.octet(((number < 15 ? number : 15) << 4) | (context ? 0x08 : 0) | low);
    if (number >= 15) this.octet(number);
    if (length < 5) return this;
    return length < 254 ? this.octet(length) : this.octet(254).word(length);
  }

  opening(number: number): this {
    return this.octet((number << 4) | 0x0e);
  }

  closing(number: number): this {
    return this.octet((number << 4) | 0x0f);
  }

  contextUnsigned(number: number, value: number): this {
    return this.tag(number, true, unsignedLength(value)).unsigned(value);
  }

  contextBoolean(number: number, value: boolean): this {
    return this.tag(number, true, 1).octet(value ? 1 : 0);
  }

  contextObjectId(number: number, object: { type: number; instance: number }): this {
    return this.tag(number, true, 4).objectId(object);
  }

  objectId(object: { type: number; instance: number }): this {
    return this.fixed(4, object.type * 0x400000 + object.instance);
  }

  /** In the fewest octets (20.2.4). */
  unsigned(value: number): this {
    return this.fixed(unsignedLength(value), value);
  }

  signed(value: number): this {
    const length = signedLength(value);
    return this.fixed(length, value < 0 ? value + 2 ** (8 * length) : value);
  }

  real(value: number): this {
    this.reserve(4);
    this.view.setFloat32(this.length, value);
    this.length += 4;
    return this;
  }

  double(value: number): this {
    this.reserve(8);
    this.view.setFloat64(this.length, value);
    this.length += 8;
    return this;
  }

  private fixed(length: number, value: number): this {
    for (let shift = length - 1; shift >= 0; shift--) this.octet(Math.floor(value / 256 ** shift) % 256);
    return this;
  }

  private reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const wider = new Uint8Array(Math.max(this.bytes.length * 2, this.length + more));
    wider.set(this.bytes);
    this.bytes = wider;
    this.view = new DataView(wider.buffer);
  }
}

export function unsignedLength(value: number): number {
  let length = 1;
  for (let rest = Math.floor(value / 256); rest > 0; rest = Math.floor(rest / 256)) length++;
  return length;
}

export function signedLength(value: number): number {
  let length = 1;
  while (value < -(2 ** (8 * length - 1)) || value >= 2 ** (8 * length - 1)) length++;
  return length;
}

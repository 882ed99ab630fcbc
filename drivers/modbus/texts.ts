import { TandemError } from '../../src/contract/errors.js';
import type { PointValue } from '../../src/contract/point.js';
import type { ModbusAddress } from './types.js';

/** Texts in registers: two characters of ISO 8859-1 each, ended by a zero or filled with blanks. */

export function decodeText(data: Uint8Array, at: number, address: ModbusAddress): string {
  const bytes = inOrder(data.subarray(at, at + 2 * address.count), address);
  const end = bytes.indexOf(0);
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString('latin1').trimEnd();
}

/** Throws VALUE_INVALID for what is no text or has other characters, VALUE_OUT_OF_RANGE for what is too long. */
export function encodeText(value: PointValue, address: ModbusAddress): Uint8Array {
  if (typeof value !== 'string') throw new TandemError('VALUE_INVALID', `${String(value)} is not a text`);
  const codes = Array.from(value, (character) => character.codePointAt(0) ?? 0);
  const strange = codes.find((code) => code === 0 || code > 0xff);
  if (strange !== undefined) throw new TandemError('VALUE_INVALID', `a register cannot hold "${String.fromCodePoint(strange)}"`);
  if (codes.length > 2 * address.count) throw new TandemError('VALUE_OUT_OF_RANGE', `the text is longer than ${2 * address.count} characters`);
  const bytes = new Uint8Array(2 * address.count);
  bytes.set(codes);
  return inOrder(bytes, address);
}

/** A text begins in its first register whatever the word order; only bytes may be swapped. */
function inOrder(bytes: Uint8Array, { byteOrder }: ModbusAddress): Uint8Array {
  return byteOrder === 'big' ? bytes : Uint8Array.from(bytes, (_, index) => bytes[index ^ 1] ?? 0);
}

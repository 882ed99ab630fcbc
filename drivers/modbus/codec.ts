import { TandemError } from '../../src/contract/errors.js';
import type { PointValue } from '../../src/contract/point.js';
import { decodeText, encodeText } from './texts.js';
import type { ModbusAddress } from './types.js';

/** Registers between bytes on the wire and values of points. Clause 4.2: a register is big-endian; what is wider is the maker's choice. */

const scratch = new DataView(new ArrayBuffer(8));
const FLOAT32_MAX = 3.4028234663852886e38;

/** Decodes bit `index` of those packed from byte `at` on (clause 6.1: least significant bit first). */
export function decodeBit(data: Uint8Array, at: number, index: number): number {
  return ((data[at + (index >> 3)] ?? 0) >> (index & 7)) & 1;
}

/**
 * Decodes the registers at byte `at` of `data`. undefined where they hold no number of the type (a float that
 * is not finite). 64-bit integers without scaling are bigint, everything else is a number.
 */
export function decodeRegisters(data: Uint8Array, at: number, address: ModbusAddress): PointValue | undefined {
  const { type } = address;
  if (type === 'string') return decodeText(data, at, address);
  // Most points are one register, which needs no view.
  if (address.count === 1) {
    const word = wordAt(data, at, address.byteOrder === 'little');
    if (type === 'bool') return (word >> (address.bit ?? 0)) & 1;
    if (type === 'bcd16') return fromBcd(word, address);
    return scaled(type === 'int16' ? (word << 16) >> 16 : word, address);
  }
  toScratch(data, at, address);
  switch (type) {
    case 'bool':
    case 'int16':
    case 'uint16':
    case 'bcd16':
      return undefined;
    case 'bcd32':
      return fromBcd(scratch.getUint32(0), address);
    case 'int32':
      return scaled(scratch.getInt32(0), address);
    case 'uint32':
      return scaled(scratch.getUint32(0), address);
    case 'int64':
      return isScaled(address) ? scaled(Number(scratch.getBigInt64(0)), address) : scratch.getBigInt64(0);
    case 'uint64':
      return isScaled(address) ? scaled(Number(scratch.getBigUint64(0)), address) : scratch.getBigUint64(0);
    case 'float32':
      return finite(scaled(scratch.getFloat32(0), address));
    case 'float64':
      return finite(scaled(scratch.getFloat64(0), address));
  }
}

/**
 * Encodes a value as the bytes of its registers; not for bits. Scaled integers are rounded to the nearest.
 * Throws VALUE_INVALID for what is no number, VALUE_OUT_OF_RANGE for what the type cannot hold.
 */
export function encodeRegisters(value: PointValue, address: ModbusAddress): Uint8Array {
  if (address.type === 'string') return encodeText(value, address);
  switch (address.type) {
    case 'bool':
      throw new TandemError('INTERNAL', 'a bit is not written as a register');
    case 'int16':
      scratch.setInt16(0, Number(wholeNumber(value, address, -0x8000n, 0x7fffn)));
      break;
    case 'uint16':
      scratch.setUint16(0, Number(wholeNumber(value, address, 0n, 0xffffn)));
      break;
    case 'int32':
      scratch.setInt32(0, Number(wholeNumber(value, address, -0x8000_0000n, 0x7fff_ffffn)));
      break;
    case 'uint32':
      scratch.setUint32(0, Number(wholeNumber(value, address, 0n, 0xffff_ffffn)));
      break;
    case 'int64':
      scratch.setBigInt64(0, wholeNumber(value, address, -(2n ** 63n), 2n ** 63n - 1n));
      break;
    case 'uint64':
      scratch.setBigUint64(0, wholeNumber(value, address, 0n, 2n ** 64n - 1n));
      break;
    case 'bcd16':
      scratch.setUint16(0, toBcd(wholeNumber(value, address, 0n, 9_999n)));
      break;
    case 'bcd32':
      scratch.setUint32(0, toBcd(wholeNumber(value, address, 0n, 99_999_999n)));
      break;
    case 'float32':
      scratch.setFloat32(0, rawNumber(value, address, FLOAT32_MAX));
      break;
    case 'float64':
      scratch.setFloat64(0, rawNumber(value, address, Number.MAX_VALUE));
      break;
  }
  return fromScratch(address);
}

/** Reads 0 or 1 from a value; throws VALUE_INVALID for anything else. */
export function encodeBit(value: PointValue): boolean {
  if (value === 0 || value === 1) return value === 1;
  throw new TandemError('VALUE_INVALID', `${String(value)} is no switch position: write 0 or 1`);
}

export function isScaled(address: Pick<ModbusAddress, 'scale' | 'shift'>): boolean {
  return address.scale !== 1 || address.shift !== 0;
}

/** 3 at scale 0.1 is 0.3 and not 0.30000000000000004: where the scale is one over a whole number, it divides, once. */
function scaled(raw: number, address: ModbusAddress): number {
  if (!isScaled(address)) return raw;
  const divisor = Math.round(1 / address.scale);
  const exact = divisor !== 0 && Math.abs(divisor * address.scale - 1) < 1e-12;
  if (!exact) return raw * address.scale + address.shift;
  const shift = address.shift * divisor;
  return Number.isInteger(shift) ? (raw + shift) / divisor : raw / divisor + address.shift;
}

/** undefined where a digit is none. */
function fromBcd(raw: number, address: ModbusAddress): number | undefined {
  const digits = raw.toString(16);
  return /^\d+$/.test(digits) ? scaled(Number(digits), address) : undefined;
}

function toBcd(value: bigint): number {
  return Number.parseInt(String(value), 16);
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

/** The value as the device's own number, before rounding. */
function rawNumber(value: PointValue, address: ModbusAddress, limit: number): number {
  if (typeof value === 'string' || (typeof value === 'number' && !Number.isFinite(value))) throw notANumber(value);
  const raw = (Number(value) - address.shift) / address.scale;
  if (Math.abs(raw) > limit) throw outOfRange(value, address);
  return raw;
}

function wholeNumber(value: PointValue, address: ModbusAddress, min: bigint, max: bigint): bigint {
  const raw = typeof value === 'bigint' && !isScaled(address) ? value : BigInt(Math.round(rawNumber(value, address, Number.MAX_VALUE)));
  if (raw < min || raw > max) throw outOfRange(value, address);
  return raw;
}

function notANumber(value: PointValue): TandemError {
  return new TandemError('VALUE_INVALID', `${String(value)} is not a number`);
}

function outOfRange(value: PointValue, address: ModbusAddress): TandemError {
  const scaling = isScaled(address) ? ` with scale ${address.scale} and offset ${address.shift}` : '';
  return new TandemError('VALUE_OUT_OF_RANGE', `${String(value)} does not fit ${address.type}${scaling}`);
}

/** Puts the bytes into the order that DataView reads: most significant first. */
function toScratch(data: Uint8Array, at: number, address: ModbusAddress): void {
  const last = address.count - 1;
  const littleWords = address.wordOrder === 'little';
  const littleBytes = address.byteOrder === 'little';
  for (let index = 0; index <= last; index++) {
    scratch.setUint16(2 * index, wordAt(data, at + 2 * (littleWords ? last - index : index), littleBytes));
  }
}

function wordAt(data: Uint8Array, at: number, littleBytes: boolean): number {
  const first = data[at] ?? 0;
  const second = data[at + 1] ?? 0;
  return littleBytes ? (second << 8) | first : (first << 8) | second;
}

function fromScratch(address: ModbusAddress): Uint8Array {
  const words = address.count;
  const data = new Uint8Array(2 * words);
  for (let index = 0; index < words; index++) {
    const to = 2 * (address.wordOrder === 'big' ? index : words - 1 - index);
    data[to] = scratch.getUint8(2 * index + (address.byteOrder === 'big' ? 0 : 1));
    data[to + 1] = scratch.getUint8(2 * index + (address.byteOrder === 'big' ? 1 : 0));
  }
  return data;
}

import type { BitReader, BitWriter } from './bits.js';

/**
 * How the numbers of a block are written, whatever fits all of them. Most sensors have few decimals, many devices send
 * 32-bit floats: told so, a value costs a few bits instead of the dozens that an exclusive-or of doubles takes.
 */
export type NumberForm =
  /** Whole multiples of 10^-decimals; `single` when the value is the 32-bit float nearest to that. */
  | { readonly kind: 'decimal'; readonly decimals: number; readonly single: boolean }
  | { readonly kind: 'single' }
  | { readonly kind: 'double' };

/** How a block names a form. */
export function formByte(form: NumberForm): number {
  if (form.kind === 'double') return 0;
  if (form.kind === 'single') return 1;
  return (form.single ? 0x20 : 0x10) | form.decimals;
}

export function formOfByte(byte: number): NumberForm {
  if (byte === 0) return { kind: 'double' };
  if (byte === 1) return { kind: 'single' };
  return { kind: 'decimal', decimals: byte & 0xf, single: (byte & 0x20) !== 0 };
}

const MOST_DECIMALS = 4;
/** A difference of two of these fits into 32 bits with its sign. */
const MOST_STEPS = 2 ** 30;

const cell = new Float64Array(1);
const halves = new Uint32Array(cell.buffer);
const float = new Float32Array(1);
const word = new Uint32Array(float.buffer);

export function formOf(values: Float64Array, length: number): NumberForm {
  let single = true;
  for (let row = 0; row < length && single; row++) single = isSingle(values[row] as number);
  for (let decimals = 0; decimals <= MOST_DECIMALS; decimals++) {
    if (isDecimal(values, length, decimals, false)) return { kind: 'decimal', decimals, single: false };
    if (single && isDecimal(values, length, decimals, true)) return { kind: 'decimal', decimals, single: true };
  }
  return single ? { kind: 'single' } : { kind: 'double' };
}

export function writeNumbers(form: NumberForm, values: Float64Array, length: number, out: BitWriter): void {
  switch (form.kind) {
    case 'decimal':
      writeDecimals(values, length, 10 ** form.decimals, out);
      return;
    case 'single':
      writeSingles(values, length, out);
      return;
    case 'double':
      writeDoubles(values, length, out);
  }
}

export function readNumbers(form: NumberForm, length: number, from: BitReader, values: Float64Array): void {
  switch (form.kind) {
    case 'decimal':
      readDecimals(values, length, 10 ** form.decimals, form.single, from);
      return;
    case 'single':
      readSingles(values, length, from);
      return;
    case 'double':
      readDoubles(values, length, from);
  }
}

function isSingle(value: number): boolean {
  return Number.isNaN(value) || Math.fround(value) === value;
}

function isDecimal(values: Float64Array, length: number, decimals: number, single: boolean): boolean {
  const scale = 10 ** decimals;
  for (let row = 0; row < length; row++) {
    const value = values[row] as number;
    if (Number.isNaN(value)) continue;
    const steps = Math.round(value * scale);
    if (!(Math.abs(steps) < MOST_STEPS)) return false;
    const back = single ? Math.fround(steps / scale) : steps / scale;
    // -0 has no steps of its own.
    if (back !== value || (steps === 0 && Object.is(value, -0))) return false;
  }
  return true;
}

/** Difference of steps, zigzag: 0 → 0; 10 + 4 bits; 110 + 8; 1110 + 16; 11110 + 32; 11111 no value (NaN). */
function writeDecimals(values: Float64Array, length: number, scale: number, out: BitWriter): void {
  let last = 0;
  for (let row = 0; row < length; row++) {
    const value = values[row] as number;
    if (Number.isNaN(value)) {
      out.write(0b11111, 5);
      continue;
    }
    const steps = Math.round(value * scale);
    const difference = steps - last;
    last = steps;
    const zigzag = difference >= 0 ? difference * 2 : -difference * 2 - 1;
    if (zigzag === 0) out.write(0, 1);
    else if (zigzag <= 16) out.write(0b10_0000 | (zigzag - 1), 6);
    else if (zigzag <= 0xff) out.write(0b110_0000_0000 | zigzag, 11);
    else if (zigzag <= 0xffff) out.write(0b1110 * 0x1_0000 + zigzag, 20);
    else {
      out.write(0b11110, 5);
      out.write(zigzag, 32);
    }
  }
}

function readDecimals(values: Float64Array, length: number, scale: number, single: boolean, from: BitReader): void {
  let steps = 0;
  for (let row = 0; row < length; row++) {
    const prefix = from.ones(5);
    if (prefix === 5) {
      values[row] = NaN;
      continue;
    }
    const zigzag = prefix === 0 ? 0 : prefix === 1 ? from.read(4) + 1 : prefix === 2 ? from.read(8) : from.read(prefix === 3 ? 16 : 32);
    // Past 31 bits only arithmetic is exact.
    if (prefix !== 0) steps += zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
    values[row] = single ? Math.fround(steps / scale) : steps / scale;
  }
}

/** Exclusive-or with the value before: 0 the same; 10 within the last window; 11 + leading zeros (5) + length - 1 (5) + bits. */
function writeSingles(values: Float64Array, length: number, out: BitWriter): void {
  const window = { leading: 32, bits: 0 };
  let last = 0;
  for (let row = 0; row < length; row++) {
    float[0] = values[row] as number;
    const now = word[0] as number;
    writeXor((now ^ last) >>> 0, window, out);
    last = now;
  }
}

function readSingles(values: Float64Array, length: number, from: BitReader): void {
  const window = { leading: 32, bits: 0 };
  let last = 0;
  for (let row = 0; row < length; row++) {
    last = (last ^ readXor(window, from)) >>> 0;
    word[0] = last;
    values[row] = float[0] as number;
  }
}

/** The two halves of a double, each like a 32-bit float. */
function writeDoubles(values: Float64Array, length: number, out: BitWriter): void {
  const [low, high] = [{ leading: 32, bits: 0 }, { leading: 32, bits: 0 }];
  let [lastLow, lastHigh] = [0, 0];
  for (let row = 0; row < length; row++) {
    cell[0] = values[row] as number;
    const [nowLow, nowHigh] = [halves[0] as number, halves[1] as number];
    writeXor((nowHigh ^ lastHigh) >>> 0, high, out);
    writeXor((nowLow ^ lastLow) >>> 0, low, out);
    [lastLow, lastHigh] = [nowLow, nowHigh];
  }
}

function readDoubles(values: Float64Array, length: number, from: BitReader): void {
  const [low, high] = [{ leading: 32, bits: 0 }, { leading: 32, bits: 0 }];
  let [lastLow, lastHigh] = [0, 0];
  for (let row = 0; row < length; row++) {
    lastHigh = (lastHigh ^ readXor(high, from)) >>> 0;
    lastLow = (lastLow ^ readXor(low, from)) >>> 0;
    halves[0] = lastLow;
    halves[1] = lastHigh;
    values[row] = cell[0] as number;
  }
}

interface Window {
  leading: number;
  bits: number;
}

function writeXor(xor: number, window: Window, out: BitWriter): void {
  if (xor === 0) {
    out.write(0, 1);
    return;
  }
  const leading = Math.clz32(xor);
  const trailing = 31 - Math.clz32(xor & -xor);
  const windowTrailing = 32 - window.leading - window.bits;
  if (window.bits > 0 && leading >= window.leading && trailing >= windowTrailing) {
    out.write(0b10, 2);
  } else {
    window.leading = leading;
    window.bits = 32 - leading - trailing;
    out.write(0b11 * 1_024 + leading * 32 + (window.bits - 1), 12);
  }
  out.write(xor >>> (32 - window.leading - window.bits), window.bits);
}

function readXor(window: Window, from: BitReader): number {
  const prefix = from.ones(2);
  if (prefix === 0) return 0;
  if (prefix === 2) {
    window.leading = from.read(5);
    window.bits = from.read(5) + 1;
  }
  return (from.read(window.bits) << (32 - window.leading - window.bits)) >>> 0;
}

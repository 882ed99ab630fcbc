/** How a column of a frame is written: whatever is shortest and gives back every bit. */
const RAW = 0;
/** All cells are the first one. */
const SAME = 1;
/** Whole numbers within 65,535 of the least: that one, then u16 for each cell. */
const SHORT = 2;
/** Numbers that a 32-bit float holds. */
const SINGLE = 3;
/** Each cell one more than the one before. */
const RUN = 4;
export type Form = typeof RAW | typeof SAME | typeof SHORT | typeof SINGLE | typeof RUN;

/** Bits that a form takes in the header. */
export const FORM_BITS = 3;

export type Column = Float64Array | Uint32Array | Uint8Array;

const BASE_BYTES = 8;
const cell = new Float64Array(1);
const cellBytes = Buffer.from(cell.buffer);

export function formOf(column: Column, length: number): Form {
  if (length < 2) return RAW;
  if (column instanceof Uint8Array) return isSame(column, length) ? SAME : RAW;
  return column instanceof Uint32Array ? formOfIds(column, length) : formOfNumbers(column, length);
}

/** Bytes of a column of `length` cells in this form; undefined where there is no such form of it. */
export function sizeOf(form: number, length: number, cellBytes: number): number | undefined {
  switch (form) {
    case RAW:
      return length * cellBytes;
    case SAME:
      return length === 0 ? undefined : cellBytes;
    case SHORT:
      return cellBytes === 1 ? undefined : BASE_BYTES + 2 * length;
    case SINGLE:
      return cellBytes === 8 ? 4 * length : undefined;
    case RUN:
      return cellBytes === 4 ? BASE_BYTES : undefined;
    default:
      return undefined;
  }
}

export function writeColumn(form: Form, column: Column, length: number, bytes: Buffer, at: number): void {
  switch (form) {
    case RAW:
      bytes.set(new Uint8Array(column.buffer, column.byteOffset, length * column.BYTES_PER_ELEMENT), at);
      return;
    case SAME:
      bytes.set(new Uint8Array(column.buffer, column.byteOffset, column.BYTES_PER_ELEMENT), at);
      return;
    case SHORT:
      writeShort(column, length, bytes, at);
      return;
    case SINGLE:
      bytes.set(new Uint8Array(Float32Array.from(column.subarray(0, length)).buffer), at);
      return;
    case RUN:
      bytes.writeDoubleLE(column[0] as number, at);
  }
}

/** Fills `column` with what {@link writeColumn} wrote. */
export function readColumn(form: Form, column: Column, bytes: Buffer, at: number): void {
  const { length } = column;
  switch (form) {
    case RAW:
      bytesOf(column, length).set(bytes.subarray(at, at + column.byteLength));
      return;
    case SAME:
      bytesOf(column, 1).set(bytes.subarray(at, at + column.BYTES_PER_ELEMENT));
      column.fill(column[0] as number);
      return;
    case SHORT:
      readShort(column, bytes, at);
      return;
    case SINGLE:
      // Copied, because it may lie at any address.
      column.set(new Float32Array(new Uint8Array(bytes.subarray(at, at + 4 * length)).buffer));
      return;
    case RUN: {
      const first = bytes.readDoubleLE(at);
      for (let row = 0; row < length; row++) column[row] = first + row;
    }
  }
}

function isSame(column: Uint8Array, length: number): boolean {
  const first = column[0];
  for (let row = 1; row < length; row++) if (column[row] !== first) return false;
  return true;
}

function formOfIds(column: Uint32Array, length: number): Form {
  const first = column[0] as number;
  let row = 1;
  while (row < length && column[row] === first + row) row++;
  if (row === length) return RUN;
  let least = first;
  let most = first;
  for (row = 1; row < length; row++) {
    const id = column[row] as number;
    if (id < least) least = id;
    if (id > most) most = id;
  }
  return most - least <= 0xffff && length > BASE_BYTES / 2 ? SHORT : RAW;
}

function formOfNumbers(column: Float64Array, length: number): Form {
  const first = column[0] as number;
  let row = 1;
  while (row < length && Object.is(column[row], first)) row++;
  if (row === length) return SAME;
  let least = Infinity;
  let most = -Infinity;
  for (row = 0; row < length; row++) {
    const value = column[row] as number;
    if (Math.floor(value) !== value || (value === 0 && 1 / value < 0)) break;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  if (row === length && most - least <= 0xffff && most <= Number.MAX_SAFE_INTEGER && least >= -Number.MAX_SAFE_INTEGER) return SHORT;
  for (row = 0; row < length; row++) {
    const value = column[row] as number;
    if (Math.fround(value) !== value && value === value) return RAW;
  }
  return SINGLE;
}

function writeShort(column: Column, length: number, bytes: Buffer, at: number): void {
  let least = Infinity;
  for (let row = 0; row < length; row++) if ((column[row] as number) < least) least = column[row] as number;
  cell[0] = least;
  bytes.set(cellBytes, at);
  for (let row = 0, to = at + BASE_BYTES; row < length; row++, to += 2) {
    const offset = (column[row] as number) - least;
    bytes[to] = offset;
    bytes[to + 1] = offset >> 8;
  }
}

function readShort(column: Column, bytes: Buffer, at: number): void {
  const least = bytes.readDoubleLE(at);
  for (let row = 0, from = at + BASE_BYTES; row < column.length; row++, from += 2) column[row] = least + ((bytes[from] as number) | ((bytes[from + 1] as number) << 8));
}

function bytesOf(column: Column, length: number): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, length * column.BYTES_PER_ELEMENT);
}

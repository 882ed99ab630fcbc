import { crc32 } from 'node:zlib';
import { TandemError } from '../../contract/index.js';
import { BitReader, BitWriter } from './bits.js';
import { decodeBlockV1 } from './block-v1.js';
import { Columns } from './columns.js';
import { formOf, readNumbers, writeNumbers, type NumberForm } from './number-codec.js';

const VERSION = 2;
const HEAD_BYTES = 18;
const FLAG_TEXTS = 1;
const FLAG_FRACTIONS = 2;
const writer = new BitWriter();

/**
 * Block format 2, little endian: u8 version, u32 CRC-32 of the rest, u8 flags, u8 form of the numbers, u24 n, f64 first
 * time; then bits: times, numbers, qualities; then, with flag 1, JSON of [row, text, isBigint]. LevelDB opens a log with
 * zeroed bytes without an error (MEASURED.md, section 3), so a block carries its own checksum.
 */
export function encodeBlock(columns: Columns): Buffer {
  const { length, times, values, qualities, texts } = columns;
  const form = formOf(values, length);
  const whole = areWhole(times, length);
  writeTimes(times, length, whole, writer);
  writeNumbers(form, values, length, writer);
  writeQualities(qualities, length, writer);
  const bits = writer.take();
  const tail = texts === undefined ? undefined : Buffer.from(JSON.stringify([...texts].map(([row, text]) => [row, String(text), typeof text === 'bigint'])));
  const bytes = Buffer.alloc(HEAD_BYTES + (tail === undefined ? 0 : 4) + bits.length + (tail?.length ?? 0));
  bytes.writeUInt8(VERSION, 0);
  bytes.writeUInt8((tail === undefined ? 0 : FLAG_TEXTS) | (whole ? 0 : FLAG_FRACTIONS), 5);
  bytes.writeUInt8(formByte(form), 6);
  bytes.writeUIntLE(length, 7, 3);
  bytes.writeDoubleLE(length === 0 ? 0 : (times[0] as number), 10);
  let at = HEAD_BYTES;
  if (tail !== undefined) at = bytes.writeUInt32LE(bits.length, at);
  bytes.set(bits, at);
  if (tail !== undefined) bytes.set(tail, at + bits.length);
  bytes.writeUInt32LE(crc32(bytes.subarray(5)), 1);
  return bytes;
}

/** @throws STORE_CORRUPT where the checksum or the format differs. */
export function decodeBlock(bytes: Buffer): Columns {
  const version = bytes[0];
  if (version === 1) return decodeBlockV1(bytes);
  if (version !== VERSION || bytes.length < HEAD_BYTES || crc32(bytes.subarray(5)) !== bytes.readUInt32LE(1)) {
    throw new TandemError('STORE_CORRUPT', 'a history block is damaged; its samples are lost');
  }
  const flags = bytes.readUInt8(5);
  const form = formOfByte(bytes.readUInt8(6));
  const length = bytes.readUIntLE(7, 3);
  const columns = new Columns(Math.max(1, length));
  columns.length = length;
  const hasTexts = (flags & FLAG_TEXTS) !== 0;
  const bitsAt = HEAD_BYTES + (hasTexts ? 4 : 0);
  const reader = new BitReader(bytes, bitsAt);
  readTimes(columns.times, length, bytes.readDoubleLE(10), (flags & FLAG_FRACTIONS) === 0, reader);
  readNumbers(form, length, reader, columns.values);
  readQualities(columns.qualities, length, reader);
  if (hasTexts) {
    const texts = JSON.parse(bytes.subarray(bitsAt + bytes.readUInt32LE(HEAD_BYTES)).toString('utf8')) as [number, string, boolean][];
    columns.texts = new Map(texts.map(([row, text, big]) => [row, big ? BigInt(text) : text]));
  }
  return columns;
}

function areWhole(times: Float64Array, length: number): boolean {
  for (let row = 1; row < length; row++) {
    const step = (times[row] as number) - (times[row - 1] as number);
    if (!Number.isInteger(step) || Math.abs(step) >= 2 ** 30) return false;
  }
  return true;
}

/** Change of the step between two samples: 0 none; 10 + 7 bits; 110 + 12; 1110 + 20; 1111 + 32, each zigzag. Else raw doubles. */
function writeTimes(times: Float64Array, length: number, whole: boolean, out: BitWriter): void {
  let step = 0;
  for (let row = 1; row < length; row++) {
    if (!whole) {
      cell[0] = times[row] as number;
      out.write(halves[0] as number, 32);
      out.write(halves[1] as number, 32);
      continue;
    }
    const now = (times[row] as number) - (times[row - 1] as number);
    const change = now - step;
    step = now;
    const zigzag = change >= 0 ? change * 2 : -change * 2 - 1;
    if (zigzag === 0) out.write(0, 1);
    else if (zigzag < 1 << 7) out.write((0b10 << 7) | zigzag, 9);
    else if (zigzag < 1 << 12) out.write((0b110 << 12) | zigzag, 15);
    else if (zigzag < 1 << 20) out.write((0b1110 << 20) | zigzag, 24);
    else {
      out.write(0b1111, 4);
      out.write(zigzag, 32);
    }
  }
}

function readTimes(times: Float64Array, length: number, first: number, whole: boolean, from: BitReader): void {
  if (length === 0) return;
  times[0] = first;
  let timeMs = first;
  let step = 0;
  for (let row = 1; row < length; row++) {
    if (!whole) {
      halves[0] = from.read(32);
      halves[1] = from.read(32);
      times[row] = cell[0] as number;
      continue;
    }
    const prefix = from.ones(4);
    if (prefix > 0) {
      const zigzag = prefix === 1 ? from.read(7) : prefix === 2 ? from.read(12) : from.read(prefix === 3 ? 20 : 32);
      step += zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
    }
    timeMs += step;
    times[row] = timeMs;
  }
}

/** Runs: the quality and how many samples have it, 24 bits. Nearly always one. */
function writeQualities(qualities: Uint8Array, length: number, out: BitWriter): void {
  for (let row = 0; row < length; ) {
    const quality = qualities[row] as number;
    let end = row + 1;
    while (end < length && qualities[end] === quality) end++;
    out.write(quality, 8);
    out.write(end - row, 24);
    row = end;
  }
}

function readQualities(qualities: Uint8Array, length: number, from: BitReader): void {
  for (let row = 0; row < length; ) {
    const quality = from.read(8);
    const run = from.read(24);
    if (run === 0 || row + run > length) throw new TandemError('STORE_CORRUPT', 'a history block has more qualities than samples');
    qualities.fill(quality, row, row + run);
    row += run;
  }
}

const cell = new Float64Array(1);
const halves = new Uint32Array(cell.buffer);

function formByte(form: NumberForm): number {
  if (form.kind === 'double') return 0;
  if (form.kind === 'single') return 1;
  return (form.single ? 0x20 : 0x10) | form.decimals;
}

function formOfByte(byte: number): NumberForm {
  if (byte === 0) return { kind: 'double' };
  if (byte === 1) return { kind: 'single' };
  return { kind: 'decimal', decimals: byte & 0xf, single: (byte & 0x20) !== 0 };
}

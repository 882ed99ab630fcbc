import type { BitReader, BitWriter } from './bits.js';
import type { Columns } from './columns.js';
import { formByte, formOf, formOfByte, readNumbers, writeNumbers } from './number-codec.js';
import { areWhole, readQualities, readTimes, writeQualities, writeTimes } from './time-codec.js';

/** Samples that a chunk holds at the most. */
export const CHUNK_SAMPLES = 256;

const FORM_MASK = 0x3f;
/** Times as in format 2; otherwise one step from each to the next. */
const FLAG_IRREGULAR = 0x40;
/** Runs of qualities as in format 2; otherwise one for all. */
const FLAG_QUALITIES = 0x80;
/** Whole milliseconds beyond these are written as they are. */
const MOST_STEP = 2 ** 31;
const MOST_FIRST = 2 ** 50;

/**
 * A chunk is some samples of a block of format 3: u8 count (0: 256), u8 form of the numbers and flags, then times, quality
 * and numbers as bits, filled up to a byte. Regular times take the distance of the first one from the chunk before it (from 0)
 * and the step, as numbers of seven bits a byte; so a block can be written while its samples come, a few at a time.
 */
export function writeChunk(columns: Columns, beforeMs: number, out: BitWriter): void {
  const { times, values, qualities, length } = columns;
  const form = formOf(values, length);
  const first = times[0] as number;
  const isRegular = Number.isInteger(first) && Number.isInteger(beforeMs) && Math.abs(first - beforeMs) < MOST_FIRST && Math.abs(first) < MOST_FIRST && areRegular(times, length);
  const isUniform = areUniform(qualities, length);
  out.write(length & 0xff, 8);
  out.write(formByte(form) | (isRegular ? 0 : FLAG_IRREGULAR) | (isUniform ? 0 : FLAG_QUALITIES), 8);
  if (isRegular) {
    const distance = first - beforeMs;
    writeSevens(distance >= 0 ? distance * 2 : -distance * 2 - 1, out);
    if (length > 1) writeSevens((times[1] as number) - first, out);
  } else {
    const isWhole = areWhole(times, length);
    out.write(isWhole ? 1 : 0, 8);
    writeTimes(times, length, first, isWhole, out);
  }
  if (isUniform) out.write(qualities[0] as number, 8);
  else writeQualities(qualities, length, out);
  writeNumbers(form, values, length, out);
  out.align();
}

/** Appends the samples of the chunk that comes next. @throws STORE_CORRUPT */
export function readChunk(columns: Columns, beforeMs: number, from: BitReader): void {
  const length = from.read(8) || CHUNK_SAMPLES;
  const head = from.read(8);
  const start = columns.length;
  columns.extend(length);
  const times = columns.times.subarray(start, start + length);
  if ((head & FLAG_IRREGULAR) === 0) {
    const zigzag = readSevens(from);
    const first = beforeMs + (zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2);
    const step = length > 1 ? readSevens(from) : 0;
    for (let row = 0; row < length; row++) times[row] = first + row * step;
  } else {
    readTimes(times, length, from.read(8) === 1, from);
  }
  const qualities = columns.qualities.subarray(start, start + length);
  if ((head & FLAG_QUALITIES) === 0) qualities.fill(from.read(8));
  else readQualities(qualities, length, from);
  readNumbers(formOfByte(head & FORM_MASK), length, from, columns.values.subarray(start, start + length));
  from.align();
}

function areRegular(times: Float64Array, length: number): boolean {
  if (length < 2) return true;
  const step = (times[1] as number) - (times[0] as number);
  if (!Number.isInteger(step) || step < 0 || step >= MOST_STEP) return false;
  for (let row = 2; row < length; row++) if ((times[row] as number) - (times[row - 1] as number) !== step) return false;
  return true;
}

function areUniform(qualities: Uint8Array, length: number): boolean {
  const first = qualities[0];
  for (let row = 1; row < length; row++) if (qualities[row] !== first) return false;
  return true;
}

/** Seven bits a byte, the lowest first; the top bit says that more follow. */
function writeSevens(value: number, out: BitWriter): void {
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) out.write((rest % 0x80) | 0x80, 8);
  out.write(rest, 8);
}

function readSevens(from: BitReader): number {
  let value = 0;
  for (let scale = 1; ; scale *= 0x80) {
    const byte = from.read(8);
    value += (byte & 0x7f) * scale;
    if (byte < 0x80 || scale > MOST_FIRST) return value;
  }
}

import { TandemError } from '../../contract/index.js';
import type { BitReader, BitWriter } from './bits.js';

const cell = new Float64Array(1);
const halves = new Uint32Array(cell.buffer);

export function areWhole(times: Float64Array, length: number): boolean {
  for (let row = 1; row < length; row++) {
    const step = (times[row] as number) - (times[row - 1] as number);
    if (!Number.isInteger(step) || Math.abs(step) >= 2 ** 30) return false;
  }
  return true;
}

/** The first as it is; then the change of the step between two samples: 0 none; 10 + 7 bits; 110 + 12; 1110 + 20; 1111 + 32, each zigzag. Else raw doubles. */
export function writeTimes(times: Float64Array, length: number, first: number, whole: boolean, out: BitWriter): void {
  cell[0] = first;
  out.write(halves[0] as number, 32);
  out.write(halves[1] as number, 32);
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

export function readTimes(times: Float64Array, length: number, whole: boolean, from: BitReader): void {
  halves[0] = from.read(32);
  halves[1] = from.read(32);
  readTimesAfter(cell[0] as number, times, length, whole, from);
}

/** The same where the first time stands elsewhere. */
export function readTimesAfter(first: number, times: Float64Array, length: number, whole: boolean, from: BitReader): void {
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
export function writeQualities(qualities: Uint8Array, length: number, out: BitWriter): void {
  for (let row = 0; row < length; ) {
    const quality = qualities[row] as number;
    let end = row + 1;
    while (end < length && qualities[end] === quality) end++;
    out.write(quality, 8);
    out.write(end - row, 24);
    row = end;
  }
}

export function readQualities(qualities: Uint8Array, length: number, from: BitReader): void {
  for (let row = 0; row < length; ) {
    const quality = from.read(8);
    const run = from.read(24);
    if (run === 0 || row + run > length) throw new TandemError('STORE_CORRUPT', 'a history block has more qualities than samples');
    qualities.fill(quality, row, row + run);
    row += run;
  }
}

import { BinaryFlag, BinaryValue } from '../contract/index.js';
import type { RowWriter } from './row-writer.js';

/** Room that any row takes, but for a text. */
const MOST_ROW_BYTES = 40;
const FIRST_BYTES = 64 << 10;
const KEPT_BYTES = 1 << 20;

/** Rows of a `changes` message as src/contract/binary-changes.ts has them. */
export class BinaryRows implements RowWriter {
  private bytes = Buffer.from(new ArrayBuffer(FIRST_BYTES));
  private at = 0;
  private lastMs = 0;
  private lastSeq = NaN;

  add(id: number, isBoolean: boolean, value: number, text: string | bigint | undefined, quality: number, timeMs: number, seq: number): void {
    if (this.bytes.length - this.at < MOST_ROW_BYTES) this.grow(MOST_ROW_BYTES);
    const kind = text === undefined ? kindOf(value, isBoolean) : BinaryValue.text;
    const withTime = timeMs !== this.lastMs;
    const withSeq = seq !== this.lastSeq;
    this.bytes[this.at++] = kind | (quality === 0 ? 0 : BinaryFlag.quality) | (withTime ? BinaryFlag.time : 0) | (withSeq ? BinaryFlag.seq : 0);
    this.at = this.bytes.writeUInt32LE(id, this.at);
    if (quality !== 0) this.bytes[this.at++] = quality;
    if (withTime) this.at = this.bytes.writeDoubleLE((this.lastMs = timeMs), this.at);
    if (withSeq) this.at = this.bytes.writeDoubleLE((this.lastSeq = seq), this.at);
    if (text !== undefined) this.text(String(text));
    else if (kind === BinaryValue.int32) this.at = this.bytes.writeInt32LE(value, this.at);
    else if (kind === BinaryValue.float32) this.at = this.bytes.writeFloatLE(value, this.at);
    else if (kind === BinaryValue.float64) this.at = this.bytes.writeDoubleLE(value, this.at);
  }

  take(): Buffer {
    const rows = this.bytes.subarray(0, this.at);
    this.at = 0;
    this.lastMs = 0;
    this.lastSeq = NaN;
    if (this.bytes.length <= KEPT_BYTES) return Buffer.from(rows);
    this.bytes = Buffer.from(new ArrayBuffer(FIRST_BYTES));
    return rows;
  }

  private text(text: string): void {
    const length = Buffer.byteLength(text);
    if (this.bytes.length - this.at < length + MOST_ROW_BYTES) this.grow(length + MOST_ROW_BYTES);
    this.at = this.bytes.writeUInt32LE(length, this.at);
    this.at += this.bytes.write(text, this.at, 'utf8');
  }

  private grow(room: number): void {
    const wider = Buffer.from(new ArrayBuffer(Math.max(this.bytes.length * 2, this.at + room)));
    this.bytes.copy(wider, 0, 0, this.at);
    this.bytes = wider;
  }
}

/** The shortest form that gives the value back. Nothing, for what no client is told (infinity). */
function kindOf(value: number, isBoolean: boolean): number {
  if (!Number.isFinite(value)) return BinaryValue.none;
  if (isBoolean) return value === 0 ? BinaryValue.no : BinaryValue.yes;
  // Minus zero is told as zero, as JSON does.
  if ((value | 0) === value) return BinaryValue.int32;
  return Math.fround(value) === value ? BinaryValue.float32 : BinaryValue.float64;
}

import type { RowWriter } from './row-writer.js';

/** Decimals that are looked for before a number is written the slow way. */
const SCALES = [10, 100, 1_000, 10_000] as const;
/** Whole numbers below this are exact, and so are their decimals. */
const EXACT = 2 ** 53;
/** Room that any row takes, but for a text. */
const MOST_ROW_BYTES = 160;

const FIRST_BYTES = 64 << 10;
const KEPT_BYTES = 1 << 20;

const COMMA = 0x2c;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const ZERO = 0x30;
const MINUS = 0x2d;
const POINT = 0x2e;
const NULL = Buffer.from('null');
const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');

/**
 * Rows `[index,value,quality,timeMs,seq]` of a client message, written as bytes. A row as a string costs a dozen small
 * strings, and most of the garbage that a busy node makes; the bytes are the same.
 */
export class JsonRows implements RowWriter {
  private bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  private at = 0;
  /** Many rows have the same time and frame: their digits are copied. */
  private tail = Buffer.alloc(0);
  private tailMs = NaN;
  private tailSeq = NaN;

  add(id: number, isBoolean: boolean, value: number, text: string | bigint | undefined, quality: number, timeMs: number, seq: number): void {
    if (this.bytes.length - this.at < MOST_ROW_BYTES) this.grow(MOST_ROW_BYTES);
    if (this.at > 0) this.bytes[this.at++] = COMMA;
    this.bytes[this.at++] = OPEN;
    this.whole(id);
    this.bytes[this.at++] = COMMA;
    if (text !== undefined) this.text(typeof text === 'bigint' ? `"${text}"` : JSON.stringify(text));
    // JSON knows no infinity; a field device that reports one has no value to show.
    else if (!Number.isFinite(value)) this.word(NULL);
    else if (isBoolean) this.word(value === 0 ? FALSE : TRUE);
    else this.number(value);
    this.bytes[this.at++] = COMMA;
    this.whole(quality);
    this.end(timeMs, seq);
  }

  /** The rows, separated by commas, and begins anew. */
  take(): Buffer {
    const rows = this.bytes.subarray(0, this.at);
    this.at = 0;
    this.tailMs = this.tailSeq = NaN;
    if (this.bytes.length <= KEPT_BYTES) return Buffer.from(rows);
    // A snapshot of everything is rare: its room is not kept.
    this.bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
    return rows;
  }

  private end(timeMs: number, seq: number): void {
    if (timeMs === this.tailMs && seq === this.tailSeq) {
      const { tail } = this;
      for (let index = 0; index < tail.length; index++) this.bytes[this.at + index] = tail[index] as number;
      this.at += tail.length;
      return;
    }
    const from = this.at;
    this.bytes[this.at++] = COMMA;
    this.number(timeMs);
    this.bytes[this.at++] = COMMA;
    this.number(seq);
    this.bytes[this.at++] = CLOSE;
    this.tail = Buffer.from(this.bytes.subarray(from, this.at));
    this.tailMs = timeMs;
    this.tailSeq = seq;
  }

  private number(value: number): void {
    let rest = value;
    if (rest < 0) {
      this.bytes[this.at++] = MINUS;
      rest = -rest;
    }
    if (rest < EXACT) {
      if (Math.floor(rest) === rest) {
        this.whole(rest);
        return;
      }
      // The decimals that give this number back are its shortest text, where the whole is below 10^15.
      for (let decimals = 1; decimals <= SCALES.length && rest < 1e10; decimals++) {
        const scale = SCALES[decimals - 1] as number;
        const steps = Math.round(rest * scale);
        if (steps / scale !== rest) continue;
        const whole = Math.floor(steps / scale);
        this.whole(whole);
        this.bytes[this.at++] = POINT;
        this.digits(steps - whole * scale, decimals);
        return;
      }
    }
    this.text(String(rest));
  }

  /** A whole number below 2^53, not negative. */
  private whole(value: number): void {
    // Past 32 bits division is slow: nine digits at a time.
    if (value >= 1e9) {
      const high = Math.floor(value / 1e9);
      this.whole(high);
      this.digits(value - high * 1e9, 9);
      return;
    }
    let count = 1;
    for (let limit = 10; value >= limit; limit *= 10) count++;
    this.digits(value, count);
  }

  /** The last `count` digits of a whole number below 10^9. */
  private digits(value: number, count: number): void {
    const { bytes } = this;
    let rest = value | 0;
    for (let index = this.at + count - 1; index >= this.at; index--) {
      const tenth = (rest / 10) | 0;
      bytes[index] = ZERO + rest - tenth * 10;
      rest = tenth;
    }
    this.at += count;
  }

  private word(word: Buffer): void {
    for (const byte of word) this.bytes[this.at++] = byte;
  }

  private text(text: string): void {
    if (this.bytes.length - this.at < text.length * 3 + MOST_ROW_BYTES) this.grow(text.length * 3 + MOST_ROW_BYTES);
    this.at += this.bytes.write(text, this.at, 'utf8');
  }

  private grow(room: number): void {
    const wider = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.at + room));
    this.bytes.copy(wider, 0, 0, this.at);
    this.bytes = wider;
  }
}

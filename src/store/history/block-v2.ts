import { crc32 } from 'node:zlib';
import { TandemError } from '../../contract/index.js';
import { BitReader } from './bits.js';
import { Columns } from './columns.js';
import { formOfByte, readNumbers } from './number-codec.js';
import { readQualities, readTimesAfter } from './time-codec.js';

const HEAD_BYTES = 18;
const FLAG_TEXTS = 1;
const FLAG_FRACTIONS = 2;

/**
 * Reads block format 2: u8 version, u32 CRC-32 of the rest, u8 flags, u8 form of the numbers, u24 n, f64 first time; then bits:
 * times, numbers, qualities; then, with flag 1, JSON of [row, text, isBigint].
 * @throws STORE_CORRUPT
 */
export function decodeBlockV2(bytes: Buffer): Columns {
  if (bytes.length < HEAD_BYTES || crc32(bytes.subarray(5)) !== bytes.readUInt32LE(1)) {
    throw new TandemError('STORE_CORRUPT', 'a history block is damaged; its samples are lost');
  }
  const flags = bytes.readUInt8(5);
  const length = bytes.readUIntLE(7, 3);
  const columns = new Columns(Math.max(1, length));
  columns.length = length;
  const hasTexts = (flags & FLAG_TEXTS) !== 0;
  const bitsAt = HEAD_BYTES + (hasTexts ? 4 : 0);
  const reader = new BitReader(bytes, bitsAt);
  readTimesAfter(bytes.readDoubleLE(10), columns.times, length, (flags & FLAG_FRACTIONS) === 0, reader);
  readNumbers(formOfByte(bytes.readUInt8(6)), length, reader, columns.values);
  readQualities(columns.qualities, length, reader);
  if (hasTexts) {
    const texts = JSON.parse(bytes.subarray(bitsAt + bytes.readUInt32LE(HEAD_BYTES)).toString('utf8')) as [number, string, boolean][];
    columns.texts = new Map(texts.map(([row, text, big]) => [row, big ? BigInt(text) : text]));
  }
  return columns;
}

import { crc32, inflateRawSync } from 'node:zlib';
import { TandemError } from '../../contract/index.js';
import { Columns } from './columns.js';

/**
 * Reads block format 1, which versions before 0.2 wrote: u8 version, u32 CRC-32 of the rest, then deflated columns: u32 n,
 * f64 times (first absolute, then differences), f64 values, u8 qualities, JSON of [row, text, isBigint].
 * @throws STORE_CORRUPT
 */
export function decodeBlockV1(bytes: Buffer): Columns {
  if (bytes.length < 5 || crc32(bytes.subarray(5)) !== bytes.readUInt32LE(1)) {
    throw new TandemError('STORE_CORRUPT', 'a history block is damaged; its samples are lost');
  }
  const body = inflateRawSync(bytes.subarray(5));
  const n = body.readUInt32LE(0);
  const texts = new Map((JSON.parse(body.subarray(4 + n * 17).toString('utf8')) as [number, string, boolean][]).map(([row, text, big]) => [row, big ? BigInt(text) : text] as const));
  const columns = new Columns(Math.max(1, n));
  let timeMs = 0;
  for (let row = 0; row < n; row++) {
    timeMs += body.readDoubleLE(4 + row * 8);
    columns.push(timeMs, texts.get(row) ?? body.readDoubleLE(4 + n * 8 + row * 8), body.readUInt8(4 + n * 16 + row));
  }
  return columns;
}

import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';
import { TandemError, type PointValue } from '../contract/index.js';

export interface Sample {
  readonly timeMs: number;
  readonly value: PointValue;
  readonly quality: number;
}

/** Samples in one block. Larger ones compress better, smaller ones are cheaper to append to. */
export const BLOCK_SAMPLES = 256;

const VERSION = 1;

/**
 * Block format 1: u8 version, u32 CRC-32 of the rest, then deflated columns: u32 n, f64 times (first absolute,
 * then differences), f64 values, u8 qualities, JSON of [row, text, isBigint]. LevelDB opens a log with zeroed
 * bytes without an error (MEASURED.md, section 3), so a block carries its own checksum.
 */
export function encodeBlock(samples: readonly Sample[]): Buffer {
  const n = samples.length;
  const columns = Buffer.alloc(4 + n * 17);
  columns.writeUInt32LE(n, 0);
  const texts: [number, string, boolean][] = [];
  let previous = 0;
  samples.forEach((sample, row) => {
    columns.writeDoubleLE(sample.timeMs - previous, 4 + row * 8);
    previous = sample.timeMs;
    const isNumber = typeof sample.value === 'number';
    columns.writeDoubleLE(isNumber ? (sample.value) : NaN, 4 + n * 8 + row * 8);
    if (!isNumber) texts.push([row, String(sample.value), typeof sample.value === 'bigint']);
    columns.writeUInt8(sample.quality, 4 + n * 16 + row);
  });
  const body = deflateRawSync(Buffer.concat([columns, Buffer.from(JSON.stringify(texts))]), { level: 3 });
  const head = Buffer.alloc(5);
  head.writeUInt8(VERSION, 0);
  head.writeUInt32LE(crc32(body), 1);
  return Buffer.concat([head, body]);
}

/** @throws STORE_CORRUPT where the checksum or the format differs. */
export function decodeBlock(bytes: Buffer): Sample[] {
  if (bytes.length < 5 || bytes.readUInt8(0) !== VERSION || crc32(bytes.subarray(5)) !== bytes.readUInt32LE(1)) {
    throw new TandemError('STORE_CORRUPT', 'a history block is damaged; its samples are lost');
  }
  const columns = inflateRawSync(bytes.subarray(5));
  const n = columns.readUInt32LE(0);
  const texts = new Map(
    (JSON.parse(columns.subarray(4 + n * 17).toString('utf8')) as [number, string, boolean][]).map(
      ([row, text, big]): [number, PointValue] => [row, big ? BigInt(text) : text],
    ),
  );
  const samples: Sample[] = [];
  let timeMs = 0;
  for (let row = 0; row < n; row++) {
    timeMs += columns.readDoubleLE(4 + row * 8);
    const value = texts.get(row) ?? columns.readDoubleLE(4 + n * 8 + row * 8);
    samples.push({ timeMs, value, quality: columns.readUInt8(4 + n * 16 + row) });
  }
  return samples;
}

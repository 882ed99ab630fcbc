import { crc32 } from 'node:zlib';
import { TandemError } from '../../contract/index.js';
import { BitReader, BitWriter } from './bits.js';
import { decodeBlockV1 } from './block-v1.js';
import { decodeBlockV2 } from './block-v2.js';
import { CHUNK_SAMPLES, readChunk, writeChunk } from './chunk.js';
import { Columns } from './columns.js';

const VERSION = 3;
const HEAD_BYTES = 9;
const FLAG_TEXTS = 1;
const writer = new BitWriter();
const NO_TAIL = Buffer.alloc(0);

/**
 * Block format 3, little endian: u8 version, u32 CRC-32 of the rest, u8 flags, u24 n, chunks (chunk.ts); with flag 1 u32 bytes
 * of the chunks before them and JSON of [row, text, isBigint] after them. LevelDB opens a log with zeroed bytes without an
 * error (MEASURED.md, section 3), so a block carries its own checksum.
 */
export function encodeBlock(columns: Columns): Buffer {
  const part = new Columns(1);
  let beforeMs = 0;
  for (let from = 0; from < columns.length; from += CHUNK_SAMPLES) {
    part.view(columns, from, Math.min(CHUNK_SAMPLES, columns.length - from));
    writeChunk(part, beforeMs, writer);
    beforeMs = part.lastMs;
  }
  const { texts } = columns;
  const chunks = writer.take();
  const tail = texts === undefined ? NO_TAIL : Buffer.from(JSON.stringify([...texts].map(([row, text]) => [row, String(text), typeof text === 'bigint'])));
  return sealBlock(columns.length, chunks.length, texts === undefined ? undefined : tail, (bytes, at) => bytes.set(chunks, at));
}

/** A block of `samples` whose chunks, `size` bytes, `fill` writes. */
export function sealBlock(samples: number, size: number, tail: Buffer | undefined, fill: (bytes: Buffer, at: number) => void): Buffer {
  const chunksAt = HEAD_BYTES + (tail === undefined ? 0 : 4);
  const bytes = Buffer.allocUnsafe(chunksAt + size + (tail?.length ?? 0));
  bytes.writeUInt8(VERSION, 0);
  bytes.writeUInt8(tail === undefined ? 0 : FLAG_TEXTS, 5);
  bytes.writeUIntLE(samples, 6, 3);
  if (tail !== undefined) {
    bytes.writeUInt32LE(size, HEAD_BYTES);
    bytes.set(tail, chunksAt + size);
  }
  fill(bytes, chunksAt);
  bytes.writeUInt32LE(crc32(bytes.subarray(5)), 1);
  return bytes;
}

/** @throws STORE_CORRUPT where the checksum or the format differs. */
export function decodeBlock(bytes: Buffer): Columns {
  const version = bytes[0];
  if (version === 1) return decodeBlockV1(bytes);
  if (version === 2) return decodeBlockV2(bytes);
  if (version !== VERSION || bytes.length < HEAD_BYTES || crc32(bytes.subarray(5)) !== bytes.readUInt32LE(1)) {
    throw new TandemError('STORE_CORRUPT', 'a history block is damaged; its samples are lost');
  }
  const hasTexts = (bytes.readUInt8(5) & FLAG_TEXTS) !== 0;
  const length = bytes.readUIntLE(6, 3);
  const columns = new Columns(Math.max(1, length));
  const chunksAt = HEAD_BYTES + (hasTexts ? 4 : 0);
  readChunks(columns, length, new BitReader(bytes, chunksAt));
  if (hasTexts) {
    const texts = JSON.parse(bytes.subarray(chunksAt + bytes.readUInt32LE(HEAD_BYTES)).toString('utf8')) as [number, string, boolean][];
    columns.texts = new Map(texts.map(([row, text, big]) => [row, big ? BigInt(text) : text]));
  }
  return columns;
}

/** Fills `columns` with the samples of chunks that follow each other, until it has `length` of them. @throws STORE_CORRUPT */
export function readChunks(columns: Columns, length: number, from: BitReader): void {
  for (let beforeMs = 0; columns.length < length; beforeMs = columns.lastMs) readChunk(columns, beforeMs, from);
  if (columns.length > length) throw new TandemError('STORE_CORRUPT', 'a history block has more samples than it says');
}

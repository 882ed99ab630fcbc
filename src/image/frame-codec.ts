import { crc32 } from 'node:zlib';
import { TandemError, type SampleBatch } from '../contract/index.js';
import type { Frame, Json, LogEntry, Put, ValueColumns } from './frame.js';

/**
 * Frames as bytes, version 1, little endian, the same in the journal and on the sync link:
 *
 *     0  u32  magic "TF", version, flags (1 values carry their seq, 2 snapshot)
 *     4  u32  CRC-32 of all other bytes: a flag that flips would make a frame replace everything
 *     8  f64  seq        16  f64  fromSeq     24  f64  pairTimeMs
 *    32  u32  n values   36  u32  m samples   40  u32  bytes of the JSON tail   44  u32  0
 *    48  f64  values[n] times[n] (seqs[n]) values[m] times[m]
 *        u32  points[n] points[m]
 *        u8   qualities[n] qualities[m]
 *        JSON tail: epoch, revision, texts, puts, logs
 *
 * Columns of plain numbers, because a row costs 26 ns to write and 21 bytes (docs/decisions/0002).
 */
const MAGIC = 0x4654;
const VERSION = 1;
const HEADER_BYTES = 48;
const FLAG_SEQS = 1;
const FLAG_SNAPSHOT = 2;

type TextCell = readonly [row: number, text: string] | readonly [row: number, integer: string, big: 1];

interface Tail {
  e: readonly [number, string, string];
  r: string;
  vt?: readonly TextCell[];
  st?: readonly TextCell[];
  p?: readonly Put[];
  l?: readonly LogEntry[];
}

export function encodeFrame(frame: Frame): Buffer {
  const { values, samples } = frame;
  const n = values.length;
  const m = samples.length;
  const tail: Tail = {
    e: [frame.epoch.number, frame.epoch.node, frame.epoch.nonce],
    r: frame.revision,
    ...(values.texts === undefined ? {} : { vt: textCells(values.texts) }),
    ...(samples.texts === undefined ? {} : { st: textCells(samples.texts) }),
    ...(frame.puts.length === 0 ? {} : { p: frame.puts }),
    ...(frame.logs.length === 0 ? {} : { l: frame.logs }),
  };
  const json = Buffer.from(JSON.stringify(tail), 'utf8');
  const seqBytes = values.seqs === undefined ? 0 : n * 8;
  const total = HEADER_BYTES + n * 21 + m * 21 + seqBytes + json.length;
  const bytes = Buffer.from(new ArrayBuffer(total));
  const flags = (values.seqs === undefined ? 0 : FLAG_SEQS) | (frame.snapshot === true ? FLAG_SNAPSHOT : 0);
  bytes.writeUInt16LE(MAGIC, 0);
  bytes.writeUInt8(VERSION, 2);
  bytes.writeUInt8(flags, 3);
  bytes.writeDoubleLE(frame.seq, 8);
  bytes.writeDoubleLE(frame.fromSeq, 16);
  bytes.writeDoubleLE(frame.pairTimeMs, 24);
  bytes.writeUInt32LE(n, 32);
  bytes.writeUInt32LE(m, 36);
  bytes.writeUInt32LE(json.length, 40);
  let at = HEADER_BYTES;
  const put = (column: Float64Array | Uint32Array | Uint8Array, length: number): void => {
    const size = length * column.BYTES_PER_ELEMENT;
    bytes.set(new Uint8Array(column.buffer, column.byteOffset, size), at);
    at += size;
  };
  put(values.values, n);
  put(values.times, n);
  if (values.seqs !== undefined) put(values.seqs, n);
  put(samples.values, m);
  put(samples.times, m);
  put(values.points, n);
  put(samples.points, m);
  put(values.qualities, n);
  put(samples.qualities, m);
  bytes.set(json, at);
  bytes.writeUInt32LE(checksumOf(bytes), 4);
  return bytes;
}

/** @throws LINK_MALFORMED where the bytes are not a whole, undamaged frame of this version. */
export function decodeFrame(bytes: Uint8Array): Frame {
  if (bytes.length < HEADER_BYTES) throw malformed(`${bytes.length} bytes are too few for a frame`);
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.readUInt16LE(0) !== MAGIC) throw malformed('not a frame');
  if (view.readUInt8(2) !== VERSION) throw malformed(`frame format ${view.readUInt8(2)} is not known here`);
  const flags = view.readUInt8(3);
  const n = view.readUInt32LE(32);
  const m = view.readUInt32LE(36);
  const jsonLength = view.readUInt32LE(40);
  const hasSeqs = (flags & FLAG_SEQS) !== 0;
  if (view.length !== HEADER_BYTES + n * 21 + m * 21 + (hasSeqs ? n * 8 : 0) + jsonLength) throw malformed('lengths do not add up');
  if (checksumOf(view) !== view.readUInt32LE(4)) throw malformed('checksum differs');

  // One copy of the columns gives every typed array its alignment, wherever the bytes came from.
  // (Not bytes.slice(): a Buffer's slice is a view of the memory it came in.)
  const columns = new Uint8Array(view.subarray(HEADER_BYTES, view.length - jsonLength)).buffer;
  let at = 0;
  const f64 = (length: number): Float64Array => {
    const column = new Float64Array(columns, at, length);
    at += length * 8;
    return column;
  };
  const u32 = (length: number): Uint32Array => {
    const column = new Uint32Array(columns, at, length);
    at += length * 4;
    return column;
  };
  const u8 = (length: number): Uint8Array => {
    const column = new Uint8Array(columns, at, length);
    at += length;
    return column;
  };
  const valueColumns = { values: f64(n), times: f64(n), ...(hasSeqs ? { seqs: f64(n) } : {}) };
  const sampleColumns = { values: f64(m), times: f64(m) };
  const points = [u32(n), u32(m)] as const;
  const qualities = [u8(n), u8(m)] as const;
  const tail = parseTail(view.subarray(view.length - jsonLength).toString('utf8'));
  const values: ValueColumns = { length: n, ...valueColumns, points: points[0], qualities: qualities[0], ...textsOf(tail.vt) };
  const samples: SampleBatch = { length: m, ...sampleColumns, points: points[1], qualities: qualities[1], ...textsOf(tail.st) };
  return {
    epoch: { number: tail.e[0], node: tail.e[1], nonce: tail.e[2] },
    seq: view.readDoubleLE(8),
    fromSeq: view.readDoubleLE(16),
    revision: tail.r,
    pairTimeMs: view.readDoubleLE(24),
    values,
    samples,
    puts: tail.p ?? [],
    logs: tail.l ?? [],
    ...((flags & FLAG_SNAPSHOT) !== 0 ? { snapshot: true } : {}),
  };
}

function checksumOf(bytes: Buffer): number {
  return crc32(bytes.subarray(8), crc32(bytes.subarray(0, 4)));
}

function parseTail(text: string): Tail {
  let tail: Json;
  try {
    tail = JSON.parse(text) as Json;
  } catch (cause) {
    throw malformed('the tail is not JSON', cause);
  }
  // The checksum vouches for the rest: whoever wrote this frame was a node of this version.
  if (typeof tail !== 'object' || tail === null || !('e' in tail) || !('r' in tail)) throw malformed('the tail has no epoch');
  return tail as unknown as Tail;
}

function textCells(texts: ReadonlyMap<number, string | bigint>): TextCell[] {
  return [...texts].map(([row, text]): TextCell => (typeof text === 'bigint' ? [row, text.toString(), 1] : [row, text]));
}

function textsOf(cells: readonly TextCell[] | undefined): { texts?: ReadonlyMap<number, string | bigint> } {
  if (cells === undefined) return {};
  return { texts: new Map(cells.map((cell) => [cell[0], cell.length === 3 ? BigInt(cell[1]) : cell[1]])) };
}

function malformed(message: string, cause?: unknown): TandemError {
  return new TandemError('LINK_MALFORMED', `frame refused: ${message}`, { cause });
}

import { crc32 } from 'node:zlib';
import { TandemError, type SampleBatch } from '../contract/index.js';
import { FORM_BITS, formOf, readColumn, sizeOf, writeColumn, type Column, type Form } from './frame-columns.js';
import type { Frame, Json, LogEntry, Put, ValueColumns } from './frame.js';

/**
 * Frames as bytes, version 2, little endian, the same in the journal and on the sync link:
 *
 *     0  u16  magic "TF"; u8 version; u8 flags (1 values carry their seq, 2 snapshot)
 *     4  u32  CRC-32 of all other bytes: a flag that flips would make a frame replace everything
 *     8  f64  seq        16  f64  fromSeq     24  f64  pairTimeMs
 *    32  u32  n values   36  u32  m samples   40  u32  bytes of the JSON tail
 *    44  u32  form of each column, three bits each, the first column lowest (frame-columns.ts)
 *    48  columns: values[n] times[n] (seqs[n]) values[m] times[m] as f64
 *                 points[n] points[m] as u32
 *                 qualities[n] qualities[m] as u8
 *        JSON tail: epoch, revision, texts, puts, logs
 *
 * Columns of plain numbers, because a row costs 26 ns to write and 21 bytes at the most (docs/decisions/0002). In version 1,
 * which nodes of link protocol 1 speak, every column is as it lies in memory (all forms 0).
 */
const MAGIC = 0x4654;
const VERSION = 2;
const HEADER_BYTES = 48;
const FLAG_SEQS = 1;
const FLAG_SNAPSHOT = 2;

type TextCell = readonly [row: number, text: string] | readonly [row: number, integer: string, big: 1];

/** Cells of a column, and records of the tail, that are encoded without a pause: about a millisecond. */
const CELLS_AT_ONCE = 20_000;
const RECORDS_AT_ONCE = 500;

interface Tail {
  e: readonly [number, string, string];
  r: string;
  vt?: readonly TextCell[];
  st?: readonly TextCell[];
  p?: readonly Put[];
  l?: readonly LogEntry[];
}

export function encodeFrame(frame: Frame, version: 1 | 2 = VERSION): Buffer {
  const steps = encoding(frame, version);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/**
 * The same bytes with `breathe` between pieces of work: a snapshot of a large site takes longer than whatever else waits for the
 * event loop should. The frame must not change meanwhile, which a snapshot does not: it is a copy, and values of keys are never changed.
 */
export async function encodeInTurns(frame: Frame, breathe: () => Promise<void>): Promise<Buffer> {
  const steps = encoding(frame, VERSION);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await breathe();
  }
}

function* encoding(frame: Frame, version: 1 | 2): Generator<undefined, Buffer> {
  const { values, samples } = frame;
  const n = values.length;
  const m = samples.length;
  const json: Buffer[] = [];
  for (const piece of tailPieces(frame)) {
    if (json.length > 0) yield undefined;
    json.push(Buffer.from(piece, 'utf8'));
  }
  const jsonLength = json.reduce((sum, { length }) => sum + length, 0);
  const columns: { column: Column; length: number; form: Form; size: number }[] = [];
  let total = HEADER_BYTES + jsonLength;
  for (const [column, length] of columnsOf(values, samples)) {
    const form = version === 1 ? 0 : formOf(column, length);
    const size = sizeOf(form, length, column.BYTES_PER_ELEMENT) ?? 0;
    columns.push({ column, length, form, size });
    total += size;
    if (length > CELLS_AT_ONCE) yield undefined;
  }
  const bytes = Buffer.from(new ArrayBuffer(total));
  const flags = (values.seqs === undefined ? 0 : FLAG_SEQS) | (frame.snapshot === true ? FLAG_SNAPSHOT : 0);
  bytes.writeUInt16LE(MAGIC, 0);
  bytes.writeUInt8(version, 2);
  bytes.writeUInt8(flags, 3);
  bytes.writeDoubleLE(frame.seq, 8);
  bytes.writeDoubleLE(frame.fromSeq, 16);
  bytes.writeDoubleLE(frame.pairTimeMs, 24);
  bytes.writeUInt32LE(n, 32);
  bytes.writeUInt32LE(m, 36);
  bytes.writeUInt32LE(jsonLength, 40);
  bytes.writeUInt32LE(columns.reduce((forms, { form }, index) => forms | (form << (index * FORM_BITS)), 0), 44);
  let at = HEADER_BYTES;
  for (const { form, column, length, size } of columns) {
    writeColumn(form, column, length, bytes, at);
    at += size;
    if (length > CELLS_AT_ONCE) yield undefined;
  }
  for (const piece of json) {
    bytes.set(piece, at);
    at += piece.length;
  }
  bytes.writeUInt32LE(checksumOf(bytes), 4);
  return bytes;
}

/** The tail as JSON; more than one piece where it has many records. */
function* tailPieces({ epoch, revision, values, samples, puts, logs }: Frame): Generator<string> {
  const head: Omit<Tail, 'p' | 'l'> = {
    e: [epoch.number, epoch.node, epoch.nonce],
    r: revision,
    ...(values.texts === undefined ? {} : { vt: textCells(values.texts) }),
    ...(samples.texts === undefined ? {} : { st: textCells(samples.texts) }),
  };
  let text = JSON.stringify(head).slice(0, -1);
  for (const [name, records] of [['p', puts], ['l', logs]] as const) {
    for (let from = 0; from < records.length; from += RECORDS_AT_ONCE) {
      if (from > 0) {
        yield text;
        text = '';
      }
      text += `${from === 0 ? `,"${name}":[` : ','}${JSON.stringify(records.slice(from, from + RECORDS_AT_ONCE)).slice(1, -1)}`;
    }
    if (records.length > 0) text += ']';
  }
  yield `${text}}`;
}

/** What a node of link protocol 1 can read. */
export function asFrameVersion1(bytes: Uint8Array): Uint8Array {
  return encodeFrame(decodeFrame(bytes), 1);
}

/** @throws LINK_MALFORMED where the bytes are not a whole, undamaged frame of a version that is known here. */
export function decodeFrame(bytes: Uint8Array): Frame {
  if (bytes.length < HEADER_BYTES) throw malformed(`${bytes.length} bytes are too few for a frame`);
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.readUInt16LE(0) !== MAGIC) throw malformed('not a frame');
  const version = view.readUInt8(2);
  if (version !== VERSION && version !== 1) throw malformed(`frame format ${version} is not known here`);
  // First of all: a length that is wrong must not be believed.
  if (checksumOf(view) !== view.readUInt32LE(4)) throw malformed('checksum differs');
  const flags = view.readUInt8(3);
  const jsonLength = view.readUInt32LE(40);
  const { values, samples } = room(view.readUInt32LE(32), view.readUInt32LE(36), (flags & FLAG_SEQS) !== 0);
  const forms = version === 1 ? 0 : view.readUInt32LE(44);
  const columns = columnsOf(values, samples).map(([column, length], index) => {
    const form = ((forms >>> (index * FORM_BITS)) & ((1 << FORM_BITS) - 1)) as Form;
    return { column, form, size: sizeOf(form, length, column.BYTES_PER_ELEMENT) ?? Infinity };
  });
  if (view.length !== columns.reduce((sum, { size }) => sum + size, HEADER_BYTES + jsonLength)) throw malformed('lengths do not add up');
  let at = HEADER_BYTES;
  for (const { column, form, size } of columns) {
    readColumn(form, column, view, at);
    at += size;
  }
  const tail = parseTail(view.subarray(view.length - jsonLength).toString('utf8'));
  return {
    epoch: { number: tail.e[0], node: tail.e[1], nonce: tail.e[2] },
    seq: view.readDoubleLE(8),
    fromSeq: view.readDoubleLE(16),
    revision: tail.r,
    pairTimeMs: view.readDoubleLE(24),
    values: { ...values, ...textsOf(tail.vt) },
    samples: { ...samples, ...textsOf(tail.st) },
    puts: tail.p ?? [],
    logs: tail.l ?? [],
    ...((flags & FLAG_SNAPSHOT) !== 0 ? { snapshot: true } : {}),
  };
}

/** The columns of a frame in the order in which they are written. */
function columnsOf(values: ValueColumns, samples: SampleBatch): (readonly [column: Column, length: number])[] {
  const { length: n, seqs } = values;
  const { length: m } = samples;
  return [
    [values.values, n],
    [values.times, n],
    ...(seqs === undefined ? [] : [[seqs, n] as const]),
    [samples.values, m],
    [samples.times, m],
    [values.points, n],
    [samples.points, m],
    [values.qualities, n],
    [samples.qualities, m],
  ];
}

/** Columns to be filled. Values and samples apart: they live for different times. */
function room(n: number, m: number, hasSeqs: boolean): { values: ValueColumns; samples: SampleBatch } {
  return { values: { ...batchOf(n), ...(hasSeqs ? { seqs: new Float64Array(n) } : {}) }, samples: batchOf(m) };
}

function batchOf(length: number): SampleBatch {
  const memory = new ArrayBuffer(length * 21);
  return {
    length,
    values: new Float64Array(memory, 0, length),
    times: new Float64Array(memory, length * 8, length),
    points: new Uint32Array(memory, length * 16, length),
    qualities: new Uint8Array(memory, length * 20, length),
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

import fc from 'fast-check';
import { SampleBuilder, type PointDefinition, type PointValue, type SampleBatch } from '../../src/contract/index.js';
import type { Frame, Json, LogEntry, Put, ValueColumns } from '../../src/image/index.js';

/** Eight numbers, two texts and two 64-bit integers; points 0 to 3 have an increment. */
export const POINTS: readonly PointDefinition[] = Array.from({ length: 12 }, (_, id) => ({
  id,
  name: `P${id}`,
  kind: id < 8 ? 'number' : id < 10 ? 'text' : 'integer64',
  device: 'D',
  poll: 'normal',
  ...(id < 4 ? { cov: 0.5 } : {}),
}));

export type Row = readonly [point: number, value: PointValue, quality: number, timeMs: number];

const number = fc.oneof(fc.double(), fc.constantFrom(0, 1, 20.5, NaN, Infinity, -Infinity), fc.double({ min: -2, max: 2, noNaN: true }));

/** A sample of a value that its point can have; NaN on a text point is "no value". */
export const row: fc.Arbitrary<Row> = fc.nat(POINTS.length - 1).chain((point) =>
  fc.tuple(
    fc.constant(point),
    point < 8 ? number : point < 10 ? fc.oneof(fc.string({ unit: 'grapheme' }), fc.constant(NaN)) : fc.oneof(fc.bigInt(), fc.constant(NaN)),
    fc.constantFrom(0, 64, 129, 194, 255),
    fc.oneof(fc.integer({ min: 0, max: 2e12 }), fc.double({ min: 0, max: 2e12, noNaN: true })),
  ),
);

export const rows: fc.Arbitrary<readonly Row[]> = fc.array(row, { maxLength: 12 });

export function batchOf(some: readonly Row[]): SampleBatch {
  const builder = new SampleBuilder(2);
  for (const [point, value, quality, timeMs] of some) builder.add(point, value, quality, timeMs);
  return builder.take();
}

/** The rows of a batch as they are meant, whatever its columns look like. */
export function rowsOf(columns: ValueColumns): unknown[] {
  return Array.from({ length: columns.length }, (_, i) => [columns.points[i], columns.texts?.get(i) ?? columns.values[i], columns.qualities[i], columns.times[i], columns.seqs?.[i]]);
}

const json = fc.jsonValue().map((value) => value as Json);
const put: fc.Arbitrary<Put> = fc.record({ key: fc.string({ unit: 'grapheme' }), value: json, seq: fc.nat() }, { requiredKeys: ['key', 'value'] });
const log: fc.Arbitrary<LogEntry> = fc.record({ id: fc.string(), kind: fc.constantFrom('alarm', 'audit'), timeMs: fc.nat(), data: json });

export const frame: fc.Arbitrary<Frame> = fc
  .tuple(fc.nat(), fc.nat(1e6), rows, rows, fc.boolean(), fc.boolean(), fc.array(put, { maxLength: 4 }), fc.array(log, { maxLength: 3 }), fc.string({ unit: 'grapheme' }))
  .map(([epoch, seq, values, samples, withSeqs, snapshot, puts, logs, node]) => ({
    epoch: { number: epoch, node, nonce: 'f00d' },
    seq,
    fromSeq: Math.max(0, seq - values.length),
    revision: 'r',
    pairTimeMs: seq * 7.25,
    values: { ...batchOf(values), ...(withSeqs ? { seqs: Float64Array.from(values, (_, i) => i * 3) } : {}) },
    samples: batchOf(samples),
    puts,
    logs,
    ...(snapshot ? { snapshot } : {}),
  }));

export function plainFrame(some: { seq: number; values?: readonly Row[]; samples?: readonly Row[]; puts?: readonly Put[]; logs?: readonly LogEntry[] }): Frame {
  return {
    epoch: { number: 1, node: 'A', nonce: 'aa' },
    seq: some.seq,
    fromSeq: some.seq,
    revision: 'r',
    pairTimeMs: some.seq,
    values: batchOf(some.values ?? []),
    samples: batchOf(some.samples ?? []),
    puts: some.puts ?? [],
    logs: some.logs ?? [],
  };
}

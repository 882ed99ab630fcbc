import assert from 'node:assert/strict';
import fc from 'fast-check';
import { JsonRows } from '../../src/clients/json-rows.js';

type Row = readonly [id: number, isBoolean: boolean, value: number | string | bigint, quality: number, timeMs: number, seq: number];

/** As JSON.stringify has it. */
function expected(rows: readonly Row[]): unknown[] {
  return rows.map(([id, isBoolean, value, quality, timeMs, seq]) => {
    const shown = typeof value === 'bigint' ? value.toString() : typeof value === 'string' ? value : !Number.isFinite(value) ? null : isBoolean ? value !== 0 : value;
    return [id, shown, quality, timeMs, seq];
  });
}

function written(rows: readonly Row[], into = new JsonRows()): string {
  for (const [id, isBoolean, value, quality, timeMs, seq] of rows) into.add(id, isBoolean, typeof value === 'number' ? value : NaN, typeof value === 'number' ? undefined : value, quality, timeMs, seq);
  return `[${into.take().toString('utf8')}]`;
}

const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.float(),
  fc.tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.constantFrom(10, 100, 1_000, 10_000, 100_000)).map(([steps, scale]) => steps / scale),
  fc.constantFrom(0, -0, 1e9, 999_999_999, 1e9 - 0.5, 1e10 + 0.1, 2 ** 53, 2 ** 53 - 1, 1e21, 5e-324, 0.1 + 0.2, 1.005),
);
const row: fc.Arbitrary<Row> = fc.tuple(fc.nat(2_000_000), fc.boolean(), fc.oneof({ weight: 8, arbitrary: number }, { weight: 1, arbitrary: fc.string({ unit: 'binary' }) }, { weight: 1, arbitrary: fc.bigInt() }), fc.nat(255), fc.oneof(fc.constant(1_763_740_000_123), fc.nat(), fc.double({ min: 0, max: 2e12, noNaN: true })), fc.oneof(fc.constant(77), fc.maxSafeInteger().map(Math.abs)));

describe('rows of client messages as bytes', () => {
  it('are what JSON.stringify makes of them', () => {
    fc.assert(fc.property(fc.array(row, { maxLength: 30 }), (rows) => assert.equal(written(rows), JSON.stringify(expected(rows)))), { numRuns: 2_000 });
  });

  it('begin anew after each taking, however much was written', () => {
    const rows = new JsonRows();
    const text = 'ü'.repeat(40_000);
    const many = Array.from({ length: 40 }, (_, id): Row => [id, false, text, 0, 1, 2]);
    assert.equal(written(many, rows), JSON.stringify(expected(many)));
    const few: Row[] = [[1, true, 1, 0, 1, 2], [2, false, 1.25, 64, 1, 2]];
    const first = written(few, rows);
    assert.equal(written(few, rows), first);
    assert.equal(first, '[[1,true,0,1,2],[2,1.25,64,1,2]]');
  });
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeBlock, encodeBlock } from '../../src/store/history/block.js';
import { Columns, type Sample } from '../../src/store/history/columns.js';

const decimal = fc.tuple(fc.integer({ min: -2_000_000, max: 2_000_000 }), fc.constantFrom(1, 10, 100, 1_000, 10_000)).map(([steps, scale]) => steps / scale);
const single = fc.float({ noNaN: false });
/** Each kind of series that has a form of its own, and any mixture. */
const values = fc.oneof(
  fc.array(decimal, { maxLength: 300 }),
  fc.array(decimal.map(Math.fround), { maxLength: 300 }),
  fc.array(single, { maxLength: 300 }),
  fc.array(fc.double(), { maxLength: 300 }),
  fc.array(fc.constantFrom(0, -0, 1, NaN, Infinity, -Infinity, 2 ** 30, -(2 ** 30), 2 ** 53, 1e-300), { maxLength: 300 }),
  fc.array(fc.oneof(fc.double(), fc.bigInt(), fc.string()), { maxLength: 60 }),
);
const times = fc.oneof(
  fc.constantFrom(0, 1, 60_000, 2 ** 31).map((step) => () => step),
  fc.array(fc.oneof(fc.nat(20), fc.nat(2 ** 29), fc.integer({ min: -5_000, max: 5_000 })), { minLength: 1 }).map((steps) => (row: number) => steps[row % steps.length] ?? 0),
  fc.double({ min: 0, max: 1e6, noNaN: true }).map((step) => () => step),
);

function samplesOf(from: readonly (number | bigint | string)[], step: (row: number) => number, qualities: readonly number[]): Sample[] {
  let timeMs = 1_700_000_000_000;
  return from.map((value, row) => ({ timeMs: (timeMs += step(row)), value, quality: qualities[row % qualities.length] ?? 0 }));
}

function assertSame(back: Columns, samples: readonly Sample[]): void {
  assert.equal(back.length, samples.length);
  samples.forEach((sample, row) => assert.deepStrictEqual(back.sample(row), sample));
}

describe('history block', () => {
  it('brings back every sample bit by bit, whatever the series', () => {
    fc.assert(
      fc.property(values, times, fc.array(fc.nat(255), { minLength: 1, maxLength: 5 }), (series, step, qualities) => {
        const samples = samplesOf(series, step, qualities);
        assertSame(decodeBlock(encodeBlock(Columns.of(samples))), samples);
      }),
      { numRuns: 2_000, seed: 4 },
    );
  });

  it('takes little room for what sensors send', () => {
    let value = 21.5;
    const measured = (every: (value: number) => number): number => {
      const samples = Array.from({ length: 256 }, (_, row): Sample => {
        value += Math.sin(row * 1.7) * 0.15;
        return { timeMs: row * 60_000, value: every(value), quality: 0 };
      });
      return encodeBlock(Columns.of(samples)).length / samples.length;
    };
    const tenths = measured((exact) => Math.round(exact * 10) / 10);
    const singles = measured((exact) => Math.fround(Math.round(exact * 100) / 100));
    assert.ok(tenths < 1.2, `${String(tenths)} bytes a sample in tenths`);
    assert.ok(singles < 2, `${String(singles)} bytes a sample as a REAL with two decimals`);
  });

  it('says when it is damaged, whatever byte is', () => {
    const bytes = encodeBlock(Columns.of(samplesOf([1, 2.5, 'text', 3n], () => 1_000, [0, 192])));
    for (let at = 0; at < bytes.length; at++) {
      const broken = Buffer.from(bytes);
      broken.writeUInt8((broken[at] ?? 0) ^ 0x20, at);
      assert.throws(() => decodeBlock(broken), { code: 'STORE_CORRUPT' }, `byte ${String(at)}`);
    }
    for (let length = 0; length < bytes.length; length++) assert.throws(() => decodeBlock(bytes.subarray(0, length)), { code: 'STORE_CORRUPT' }, `${String(length)} bytes`);
  });
});

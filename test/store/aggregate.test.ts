import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { HistoryBucket } from '../../src/contract/index.js';
import { Aggregator } from '../../src/store/history/aggregate.js';
import { Columns, type Sample } from '../../src/store/history/columns.js';

const BAD = 192;

/** The obvious way: looks at every millisecond. */
function slowly(samples: readonly Sample[], fromMs: number, toMs: number, everyMs: number, knownUntilMs: number): HistoryBucket[] {
  const buckets: HistoryBucket[] = [];
  for (let startMs = fromMs; startMs < toMs; startMs += everyMs) {
    const seen: number[] = [];
    for (let ms = startMs; ms < Math.min(startMs + everyMs, knownUntilMs); ms++) {
      const latest = samples.filter(({ timeMs }) => timeMs <= ms).at(-1);
      if (latest !== undefined && latest.quality < 128 && !Number.isNaN(latest.value)) seen.push(latest.value as number);
    }
    const own = samples.filter(({ timeMs, quality, value }) => timeMs >= startMs && timeMs < startMs + everyMs && quality < 128 && !Number.isNaN(value)).map(({ value }) => value as number);
    const counts = { startMs, sum: own.reduce((a, b) => a + b, 0), count: own.length, coverage: seen.length / everyMs };
    buckets.push(seen.length === 0 ? counts : { ...counts, min: Math.min(...seen), max: Math.max(...seen), mean: seen.reduce((a, b) => a + b, 0) / seen.length, first: seen[0] as number, last: seen.at(-1) as number });
  }
  return buckets;
}

describe('aggregates of history', () => {
  it('are what looking at every millisecond gives', () => {
    const sample = fc.record({ step: fc.nat(12), value: fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constant(NaN)), quality: fc.constantFrom(0, 0, 0, 64, 128, BAD) });
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 25 }), fc.integer({ min: 1, max: 25 }), fc.nat(40), fc.nat(80), fc.nat(200), fc.nat(9), (steps, everyMs, fromMs, span, until, cut) => {
        let timeMs = 0;
        const samples = steps.map(({ step, value, quality }): Sample => ({ timeMs: (timeMs += step + 1), value, quality }));
        const aggregator = new Aggregator(fromMs, fromMs + span, everyMs);
        // In any pieces: what a sample holds goes on over the border of two blocks.
        for (const piece of [samples.slice(0, cut), samples.slice(cut)]) aggregator.feed(Columns.of(piece));
        const knownUntilMs = Math.max(until, timeMs);
        const found = aggregator.finish(knownUntilMs);
        const expected = slowly(samples, fromMs, fromMs + span, everyMs, knownUntilMs);
        assert.equal(found.length, expected.length);
        found.forEach((bucket, index) => {
          const { mean, ...rest } = bucket;
          const { mean: meanExpected, ...restExpected } = expected[index] as HistoryBucket;
          assert.deepEqual(rest, restExpected);
          assert.ok(mean === meanExpected || Math.abs((mean ?? NaN) - (meanExpected ?? NaN)) < 1e-9);
        });
      }),
      { numRuns: 1_000, seed: 6 },
    );
  });
});

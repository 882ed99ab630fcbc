import assert from 'node:assert/strict';
import { SampleBuilder, type SampleBatch } from '../../src/contract/index.js';
import type { Json } from '../../src/image/index.js';
import { oldestSince, putLate } from '../../src/redundancy/late-samples.js';
import { seededRandom } from '../../simulators/virtual-time/index.js';

const MINUTE_MS = 60_000;
const T0 = Date.UTC(2026, 0, 5, 8);

const at = (...times: number[]): SampleBatch => {
  const builder = new SampleBuilder();
  for (const timeMs of times) builder.add(0, 1, 0, timeMs);
  return builder.take();
};

describe('how old samples are that are recorded', () => {
  it('is not worth a word while their clock is about right', () => {
    assert.deepEqual(putLate(undefined, at(T0 - 9 * MINUTE_MS, T0 + 60 * MINUTE_MS), T0), []);
    assert.equal(oldestSince(undefined, T0), T0);
  });

  it('is known of every stretch of pair time, and a clock that stays wrong writes little', () => {
    const random = seededRandom(1);
    let stored: Json | undefined;
    let writes = 0;
    const all: { atMs: number; timeMs: number }[] = [];
    for (let second = 0; second < 12_000; second++) {
      const atMs = T0 + second * 1_000;
      // Behind by an hour for some hours; now and then what a device had logged for a day.
      const timeMs = atMs - (second % 6_000 > 3_000 ? 60 * MINUTE_MS : 0) - (random.next() < 2e-4 ? random.below(1_440) * MINUTE_MS : 0);
      const [put] = putLate(stored, at(timeMs), atMs);
      if (put !== undefined) {
        stored = put.value;
        writes++;
      }
      all.push({ atMs, timeMs });
    }
    assert.ok(writes < 40, `${writes} times`);
    for (let sinceMs = T0; sinceMs < T0 + 12_000_000; sinceMs += 13 * MINUTE_MS) {
      const oldestMs = Math.min(...all.filter(({ atMs }) => atMs >= sinceMs).map(({ timeMs }) => timeMs));
      assert.ok(oldestSince(stored, sinceMs) - 10 * MINUTE_MS <= oldestMs, `since ${(sinceMs - T0) / MINUTE_MS} min`);
    }
    assert.equal(oldestSince(stored, T0 + 50_000_000), T0 + 50_000_000, 'and what is over is forgotten');
  });

  it('is bounded, and then tells more than need be', () => {
    let stored: Json | undefined;
    for (let hour = 0; hour < 500; hour++) for (const put of putLate(stored, at(T0 + hour * 60 * MINUTE_MS - 40 * MINUTE_MS), T0 + hour * 60 * MINUTE_MS)) stored = put.value;
    assert.ok((stored as readonly Json[]).length <= 200);
    assert.equal(oldestSince(stored, T0), T0 - 40 * MINUTE_MS);
    assert.equal(oldestSince(stored, T0 + 499 * 60 * MINUTE_MS), T0 + 499 * 60 * MINUTE_MS - 40 * MINUTE_MS);
  });
});

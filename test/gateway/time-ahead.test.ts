import assert from 'node:assert/strict';
import { GOOD, SampleBuilder, silentLog, type SampleBatch } from '../../src/contract/index.js';
import { TimeAhead, TOLERATED_MS } from '../../src/gateway/time-ahead.js';

const NOW = 1_000_000_000;

describe('samples from the future', () => {
  const warnings: string[] = [];
  const ahead = (): TimeAhead => new TimeAhead({ pairTime: () => NOW, deviceOf: () => 'd', log: { ...silentLog, warn: (text: string) => void warnings.push(text) } });
  const batch = (...times: number[]): SampleBatch => {
    const builder = new SampleBuilder();
    for (const [index, timeMs] of times.entries()) builder.add(index, index === 1 ? 'text' : index, GOOD, timeMs);
    return builder.take();
  };

  it('count from now, with their values; the others keep their time, and the batch itself is not touched', () => {
    const times = ahead();
    const given = batch(NOW - 5, NOW + 3_600_000, NOW + TOLERATED_MS, NOW + TOLERATED_MS + 1);
    const passed = times.live(given);
    assert.deepEqual([...passed.times], [NOW - 5, NOW, NOW + TOLERATED_MS, NOW]);
    assert.deepEqual([[...passed.values], passed.texts?.get(1), passed.length], [[0, NaN, 2, 3], 'text', 4]);
    assert.equal(given.times[1], NOW + 3_600_000);
    assert.equal(times.count('d'), 2);
    const right = batch(NOW);
    assert.equal(times.live(right), right);
  });

  it('are told once, by their code, and counted', () => {
    warnings.length = 0;
    const times = ahead();
    for (let round = 0; round < 3; round++) times.live(batch(NOW + 7_200_000));
    assert.deepEqual(warnings.map((text) => text.startsWith("SAMPLE_AHEAD: d tells times 7200 s ahead")), [true]);
    assert.equal(times.count('d'), 3);
  });

  it('of a log stay in the device; its other samples and its gaps are taken', () => {
    const times = ahead();
    const gaps = [{ fromMs: 1, toMs: 2, reason: 'purged' }];
    const log = { samples: [{ timeMs: NOW - 1, value: 1, quality: GOOD }, { timeMs: NOW + 86_400_000, value: 2, quality: GOOD }], gaps };
    assert.deepEqual(times.logged(0, log), { samples: [log.samples[0]], gaps });
    assert.equal(times.count('d'), 1);
  });
});

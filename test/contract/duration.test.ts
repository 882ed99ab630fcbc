import assert from 'node:assert/strict';
import { durationMs, durationText, parseDuration } from '../../src/contract/index.js';

describe('durations', () => {
  it('are written with their unit', () => {
    const wanted = { '250ms': 250, '1s': 1000, '1.5s': 1500, '5min': 300_000, '2h': 7_200_000, '1d': 86_400_000, '0s': 0 };
    for (const [text, ms] of Object.entries(wanted)) {
      assert.equal(parseDuration(text), ms);
      assert.equal(durationMs.parse(text), ms);
      assert.equal(durationText.parse(text), text);
    }
  });

  it('are nothing without one, and the refusal shows how to write them', () => {
    for (const text of ['', '5', 's', '5 s', '-1s', '1e3s', '5m', '1h30min', 'Infinitys']) {
      assert.equal(parseDuration(text), undefined, text);
      assert.match(durationMs.safeParse(text).error?.issues[0]?.message ?? '', /250ms/);
    }
    assert.match(durationMs.safeParse(5).error?.issues[0]?.message ?? '', /250ms/);
  });
});

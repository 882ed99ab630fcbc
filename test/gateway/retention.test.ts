import assert from 'node:assert/strict';
import type { PointDefinition, TrendDefinition } from '../../src/contract/index.js';
import { rulesOf } from '../../src/gateway/retention.js';

const DAY_MS = 86_400_000;
const points: readonly PointDefinition[] = [{ id: 0, name: 'P', kind: 'number', device: 'D', poll: 'fast' }];
const kept = (days: number): TrendDefinition => ({ points: [0], mode: 'change', deadband: 0, everyMs: 0, keepMs: days * DAY_MS });
const rules = (...trends: TrendDefinition[]): { ofPoint: number | undefined; ofOthers: number } => {
  const { keepMs, orphanKeepMs } = rulesOf({ trends, points, history: { maxBytes: 1e9 } });
  return { ofPoint: (keepMs('P') ?? NaN) / DAY_MS, ofOthers: orphanKeepMs / DAY_MS };
};

describe('what the history is kept for', () => {
  it('is what the trend says; what no trend records any more outlives a configuration that was taken back, even one without trends', () => {
    assert.deepEqual(rules(kept(7)), { ofPoint: 7, ofOthers: 1_095 });
    assert.deepEqual(rules(kept(3_650)), { ofPoint: 3_650, ofOthers: 3_650 });
    assert.deepEqual(rules(), { ofPoint: NaN, ofOthers: 1_095 });
  });
});

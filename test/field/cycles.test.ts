import assert from 'node:assert/strict';
import { Cycles } from '../../src/field/cycles.js';

describe('cycles of polls', () => {
  it('are measured from beginning to beginning; a break is none, and what it came into the midst of is forgotten', () => {
    const cycles = new Cycles({ fast: 100, normal: 1_000, slow: 10_000 });
    cycles.began('fast', 0);
    cycles.ended('fast', 30);
    cycles.began('fast', 100);
    cycles.broke();
    cycles.ended('fast', 140);
    cycles.began('fast', 9_000);
    cycles.ended('fast', 9_050);
    cycles.began('fast', 9_110);
    assert.deepEqual(cycles.list(), [{ poll: 'fast', periodMs: 100, cycleMs: 110, longestCycleMs: 110, pollMs: 50, longestPollMs: 50, overruns: 0, missed: 0 }]);
  });
});

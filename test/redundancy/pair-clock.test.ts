import assert from 'node:assert/strict';
import { PairClock } from '../../src/redundancy/index.js';

const NOON = Date.UTC(2026, 4, 4, 12);
const DAY = 86_400_000;

describe('pair time', () => {
  let wallMs = NOON;
  let monotonicMs = 0;
  let clock: PairClock;

  const pass = (ms: number): void => {
    wallMs += ms;
    monotonicMs += ms;
  };

  beforeEach(() => {
    wallMs = NOON;
    monotonicMs = 0;
    clock = new PairClock({ wallMs: () => wallMs, monotonicMs: () => monotonicMs });
  });

  it('is the wall clock on a node that holds nothing yet', () => {
    clock.restore(0);
    // What a promotion says of an empty state.
    clock.observe(0);
    assert.equal(clock.now(), NOON);
    pass(10_000);
    assert.equal(clock.now(), NOON + 10_000);
  });

  it('is the wall clock again after a day without any node, and not a day ago', () => {
    clock.restore(NOON - DAY);
    clock.observe(NOON - DAY);
    assert.equal(clock.now(), NOON);
  });

  it('does not begin before the last frame where the wall clock was set back', () => {
    clock.restore(NOON + DAY);
    assert.equal(clock.now(), NOON + DAY);
    pass(1_000);
    assert.ok(clock.now() > NOON + DAY);
  });

  it('is that of the active node on a standby, whatever its own clock says', () => {
    clock.restore(NOON - DAY);
    // It greets before it hears.
    clock.now();
    clock.observe(NOON - 3_600_000);
    assert.equal(clock.now(), NOON - 3_600_000);
    clock.observe(NOON - 7_200_000);
    assert.equal(clock.now(), NOON - 3_600_000, 'it never goes back');
  });

  it('slews to a wall clock that was set', () => {
    clock.now();
    wallMs += 3_600_000;
    pass(1_000);
    assert.equal(clock.now(), NOON + 1_050);
  });
});

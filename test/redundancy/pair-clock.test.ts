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
    clock.lead(0);
    assert.equal(clock.now(), NOON);
    pass(10_000);
    assert.equal(clock.now(), NOON + 10_000);
  });

  it('is the wall clock again after a day without any node, and not a day ago', () => {
    clock.restore(NOON - DAY);
    clock.lead(NOON - DAY);
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

  it('goes on with the node that takes over, less the shortest way of all that it was told', () => {
    clock.now();
    for (const delayMs of [40, 3, 700]) {
      pass(100);
      clock.observe(wallMs - delayMs);
    }
    pass(400);
    clock.lead(wallMs - 5_000);
    const behindMs = wallMs - clock.now();
    assert.ok(behindMs >= 0 && behindMs <= 3, String(behindMs));
  });

  it('of a node that becomes active without having been told it is the wall clock, and not the last frame that it got', () => {
    clock.restore(NOON - DAY);
    clock.now();
    clock.lead(NOON - 30_000);
    assert.equal(clock.now(), NOON);
  });

  it('does not go back on a node that was active, by the word of the one that took over from it', () => {
    clock.lead(0);
    pass(1_000);
    const before = clock.now();
    clock.observe(before - 200);
    assert.ok(clock.now() >= before);
  });

  it('of a node whose history the pair does not go on with is that of the one that is active', () => {
    // Its clock was an hour ahead while it led alone.
    clock.lead(NOON + 3_600_000);
    pass(1_000);
    clock.part();
    clock.observe(wallMs);
    assert.equal(clock.now(), wallMs);
  });

  it('slews to a wall clock that was set', () => {
    clock.now();
    wallMs += 3_600_000;
    pass(1_000);
    assert.equal(clock.now(), NOON + 1_050);
  });
});

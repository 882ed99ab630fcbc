import assert from 'node:assert/strict';
import { holdOffMs, recentMoves } from '../../src/redundancy/moves.js';
import { World } from './world.js';

const MINUTE_MS = 60_000;

describe('how often control moves without a person', () => {
  it('counts the moves of the last hour', () => {
    assert.deepEqual(recentMoves([0, 10 * MINUTE_MS, 59 * MINUTE_MS], 65 * MINUTE_MS), [10 * MINUTE_MS, 59 * MINUTE_MS]);
    assert.deepEqual(recentMoves('nonsense', 0), []);
  });

  it('waits twice as long after each move', () => {
    assert.deepEqual([0, 1, 2].map((moves) => holdOffMs(5 * MINUTE_MS, moves, 2)), [5, 10, 20].map((minutes) => minutes * MINUTE_MS));
  });

  it('waits no longer than an hour shared among the moves that it allows', () => {
    assert.equal(holdOffMs(5 * MINUTE_MS, 50, 6), 10 * MINUTE_MS);
    assert.equal(holdOffMs(5 * MINUTE_MS, 50, 60), 5 * MINUTE_MS, 'never shorter than what is asked for');
    assert.equal(holdOffMs(1_000, 50, 3_600), 1_000);
  });

  it('hands control back a dozen times in a row where the site allows it', async () => {
    const world = await new World({ settings: { recovery: 'automatic', maxHandBacksPerHour: 3_600 } }).inSync();
    for (let round = 1; round <= 12; round++) {
      world.a.kill();
      await world.until(() => world.b.role === 'active');
      await world.wait(world.a.start());
      await world.until(() => world.a.role === 'active', 30_000);
      await world.untilInSync();
    }
  });
});

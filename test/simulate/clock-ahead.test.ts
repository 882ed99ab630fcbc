import assert from 'node:assert/strict';
import { SimWorld } from './world.js';

const HOUR_MS = 3_600_000;

describe('a clock that is set forward', function () {
  this.timeout(60_000);

  it('brings no value from the future: it counts from when it comes, and is counted', async () => {
    const world = new SimWorld({ seed: 1, clients: 1, invariants: [], startMs: Date.UTC(2026, 0, 12), recovery: 'manual', policy: 'prefer-availability' });
    const { time } = world;
    await world.start();
    for (let i = 0; i < 100 && !world.isWhole; i++) await time.advance(200);
    const { active } = world;
    const api = active?.life?.api;
    assert.ok(active !== undefined && api !== undefined && world.isWhole);
    const counted = (): number => api.devices().reduce((sum, { counters }) => sum + (counters.samplesAhead ?? 0), 0);
    assert.equal(counted(), 0);
    active.stepWall(HOUR_MS);
    await time.advance(20_000);
    assert.equal(world.active, active);
    assert.ok(counted() > 0, 'counted');
    const { image, table } = api.state;
    const latest = Math.max(...Array.from({ length: table.size }, (_, id) => image.timeMs(id)));
    // Pair time follows a clock by 5 % of the time that passes; without a limit the values would be an hour ahead.
    assert.ok(latest <= api.pairTime() && latest > api.pairTime() - 20_000, `${(latest - api.pairTime()) / 1_000} s`);
  });
});

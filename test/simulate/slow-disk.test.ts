import assert from 'node:assert/strict';
import { SimWorld } from './world.js';

/** Bytes that may wait for a disk; a frame of this plant has a few hundred. */
const STRAINED_BYTES = 4_000;

describe('a disk that cannot keep up', function () {
  this.timeout(60_000);

  it('makes polls wait, and neither memory grow nor control move', async () => {
    const world = new SimWorld({ seed: 1, clients: 1, invariants: [], startMs: Date.UTC(2026, 0, 12), recovery: 'manual', policy: 'prefer-availability', journal: { keptBytes: 64 << 20, checkpointBytes: 8 << 20, strainedBytes: STRAINED_BYTES } });
    const { time } = world;
    await world.start();
    for (let i = 0; i < 100 && !world.isWhole; i++) await time.advance(200);
    const { active } = world;
    assert.ok(active !== undefined && world.isWhole);
    const counted = (name: string): number => (active.life?.api?.devices() ?? []).reduce((sum, { counters }) => sum + (counters[name] ?? 0), 0);
    assert.equal(counted('hostDelayedPolls'), 0);
    active.disk.syncMs = 60_000;
    await time.advance(40_000);
    assert.ok(counted('hostDelayedPolls') > 0, 'polls wait');
    const before = counted('hostPolls');
    await time.advance(10_000);
    assert.equal(counted('hostPolls'), before);
    assert.equal(world.active, active);
    active.disk.syncMs = 1;
    await time.advance(30_000);
    assert.ok(counted('hostPolls') > before + 10, 'and go on');
    assert.equal(world.active, active);
  });
});

import assert from 'node:assert/strict';
import { isTandemError, type DrillReport } from '../../src/contract/index.js';
import { World } from './world.js';

async function over(world: World): Promise<DrillReport> {
  await world.until(() => ['done', 'failed'].includes(world.nodes.find((node) => node.role === 'active')?.pair.status().drill?.phase ?? ''), 120_000);
  return world.active().pair.status().drill!;
}

describe('pair: drill', () => {
  it('switches there and back by itself, and reports gaps, losses and duplicates', async () => {
    const world = await new World().inSync();
    await world.wait(world.a.pair.control.drill('ann'));
    const report = await over(world);
    assert.equal(report.phase, 'done', report.reason);
    assert.equal(world.active(), world.a);
    assert.deepEqual(world.a.state.epochs().map(({ node }) => node), ['A', 'B', 'A']);
    assert.equal(report.gapsMs.length, 2);
    for (const gap of report.gapsMs) assert.ok(gap >= 0 && gap < 500, `${gap} ms`);
    assert.deepEqual([report.lost, report.repeated], [0, 0]);
    assert.ok(report.probes.A!.confirmed > 0 && report.probes.B!.confirmed > 0, JSON.stringify(report.probes));
    await world.until(() => world.b.pair.status().drill?.phase === 'done');
  });

  it('finds confirmed records that are not there', async () => {
    const world = await new World().inSync();
    const { store } = world.a.running;
    const logs = store.logs.bind(store);
    store.logs = async (kind, limit): ReturnType<typeof logs> => (await logs(kind, limit)).filter(({ data }) => kind !== 'drill' || (data as { n: number }).n !== 2);
    await world.wait(world.a.pair.control.drill('ann'));
    assert.equal((await over(world)).lost, 2, 'one of each node');
  });

  it('fails with the reason when the other node is lost on the way', async () => {
    const world = await new World().inSync();
    await world.wait(world.a.pair.control.drill('ann'));
    await world.until(() => world.b.role === 'active', 5_000);
    world.a.powerOff();
    const report = await over(world);
    assert.equal(report.phase, 'failed');
    assert.equal(world.active(), world.b);
  });

  it('comes by schedule, and is not begun while switching is held', async () => {
    const world = await new World({ settings: { drillEveryMs: 3_600_000 } }).inSync();
    assert.equal((await over(world)).by, 'schedule');
    const first = world.a.pair.status().drill?.id;
    await world.wait(world.a.pair.control.hold('ann', 'works', 2 * 3_600_000));
    await assert.rejects(world.wait(world.a.pair.control.drill('ann')), (error) => isTandemError(error, 'SWITCH_REFUSED'));
    assert.equal(world.a.pair.status().drill?.id, first);
  });
});

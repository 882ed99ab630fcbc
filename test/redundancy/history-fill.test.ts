import assert from 'node:assert/strict';
import type { TestNode } from './node.js';
import { World } from './world.js';

/** Samples of three points, one each 100 ms; the journal is too short for what B misses. */
async function record(world: World, node: TestNode, ticks: number): Promise<void> {
  for (let tick = 0; tick < ticks; tick++) {
    node.running.publisher.cut((draft) => {
      for (const point of [0, 1, 2]) draft.samples.add(point, Math.sin(tick) + point, 0, Math.round(draft.pairTimeMs));
      if (tick % 10 === 0) draft.log('alarm', { tick });
    });
    await world.time.advance(100);
  }
}

async function heldBy(world: World, node: TestNode): Promise<string[]> {
  const { store, state } = node.running;
  const held: string[] = [];
  for (const id of [0, 1, 2]) {
    const samples = await world.wait(store.history.query(state.table.byId(id).name, 0, 1e15, 1e6));
    held.push(...samples.map(({ timeMs, value }) => `P${id} ${String(value)} @${timeMs}`));
  }
  held.push(...(await world.wait(store.logs('alarm', 10_000))).map(({ id }) => id));
  return held;
}

describe('history that a node was too long away for', function () {
  this.timeout(60_000);

  async function apart(ticks: number): Promise<World> {
    const world = await new World({ journalBytes: 2_000 }).inSync();
    await record(world, world.a, 20);
    await world.time.advance(1_000);
    world.b.kill();
    await world.until(() => !world.a.isInSync);
    await record(world, world.a, ticks);
    await world.wait(world.a.checkpoint());
    return world;
  }

  it('comes from the other node once both are in sync, behind the live frames', async () => {
    const world = await apart(900);
    await world.wait(world.b.start());
    const seen = new Set<string>();
    const look = (): void => {
      for (const node of world.nodes) for (const { kind, subject, step } of node.pair.work()) seen.add(`${node.id}: ${kind} of ${subject}, ${step}`);
    };
    await world.until(() => {
      look();
      return world.a.isInSync;
    });
    await world.untilInSync();
    assert.ok(seen.has('A: sync of B, snapshot-store') && seen.has('B: sync of B, snapshot-store'), [...seen].join('\n'));
    assert.ok(world.nodes.every((node) => node.pair.work().every(({ kind }) => kind !== 'sync')), 'in sync: nothing is under way');
    assert.ok(world.b.pair.sync.historyFill !== undefined, 'a snapshot has no history');
    await record(world, world.a, 30);
    const counts: (number | undefined)[] = [];
    await world.until(() => {
      look();
      const [fill] = world.b.pair.work();
      if (fill?.step === 'samples') counts.push(fill.done);
      return world.b.pair.sync.historyFill === undefined;
    });
    assert.ok(seen.has('B: history-fill of B, samples'), [...seen].join('\n'));
    assert.deepEqual([...new Set(counts)].sort(), counts.filter((count, index) => count !== counts[index - 1]), 'points are counted upwards');
    assert.deepEqual(world.b.pair.work(), []);
    await world.time.advance(1_000);
    const expected = await heldBy(world, world.a);
    assert.equal(expected.length, 950 * 3 + 95);
    assert.deepEqual(await heldBy(world, world.b), expected);
  });

  it('goes on where it was after either node has died, also as the active one', async () => {
    const world = await apart(10_000);
    await world.wait(world.b.start());
    await world.untilInSync();
    await world.until(() => (world.b.pair.sync.historyFill?.added ?? 0) > 10_000, 60_000);
    world.b.kill();
    await world.wait(world.b.start());
    await world.untilInSync();
    const begun = world.b.pair.sync.historyFill?.added ?? 0;
    assert.ok(begun > 10_000, `begins anew with ${begun}`);
    // The one that has everything dies; the other one leads with a hole in its history, and asks when it is back.
    world.a.kill();
    await world.until(() => world.b.role === 'active');
    await world.wait(world.a.start());
    await world.untilInSync();
    assert.equal(world.active(), world.b);
    await world.until(() => world.b.pair.sync.historyFill === undefined, 60_000);
    const expected = await heldBy(world, world.a);
    assert.ok(expected.length >= 10_020 * 3, String(expected.length));
    assert.deepEqual(await heldBy(world, world.b), expected);
  });
});

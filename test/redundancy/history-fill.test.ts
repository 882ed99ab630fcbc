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

describe('a split that outlasts the journal of the node that yields', function () {
  this.timeout(60_000);

  /** Both lead and record, each something of its own, for longer than either journal; then `winner` goes on. */
  async function split(winner: 'A' | 'B', older?: { least: number; most: number }): Promise<{ world: World; won: TestNode; lost: TestNode; recorded: string[] }> {
    const world = new World({ journalBytes: 2_000, survivor: winner });
    const [won, lost] = winner === 'A' ? [world.a, world.b] : [world.b, world.a];
    lost.protocol = older ?? lost.protocol;
    await world.inSync();
    await record(world, world.a, 20);
    await world.until(() => world.nodes.every(({ state }) => state.position.seq === world.a.state.position.seq));
    world.cut();
    await world.until(() => world.nodes.every(({ role }) => role === 'active'));
    for (let tick = 0; tick < 300; tick++) {
      for (const { id, running } of world.nodes) {
        running.publisher.cut((draft) => {
          // Of two clocks: whose samples these are can be told.
          draft.samples.add(id === 'A' ? 0 : 1, tick, 0, Math.round(draft.pairTimeMs));
          draft.log('alarm', { tick, id });
          if (tick < 5) draft.put(`command/${id}-${tick}`, { point: 'P1', value: tick, priority: 8, by: `operator of ${id}`, state: 'done', timeMs: draft.pairTimeMs });
          if (tick === 10) draft.put(`command/${id}-0`, null);
          if (tick === 299) draft.put(`command/${id}-last`, { point: 'P1', value: tick, priority: 8, by: `operator of ${id}`, state: 'done', timeMs: draft.pairTimeMs });
        });
      }
      await world.time.advance(3_000);
    }
    for (const node of world.nodes) await world.wait(node.checkpoint());
    assert.ok(lost.running.store.journalFloor > 250, 'the journal is too long for this test');
    const recorded = [...new Set([...(await heldBy(world, won)), ...(await heldBy(world, lost))])].sort();
    world.heal();
    await world.untilInSync();
    assert.equal(world.active(), won);
    return { world, won, lost, recorded };
  }

  for (const winner of ['A', 'B'] as const) {
    it(`is merged whole where ${winner} goes on: samples, journal entries, commands as conflicts`, async () => {
      const { world, won, lost, recorded } = await split(winner);
      await world.untilMerged(lost);
      await world.until(() => world.nodes.every(({ pair }) => pair.sync.historyFill === undefined));
      await world.time.advance(1_000);
      assert.equal(await world.wait(lost.running.store.readMark('history-owed')), null, 'nothing to tell any more');
      for (const node of world.nodes) assert.deepEqual((await heldBy(world, node)).sort(), recorded, node.id);
      for (const node of world.nodes) {
        assert.deepEqual([...node.state.keyed.entries('conflict/')].map(([key]) => key).sort(), ['1', '2', '3', '4', 'last'].map((which) => `conflict/${lost.id}-${which}`), node.id);
      }
      const notes = lost.pair.status().events.map(({ what, evidence }) => `${what}: ${evidence}`);
      assert.ok(notes.some((note) => /history of a split to be handed over.*1 commands of then are remembered in the audit only/.test(note)), notes.join('\n'));
      assert.equal(won.isInSync, true);
      assert.deepEqual(world.errors, []);
    });
  }

  it('is told, and fetched, after a restart of either node, and once the other one is of a version that can be told', async () => {
    const { world, won, lost, recorded } = await split('A', { least: 1, most: 3 });
    await world.untilMerged(lost);
    await world.time.advance(5_000);
    assert.ok((await heldBy(world, won)).length < recorded.length, 'nobody has told it');
    assert.ok(typeof (await world.wait(lost.running.store.readMark('history-owed'))) === 'number');
    await world.wait(lost.stop());
    lost.protocol = undefined;
    await world.wait(lost.start());
    await world.until(() => won.pair.sync.historyFill !== undefined);
    won.kill();
    await world.until(() => lost.role === 'active');
    await world.wait(won.start());
    await world.untilInSync();
    await world.time.advance(1_000);
    await world.until(() => world.nodes.every(({ pair }) => pair.sync.historyFill === undefined));
    for (const node of world.nodes) assert.deepEqual((await heldBy(world, node)).sort(), recorded, node.id);
    assert.deepEqual(world.errors, []);
  });
});

describe('a split with more in the journal than a snapshot may bring', function () {
  this.timeout(60_000);

  it('is merged whole: the snapshot has the newest entries, the others are fetched', async () => {
    const world = await new World({ journalBytes: 64 << 20, survivor: 'A' }).inSync();
    world.cut();
    await world.until(() => world.nodes.every(({ role }) => role === 'active'));
    const text = 'x'.repeat(500_000);
    for (let i = 0; i < 40; i++) {
      for (const { running, id } of world.nodes) running.publisher.cut((draft) => draft.log('alarm', { i, id, ...(id === 'A' ? { text } : {}) }));
      await world.time.advance(50);
    }
    const brought: number[] = [];
    world.b.pair.sync.frames$.subscribe(({ snapshot, logs }) => {
      if (snapshot === true) brought.push(logs.filter(({ data }) => (data as { readonly text?: string }).text !== undefined).length);
    });
    world.heal();
    await world.untilInSync();
    assert.equal(world.active(), world.a);
    assert.ok(brought.length === 1 && (brought[0] ?? 0) > 20 && (brought[0] ?? 0) < 38, `brought ${brought.join()} entries of half a megabyte`);
    await world.untilMerged(world.b);
    await world.until(() => world.nodes.every(({ pair }) => pair.sync.historyFill === undefined));
    await world.time.advance(1_000);
    assert.ok((await heldBy(world, world.a)).length >= 80);
    assert.deepEqual((await heldBy(world, world.b)).sort(), (await heldBy(world, world.a)).sort());
    assert.deepEqual(world.errors, []);
  });
});

describe('a standby so slow that the journal does not reach back to where it is', function () {
  this.timeout(60_000);

  it('gets a snapshot, is told what that lacks, and fetches it', async () => {
    const world = await new World({ journalBytes: 200_000, settings: { pingRateMs: 1_000, missedPings: 60, failoverTimeMs: 120_000 } }).inSync();
    const { running, address } = world.a;
    const path = world.net.path(address, world.b.address);
    path.bytesPerMs = 200;
    // More than the link and the backlog take.
    const text = 'x'.repeat(500_000);
    for (let i = 0; i < 30; i++) {
      running.publisher.cut((draft) => {
        draft.log('alarm', { i, text });
        draft.samples.add(0, i, 0, Math.round(draft.pairTimeMs));
      });
      await world.time.advance(50);
    }
    await world.wait(world.a.checkpoint());
    const { position } = world.b.state;
    assert.ok(position.seq < running.store.journalFloor - 1, `${position.seq} is in the journal from ${running.store.journalFloor} on`);
    path.bytesPerMs = 1_000_000;
    await world.until(() => world.b.state.position.seq === world.a.state.position.seq && world.a.isInSync);
    await world.until(() => world.b.pair.sync.historyFill === undefined);
    await world.time.advance(1_000);
    assert.deepEqual(await heldBy(world, world.b), await heldBy(world, world.a));
    assert.deepEqual(world.errors, []);
  });
});

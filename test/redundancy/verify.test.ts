import assert from 'node:assert/strict';
import { isTandemError, SampleBuilder } from '../../src/contract/index.js';
import type { Inspector, Inventory } from '../../src/redundancy/index.js';
import type { Store } from '../../src/store/index.js';
import type { TestNode } from './node.js';
import { World } from './world.js';

const DAY_MS = 86_400_000;

/** What the gateway would tell of a node; tests change it. */
class Machine {
  version = '1.0.0';
  devices: Inventory['devices'] = [{ name: 'D', state: 'reachable', why: '' }];

  inspector(store: Store): Inspector {
    return {
      inventory: async () => ({ versions: { Tandem: this.version }, sections: {}, devices: this.devices, database: { name: 'db', state: 'reachable', why: '' }, warnings: [] }),
      history: async ({ fromMs, ...request }) => store.historyDigests({ ...request, fromMs: () => fromMs }),
      differences: async () => Promise.resolve([]),
    };
  }
}

async function machines(): Promise<{ world: World; a: Machine; b: Machine }> {
  const world = new World();
  const [a, b] = [new Machine(), new Machine()];
  world.a.inspect = (store) => a.inspector(store);
  world.b.inspect = (store) => b.inspector(store);
  await world.inSync();
  // What is being compared has to have a past.
  await world.time.advance(120_000);
  return { world, a, b };
}

async function verified(world: World, at: TestNode): Promise<readonly string[]> {
  at.pair.verifier.start('anna', DAY_MS);
  assert.match(at.pair.verifier.report.progress ?? '', /./);
  assert.equal(at.pair.work().find(({ kind }) => kind === 'verify')?.step, 'look');
  await world.until(() => at.pair.verifier.report.state !== 'running');
  assert.ok(at.pair.work().every(({ kind }) => kind !== 'verify'));
  assert.equal(at.pair.verifier.report.progress, undefined);
  await world.time.advance(100);
  return at.pair.verifier.report.findings.map(({ part, text }) => `${part}: ${text}`);
}

/** The partner is called `peer` in these worlds, which is a difference of its own. */
const besides = (found: readonly string[]): string[] => found.filter((text) => !text.startsWith('names:'));
const stateOf = (node: TestNode): string => node.pair.desk.table(0).partners[0]?.verification.state ?? '';

describe('verify: two nodes compare each other', () => {
  it('whichever is asked, both show the result, and the other side is named', async () => {
    const { world, b } = await machines();
    b.version = '1.1.0';
    b.devices = [{ name: 'D', state: 'unreachable', why: 'timeout' }];
    for (const node of world.nodes) {
      const found = besides(await verified(world, node));
      assert.ok(found.some((text) => text.includes('1.1.0')), found.join('\n'));
      assert.ok(found.includes('device: device D cannot be reached from node B: timeout'), found.join('\n'));
      assert.deepEqual(world.nodes.map(stateOf), ['differences', 'differences']);
      assert.equal(world.other(node).pair.verifier.report.node, node.id);
      assert.deepEqual(world.a.pair.verifier.report.findings, world.b.pair.verifier.report.findings);
    }
    assert.ok(world.a.pair.status().events.some(({ what }) => what.startsWith('nodes compared')));
  });

  it('a sample that one node lost is found by point and day', async () => {
    const { world } = await machines();
    const samples = new SampleBuilder();
    const since = Math.round(world.a.state.pairTimeMs) - 100_000;
    for (const after of [1_000, 2_000, 3_000]) samples.add(3, after, 0, since + after);
    world.a.running.publisher.adopt([], samples.take(), []);
    await world.time.advance(1_000);
    assert.deepEqual(besides(await verified(world, world.a)), []);
    assert.equal(world.a.pair.verifier.report.history?.samples, 3);
    await world.wait(world.b.running.store.addHistory((await world.wait(world.a.running.store.historyPage(undefined, 0, 1e15, 1e6))).pieces));
    assert.deepEqual(besides(await verified(world, world.a)), [], 'twins are one sample');
    const more = new SampleBuilder();
    more.add(3, 7, 0, since + 2_500);
    const { store, state } = world.b.running;
    store.history.add(more.take(), state.table);
    for (const node of world.nodes) assert.match(besides(await verified(world, node))[0] ?? '', /^history: history of P3 differs on \d{4}-\d\d-\d\d \(\d samples on node [AB], \d on node [AB]\)$/);
  });

  const changes: [what: string, change: (world: World) => Promise<void>][] = [
    ['a switch', async (world) => world.wait(world.a.pair.switchOver('test', ''))],
    ['a lost connection', async (world) => { world.b.kill(); await world.wait(world.b.start()); }],
    ['another configuration', async (world) => { world.a.switchTo(world.table); await world.time.advance(100); }],
    ['a changed row of the partner table', async (world) => world.wait(world.b.pair.desk.change('B', { dbSync: false }, 'anna'))],
    ['a device that answers the standby no more', async (world) => { world.b.pair.verifier.lapse('device D does not answer node B'); }],
  ];
  for (const [what, change] of changes) {
    it(`lapses on ${what}, on both nodes`, async () => {
      const { world } = await machines();
      await verified(world, world.a);
      assert.notEqual(stateOf(world.a), 'not-verified');
      await change(world);
      await world.until(() => world.nodes.every((node) => stateOf(node) === 'not-verified'));
      assert.equal(world.a.pair.verifier.report.state, 'not-verified');
      assert.notEqual(world.a.pair.verifier.report.lapsed ?? '', '');
    });
  }

  it('says so where the connection breaks in the middle, and may be asked again', async () => {
    const { world } = await machines();
    world.a.pair.verifier.start('anna', DAY_MS);
    assert.throws(() => world.a.pair.verifier.start('anna', DAY_MS), (error) => isTandemError(error, 'VERIFY_REFUSED'));
    world.b.kill();
    await world.until(() => world.a.pair.verifier.report.state === 'failed');
    assert.match(world.a.pair.verifier.report.reason ?? '', /interrupted: the other node was disconnected/);
    assert.throws(() => world.a.pair.verifier.start('anna', DAY_MS), (error) => isTandemError(error, 'VERIFY_REFUSED'));
    await world.wait(world.b.start());
    await world.untilInSync();
    await verified(world, world.a);
    assert.notEqual(stateOf(world.a), 'not-verified');
  });

  it('does not compare history that is still being copied, and says why', async () => {
    const { world } = await machines();
    await world.wait(world.b.pair.desk.change('B', { dbSync: false }, 'anna'));
    await world.time.advance(200);
    assert.ok((await verified(world, world.a)).includes('history: history was not compared: DB sync is off: journal entries and history are not copied'));
  });
});

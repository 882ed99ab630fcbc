import assert from 'node:assert/strict';
import { SampleBuilder } from '../../src/contract/index.js';
import type { TestNode } from './node.js';
import { World } from './world.js';

const change = async (world: World, node: TestNode, symbol: string, settings: { active?: boolean; dbSync?: boolean; comment?: string }): Promise<void> => world.wait(node.pair.desk.change(symbol, settings, 'anna'));

describe('partner table', () => {
  it('shows both sides of a pair that runs', async () => {
    const world = await new World().inSync();
    const { local, partners } = world.a.pair.desk.table(7);
    assert.deepEqual(local, {
      symbol: 'A', port: 7000, active: true, isPrimary: true, connectedServers: 1, connectedClients: 7, dbSync: true, database: '/data',
      tryToConnect: { state: 'none', atMs: 0 }, verification: { state: 'not-verified', atMs: 0, differences: 0 }, comment: '',
    });
    assert.deepEqual(partners, [{
      number: 1, symbol: 'peer', address: '10.0.0.2', port: 7000, periodMs: 250, timeoutMs: 750, retryCount: 10, active: true, isPrimary: false, connected: true, fault: false, dbSync: 'in-sync',
      tryToConnect: { state: 'none', atMs: 0 }, verification: { state: 'not-verified', atMs: 0, differences: 0 }, comment: '',
    }]);
    assert.equal(world.b.pair.desk.table(0).partners[0]?.isPrimary, true);
    await change(world, world.a, 'peer', { comment: 'in the other basement' });
    assert.equal(world.a.pair.desk.table(0).partners[0]?.comment, 'in the other basement');
    await assert.rejects(world.a.pair.desk.change('X', { active: false }, 'anna'), { code: 'PARTNER_UNKNOWN' });
  });

  for (const [who, symbol] of [['its own row', 'own'], ["the partner's row", 'peer']] as const) {
    for (const id of ['a', 'b'] as const) {
      it(`${who} not active at ${id === 'a' ? 'the active node' : 'the standby'}: the pair parts, nobody is promoted, also after restarts, and it comes together again`, async () => {
        const world = await new World({ settings: { recovery: 'manual' } }).inSync();
        const node = world[id];
        const row = symbol === 'own' ? node.id : symbol;
        await change(world, node, row, { active: false });
        await world.time.advance(100_000);
        assert.deepEqual([world.a.role, world.b.role], ['active', 'standby']);
        assert.match(world.b.pair.status().sync.reason ?? '', /active/);
        assert.match(world.a.pair.status().sync.reason ?? '', /active/);
        assert.equal(await world.wait(world.a.confirmed('k', 1)), 'unprotected');
        world.b.kill();
        await world.wait(world.b.start());
        await world.time.advance(100_000);
        assert.equal(world.b.role === 'active', false);
        // Who was active alone goes on after a restart: switched off is not switched dark.
        world.a.kill();
        await world.time.advance(1_000);
        await world.wait(world.a.start());
        await world.until(() => world.a.role === 'active', 20_000);
        await change(world, node, row, { active: true });
        await world.untilInSync();
        assert.equal(world.active(), world.a);
      });
    }
  }

  it('a standby that was left alone by switching off is not promoted by the death of the other one', async () => {
    const world = await new World().inSync();
    await change(world, world.a, 'A', { active: false });
    await world.time.advance(1_000);
    world.a.kill();
    await world.time.advance(200_000);
    assert.equal(world.b.role, 'standby');
    assert.equal(world.b.pair.status().barred, 'the other node has been taken out of the pair');
  });

  it('shows a fault after as many calls in vain as the retry count, and never stops calling', async () => {
    const world = await new World().inSync();
    world.a.kill();
    await world.until(() => world.b.pair.desk.table(0).partners[0]?.fault === true, 30_000);
    assert.equal(world.b.pair.desk.table(0).partners[0]?.connected, false);
    await world.time.advance(3_600_000);
    await world.wait(world.a.start());
    await world.until(() => world.b.pair.desk.table(0).partners[0]?.connected === true, 5_000);
    assert.equal(world.b.pair.desk.table(0).partners[0]?.fault, false);
  });

  it('the main shows a fault of a backup that has not called', async () => {
    const world = await new World().inSync();
    world.b.kill();
    await world.time.advance(1_000);
    assert.equal(world.a.pair.desk.table(0).partners[0]?.fault, false);
    await world.until(() => world.a.pair.desk.table(0).partners[0]?.fault === true, 10_000);
  });

  it('tries to connect when it is told to, from either side', async () => {
    const world = await new World().inSync();
    assert.equal((await world.wait(world.a.pair.desk.tryToConnect('peer'))).state, 'connected');
    world.b.kill();
    await world.time.advance(100);
    const failed = await world.wait(world.a.pair.desk.tryToConnect('peer'));
    assert.equal(failed.state, 'failed');
    assert.match(failed.result ?? '', /10\.0\.0\.2:7000 does not answer/);
    assert.deepEqual(world.a.pair.desk.table(0).partners[0]?.tryToConnect, failed);
    await world.wait(world.b.start());
    assert.equal((await world.wait(world.a.pair.desk.tryToConnect('peer'))).state, 'connected');
    await world.untilInSync();
  });
});

describe('partner table: DB sync', () => {
  const sample = (world: World, timeMs: number): void => {
    const samples = new SampleBuilder();
    samples.add(1, timeMs, 0, timeMs);
    world.a.running.publisher.adopt([{ id: `log-${String(timeMs)}`, kind: 'audit', timeMs, data: { at: timeMs } }], samples.take(), []);
  };
  const historyOf = async (world: World, node: TestNode): Promise<number[]> => {
    const { store } = node.running;
    await world.wait(store.whenDurable(node.state.position.seq));
    return (await world.wait(store.history.query('P1', 0, 1e15, 1_000))).map(({ timeMs }) => timeMs);
  };
  const logsOf = async (world: World, node: TestNode): Promise<number> => (await world.wait(node.running.store.logs('audit', 1_000))).length;

  for (const at of ['a', 'b'] as const) {
    it(`off at ${at === 'a' ? 'the active node' : 'the standby'}: live state only, and what is missing comes when it is on again`, async () => {
      const world = await new World().inSync();
      sample(world, 1_000);
      await world.time.advance(200);
      await change(world, world[at], world[at].id, { dbSync: false });
      await world.time.advance(200);
      for (const time of [2_000, 3_000]) sample(world, time);
      world.a.ingest([2, 42]);
      assert.equal(await world.wait(world.a.confirmed('live', 'state')), 'protected');
      await world.time.advance(200);
      assert.deepEqual(await historyOf(world, world.a), [1_000, 2_000, 3_000]);
      assert.deepEqual(await historyOf(world, world.b), [1_000], 'no history');
      assert.equal(world.b.state.keyed.get('live'), 'state');
      assert.equal(world.b.state.image.value(2), 42);
      assert.equal(world.a.pair.desk.table(0).partners[0]?.dbSync, 'live-only');
      assert.equal(world.b.pair.desk.table(0).partners[0]?.dbSync, 'live-only');
      // It is remembered through a restart of the standby.
      world.b.kill();
      await world.time.advance(500);
      sample(world, 4_000);
      await world.wait(world.b.start());
      await world.untilInSync();
      sample(world, 5_000);
      await world.time.advance(500);
      assert.deepEqual(await historyOf(world, world.b), [1_000]);
      await change(world, world[at], world[at].id, { dbSync: true });
      await world.time.advance(2_000);
      await world.untilInSync();
      assert.deepEqual(await historyOf(world, world.b), [1_000, 2_000, 3_000, 4_000, 5_000]);
      assert.equal(await logsOf(world, world.b), await logsOf(world, world.a));
      assert.equal(world.b.pair.desk.table(0).partners[0]?.dbSync, 'in-sync');
      assert.ok(world.b.pair.status().events.some(({ what }) => what === 'history is complete again'));
    });
  }

  for (const led of ['the same node', 'the node that went without']) {
    it(`what the journal no longer has is fetched page by page, samples and entries, where ${led} leads when it is on again`, async () => {
      const world = await new World({ journalBytes: 2_000 }).inSync();
      await change(world, world.b, 'B', { dbSync: false });
      await world.time.advance(200);
      const startMs = Math.round(world.a.state.pairTimeMs);
      for (let i = 0; i < 400; i++) {
        world.a.running.publisher.cut((draft) => {
          draft.samples.add(1, i, 0, startMs + i * 50);
          draft.log(i % 2 === 0 ? 'audit' : 'alarm', { number: i, text: 'x'.repeat(200) });
        });
        await world.time.advance(50);
      }
      await world.wait(world.a.checkpoint());
      assert.ok(world.a.running.store.journalFloor > 200, 'the journal reaches back');
      if (led === 'the node that went without') {
        await world.wait(world.a.pair.switchOver('anna', 'test'));
        await world.until(() => world.b.role === 'active');
        await world.untilInSync();
      }
      const entries = async ({ running: { store } }: TestNode): Promise<string[]> => [...(await world.wait(store.logs('audit', 1_000))), ...(await world.wait(store.logs('alarm', 1_000)))].map(({ id, kind }) => `${kind} ${id}`);
      assert.equal((await historyOf(world, world.b)).length, 0);
      assert.ok((await entries(world.b)).length < (await entries(world.a)).length - 390);
      await change(world, world.b, 'B', { dbSync: true });
      await world.until(() => world.b.pair.sync.historyFill === undefined && world.b.pair.status().events.some(({ what }) => what === 'history filled'), 60_000);
      await world.time.advance(1_000);
      assert.equal((await historyOf(world, world.a)).length, 400);
      assert.deepEqual(await historyOf(world, world.b), await historyOf(world, world.a));
      assert.deepEqual(await entries(world.b), await entries(world.a));
      assert.deepEqual(world.errors, []);
    });
  }
});

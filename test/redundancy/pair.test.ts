import assert from 'node:assert/strict';
import { isTandemError } from '../../src/contract/index.js';
import { fingerprint } from './fingerprint.js';
import type { TestNode } from './node.js';
import { World } from './world.js';

/** What is under way arrives, and then both hold the same. */
async function sameState(world: World): Promise<void> {
  await world.time.advance(1_000);
  assert.equal(world.a.state.position.seq, world.b.state.position.seq);
  assert.equal(fingerprint(world.a.state), fingerprint(world.b.state));
}

describe('pair: from start to take-over', () => {
  it('starts with the main active and the backup in sync, both in the same state', async () => {
    const world = await new World().inSync();
    assert.equal(world.active(), world.a);
    world.a.ingest([0, 1], [3, 2.5], [11, 'on']);
    await world.time.advance(100);
    assert.equal(world.b.state.image.value(3), 2.5);
    assert.equal(world.b.state.image.value(11), 'on');
    await sameState(world);
  });

  it('takes over at once when the active is killed, with everything that was confirmed', async () => {
    const world = await new World().inSync();
    assert.equal(await world.wait(world.a.confirmed('c/1', 1)), 'protected');
    world.a.kill();
    const tookMs = await world.until(() => world.b.role === 'active');
    assert.ok(tookMs < 100, `${tookMs} ms`);
    assert.equal(world.b.state.keyed.get('c/1'), 1);
    assert.ok(world.b.permitted);
  });

  it('takes over after the heartbeat budget when the machine of the active loses its power', async () => {
    const world = await new World().inSync();
    world.a.powerOff();
    const tookMs = await world.until(() => world.b.role === 'active');
    assert.ok(tookMs >= 500 && tookMs <= 1_100, `${tookMs} ms`);
  });

  it('fences a frozen active before its standby takes over, and keeps it fenced when it wakes', async () => {
    const world = await new World().inSync();
    assert.ok(world.a.permitted);
    world.a.freeze();
    await world.until(() => world.b.role === 'active');
    const allowed: number[] = [];
    const look = (): void => {
      if (world.a.permitted) allowed.push(world.time.monotonicMs());
    };
    look();
    await world.time.advance(5_000);
    world.time.every(5, look);
    world.a.thaw();
    await world.time.advance(2_000);
    assert.deepEqual(allowed, []);
    await world.untilInSync();
    assert.equal(world.active(), world.b);
    await sameState(world);
  });

  it('splits on a cut under prefer-availability; the one that is preferred goes on, and the other one sets its frames aside', async () => {
    const world = await new World({ survivor: 'B' }).inSync();
    world.cut();
    await world.until(() => world.b.role === 'active');
    assert.equal(await world.wait(world.a.confirmed('c/a', 1)), 'unprotected');
    assert.equal(await world.wait(world.b.confirmed('c/b', 1)), 'unprotected');
    const apart = (node: TestNode, text: string): void => {
      node.running.publisher.cut((draft) => {
        draft.log('note', text);
        draft.put(`command/apart${node === world.a ? '' : '-b'}`, { point: 'P', state: 'done' });
        if (node === world.a) draft.samples.add(0, 4711, 0, draft.pairTimeMs);
      });
    };
    apart(world.a, 'written by A alone');
    apart(world.b, 'written by B alone');
    world.heal();
    await world.untilInSync();
    assert.equal(world.active(), world.b);
    assert.equal(world.a.state.keyed.get('c/b'), 1);
    assert.equal(world.a.state.keyed.get('c/a'), undefined);
    // What was recorded apart is merged, not dropped: entries on both disks, the command listed for a person.
    await world.until(() => world.b.state.keyed.get('conflict/apart') !== undefined);
    await world.untilMerged(world.a);
    for (const node of [world.a, world.b]) {
      const texts = (await node.running.store.logs('note', 100)).map((entry) => entry.data);
      assert.ok(texts.includes('written by A alone') && texts.includes('written by B alone'), JSON.stringify(texts));
      assert.deepEqual((await node.running.store.history.query(node.state.table.byId(0).name, 0, 1e15, 1_000)).filter(({ value }) => value === 4711).length, 1);
    }
    await sameState(world);
  });

  it('takes a node back that led alone in a newer epoch, died and comes back, and keeps the one that runs', async () => {
    const world = await new World().inSync();
    world.cut();
    await world.until(() => world.b.role === 'active');
    for (let i = 0; i < 5; i++) {
      world.b.put(`b/${i}`, i);
      world.a.put(`a/${i}`, i);
      await world.time.advance(30);
    }
    const parted = world.b.state.position.seq - (world.b.state.epochs().at(-1)?.firstSeq ?? 0) + 1;
    world.b.kill();
    world.heal();
    await world.wait(world.b.start());
    await world.untilInSync();
    assert.equal(world.active(), world.a);
    assert.equal(world.b.state.keyed.get('b/0'), undefined);
    assert.ok(parted >= 5);
    await world.untilMerged(world.b);
    await sameState(world);
  });

  it('does not take over on a cut under prefer-safety', async () => {
    const world = await new World({ settings: { withoutWitness: 'prefer-safety' } }).inSync();
    world.cut();
    await world.time.advance(60_000);
    assert.equal(world.active(), world.a);
    world.heal();
    await world.untilInSync();
    await sameState(world);
  });

  it('hands over on a clean stop, and takes the stopped node back as standby', async () => {
    const world = await new World().inSync();
    world.a.put('c/last', 1);
    await world.wait(world.a.stop());
    await world.until(() => world.b.role === 'active', 100);
    assert.equal(world.b.state.keyed.get('c/last'), 1);
    await world.wait(world.a.start());
    await world.untilInSync();
    assert.equal(world.active(), world.b);
    await sameState(world);
  });
});

describe('pair: while it starts', () => {
  it('does not wait for ever for a peer that greeted and fell silent', async () => {
    const world = await new World().inSync();
    await world.wait(world.b.stop());
    await world.time.advance(100);
    world.a.kill();
    await world.wait(world.a.start());
    const stranger = world.net.host(world.b.address, world.time.node());
    await world.time.advance(500);
    stranger.transport.dial({ host: world.a.address, port: 7000 }, 1_000, {
      onMessage: () => undefined,
      onClose: () => undefined,
    }).send(JSON.stringify({ type: 'hello', least: 1, most: 1, site: 'demo', revision: world.table.revision, node: 'B', mode: 'backup', url: '', role: 'standby', position: { epoch: { number: 0, node: '', nonce: '' }, seq: 0 } }));
    await world.time.advance(20);
    stranger.powerOff();
    await world.until(() => world.a.role === 'active', 10_000);
  });
});

describe('pair: alone', () => {
  it('a node that may have been overtaken waits, then runs with an alarm, and knows that it is stale', async () => {
    const world = await new World().inSync();
    world.b.powerOff();
    await world.wait(world.a.stop());
    await world.wait(world.b.start());
    await world.time.advance(world.settings.staleWaitMs - 1_000);
    assert.equal(world.b.role, 'starting');
    await world.until(() => world.b.role === 'active', 2_000);
    assert.ok(world.b.pair.isStale && world.b.pair.status().startedStale);
    assert.ok(world.b.pair.systemAlarms().some(({ name }) => name === 'started-stale'));
  });

  it('a node that was the last one active is not stale', async () => {
    const world = await new World().inSync();
    world.b.powerOff();
    await world.time.advance(5_000);
    world.a.kill();
    await world.wait(world.a.start());
    await world.until(() => world.a.role === 'active', 5_000);
    assert.ok(!world.a.pair.isStale);
  });
});

describe('pair: recovery and switching', () => {
  it('brings a returning node up to date from its position, without a snapshot', async () => {
    const world = await new World().inSync();
    world.b.kill();
    for (let i = 0; i < 50; i++) {
      world.a.ingest([i % 10, i]);
      world.a.put(`k/${i % 7}`, i);
      await world.time.advance(50);
    }
    await world.wait(world.b.start());
    let snapshots = 0;
    world.b.pair.sync.frames$.subscribe((frame) => (snapshots += frame.snapshot === true ? 1 : 0));
    await world.untilInSync();
    assert.equal(snapshots, 0);
    await world.time.advance(100);
    await sameState(world);
  });

  it('sends a snapshot when the journal does not reach back', async () => {
    const world = await new World({ journalBytes: 0 }).inSync();
    world.b.kill();
    for (let i = 0; i < 20; i++) world.a.put(`k/${i}`, i);
    world.a.put('k/3', null);
    await world.wait(world.a.running.store.checkpoint(world.a.state));
    world.a.put('k/after', 1);
    await world.wait(world.b.start());
    let snapshots = 0;
    world.b.pair.sync.frames$.subscribe((frame) => (snapshots += frame.snapshot === true ? 1 : 0));
    await world.untilInSync();
    assert.equal(snapshots, 1);
    await world.time.advance(100);
    await sameState(world);
  });

  it('switches both ways many times and loses nothing on the way', async () => {
    const world = await new World().inSync();
    for (let i = 0; i < 20; i++) {
      const from = world.active();
      const to = world.other(from);
      from.ingest([i % 10, i]);
      from.put(`k/${i}`, i);
      await world.wait((i % 2 === 0 ? from : to).pair.switchOver('me', 'test'));
      await world.until(() => to.role === 'active', 2_000);
      await world.untilInSync();
      assert.equal(world.active(), to);
    }
    await world.time.advance(100);
    for (let i = 0; i < 20; i++) assert.equal(world.a.state.keyed.get(`k/${i}`), i);
    assert.equal(world.a.state.epochs().length, 21);
    await sameState(world);
  });

  it('keeps nothing that a former active took in and never framed: neither what came late nor what waited for a frame', async () => {
    const world = await new World().inSync();
    let value = 0;
    world.time.every(1, () => {
      if (world.a.life !== undefined) world.a.ingest([3, ++value], [11, `text ${value}`]);
    });
    await world.time.advance(100);
    // A clean stop with the field still talking; what the checkpoint at its end holds is what B holds, and no more.
    await world.wait(world.a.stop());
    await world.until(() => world.b.role === 'active');
    await world.wait(world.a.start());
    await world.untilInSync();
    await sameState(world);
    // The driver's last answers come when control has gone; nobody may read them here.
    const before = world.a.state.image.value(3);
    await world.time.advance(500);
    assert.equal(world.a.state.image.value(3), before);
    assert.equal(world.b.state.image.value(3), before);
    // Frozen, overtaken, and awake again.
    await world.wait(world.b.pair.switchOver('me', 'test'));
    await world.until(() => world.a.role === 'active');
    await world.untilInSync();
    world.a.freeze();
    await world.until(() => world.b.role === 'active');
    world.a.thaw();
    await world.untilInSync();
    assert.equal(world.active(), world.b);
    await sameState(world);
  });

  it('gives control back to the main by itself in recovery automatic', async () => {
    const world = await new World({ settings: { recovery: 'automatic' } }).inSync();
    world.a.kill();
    await world.until(() => world.b.role === 'active');
    await world.wait(world.a.start());
    await world.until(() => world.a.role === 'active', 20_000);
    await world.untilInSync();
    assert.equal(world.active(), world.a);
    assert.equal(world.a.state.epochs().at(-1)?.cause, 'recovery');
    await sameState(world);
  });

  it('refuses to switch without a standby in sync', async () => {
    const world = await new World().inSync();
    world.b.kill();
    await world.time.advance(100);
    await assert.rejects(world.a.pair.switchOver('me', ''), (error) => isTandemError(error, 'SWITCH_REFUSED'));
  });

  it('hands over only when the standby holds everything, however slow the link', async () => {
    const world = await new World().inSync();
    world.net.path(world.a.address, world.b.address).bytesPerMs = 2_000;
    const text = 'x'.repeat(60_000);
    await world.wait(world.a.pair.switchOver('me', ''));
    // While the standby is being asked to get ready; far more than the link takes at once.
    for (let i = 0; i < 60; i++) world.a.put(`k/${i}`, text);
    await world.until(() => world.b.role === 'active' || (world.a.role === 'active' && world.b.state.keyed.get('k/59') === text), 20_000);
    await world.untilInSync(60_000);
    for (let i = 0; i < 60; i++) assert.ok(world.active().state.keyed.get(`k/${i}`) === text, `record ${i}`);
    assert.equal(await world.b.running.store.aside.count() + await world.a.running.store.aside.count(), 0);
    await world.time.advance(1_000);
    await sameState(world);
  });
});

describe('pair: confirmations', () => {
  it('says unprotected after a bounded wait, with the mark `alone` on disk first', async () => {
    const world = await new World().inSync();
    world.b.disk.syncMs = 100_000;
    const began = world.time.monotonicMs();
    assert.equal(await world.wait(world.a.confirmed('c/1', 1)), 'unprotected');
    assert.ok(world.time.monotonicMs() - began < world.settings.confirmWaitMs + 100);
    assert.equal(await world.a.running.store.readMark('mark'), 'alone');
    assert.equal(world.a.pair.status().protected, false);
  });

  it('does not wait for a standby that is not there', async () => {
    const world = await new World().inSync();
    world.b.kill();
    await world.time.advance(50);
    const began = world.time.monotonicMs();
    assert.equal(await world.wait(world.a.confirmed('c/1', 1)), 'unprotected');
    assert.ok(world.time.monotonicMs() - began < 100);
    assert.equal(await world.a.running.store.readMark('mark'), 'alone');
  });

  it('takes a standby that was too slow back when it has caught up', async () => {
    const world = await new World().inSync();
    world.b.disk.syncMs = 3_000;
    assert.equal(await world.wait(world.a.confirmed('c/1', 1)), 'unprotected');
    world.b.disk.syncMs = 1;
    await world.untilInSync();
    assert.equal(await world.wait(world.a.confirmed('c/2', 1)), 'protected');
    await sameState(world);
  });

  it('is refused by a node that lost its role meanwhile', async () => {
    const world = await new World().inSync();
    world.a.disk.syncMs = 500;
    const waiting = world.a.confirmed('c/1', 1).then(
      () => 'confirmed',
      (error: unknown) => (isTandemError(error, 'FENCED') ? 'fenced' : 'other'),
    );
    world.a.freeze();
    await world.until(() => world.b.role === 'active');
    world.a.thaw();
    assert.equal(await world.wait(waiting), 'fenced');
  });
});

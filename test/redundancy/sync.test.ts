import assert from 'node:assert/strict';
import { fingerprint } from './fingerprint.js';
import { World } from './world.js';

/** A went on alone with many frames while B took over with few; both live, the link is healed by the caller. */
async function parted(): Promise<World> {
  const world = await new World({ survivor: 'B' }).inSync();
  world.cut();
  await world.until(() => world.b.role === 'active');
  for (let i = 0; i < 60; i++) {
    world.a.put(`a/${i}`, i);
    await world.time.advance(5);
  }
  world.b.put('b/1', 1);
  await world.time.advance(50);
  return world;
}

/** The standby has been asked to count itself, and its answer is long in coming. */
async function untilAsked(world: World): Promise<void> {
  const { store } = world.a.running;
  for (let i = 0; i < 400 && (await store.readMark('mark')) !== 'paired'; i++) await world.time.advance(5);
  assert.equal(await store.readMark('mark'), 'paired');
  assert.equal(world.a.isInSync, false);
}

describe('sync: what is acknowledged is held', () => {
  it('does not take frames of a tail that has parted for frames of the pair', async () => {
    const world = await parted();
    // Its old writes complete after it has begun to follow.
    world.a.disk.syncMs = 400;
    world.a.put('a/slow', 1);
    await world.time.advance(100);
    world.a.put('a/slower', 1);
    world.heal();
    await world.until(() => world.a.role === 'standby');
    const protectedKeys: string[] = [];
    for (let i = 0; i < 30; i++) {
      const key = `c/${i}`;
      world.b.confirmed(key, i).then(
        (held) => {
          if (held === 'protected') protectedKeys.push(key);
        },
        () => undefined,
      );
      await world.time.advance(50);
      if (protectedKeys.length > 0) break;
    }
    world.b.kill();
    world.a.powerOff();
    await world.wait(world.a.start());
    for (const key of protectedKeys) assert.notEqual(world.a.state.keyed.get(key), undefined, `${key} was confirmed as protected`);
  });

  it('keeps frames that follow a snapshot whose writing is interrupted by a new connection', async () => {
    const world = await parted();
    world.a.disk.syncMs = 300;
    world.heal();
    await world.until(() => world.a.role === 'standby' && world.a.state.keyed.get('b/1') === 1);
    // The snapshot is applied and on its way to disk; the connection breaks and is made anew.
    world.cut();
    await world.time.advance(20);
    world.b.freeze();
    await world.time.advance(800);
    world.b.thaw();
    world.heal();
    for (let i = 0; i < 100; i++) {
      if (world.b.role === 'active') world.b.put(`b/${i}`, i);
      await world.time.advance(20);
    }
    world.a.disk.syncMs = 1;
    await world.untilInSync();
    await world.time.advance(1_000);
    const before = fingerprint(world.a.state);
    world.a.powerOff();
    world.b.freeze();
    await world.wait(world.a.start());
    assert.equal(world.a.running.damaged, undefined);
    assert.equal(fingerprint(world.a.state), before);
  });

  it('counts a standby from the moment that it may count itself', async () => {
    const world = await new World().inSync();
    world.b.kill();
    await world.time.advance(50);
    await world.wait(world.b.start());
    world.b.disk.syncMs = 300;
    await untilAsked(world);
    const held = await world.wait(world.a.confirmed('c/1', 1));
    const mark = await world.a.running.store.readMark('mark');
    assert.ok(held === 'protected' || mark === 'alone', `confirmed as ${held} with the mark ${JSON.stringify(mark)}`);
  });

  it('marks itself as alone when the standby goes before it has answered', async () => {
    const world = await new World().inSync();
    world.b.kill();
    await world.time.advance(50);
    await world.wait(world.b.start());
    world.b.disk.syncMs = 300;
    await untilAsked(world);
    world.b.kill();
    await world.time.advance(100);
    assert.equal(await world.a.running.store.readMark('mark'), 'alone');
  });

  it('marks a node that follows as following, before it can be killed and start alone again', async () => {
    const world = await new World({ survivor: 'B' }).inSync();
    world.cut();
    await world.until(() => world.b.role === 'active');
    await world.time.advance(100);
    world.a.disk.syncMs = 50;
    world.heal();
    await world.until(() => world.a.role === 'standby');
    await world.time.advance(160);
    assert.notEqual(await world.a.running.store.readMark('mark'), 'alone');
  });

  it('follows without leftovers of values that it had not framed when it lost the role', async () => {
    const world = await new World().inSync();
    world.a.freeze();
    await world.until(() => world.b.role === 'active');
    world.a.thaw();
    // Read in the same turn in which the other node's word arrives.
    world.a.ingest([5, 55]);
    world.a.running.publisher.cut();
    world.a.ingest([5, 56]);
    await world.until(() => world.a.role === 'standby');
    await world.untilInSync();
    await world.time.advance(500);
    assert.equal(fingerprint(world.a.state), fingerprint(world.b.state));
    assert.equal(world.a.state.image.pending, 0);
  });

  it('feeds a slow standby merged frames, with every record, and ends in the same state', async () => {
    const world = await new World().inSync();
    const link = world.net.path(world.a.address, world.b.address);
    link.bytesPerMs = 4_000;
    let merged = 0;
    let records = 0;
    world.b.pair.sync.frames$.subscribe((frame) => {
      if (frame.fromSeq < frame.seq) merged += 1;
      records += frame.logs.filter((entry) => entry.kind === 'audit').length;
    });
    const text = 'x'.repeat(50_000);
    for (let i = 0; i < 400; i++) {
      world.a.ingest([i % 10, i]);
      world.a.put(`big/${i % 5}`, text + String(i));
      await world.time.advance(5);
    }
    await world.until(() => world.b.state.keyed.get('big/4') === `${text}399`, 60_000);
    assert.ok(merged > 0, 'frames were merged');
    assert.equal(records, 400);
    link.bytesPerMs = Infinity;
    await world.untilInSync();
    await world.time.advance(1_000);
    assert.equal(fingerprint(world.a.state), fingerprint(world.b.state));
  });
});

describe('sync: a standby with a slow disk', () => {
  it('gets no more than it can write, merged, and ends in the same state', async () => {
    const world = await new World().inSync();
    world.b.disk.syncMs = 4_000;
    const text = 'x'.repeat(1 << 20);
    let most = 0;
    for (let i = 0; i < 30; i++) {
      world.a.put(`big/${i % 3}`, text + String(i));
      await world.time.advance(50);
      most = Math.max(most, world.b.running.store.unwrittenBytes);
    }
    assert.ok(most > 8 << 20 && most < 24 << 20, `${most} bytes waited for its disk`);
    world.b.disk.syncMs = 1;
    await world.until(() => world.b.state.keyed.get('big/2') === `${text}29`, 120_000);
    await world.untilInSync();
    await world.time.advance(1_000);
    assert.equal(fingerprint(world.a.state), fingerprint(world.b.state));
  });
});

describe('sync: a standby behind a slow link', () => {
  /** Slower and slower, so that nobody is ever silent. */
  async function slow(world: World, ms: number): Promise<void> {
    for (let step = 1; step <= 10; step++) {
      for (const [from, to] of [[world.a, world.b], [world.b, world.a]] as const) world.net.path(from.address, to.address).latencyMs = (ms * step) / 10;
      await world.time.advance(1_000);
    }
  }

  it('does not count itself in sync, so that it repeats nothing that the active settled alone before it lost its power', async () => {
    const world = await new World({ settings: { staleWaitMs: 60_000 } }).inSync();
    await slow(world, 700);
    // Beats go on arriving: nobody is silent, but what the active says is old.
    await world.until(() => world.b.pair.status().events.some(({ what }) => what === 'does not count itself in sync'), 20_000);
    assert.equal(await world.wait(world.a.confirmed('alone', 1)), 'unprotected');
    world.a.powerOff();
    await world.time.advance(20_000);
    assert.equal(world.b.role, 'standby', 'it does not take over as if it counted');
  });

  it('counts again once the link is as it was', async () => {
    const world = await new World().inSync();
    await slow(world, 700);
    await world.until(() => !world.a.isInSync, 20_000);
    await world.time.advance(10_000);
    await slow(world, 1);
    await world.untilInSync();
    assert.equal(await world.wait(world.a.confirmed('again', 1)), 'protected');
    world.a.powerOff();
    await world.until(() => world.b.role === 'active', 5_000);
    assert.equal(world.b.state.keyed.get('again'), 1);
  });
});

describe('sync: what is recorded while control is given away', () => {
  /** Handing control over, and still busy with what was begun before. */
  async function yielding(): Promise<World> {
    const world = await new World().inSync();
    world.a.quiesceMs = 300;
    await world.wait(world.a.pair.switchOver('test', ''));
    await world.until(() => world.a.role === 'yielding');
    return world;
  }

  it('is confirmed once both disks hold it, and whoever leads next has it', async () => {
    const world = await yielding();
    const held = world.a.confirmed('c/1', 1);
    await world.until(() => world.b.role === 'active');
    assert.equal(await world.wait(held), 'protected');
    assert.equal(world.b.state.keyed.get('c/1'), 1);
  });

  it('is confirmed at a clean stop as well', async () => {
    const world = await new World().inSync();
    world.a.quiesceMs = 300;
    const stopped = world.a.pair.stop();
    const held = world.a.confirmed('c/1', 1);
    await world.wait(stopped);
    assert.equal(await world.wait(held), 'protected');
    await world.until(() => world.b.role === 'active');
    assert.equal(world.b.state.keyed.get('c/1'), 1);
  });

  it('is not confirmed where the other disk does not hold it before the role is lost', async () => {
    const world = await yielding();
    world.cut();
    const held = world.a.confirmed('c/1', 1);
    // Frozen as it finds itself without a standby: what it confirms then stands on its lease alone.
    world.a.freeze();
    await world.until(() => world.b.role === 'active');
    await world.time.advance(1_000);
    world.heal();
    world.a.thaw();
    await assert.rejects(world.wait(held), { code: 'FENCED' });
    assert.equal(world.b.state.keyed.get('c/1'), undefined);
  });
});

describe('sync: a message that takes longer than a silence may last', () => {
  /** 1 MB/s, and a silence of 1 s: what is sent at once takes four times as long. */
  async function behindSlowLink(): Promise<World> {
    const world = await new World().inSync();
    world.b.kill();
    for (let i = 0; i < 4; i++) {
      world.a.put(`big/${i}`, 'x'.repeat(1 << 20));
      await world.time.advance(50);
    }
    await world.wait(world.a.checkpoint());
    for (const [from, to] of [[world.a, world.b], [world.b, world.a]] as const) world.net.path(from.address, to.address).bytesPerMs = 1_000;
    return world;
  }

  it('arrives: bytes that come are no silence, and a snapshot does not begin anew for ever', async () => {
    const world = await behindSlowLink();
    let connections = 0;
    world.b.heard = (message) => {
      if (typeof message === 'string' && message.includes('"hello"')) connections++;
    };
    await world.wait(world.b.start());
    await world.untilInSync();
    await world.time.advance(1_000);
    assert.equal(connections, 1);
    assert.equal(fingerprint(world.a.state), fingerprint(world.b.state));
  });

  it('is a silence as ever once nothing comes any more', async () => {
    const world = await behindSlowLink();
    await world.wait(world.b.start());
    await world.time.advance(2_000);
    const ups = (): number => world.b.pair.status().events.filter(({ what }) => what === 'link up').length;
    assert.equal(ups(), 1);
    world.cut();
    await world.time.advance(3_000);
    assert.equal(world.b.pair.linkVersion, 0, 'no partner any more');
  });
});

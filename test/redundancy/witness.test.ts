import assert from 'node:assert/strict';
import { contentOf } from './fingerprint.js';
import { World, WITNESSED } from './world.js';

async function armed(): Promise<World> {
  return new World({ settings: WITNESSED }).inSync();
}

function arming(world: World): unknown {
  return world.a.state.keyed.get('redundancy/witness');
}

/** Notes every instant at which two nodes may have effects. */
function watchEffects(world: World): number[] {
  const both: number[] = [];
  world.time.every(5, () => {
    if (world.nodes.filter((node) => node.permitted && !node.isFrozen).length > 1) both.push(world.time.monotonicMs());
  });
  return both;
}

describe('pair with a witness', () => {
  it('arms in three steps once both reach it, and says so', async () => {
    const world = await armed();
    assert.equal(arming(world), 'armed');
    assert.ok(world.a.permitted);
    assert.equal(world.witness.records.get('demo')?.holder, 'A');
    await world.until(() => world.witness.records.get('demo')?.members.join() === 'A,B');
  });

  it('takes over at once when the active is killed: its promises are void', async () => {
    const world = await armed();
    const both = watchEffects(world);
    assert.equal(await world.wait(world.a.confirmed('c/1', 1)), 'protected');
    world.a.kill();
    assert.ok((await world.until(() => world.b.permitted)) < 200);
    assert.equal(world.b.state.keyed.get('c/1'), 1);
    await world.time.advance(5_000);
    assert.ok(world.b.permitted);
    assert.deepEqual(both, []);
  });

  it('takes over when the machine of the active loses its power, once the promises have run out, under prefer-safety too', async () => {
    const world = await armed();
    world.a.powerOff();
    const tookMs = await world.until(() => world.b.permitted, 5_000);
    assert.ok(tookMs >= 800 && tookMs <= 1_500, `${tookMs} ms`);
  });

  it('on a cut link the one that the witness supports goes on, and the other stays standby: no split', async () => {
    const world = await armed();
    const both = watchEffects(world);
    world.cut();
    await world.time.advance(60_000);
    assert.equal(world.active(), world.a);
    assert.ok(world.a.permitted);
    assert.equal(await world.wait(world.a.confirmed('c/alone', 1)), 'unprotected');
    world.heal();
    await world.untilInSync();
    assert.equal(world.b.state.keyed.get('c/alone'), 1);
    assert.deepEqual(both, []);
  });

  it('an active that lost both the other node and the witness demotes itself before the standby becomes active', async () => {
    const world = await armed();
    const both = watchEffects(world);
    world.net.cut(world.a.address, world.b.address);
    world.net.cut(world.a.address, world.witness.address);
    let demotedMs = 0;
    await world.until(() => {
      if (demotedMs === 0 && world.a.role === 'standby') demotedMs = world.time.monotonicMs();
      return world.b.permitted;
    }, 10_000);
    assert.ok(demotedMs > 0 && demotedMs < world.time.monotonicMs());
    assert.equal(await world.wait(world.b.confirmed('c/b', 1)), 'unprotected');
    world.net.heal(world.a.address, world.b.address);
    world.net.heal(world.a.address, world.witness.address);
    await world.untilInSync();
    assert.equal(world.active(), world.b);
    assert.equal(world.a.state.keyed.get('c/b'), 1);
    await world.time.advance(500);
    assert.equal(contentOf(world.a.state), contentOf(world.b.state));
    assert.deepEqual(both, []);
  });

  it('loss of the witness alone moves nothing; both agree to do without it, and arm it again when it is back', async () => {
    const world = await armed();
    world.witness.kill();
    await world.time.advance(5_000);
    assert.equal(world.active(), world.a);
    assert.ok(world.a.permitted);
    assert.equal(arming(world), 'armed');
    await world.until(() => arming(world) === 'disarmed', 40_000);
    world.b.powerOff();
    await world.time.advance(5_000);
    assert.ok(world.a.permitted, 'disarmed: it needs nobody');
    await world.wait(world.witness.start());
    await world.wait(world.b.start());
    await world.until(() => arming(world) === 'armed', 40_000);
  });

  it('with witness and standby both gone, nobody acts; the first that comes back brings the plant back', async () => {
    const world = await armed();
    world.witness.powerOff();
    world.b.powerOff();
    await world.until(() => world.a.role === 'standby', 5_000);
    assert.ok(!world.a.permitted);
    await world.time.advance(30_000);
    assert.ok(!world.a.permitted);
    await world.wait(world.witness.start());
    await world.until(() => world.a.permitted, 10_000);
  });

  it('does not let a standby take over that was taken out of the in-sync set, until the policy allows it', async () => {
    for (const withoutWitness of ['prefer-safety', 'prefer-availability'] as const) {
      const world = await new World({ settings: { ...WITNESSED, withoutWitness } }).inSync();
      world.cut();
      await world.time.advance(1_000);
      assert.equal(await world.wait(world.a.confirmed('c/alone', 1)), 'unprotected');
      world.a.powerOff();
      await world.time.advance(15_000);
      assert.equal(world.b.role, 'standby');
      await world.time.advance(60_000);
      assert.equal(world.b.role, 'standby', 'it believes itself in sync, and the witness knows better');
    }
  });

  it('does not confirm alone before the witness knows', async () => {
    const world = await armed();
    // The standby hangs, the witness is away: nobody could tell the standby that it has been left behind.
    world.witness.kill();
    world.b.disk.syncMs = 100_000;
    const outcome = world.a.confirmed('c/1', 1).then(
      (held) => held,
      () => 'refused',
    );
    assert.equal(await world.wait(outcome), 'refused');
  });

  it('a witness that has just started promises nothing for as long as it may have promised before', async () => {
    const world = await armed();
    world.net.cut(world.a.address, world.b.address);
    await world.time.advance(3_000);
    assert.ok(world.a.permitted);
    const both = watchEffects(world);
    // A is cut off from the witness at the moment in which that forgets what it promised.
    world.witness.kill();
    await world.wait(world.witness.start());
    world.net.cut(world.a.address, world.witness.address);
    await world.time.advance(10_000);
    assert.ok(!world.a.permitted);
    assert.deepEqual(both, []);
  });

  it('a node that starts alone asks the witness, whatever its mark says', async () => {
    const world = await armed();
    world.b.powerOff();
    world.a.powerOff();
    await world.wait(world.b.start());
    await world.until(() => world.b.permitted, 30_000);
  });

  it('hands over and back at once: a hand-over releases what was promised', async () => {
    const world = await armed();
    for (let i = 0; i < 6; i++) {
      const from = world.active();
      const to = world.other(from);
      await world.wait(from.pair.switchOver('me', 'test'));
      assert.ok((await world.until(() => to.permitted, 3_000)) < 600);
      await world.untilInSync();
    }
  });

  it('hears nobody who does not know the secret', async () => {
    const world = await armed();
    const stranger = world.net.host('10.0.0.9', world.time.node());
    const said: string[] = [];
    let closed = false;
    const channel = stranger.transport.dial({ host: world.witness.address, port: 7100 }, 1_000, {
      onMessage: (message) => {
        said.push(String(message));
        if (said.length > 1) return;
        channel.send(JSON.stringify({ type: 'open', version: 1, site: 'demo', node: 'B', nonce: '0'.repeat(32) }));
        channel.send('0'.repeat(64) + JSON.stringify({ type: 'ask', n: 1, promiseMs: 1, epoch: 99, dead: true, beyondSet: true }));
      },
      onClose: () => (closed = true),
    });
    await world.until(() => closed, 2_000);
    assert.equal(said.length, 1);
    assert.equal(world.witness.records.get('demo')?.holder, 'A');
    assert.ok(world.a.permitted);
  });
});

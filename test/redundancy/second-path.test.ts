import assert from 'node:assert/strict';
import { World } from './world.js';

async function withPath(settings = {}): Promise<World> {
  const world = await new World({ secondPath: true, settings }).inSync();
  await world.until(() => world.nodes.every((node) => node.pair.status().secondPath === 'up'));
  return world;
}

function cutSecond(world: World): void {
  world.net.cut(world.a.secondAddress, world.b.secondAddress);
}

function alarms(world: World): string[] {
  return world.active().pair.systemAlarms().map(({ name }) => name);
}

describe('pair with a second heartbeat path', () => {
  it('takes the loss of either path for an alarm, and of both for silence', async () => {
    const world = await withPath();
    world.cut();
    await world.time.advance(60_000);
    assert.equal(world.active(), world.a, 'the link alone');
    assert.ok(alarms(world).includes('link-lost'));
    world.heal();
    await world.untilInSync();
    cutSecond(world);
    await world.time.advance(60_000);
    assert.equal(world.active(), world.a, 'the second path alone');
    assert.deepEqual(alarms(world), ['second-path-lost']);
    world.cut();
    await world.until(() => world.b.role === 'active', 5_000);
  });

  it('still takes over at once when the active is killed: every path refuses', async () => {
    const world = await withPath();
    world.a.kill();
    assert.ok((await world.until(() => world.b.role === 'active')) < 100);
  });

  it('does not take a path that answers nothing for a refusal', async () => {
    const world = await withPath({ withoutWitness: 'prefer-safety' });
    cutSecond(world);
    await world.time.advance(100);
    world.a.kill();
    await world.time.advance(10_000);
    assert.equal(world.b.role, 'standby');
  });

  it('takes over from a process whose heartbeat thread lives and whose main thread hangs, later than from a silent one', async () => {
    const world = await withPath({ failoverTimeMs: 2_000 });
    world.cut();
    world.a.hang();
    const tookMs = await world.until(() => world.b.role === 'active', 10_000);
    assert.ok(tookMs > 1_500 && tookMs < 2_600, `${tookMs} ms`);
  });

  it('believes nobody who does not know the key', async () => {
    const world = await withPath();
    world.a.powerOff();
    const beats = world.time.every(100, () => {
      world.net.datagram('10.1.0.9', { host: world.b.secondAddress, port: 7002 }, '0'.repeat(64) + JSON.stringify({ node: 'A', n: 1e9 + world.time.monotonicMs(), role: 'active' }));
    });
    await world.until(() => world.b.role === 'active', 3_000);
    beats.cancel();
  });
});

describe('pair: clocks', () => {
  it('measures how far the clocks of the nodes differ, and alarms it', async () => {
    const world = await new World().inSync();
    await world.time.advance(5_000);
    assert.ok(Math.abs(world.a.pair.status().clockSkewMs ?? NaN) < 5);
    world.b.running.machine.stepWall(10_000);
    await world.time.advance(10_000);
    const skew = world.a.pair.status().clockSkewMs ?? NaN;
    assert.ok(Math.abs(skew - 10_000) < 5, `${skew} ms`);
    assert.ok(alarms(world).includes('clock-skew'));
    assert.equal(world.active(), world.a, 'and nothing is decided by it');
  });

  it('an active whose clocks disagree asks before it acts on', async () => {
    const world = await new World().inSync();
    world.a.running.machine.stepWall(3_600_000);
    await world.until(() => !world.a.permitted, 200);
    await world.until(() => world.a.permitted, 2_000);
    assert.equal(world.active(), world.a);
  });

  it('a machine that was paused is in doubt though its monotonic clock has not noticed', async () => {
    const world = await new World().inSync();
    world.a.running.machine.pauseMs += 30_000;
    await world.until(() => !world.a.permitted, 200);
    await world.until(() => world.a.permitted, 2_000);
  });
});

import assert from 'node:assert/strict';
import { isTandemError } from '../../src/contract/index.js';
import { World, WITNESSED } from './world.js';

const HOUR_MS = 3_600_000;

describe('pair: what a person decides', () => {
  it('a hold suspends automatic switching on both nodes, is alarmed, and expires in pair time', async () => {
    const world = await new World().inSync();
    await world.wait(world.a.pair.control.hold('ann', 'maintenance', 20_000));
    assert.equal(world.a.pair.status().hold?.reason, 'maintenance');
    assert.ok(world.a.pair.systemAlarms().some(({ name }) => name === 'hold'));
    await world.until(() => world.b.pair.status().hold !== undefined);
    world.a.powerOff();
    await world.time.advance(15_000);
    assert.equal(world.b.role, 'standby', 'dead, and nobody takes over');
    await world.until(() => world.b.role === 'active', 10_000);
    assert.equal(world.b.pair.status().hold, undefined);
  });

  it('a hold ends early when a person releases it, and a person may switch all the while', async () => {
    const world = await new World().inSync();
    await world.wait(world.a.pair.control.hold('ann', 'maintenance', HOUR_MS));
    await world.wait(world.a.pair.switchOver('ann', 'look'));
    await world.until(() => world.b.isInSync, 5_000);
    await assert.rejects(world.wait(world.a.pair.control.release('ann')), (error) => isTandemError(error, 'NOT_ACTIVE'));
    await world.wait(world.b.pair.control.release('ann'));
    await world.until(() => world.a.pair.status().hold === undefined);
    world.b.kill();
    await world.until(() => world.a.role === 'active', 2_000);
  });

  it('forces a standby under prefer-safety whose active is silent, and is refused while that one is connected', async () => {
    const world = await new World({ settings: { withoutWitness: 'prefer-safety' } }).inSync();
    await assert.rejects(world.wait(world.b.pair.control.force('ann', 'now')), (error) => isTandemError(error, 'SWITCH_REFUSED'));
    world.a.powerOff();
    await world.time.advance(10_000);
    assert.equal(world.b.role, 'standby');
    assert.equal(world.b.pair.status().canForce, true);
    await world.wait(world.b.pair.control.force('ann', 'A has no power'));
    await world.until(() => world.b.permitted, 1_000);
    assert.equal(world.b.state.epochs().at(-1)?.cause, 'force');
  });

  it('cannot force a second active node where the witness knows better', async () => {
    const world = await new World({ settings: WITNESSED }).inSync();
    world.cut();
    await world.time.advance(3_000);
    await assert.rejects(world.wait(world.b.pair.control.force('ann', 'it is gone')), (error) => isTandemError(error, 'SWITCH_REFUSED') && error.message.includes('supports the other node'));
    assert.ok(world.a.permitted);
    world.a.powerOff();
    await world.time.advance(2_000);
    await world.wait(world.b.pair.control.force('ann', 'it is gone'));
    await world.until(() => world.b.permitted, 2_000);
  });

  it('forces the survivor of three, and does without the witness from then on', async () => {
    const world = await new World({ settings: WITNESSED }).inSync();
    world.witness.powerOff();
    world.a.powerOff();
    await world.time.advance(10_000);
    assert.equal(world.b.role, 'standby');
    await world.wait(world.b.pair.control.force('ann', 'both are gone'));
    await world.until(() => world.b.permitted, 1_000);
    await world.time.advance(10_000);
    assert.ok(world.b.permitted);
    assert.equal(world.b.state.keyed.get('redundancy/witness'), 'disarmed');
  });

  it('keeps the budget of hand-backs across restarts of both nodes', async () => {
    const world = await new World({ settings: { recovery: 'automatic', maxHandBacksPerHour: 1 } }).inSync();
    world.a.kill();
    await world.until(() => world.b.role === 'active');
    await world.wait(world.a.start());
    await world.until(() => world.a.role === 'active', 30_000);
    await world.untilInSync();
    assert.equal(Array.isArray(world.a.state.keyed.get('redundancy/moves')), true);
    // Everything restarts, and the main is lost once more.
    await world.wait(world.b.stop());
    await world.wait(world.b.start());
    await world.untilInSync();
    world.a.kill();
    await world.until(() => world.b.role === 'active');
    await world.wait(world.a.start());
    await world.untilInSync();
    await world.time.advance(60_000);
    assert.equal(world.active(), world.b);
    assert.ok(world.b.pair.systemAlarms().some(({ name }) => name === 'recovery-suspended'));
  });

  it('gives a hand-over up whose field is never let go, and hands over the next time', async () => {
    const world = await new World().inSync();
    world.a.quiesceMs = 1e9;
    await world.wait(world.a.pair.switchOver('ann', 'try'));
    await world.until(() => world.a.role === 'yielding', 2_000);
    await world.until(() => world.a.role === 'active', 5_000);
    world.a.quiesceMs = 0;
    await world.untilInSync();
    await world.wait(world.a.pair.switchOver('ann', 'again'));
    await world.until(() => world.b.role === 'active', 2_000);
  });

  it('is heard all the while that a clean stop takes, and handed over from at its goodbye', async () => {
    const world = await new World().inSync();
    world.a.quiesceMs = 4_000;
    const stopping = world.a.stop();
    await world.time.advance(3_500);
    assert.equal(world.b.role, 'standby');
    assert.ok(!world.a.permitted);
    await world.wait(stopping);
    assert.ok((await world.until(() => world.b.role === 'active', 1_000)) < 100);
  });

  it('tells how many messages made no sense', async () => {
    const world = await new World().inSync();
    assert.equal(world.a.pair.status().malformedMessages, 0);
    const stranger = world.net.host('10.0.0.9', world.time.node());
    const channel = stranger.transport.dial({ host: world.a.address, port: 7000 }, 1_000, { onOpen: () => channel.send('rubbish'), onMessage: () => undefined, onClose: () => undefined });
    await world.until(() => world.a.pair.status().malformedMessages === 1, 2_000);
  });
});

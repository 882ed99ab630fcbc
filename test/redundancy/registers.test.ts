import assert from 'node:assert/strict';
import { World } from './world.js';

const EVERY = { points: { A: 'PLC.A', B: 'PLC.B' }, everyMs: 250 };

async function withRegisters(settings = {}): Promise<World> {
  const world = await new World({ settings: { registers: EVERY, ...settings } }).inSync();
  await world.until(() => world.nodes.every((node) => node.pair.status().registers === 'moving'));
  return world;
}

const alarms = (world: World): string[] => world.active().pair.systemAlarms().map(({ name }) => name);

describe('pair with heartbeat registers in a PLC', () => {
  for (const withoutWitness of ['prefer-availability', 'prefer-safety'] as const) {
    it(`does not take a node for dead that is silent on the link and counts in the PLC (${withoutWitness})`, async () => {
      const world = await withRegisters({ withoutWitness });
      world.cut();
      await world.time.advance(60_000);
      assert.equal(world.active(), world.a);
      assert.equal(world.b.role, 'standby');
      assert.ok(alarms(world).includes('link-lost'), alarms(world).join());
      world.heal();
      await world.untilInSync();
      assert.deepEqual(alarms(world), []);
    });
  }

  it('says in the evidence of a takeover that the register stood still, too', async () => {
    const world = await withRegisters({ failoverTimeMs: 2_000 });
    world.a.powerOff();
    const tookMs = await world.until(() => world.b.role === 'active', 10_000);
    assert.ok(tookMs < 2_600, `${tookMs} ms`);
    const [event] = world.b.pair.status().events.filter(({ what }) => what.startsWith('becomes active'));
    assert.match(event?.evidence ?? '', /silent for \d+ ms, and its register in the PLC stands still/);
  });

  it('takes over from a node whose main thread hangs: nothing counts there', async () => {
    const world = await withRegisters();
    world.a.hang();
    await world.until(() => world.b.role === 'active', 5_000);
  });

  it('is as without registers where the PLC does not answer the standby', async () => {
    const world = await withRegisters();
    world.plc.reached.delete('B');
    await world.until(() => world.b.pair.status().registers === 'unreachable');
    await world.until(() => alarms(world).includes('registers-lost'));
    world.cut();
    await world.until(() => world.b.role === 'active', 5_000);
  });
});

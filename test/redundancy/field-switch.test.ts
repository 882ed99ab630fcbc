import assert from 'node:assert/strict';
import { balanceOf, tellReach, type DeviceReach } from '../../src/redundancy/reach.js';
import { Story } from './role-rig.js';
import { World } from './world.js';

const FIELD = { fieldSwitch: { margin: 2, holdMs: 10_000 }, maxHandBacksPerHour: 2 };
const device = (name: string, state: DeviceReach['state'], weight = 1): DeviceReach => ({ name, state, weight });

describe('what two nodes reach of the field', () => {
  it('counts the devices that both ask, with their weights', () => {
    const own = [device('both', 'reachable'), device('lost', 'unreachable', 5), device('kept', 'reachable', 2), device('exclusive', 'unreachable', 50), device('none', 'unreachable')];
    const told = tellReach([device('both', 'reachable'), device('lost', 'reachable', 5), device('kept', 'unreachable', 2), device('exclusive', 'unknown', 50), device('none', 'unreachable')]);
    assert.deepEqual(told, { unreachable: ['kept', 'none'], unknown: ['exclusive'] });
    assert.deepEqual(balanceOf(own, told), { theirs: 5, own: 2, devices: ['lost'] });
  });

  it('is nothing where nobody knows', () => {
    assert.deepEqual(balanceOf([device('x', 'unknown')], { unreachable: [], unknown: [] }), { theirs: 0, own: 0, devices: [] });
  });
});

describe('field-aware switching: the decision', () => {
  const worse = { theirs: 3, own: 0, devices: ['plc'] };
  const even = { theirs: 1, own: 0, devices: ['meter'] };
  const story = (): Story => Story.active({ settings: FIELD });
  const looking = (active: Story, balance: typeof worse, ms: number): Story => {
    for (const endMs = active.nowMs + ms; active.nowMs < endMs; ) active.hearing('standby', 1_000).in({ kind: 'field', balance });
    return active;
  };

  it('moves control once it has been so for the hold, with the devices as evidence', () => {
    const active = looking(story(), worse, 9_000);
    assert.equal(active.state.handover, undefined);
    looking(active, worse, 3_000);
    assert.deepEqual(active.effects.filter((effect) => effect.kind === 'prepare-handover').slice(0, 1), [{ kind: 'prepare-handover', cause: 'field' }]);
    assert.ok(active.effects.some((effect) => effect.kind === 'event' && effect.evidence.includes('only the standby reaches plc (weight 3, only this node 0)')));
  });

  it('does not move it below the margin, nor for what comes and goes', () => {
    const active = looking(story(), even, 60_000);
    for (let i = 0; i < 20; i++) looking(looking(active, worse, 5_000), even, 2_000);
    assert.deepEqual(active.effects.filter((effect) => effect.kind === 'prepare-handover'), []);
  });

  it('waits twice as long after each move, and stops at the limit of moves within an hour', () => {
    const once = looking(story().knowing({ recentMoves: 1 }), worse, 19_000);
    assert.deepEqual(once.effects.filter((effect) => effect.kind === 'prepare-handover'), []);
    assert.equal(looking(once, worse, 4_000).effects.filter((effect) => effect.kind === 'prepare-handover').length, 1);
    assert.deepEqual(looking(story().knowing({ recentMoves: 2 }), worse, 300_000).effects.filter((effect) => effect.kind === 'prepare-handover'), []);
  });

  it('does not move it while switching is held, nor to a standby that is not in sync', () => {
    assert.deepEqual(looking(story().knowing({ held: true }), worse, 60_000).effects.filter((effect) => effect.kind === 'prepare-handover'), []);
    assert.deepEqual(looking(story().in({ kind: 'sync', inSync: false }), worse, 60_000).effects.filter((effect) => effect.kind === 'prepare-handover'), []);
  });

  it('is off where the settings say so', () => {
    assert.deepEqual(looking(Story.active(), worse, 60_000).effects.filter((effect) => effect.kind === 'prepare-handover'), []);
  });
});

describe('field-aware switching: a pair', () => {
  const all = (state: DeviceReach['state']): DeviceReach[] => [device('X', state, 2), device('Y', 'reachable')];

  async function pair(): Promise<World> {
    const world = new World({ settings: { ...FIELD, recovery: 'automatic', recoveryHoldMs: 5_000 } });
    world.a.reach = all('reachable');
    world.b.reach = all('reachable');
    return world.inSync();
  }

  it('control moves to the node that reaches a device, stays there, and the moves are counted', async () => {
    const world = await pair();
    world.a.reach = all('unreachable');
    await world.time.advance(5_000);
    assert.equal(world.a.role, 'active');
    assert.match(JSON.stringify(world.a.pair.systemAlarms()), /field-reach.*X/);
    const { arbitration, fieldSwitch } = world.a.pair.status();
    assert.deepEqual({ arbitration, fieldSwitch }, { arbitration: 'field', fieldSwitch: { ...FIELD.fieldSwitch, onlyStandby: ['X'] } });
    await world.until(() => world.b.role === 'active');
    await world.untilInSync();
    assert.equal(world.b.state.epochs().at(-1)?.cause, 'field');
    assert.equal(world.b.state.epochs().at(-1)?.owedToMain, false);
    // The device is back for both: nobody hands back.
    world.a.reach = all('reachable');
    await world.time.advance(120_000);
    assert.equal(world.active(), world.b);
    assert.equal((world.b.state.keyed.get('redundancy/moves') as unknown[]).length, 1);
  });

  it('a main that reaches less is not given control back by itself', async () => {
    const world = await pair();
    world.a.reach = all('unreachable');
    world.a.kill();
    await world.until(() => world.b.role === 'active');
    await world.wait(world.a.start());
    await world.untilInSync();
    await world.time.advance(60_000);
    assert.equal(world.active(), world.b);
    world.a.reach = all('reachable');
    await world.until(() => world.a.role === 'active', 30_000);
  });

  it('a device that the standby must not touch moves nothing', async () => {
    const world = await pair();
    world.b.reach = all('unknown');
    await world.time.advance(2_000);
    world.a.reach = all('unreachable');
    await world.time.advance(60_000);
    assert.equal(world.active(), world.a);
    assert.deepEqual(world.a.pair.systemAlarms().map(({ name }) => name), []);
  });
});

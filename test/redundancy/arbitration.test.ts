import assert from 'node:assert/strict';
import { arbitrate, type Stand } from '../../src/redundancy/arbitration.js';
import { Story } from './role-rig.js';
import { WITNESSED, World } from './world.js';

const main: Stand = { epoch: 5, mode: 'main', suspect: false, confirmed: true, reach: 10, activeMs: 60_000, priority: 1, policy: 'field' };
const backup: Stand = { ...main, epoch: 6, mode: 'backup', activeMs: 3_000, priority: 2 };

describe('arbitration between two active nodes', () => {
  const cases: [what: string, main: Partial<Stand>, backup: Partial<Stand>, winner: 'main' | 'backup', evidence: RegExp][] = [
    ['field: who reaches more of it', {}, { reach: 11 }, 'backup', /weight of the devices that it reaches: own 1[01]/],
    ['field: of equals the one that has been active longer', {}, {}, 'main', /time active in its epoch/],
    ['longest-active: whatever the field is', { policy: 'longest-active' }, { reach: 99 }, 'main', /time active/],
    ['main: whatever else', { policy: 'main' }, { reach: 99, activeMs: 90_000 }, 'main', /is the main/],
    ['priority: the lower number', { policy: 'priority', priority: 3 }, { priority: 2 }, 'backup', /priority of the node: own [23]/],
    ['who was frozen yields, whatever the policy', { policy: 'main', suspect: true }, {}, 'backup', /was not frozen/],
    ['whom nobody relied on yields, whatever the policy', { policy: 'main', confirmed: false }, {}, 'backup', /has confirmed something/],
    ['the policy of the main counts where they differ', { policy: 'longest-active' }, { policy: 'main', activeMs: 90_000 }, 'backup', /time active/],
    ['of equal ones the higher epoch', { activeMs: 3_000 }, {}, 'backup', /epoch: own [56]/],
    ['of the same ones the main', { activeMs: 3_000, epoch: 6 }, {}, 'main', /nothing tells them apart/],
  ];
  for (const [what, a, b, winner, evidence] of cases) {
    it(what, () => {
      const [first, second] = [{ ...main, ...a }, { ...backup, ...b }];
      const [there, here] = [arbitrate(first, second), arbitrate(second, first)];
      assert.deepEqual([there.wins, here.wins], [winner === 'main', winner === 'backup'], 'both decide alike');
      assert.match(there.evidence, evidence);
      assert.match(here.evidence, evidence);
    });
  }

  it('decides nothing before both have spoken, and then at once', () => {
    const story = Story.active();
    story.in({ kind: 'peer-seen', role: 'active', mode: 'backup', progress: { epoch: 9, seq: 1 }, echo: 0, undecided: true });
    assert.equal(story.role, 'active');
    story.in({ kind: 'stands', own: main, peer: { ...backup, epoch: 9 } });
    assert.equal(story.promotion?.cause, 'arbitration');
    // Its beats say that it is active still: it has been decided.
    story.sees('active', { epoch: 9 });
    assert.equal(story.role, 'active');
  });

  it('goes by the epoch with a peer that says no stand, and always while a witness is in force', () => {
    assert.equal(Story.active().sees('active', { epoch: 9 }).role, 'standby');
    const armed = Story.active().knowing({ arming: 'armed' }).in({ kind: 'peer-seen', role: 'active', mode: 'backup', progress: { epoch: 9, seq: 1 }, echo: 0, undecided: true });
    armed.in({ kind: 'stands', own: main, peer: backup });
    assert.equal(armed.sees('active', { epoch: 9 }).role, 'standby');
  });

  it('does not compare itself with one that has just yielded, by where that stood when it led', () => {
    const story = Story.standby().sees('active').in({ kind: 'yielded', cause: 'recovery' }).in({ kind: 'promoted', nextBeat: 2 });
    story.in({ kind: 'stands', own: { ...main, reach: 4 }, peer: { ...backup, confirmed: true, reach: 5 } });
    assert.equal(story.state.role, 'active');
  });
});

describe('arbitration of a real pair', () => {
  async function split(settings: ConstructorParameters<typeof World>[0] = {}): Promise<World> {
    const world = await new World(settings).inSync();
    world.cut();
    await world.until(() => world.b.role === 'active');
    return world;
  }

  it('the node that reaches more of the field goes on above both epochs; what the other one recorded is merged', async () => {
    const world = await split();
    world.a.reach = [{ name: 'X', weight: 3, state: 'reachable' }, { name: 'Y', weight: 1, state: 'unreachable' }];
    world.b.reach = [{ name: 'X', weight: 3, state: 'unreachable' }, { name: 'Y', weight: 1, state: 'reachable' }];
    for (const node of world.nodes) assert.equal(await world.wait(node.confirmed(`of-${node.id}`, 1)), 'unprotected');
    world.heal();
    await world.untilInSync();
    assert.equal(world.active(), world.a);
    assert.equal(world.a.state.position.epoch.number, 3);
    assert.equal(world.a.state.epochs().at(-1)?.cause, 'arbitration');
    await world.untilMerged(world.b);
    for (const [node, what] of [[world.a, 'goes on as the active node'], [world.b, 'yields to the other active node']] as const) {
      const event = node.pair.status().events.find((one) => one.what === what);
      assert.match(event?.evidence ?? '', /^weight of the devices that it reaches: own [13], the other node's [13]$/);
    }
    assert.equal(world.b.state.keyed.get('of-A'), 1);
  });

  it('a node on which nobody relied yields though it reaches more', async () => {
    const world = await split();
    world.a.reach = [{ name: 'X', weight: 3, state: 'reachable' }];
    await world.wait(world.b.confirmed('of-B', 1));
    world.heal();
    await world.untilInSync();
    assert.equal(world.active(), world.b);
    assert.equal(world.a.state.keyed.get('of-B'), 1);
  });

  it('ends with one active node for every policy and order of loss', async () => {
    for (const arbitration of ['field', 'longest-active', 'main', 'priority'] as const) {
      for (const seed of [1, 2, 3]) {
        const world = await split({ seed, settings: { arbitration } });
        world.net.path(world.a.address, world.b.address).latencyMs = 300 * world.random.next();
        for (const node of world.nodes) if (world.random.next() < 0.7) await world.wait(node.confirmed(`k-${node.id}`, seed));
        world.heal();
        await world.untilInSync(60_000);
        assert.deepEqual(world.errors, [], `${arbitration} ${seed}`);
      }
    }
  });

  it('never happens with a witness: the one that it does not support has given up before', async () => {
    const world = await new World({ settings: WITNESSED }).inSync();
    world.cut();
    await world.time.advance(5_000);
    assert.deepEqual(world.nodes.map(({ role }) => role), ['active', 'standby']);
  });
});

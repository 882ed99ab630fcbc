import assert from 'node:assert/strict';
import { fingerprint } from './fingerprint.js';
import { readableBefore2 } from './link-protocol-1.js';
import type { TestNode } from './node.js';
import { World } from './world.js';

const OLDER = { least: 1, most: 1 };

/** A pair of which `old` speaks the protocol before this one; what it is sent and could not have read is collected. */
async function mixed(old: 'a' | 'b'): Promise<{ world: World; unreadable: string[] }> {
  const world = new World();
  const unreadable: string[] = [];
  playOlder(world[old], unreadable);
  await world.inSync();
  return { world, unreadable };
}

function playOlder(node: TestNode, unreadable: string[]): void {
  node.protocol = OLDER;
  node.heard = (message) => {
    if (typeof message === 'string') {
      if (!readableBefore2(message)) unreadable.push(message);
    } else if (message[2] !== 1) {
      unreadable.push(`a frame of format ${String(message[2])}`);
    }
  };
}

async function same(world: World): Promise<void> {
  await world.time.advance(500);
  assert.equal(fingerprint(world.a.state), fingerprint(world.b.state));
}

describe('rolling upgrade: nodes of adjacent versions', () => {
  for (const old of ['a', 'b'] as const) {
    it(`are a pair, switch both ways, fail over and merge when ${old === 'a' ? 'the main' : 'the backup'} is the older one`, async () => {
      const { world, unreadable } = await mixed(old);
      assert.equal(await world.wait(world.a.confirmed('k/1', 1)), 'protected');

      await world.wait(world.a.pair.switchOver('test', 'upgrade'));
      await world.until(() => world.b.role === 'active' && world.a.role === 'standby');
      await world.untilInSync();
      assert.equal(await world.wait(world.b.confirmed('k/2', 2)), 'protected');
      await world.wait(world.a.pair.switchOver('test', 'and back, asked at the standby'));
      await world.until(() => world.a.role === 'active');
      await world.untilInSync();

      world.cut();
      await world.until(() => world.b.role === 'active');
      world.a.put('apart/a', 1);
      world.b.put('apart/b', 1);
      await world.time.advance(100);
      world.heal();
      await world.untilInSync();
      await same(world);
      assert.deepEqual(unreadable, []);
      assert.deepEqual(world.errors, []);
    });
  }

  it('lose nothing while one after the other is upgraded', async () => {
    const { world, unreadable } = await mixed('b');
    playOlder(world.a, unreadable);
    world.a.kill();
    await world.until(() => world.b.role === 'active');
    await world.wait(world.a.start());
    await world.untilInSync();
    assert.equal(await world.wait(world.b.confirmed('older/both', 1)), 'protected');

    // The standby first, then control goes to it, then the other one.
    world.a.protocol = undefined;
    world.a.heard = undefined;
    await world.wait(world.a.stop());
    await world.wait(world.a.start());
    await world.untilInSync();
    await world.wait(world.b.pair.switchOver('test', 'upgrade'));
    await world.until(() => world.a.role === 'active');
    await world.untilInSync();
    assert.equal(await world.wait(world.a.confirmed('mixed', 1)), 'protected');

    world.b.protocol = undefined;
    world.b.heard = undefined;
    await world.wait(world.b.stop());
    await world.wait(world.b.start());
    await world.untilInSync();
    for (const key of ['older/both', 'mixed']) for (const node of world.nodes) assert.equal(node.state.keyed.get(key), 1, `${node.id} ${key}`);
    await same(world);
    assert.deepEqual(unreadable, []);
  });

  it('of versions 2 and 3: the older one is not told what the standby compares, and nothing is missed', async () => {
    for (const older of [undefined, 'a', 'b'] as const) {
      const world = new World();
      const told: string[] = [];
      if (older !== undefined) world[older].protocol = { least: 1, most: 2 };
      world.a.heard = (message) => {
        if (typeof message === 'string' && message.includes('"comparison"')) told.push(message);
      };
      world.b.comparison = { node: 'B', devices: [{ name: 'D', state: 'differs', differing: 1, sinceMs: 5 }], differences: [{ point: 'D.x', device: 'D', image: '1', field: '2', sinceMs: 5 }] };
      await world.inSync();
      await world.time.advance(3_000);
      assert.equal(told.length > 0, older === undefined);
      assert.deepEqual(world.a.pair.status().comparison, older === undefined ? world.b.comparison : undefined);
      assert.deepEqual(world.a.pair.systemAlarms().map(({ name }) => name), older === undefined ? ['field-differs'] : []);
      assert.equal(world.a.isInSync, true);
      assert.deepEqual(world.errors, []);
    }
  });

  it('that have no version in common say so, and neither takes the other for dead', async () => {
    const world = await new World().inSync();
    await world.wait(world.b.stop());
    world.b.protocol = { least: 5, most: 5 };
    await world.wait(world.b.start());
    await world.time.advance(60_000);
    assert.equal(world.a.role, 'active');
    assert.notEqual(world.b.role, 'active');
    assert.match(world.b.pair.status().sync.reason ?? '', /protocol 1–4.*5–5|5–5.*1–4/);
  });
});

describe('rolling upgrade: messages of a newer version', () => {
  it('are passed over, or refused by name where the sender must know; the connection stays', async () => {
    const world = await new World().inSync();
    const told: string[] = [];
    world.b.heard = (text) => {
      if (typeof text === 'string' && text.includes('not-understood')) told.push(text);
    };
    world.b.sendRaw(JSON.stringify({ type: 'weather', sky: 'blue' }));
    world.b.sendRaw(JSON.stringify({ type: 'teleport', must: true }));
    await world.time.advance(100);
    assert.deepEqual(told, [JSON.stringify({ type: 'not-understood', kind: 'teleport' })]);
    assert.ok(world.b.pair.status().events.some(({ evidence }) => evidence.includes('teleport')), 'the sender notes it');
    assert.equal(world.a.isInSync, true);
    assert.equal(await world.wait(world.a.confirmed('k', 1)), 'protected');
  });
});

import assert from 'node:assert/strict';
import type { ChannelEvents } from '../../src/contract/index.js';
import { MOST_STRANGERS } from '../../src/redundancy/strangers.js';
import { World } from './world.js';

const quiet: ChannelEvents = { onMessage: () => undefined, onClose: () => undefined };

function hello(over: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ type: 'hello', least: 1, most: 1, site: 'demo', revision: '0123456789abcdef', node: 'X', mode: 'backup', url: '', role: 'standby', position: { epoch: { number: 0, node: '', nonce: '' }, seq: 0 }, ...over });
}

describe('link: strangers and half-open connections', () => {
  for (const [who, greeting] of [
    ['nobody (no greeting at all)', undefined],
    ['a node of another site', hello({ site: 'other' })],
    ['a node with another configuration', hello({ revision: 'ffffffffffffffff' })],
    ['somebody who talks nonsense', 'nonsense'],
    ['somebody who demands what nobody knows', JSON.stringify({ type: 'news', must: true })],
  ] as const) {
    it(`keeps the partner when ${who} connects`, async () => {
      const world = await new World().inSync();
      const stranger = world.net.host('10.0.0.9', world.time.node());
      for (let i = 0; i < 3; i++) {
        const channel = stranger.transport.dial({ host: world.a.address, port: 7000 }, 1_000, quiet);
        await world.time.advance(10);
        if (greeting !== undefined) channel.send(greeting);
        await world.time.advance(300);
        assert.equal(world.a.isInSync, true, 'still in sync');
        assert.equal(world.b.role, 'standby');
      }
      for (const node of world.nodes) assert.deepEqual(node.pair.status().events.filter((event) => event.what !== 'link up').filter((event) => /link|refused|sync$/.test(event.what) && event.what !== 'standby in sync'), []);
      for (const node of world.nodes) assert.ok(node.pair.status().events.every(({ what }) => !what.includes('older version')), 'the partner is told nothing of it');
      assert.equal(world.a.pair.status().sync.state, 'in-sync');
      assert.equal(world.a.pair.status().sync.reason, undefined);
    });
  }

  it('has room for so many who say nothing, and goes on beside them', async () => {
    const world = await new World().inSync();
    const stranger = world.net.host('10.0.0.9', world.time.node());
    let ended = 0;
    for (let i = 0; i < 200; i++) stranger.transport.dial({ host: world.a.address, port: 7000 }, 1_000, { ...quiet, onClose: () => ended++ });
    await world.time.advance(100);
    assert.equal(200 - ended, MOST_STRANGERS);
    world.b.kill();
    await world.wait(world.b.start());
    await world.untilInSync();
  });

  it('shows no more of what it is refused for than a person reads', async () => {
    const world = await new World().inSync();
    const stranger = world.net.host('10.0.0.2', world.time.node());
    world.b.kill();
    const channel = stranger.transport.dial({ host: world.a.address, port: 7000 }, 1_000, quiet);
    await world.time.advance(10);
    channel.send(JSON.stringify({ type: 'refuse', code: 'LINK_SITE', reason: 'x'.repeat(100_000) }));
    await world.time.advance(100);
    assert.ok(JSON.stringify(world.a.pair.status()).length < 20_000);
  });

  it('dials again when the other end accepts and never greets', async () => {
    const world = new World();
    const mute = world.net.host(world.a.address, world.time.node());
    let accepted = 0;
    await mute.transport.listen({ host: world.a.address, port: 7000 }, () => {
      accepted += 1;
      return quiet;
    });
    await world.wait(world.b.start());
    await world.time.advance(20_000);
    assert.ok(accepted > 3, `${accepted} connections`);
  });

  it('says nothing any more once it has stopped, even if its call is answered late', async () => {
    const world = new World();
    const slow = world.net.host(world.a.address, world.time.node());
    const heard: unknown[] = [];
    await slow.transport.listen({ host: world.a.address, port: 7000 }, () => ({ onMessage: (message) => void heard.push(message), onClose: () => undefined }));
    world.net.path(world.a.address, world.b.address).latencyMs = 400;
    await world.wait(world.b.start());
    await world.time.advance(50);
    await world.wait(world.b.running.pair.stop());
    await world.time.advance(2_000);
    assert.deepEqual(heard, []);
  });

  it('does not become active after it has been stopped', async () => {
    const world = await new World().inSync();
    world.b.disk.syncMs = 500;
    world.a.kill();
    await world.time.advance(20);
    const roles: string[] = [];
    world.b.pair.role$.subscribe((role) => void roles.push(role));
    await world.wait(world.b.pair.stop());
    await world.time.advance(2_000);
    assert.ok(!roles.includes('active'), roles.join(', '));
    assert.equal(world.b.permitted, false);
  });
});

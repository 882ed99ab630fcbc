import assert from 'node:assert/strict';
import type { Frame } from '../../src/image/index.js';
import { SimWorld } from './world.js';

describe('an acknowledgement over the WebSocket', function () {
  this.timeout(60_000);

  it('is one frame on both nodes, with what the audit says of it', async () => {
    const world = new SimWorld({ seed: 1, clients: 1, invariants: [], startMs: Date.UTC(2026, 0, 12), recovery: 'manual', policy: 'prefer-availability' });
    const { time } = world;
    const [client] = world.clients;
    assert.ok(client !== undefined);
    await world.start();
    client.rest();
    const open = (): string | undefined => [...client.client.alarms.values()].find(({ state }) => state === 'unacknowledged')?.name;
    for (let i = 0; i < 500 && !(world.isWhole && open() !== undefined); i++) await time.advance(200);
    const name = open();
    assert.ok(name !== undefined && world.isWhole, 'an alarm stands');
    const frames: Frame[][] = world.nodes.map((node) => {
      const seen: Frame[] = [];
      node.life?.gateway?.pair.sync.frames$.subscribe((frame) => seen.push(frame));
      return seen;
    });
    let held: string | undefined;
    void client.acknowledge(name).then((answer) => (held = answer));
    await time.advance(2_000);
    assert.equal(held, 'protected');
    for (const seen of frames) {
      const audited = seen.filter(({ logs }) => logs.some(({ kind }) => kind === 'audit'));
      assert.equal(audited.length, 1, 'one frame says who did it');
      const frame = audited[0] as Frame;
      assert.deepEqual(frame.logs.map(({ kind }) => kind).sort(), ['alarm', 'audit'], 'and it is that of the acknowledgement');
      assert.ok(frame.puts.some(({ key }) => key === `alarm/${name}`));
    }
  });
});

import assert from 'node:assert/strict';
import { World } from './world.js';

describe('pair: what the nodes measure of themselves', () => {
  it('each is told by the other while they are connected, and forgotten then', async () => {
    const world = await new World().inSync();
    await world.until(() => world.nodes.every((node) => node.pair.peerHealth !== undefined));
    assert.deepEqual(world.a.pair.peerHealth, { memoryBytes: 2, diskLow: true });
    assert.deepEqual(world.b.pair.peerHealth, { memoryBytes: 1 });
    world.b.powerOff();
    await world.until(() => !world.a.pair.status().protected);
    await world.until(() => world.a.pair.peerHealth === undefined, 5_000);
  });

  it('an older node is told nothing that it would choke on, and forms a pair', async () => {
    const world = new World();
    world.b.protocol = { least: 1, most: 1 };
    await world.inSync();
    assert.equal(world.active(), world.a);
  });
});

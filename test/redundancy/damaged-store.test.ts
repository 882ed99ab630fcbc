import assert from 'node:assert/strict';
import type { TestNode } from './node.js';
import { WITNESSED, World } from './world.js';

/** Flips one bit of a row on the disk of a dead node. */
function flip(node: TestNode, key: string): void {
  const bytes = node.disk.rows.get(key);
  assert.ok(bytes !== undefined, key);
  bytes[60] = (bytes[60] ?? 0) ^ 4;
}

function noted(node: TestNode, text: string): void {
  node.running.publisher.cut((draft) => draft.log('note', text));
}

const journalKey = (seq: number): string => `j!${seq.toString(16).padStart(14, '0')}`;

describe('pair: a damaged disk', () => {
  it('costs nothing where a copy of the checkpoint is damaged: the node resumes, and may start alone by right', async () => {
    const world = await new World({ journalBytes: 500 }).inSync();
    world.b.powerOff();
    for (let n = 0; n < 20; n++) await world.wait(world.a.confirmed('c/a', n));
    await world.wait(world.a.checkpoint());
    world.a.kill();
    flip(world.a, 'c!image');
    await world.wait(world.a.start());
    await world.until(() => world.a.role === 'active');
    assert.equal(world.a.pair.isStale, false);
    assert.equal(world.a.state.keyed.get('c/a'), 19);
  });

  it('costs nothing that the other node holds', async () => {
    const world = await new World().inSync();
    const lost = world.a.put('c/a', 1);
    await world.wait(world.a.pair.sync.confirm(lost));
    await world.wait(world.a.confirmed('c/b', 2));
    world.a.kill();
    flip(world.a, journalKey(lost));
    await world.wait(world.a.start());
    assert.match(world.a.running.damaged ?? '', /journal/);
    await world.untilInSync();
    assert.equal(world.active(), world.b);
    assert.deepEqual(['c/a', 'c/b'].map((key) => world.a.state.keyed.get(key)), [1, 2]);
  });

  it('is not forgotten by the next start: what is there then looks whole, and is less than was acknowledged', async () => {
    const world = await new World({ settings: WITNESSED }).inSync();
    const lost = world.a.put('c/a', 1);
    await world.wait(world.a.pair.sync.confirm(lost));
    world.b.kill();
    world.witness.kill();
    world.a.kill();
    flip(world.b, journalKey(lost));
    for (let start = 0; start < 2; start++) {
      await world.wait(world.b.start());
      await world.time.advance(100);
      assert.equal(await world.b.running.store.readMark('mark'), 'following');
      assert.equal(world.b.running.damaged === undefined, start > 0);
      if (start === 0) world.b.powerOff();
    }
    await world.wait(world.witness.start());
    await world.time.advance(60_000);
    assert.equal(world.b.role, 'starting', 'the witness counts it among those who hold everything');
    await world.wait(world.a.start());
    await world.untilInSync();
    assert.equal(world.b.state.keyed.get('c/a'), 1);
  });

  it('keeps what only this node recorded after the damage, and merges it', async () => {
    const world = await new World().inSync();
    world.b.powerOff();
    await world.until(() => !world.a.pair.status().protected);
    const lost = world.a.put('c/a', 1);
    noted(world.a, 'after the damage');
    await world.wait(world.a.confirmed('c/b', 2));
    world.a.kill();
    flip(world.a, journalKey(lost));
    await world.wait(Promise.all([world.a.start(), world.b.start()]));
    assert.match(world.a.running.damaged ?? '', /journal/);
    await world.untilInSync();
    await world.untilMerged(world.a);
    for (const node of world.nodes) assert.deepEqual((await node.running.store.logs('note', 10)).map(({ data }) => data), ['after the damage'], node.id);
  });
});

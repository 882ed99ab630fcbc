import assert from 'node:assert/strict';
import { GOOD } from '../../src/contract/index.js';
import { PointTable } from '../../src/image/index.js';
import { contentOf } from './fingerprint.js';
import { MemoryTrust } from './memory-trust.js';
import { TestNode } from './node.js';
import { POINTS, World, type WorldOptions } from './world.js';

/** A pair in sync, and a third node that only reads. */
async function withReader(options: WorldOptions = {}): Promise<{ world: World; reader: TestNode }> {
  const world = await new World(options).inSync();
  const reader = new TestNode(world, 'C', 'reader', '10.0.0.5', world.a.address);
  await world.wait(reader.start());
  await world.until(() => reads(reader));
  return { world, reader };
}

const reads = (reader: TestNode): boolean => reader.role === 'standby' && reader.pair.status().sync.state === 'in-sync';

async function same(world: World, reader: TestNode): Promise<void> {
  await world.until(() => reader.state.position.seq === world.active().state.position.seq && reads(reader));
  assert.equal(contentOf(reader.state), contentOf(world.active().state));
}

describe('a reading node', () => {
  it('holds what the pair holds, over the failover of the pair and back, and resumes', async () => {
    const { world, reader } = await withReader();
    world.a.ingest([0, 1], [11, 'one']);
    await world.wait(world.a.confirmed('c/a', 1));
    await same(world, reader);
    world.a.kill();
    await world.until(() => world.b.role === 'active');
    world.b.ingest([0, 2]);
    await world.wait(world.b.confirmed('c/b', 2));
    await same(world, reader);
    await world.wait(world.a.start());
    await world.untilInSync();
    await world.wait(world.b.pair.switchOver('test', 'back'));
    await world.until(() => world.a.role === 'active');
    await world.untilInSync();
    await world.wait(world.a.confirmed('c/c', 3));
    await same(world, reader);
    assert.equal(await world.wait(reader.running.store.aside.count()), 0, 'it followed, and was not replaced');
  });

  it('is shown by the node that feeds it, and goes on where it stopped', async () => {
    const { world, reader } = await withReader();
    const [shown] = world.a.pair.status().readers ?? [];
    assert.deepEqual([shown?.id, shown?.following], ['C', true]);
    reader.kill();
    await world.until(() => world.a.pair.status().readers === undefined);
    const before = world.a.state.position.seq;
    for (let n = 0; n < 5; n++) await world.wait(world.a.confirmed('c/a', n));
    await world.wait(reader.start());
    assert.ok(reader.running.loaded.seq > 0 && reader.running.loaded.seq <= before);
    await world.until(() => reads(reader));
    await same(world, reader);
  });

  it('fetches what it was away for where the journal does not reach back any more', async () => {
    const { world, reader } = await withReader();
    const sample = (node: TestNode, value: number): void => {
      const timeMs = world.time.wallMs();
      node.running.publisher.cut((draft) => {
        draft.samples.add(0, value, GOOD, timeMs);
        draft.log('note', value);
      });
    };
    sample(world.a, 1);
    await same(world, reader);
    reader.kill();
    sample(world.a, 2);
    await world.wait(world.a.confirmed('c/a', 1));
    // B has parted, and its journal begins with a snapshot of A's afterwards; then B leads.
    world.cut();
    await world.until(() => world.b.role === 'active');
    await world.time.advance(500);
    world.heal();
    const gone = await world.untilInSync();
    sample(gone, 3);
    await world.wait(gone.confirmed('c/a', 2));
    await world.wait(gone.pair.switchOver('test', ''));
    await world.until(() => world.other(gone).role === 'active');
    const active = await world.untilInSync();
    await world.wait(reader.start());
    await same(world, reader);
    await world.wait(active.confirmed('c/a', 3));
    await world.until(() => reader.pair.sync.historyFill === undefined && reader.pair.status().events.some(({ what }) => what === 'history filled'));
    const notes = await world.wait(reader.running.store.logs('note', 10));
    assert.deepEqual(notes.map(({ data }) => data).sort(), [1, 2, 3]);
    const samples = await world.wait(reader.running.store.history.query('P0', 0, 1e15, 1e6));
    assert.deepEqual([...samples].map(({ value }) => value), [1, 2, 3]);
  });

  it('has no say: nothing waits for it, it is never in the set, and it never takes over', async () => {
    const { world, reader } = await withReader();
    reader.freeze();
    const startMs = world.time.monotonicMs();
    assert.equal(await world.wait(world.a.confirmed('c/a', 1)), 'protected');
    assert.ok(world.time.monotonicMs() - startMs < 100, 'a frozen reader delays nobody');
    reader.thaw();
    world.b.powerOff();
    await world.until(() => !world.a.pair.status().protected);
    assert.equal(await world.wait(world.a.confirmed('c/a', 2)), 'unprotected', 'a reader protects nothing');
    await world.until(() => reads(reader));
    await assert.rejects(world.wait(reader.pair.switchOver('test', 'me')), /SWITCH_REFUSED|no part in who is active/);
    world.a.kill();
    await world.time.advance(2 * world.settings.staleWaitMs);
    await assert.rejects(world.wait(reader.pair.control.force('test', 'me')), /it only reads/);
    assert.equal(reader.role, 'standby');
    assert.equal(reader.state.keyed.get('c/a'), 2, 'and answers for what it holds');
    await assert.rejects(async () => reader.put('c/x', 1), /not active/);
    await world.wait(world.b.start());
    await world.wait(world.a.start());
    await world.untilInSync();
    await same(world, reader);
  });

  it('takes another configuration with the pair', async () => {
    const { world, reader } = await withReader();
    const next = new PointTable('fedcba9876543210', [...POINTS].reverse().map((point, id) => ({ ...point, id })));
    world.tables.set(next.revision, next);
    world.a.switchTo(next);
    await world.until(() => reader.state.table.revision === next.revision);
    await same(world, reader);
  });

  it('is approved like any other node; until then its calls are nobody\'s sign of life, and no partner of a backup', async () => {
    const world = new World();
    const reader = new TestNode(world, 'C', 'reader', '10.0.0.5', world.a.address);
    for (const node of world.nodes) node.certificates = new MemoryTrust(node.id);
    reader.certificates = new MemoryTrust('reader C');
    for (const node of world.nodes) node.certificates!.pins = [{ fingerprint: world.other(node).certificates!.own().fingerprint, name: 'peer' }];
    await world.wait(Promise.all([...world.nodes, reader].map(async (node) => node.start())));
    await world.untilInSync();
    await world.time.advance(3_000);
    assert.equal(reader.role, 'starting');
    const ofReader = reader.certificates.own().fingerprint;
    assert.equal(world.a.trust!.status().certificates.find(({ fingerprint }) => fingerprint === ofReader)?.state, 'pending');
    world.a.powerOff();
    await world.until(() => world.b.role === 'active', 3_000);
    for (const action of ['approve', 'approve-connection'] as const) world.b.trust!.act(action, ofReader, 'anna');
    for (const action of ['approve', 'approve-connection'] as const) reader.trust!.act(action, world.b.certificates!.own().fingerprint, 'anna');
    await world.until(() => reads(reader));
    world.b.trust!.act('revoke', ofReader, 'anna');
    await world.until(() => !reads(reader));
    assert.equal(world.b.role, 'active');
  });
});

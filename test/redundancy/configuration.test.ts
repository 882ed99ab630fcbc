import assert from 'node:assert/strict';
import type { PointDefinition } from '../../src/contract/index.js';
import { PointTable } from '../../src/image/index.js';
import { configurationAt, configurationHistory, currentConfiguration } from '../../src/redundancy/index.js';
import { contentOf } from './fingerprint.js';
import type { TestNode } from './node.js';
import { POINTS, World } from './world.js';

const numbered = (points: readonly PointDefinition[]): PointDefinition[] => points.map((point, id) => ({ ...point, id }));

/** The same points in another order, some gone, one of another kind, one new. */
const TABLES = [
  new PointTable('1111111111111111', numbered([...POINTS].reverse())),
  new PointTable('2222222222222222', numbered(POINTS.filter(({ id }) => id % 3 !== 0))),
  new PointTable('3333333333333333', numbered([{ ...(POINTS[0] as PointDefinition), name: 'New' }, ...POINTS.map((point): PointDefinition => (point.name === 'P4' ? { ...point, kind: 'text' } : point))])),
];

function configurable(seed = 1, survivor?: 'A' | 'B'): World {
  const world = new World({ seed, ...(survivor === undefined ? {} : { survivor }) });
  for (const table of TABLES) world.tables.set(table.revision, table);
  return world;
}

/** The document in force, the ids in use and what is on disk are of one configuration, whatever has happened. */
function assertWhole(node: TestNode): void {
  const document = currentConfiguration(node.state.keyed);
  if (document !== undefined) assert.equal(document.revision, node.state.table.revision, `${node.id} is between two configurations`);
}

describe('configuration: the switch of a pair', () => {
  it('happens on both at one frame; values go by name, and what is of another kind begins anew', async () => {
    const world = await configurable().inSync();
    world.a.ingest([1, 10], [4, 40], [6, 60]);
    await world.time.advance(50);
    const seq = world.a.switchTo(TABLES[2] as PointTable);
    assert.equal(await world.wait(world.a.pair.sync.confirm(seq)), 'protected');
    for (const { state } of world.nodes) {
      const value = (name: string): unknown => state.image.value(state.table.find(name)?.id ?? -1);
      assert.equal(state.table.revision, '3333333333333333');
      assert.deepEqual([value('P1'), value('P6')], [10, 60]);
      assert.ok(Number.isNaN(value('P4')), 'P4 is a text now');
    }
    await world.time.advance(100);
    assert.equal(contentOf(world.a.state), contentOf(world.b.state));
  });

  it('is left for an older one by a person where nobody can run it any more: with the first frame of the activation, and the other node follows', async () => {
    const world = await configurable().inSync();
    for (const table of [TABLES[2], TABLES[1]]) await world.wait(world.a.pair.sync.confirm(world.a.switchTo(table as PointTable)));
    world.a.ingest([1, 77]);
    await world.time.advance(100);
    const older = configurationAt(world.a.state.keyed, 1);
    assert.equal(older?.revision, '3333333333333333');
    world.b.kill();
    await world.time.advance(2_000);
    world.a.kill();
    // Both machines were given a version that does not know what the second one needs.
    world.tables.delete('2222222222222222');
    for (const node of world.nodes) node.inPlace = older;
    await world.wait(Promise.all(world.nodes.map(async (node) => node.start())));
    await world.untilInSync(60_000);
    await world.time.advance(100);
    for (const node of world.nodes) {
      assert.equal(currentConfiguration(node.state.keyed)?.number, 3);
      assertWhole(node);
    }
    assert.equal(contentOf(world.a.state), contentOf(world.b.state));
    // Neither needs to be told again.
    for (const node of world.nodes) node.inPlace = undefined;
    world.a.kill();
    await world.until(() => world.b.role === 'active');
    await world.wait(world.a.start());
    await world.untilInSync();
    assertWhole(world.a);
    assert.deepEqual(world.errors, []);
  });

  it('reaches a node that was away with the snapshot, and merges what it recorded under the old one', async () => {
    const world = await configurable(1, 'B').inSync();
    world.cut();
    await world.until(() => world.b.role === 'active');
    world.a.put('apart', 1);
    world.b.switchTo(TABLES[0] as PointTable);
    await world.time.advance(100);
    world.heal();
    await world.untilInSync();
    await world.time.advance(200);
    for (const node of world.nodes) assert.equal(node.state.table.revision, '1111111111111111');
    assert.equal(contentOf(world.a.state), contentOf(world.b.state));
  });

  it('made apart on both leaves one in force, and lists the other for a person', async () => {
    const world = await configurable().inSync();
    world.cut();
    await world.until(() => world.b.role === 'active');
    world.a.switchTo(TABLES[0] as PointTable);
    world.b.switchTo(TABLES[1] as PointTable);
    await world.time.advance(100);
    world.heal();
    await world.untilInSync();
    for (const node of world.nodes) await world.untilMerged(node);
    await world.time.advance(500);
    const survivor = world.active().state.table.revision;
    const other = survivor === '1111111111111111' ? '2222222222222222' : '1111111111111111';
    for (const { state } of world.nodes) {
      assert.equal(state.table.revision, survivor);
      assert.notEqual(state.keyed.get(`conflict/configuration/${other}`), undefined, 'listed');
      assert.ok(!configurationHistory(state.keyed).some(({ revision }) => revision === other));
    }
    assert.equal(world.active().pair.status().conflicts, 1);
  });

  it('leaves a node that dies at any moment with the old or the new one, never with a mixture (from seeds)', async function () {
    this.timeout(60_000);
    let deaths = 0;
    for (let seed = 1; seed <= 15; seed++) {
      const world = await configurable(seed).inSync();
      const { random } = world;
      for (let round = 0; round < 4; round++) {
        const active = world.active();
        for (const node of world.nodes) node.disk.syncMs = 1 + Math.floor(random.next() * 30);
        for (let i = 0; i < 6; i++) {
          active.ingest([Math.floor(random.next() * active.state.table.size), Math.floor(random.next() * 1_000)]);
          if (random.next() < 0.5) active.switchTo(TABLES[Math.floor(random.next() * TABLES.length)] as PointTable);
          if (random.next() < 0.3) active.checkpoint().catch(() => undefined);
          await world.time.advance(random.next() * 20);
        }
        const victim = random.next() < 0.5 ? world.a : world.b;
        if (random.next() < 0.5) victim.kill();
        else victim.powerOff();
        deaths += 1;
        await world.time.advance(random.next() * 3_000);
        await world.wait(victim.start());
        assert.equal(victim.running.damaged, undefined);
        assertWhole(victim);
        await world.untilInSync(60_000);
        await world.time.advance(300);
        for (const node of world.nodes) assertWhole(node);
        assert.equal(contentOf(world.a.state), contentOf(world.b.state), `seed ${seed} round ${round}`);
      }
      assert.deepEqual(world.errors, []);
    }
    assert.equal(deaths, 60);
  });
});

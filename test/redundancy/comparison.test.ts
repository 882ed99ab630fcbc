import assert from 'node:assert/strict';
import type { ComparedDevice, FieldComparison, FieldDifference } from '../../src/contract/index.js';
import { comparisonAlarm } from '../../src/redundancy/comparison-watch.js';
import { World } from './world.js';

const differs = (count: number): FieldComparison => ({
  node: 'B',
  devices: [{ name: 'plc', state: 'differs', differing: count, sinceMs: 1_000 }],
  differences: Array.from({ length: Math.min(count, 50) }, (_, index): FieldDifference => ({ point: `plc.${index}`, device: 'plc', image: '1', field: '2', sinceMs: 1_000 })),
});
const equal: FieldComparison = { node: 'B', devices: [{ name: 'plc', state: 'equal', differing: 0 }], differences: [] };
const lost = (name: string): ComparedDevice => ({ name, state: 'unreachable', differing: 0, sinceMs: 1 });

describe('what a hot standby finds, told to the active', () => {
  it('is an alarm that names points and devices, without values that would change it again and again', () => {
    assert.equal(comparisonAlarm(undefined), undefined);
    assert.equal(comparisonAlarm(equal), undefined);
    assert.equal(comparisonAlarm(differs(1))?.message, 'FIELD_DIFFERS: node B reads a point otherwise than this node: plc.0.');
    assert.equal(comparisonAlarm(differs(120))?.message, 'FIELD_DIFFERS: node B reads 120 points otherwise than this node: plc.0, plc.1, plc.2, plc.3, plc.4 and 115 more.');
    assert.equal(comparisonAlarm({ ...equal, devices: [lost('x'), lost('y')] })?.message, 'FIELD_DIFFERS: node B does not reach x, y, which this node does.');
  });

  it('is shown on both nodes and alarmed by the active only, while it lasts and while the two are together', async () => {
    const world = await new World().inSync();
    const alarms = (): string[] => world.nodes.flatMap((node) => (node.role === 'active' ? node.pair.systemAlarms().map(({ name }) => name) : []));
    world.b.comparison = differs(3);
    await world.until(() => alarms().includes('field-differs'), 5_000);
    for (const node of world.nodes) assert.deepEqual(node.pair.status().comparison, world.b.comparison);
    world.b.comparison = equal;
    await world.until(() => alarms().length === 0, 5_000);
    assert.equal(world.a.pair.status().comparison?.devices[0]?.state, 'equal');

    world.b.comparison = differs(1);
    await world.until(() => alarms().includes('field-differs'), 5_000);
    // What the former standby said is nothing that the next active goes by.
    await world.wait(world.a.pair.switchOver('test', ''));
    await world.until(() => world.b.role === 'active' && world.a.role === 'standby');
    await world.untilInSync();
    await world.time.advance(5_000);
    assert.deepEqual([world.b.pair.status().comparison, alarms()], [undefined, []]);
    world.a.comparison = { ...differs(2), node: 'A' };
    await world.until(() => alarms().includes('field-differs'), 5_000);
    world.cut();
    await world.time.advance(200);
    world.b.comparison = undefined;
    await world.until(() => world.b.pair.status().peer?.state !== 'standby', 20_000);
    assert.equal(world.b.pair.status().comparison, undefined);
    assert.ok(!alarms().includes('field-differs'));
  });
});

import assert from 'node:assert/strict';
import { authorizationOf } from '../../src/redundancy/authorization.js';
import { World } from './world.js';

describe('authorization of the pair', () => {
  const own = { id: 'A', modules: ['driver/bacnet@1.0', 'driver/modbus-tcp@1.0', 'function/alarms@0.1.0'] };

  it('is unknown, a match, or a mismatch named module by module', () => {
    assert.deepEqual(authorizationOf(own, undefined), { state: 'unknown', differences: [] });
    assert.deepEqual(authorizationOf(own, { id: 'B', modules: [...own.modules].reverse() }), { state: 'match', differences: [] });
    assert.deepEqual(authorizationOf(own, { id: 'B', modules: ['driver/bacnet@1.1', 'function/alarms@0.1.0', 'function/trends@0.1.0'] }), {
      state: 'mismatch',
      differences: ['driver/bacnet: 1.0 on node A, 1.1 on node B', 'driver/modbus-tcp: only node A may run it (1.0)', 'function/trends: only node B may run it (0.1.0)'],
    });
  });

  it('is learned from the greeting, shown on both sides and alarmed; it hinders no failover', async () => {
    const world = new World();
    world.a.modules = own.modules;
    world.b.modules = own.modules.slice(1);
    await world.inSync();
    for (const node of world.nodes) {
      const { authorization, alarms } = node.pair.status();
      assert.deepEqual(authorization, { state: 'mismatch', differences: ['driver/bacnet: only node A may run it (1.0)'] });
      assert.ok(alarms?.some((alarm) => alarm.includes('driver/bacnet')));
    }
    world.a.kill();
    await world.until(() => world.b.role === 'active', 5_000);
    world.a.modules = world.b.modules;
    await world.wait(world.a.start());
    await world.untilInSync();
    for (const node of world.nodes) assert.equal(node.pair.status().authorization?.state, 'match');
  });
});

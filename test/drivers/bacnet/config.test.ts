import assert from 'node:assert/strict';
import { bacnet } from '../../../drivers/bacnet/index.js';
import { collectProblems, parseDevice } from './world.js';

describe('BACnet configuration', () => {
  const device = parseDevice({ instance: 1200 });
  const parse = (raw: Record<string, unknown>): ReturnType<typeof bacnet.parsePoint> => bacnet.parsePoint(raw, device, { problems: collectProblems() });

  it('has defaults for everything but the instance', () => {
    assert.deepEqual(device, {
      instance: 1200, timeoutMs: 3000, retries: 2, cov: true, covConfirmed: false, covLifetimeMs: 300_000, paths: [], maxInFlight: 2, timezone: 'UTC', alarms: undefined,
      plug: { address: '0.0.0.0', port: 47_808, linePort: 47_808, broadcast: '255.255.255.255' },
    });
  });

  it('takes the line’s port, the plug’s address, and one request at a time behind a router', () => {
    const routed = parseDevice({ instance: 1, host: '10.0.0.5', host2: '10.1.0.5', port2: 47_900, route: { network: 20, mac: 5 } }, { address: '127.0.0.21', port: 0 }, { kind: 'bacnet-ip', port: 47_809 });
    assert.deepEqual(routed.plug, { address: '127.0.0.21', port: 0, linePort: 47_809, broadcast: '127.255.255.255' });
    assert.deepEqual(routed.paths, [{ host: '10.0.0.5', port: 47_809 }, { host: '10.1.0.5', port: 47_900 }]);
    assert.equal(routed.maxInFlight, 1);
    assert.deepEqual(routed.route, { network: 20, mac: '05' });
    assert.equal(parseDevice({ instance: 1, route: { network: 20, mac: '0A:14:01:05:BA:C0' } }).route?.mac, '0a140105bac0');
  });

  it('reads alarms, and both nodes from the line', () => {
    const line = { kind: 'bacnet-ip', port: 47_808, recipients: ['10.0.0.1', '10.0.0.2:47809', { device: 901 }] };
    const recipients = [{ network: 0, mac: '0a000001bac0' }, { network: 0, mac: '0a000002bac1' }, { device: 901 }];
    assert.deepEqual(parseDevice({ instance: 1, alarms: { notificationClasses: [4], processId: 9 } }, {}, line).alarms, { notificationClasses: [4], processId: 9, recipients });
    // Without them, this node alone, as far as it knows where it is.
    assert.deepEqual(parseDevice({ instance: 1, alarms: true }).alarms, { notificationClasses: [], processId: 1, recipients: [] });
    assert.deepEqual(parseDevice({ instance: 1, alarms: true }, { address: '10.0.0.7' }).alarms?.recipients, [{ network: 0, mac: '0a000007bac0' }]);
    assert.deepEqual(parseDevice({ instance: 1, alarms: true }, { address: '10.0.0.7', deviceInstance: 900 }).alarms?.recipients, [{ device: 900 }]);
    assert.throws(() => parseDevice({ instance: 1, alarms: true }, {}, { ...line, recipients: ['here'] }), /recipients.0/);
  });

  it('reads objects short and long', () => {
    assert.deepEqual(parse({ object: 'AI:1' }), { address: { object: { type: 0, instance: 1 }, property: 85, encoding: 'real', commandable: 'never' }, kind: 'number' });
    assert.deepEqual(parse({ object: 'analog-input,1' }), parse({ object: 'ai : 1' }));
    assert.equal(parse({ object: 'BO:3' })?.kind, 'boolean');
    assert.equal(parse({ object: 'multi-state-value,7' })?.kind, 'enum');
    assert.equal(parse({ object: 'CSV:1' })?.kind, 'text');
    assert.deepEqual(parse({ object: 'AO:1', property: 'out-of-service' })?.address, { object: { type: 1, instance: 1 }, property: 81, encoding: 'boolean', commandable: 'never' });
  });

  it('says what is wrong', () => {
    for (const raw of [{ object: '40001' }, { object: 'XX:1' }, { object: 'AI:9999999' }, { object: 'AI' }, { object: 'AI:1', covPriority: 17 }, { object: 'AI:1', property: 'colour' }, { object: 4 }]) {
      const problems = collectProblems();
      assert.equal(bacnet.parsePoint(raw, device, { problems }), undefined);
      assert.equal(problems.found.length, 1, JSON.stringify(raw));
    }
    for (const raw of [{}, { instance: -1 }, { instance: 1, timeout: '3' }, { instance: 1, maxInFlight: 9 }, { instance: 1, host2: '10.1.0.5' }, { instance: 1, covLifetime: '1s' }, { instance: 1, route: { network: 20, mac: 'x' } }]) {
      const problems = collectProblems();
      assert.equal(bacnet.parseDevice(raw, { problems }), undefined);
      assert.ok(problems.found.length > 0, JSON.stringify(raw));
    }
    const problems = collectProblems();
    assert.equal(bacnet.parseDevice({ instance: 1 }, { problems, line: { kind: 'modbus-rtu' } }), undefined);
    assert.match(problems.found[0]!, /CONFIG_REFERENCE/);
  });
});

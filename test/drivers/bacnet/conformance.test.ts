import { bacnet } from '../../../drivers/bacnet/index.js';
import { realNetwork } from '../../../src/platform/network.js';
import { realClock, realRandom, realTimers } from '../../../src/platform/time.js';
import { VirtualBacnetDevice } from '../../../simulators/bacnet-device/index.js';
import { describeDriver } from '../../conformance/driver-suite.js';
import { driverHost, parseDevice, pointsOf } from './world.js';

const world = { network: realNetwork, clock: realClock, timers: realTimers, random: realRandom };

for (const cov of [true, false]) {
  describeDriver(`bacnet, ${cov ? 'COV' : 'polled'}`, async () => {
    const device = new VirtualBacnetDevice(world, { instance: 7 });
    device.addObject({ type: 'AI', instance: 1 });
    device.addObject({ type: 'BV', instance: 2 });
    device.addObject({ type: 'MV', instance: 3 });
    device.addObject({ type: 'CSV', instance: 4 });
    const { host, port } = await device.listen('127.0.0.31', 0);
    const settings = parseDevice({ instance: 7, host, port, cov, timeout: '60ms', retries: 1 }, { address: '127.0.0.32', port: 0 });
    const points = pointsOf(settings, ['AI:1', 'BV:2', 'MV:3', 'CSV:4'].map((object) => ({ object, poll: 'fast', write: { priority: 10, verify: 'readback', repeatable: true } })));
    const services = driverHost(world);
    const values = new Map<string, { inDevice: number | string; inPoint: number | string }>([
      ['AI:1', { inDevice: 21.5, inPoint: 21.5 }], ['BV:2', { inDevice: 1, inPoint: 1 }], ['MV:3', { inDevice: 3, inPoint: 2 }], ['CSV:4', { inDevice: 'auto', inPoint: 'auto' }],
    ]);
    return {
      driver: bacnet.create(services, settings, points),
      points,
      writable: { point: points[2]!, values: [1, 0] },
      setValue: (name) => {
        const { inDevice, inPoint } = values.get(name)!;
        device.setPresentValue(name, inDevice);
        return inPoint;
      },
      connections: () => 0,
      requests: () => Object.values(device.requestCounts()).reduce((sum, count) => sum + count, 0),
      writes: () => device.writes.length,
      fault: (kind) => Object.assign(device.faults, { silent: kind === 'silent', garbage: kind === 'garbage' }),
      close: async () => {
        await services.close();
        await device.close();
      },
    };
  });
}

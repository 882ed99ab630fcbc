import assert from 'node:assert/strict';
import { once } from 'node:events';
import { promisify } from 'node:util';
import BacnetJs, { ApplicationTag, ObjectType, PropertyIdentifier } from '@bacnet-js/client';
import NodeBacnet from 'node-bacnet';
import { bacnet } from '../../../drivers/bacnet/index.js';
import { GOOD, type Driver } from '../../../src/contract/index.js';
import { realNetwork } from '../../../src/platform/network.js';
import { realClock, realRandom, realTimers } from '../../../src/platform/time.js';
import { Transport } from '../../../drivers/bacnet/transport.js';
import { VirtualBacnetDevice } from '../../../simulators/bacnet-device/index.js';
import { StockDevice } from './foreign-device.js';
import { freePort, until } from './real-world.js';
import { driverHost, parseDevice, pointsOf, Samples } from './world.js';

const world = { network: realNetwork, clock: realClock, timers: realTimers, random: realRandom };

interface CovPayload { values: { value: { value: unknown }[] }[] }

describe('BACnet with foreign peers', () => {
  describe('our virtual device, read by stock clients', () => {
    let device: VirtualBacnetDevice;
    let at: string;

    beforeEach(async () => {
      device = new VirtualBacnetDevice(world, { instance: 40 });
      device.addObject({ type: 'AI', instance: 1, value: 21.5 });
      device.addObject({ type: 'AO', instance: 2, value: 5 });
      device.addObject({ type: 'BV', instance: 3 });
      const { host, port } = await device.listen('127.0.0.41', 0);
      at = `${host}:${port}`;
    });
    afterEach(async () => {
      await device.close();
      assert.deepEqual(device.complaints, []);
    });

    it('node-bacnet 0.2.4: Who-Is, reads, priorities, relinquish, COV', async () => {
      const client = new NodeBacnet({ port: await freePort('127.0.0.42'), interface: '127.0.0.42', reuseAddr: false });
      try {
        await new Promise<void>((resolve) => client.on('listening', resolve));
        const readProperty = promisify(client.readProperty.bind(client));
        const writeProperty = promisify(client.writeProperty.bind(client));
        const seen: unknown[] = [];
        client.on('iAm', ({ payload }) => seen.push(payload.deviceId, payload.maxApdu));
        client.whoIs(at, { lowLimit: 40, highLimit: 40 });
        await until(() => seen.length === 2, 'I-Am');
        assert.deepEqual(seen, [40, 1476]);
        const value = async (type: number, instance: number, property = 85, arrayIndex?: number): Promise<unknown> =>
          (await readProperty(at, { type, instance }, property, arrayIndex === undefined ? {} : { arrayIndex })).values[0]?.value;
        assert.equal(await value(0, 1), 21.5);
        await writeProperty(at, { type: 1, instance: 2 }, 85, [{ type: 4, value: 60 }], { priority: 8 });
        assert.equal(await value(1, 2), 60);
        assert.equal(await value(1, 2, 87, 8), 60);
        await writeProperty(at, { type: 1, instance: 2 }, 85, [{ type: 0, value: null }], { priority: 8 });
        assert.equal(await value(1, 2), 5);
        await assert.rejects(writeProperty(at, { type: 0, instance: 1 }, 85, [{ type: 4, value: 1 }], { priority: 8 }), /WRITE_ACCESS_DENIED/);
        const multiple = await promisify(client.readPropertyMultiple.bind(client))(at, [{ objectId: { type: 0, instance: 1 }, properties: [{ id: 8 }] }, { objectId: { type: 8, instance: 40 }, properties: [{ id: 76 }] }]);
        assert.ok(multiple.values[0]!.values.some((entry) => entry.id === 85 && entry.value[0]?.value === 21.5));
        assert.equal(multiple.values[1]!.values[0]!.value.length, 4);
        const notified: unknown[] = [];
        client.on('covNotifyUnconfirmed', ({ payload }) => notified.push(payload.values[0]?.value[0]?.value));
        await new Promise<void>((resolve, reject) => client.subscribeCov(at, { type: 0, instance: 1 }, 9, false, false, 60, {}, (error) => (error ? reject(error) : resolve())));
        await until(() => notified.length === 1, 'first notification');
        device.setPresentValue('AI:1', 23);
        await until(() => notified.length === 2, 'second notification');
        assert.deepEqual(notified, [21.5, 23]);
        assert.equal(device.writes.length, 2);
      } finally {
        client.close();
      }
    });

    it('@bacnet-js/client 3.3.2: reads, priorities, COV', async () => {
      const client = new BacnetJs.default({ port: await freePort('127.0.0.43'), interface: '127.0.0.43', reuseAddr: false });
      try {
        await once(client as unknown as NodeJS.EventEmitter, 'listening');
        const to = { address: at };
        const bv3 = { type: ObjectType.BINARY_VALUE, instance: 3 };
        const { values } = await client.readProperty(to, { type: ObjectType.ANALOG_INPUT, instance: 1 }, PropertyIdentifier.PRESENT_VALUE);
        assert.equal(values[0]?.value, 21.5);
        await client.writeProperty(to, bv3, 85, [{ type: ApplicationTag.ENUMERATED, value: 1 }], { priority: 10 });
        assert.deepEqual(device.object('BV:3').priorityArray[9], 1);
        const multiple = await client.readPropertyMultiple(to, [{ objectId: bv3, properties: [PropertyIdentifier.PRESENT_VALUE, PropertyIdentifier.STATUS_FLAGS, PropertyIdentifier.PRIORITY_ARRAY].map((id) => ({ id, index: 0xffff_ffff })) }]);
        assert.equal(multiple.values[0]?.values.length, 3);
        const notified: unknown[] = [];
        client.on('covNotifyUnconfirmed', ({ payload }) => notified.push((payload as CovPayload).values[0]?.value[0]?.value));
        await client.subscribeCov(to, bv3, 9, false, false, 60);
        await until(() => notified.length === 1, 'first notification');
        await client.writeProperty(to, bv3, 85, [{ type: ApplicationTag.NULL, value: null }], { priority: 10 });
        await until(() => notified.length === 2, 'second notification');
        assert.deepEqual(notified, [1, 0]);
      } finally {
        client.close();
      }
    });
  });

  describe('a stock node-bacnet device, read by our driver', () => {
    let stock: StockDevice;
    let driver: Driver;
    let samples: Samples;
    let close: () => Promise<void>;

    const begin = async (cov: boolean): Promise<void> => {
      const at = { host: '127.0.0.44', port: await freePort('127.0.0.44') };
      stock = await StockDevice.open(at, 50);
      const settings = parseDevice({ instance: 50, ...at, cov, timeout: '1s' }, { address: '127.0.0.45', port: 0 });
      const write = { priority: 10, verify: 'readback', repeatable: true } as const;
      const host = driverHost(world);
      driver = bacnet.create(host, settings, pointsOf(settings, [{ object: 'AV:1', write }, { object: 'BV:2', write: { ...write, verify: 'echo' } }, { object: 'MI:3' }, { object: 'AI:9' }]));
      samples = new Samples(driver);
      close = () => host.close();
      driver.start('active');
    };
    afterEach(async () => {
      await driver.stop();
      await close();
      stock.close();
    });

    for (const knowsMultiple of [true, false]) {
      it(`polls with ReadProperty${knowsMultiple ? 'Multiple' : ''}`, async () => {
        await begin(false);
        stock.knowsMultiple = knowsMultiple;
        const result = await driver.poll('normal');
        assert.equal(result.reachable, true, result.error);
        assert.deepEqual([samples.value(0), samples.value(1), samples.value(2), samples.value(3)], [21.5, 0, 1, NaN]);
        assert.deepEqual([samples.quality(0), samples.quality(2)], [GOOD, GOOD]);
      });
    }

    it('writes at a priority and relinquishes', async () => {
      await begin(false);
      const write = (point: number, value: number | null): Promise<void> => driver.write({ point, value, priority: 10, timeoutMs: 2_000, permit: () => true });
      await write(1, 1);
      await write(1, null);
      assert.deepEqual(stock.writes, [{ object: '5:2', value: 1, priority: 10 }, { object: '5:2', value: null, priority: 10 }]);
    });

    it('hears its COV notifications', async () => {
      await begin(true);
      await driver.poll('normal');
      await until(() => (driver.counters().covNotifications ?? 0) >= 3, 'the first notifications');
      stock.set({ type: 5, instance: 2 }, { type: 9, value: 1 });
      await until(() => samples.value(1) === 1, 'the change');
    });
  });

  it('this node as a device, read by node-bacnet 0.2.4 and @bacnet-js/client 3.3.2', async () => {
    const services = driverHost(world);
    const own = new Transport(services, { address: '127.0.0.45', port: await freePort('127.0.0.45'), linePort: 47_999, broadcast: '127.255.255.255', deviceInstance: 4_190_001 });
    await own.open();
    const at = `127.0.0.45:${own.local!.port}`;
    const old = new NodeBacnet({ port: await freePort('127.0.0.46'), interface: '127.0.0.46', reuseAddr: false });
    try {
      await new Promise<void>((resolve) => old.on('listening', resolve));
      const seen: unknown[] = [];
      old.on('iAm', ({ payload }) => seen.push(payload.deviceId));
      old.whoIs(at, { lowLimit: 4_190_001, highLimit: 4_190_001 });
      await until(() => seen.length === 1, 'I-Am');
      assert.deepEqual(seen, [4_190_001]);
      const name = await promisify(old.readProperty.bind(old))(at, { type: 8, instance: 4_190_001 }, 77, {});
      assert.equal(name.values[0]?.value, 'tandem-4190001');
    } finally {
      old.close();
    }
    const js = new BacnetJs.default({ port: await freePort('127.0.0.47'), interface: '127.0.0.47', reuseAddr: false });
    try {
      await once(js as unknown as NodeJS.EventEmitter, 'listening');
      const list = await js.readProperty({ address: at }, { type: ObjectType.DEVICE, instance: 4_190_001 }, PropertyIdentifier.OBJECT_LIST);
      assert.deepEqual(list.values.map(({ value }) => value as unknown), [{ type: 8, instance: 4_190_001 }]);
      await assert.rejects(js.readProperty({ address: at }, { type: ObjectType.ANALOG_INPUT, instance: 1 }, PropertyIdentifier.PRESENT_VALUE), /Code:31/);
    } finally {
      js.close();
      await own.close();
      await services.close();
    }
  });
});

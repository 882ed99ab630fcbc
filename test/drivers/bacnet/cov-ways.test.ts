import assert from 'node:assert/strict';
import { bacnet } from '../../../drivers/bacnet/index.js';
import type { BacnetAddress } from '../../../drivers/bacnet/config.js';
import type { Driver, DriverPoint, PollResult } from '../../../src/contract/index.js';
import type { VirtualBacnetDevice } from '../../../simulators/bacnet-device/index.js';
import { BacnetWorld, parseDevice, pointsOf, Samples, type PointSpec } from './world.js';

const SETTINGS = { instance: 1, host: '10.0.0.11', timeout: '1s', retries: 1, covLifetime: '5min' };
const LIFETIME_MS = 300_000;

/** How a subscription is asked for, and who gets one first. */
describe('BACnet COV: ways and slots', () => {
  let world: BacnetWorld;
  let device: VirtualBacnetDevice;
  let driver: Driver;
  let samples: Samples;
  let points: DriverPoint<BacnetAddress>[];
  const poll = (): Promise<PollResult> => world.time.advanceWhile(driver.poll('normal'), 60_000);
  const count = (service: string): number => device.requestCounts()[service] ?? 0;
  const begin = async (specs: readonly (PointSpec & { covPriority?: number; alarmed?: true })[], more: Record<string, unknown> = {}): Promise<void> => {
    const settings = parseDevice({ ...SETTINGS, ...more }, { address: '10.0.0.1', broadcast: '10.0.0.255' });
    points = pointsOf(settings, specs).map((point, at) => ({ ...point, address: { ...point.address, ...(specs[at]?.covPriority !== undefined && { covPriority: specs[at].covPriority }) } }));
    driver = bacnet.create(world.host, settings, points);
    samples = new Samples(driver);
    driver.start('active');
    await poll();
    await world.time.advance(1_000);
  };
  /** Points that a poll has to read still. */
  const polled = async (): Promise<string[]> => {
    const seen = new Set<number>();
    await poll();
    const subscribed = new Set(device.subscriptions.all().map(({ object }) => object.name));
    for (const point of points) if (!subscribed.has(point.name.replace(':', '-'))) seen.add(point.id);
    return [...seen].map((id) => points[id]!.name);
  };

  beforeEach(async () => {
    world = new BacnetWorld('cov-ways');
    device = await world.device('10.0.0.11', { instance: 1 });
    device.addObject({ type: 'AI', instance: 1, value: 20, covIncrement: 0.5 });
    device.addObject({ type: 'AV', instance: 2, value: 5, covIncrement: 1 });
    device.addObject({ type: 'BI', instance: 3 });
    device.addObject({ type: 'BI', instance: 4 });
  });
  afterEach(async () => {
    await driver.stop();
    await world.host.close();
    assert.deepEqual(device.complaints, []);
    await world.time.advance(15_000);
    assert.equal(world.time.pending, 0, 'timers are left behind');
  });

  it('asks by SubscribeCOVProperty with the point’s own increment where the device has it', async () => {
    await begin([{ object: 'AI:1', cov: 0.1 }, { object: 'BI:3' }]);
    assert.deepEqual([count('subscribeCovProperty'), count('subscribeCov')], [1, 1]);
    device.setPresentValue('AI:1', 20.05);
    device.setPresentValue('AI:1', 20.2); // less than the object's increment, more than the point's
    await world.time.advance(10);
    assert.equal(samples.value(0), Math.fround(20.2));
    assert.equal(driver.counters().covNotifications, 3);
    assert.equal((await poll()).points, 0);
    await world.time.advance(LIFETIME_MS * 0.6);
    assert.equal(count('subscribeCovProperty'), 2, 'it is renewed in the same way');
    driver.setActivity('collect');
    await world.time.advance(100);
    assert.equal(device.subscriptions.size, 0, 'and given up in the same way');
  });

  it('hears of properties other than the present value, apart from it', async () => {
    await begin([{ object: 'AV:2' }, { object: 'AV:2', property: 'relinquish-default' }, { object: 'AV:2', property: 'out-of-service' }]);
    assert.equal(device.subscriptions.size, 3);
    assert.equal((await poll()).points, 0);
    device.setFlags('AV:2', { outOfService: true });
    await world.time.advance(10);
    assert.equal(samples.value(2), 1);
    assert.equal(samples.value(1), 5);
  });

  it('takes the plain way where the device says one thing and does another', async () => {
    device.faults.hiddenServices.add(28); // in the list of its services, and rejected
    await begin([{ object: 'AI:1', cov: 0.5 }, { object: 'AI:1', property: 'out-of-service' }]);
    assert.deepEqual([count('subscribeCovProperty'), count('subscribeCov'), device.subscriptions.size], [2, 1, 1]);
    assert.equal((await poll()).points, 1);
  });

  it('can have confirmed notifications, and acknowledges each', async () => {
    await begin([{ object: 'AI:1' }, { object: 'BI:3' }], { covConfirmed: true });
    let sent = 0;
    world.lan.filter = (data, from) => {
      if (from.host === '10.0.0.11' && data[6] === 0 && data[9] === 1) sent++;
      return true;
    };
    device.setPresentValue('BI:3', 1);
    await world.time.advance(20_000);
    assert.equal(samples.value(1), 1);
    assert.equal(sent, 1, 'a notification that was acknowledged is not repeated');
    let lost = 0;
    world.lan.filter = (data, from) => !(from.host === '10.0.0.11' && data[6] === 0 && lost++ < 2);
    device.setPresentValue('BI:3', 0);
    await world.time.advance(20_000);
    assert.equal(samples.value(1), 0, 'one that got lost is repeated by the device');
  });

  it('gives few slots to alarms first, then by poll class, or as the configuration says', async () => {
    device.faults.covSpace = 2;
    await begin([{ object: 'AI:1', poll: 'normal' }, { object: 'AV:2', poll: 'normal', alarmed: true }, { object: 'BI:3', poll: 'fast' }, { object: 'BI:4', poll: 'slow' }]);
    assert.deepEqual(await polled(), ['AI:1', 'BI:4']);
    assert.equal(count('subscribeCov'), 3, 'one refusal holds for all that come after');
    await driver.stop();
    await world.time.advance(100);
    await begin([{ object: 'AI:1' }, { object: 'AV:2', alarmed: true }, { object: 'BI:3', poll: 'fast' }, { object: 'BI:4', poll: 'slow', covPriority: 1 }]);
    assert.deepEqual(await polled(), ['AI:1', 'BI:3']);
  });

  it('tries again when what others held has run out, the most important first', async () => {
    const other = await world.device('10.0.0.12', { instance: 2 });
    await other.close();
    device.faults.covSpace = 0;
    await begin([{ object: 'AI:1' }, { object: 'BI:3', alarmed: true }, { object: 'BI:4' }]);
    assert.equal(count('subscribeCov'), 1);
    device.faults.covSpace = 1;
    await world.time.advance(LIFETIME_MS * 1.2);
    assert.deepEqual(await polled(), ['AI:1', 'BI:4']);
    assert.equal(count('subscribeCov') <= 4, true, 'it insists');
    await world.time.advance(20 * 60_000);
    assert.ok(count('subscribeCov') < 20, 'it insists'); // renewals of the one that it holds
  });

  it('takes a restart notification for what it is', async () => {
    await begin([{ object: 'AI:1' }, { object: 'BI:3' }]);
    device.subscriptions.clear();
    device.announceRestart([{ host: '10.0.0.255', port: 47_808 }]);
    await world.time.advance(1_000);
    assert.equal(device.subscriptions.size, 2);
    assert.equal(driver.counters()['line.restartNotifications'], 1);
  });

  it('subscribes hundreds of objects without a burst', async () => {
    for (let instance = 100; instance < 500; instance++) device.addObject({ type: 'BI', instance });
    const at: number[] = [];
    world.lan.filter = (data, _from, to) => {
      if (to.host === '10.0.0.11' && data[9] === 5) at.push(world.time.monotonicMs());
      return true;
    };
    await begin(Array.from({ length: 400 }, (_, row) => ({ object: `BI:${100 + row}` })));
    await world.time.advance(10_000);
    assert.equal(device.subscriptions.size, 400);
    const most = Math.max(...at.map((from) => at.filter((ms) => ms >= from && ms < from + 1_000).length));
    assert.ok(most <= 51, `${most} a second`);
  });
});

import assert from 'node:assert/strict';
import { GOOD, qualityOf, type Driver, type PollResult } from '../../../src/contract/index.js';
import type { VirtualBacnetDevice } from '../../../simulators/bacnet-device/index.js';
import { sharedTransport } from '../../../drivers/bacnet/transport.js';
import { BacnetWorld, parseDevice, type PointSpec, type Samples } from './world.js';

const SETTINGS = { instance: 1, host: '10.0.0.11', timeout: '1s', retries: 1, covLifetime: '5min' };
const LIFETIME_MS = 300_000;

describe('BACnet COV', () => {
  let world: BacnetWorld;
  let device: VirtualBacnetDevice;
  let driver: Driver;
  let samples: Samples;
  const poll = (): Promise<PollResult> => world.time.advanceWhile(driver.poll('normal'), 60_000);
  const reads = (): number => (device.requestCounts().readPropertyMultiple ?? 0) + (device.requestCounts().readProperty ?? 0);
  const subscribes = (): number => device.requestCounts().subscribeCov ?? 0;
  const begin = async (specs: readonly PointSpec[], more: Record<string, unknown> = {}, activity: 'active' | 'collect' = 'active'): Promise<void> => {
    ({ driver, samples } = world.driver({ ...SETTINGS, ...more }, specs));
    driver.start(activity);
    await poll();
    await world.time.advance(1_000);
  };

  beforeEach(async () => {
    world = new BacnetWorld('cov');
    device = await world.device('10.0.0.11', { instance: 1 });
    device.addObject({ type: 'AI', instance: 1, value: 20, covIncrement: 0.5 });
    device.addObject({ type: 'BI', instance: 2 });
    device.addObject({ type: 'MI', instance: 3, value: 1 });
  });
  afterEach(async () => {
    await driver.stop();
    await world.host.close();
    assert.deepEqual(device.complaints, []);
  });

  const three: readonly PointSpec[] = [{ object: 'AI:1' }, { object: 'BI:2' }, { object: 'MI:3' }];

  it('hears of changes, and polls no more what it hears of', async () => {
    await begin(three);
    assert.equal(device.subscriptions.size, 3);
    const before = reads();
    for (let i = 0; i < 5; i++) {
      await world.time.advance(1_000);
      assert.deepEqual(await poll(), { reachable: true, points: 0 });
    }
    assert.equal(reads(), before);
    const { count } = samples;
    await poll();
    assert.equal(samples.count, count + 3, 'what is covered is confirmed, or the host takes it for stale');
    device.setPresentValue('AI:1', 20.4); // less than the increment
    device.setPresentValue('BI:2', 1);
    device.setPresentValue('MI:3', 3);
    await world.time.advance(10);
    assert.deepEqual([samples.value(0), samples.value(1), samples.value(2)], [20, 1, 2]);
    device.setReliability('AI:1', 3);
    await world.time.advance(10);
    assert.equal(samples.quality(0), qualityOf('bad', 'fault'));
    await poll(); // a notification does not say why
    assert.equal(samples.quality(0), qualityOf('bad', 'underRange'));
    device.setReliability('AI:1', 0);
    await world.time.advance(10);
    assert.equal(samples.quality(0), GOOD);
  });

  it('shows that the device lives, and that it does not, where there is nothing to read', async () => {
    await begin(three);
    const before = reads();
    await world.time.advance(11_000);
    assert.equal((await poll()).reachable, true);
    assert.equal(reads(), before + 1);
    await poll();
    assert.equal(reads(), before + 1, 'more often than every ten seconds');
    await world.time.advance(11_000);
    device.faults.silent = true;
    assert.equal((await poll()).reachable, false);
    device.faults.silent = false;
    // What happened meanwhile is read, not waited for.
    device.setPresentValue('BI:2', 1);
    assert.equal((await poll()).points, 3);
    assert.equal(samples.value(1), 1);
  });

  it('renews about half-way, for days, without a gap', async () => {
    await begin(three);
    const span = 48 * LIFETIME_MS;
    for (let passed = 0; passed < span; passed += 30_000) {
      await world.time.advance(30_000);
      assert.equal(device.subscriptions.size, 3);
    }
    const each = subscribes() / 3;
    assert.ok(each >= span / LIFETIME_MS / 0.55 - 1 && each <= span / LIFETIME_MS / 0.45 + 2, `${each} requests each`);
  });

  it('reads what it hears of now and then, and notices that changes were not told', async () => {
    await begin(three);
    device.object('BI:2').presentValue = 1; // a change that nobody is told of
    await world.time.advance(LIFETIME_MS / 2 - 10_000);
    await poll();
    assert.equal(samples.value(1), 0);
    await world.time.advance(11_000);
    await poll();
    assert.equal(samples.value(1), 1);
  });

  it('polls when notifications do not arrive', async () => {
    world.lan.filter = (data) => data[6] !== 0x10; // no unconfirmed request passes
    await begin(three);
    assert.equal(device.subscriptions.size, 3);
    assert.equal((await poll()).points, 3);
    world.lan.filter = () => true;
    await world.time.advance(LIFETIME_MS * 0.6);
    assert.equal((await poll()).points, 3); // the verification
    assert.equal((await poll()).points, 0);
    world.lan.filter = (data) => data[6] !== 0x10;
    await world.time.advance(LIFETIME_MS * 0.6 + 11_000);
    await poll();
    assert.equal((await poll()).points, 3, 'a renewal that no notification followed still covers');
  });

  it('lapses when it cannot renew, and is polled', async () => {
    await begin(three);
    world.lan.filter = (data, _from, to) => !(to.host === '10.0.0.11' && data[9] === 5); // SubscribeCOV gets lost
    await world.time.advance(LIFETIME_MS + 1_000);
    await poll();
    assert.equal((await poll()).points, 3);
    world.lan.filter = () => true;
    await world.time.advance(60_000);
    await poll();
    assert.equal((await poll()).points, 0);
  });

  it('subscribes again when the device restarts', async () => {
    await begin(three);
    device.restart();
    assert.equal(device.subscriptions.size, 0);
    await world.time.advance(1_000);
    assert.equal(device.subscriptions.size, 3);
    const before = subscribes();
    for (let i = 0; i < 20; i++) device.restart(); // I-Ams without end cost little
    await world.time.advance(40_000);
    assert.equal(subscribes(), before + 3);
    assert.equal(device.subscriptions.size, 3);
  });

  it('tells the host of restarts: certain where the device says so, likely by an I-Am that nobody asked for, and no answer to a Who-Is of ours', async () => {
    await begin(three);
    const told: boolean[] = [];
    driver.restarts$?.subscribe(({ certain }) => told.push(certain));
    device.restart();
    await world.time.advance(1_000);
    device.restart(); // waits for its turn, and the stronger sign with it
    device.announceRestart([{ host: '10.0.0.1', port: 47_808 }]);
    await world.time.advance(40_000);
    assert.deepEqual(told, [false, true]);
    const other = await world.device('10.0.0.66', { instance: 1 });
    other.restart(); // somebody else who says that he is this device
    await world.time.advance(40_000);
    await other.close();
    sharedTransport(world.host, parseDevice({ ...SETTINGS }, { address: '10.0.0.1', broadcast: '10.0.0.255' }).plug).whoIs(0, 9);
    await world.time.advance(40_000);
    driver.setActivity('collect');
    device.restart();
    await world.time.advance(40_000);
    assert.deepEqual(told, [false, true]);
  });

  it('polls what the device has no space for', async () => {
    device.faults.covSpace = 1;
    await begin(three);
    assert.equal(device.subscriptions.size, 1);
    assert.equal((await poll()).points, 2);
    assert.equal(subscribes(), 2);
    await world.time.advance(LIFETIME_MS);
    assert.equal((await poll()).points, 3);
    assert.ok(subscribes() <= 5, 'it insists');
  });

  it('polls where COV is not known at all, is switched off, or too coarse for the point', async () => {
    device.faults.unknownServices.add(5);
    await begin(three);
    assert.equal((await poll()).points, 3);
    assert.equal(subscribes(), 1);
    await driver.stop();
    device.faults.unknownServices.clear();
    device.faults.unknownServices.add(28);
    await begin(three, { cov: false });
    assert.equal((await poll()).points, 3);
    await driver.stop();
    await begin([{ object: 'AI:1', cov: 0.2 }, { object: 'BI:2' }]);
    assert.equal(device.subscriptions.size, 1);
    assert.equal((await poll()).points, 1);
  });

  it('subscribes nothing while collecting, and takes over from there', async () => {
    await begin(three, {}, 'collect');
    assert.equal(subscribes(), 0);
    assert.equal((await poll()).points, 3);
    driver.setActivity('active');
    await poll();
    await world.time.advance(1_000);
    assert.equal((await poll()).points, 0);
    driver.setActivity('collect');
    await world.time.advance(1_000);
    assert.equal(device.subscriptions.size, 0, 'it gives up what it held');
    assert.equal((await poll()).points, 3);
  });

  it('gives its subscriptions up when it stops', async () => {
    await begin(three);
    await driver.stop();
    await world.time.advance(1_000);
    assert.equal(device.subscriptions.size, 0);
    assert.ok((driver.counters().timeouts ?? 0) === 0);
  });

  it('does not let a read that was overtaken by a notification have the last word', async () => {
    await begin(three, { covLifetime: '20s' });
    await world.time.advance(9_500);
    await poll();
    // The answer with the old value is held back until the notification of the new one has passed.
    let held = 0;
    world.lan.filter = (data, from) => {
      if (from.host !== '10.0.0.11' || data[6] !== 0x30 || held++ > 0) return true;
      world.time.after(50, () => world.lan.inject(data, from, { host: '10.0.0.1', port: 47_808 }));
      return false;
    };
    await world.time.advance(11_000);
    const polling = driver.poll('normal');
    await world.time.advance(5);
    device.setPresentValue('BI:2', 1);
    await world.time.advanceWhile(polling, 5_000);
    assert.equal(held > 0, true);
    assert.equal(samples.value(1), 1);
  });

  it('takes notifications of nobody else', async () => {
    await begin(three);
    const from = { host: '10.0.0.66', port: 47_808 };
    const body = '0901 1c02000001 2c00c00002 3900 4e 0955 2e 9101 2f 096f 2e 820400 2f 4f'.replaceAll(' ', '');
    const frame = Buffer.from(`810a${(body.length / 2 + 8).toString(16).padStart(4, '0')}01001002${body}`, 'hex');
    world.lan.inject(frame, from, { host: '10.0.0.1', port: 47_808 });
    await world.time.advance(10);
    assert.equal(samples.value(1), 0);
    world.lan.inject(frame, { host: '10.0.0.11', port: 47_808 }, { host: '10.0.0.1', port: 47_808 });
    await world.time.advance(10);
    assert.equal(samples.value(1), 1);
    assert.equal(driver.counters()['line.strayNotifications'], 1);
  });
});

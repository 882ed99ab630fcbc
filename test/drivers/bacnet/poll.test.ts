import assert from 'node:assert/strict';
import { bacnet } from '../../../drivers/bacnet/index.js';
import { formatQuality, GOOD, type Driver, type PollResult } from '../../../src/contract/index.js';
import { BacnetWorld, type PointSpec } from './world.js';

const SETTINGS = { instance: 1200, host: '10.0.0.11', cov: false, timeout: '1s', retries: 1 };
const quality = (value: number | undefined): string => (value === undefined ? 'none' : formatQuality(value));

describe('BACnet polling', () => {
  let world: BacnetWorld;
  const poll = (driver: Driver, limitMs = 120_000): Promise<PollResult> => world.time.advanceWhile(driver.poll('normal'), limitMs);

  beforeEach(() => {
    world = new BacnetWorld();
  });
  afterEach(() => world.host.close());

  it('reads every kind of object with its quality', async () => {
    const device = await world.device('10.0.0.11', { instance: 1200 });
    device.addObject({ type: 'AI', instance: 1, value: 21.5 });
    device.addObject({ type: 'BO', instance: 2, value: 1 });
    device.addObject({ type: 'MV', instance: 3, value: 3 });
    device.addObject({ type: 'CSV', instance: 4, value: 'Lüftung' });
    device.addObject({ type: 'LAV', instance: 5, value: 0.1 });
    device.addObject({ type: 'IV', instance: 6, value: -70_000 });
    device.addObject({ type: 'AI', instance: 7, value: NaN });
    device.addObject({ type: 'AI', instance: 8, value: 1 }).fault = true;
    device.addObject({ type: 'AI', instance: 9, value: 2 }).outOfService = true;
    device.addObject({ type: 'AI', instance: 10, value: 3 }).overridden = true;
    const specs = ['AI:1', 'BO:2', 'MV:3', 'CSV:4', 'LAV:5', 'IV:6', 'AI:7', 'AI:8', 'AI:9', 'AI:10', 'AI:99'].map((object): PointSpec => ({ object }));
    const { driver, samples } = world.driver(SETTINGS, [...specs, { object: 'AI:9', property: 'out-of-service' }, { object: 'AI:1', property: 'relinquish-default' }, { object: 'AI:1', property: 'object-name' }]);
    driver.start('collect');
    assert.deepEqual(await poll(driver), { reachable: true, points: 14 });
    const seen = specs.map((_, point) => [samples.value(point), quality(samples.quality(point))]);
    assert.deepEqual(seen, [
      [21.5, 'good'], [1, 'good'], [2, 'good'], ['Lüftung', 'good'], [0.1, 'good'], [-70_000, 'good'], [NaN, 'bad (fault)'],
      [1, 'bad (fault)'], [2, 'uncertain (outOfService)'], [3, 'good (overridden)'], [NaN, 'bad (address)'],
    ]);
    assert.equal(samples.value(11), 1);
    assert.equal(quality(samples.quality(12)), 'bad (address)');
    assert.equal(samples.value(13), 'AI-1');
    assert.equal(device.requestCounts().readPropertyMultiple, 1);
    assert.equal(await world.time.advanceWhile(driver.read(2), 1_000), 2);
    assert.deepEqual(device.complaints, []);
    await driver.stop();
  });

  it('says by Reliability why a value is not to be relied on, also where the device forgets its fault flag', async () => {
    const device = await world.device('10.0.0.11', { instance: 1200 });
    for (let instance = 1; instance <= 3; instance++) device.addObject({ type: 'AI', instance, value: instance });
    device.addObject({ type: 'AI', instance: 4, value: 4, reliability: false }).fault = true;
    device.addObject({ type: 'AI', instance: 5, value: NaN }).reliability = 1;
    const objects = ['AI:1', 'AI:2', 'AI:3', 'AI:4', 'AI:5'];
    const { driver, samples } = world.driver({ ...SETTINGS, maxInFlight: 1 }, objects.map((object) => ({ object })));
    const qualities = async (): Promise<string[]> => {
      await poll(driver);
      return objects.map((_, point) => quality(samples.quality(point)));
    };
    driver.start('collect');
    device.setReliability('AI:1', 4);
    device.object('AI:2').reliability = 2; // and no fault flag
    assert.deepEqual(await qualities(), ['bad (openLoop)', 'bad (overRange)', 'good', 'bad (fault)', 'bad (noSensor)']);
    // What was in order is asked for its flags only; a flag that is set makes it asked for why.
    device.setReliability('AI:1', 0);
    device.setReliability('AI:3', 12);
    assert.deepEqual((await qualities()).slice(0, 3), ['good', 'bad (overRange)', 'bad (fault)']);
    device.object('AI:2').reliability = 0;
    assert.deepEqual((await qualities()).slice(0, 3), ['good', 'good', 'bad (sourceLost)']);
    // Without a flag it is seen within ten seconds.
    device.object('AI:2').reliability = 10;
    assert.equal((await qualities())[1], 'good');
    await world.time.advance(10_000);
    assert.equal((await qualities())[1], 'bad (configuration)');
    device.object('AI:2').reliability = 99;
    assert.equal((await qualities())[1], 'bad (fault)');
    await driver.stop();
  });

  for (const maxApdu of [50, 128, 480, 1476]) {
    it(`sizes its batches to a device of ${maxApdu} octets`, async () => {
      const device = await world.device('10.0.0.11', { instance: 1200, maxApdu });
      for (let i = 0; i < 200; i++) device.addObject({ type: 'AV', instance: i, value: i });
      const { driver, samples } = world.driver(SETTINGS, Array.from({ length: 200 }, (_, i) => ({ object: `AV:${i}` })));
      driver.start('collect');
      assert.equal((await poll(driver)).reachable, true);
      for (let i = 0; i < 200; i++) assert.equal(samples.value(i), i);
      const batches = device.requestCounts().readPropertyMultiple!;
      const fit = Math.floor((maxApdu - 3) / 33);
      assert.ok(batches <= Math.ceil(200 / Math.max(1, fit)), `${batches} batches`);
      assert.equal(driver.counters().batchesHalved, undefined);
      await driver.stop();
    });
  }

  it('halves what is too large, and remembers', async () => {
    const device = await world.device('10.0.0.11', { instance: 1200, maxApdu: 480 });
    for (let i = 0; i < 60; i++) device.addObject({ type: 'CSV', instance: i, value: 'x'.repeat(100) });
    const { driver, samples } = world.driver(SETTINGS, Array.from({ length: 60 }, (_, i) => ({ object: `CSV:${i}` })));
    driver.start('collect');
    await poll(driver);
    assert.equal(samples.value(59), 'x'.repeat(100));
    const first = driver.counters().batchesHalved!;
    assert.ok(first > 0);
    await poll(driver);
    assert.ok(driver.counters().batchesHalved! - first <= 1, 'it learned nothing');
    await driver.stop();
  });

  it('takes the other address of a device that has two, and is away only where neither answers', async () => {
    const [one, two] = [await world.device('10.0.0.11', { instance: 1200 }), await world.device('10.0.0.12', { instance: 1200 })];
    for (const [row, device] of [one, two].entries()) device.addObject({ type: 'AI', instance: 1, value: row + 1 });
    const { driver, samples } = world.driver({ ...SETTINGS, host2: '10.0.0.12' }, [{ object: 'AI:1' }]);
    const value = async (): Promise<unknown> => ((await poll(driver)).reachable ? samples.value(0) : 'away');
    driver.start('active');
    assert.deepEqual([await value(), await value()], [1, 1]);
    assert.deepEqual(two.requestCounts(), {});
    one.faults.silent = true;
    assert.deepEqual([await value(), await value(), await value()], ['away', 2, 2]);
    one.faults.silent = false;
    assert.equal(await value(), 2, 'it stays where it is');
    two.faults.silent = true;
    one.faults.silent = true;
    assert.deepEqual([await value(), await value()], ['away', 'away']);
    two.faults.silent = false;
    assert.equal(await value(), 2);
    assert.ok((driver.counters().pathSwitches ?? 0) >= 3);
    await driver.stop();
  });

  it('takes ReadProperty where ReadPropertyMultiple is unknown', async () => {
    const device = await world.device('10.0.0.11', { instance: 1200 });
    device.addObject({ type: 'AI', instance: 1, value: 5 });
    device.faults.unknownServices.add(14);
    const { driver, samples } = world.driver(SETTINGS, [{ object: 'AI:1' }, { object: 'AI:2' }]);
    driver.start('collect');
    await poll(driver);
    await poll(driver);
    assert.equal(samples.value(0), 5);
    assert.equal(quality(samples.quality(1)), 'bad (address)');
    assert.equal(device.requestCounts().readPropertyMultiple, 1);
    await driver.stop();
  });

  it('finds the device by Who-Is, and finds it again at another address', async () => {
    const device = await world.device('10.0.0.11', { instance: 1200 });
    device.addObject({ type: 'AI', instance: 1, value: 5 });
    await world.device('10.0.0.12', { instance: 1201 });
    const { driver, samples } = world.driver({ instance: 1200, cov: false, timeout: '1s', retries: 1 }, [{ object: 'AI:1' }]);
    driver.start('collect');
    assert.equal((await poll(driver)).reachable, true);
    await device.close();
    const moved = await world.device('10.0.0.33', { instance: 1200 });
    moved.addObject({ type: 'AI', instance: 1, value: 6 });
    assert.equal((await poll(driver)).reachable, false);
    assert.equal((await poll(driver)).reachable, true);
    assert.equal(samples.value(0), 6);
    await driver.stop();
  });

  it('reads a device behind a router', async () => {
    const device = await world.device('10.0.0.11', { instance: 1200, route: { network: 20, mac: '05' }, maxApdu: 480 });
    device.addObject({ type: 'AI', instance: 1, value: 5 });
    for (const host of ['10.0.0.11', undefined]) {
      const { driver, samples } = world.driver({ ...SETTINGS, host, route: { network: 20, mac: 5 } }, [{ object: 'AI:1' }]);
      driver.start('collect');
      assert.equal((await poll(driver)).reachable, true);
      assert.equal(samples.value(0), 5);
      await driver.stop();
    }
    assert.deepEqual(device.complaints, []);
  });

  it('is not reachable when nobody, or another device, answers', async () => {
    const { driver } = world.driver(SETTINGS, [{ object: 'AI:1' }]);
    driver.start('collect');
    const silent = await poll(driver);
    assert.equal(silent.reachable, false);
    assert.match(silent.error!, /did not answer 2 attempt/);
    await world.device('10.0.0.11', { instance: 7 });
    const other = await poll(driver);
    assert.equal(other.reachable, false);
    assert.match(other.error!, /not device 1200/);
    await driver.stop();
  });

  it('a dead device costs one deadline, not one for each batch', async () => {
    const device = await world.device('10.0.0.11', { instance: 1200, maxApdu: 50 });
    for (let i = 0; i < 50; i++) device.addObject({ type: 'AV', instance: i });
    const { driver } = world.driver(SETTINGS, Array.from({ length: 50 }, (_, i) => ({ object: `AV:${i}` })));
    driver.start('collect');
    await poll(driver);
    device.faults.silent = true;
    const began = world.time.monotonicMs();
    assert.equal((await poll(driver)).reachable, false);
    assert.ok(world.time.monotonicMs() - began <= 4_100, String(world.time.monotonicMs() - began)); // the batch, then the question whether it lives at all
    await driver.stop();
  });

  it('refuses, errors and garbage never become a good value, and it recovers', async () => {
    const device = await world.device('10.0.0.11', { instance: 1200 });
    device.addObject({ type: 'AI', instance: 1, value: 5 });
    const { driver, samples } = world.driver(SETTINGS, [{ object: 'AI:1' }]);
    driver.start('collect');
    await poll(driver);
    const faults: Partial<typeof device.faults>[] = [{ error: { errorClass: 0, errorCode: 25 } }, { abort: 9 }, { reject: 1 }, { wrongInvokeId: true }, { garbage: true }];
    for (const fault of faults) {
      Object.assign(device.faults, fault);
      const before = samples.count;
      const { reachable } = await poll(driver);
      if (samples.count > before && reachable && samples.quality(0) === GOOD) assert.equal(samples.value(0), 5);
      else assert.ok(!reachable || samples.quality(0) !== GOOD, JSON.stringify(fault));
      Object.assign(device.faults, { error: undefined, abort: undefined, reject: undefined, wrongInvokeId: false, garbage: false });
      await poll(driver);
      assert.equal((await poll(driver)).reachable, true);
      assert.deepEqual([samples.value(0), samples.quality(0)], [5, GOOD]);
    }
    await driver.stop();
  });

  it('settles a poll that stop() interrupts, and asks nothing while it listens', async () => {
    const device = await world.device('10.0.0.11', { instance: 1200 });
    const { driver } = world.driver(SETTINGS, [{ object: 'AI:1' }]);
    driver.start('listen');
    assert.equal((await poll(driver)).reachable, false);
    assert.deepEqual(device.requestCounts(), {});
    driver.setActivity('collect');
    device.faults.silent = true;
    const polling = driver.poll('normal');
    await world.time.settle();
    await driver.stop();
    assert.equal((await polling).reachable, false);
  });

  it('declares what it can', () => {
    assert.deepEqual([bacnet.kind, bacnet.capabilities], ['bacnet', { priorities: true, standby: 'collect' }]);
  });
});

import assert from 'node:assert/strict';
import { bacnet } from '../../../drivers/bacnet/index.js';
import { dateTimeOf, DeviceClock } from '../../../drivers/bacnet/device-clock.js';
import type { Driver } from '../../../src/contract/index.js';
import { BacnetWorld, collectProblems, driverHost, LINE } from './world.js';

const DAY_MS = 86_400_000;

function driversAt(world: BacnetWorld, address: string, timeSync: Record<string, unknown>, instances: readonly number[]): { drivers: Driver[]; permit: { on: boolean } } {
  const permit = { on: true };
  const host = { ...driverHost({ clock: world.time, timers: world.time, random: world.random.fork(address), network: world.lan.asNetwork() }), permit: () => permit.on };
  const drivers = instances.map((instance) => {
    const problems = collectProblems();
    const settings = bacnet.parseDevice({ instance, host: `10.0.0.${instance}` }, { problems, plug: { address, broadcast: '10.0.0.255' }, line: { ...LINE, timeSync }, timezone: 'Europe/Berlin' });
    assert.ok(settings, problems.found.join());
    return bacnet.create(host, settings, []);
  });
  return { drivers, permit };
}

describe('BACnet time synchronization', () => {
  it('once a day to everybody, both kinds, one sender for the line, also over a takeover', async () => {
    const world = new BacnetWorld();
    const devices = await Promise.all([11, 12].map((instance) => world.device(`10.0.0.${instance}`, { instance })));
    for (const device of devices) device.time.utcOffset = -60;
    const a = driversAt(world, '10.0.0.1', {}, [11, 12]);
    const b = driversAt(world, '10.0.0.2', {}, [11, 12]);
    for (const driver of a.drivers) driver.start('active');
    for (const driver of b.drivers) driver.start('collect');
    devices[0]?.time.drift(90_000);
    await world.time.advance(DAY_MS);
    assert.deepEqual(devices.map(({ time }) => time.settings.map(({ kind }) => kind)), [['utc', 'local'], ['utc', 'local']]);
    const [device] = devices;
    assert.ok(device);
    assert.ok(Math.abs(device.time.localMs() - (world.time.wallMs() + 3_600_000)) <= 20, 'the clock is not right again');
    // A takeover soon after, and one more in the middle of the day: nothing is repeated.
    for (const driver of a.drivers) driver.setActivity('collect');
    for (const driver of b.drivers) driver.setActivity('active');
    await world.time.advance(DAY_MS / 2);
    assert.equal(device.time.settings.length, 2);
    await world.time.advance(DAY_MS / 2);
    assert.equal(device.time.settings.length, 4);
    b.permit.on = false; // the lease is lost
    await world.time.advance(DAY_MS);
    assert.equal(device.time.settings.length, 4);
    for (const driver of [...a.drivers, ...b.drivers]) await driver.stop();
    for (const { complaints } of devices) assert.deepEqual(complaints, []);
  });

  it('to each device by itself, by its own UTC offset', async () => {
    const world = new BacnetWorld();
    const device = await world.device('10.0.0.11', { instance: 11 });
    device.time.utcOffset = 300;
    device.time.isDaylightSaving = true;
    device.addObject({ type: 'AI', instance: 1 });
    const { drivers: [driver] } = driversAt(world, '10.0.0.1', { every: '1h', kind: 'local', to: 'devices' }, [11]);
    assert.ok(driver);
    driver.start('active');
    await world.time.advanceWhile(driver.poll('normal'), 10_000);
    await world.time.advance(3_605_000);
    assert.deepEqual(device.time.settings.map(({ kind, localMs }) => [kind, Math.abs(localMs - (world.time.wallMs() - 4 * 3_600_000)) < 3_600_000]), [['local', true]]);
    await driver.stop();
  });

  it('refuses a line that says it wrong', () => {
    const problems = collectProblems();
    assert.equal(bacnet.parseDevice({ instance: 1 }, { problems, line: { ...LINE, timeSync: { kind: 'solar' } } }), undefined);
    assert.match(problems.found.join(), /timeSync.kind/);
  });
});

describe('clocks of BACnet devices', () => {
  const clock = new DeviceClock('Europe/Berlin');
  const utc = (text: string): number => Date.parse(text);

  it('go by the site’s zone, summer and winter, days of the week included', () => {
    assert.deepEqual(clock.local(utc('2026-07-01T10:00:00Z')), { date: { year: 126, month: 7, day: 1, weekday: 3 }, time: { hour: 12, minute: 0, second: 0, hundredths: 0 } });
    for (const text of ['2026-01-15T10:00:00Z', '2026-03-29T00:59:00Z', '2026-03-29T01:00:00Z', '2026-10-25T02:00:00Z', '2026-12-31T23:30:00Z']) {
      assert.equal(clock.instant(clock.local(utc(text))), utc(text), text);
    }
    assert.equal(clock.instant(dateTimeOf(utc('2026-10-25T02:30:00Z'))), utc('2026-10-25T00:30:00Z')); // the first of the two
    assert.equal(clock.instant({ date: { year: 255, month: 1, day: 1, weekday: 255 }, time: { hour: 0, minute: 0, second: 0, hundredths: 0 } }), undefined);
  });

  it('go by the device’s own offset where that differs', () => {
    const other = new DeviceClock('Europe/Berlin');
    other.learn(300, false, utc('2026-01-15T10:00:00Z'));
    assert.equal(other.instant(dateTimeOf(utc('2026-01-15T05:00:00Z'))), utc('2026-01-15T10:00:00Z'));
    other.learn(-60, true, utc('2026-07-15T10:00:00Z')); // as Berlin in summer: the zone knows winter too
    assert.equal(other.instant(dateTimeOf(utc('2026-01-15T11:00:00Z'))), utc('2026-01-15T10:00:00Z'));
  });

  it('a time of day without a date lies in the last 24 hours', () => {
    const nowMs = utc('2026-01-15T10:00:00Z');
    const at = (hour: number): number | undefined => clock.instantOf({ type: 'time', time: { hour, minute: 0, second: 0, hundredths: 0 } }, nowMs);
    assert.equal(at(10), utc('2026-01-15T09:00:00Z'));
    assert.equal(at(12), utc('2026-01-14T11:00:00Z'));
  });
});

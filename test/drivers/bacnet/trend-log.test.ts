import assert from 'node:assert/strict';
import { bacnet } from '../../../drivers/bacnet/index.js';
import { decodeApdu, encodeConfirmed } from '../../../drivers/bacnet/apdu.js';
import { decodeReadRangeAck, encodeReadRange } from '../../../drivers/bacnet/read-range.js';
import { formatQuality, type DeviceLog, type Driver } from '../../../src/contract/index.js';
import type { VirtualBacnetDevice, VirtualTrendLog } from '../../../simulators/bacnet-device/index.js';
import { BacnetWorld, collectProblems, LINE } from './world.js';

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));

describe('BACnet golden frames of ReadRange (ANSI/ASHRAE 135 annex F.3.8)', () => {
  it('asks by time, by sequence and by position', () => {
    const log = { type: 20, instance: 1 };
    const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');
    const after = { date: { year: 98, month: 3, day: 23, weekday: 1 }, time: { hour: 19, minute: 52, second: 34, hundredths: 0 } };
    assert.equal(hex(encodeConfirmed({ invokeId: 1, service: 26, accepts: 206 }, encodeReadRange(log, { by: 'time', after, count: 4 }))), '0272011a0c0500000119837ea4620317 01b413342200 31047f'.replaceAll(' ', ''));
    assert.equal(hex(encodeReadRange(log, { by: 'sequence', from: 79_201, count: -5 })), '0c0500000119836e23013561 31fb 6f'.replaceAll(' ', ''));
    assert.equal(hex(encodeReadRange(log, { by: 'position', from: 1, count: 200 })), '0c0500000119833e2101 3200c8 3f'.replaceAll(' ', ''));
  });

  it('reads the records of the answer, with the sequence number of its first one where there is one', () => {
    const records = '0ea462031701b413361b000f1e2c419000001f2a0400 0ea462031701b413381b000f1e2c4190cccd1f2a0400';
    const apdu = decodeApdu(bytes(`30011a 0c05000001 1983 3a05c0 4902 5e ${records} 5f`));
    assert.ok('body' in apdu);
    const answer = decodeReadRangeAck(apdu.body, { type: 20, instance: 1 });
    assert.deepEqual([answer.first, answer.last, answer.more, answer.firstSequence], [true, true, false, undefined]);
    assert.deepEqual(answer.records.map(({ datum, flags }) => [datum, flags]), [18, Math.fround(18.1)].map((value) => [{ kind: 'value', value: { type: 'real', value } }, [false, false, false, false]]));
    assert.deepEqual(answer.records[1]?.at, { date: { year: 98, month: 3, day: 23, weekday: 1 }, time: { hour: 19, minute: 56, second: 27, hundredths: 0 } });
    assert.equal(decodeReadRangeAck(bytes(`0c05000001 1983 3a0520 4902 5e ${records} 5f 6b013561`), { type: 20, instance: 1 }).firstSequence, 79_201);
    assert.throws(() => decodeReadRangeAck(apdu.body, { type: 20, instance: 2 }), { code: 'FIELD_MALFORMED' });
    assert.throws(() => decodeReadRangeAck(bytes(`0c05000001 1983 3a05c0 4903 5e ${records} 5f`), { type: 20, instance: 1 }), { code: 'FIELD_MALFORMED' });
  });
});

/** A device that logs AI:1 each minute, and a driver with the point. */
async function plant(options: { size?: number; maxApdu?: number; object?: 'AI' | 'MV' } = {}): Promise<{ world: BacnetWorld; device: VirtualBacnetDevice; log: VirtualTrendLog; driver: Driver; read: (fromMs: number, toMs: number) => Promise<DeviceLog> }> {
  const { object = 'AI', maxApdu = 480, size = 1_000 } = options;
  const world = new BacnetWorld();
  const device = await world.device('10.0.0.11', { instance: 9, maxApdu });
  device.time.utcOffset = 300; // New York in winter, and the site is in Berlin
  device.addObject({ type: object, instance: 1, value: 1 });
  const log = device.log(`${object}:1`, { instance: 1, size });
  const problems = collectProblems();
  const settings = bacnet.parseDevice({ instance: 9, host: '10.0.0.11' }, { problems, plug: { address: '10.0.0.1', broadcast: '10.0.0.255' }, line: LINE, timezone: 'Europe/Berlin' });
  assert.ok(settings);
  const parsed = bacnet.parsePoint({ object: `${object}:1`, trendLog: 'TL:1' }, settings, { problems });
  assert.ok(parsed, problems.found.join());
  const driver = bacnet.create(world.host, settings, [{ id: 0, name: 'p', device: 'd', poll: 'normal', ...parsed }]);
  driver.start('active');
  const read = (fromMs: number, toMs: number): Promise<DeviceLog> => world.time.advanceWhile(driver.readLog?.(0, fromMs, toMs) ?? Promise.reject(new Error('no log')), 60_000);
  return { world, device, log, driver, read };
}

const minute = 60_000;
const seconds = (log: DeviceLog, fromMs: number): [number, unknown][] => log.samples.map(({ timeMs, value }) => [Math.round((timeMs - fromMs) / 1_000), value]);

describe('BACnet trend logs', () => {
  it('tells what was logged in a span and no more, over many answers, by the clock of the device', async () => {
    const { world, device, log, driver, read } = await plant();
    const beginMs = world.time.wallMs();
    for (let at = 0; at < 300; at++) {
      device.setPresentValue('AI:1', at);
      log.sample();
      await world.time.advance(minute);
    }
    assert.deepEqual(driver.loggedPoints, [0]);
    const found = await read(beginMs + 100 * minute, beginMs + 250 * minute);
    assert.deepEqual(seconds(found, beginMs), Array.from({ length: 151 }, (_, at) => [(100 + at) * 60, 100 + at]));
    assert.deepEqual(found.gaps, []);
    assert.ok((device.requestCounts().readRange ?? 0) > 5, 'answers of one APDU each');
    assert.deepEqual(device.complaints, []);
    await driver.stop();
  });

  it('reads by position where the device does not find a time', async () => {
    const { world, device, log, driver, read } = await plant();
    const beginMs = world.time.wallMs();
    for (let at = 0; at < 50; at++) {
      log.sample();
      await world.time.advance(minute);
    }
    device.trendLogs.refuses = ['time'];
    assert.equal((await read(beginMs + 10 * minute, beginMs + 20 * minute)).samples.length, 11);
    await driver.stop();
  });

  it('counts states from 0, and calls a failure bad', async () => {
    const { world, device, log, driver, read } = await plant({ object: 'MV' });
    const beginMs = world.time.wallMs();
    device.setPresentValue('MV:1', 3);
    log.sample();
    await world.time.advance(minute);
    log.fail(2, 32);
    await world.time.advance(minute);
    device.setFlags('MV:1', { fault: true });
    log.sample();
    const found = await read(beginMs, beginMs + 10 * minute);
    assert.deepEqual(found.samples.map(({ value, quality }) => [value, formatQuality(quality)]), [[2, 'good'], [NaN, 'bad (device)'], [2, 'bad (fault)']]);
    await driver.stop();
  });

  it('says what is missing: purged, interrupted, disabled, overwritten, the clock changed, nothing at all', async () => {
    const { world, device, log, driver, read } = await plant({ size: 10 });
    const beginMs = world.time.wallMs();
    const gaps = async (fromMs: number, toMs: number): Promise<[number, number, string][]> => (await read(fromMs, toMs)).gaps.map(({ fromMs: from, toMs: to, reason }) => [Math.round((from - beginMs) / 1_000), Math.round((to - beginMs) / 1_000), reason]);
    assert.deepEqual(await gaps(beginMs, beginMs + 1_000), [[0, 1, 'nothing was logged']]);
    log.sample();
    await world.time.advance(minute);
    log.status('purged');
    await world.time.advance(minute);
    log.sample();
    log.status('disabled');
    await world.time.advance(minute);
    log.sample(); // not logged
    log.status('enabled');
    await world.time.advance(minute);
    log.sample();
    await world.time.advance(minute);
    log.status('interrupted');
    log.sample();
    await world.time.advance(minute);
    device.time.drift(90_000);
    log.clockChanged(90);
    log.sample();
    const found = await gaps(beginMs, beginMs + 20 * minute);
    const about = found.map(([from, to, reason]) => [Math.round(from / 60), Math.round(to / 60), reason]);
    assert.deepEqual(about, [[0, 1, 'the log was purged'], [2, 3, 'the log was disabled'], [4, 5, 'the log was interrupted'], [5, 8, 'the device\'s clock was changed by 90 s']]);
    for (let at = 0; at < 15; at++) {
      log.sample();
      await world.time.advance(minute);
    }
    assert.equal((await gaps(beginMs, world.time.wallMs()))[0]?.[2], 'the log begins later');
    await driver.stop();
  });
});

import assert from 'node:assert/strict';
import { Asn1Reader, Asn1Writer } from '../../../drivers/bacnet/asn1.js';
import { readCalendarEntry, readDay, readException, writeCalendarEntry, writeDay, writeException } from '../../../drivers/bacnet/schedule-codec.js';
import type { DeviceCalendar, DeviceCalendarEntry, DeviceDate, DeviceException, DeviceSchedule, DeviceScheduleEdit, DeviceTimeValue, Driver } from '../../../src/contract/index.js';
import { BacnetWorld } from './world.js';

const day = (month: DeviceDate['month'], of: DeviceDate['day'], year: number | null = null, weekday: number | null = null): DeviceDate => ({ year, month, day: of, weekday });
const hex = (write: (writer: Asn1Writer) => void): string => {
  const writer = new Asn1Writer();
  write(writer);
  return Buffer.from(writer.take()).toString('hex');
};
const reader = (text: string): Asn1Reader => new Asn1Reader(new Uint8Array(Buffer.from(text, 'hex')));

describe('BACnet schedules and calendars, encoded (ANSI/ASHRAE 135 clauses 20.2.12 and 21)', () => {
  const entries: Record<string, [entry: DeviceCalendarEntry, octets: string]> = {
    'a day': [{ date: day(12, 24, 2026, 4) }, '0c7e0c1804'],
    'the last day of every month': [{ date: day(null, 'last') }, '0cffff20ff'],
    'odd days of even months': [{ date: day('even', 'odd') }, '0cff0e21ff'],
    'even days, on Mondays': [{ date: day('odd', 'even', null, 1) }, '0cff0d2201'],
    'a range': [{ range: { from: day(12, 24, 2026), to: day(1, 3, 2027) } }, '1ea47e0c18ffa47f0103ff1f'],
    'a range without end': [{ range: { from: day(12, 24, 2026), to: day(null, null) } }, '1ea47e0c18ffa4ffffffff1f'],
    'the last Friday of every month': [{ weekNDay: { month: null, week: 6, weekday: 5 } }, '2bff0605'],
  };
  for (const [name, [entry, octets]] of Object.entries(entries)) {
    it(`${name}, both ways`, () => {
      assert.equal(hex((writer) => writeCalendarEntry(writer, entry)), octets);
      assert.deepEqual(readCalendarEntry(reader(octets)), entry);
    });
  }

  it('days of a week and exceptions, with values of every kind and with a relinquish', () => {
    const values: DeviceTimeValue[] = [
      { time: '06:30:00', value: { real: 21.5 } }, { time: '07:00:00', value: { enumerated: 1 } }, { time: '07:00:00.50', value: { unsigned: 3 } }, { time: '08:00:00', value: { boolean: true } },
      { time: '09:00:00', value: { signed: -5 } }, { time: '10:00:00', value: { text: 'away' } }, { time: '11:00:00', value: { double: 0.1 } }, { time: '22:00:00', value: null },
    ];
    const octets = hex((writer) => writeDay(writer, values));
    assert.ok(octets.startsWith('0eb4061e0000' + '4441ac0000' + 'b407000000' + '9101'));
    assert.ok(octets.endsWith('b416000000' + '00' + '0f'));
    assert.deepEqual(readDay(reader(octets)), values);
    const exceptions: DeviceException[] = [{ period: { calendar: 'CAL:3' }, values: [{ time: '00:00:00', value: null }], priority: 8 }, { period: { date: day(1, 1) }, values: [], priority: 16 }];
    for (const exception of exceptions) assert.deepEqual(readException(reader(hex((writer) => writeException(writer, exception)))), exception);
    assert.equal(hex((writer) => writeException(writer, exceptions[0] as DeviceException)), '1c018000032eb400000000002f3908');
  });

  it('refuses what no device could take, and what no device could have sent', () => {
    const write = (entry: DeviceCalendarEntry) => () => hex((writer) => writeCalendarEntry(writer, entry));
    for (const wrong of [{ date: day(13, 1) }, { date: day(1, 32) }, { date: day(1, 1, 1800) }, { range: { from: day(null, 'last'), to: day(1, 3, 2027) } }, { weekNDay: { month: 1, week: 10, weekday: null } }]) {
      assert.throws(write(wrong), { code: 'VALUE_INVALID' }, JSON.stringify(wrong));
    }
    assert.throws(() => hex((writer) => writeDay(writer, [{ time: '24:00', value: null }])), { code: 'VALUE_INVALID' });
    assert.throws(() => hex((writer) => writeException(writer, { period: { calendar: 'AI:1' }, values: [], priority: 1 })), { code: 'VALUE_INVALID' });
    for (const octets of ['0cff0f01ff', '0cff0123ff', '2bff0a01', '1ea47e0c18ff1f', '0c7e0c18']) assert.throws(() => readCalendarEntry(reader(octets)), { code: 'FIELD_MALFORMED' }, octets);
  });
});

describe('schedules that a BACnet device runs', () => {
  for (const maxApdu of [1476, 50]) {
    it(`are listed, read, written and read back, with APDUs of ${maxApdu} octets and no segments`, async () => {
      const world = new BacnetWorld();
      const device = await world.device('10.0.0.11', { instance: 9, maxApdu });
      device.addObject({ type: 'AV', instance: 1 });
      device.schedules.addSchedule({ instance: 1, targets: [{ type: 2, instance: 1 }] });
      device.schedules.addCalendar(2);
      const { driver } = world.driver({ instance: 9, host: '10.0.0.11' }, []);
      driver.start('active');
      const { schedules } = driver;
      assert.ok(schedules);
      const wait = <T>(work: Promise<T>): Promise<T> => world.time.advanceWhile(work, 60_000);
      const write = (object: string, edit: DeviceScheduleEdit, permit = true): Promise<void> => wait(schedules.write(object, edit, { timeoutMs: 2_000, permit: () => permit }));
      assert.deepEqual(await wait(schedules.list()), ['SCH:1', 'CAL:2']);
      const work: DeviceTimeValue[] = [{ time: '06:00:00', value: { real: 21 } }];
      const weekly = [work, work, work, work, work, [], []];
      const none = { year: null, month: null, day: null, weekday: null };
      await write('SCH:1', { weekly, default: { real: 18 } });
      await write('SCH:1', { exceptions: [{ period: { calendar: 'CAL:2' }, values: [{ time: '00:00:00', value: null }], priority: 8 }] });
      const schedule = await wait(schedules.read('SCH:1'));
      assert.deepEqual(schedule, {
        kind: 'schedule', object: 'SCH:1', name: 'SCH-1', presentValue: { real: 21 }, effectivePeriod: { from: none, to: none }, weekly, default: { real: 18 }, targets: ['AV:1'], priorityForWriting: 12, outOfService: false,
        exceptions: [{ period: { calendar: 'CAL:2' }, values: [{ time: '00:00:00', value: null }], priority: 8 }],
      });
      assert.deepEqual(device.object('AV:1').priorityArray[11], 21, 'it is Monday, 8 o’clock, where virtual time begins');
      await write('CAL:2', { dateList: [{ date: day(12, 'last') }] });
      assert.deepEqual(await wait(schedules.read('CAL:2')), { kind: 'calendar', object: 'CAL:2', name: 'CAL-2', presentValue: false, dateList: [{ date: day(12, 'last') }] });
      const before = device.schedules.addSchedule({ instance: 3 });
      await assert.rejects(write('SCH:3', { weekly }, false), { code: 'FENCED' });
      await assert.rejects(write('SCH:3', { default: { real: 1 }, weekly: [work] }), { code: 'VALUE_INVALID' });
      await assert.rejects(write('SCH:3', { dateList: [] }), { code: 'VALUE_INVALID' });
      assert.equal(before.writes, 0);
      await assert.rejects(wait(schedules.read('SCH:99')), { code: 'SCHEDULE_UNKNOWN' });
      await assert.rejects(wait(schedules.read('AI:1')), { code: 'SCHEDULE_UNKNOWN' });
      await driver.stop();
      assert.deepEqual(device.complaints, []);
    });
  }

  it('are read and written in parts where they are longer than an APDU of a device without segments', async () => {
    const world = new BacnetWorld();
    const device = await world.device('10.0.0.11', { instance: 9, maxApdu: 50 });
    for (let instance = 1; instance <= 60; instance++) device.addObject({ type: 'AV', instance });
    const sch = device.schedules.addSchedule({ instance: 1, targets: [1, 2, 3, 4, 5, 6, 7, 8].map((instance) => ({ type: 2, instance })) });
    const cal = device.schedules.addCalendar(2);
    const { driver } = world.driver({ instance: 9, host: '10.0.0.11' }, []);
    driver.start('active');
    const { schedules } = driver;
    assert.ok(schedules);
    const wait = <T>(work: Promise<T>): Promise<T> => world.time.advanceWhile(work, 60_000);
    const write = (object: string, edit: DeviceScheduleEdit): Promise<void> => wait(schedules.write(object, edit, { timeoutMs: 2_000, permit: () => true }));
    assert.deepEqual(await wait(schedules.list()), ['SCH:1', 'CAL:2'], 'the list of 63 objects');
    const dates = (count: number, from = 0): DeviceCalendarEntry[] => Array.from({ length: count }, (_, row) => ({ date: day(1 + ((from + row) % 12), 1 + ((from + row) % 28), 2027) }));
    for (const dateList of [dates(40), dates(30, 20), dates(2)]) {
      await write('CAL:2', { dateList });
      assert.equal(cal.dateList.length, dateList.length);
      const read: DeviceSchedule | DeviceCalendar = await wait(schedules.read('CAL:2'));
      assert.deepEqual(new Set('dateList' in read ? read.dateList.map((entry) => JSON.stringify(entry)) : []), new Set(dateList.map((entry) => JSON.stringify(entry))));
    }
    assert.ok((device.requestCounts().readRange ?? 0) > 10, 'lists have no index: ReadRange');
    const exceptions = (count: number): DeviceException[] => Array.from({ length: count }, (_, row) => ({ period: { date: day(2, 1 + row, 2027) }, values: [{ time: '08:00:00', value: { real: row } }], priority: 9 }));
    for (const count of [12, 3]) {
      await write('SCH:1', { exceptions: exceptions(count) });
      const read: DeviceSchedule | DeviceCalendar = await wait(schedules.read('SCH:1'));
      assert.deepEqual([sch.exceptions.length, 'exceptions' in read && read.exceptions, 'targets' in read && read.targets.length], [count, exceptions(count), 8]);
    }
    await driver.stop();
    assert.deepEqual(device.complaints, []);
  });

  it('are the driver’s, where its protocol has such', () => {
    const driver: Pick<Driver, 'schedules'> = new BacnetWorld().driver({ instance: 9 }, []).driver;
    assert.ok(driver.schedules !== undefined);
  });
});

import assert from 'node:assert/strict';
import { encodeEdit } from '../../../drivers/bacnet/schedule.js';
import type { DeviceCalendarEntry, DeviceException, DeviceScheduleEdit, DeviceTimeValue } from '../../../src/contract/index.js';
import { BacnetWorld } from '../../drivers/bacnet/world.js';
import type { VirtualBacnetDevice } from '../../../simulators/bacnet-device/index.js';

const date = (month: number | 'odd' | 'even' | null, day: number | 'last' | 'odd' | 'even' | null, year: number | null = null, weekday: number | null = null): { date: { year: typeof year; month: typeof month; day: typeof day; weekday: typeof weekday } } => ({ date: { year, month, day, weekday } });
const at = (time: string, real: number | null): DeviceTimeValue => ({ time, value: real === null ? null : { real } });

/** A device whose schedule 1 commands AV:1; what its writes and its clock do to that. The driver encodes what it is told, the device's own code evaluates it. */
class Rig {
  private constructor(readonly world: BacnetWorld, readonly device: VirtualBacnetDevice) {}

  static async open(): Promise<Rig> {
    const world = new BacnetWorld();
    const device = await world.device('10.0.0.11', { instance: 9 });
    device.addObject({ type: 'AV', instance: 1, value: 5 });
    device.schedules.addCalendar(1);
    device.schedules.addSchedule({ instance: 1, targets: [{ type: 2, instance: 1 }], priority: 14 });
    return new Rig(world, device);
  }

  private object(name: string): { write(property: number, raw: Buffer): void } {
    const found = [...this.device.schedules.objects()].find(({ id }) => id.type === (name.startsWith('CAL') ? 6 : 17));
    assert.ok(found);
    return found;
  }

  put(name: 'SCH:1' | 'CAL:1', edit: DeviceScheduleEdit): void {
    for (const [property, elements] of encodeEdit(name === 'CAL:1' ? 'calendar' : 'schedule', edit)) this.object(name).write(property, Buffer.concat(elements));
  }

  /** Present value and slot 14 of AV:1 at a local time of the device. */
  async when(iso: string): Promise<readonly [present: unknown, slot: unknown]> {
    this.device.time.drift(Date.parse(`${iso}Z`) - this.device.time.localMs());
    await this.world.time.advance(1_100);
    const av = this.device.object('AV:1');
    return [av.presentValue, av.priorityArray[13]];
  }
}

describe('schedules of a virtual BACnet device', () => {
  const work = [at('06:00', 21), at('18:00', null)];
  const weekly = [work, work, work, work, work, [at('08:00', 19)], []];

  it('command what is due: by the day of the week, from its times on, else the default', async () => {
    const rig = await Rig.open();
    rig.put('SCH:1', { weekly, default: { real: 16 } });
    // 2026-11-23 is a Monday.
    for (const [when, value] of [['2026-11-23T05:59:50', 16], ['2026-11-23T06:00:00', 21], ['2026-11-23T17:59:50', 21], ['2026-11-23T18:00:00', 16], ['2026-11-24T00:00:00', 16], ['2026-11-28T08:00:01', 19], ['2026-11-29T12:00:00', 16]] as const) {
      assert.deepEqual(await rig.when(when), [value, value], when);
    }
    rig.put('SCH:1', { default: null });
    assert.deepEqual(await rig.when('2026-11-29T12:00:00'), [5, null], 'relinquished');
    assert.equal(rig.device.writes.length, 0, 'nobody has written');
    await rig.device.close();
  });

  it('let exceptions go before the week, by priority, and fall through where one is NULL', async () => {
    const rig = await Rig.open();
    const exception = (period: DeviceException['period'], priority: number, ...values: DeviceTimeValue[]): DeviceException => ({ period, values, priority });
    rig.put('SCH:1', {
      weekly, default: { real: 16 },
      exceptions: [
        exception({ calendar: 'CAL:1' }, 8, at('00:00', 10), at('12:00', null)),
        exception({ range: { from: date(12, 20, 2026).date, to: date(1, 5, 2027).date } }, 3, at('10:00', 12)),
        exception({ weekNDay: { month: null, week: 6, weekday: 5 } }, 10, at('00:00', 14)),
      ],
    });
    rig.put('CAL:1', { dateList: [date(12, 24), date('odd', 'last')] });
    const cases: [string, number][] = [
      ['2026-11-30T07:00:00', 10], // the last day of an odd month, a Monday
      ['2026-11-30T12:00:00', 21], // NULL: the week goes on
      ['2026-12-24T09:00:00', 10], ['2026-12-24T10:00:00', 12], // the range has the lower number, once its time has come
      ['2027-01-05T10:30:00', 12], ['2027-01-06T10:30:00', 21],
      ['2026-11-27T05:00:00', 14], ['2026-11-20T05:00:00', 16], // the last Friday of the month, and the one before
    ];
    for (const [when, value] of cases) assert.deepEqual(await rig.when(when), [value, value], when);
    await rig.device.close();
  });

  it('say nothing outside their period, nor out of service', async () => {
    const rig = await Rig.open();
    rig.put('SCH:1', { weekly, default: { real: 16 }, effectivePeriod: { from: date(11, 1, 2026).date, to: date(11, 30, 2026).date } });
    assert.deepEqual(await rig.when('2026-11-23T07:00:00'), [21, 21]);
    assert.deepEqual(await rig.when('2026-12-01T03:00:00'), [21, 21], 'what it said last stays');
    await rig.when('2026-11-24T07:00:00');
    const [schedule] = rig.device.schedules.objects();
    assert.ok(schedule);
    schedule.write(81, Buffer.from([0x11]));
    assert.deepEqual(await rig.when('2026-11-24T19:00:00'), [21, 21]);
    schedule.write(81, Buffer.from([0x10]));
    assert.deepEqual(await rig.when('2026-11-24T19:00:05'), [16, 16]);
    await rig.device.close();
    await rig.world.time.advance(5);
    assert.equal(rig.world.time.pending, 0);
  });

  it('know which days a calendar has', async () => {
    const rig = await Rig.open();
    const isToday = async (entry: DeviceCalendarEntry, when: string): Promise<unknown> => {
      rig.put('CAL:1', { dateList: [entry] });
      await rig.when(when);
      return [...rig.device.schedules.objects()].find(({ id }) => id.type === 6)?.read(85)[0]?.value;
    };
    const none = { year: null, month: null, day: null, weekday: null };
    for (const [entry, yes, no] of [
      [date(null, null, null, 7), '2026-11-29T00:00:00', '2026-11-30T00:00:00'],
      [date('even', 'odd'), '2026-12-03T00:00:00', '2026-12-04T00:00:00'],
      [date(2, 'last'), '2028-02-29T00:00:00', '2028-02-28T00:00:00'],
      [{ range: { from: date(12, 1, 2026).date, to: none } }, '2030-01-01T00:00:00', '2026-11-30T23:59:00'],
      [{ weekNDay: { month: 'odd', week: 2, weekday: null } }, '2026-11-14T00:00:00', '2026-11-15T00:00:00'],
      [{ weekNDay: { month: null, week: 9, weekday: null } }, '2026-11-09T00:00:00', '2026-11-10T00:00:00'], // thirty days: the seven that end 21 days before the last one
    ] as const) {
      assert.equal(await isToday(entry, yes), true, yes);
      assert.equal(await isToday(entry, no), false, no);
    }
    await rig.device.close();
  });
});

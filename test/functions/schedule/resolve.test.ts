import assert from 'node:assert/strict';
import { weekdayOf, matchesDay, type CalendarDefinition, type ScheduleDefinition } from '../../../src/contract/index.js';
import { preview, resolve } from '../../../src/functions/schedule/resolve.js';
import { day, scheduleWith, values } from './definitions.js';

const utc = (text: string): number => Date.parse(`${text}Z`);
const none = new Map<string, CalendarDefinition>();
const value = (schedule: ScheduleDefinition, text: string, calendars = none): unknown => resolve(schedule, calendars, utc(text)).value;

describe('schedule: what is in force', () => {
  it('is the week, in the local time of its zone, and the default where the day says nothing yet', () => {
    const schedule = scheduleWith();
    // Friday 2026-01-09, Berlin is an hour ahead.
    assert.equal(value(schedule, '2026-01-09T04:59:59'), null);
    assert.equal(value(schedule, '2026-01-09T05:00:00'), 1);
    assert.equal(value(schedule, '2026-01-09T18:59:59'), 1);
    assert.equal(value(schedule, '2026-01-09T19:00:00'), 0);
    assert.equal(value(schedule, '2026-01-09T23:00:00'), null, 'a day does not last over midnight');
    assert.deepEqual(resolve(schedule, none, utc('2026-01-09T12:00:00')), {
      value: 1, why: { kind: 'weekly', weekday: 5, timeMs: 6 * 3_600_000 }, nextChange: { atMs: utc('2026-01-09T19:00:00'), value: 0, why: { kind: 'weekly', weekday: 5, timeMs: 20 * 3_600_000 } },
    });
  });

  it('is the exception of the highest priority, of equals the first, hour by hour', () => {
    const today = { kind: 'date', day: day('2026-01-09') } as const;
    const schedule = scheduleWith({
      exceptions: [
        { when: today, priority: 8, values: values([10, 5], [12, null]) },
        { when: today, priority: 8, values: values([9, 6]) },
        { when: today, priority: 2, values: values([15, 7], [16, null]) },
      ],
    });
    const hours = [8, 9, 10, 12, 15, 16].map((hour) => value(schedule, `2026-01-09T${String(hour - 1).padStart(2, '0')}:30:00`));
    assert.deepEqual(hours, [1, 6, 5, 6, 7, 6]);
    assert.deepEqual(resolve(schedule, none, utc('2026-01-09T09:00:00')).why, { kind: 'exception', index: 0, priority: 8, timeMs: 10 * 3_600_000 });
  });

  it('takes the days of a calendar', () => {
    const calendars = new Map([['holidays', { name: 'holidays', days: [{ kind: 'yearly', month: 1, dayOfMonth: 6 } as const] }]]);
    const schedule = scheduleWith({ exceptions: [{ when: { kind: 'calendar', name: 'holidays' }, priority: 8, values: values([0, 0]) }] });
    assert.equal(value(schedule, '2026-01-06T10:00:00', calendars), 0);
    assert.equal(value(schedule, '2026-01-07T10:00:00', calendars), 1);
  });

  it('is nothing outside of the effective period', () => {
    const schedule = scheduleWith({ effective: { from: day('2026-01-08'), to: day('2026-01-09') } });
    assert.deepEqual(['2026-01-07T22:59:59', '2026-01-07T23:00:00', '2026-01-09T22:59:59', '2026-01-09T23:00:00'].map((text) => value(schedule, text)), [undefined, null, 0, undefined]);
    assert.equal(resolve(schedule, none, utc('2026-01-20T00:00:00')).nextChange, undefined);
  });

  it('is shown ahead, changes only', () => {
    const days = preview(scheduleWith(), none, utc('2026-01-09T12:00:00'), 3).map(({ atMs, value: what }) => `${new Date(atMs).toISOString().slice(0, 16)} ${String(what)}`);
    assert.deepEqual(days, ['2026-01-09T19:00 0', '2026-01-09T23:00 null', '2026-01-12T05:00 1', '2026-01-12T19:00 0']);
  });

  it('knows weeks of a month as BACnet does', () => {
    assert.equal(weekdayOf(day('1970-01-01')), 4);
    assert.equal(weekdayOf(day('1969-12-28')), 7);
    const lastMonday = { kind: 'week-and-day', month: 5, week: 'last', weekday: 1 } as const;
    assert.deepEqual(['2026-05-18', '2026-05-25', '2026-06-01'].map((text) => matchesDay(lastMonday, day(text))), [false, true, false]);
    const weekBefore = { kind: 'week-and-day', month: 5, week: -2, weekday: 1 } as const;
    assert.deepEqual(['2026-05-11', '2026-05-18', '2026-05-25'].map((text) => matchesDay(weekBefore, day(text))), [false, true, false]);
    const firstOfFour = { kind: 'week-and-day', week: -4 } as const;
    assert.deepEqual(['2026-02-01', '2026-02-07', '2026-02-08', '2026-03-03', '2026-03-04', '2026-03-10', '2026-03-11'].map((text) => matchesDay(firstOfFour, day(text))), [true, true, false, false, true, true, false]);
    const fifth = { kind: 'week-and-day', week: 5 } as const;
    assert.deepEqual(['2026-02-28', '2026-03-28', '2026-03-29', '2026-03-31'].map((text) => matchesDay(fifth, day(text))), [false, false, true, true]);
  });
});

describe('schedule: the two nights of a year', () => {
  const night = (date: string): ScheduleDefinition => scheduleWith({
    weekly: [], default: 0, exceptions: [{ when: { kind: 'date', day: day(date) }, priority: 1, values: [{ timeMs: 9_000_000, value: 1 }, { timeMs: 10_200_000, value: 2 }, { timeMs: 14_400_000, value: 3 }] }], // 02:30, 02:50, 04:00
  });

  it('brings what lies in the hour that is left out into force at the jump; of several the last', () => {
    const schedule = night('2026-03-29');
    assert.deepEqual(preview(schedule, none, utc('2026-03-28T23:00:00'), 0).map(({ atMs, value: what }) => [new Date(atMs).toISOString().slice(11, 16), what]), [['01:00', 2], ['02:00', 3]]);
    assert.deepEqual([value(schedule, '2026-03-29T00:59:59'), value(schedule, '2026-03-29T01:00:00')], [0, 2]);
  });

  it('brings what lies in the hour that comes twice into force once, the first time', () => {
    const schedule = night('2026-10-25');
    assert.deepEqual(preview(schedule, none, utc('2026-10-24T22:00:00'), 0).map(({ atMs, value: what }) => [new Date(atMs).toISOString().slice(11, 16), what]), [['00:30', 1], ['00:50', 2], ['03:00', 3]]);
    assert.deepEqual(['00:29:59', '00:30:00', '00:50:00', '01:10:00', '01:30:00', '01:55:00'].map((time) => value(schedule, `2026-10-25T${time}`)), [0, 1, 2, 2, 2, 2]);
  });

  it('begins a day whose midnight does not exist at the jump', () => {
    // Beirut, 2026-03-29: from 00:00 to 01:00.
    const schedule = scheduleWith({ timezone: 'Asia/Beirut', weekly: [], exceptions: [{ when: { kind: 'date', day: day('2026-03-29') }, priority: 1, values: values([0, 9]) }] });
    assert.deepEqual(['2026-03-28T21:59:59', '2026-03-28T22:00:00'].map((text) => value(schedule, text)), [null, 9]);
  });
});

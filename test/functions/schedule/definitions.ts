import fc from 'fast-check';
import { dayNumber, type CalendarDefinition, type DayPattern, type ScheduleDefinition, type ScheduleException, type TimeValue } from '../../../src/contract/index.js';

export const at = (hours: number, minutes = 0): number => (hours * 60 + minutes) * 60_000;
export const day = (text: string): number => {
  const [year = 0, month = 0, date = 0] = text.split('-').map(Number);
  const number = dayNumber(year, month, date);
  if (number === undefined) throw new RangeError(`no day ${text}`);
  return number;
};

export const values = (...entries: readonly (readonly [hours: number, value: TimeValue['value']])[]): TimeValue[] => entries.map(([hours, value]) => ({ timeMs: at(hours), value }));

/** Runs on weekdays from 6 to 20, writes point 0 at priority 15. */
export function scheduleWith(values_: Partial<ScheduleDefinition> = {}): ScheduleDefinition {
  const workday = values([6, 1], [20, 0]);
  return {
    name: 'S', timezone: 'Europe/Berlin', targets: [{ point: 0, priority: 15, canRelinquish: true }], default: null,
    weekly: [workday, workday, workday, workday, workday, [], []], exceptions: [], effective: {}, ...values_,
  };
}

const value = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 0, max: 3 }) }, { weight: 1, arbitrary: fc.constant(null) });
const minutes = fc.oneof(fc.integer({ min: 0, max: 1_439 }), fc.constantFrom(0, 60, 90, 119, 120, 150, 179, 180));
const timeValues = fc
  .uniqueArray(minutes, { maxLength: 4 })
  .chain((times) => fc.tuple(...times.sort((a, b) => a - b).map((time) => value.map((one): TimeValue => ({ timeMs: time * 60_000, value: one })))));

/** Days about `middle`, so that patterns meet each other and the days that are looked at. */
function patterns(middle: number): fc.Arbitrary<DayPattern> {
  const near = fc.integer({ min: middle - 4, max: middle + 4 });
  return fc.oneof(
    near.map((number): DayPattern => ({ kind: 'date', day: number })),
    near.map((number): DayPattern => {
      const date = new Date(number * 86_400_000);
      return { kind: 'yearly', month: date.getUTCMonth() + 1, dayOfMonth: date.getUTCDate() };
    }),
    fc.tuple(near, fc.integer({ min: 0, max: 4 }), fc.constantFrom('both', 'from', 'to')).map(([from, length, which]): DayPattern =>
      ({ kind: 'range', ...(which === 'to' ? {} : { from }), ...(which === 'from' ? {} : { to: from + length }) })),
    fc.record({ month: fc.constantFrom(undefined, 3, 4, 9, 10, 11, 'odd' as const, 'even' as const), week: fc.constantFrom(undefined, 1, 2, 5, 'last' as const, -2, -4), weekday: fc.constantFrom(undefined, 1, 6, 7) })
      .map((rule): DayPattern => ({ kind: 'week-and-day', ...Object.fromEntries(Object.entries(rule).filter(([, one]) => one !== undefined)) })),
  );
}

export function anySchedule(timezone: string, middle: number): fc.Arbitrary<{ schedule: ScheduleDefinition; calendars: CalendarDefinition[] }> {
  const when = fc.oneof<fc.Arbitrary<ScheduleException['when']>[]>(patterns(middle), fc.constant({ kind: 'calendar', name: 'C' }));
  const exceptions = fc.array(fc.record({ when, priority: fc.constantFrom(1, 2, 2, 16), values: timeValues }), { maxLength: 4 });
  const effective = fc.constantFrom({}, {}, { from: middle - 1 }, { to: middle + 1 }, { from: middle - 1, to: middle });
  return fc
    .record({ default: value, weekly: fc.array(timeValues, { minLength: 7, maxLength: 7 }), exceptions, effective, days: fc.array(patterns(middle), { maxLength: 2 }) })
    .map(({ days, ...rest }) => ({ schedule: scheduleWith({ ...rest, timezone }), calendars: [{ name: 'C', days }] }));
}

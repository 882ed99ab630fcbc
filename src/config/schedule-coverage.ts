import { dayNumber, matchesDay, type CalendarDefinition, type DayNumber, type ScheduleDefinition, type ScheduleException } from '../contract/index.js';

/** After 28 years dates and weekdays repeat (until 2100), so that who looks so far has seen every case. */
const CYCLE_DAYS = 28 * 366;
const ANY_YEAR = dayNumber(2024, 1, 1) ?? 0;

export type Calendars = ReadonlyMap<string, CalendarDefinition | undefined>;

/** Why an exception can never come into force; undefined when it can. */
export function whyNever(index: number, { exceptions, effective }: Pick<ScheduleDefinition, 'exceptions' | 'effective'>, calendars: Calendars): string | undefined {
  const exception = exceptions[index];
  if (exception === undefined) return undefined;
  if (exception.values.every((entry) => entry.value === null)) return 'it has no value but `relinquish`, which leaves the rest in force';
  let hidden: number | undefined;
  const { from, to } = searched(exception, effective);
  for (let day = from; day <= to; day++) {
    if (!isOn(exception, calendars, day)) continue;
    const above = exceptions.flatMap((other, at) => (goesBefore(other, at, exception, index) && isOn(other, calendars, day) ? [{ other, at }] : []));
    if (hasFreeTime(exception, above.map(({ other }) => other))) return undefined;
    hidden ??= above[0]?.at;
  }
  if (hidden === undefined) return 'it has no day within the effective period';
  const isEqual = exceptions[hidden]?.priority === exception.priority;
  return `on its days exceptions[${hidden}] is in force, ${isEqual ? 'of equal priority and written first' : 'of a higher priority'}`;
}

function searched({ when }: ScheduleException, effective: ScheduleDefinition['effective']): { from: DayNumber; to: DayNumber } {
  const own = when.kind === 'date' ? { from: when.day, to: when.day } : when.kind === 'range' ? when : {};
  const from = Math.max(effective.from ?? -Infinity, own.from ?? -Infinity);
  const to = Math.min(effective.to ?? Infinity, own.to ?? Infinity);
  // A calendar may have dates anywhere: from the earliest year that somebody would write.
  const early = when.kind === 'calendar' ? ANY_YEAR - CYCLE_DAYS : ANY_YEAR;
  const begin = Number.isFinite(from) ? from : Math.min(early, to - CYCLE_DAYS);
  return { from: begin, to: Math.min(to, begin + (when.kind === 'calendar' ? 4 : 1) * CYCLE_DAYS) };
}

function goesBefore(a: ScheduleException, indexA: number, b: ScheduleException, indexB: number): boolean {
  return a.priority < b.priority || (a.priority === b.priority && indexA < indexB);
}

function isOn({ when }: ScheduleException, calendars: Calendars, day: DayNumber): boolean {
  if (when.kind !== 'calendar') return matchesDay(when, day);
  return calendars.get(when.name)?.days.some((pattern) => matchesDay(pattern, day)) === true;
}

/** Whether there is a time of the day at which it has a value and none of `above` has. */
function hasFreeTime(exception: ScheduleException, above: readonly ScheduleException[]): boolean {
  const times = [exception, ...above].flatMap(({ values }) => values.map((entry) => entry.timeMs));
  return times.some((timeMs) => speaks(exception, timeMs) && !above.some((other) => speaks(other, timeMs)));
}

function speaks({ values }: ScheduleException, timeMs: number): boolean {
  return (values.findLast((entry) => entry.timeMs <= timeMs)?.value ?? null) !== null;
}

import { matchesDay, weekdayOf, type CalendarDefinition, type DayNumber, type ScheduleDefinition, type ScheduleException, type ScheduleReason, type ScheduleValue, type TimeValue } from '../../contract/index.js';

export type Calendars = ReadonlyMap<string, CalendarDefinition>;

/** What holds from a time of the day on. `value` undefined: outside of the effective period, nothing is written. */
export interface DayStep {
  readonly timeMs: number;
  readonly value: ScheduleValue | undefined;
  readonly why: ScheduleReason;
}

interface Layer {
  readonly values: readonly TimeValue[];
  readonly why: (timeMs: number) => ScheduleReason;
}

/**
 * A whole day of a schedule, by 12.24.4: at each time the first layer that says something, exceptions by priority
 * before the week before the default. Each day begins anew: what the evening before said does not last over midnight.
 */
export function dayPlan(schedule: ScheduleDefinition, calendars: Calendars, day: DayNumber): readonly DayStep[] {
  let known = plans.get(schedule);
  if (known?.calendars !== calendars || known.days.size >= REMEMBERED_DAYS) plans.set(schedule, (known = { calendars, days: new Map() }));
  const plan = known.days.get(day) ?? planOf(schedule, calendars, day);
  known.days.set(day, plan);
  return plan;
}

/** A definition never changes, and the same few days are asked for with each of its entries. */
const plans = new WeakMap<ScheduleDefinition, { readonly calendars: Calendars; readonly days: Map<DayNumber, readonly DayStep[]> }>();
const REMEMBERED_DAYS = 8;

function planOf(schedule: ScheduleDefinition, calendars: Calendars, day: DayNumber): DayStep[] {
  const { effective } = schedule;
  if (!matchesDay({ kind: 'range', ...effective }, day)) return [{ timeMs: 0, value: undefined, why: { kind: 'inactive' } }];
  const layers = layersOf(schedule, calendars, day);
  const times = [...new Set([0, ...layers.flatMap((layer) => layer.values.map((entry) => entry.timeMs))])].sort((a, b) => a - b);
  const steps: DayStep[] = [];
  for (const timeMs of times) {
    const step = stepAt(schedule, layers, timeMs);
    const last = steps.at(-1);
    if (last === undefined || last.value !== step.value || !sameReason(last.why, step.why)) steps.push(step);
  }
  return steps;
}

export function sameReason(a: ScheduleReason, b: ScheduleReason): boolean {
  if (a.kind === 'weekly' && b.kind === 'weekly') return a.weekday === b.weekday && a.timeMs === b.timeMs;
  if (a.kind === 'exception' && b.kind === 'exception') return a.index === b.index && a.timeMs === b.timeMs && a.priority === b.priority;
  return a.kind === b.kind;
}

function layersOf(schedule: ScheduleDefinition, calendars: Calendars, day: DayNumber): Layer[] {
  const layers = schedule.exceptions
    .map((exception, index) => ({ exception, index }))
    .filter(({ exception }) => appliesOn(exception, calendars, day))
    // The sort is stable: of equal priorities the lowest index stays first.
    .sort((a, b) => a.exception.priority - b.exception.priority)
    .map(({ exception: { values, priority }, index }): Layer => ({ values, why: (timeMs) => ({ kind: 'exception', index, priority, timeMs }) }));
  const weekday = weekdayOf(day);
  return [...layers, { values: schedule.weekly[weekday - 1] ?? [], why: (timeMs) => ({ kind: 'weekly', weekday, timeMs }) }];
}

function appliesOn({ when }: ScheduleException, calendars: Calendars, day: DayNumber): boolean {
  if (when.kind !== 'calendar') return matchesDay(when, day);
  return calendars.get(when.name)?.days.some((pattern) => matchesDay(pattern, day)) === true;
}

function stepAt(schedule: ScheduleDefinition, layers: readonly Layer[], timeMs: number): DayStep {
  for (const { values, why } of layers) {
    const entry = values.findLast((candidate) => candidate.timeMs <= timeMs);
    // NULL, or nothing yet today: the next layer speaks.
    if (entry !== undefined && entry.value !== null) return { timeMs, value: entry.value, why: why(entry.timeMs) };
  }
  return { timeMs, value: schedule.default, why: { kind: 'default' } };
}

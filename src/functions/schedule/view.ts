import { formatDay, type CalendarDefinition, type DayPattern, type PointDefinition, type ScheduleChange, type ScheduleDefinition, type ScheduleReason, type ScheduleTarget, type ScheduleValue, type ScheduleView } from '../../contract/index.js';
import type { PairState } from '../../image/index.js';
import { inForceAt, preview, resolve, type Step } from './resolve.js';
import { readInForce, readTarget, targetKey } from './schedule-keys.js';

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** All schedules as clients see them: what is in force comes from the pair's state, what is ahead is computed. */
export function scheduleViews(schedules: readonly ScheduleDefinition[], calendars: readonly CalendarDefinition[], state: PairState, nowMs: number, days: number): ScheduleView[] {
  const known = new Map(calendars.map((calendar) => [calendar.name, calendar]));
  return schedules.map((schedule): ScheduleView => {
    const first = schedule.targets[0];
    const point = first === undefined ? undefined : state.table.byId(first.point);
    const change = ({ atMs, value, why }: Step): ScheduleChange => ({
      at: new Date(atMs).toISOString(), ...(value === undefined ? {} : { value }), ...textOf(value, point), why: reasonText(why, schedule),
    });
    const held = readInForce(state.keyed, schedule.name);
    const { nextChange } = resolve(schedule, known, nowMs);
    return {
      name: schedule.name,
      ...(schedule.description === undefined ? {} : { description: schedule.description }),
      timezone: schedule.timezone,
      now: change(held === undefined ? inForceAt(schedule, known, nowMs) : { atMs: held.sinceMs, value: held.value, why: held.why }),
      ...(nextChange === undefined ? {} : { next: change(nextChange) }),
      targets: schedule.targets.map((target) => viewTarget(schedule, target, state)),
      preview: preview(schedule, known, nowMs, days).map(change),
    };
  });
}

function viewTarget(schedule: ScheduleDefinition, target: ScheduleTarget, state: PairState): ScheduleView['targets'][number] {
  const point = state.table.byId(target.point);
  const { written, writing } = readTarget(state.keyed, targetKey(schedule.name, point, target));
  return {
    point: point.name,
    priority: target.priority,
    ...(written === undefined ? {} : { written }),
    ...(writing === undefined ? {} : { writing: { value: writing.value, attempt: writing.attempt, notBefore: new Date(writing.notBeforeMs).toISOString(), ...(writing.error === undefined ? {} : { error: writing.error }) } }),
  };
}

function textOf(value: ScheduleValue | undefined, point: PointDefinition | undefined): { text?: string } {
  if (value === null) return { text: 'relinquish' };
  const text = typeof value === 'number' ? point?.states?.[value] : undefined;
  return text === undefined ? {} : { text };
}

function reasonText(why: ScheduleReason, schedule: ScheduleDefinition): string {
  switch (why.kind) {
    case 'inactive':
      return 'outside of the effective period';
    case 'default':
      return 'default';
    case 'weekly':
      return `${WEEKDAYS[why.weekday - 1] ?? ''} ${timeText(why.timeMs)}`;
    case 'exception': {
      const when = schedule.exceptions[why.index]?.when;
      const what = when === undefined ? '' : when.kind === 'calendar' ? `calendar ${when.name}, ` : `${daysText(when)}, `;
      return `exception ${why.index + 1} (${what}priority ${why.priority}) ${timeText(why.timeMs)}`;
    }
  }
}

function daysText(pattern: DayPattern): string {
  switch (pattern.kind) {
    case 'date':
      return formatDay(pattern.day);
    case 'yearly':
      return `*-${String(pattern.month).padStart(2, '0')}-${String(pattern.dayOfMonth).padStart(2, '0')}`;
    case 'range':
      return `${pattern.from === undefined ? '' : formatDay(pattern.from)} to ${pattern.to === undefined ? '' : formatDay(pattern.to)}`;
    case 'week-and-day':
      return `month ${pattern.month ?? 'any'}, week ${pattern.week ?? 'any'}, ${pattern.weekday === undefined ? 'any day' : (WEEKDAYS[pattern.weekday - 1] ?? '')}`;
  }
}

function timeText(timeMs: number): string {
  const text = new Date(timeMs).toISOString().slice(11, 19);
  return text.endsWith(':00') ? text.slice(0, 5) : text;
}

import type { ScheduleDefinition, ScheduleReason, ScheduleValue } from '../../contract/index.js';
import { dayPlan, sameReason, type Calendars, type DayStep } from './day-plan.js';
import { LocalClock } from './local-clock.js';

const DAY_MS = 86_400_000;
/** A schedule that says the same for so long is not looked at any further ahead. */
const HORIZON_DAYS = 400;

export interface Step {
  /** When it comes into force, milliseconds since 1970. */
  readonly atMs: number;
  readonly value: ScheduleValue | undefined;
  readonly why: ScheduleReason;
}

export interface Resolved {
  /** In force now; undefined outside of the effective period. */
  readonly value: ScheduleValue | undefined;
  readonly why: ScheduleReason;
  /** When another value comes into force; undefined when none does within 400 days. */
  readonly nextChange: Step | undefined;
}

const clocks = new Map<string, LocalClock>();

function clockOf(timezone: string): LocalClock {
  const clock = clocks.get(timezone) ?? new LocalClock(timezone);
  clocks.set(timezone, clock);
  return clock;
}

/** What `schedule` says at an instant, and why. Pure: nothing but the arguments and the rules of its time zone counts. */
export function resolve(schedule: ScheduleDefinition, calendars: Calendars, instantMs: number): Resolved {
  const { value, why } = stepAt(schedule, calendars, instantMs);
  let nextChange: Step | undefined;
  // Of nothing but weeks one tells all.
  const isWeekly = schedule.exceptions.length === 0 && schedule.effective.from === undefined && schedule.effective.to === undefined;
  for (const step of steps(schedule, calendars, instantMs, isWeekly ? 8 : HORIZON_DAYS)) {
    if (step.value === value) continue;
    nextChange = step;
    break;
  }
  return { value, why, nextChange };
}

/** The entry in force at an instant. */
function stepAt(schedule: ScheduleDefinition, calendars: Calendars, instantMs: number): DayStep & { readonly day: number } {
  const localMs = clockOf(schedule.timezone).localMs(instantMs);
  const day = Math.floor(localMs / DAY_MS);
  const timeMs = localMs - day * DAY_MS;
  const step = dayPlan(schedule, calendars, day).findLast((candidate) => candidate.timeMs <= timeMs) as DayStep;
  return { ...step, day };
}

/** The entry in force at an instant, with the time at which it came into force on that day. */
export function inForceAt(schedule: ScheduleDefinition, calendars: Calendars, instantMs: number): Step {
  const { value, why, day, timeMs } = stepAt(schedule, calendars, instantMs);
  return { atMs: clockOf(schedule.timezone).instantMs(day * DAY_MS + timeMs), value, why };
}

/**
 * What comes into force after `afterMs`, in order, for the rest of that local day and `days` more: another value, or
 * the same one for another reason. Entries that the clocks jump over are not among them, but for the last.
 */
export function* steps(schedule: ScheduleDefinition, calendars: Calendars, afterMs: number, days: number): Generator<Step> {
  const clock = clockOf(schedule.timezone);
  const firstDay = Math.floor(clock.localMs(afterMs) / DAY_MS);
  let current: DayStep = stepAt(schedule, calendars, afterMs);
  let waiting: Step | undefined;
  for (let day = firstDay; day <= firstDay + days; day++) {
    for (const step of dayPlan(schedule, calendars, day)) {
      if (step.value === current.value && sameReason(step.why, current.why)) continue;
      const atMs = clock.instantMs(day * DAY_MS + step.timeMs);
      if (atMs <= afterMs) continue;
      if (waiting !== undefined && waiting.atMs < atMs) yield waiting;
      waiting = { atMs, value: step.value, why: step.why };
      current = step;
    }
  }
  if (waiting !== undefined) yield waiting;
}

/** The next days as a person plans by them: changes of the value only. */
export function preview(schedule: ScheduleDefinition, calendars: Calendars, fromMs: number, days: number): Step[] {
  const changes: Step[] = [];
  let { value } = stepAt(schedule, calendars, fromMs);
  for (const step of steps(schedule, calendars, fromMs, days)) {
    if (step.value === value) continue;
    changes.push(step);
    value = step.value;
  }
  return changes;
}

import { IANAZone } from 'luxon';
import type { CalendarDefinition, DayPattern, ScheduleDefinition, ScheduleValue } from '../../../src/contract/index.js';

const MINUTE = 60_000;

/**
 * The slow, obvious reference: a clock on the wall is read minute by minute, and what is in force is looked up from
 * the text of clause 12.24.4 with calendar fields. It shares nothing with src/functions/schedule but the definitions.
 */
export class WallClock {
  private readonly zone: IANAZone;
  private latest = -Infinity;

  constructor(timezone: string, private atMs: number) {
    this.zone = IANAZone.create(timezone);
    // The hours before count: the beginning may lie in an hour that is repeated.
    const beginMs = atMs;
    for (this.atMs = beginMs - 4 * 60 * MINUTE; this.atMs <= beginMs; this.atMs += MINUTE) this.look();
    this.atMs = beginMs;
  }

  private look(): void {
    this.latest = Math.max(this.latest, this.atMs + this.zone.offset(this.atMs) * MINUTE);
  }

  /** Some minutes on; the local time that the clock has come to, as a date in UTC fields. */
  tick(minutes = 1): Date {
    this.atMs += minutes * MINUTE;
    this.look();
    return new Date(this.latest);
  }

  get local(): Date {
    return new Date(this.latest);
  }

  get nowMs(): number {
    return this.atMs;
  }
}

export function referenceValue(schedule: ScheduleDefinition, calendars: readonly CalendarDefinition[], local: Date): ScheduleValue | undefined {
  const day = Math.floor(local.getTime() / 86_400_000);
  const { from, to } = schedule.effective;
  if ((from !== undefined && day < from) || (to !== undefined && day > to)) return undefined;
  const timeMs = ((local.getUTCHours() * 60 + local.getUTCMinutes()) * 60 + local.getUTCSeconds()) * 1_000;
  for (let priority = 1; priority <= 16; priority++) {
    for (const exception of schedule.exceptions) {
      if (exception.priority !== priority) continue;
      const { when } = exception;
      const isOn = when.kind === 'calendar' ? calendars.some((calendar) => calendar.name === when.name && calendar.days.some((entry) => meant(entry, local))) : meant(when, local);
      const value = isOn ? latest(exception.values, timeMs) : null;
      if (value !== null) return value;
    }
  }
  return latest(schedule.weekly[(local.getUTCDay() + 6) % 7] ?? [], timeMs) ?? schedule.default;
}

function latest(values: readonly { timeMs: number; value: ScheduleValue }[], timeMs: number): ScheduleValue {
  let value: ScheduleValue = null;
  for (const entry of values) if (entry.timeMs <= timeMs) value = entry.value;
  return value;
}

function meant(pattern: DayPattern, local: Date): boolean {
  const text = local.toISOString().slice(0, 10);
  const textOf = (day: number): string => new Date(day * 86_400_000).toISOString().slice(0, 10);
  switch (pattern.kind) {
    case 'date':
      return text === textOf(pattern.day);
    case 'yearly':
      return text.slice(5) === `${String(pattern.month).padStart(2, '0')}-${String(pattern.dayOfMonth).padStart(2, '0')}`;
    case 'range':
      return (pattern.from === undefined || text >= textOf(pattern.from)) && (pattern.to === undefined || text <= textOf(pattern.to));
    case 'week-and-day': {
      const month = local.getUTCMonth() + 1;
      const date = local.getUTCDate();
      if (pattern.month === 'odd' && month % 2 === 0) return false;
      if (pattern.month === 'even' && month % 2 === 1) return false;
      if (typeof pattern.month === 'number' && pattern.month !== month) return false;
      if (pattern.weekday !== undefined && pattern.weekday % 7 !== local.getUTCDay()) return false;
      const daysInMonth = new Date(Date.UTC(local.getUTCFullYear(), month, 0)).getUTCDate();
      if (pattern.week === 'last') return date > daysInMonth - 7;
      if (pattern.week !== undefined && pattern.week < 0) return date > daysInMonth + pattern.week * 7 && date <= daysInMonth + (pattern.week + 1) * 7;
      return pattern.week === undefined || (date > (pattern.week - 1) * 7 && date <= pattern.week * 7);
    }
  }
}

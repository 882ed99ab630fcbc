/** A value of a schedule as the point takes it (index for states, 0/1 for booleans); `null` is BACnet's NULL, `relinquish`. */
export type ScheduleValue = number | string | null;

/** From this local time of the day on, until the next one of the same list or the end of the day. */
export interface TimeValue {
  /** Milliseconds since local midnight. */
  readonly timeMs: number;
  readonly value: ScheduleValue;
}

/** Days since 1970-01-01, by the calendar and without a zone. */
export type DayNumber = number;

/** Which days are meant (BACnet calendar entries). Bounds of a range that are left out are open. */
export type DayPattern =
  | { readonly kind: 'date'; readonly day: DayNumber }
  /** The same date each year. */
  | { readonly kind: 'yearly'; readonly month: number; readonly dayOfMonth: number }
  | { readonly kind: 'range'; readonly from?: DayNumber; readonly to?: DayNumber }
  /** Week 1 is the 1st to the 7th, `last` the last seven days, -2 to -4 the seven before those, and so on (clause 21, BACnetWeekNDay); weekday 1 is Monday. What is left out is any. */
  | { readonly kind: 'week-and-day'; readonly month?: number | 'odd' | 'even'; readonly week?: number | 'last'; readonly weekday?: number };

export interface CalendarDefinition {
  readonly name: string;
  readonly days: readonly DayPattern[];
}

export interface ScheduleException {
  readonly when: DayPattern | { readonly kind: 'calendar'; readonly name: string };
  /** 1 (wins) … 16; of equals the one that is written first. */
  readonly priority: number;
  /** In the order of time. */
  readonly values: readonly TimeValue[];
}

export interface ScheduleTarget {
  /** Id of the point. */
  readonly point: number;
  /** BACnet priority that it writes at. */
  readonly priority: number;
  /** Its device has a priority array. Elsewhere there is nothing to give back, and `relinquish` leaves the value as it is. */
  readonly canRelinquish: boolean;
}

/** ANSI/ASHRAE 135, clause 12.24. */
export interface ScheduleDefinition {
  readonly name: string;
  readonly description?: string;
  /** IANA name of the zone whose clock and calendar it follows. */
  readonly timezone: string;
  readonly targets: readonly ScheduleTarget[];
  readonly default: ScheduleValue;
  /** Seven lists, Monday first, each in the order of time. */
  readonly weekly: readonly (readonly TimeValue[])[];
  readonly exceptions: readonly ScheduleException[];
  /** First and last day on which it works; open where left out. */
  readonly effective: { readonly from?: DayNumber; readonly to?: DayNumber };
}

/** Why a value is in force. */
export type ScheduleReason =
  /** Outside of its effective period: nothing is written. */
  | { readonly kind: 'inactive' }
  | { readonly kind: 'default' }
  | { readonly kind: 'weekly'; readonly weekday: number; readonly timeMs: number }
  | { readonly kind: 'exception'; readonly index: number; readonly priority: number; readonly timeMs: number };

/** A value that comes into force, as clients see it. Times are ISO 8601. */
export interface ScheduleChange {
  readonly at: string;
  /** Absent outside of the effective period. */
  readonly value?: ScheduleValue;
  /** Name of the state, or `relinquish`. */
  readonly text?: string;
  /** `Fri 06:00`, `exception 1 (calendar holidays, priority 8)`, … */
  readonly why: string;
}

export interface ScheduleView {
  readonly name: string;
  readonly description?: string;
  readonly timezone: string;
  readonly now: ScheduleChange;
  /** The next other value; absent when none comes within 400 days. */
  readonly next?: ScheduleChange;
  readonly targets: readonly {
    readonly point: string;
    readonly priority: number;
    /** The last value that was verified at the device. */
    readonly written?: ScheduleValue;
    readonly writing?: { readonly value: ScheduleValue; readonly attempt: number; readonly notBefore: string; readonly error?: string };
  }[];
  readonly preview: readonly ScheduleChange[];
}

const DAY_MS = 86_400_000;

/** The day of a date that exists; undefined for one that does not, as 30 February. */
export function dayNumber(year: number, month: number, dayOfMonth: number): DayNumber | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, dayOfMonth); // not Date.UTC, which takes 26 for 1926
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === dayOfMonth ? date.getTime() / DAY_MS : undefined;
}

/** `2026-12-24` */
export function formatDay(day: DayNumber): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** 1 Monday … 7 Sunday. */
export function weekdayOf(day: DayNumber): number {
  return (((day + 3) % 7) + 7) % 7 + 1;
}

export function matchesDay(pattern: DayPattern, day: DayNumber): boolean {
  switch (pattern.kind) {
    case 'date':
      return day === pattern.day;
    case 'range':
      return (pattern.from === undefined || day >= pattern.from) && (pattern.to === undefined || day <= pattern.to);
    case 'yearly': {
      const date = new Date(day * DAY_MS);
      return date.getUTCMonth() + 1 === pattern.month && date.getUTCDate() === pattern.dayOfMonth;
    }
    case 'week-and-day': {
      if (pattern.weekday !== undefined && weekdayOf(day) !== pattern.weekday) return false;
      const date = new Date(day * DAY_MS);
      const month = date.getUTCMonth() + 1;
      const isMonth = typeof pattern.month === 'string' ? month % 2 === (pattern.month === 'odd' ? 1 : 0) : pattern.month === undefined || month === pattern.month;
      if (!isMonth || pattern.week === undefined) return isMonth;
      if (pattern.week === 'last' || pattern.week < 0) {
        const before = pattern.week === 'last' ? 0 : -pattern.week - 1;
        const monthAfter = (days: number): number => new Date((day + days) * DAY_MS).getUTCMonth() + 1;
        return monthAfter(7 * before) === month && monthAfter(7 * before + 7) !== month;
      }
      return Math.ceil(date.getUTCDate() / 7) === pattern.week;
    }
  }
}

export const dayNames = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;

/** A value as it is written: a state's name, a number, true, false or `relinquish`. */
export type WrittenValue = string | number | boolean;

export interface Entry {
  /** Minutes since midnight; a fraction where seconds are written. */
  readonly minute: number;
  readonly value: WrittenValue;
}

/** Seven lists, Monday first, each in the order of time. */
export type Week = readonly (readonly Entry[])[];

export interface WrittenException {
  readonly date?: string;
  readonly range?: { readonly from?: string; readonly to?: string };
  readonly weekAndDay?: unknown;
  readonly calendar?: string;
  readonly priority?: number;
  readonly values: Readonly<Record<string, WrittenValue>>;
}

/** What a person changes of a schedule on the page. */
export interface ScheduleDraft {
  readonly week: Week;
  readonly exceptions: readonly WrittenException[];
}

/** From what is written under `weekly:` and `exceptions:`. */
export function draftOf(definition: Readonly<Record<string, unknown>>): ScheduleDraft {
  const week: Entry[][] = dayNames.map(() => []);
  for (const [days, values] of Object.entries((definition.weekly ?? {}) as Readonly<Record<string, Readonly<Record<string, WrittenValue>>>>)) {
    const entries = Object.entries(values).map(([time, value]) => ({ minute: minuteOf(time), value })).sort((a, b) => a.minute - b.minute);
    for (const day of daysIn(days)) week[day] = entries;
  }
  return { week, exceptions: (definition.exceptions ?? []) as readonly WrittenException[] };
}

/** The definition with the draft in it: days that follow each other and are alike are written together, as people do. */
export function withDraft(definition: Readonly<Record<string, unknown>>, { week, exceptions }: ScheduleDraft): Readonly<Record<string, unknown>> {
  const weekly: Record<string, Readonly<Record<string, WrittenValue>>> = {};
  for (let first = 0; first < 7; ) {
    const entries = week[first] ?? [];
    let last = first;
    while (last < 6 && JSON.stringify(week[last + 1]) === JSON.stringify(entries)) last++;
    const days = first === last ? dayNames[first] : `${dayNames[first] ?? ''}-${dayNames[last] ?? ''}`;
    if (entries.length > 0) weekly[days ?? ''] = Object.fromEntries(entries.map(({ minute, value }) => [timeText(minute), value]));
    first = last + 1;
  }
  const rest = Object.fromEntries(Object.entries(definition).filter(([key]) => key !== 'weekly' && key !== 'exceptions'));
  return { ...rest, ...(Object.keys(weekly).length === 0 ? {} : { weekly }), ...(exceptions.length === 0 ? {} : { exceptions }) };
}

/** `Mon`, `Mon-Fri` or `Sat,Sun`, as indexes from Monday. */
export function daysIn(text: string): number[] {
  return text.split(',').flatMap((part) => {
    const [from = -1, to = from] = part.split('-').map((day) => dayNames.findIndex((name) => name === day.trim()));
    return from < 0 || to < 0 ? [] : Array.from({ length: ((to - from + 7) % 7) + 1 }, (_, step) => (from + step) % 7);
  });
}

export function minuteOf(time: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number);
  return hours * 60 + minutes + seconds / 60;
}

export function timeText(minute: number): string {
  const seconds = Math.round(minute * 60);
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, ...(seconds % 60 === 0 ? [] : [seconds % 60])];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}

/** A week in which the entry of a day lies at another time, or is another one; undefined removes it. */
export function withEntry(week: Week, day: number, minute: number, next: Entry | undefined): Week {
  return week.map((entries, index) => {
    if (index !== day) return entries;
    const others = entries.filter((entry) => entry.minute !== minute && entry.minute !== next?.minute);
    return next === undefined ? others : [...others, next].sort((a, b) => a.minute - b.minute);
  });
}

/** Days of a month `2026-12`, after a gap for each day of the week before its first. */
export function monthDays(month: string): readonly (string | undefined)[] {
  const [year = 0, number = 1] = month.split('-').map(Number);
  const gap = (new Date(Date.UTC(year, number - 1, 1)).getUTCDay() + 6) % 7;
  const count = new Date(Date.UTC(year, number, 0)).getUTCDate();
  return [...Array.from({ length: gap }, () => undefined), ...Array.from({ length: count }, (_, day) => `${month}-${String(day + 1).padStart(2, '0')}`)];
}

/** Whether an exception with a date or a range is of this day; of calendars and of weeks and days the preview tells. */
export function isExceptionOn({ date, range }: WrittenException, day: string): boolean {
  if (date !== undefined) return date.split('-').every((part, index) => part === '*' || part === day.split('-')[index]);
  if (range === undefined) return false;
  return (range.from ?? '') <= day && day <= (range.to ?? '9999-12-31');
}

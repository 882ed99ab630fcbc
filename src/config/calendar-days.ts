import { z } from 'zod';
import { dayNumber, type CalendarDefinition, type DayNumber, type DayPattern } from '../contract/index.js';
import { compact } from './compact.js';
import { checkName } from './names.js';
import type { DocumentProblems } from './problem-list.js';
import { check } from './schema-check.js';

export const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;

export const rangeShape = z.strictObject({ from: z.string().optional(), to: z.string().optional() });
export const weekAndDayShape = z.strictObject({
  month: z.union([z.int().min(1).max(12), z.enum(['odd', 'even'])]).optional(),
  week: z.union([z.int().min(1).max(5), z.int().min(-4).max(-1), z.literal('last')], { error: 'must be 1 to 5, last, or -2 to -4 for the weeks before the last' }).optional(),
  day: z.enum(weekdays).optional(),
});
const calendarShape = z.strictObject({ dates: z.array(z.unknown()) });

/** Reads one entry of `calendars:`. */
export function readCalendar(name: string, raw: unknown, problems: DocumentProblems): CalendarDefinition | undefined {
  checkName(name, 'calendar', problems);
  const calendar = check(calendarShape, raw, problems);
  if (calendar === undefined) return undefined;
  const days = calendar.dates.map((entry, index) => readEntry(entry, problems.at('dates', index)));
  return days.some((day) => day === undefined) ? undefined : { name, days: days.filter((day) => day !== undefined) };
}

function readEntry(raw: unknown, problems: DocumentProblems): DayPattern | undefined {
  if (typeof raw === 'string') return readDate(raw, problems);
  if (typeof raw !== 'object' || raw === null) {
    problems.error('CONFIG_INVALID', 'must be a date ("2026-12-24", "*-12-25" for each year), a range {from, to}, or a week and day {month, week, day}');
    return undefined;
  }
  if ('from' in raw || 'to' in raw) {
    const range = check(rangeShape, raw, problems);
    return range === undefined ? undefined : readRange(range, problems);
  }
  const rule = check(weekAndDayShape, raw, problems);
  return rule === undefined ? undefined : readWeekAndDay(rule, problems);
}

/** `2026-12-24`, or `*-12-24` for each year. */
export function readDate(text: string, problems: DocumentProblems): DayPattern | undefined {
  const [, year, month, dayOfMonth] = /^(\d{4}|\*)-(\d{2})-(\d{2})$/.exec(text) ?? [];
  if (year === undefined) {
    problems.error('CONFIG_INVALID', `must be a date, "2026-12-24", or "*-12-24" for each year (found "${text}")`);
    return undefined;
  }
  // 2024 has a 29 February, so that "*-02-29" stands for the years that have one.
  const day = dayNumber(year === '*' ? 2024 : Number(year), Number(month), Number(dayOfMonth));
  if (day === undefined) {
    problems.error('CONFIG_INVALID', `there is no day ${text}`);
    return undefined;
  }
  return year === '*' ? { kind: 'yearly', month: Number(month), dayOfMonth: Number(dayOfMonth) } : { kind: 'date', day };
}

/** A range of whole days, both included. */
export function readRange(range: z.output<typeof rangeShape>, problems: DocumentProblems): (DayPattern & { kind: 'range' }) | undefined {
  const [from, to] = (['from', 'to'] as const).map((key) => {
    const text = range[key];
    if (text === undefined) return undefined;
    const pattern = readDate(text, problems.at(key));
    if (pattern?.kind === 'yearly') problems.error('CONFIG_INVALID', 'the ends of a range are dates of one year', [key]);
    return pattern?.kind === 'date' ? pattern.day : NaN;
  }) as [DayNumber | undefined, DayNumber | undefined];
  if (from === undefined && to === undefined) problems.error('CONFIG_INVALID', 'a range needs `from`, `to` or both');
  if (from !== undefined && to !== undefined && from > to) problems.error('CONFIG_INVALID', `ends before it begins (${range.from ?? ''})`, ['to']);
  return Number.isNaN(from) || Number.isNaN(to) ? undefined : { kind: 'range', ...compact({ from, to }) };
}

export function readWeekAndDay({ month, week, day }: z.output<typeof weekAndDayShape>, problems: DocumentProblems): DayPattern | undefined {
  if (month === undefined && week === undefined && day === undefined) problems.error('CONFIG_INVALID', 'needs `month`, `week` or `day`');
  return { kind: 'week-and-day', ...compact({ month, week: week === -1 ? ('last' as const) : week, weekday: day === undefined ? undefined : weekdays.indexOf(day) + 1 }) };
}

/** `Mon`, `Mon-Fri`, `Sat,Sun`: weekdays 1 (Monday) … 7; undefined for anything else. */
export function parseWeekdays(text: string): number[] | undefined {
  const numbers: number[] = [];
  for (const part of text.split(',')) {
    const [from, to = from, ...more] = part.trim().split('-').map((name) => weekdays.indexOf(name as (typeof weekdays)[number]) + 1);
    if (from === undefined || to === undefined || from === 0 || to === 0 || from > to || more.length > 0) return undefined;
    for (let day = from; day <= to; day++) numbers.push(day);
  }
  return numbers;
}

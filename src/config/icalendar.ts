import type ICAL from 'ical.js';
import { messageOf, TandemError } from '../contract/index.js';
import { weekdays } from './calendar-days.js';

/** One entry of a calendar's `dates`, as a site document writes it. */
export type WrittenDay = string | { readonly from: string; readonly to: string } | { readonly month?: number; readonly week?: number | 'last'; readonly day: string };

export interface ImportedDays {
  readonly dates: readonly WrittenDay[];
  /** Events that were left out, or are there for some years only, and why. */
  readonly notes: readonly string[];
}

export interface YearRange {
  readonly fromYear: number;
  readonly toYear: number;
}

/** Enough for every day of half a century; what gives more is no calendar of holidays. */
const MOST_DAYS = 20_000;
const MOST_STEPS = 200_000;
/** Of all events of a file: each takes about 10 µs. */
const MOST_STEPS_IN_ALL = 300_000;
const DAY_MS = 86_400_000;
/** Of a leap year: the 29th of February is a date, in every fourth year. */
const LENGTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];

interface Event {
  readonly title: string;
  readonly component: ICAL.Component;
  readonly start: ICAL.Time;
  /** Whole days. */
  readonly days: number;
}

/**
 * Reads the holidays of an iCalendar file (RFC 5545): events of whole days, once, or each year. What repeats without an end by
 * date, or by weekday and week of a month, becomes a rule of the calendar; everything else the single days of the years asked for.
 * @throws CALENDAR_INVALID with each thing that is wrong
 */
export async function readHolidays(text: string, years: YearRange, mostSteps = MOST_STEPS_IN_ALL): Promise<ImportedDays> {
  // A gateway starts faster without.
  const { default: ical } = await import('ical.js');
  const components = parseAll(ical, text);
  const problems: string[] = [];
  const notes: string[] = [];
  const dates = new Map<string, WrittenDay>();
  const events = components.flatMap((component) => readEvent(component, problems, notes) ?? []);
  const moved = movedDays(events);
  const left = { steps: mostSteps };
  for (const event of events) {
    for (const day of daysOf(ical, event, { years, moved, left }, problems, notes)) dates.set(JSON.stringify(day), day);
    if (left.steps > 0) continue;
    problems.push(`its events repeat more than ${mostSteps} times`);
    break;
  }
  if (dates.size > MOST_DAYS) problems.push(`more than ${MOST_DAYS} days`);
  if (problems.length > 0) throw new TandemError('CALENDAR_INVALID', problems.join('; '), { details: { problems } });
  return { dates: [...dates.values()].sort((a, b) => sortKey(a).localeCompare(sortKey(b))), notes };
}

function parseAll(ical: typeof ICAL, text: string): ICAL.Component[] {
  try {
    const parsed = ical.parse(text) as unknown[];
    const roots = Array.isArray(parsed[0]) ? (parsed as unknown[][]) : [parsed];
    const calendars = roots.map((root) => new ical.Component(root as never)).filter(({ name }) => name === 'vcalendar');
    if (calendars.length === 0) throw new Error('there is no VCALENDAR in it');
    return calendars.flatMap((calendar) => calendar.getAllSubcomponents('vevent'));
  } catch (cause) {
    throw new TandemError('CALENDAR_INVALID', `this is no iCalendar file: ${messageOf(cause)}`, { cause });
  }
}

function readEvent(component: ICAL.Component, problems: string[], notes: string[]): Event | undefined {
  const title = String(component.getFirstPropertyValue('summary') ?? component.getFirstPropertyValue('uid') ?? 'an event');
  const started = problems.length;
  for (const name of ['dtstart', 'dtend', 'exdate', 'rdate', 'recurrence-id']) {
    for (const property of component.getAllProperties(name)) {
      // The library takes the 30th of February for the 2nd of March: what is written is looked at.
      for (const written of (property.toJSON() as unknown[]).slice(3)) if (typeof written === 'string' && !isDay(written.slice(0, 10))) problems.push(`${title}: ${written} is no date (${name.toUpperCase()})`);
    }
  }
  if (problems.length > started) return undefined;
  const start = component.getFirstPropertyValue('dtstart') as ICAL.Time | null;
  if (start === null) {
    problems.push(`${title}: has no DTSTART`);
    return undefined;
  }
  if (component.getFirstPropertyValue('status') === 'CANCELLED') return undefined;
  if (!start.isDate) {
    notes.push(`${title}: left out, it does not take whole days`);
    return undefined;
  }
  const end = component.getFirstPropertyValue('dtend') as ICAL.Time | null;
  const duration = component.getFirstPropertyValue('duration') as ICAL.Duration | null;
  const days = end !== null ? Math.round((utcOf(end) - utcOf(start)) / DAY_MS) : duration !== null ? Math.round(duration.toSeconds() / 86_400) : 1;
  if (days < 1 && end !== null && utcOf(end) < utcOf(start)) {
    problems.push(`${title}: ends before it begins`);
    return undefined;
  }
  return { title, component, start, days: Math.max(1, days) };
}

/** By UID: days on which a series has been moved away, or cancelled, by an event of its own. */
function movedDays(events: readonly Event[]): ReadonlySet<string> {
  return new Set(events.flatMap(({ component }) => {
    const from = component.getFirstPropertyValue('recurrence-id') as ICAL.Time | null;
    return from === null ? [] : [`${String(component.getFirstPropertyValue('uid'))} ${dayText(utcOf(from))}`];
  }));
}

interface Around {
  readonly years: YearRange;
  readonly moved: ReadonlySet<string>;
  /** How often the rest of the file may repeat. */
  readonly left: { steps: number };
}

function daysOf(ical: typeof ICAL, event: Event, { years, moved, left }: Around, problems: string[], notes: string[]): WrittenDay[] {
  const { component, start, days, title } = event;
  const rules = component.getAllProperties('rrule').map((property) => property.getFirstValue() as ICAL.Recur);
  const extra = component.getAllProperties('rdate').length > 0;
  const uid = String(component.getFirstPropertyValue('uid'));
  if (component.getFirstPropertyValue('recurrence-id') !== null || (rules.length === 0 && !extra)) return [span(utcOf(start), days)];
  const excluded = component.getAllProperties('exdate').length > 0 || [...moved].some((key) => key.startsWith(`${uid} `));
  const wrong = rules.flatMap((rule) => whyImpossible(rule));
  problems.push(...wrong.map((why) => `${title}: ${why}`));
  if (wrong.length > 0) return [];
  const [only, ...others] = rules;
  const rule = only !== undefined && others.length === 0 && !extra && !excluded && days === 1 ? ruleOf(only, start) : undefined;
  if (rule !== undefined) return [rule];
  const found: WrittenDay[] = [];
  const series = new ical.Event(component).iterator();
  const [firstMs, lastMs] = [Date.UTC(years.fromYear, 0, 1), Date.UTC(years.toYear, 11, 31)];
  for (let step = 0; ; step++) {
    if (step >= MOST_STEPS) {
      problems.push(`${title}: repeats without ever coming to ${years.toYear}`);
      return [];
    }
    if (--left.steps <= 0) return [];
    const next = series.next() as ICAL.Time | undefined;
    if (next === undefined) break;
    const atMs = utcOf(next);
    if (atMs > lastMs) {
      notes.push(`${title}: its single days up to ${years.toYear}`);
      break;
    }
    if (atMs + (days - 1) * DAY_MS < firstMs || !fits(rules, start, next) || moved.has(`${uid} ${dayText(atMs)}`)) continue;
    found.push(span(atMs, days));
  }
  return found;
}

/** The library carries the 31st of a short month over into the next one; RFC 5545 leaves it out. */
function fits(rules: readonly ICAL.Recur[], start: ICAL.Time, at: ICAL.Time): boolean {
  return rules.every((rule) => {
    const days = rule.getComponent('BYMONTHDAY') as number[];
    if (days.length > 0) return days.includes(at.day) || days.some((day) => day < 0);
    const isByDate = (rule.freq === 'YEARLY' || rule.freq === 'MONTHLY') && rule.getComponent('BYDAY').length === 0;
    return !isByDate || rule.getComponent('BYYEARDAY').length > 0 || at.day === start.day;
  });
}

function whyImpossible(rule: ICAL.Recur): string[] {
  if (!['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'].includes(rule.freq)) return [`repeats ${rule.freq.toLowerCase()}, which no holiday does`];
  const months = rule.getComponent('BYMONTH') as number[];
  const days = rule.getComponent('BYMONTHDAY') as number[];
  return months.flatMap((month) => days.flatMap((day) => (Math.abs(day) > (LENGTHS[month - 1] ?? 0) ? [`month ${month} has no day ${day}`] : [])));
}

/** `*-12-25`, or the last Monday of May: what a calendar can say for every year. */
function ruleOf(rule: ICAL.Recur, start: ICAL.Time): WrittenDay | undefined {
  if (rule.freq !== 'YEARLY' || rule.interval !== 1 || rule.count !== null || rule.until !== null) return undefined;
  const part = (name: string): unknown[] => rule.getComponent(name);
  if (['BYWEEKNO', 'BYYEARDAY', 'BYSETPOS', 'BYHOUR', 'BYMINUTE', 'BYSECOND'].some((name) => part(name).length > 0)) return undefined;
  const [months, dates, days] = [part('BYMONTH') as number[], part('BYMONTHDAY') as number[], part('BYDAY') as string[]];
  const month = months[0] ?? start.month;
  if (months.length > 1) return undefined;
  if (days.length === 0) {
    const day = dates[0] ?? start.day;
    return dates.length > 1 || day < 1 ? undefined : `*-${two(month)}-${two(day)}`;
  }
  const [, week, name] = /^([+-]?[1-5])(\w\w)$/.exec(days[0] ?? '') ?? [];
  const day = weekdays[WEEKDAYS.indexOf(name ?? '')];
  if (days.length > 1 || dates.length > 0 || months.length === 0 || day === undefined || Number(week) < -4) return undefined;
  return { month, week: Number(week) === -1 ? 'last' : Number(week), day };
}

function span(fromMs: number, days: number): WrittenDay {
  return days === 1 ? dayText(fromMs) : { from: dayText(fromMs), to: dayText(fromMs + (days - 1) * DAY_MS) };
}

function isDay(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? [];
  return year !== undefined && dayText(Date.UTC(Number(year), Number(month) - 1, Number(day))) === text;
}

function utcOf({ year, month, day }: ICAL.Time): number {
  return Date.UTC(year, month - 1, day);
}

function dayText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}

/** Rules, then days in the order of time. */
function sortKey(day: WrittenDay): string {
  if (typeof day === 'string') return day.startsWith('*') ? `0${day}` : `2${day}`;
  return 'from' in day ? `2${day.from}` : `1${two(day.month ?? 0)}${day.week ?? ''}${day.day}`;
}

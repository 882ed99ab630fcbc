/** Values of Schedule and Calendar objects, both ways (ANSI/ASHRAE 135 clauses 12.9, 12.24 and 21). */
import { TandemError, type DeviceCalendarEntry, type DeviceDate, type DeviceDateRange, type DeviceException, type DeviceScheduleValue, type DeviceTimeValue, type DeviceWeekNDay } from '../../src/contract/index.js';
import { malformed, type Asn1Reader, type Asn1Writer } from './asn1.js';
import { ANY, dateOf, readDate, readTime, writeDate, writeTime, type BacnetDate, type BacnetTime } from './date-time.js';
import { objectOf, objectText } from './object-names.js';
import { readValue, writeValue, type BacnetValue } from './values.js';

const MONTHS = { odd: 13, even: 14 } as const;
const DAYS = { last: 32, odd: 33, even: 34 } as const;
const CALENDAR = 6;

/** BACnetDailySchedule */
export function readDay(reader: Asn1Reader): DeviceTimeValue[] {
  return readTimeValues(reader, 0);
}

export function writeDay(writer: Asn1Writer, day: readonly DeviceTimeValue[]): void {
  writeTimeValues(writer, 0, day);
}

/** BACnetSpecialEvent */
export function readException(reader: Asn1Reader): DeviceException {
  const period = reader.isContext(1) ? { calendar: objectText(reader.objectId(reader.context(1))) } : readOwnPeriod(reader);
  const values = readTimeValues(reader, 2);
  return { period, values, priority: reader.unsigned(reader.context(3)) };
}

export function writeException(writer: Asn1Writer, { period, values, priority }: DeviceException): void {
  if (!Number.isInteger(priority) || priority < 1 || priority > 16) throw invalid(`an exception's priority is 1 … 16, not ${priority}`);
  if ('calendar' in period) {
    const calendar = objectOf(period.calendar);
    if (calendar?.type !== CALENDAR) throw invalid(`"${period.calendar}" is no calendar: write CAL:1`);
    writer.contextObjectId(1, calendar);
  } else {
    writer.opening(0);
    writeCalendarEntry(writer, period);
    writer.closing(0);
  }
  writeTimeValues(writer, 2, values);
  writer.contextUnsigned(3, priority);
}

/** BACnetCalendarEntry */
export function readCalendarEntry(reader: Asn1Reader): DeviceCalendarEntry {
  if (reader.isContext(0)) return { date: dateFrom(dateOf(reader.octets(reader.context(0)))) };
  if (reader.isContext(2)) return { weekNDay: weekNDayFrom(reader.octets(reader.context(2))) };
  reader.context(1, 'opening');
  const range = readRange(reader);
  reader.context(1, 'closing');
  return { range };
}

export function writeCalendarEntry(writer: Asn1Writer, entry: DeviceCalendarEntry): void {
  if ('date' in entry) {
    const { year, month, day, weekday } = dateTo(entry.date);
    writer.tag(0, true, 4).octet(year).octet(month).octet(day).octet(weekday);
  } else if ('range' in entry) {
    writer.opening(1);
    writeRange(writer, entry.range);
    writer.closing(1);
  } else {
    const { month, week, weekday } = entry.weekNDay;
    writer.tag(2, true, 3).octet(monthTo(month)).octet(part(week, 1, 9, 'week')).octet(part(weekday, 1, 7, 'weekday'));
  }
}

/** BACnetDateRange */
export function readRange(reader: Asn1Reader): DeviceDateRange {
  return { from: dateFrom(readDate(reader)), to: dateFrom(readDate(reader)) };
}

export function writeRange(writer: Asn1Writer, { from, to }: DeviceDateRange): void {
  for (const date of [from, to]) {
    const octets = dateTo(date);
    // A bound is one day, or none at all (clause 20.2.12): "every last day" cannot be one.
    const open = [octets.year, octets.month, octets.day].filter((octet) => octet === ANY).length;
    if ((open !== 0 && open !== 3) || (open === 0 && (octets.month > 12 || octets.day > 31))) throw invalid('the end of a range is a whole date, or null in every part');
    writeDate(writer, octets);
  }
}

export function scheduleValueOf(value: BacnetValue): DeviceScheduleValue {
  switch (value.type) {
    case 'null': return null;
    case 'real': return { real: value.value };
    case 'double': return { double: value.value };
    case 'unsigned': return { unsigned: value.value };
    case 'signed': return { signed: value.value };
    case 'enumerated': return { enumerated: value.value };
    case 'boolean': return { boolean: value.value };
    case 'text': return { text: value.value };
    default: throw malformed(`a scheduled value of type ${value.type}`);
  }
}

/** Throws VALUE_INVALID. */
export function bacnetValueOf(value: DeviceScheduleValue): BacnetValue {
  if (value === null) return { type: 'null' };
  if ('boolean' in value) return { type: 'boolean', value: value.boolean };
  if ('text' in value) return { type: 'text', value: value.text };
  if ('real' in value) return { type: 'real', value: numberIn(Math.fround(value.real), -Infinity, Infinity, false) };
  if ('double' in value) return { type: 'double', value: numberIn(value.double, -Infinity, Infinity, false) };
  if ('unsigned' in value) return { type: 'unsigned', value: numberIn(value.unsigned, 0, 0xffff_ffff, true) };
  if ('signed' in value) return { type: 'signed', value: numberIn(value.signed, -(2 ** 31), 2 ** 31 - 1, true) };
  return { type: 'enumerated', value: numberIn(value.enumerated, 0, 65_535, true) };
}

function readOwnPeriod(reader: Asn1Reader): DeviceCalendarEntry {
  reader.context(0, 'opening');
  const entry = readCalendarEntry(reader);
  reader.context(0, 'closing');
  return entry;
}

function readTimeValues(reader: Asn1Reader, tag: number): DeviceTimeValue[] {
  const values: DeviceTimeValue[] = [];
  reader.context(tag, 'opening');
  while (!reader.isContext(tag, 'closing')) values.push({ time: timeText(readTime(reader)), value: scheduleValueOf(readValue(reader)) });
  reader.context(tag, 'closing');
  return values;
}

function writeTimeValues(writer: Asn1Writer, tag: number, values: readonly DeviceTimeValue[]): void {
  writer.opening(tag);
  for (const { time, value } of values) {
    writeTime(writer, timeOfText(time));
    writeValue(writer, bacnetValueOf(value));
  }
  writer.closing(tag);
}

function dateFrom({ year, month, day, weekday }: BacnetDate): DeviceDate {
  return {
    year: year === ANY ? null : 1900 + year,
    month: monthFrom(month),
    day: day === ANY ? null : day === DAYS.last ? 'last' : day === DAYS.odd ? 'odd' : day === DAYS.even ? 'even' : day,
    weekday: weekday === ANY ? null : weekday,
  };
}

function dateTo({ year, month, day, weekday }: DeviceDate): BacnetDate {
  return {
    year: year === null ? ANY : numberIn(year, 1900, 2154, true) - 1900,
    month: monthTo(month),
    day: typeof day === 'string' ? DAYS[day] : part(day, 1, 31, 'day'),
    weekday: part(weekday, 1, 7, 'weekday'),
  };
}

function weekNDayFrom(octets: Uint8Array): DeviceWeekNDay {
  const [month = 0, week = 0, weekday = 0] = octets;
  const fits = (octet: number, high: number): boolean => octet === ANY || (octet >= 1 && octet <= high);
  if (octets.length !== 3 || !fits(month, 14) || !fits(week, 9) || !fits(weekday, 7)) throw malformed('a week and day that does not exist');
  return { month: monthFrom(month), week: week === ANY ? null : week, weekday: weekday === ANY ? null : weekday };
}

function monthFrom(month: number): DeviceDate['month'] {
  return month === ANY ? null : month === MONTHS.odd ? 'odd' : month === MONTHS.even ? 'even' : month;
}

function monthTo(month: DeviceDate['month']): number {
  return typeof month === 'string' ? MONTHS[month] : part(month, 1, 12, 'month');
}

function part(value: number | null, low: number, high: number, what: string): number {
  if (value === null) return ANY;
  if (!Number.isInteger(value) || value < low || value > high) throw invalid(`a ${what} is ${low} … ${high}, not ${value}`);
  return value;
}

function timeText({ hour, minute, second, hundredths }: BacnetTime): string {
  if ([hour, minute, second, hundredths].includes(ANY)) throw malformed('a scheduled time that is not a whole one');
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(hour)}:${two(minute)}:${two(second)}${hundredths === 0 ? '' : `.${two(hundredths)}`}`;
}

function timeOfText(text: string): BacnetTime {
  const match = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d\d))?)?$/.exec(text);
  if (match === null) throw invalid(`"${text}" is no time: write 06:30 or 06:30:00`);
  const [hour = 0, minute = 0, second = 0, hundredths = 0] = match.slice(1).map((digits: string | undefined) => Number(digits ?? 0));
  return { hour, minute, second, hundredths };
}

function numberIn(value: number, low: number, high: number, whole: boolean): number {
  if (!Number.isFinite(value) || value < low || value > high || (whole && !Number.isInteger(value))) throw invalid(`${value} is not ${whole ? `a whole number from ${low} to ${high}` : 'a number that can be sent'}`);
  return value;
}

function invalid(what: string): TandemError {
  return new TandemError('VALUE_INVALID', what);
}


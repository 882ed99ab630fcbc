/** What a schedule says at a local time, and whether a calendar has a day (12.24.4, 12.9.6), from what was written to them. */
import { WireReader, type ObjectId } from './wire.js';

export interface ScheduleContent {
  /** BACnetDateRange */
  readonly effectivePeriod: Buffer;
  /** BACnetDailySchedule, Monday first. */
  readonly weekly: readonly Buffer[];
  /** BACnetSpecialEvent */
  readonly exceptions: readonly Buffer[];
  readonly standard: Buffer;
}

interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** 1 Monday … 7 Sunday. */
  readonly weekday: number;
  readonly length: number;
  readonly ms: number;
}

const ANY = 255;
const ODD_MONTHS = 13;
const EVEN_MONTHS = 14;
const LAST_DAY = 32;
const ODD_DAYS = 33;
const EVEN_DAYS = 34;
const NULL = Buffer.from([0]);

/** The value in force, encoded; undefined outside the effective period. `isToday` tells of a calendar. */
export function valueAt(content: ScheduleContent, localMs: number, isToday: (calendar: ObjectId) => boolean): Buffer | undefined {
  const day = dayOf(localMs);
  if (!inRange(new WireReader(content.effectivePeriod), day)) return undefined;
  const exceptions = content.exceptions.map(exceptionOf).filter(({ period }) => (Buffer.isBuffer(period) ? hasEntry(period, localMs) : isToday(period)));
  // The lower number goes first; of equal ones the one that stands first.
  const inForce = [...exceptions].sort((a, b) => a.priority - b.priority).map(({ values }) => lastOf(values, localMs));
  inForce.push(lastOf(enclosedDay(content.weekly[day.weekday - 1]), localMs));
  return inForce.find((value) => value !== undefined && !value.equals(NULL)) ?? content.standard;
}

/** Whether a BACnetCalendarEntry has the day of `localMs`. */
export function hasEntry(entry: Buffer, localMs: number): boolean {
  const day = dayOf(localMs);
  const reader = new WireReader(entry);
  if (reader.isContext(0)) return matches(reader.contextRaw(0), day);
  if (!reader.isContext(2)) return inRange(new WireReader(reader.enclosed(1)), day);
  const [month = ANY, week = ANY, weekday = ANY] = reader.contextRaw(2);
  const weekFits = week === ANY || (week <= 5 ? Math.ceil(day.day / 7) === week : Math.ceil((day.length - day.day + 1) / 7) === week - 5);
  return monthFits(month, day) && weekFits && (weekday === ANY || weekday === day.weekday);
}

function exceptionOf(raw: Buffer): { readonly period: Buffer | ObjectId; readonly values: Buffer; readonly priority: number } {
  const reader = new WireReader(raw);
  const period = reader.isContext(1) ? reader.contextObject(1) : reader.enclosed(0);
  return { period, values: reader.enclosed(2), priority: reader.contextUnsigned(3) };
}

function enclosedDay(raw: Buffer | undefined): Buffer {
  return raw === undefined ? Buffer.alloc(0) : new WireReader(raw).enclosed(0);
}

/** Of a list of times and values, the value of the latest time that has come today. */
function lastOf(timeValues: Buffer, localMs: number): Buffer | undefined {
  const now = Math.floor((((localMs % 86_400_000) + 86_400_000) % 86_400_000) / 10);
  const reader = new WireReader(timeValues);
  let best: { readonly at: number; readonly value: Buffer } | undefined;
  while (reader.left > 0) {
    const time = reader.value().value;
    const from = timeValues.length - reader.left;
    reader.value();
    if (!Buffer.isBuffer(time)) continue;
    const [hour = 0, minute = 0, second = 0, hundredths = 0] = time.map((octet) => (octet === ANY ? 0 : octet));
    const at = ((hour * 60 + minute) * 60 + second) * 100 + hundredths;
    if (at <= now && (best === undefined || at >= best.at)) best = { at, value: timeValues.subarray(from, timeValues.length - reader.left) };
  }
  return best?.value;
}

/** Two dates, either of which may be open. */
function inRange(reader: WireReader, day: Day): boolean {
  const [from, to] = [boundOf(reader), boundOf(reader)];
  return (from === undefined || from <= day.ms) && (to === undefined || to >= day.ms);
}

function boundOf(reader: WireReader): number | undefined {
  const { value } = reader.value();
  if (!Buffer.isBuffer(value)) return undefined;
  const [year = ANY, month = ANY, day = ANY] = value;
  return year === ANY ? undefined : Date.UTC(1900 + year, month - 1, day);
}

function matches(date: Buffer, of: Day): boolean {
  const [year = ANY, month = ANY, day = ANY, weekday = ANY] = date;
  const dayFits = day === ANY || day === of.day || (day === LAST_DAY && of.day === of.length) || (day === ODD_DAYS && of.day % 2 === 1) || (day === EVEN_DAYS && of.day % 2 === 0);
  return (year === ANY || 1900 + year === of.year) && monthFits(month, of) && dayFits && (weekday === ANY || weekday === of.weekday);
}

function monthFits(month: number, of: Day): boolean {
  return month === ANY || month === of.month || (month === ODD_MONTHS && of.month % 2 === 1) || (month === EVEN_MONTHS && of.month % 2 === 0);
}

function dayOf(localMs: number): Day {
  const date = new Date(localMs);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + 1];
  return { year, month, day: date.getUTCDate(), weekday: date.getUTCDay() || 7, length: new Date(Date.UTC(year, month, 0)).getUTCDate(), ms: Date.UTC(year, month - 1, date.getUTCDate()) };
}

/**
 * Dates, times and time stamps (ANSI/ASHRAE 135 clauses 20.2.12, 20.2.13 and 20.2.1.5). Our own, because the
 * library's dates are local JavaScript dates: they lose what is "any", and the day of the week.
 */
import { malformed, unsignedLength, type Asn1Reader, type Asn1Writer } from './asn1.js';

/** An octet each, 255 for "any"; the year less 1900. */
export interface BacnetDate {
  readonly year: number;
  /** 1 … 12, 13 odd months, 14 even months. */
  readonly month: number;
  /** 1 … 31, 32 the last day, 33 odd days, 34 even days. */
  readonly day: number;
  /** 1 Monday … 7 Sunday. */
  readonly weekday: number;
}

export interface BacnetTime {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly hundredths: number;
}

export interface BacnetDateTime {
  readonly date: BacnetDate;
  readonly time: BacnetTime;
}

export type TimeStamp =
  | { readonly type: 'time'; readonly time: BacnetTime }
  | { readonly type: 'sequence'; readonly number: number }
  | ({ readonly type: 'date-time' } & BacnetDateTime);

export const ANY = 255;
const DATE = 10;
const TIME = 11;

export function dateOf(octets: Uint8Array): BacnetDate {
  const [year, month, day, weekday] = octets;
  if (octets.length !== 4 || year === undefined || month === undefined || day === undefined || weekday === undefined) throw malformed('a date that is not four octets');
  if (!within(month, 1, 14) || !within(day, 1, 34) || !within(weekday, 1, 7)) throw malformed('a date that does not exist');
  return { year, month, day, weekday };
}

export function timeOf(octets: Uint8Array): BacnetTime {
  const [hour, minute, second, hundredths] = octets;
  if (octets.length !== 4 || hour === undefined || minute === undefined || second === undefined || hundredths === undefined) throw malformed('a time that is not four octets');
  if (!within(hour, 0, 23) || !within(minute, 0, 59) || !within(second, 0, 59) || !within(hundredths, 0, 99)) throw malformed('a time that does not exist');
  return { hour, minute, second, hundredths };
}

export function readDate(reader: Asn1Reader): BacnetDate {
  return dateOf(reader.octets(application(reader, DATE)));
}

export function readTime(reader: Asn1Reader): BacnetTime {
  return timeOf(reader.octets(application(reader, TIME)));
}

export function readDateTime(reader: Asn1Reader): BacnetDateTime {
  return { date: readDate(reader), time: readTime(reader) };
}

export function writeDate(writer: Asn1Writer, { year, month, day, weekday }: BacnetDate): void {
  writer.tag(DATE, false, 4).octet(year).octet(month).octet(day).octet(weekday);
}

export function writeTime(writer: Asn1Writer, { hour, minute, second, hundredths }: BacnetTime): void {
  writer.tag(TIME, false, 4).octet(hour).octet(minute).octet(second).octet(hundredths);
}

export function writeDateTime(writer: Asn1Writer, { date, time }: BacnetDateTime): void {
  writeDate(writer, date);
  writeTime(writer, time);
}

/** BACnetTimeStamp: time [0], sequence number [1], date and time [2]. */
export function readTimeStamp(reader: Asn1Reader): TimeStamp {
  if (reader.isContext(0)) return { type: 'time', time: timeOf(reader.octets(reader.context(0))) };
  if (reader.isContext(1)) return { type: 'sequence', number: reader.unsigned(reader.context(1)) };
  reader.context(2, 'opening');
  const stamp: TimeStamp = { type: 'date-time', ...readDateTime(reader) };
  reader.context(2, 'closing');
  return stamp;
}

export function writeTimeStamp(writer: Asn1Writer, stamp: TimeStamp): void {
  switch (stamp.type) {
    case 'time': {
      const { hour, minute, second, hundredths } = stamp.time;
      writer.tag(0, true, 4).octet(hour).octet(minute).octet(second).octet(hundredths);
      return;
    }
    case 'sequence':
      writer.tag(1, true, unsignedLength(stamp.number)).unsigned(stamp.number);
      return;
    case 'date-time':
      writer.opening(2);
      writeDateTime(writer, stamp);
      writer.closing(2);
  }
}

/** True for the stamp of a transition that never happened: all octets "any", or sequence number 0 (clause 12.1.11). */
export function isNever(stamp: TimeStamp): boolean {
  if (stamp.type === 'sequence') return stamp.number === 0;
  if (stamp.type === 'date-time' && !Object.values(stamp.date).every((octet) => octet === ANY)) return false;
  return Object.values(stamp.time).every((octet) => octet === ANY);
}

/** As a text that is equal for equal stamps: `T15:35:00.20`, `#16`, `1998-03-23/1 19:54:27.00`. */
export function stampText(stamp: TimeStamp): string {
  switch (stamp.type) {
    case 'time': return `T${timeText(stamp.time)}`;
    case 'sequence': return `#${stamp.number}`;
    case 'date-time': {
      const { year, month, day, weekday } = stamp.date;
      return `${part(year)}-${part(month)}-${part(day)}/${part(weekday)} ${timeText(stamp.time)}`;
    }
  }
}

/** What {@link stampText} made, as it was. */
export function stampOf(text: string): TimeStamp {
  if (text.startsWith('#')) return { type: 'sequence', number: Number(text.slice(1)) };
  const octets = text.split(/[-/ :.T]/).filter((piece) => piece !== '').map((piece) => (piece === '*' ? ANY : Number(piece)));
  const time = (from: number): BacnetTime => timeOf(Uint8Array.from(octets.slice(from, from + 4)));
  return text.startsWith('T') ? { type: 'time', time: time(0) } : { type: 'date-time', date: dateOf(Uint8Array.from(octets.slice(0, 4))), time: time(4) };
}

function timeText({ hour, minute, second, hundredths }: BacnetTime): string {
  return `${part(hour)}:${part(minute)}:${part(second)}.${part(hundredths)}`;
}

function part(octet: number): string {
  return octet === ANY ? '*' : String(octet);
}

function within(octet: number, low: number, high: number): boolean {
  return octet === ANY || (octet >= low && octet <= high);
}

function application(reader: Asn1Reader, number: number): number {
  const tag = reader.tag();
  if (tag.context || tag.form !== 'primitive' || tag.number !== number) throw malformed(number === DATE ? 'no date where one is due' : 'no time where one is due');
  return tag.length;
}

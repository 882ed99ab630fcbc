import assert from 'node:assert/strict';
import { readHolidays, type ImportedDays } from '../../src/config/index.js';
import { readCalendar } from '../../src/config/calendar-days.js';
import { ProblemList } from '../../src/config/problem-list.js';
import { SourceDocument } from '../../src/config/source-document.js';
import { TandemError } from '../../src/contract/index.js';

const event = (...lines: string[]): string => ['BEGIN:VEVENT', 'UID:u', ...lines, 'END:VEVENT'].join('\n');
const file = (...events: string[]): string => ['BEGIN:VCALENDAR', 'VERSION:2.0', ...events, 'END:VCALENDAR', ''].join('\n').replaceAll('\n', '\r\n');
const read = async (...events: string[]): Promise<ImportedDays> => readHolidays(file(...events), { fromYear: 2026, toYear: 2029 });
const day = (date: string): string => `DTSTART;VALUE=DATE:${date}`;

const refusal = async (text: string): Promise<string> => {
  try {
    await readHolidays(text, { fromYear: 2026, toYear: 2029 });
    return 'taken';
  } catch (error) {
    if (error instanceof TandemError && error.code === 'CALENDAR_INVALID') return error.message;
    throw error;
  }
};

describe('config: holidays of an iCalendar file', () => {
  it('become dates, ranges, and rules of the calendar', async () => {
    const { dates, notes } = await read(
      event(day('20261224'), 'DTEND;VALUE=DATE:20261225', 'SUMMARY:Eve'),
      event(day('20260701'), 'DTEND;VALUE=DATE:20260816', 'SUMMARY:School'),
      event(day('19700101'), 'RRULE:FREQ=YEARLY', 'SUMMARY:New year'),
      event(day('20251003'), 'RRULE:FREQ=YEARLY;BYMONTH=10;BYMONTHDAY=3', 'SUMMARY:Unity'),
      event(day('20260525'), 'RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO', 'SUMMARY:Memorial'),
      event(day('20260921'), 'RRULE:FREQ=YEARLY;BYMONTH=9;BYDAY=-2MO', 'SUMMARY:Before the last'),
      event(day('20261126'), 'RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH', 'SUMMARY:Thanksgiving'),
      event(day('20260405'), 'DURATION:P2D', 'SUMMARY:Easter'),
      event(day('20260405'), 'STATUS:CANCELLED'),
    );
    assert.deepEqual(dates, ['*-01-01', '*-10-03', { month: 5, week: 'last', day: 'Mon' }, { month: 9, week: -2, day: 'Mon' }, { month: 11, week: 4, day: 'Thu' }, { from: '2026-04-05', to: '2026-04-06' }, { from: '2026-07-01', to: '2026-08-15' }, '2026-12-24']);
    assert.deepEqual(notes, []);
    const list = new ProblemList();
    assert.equal(readCalendar('c', { dates }, list.at(new SourceDocument('site.yaml', '')))?.days.length, 8, 'a calendar takes them as they are');
    assert.deepEqual(list.take(), []);
  });

  it('become the single days of the years where no rule says them', async () => {
    const { dates, notes } = await read(
      event(day('20240501'), 'RRULE:FREQ=YEARLY', 'EXDATE;VALUE=DATE:20270501', 'SUMMARY:May'),
      event(day('20250615'), 'RRULE:FREQ=YEARLY;COUNT=3', 'SUMMARY:Thrice'),
      event(day('20240229'), 'RRULE:FREQ=YEARLY;INTERVAL=1;UNTIL=20400101', 'SUMMARY:Leap'),
      event(day('20260131'), 'RRULE:FREQ=MONTHLY;UNTIL=20260601', 'SUMMARY:Stocktaking'),
      event('DTSTART:20260101T080000Z', 'SUMMARY:Meeting'),
    );
    assert.deepEqual(dates, ['2026-01-31', '2026-03-31', '2026-05-01', '2026-05-31', '2026-06-15', '2027-06-15', '2028-02-29', '2028-05-01', '2029-05-01']);
    assert.deepEqual(notes, ['Meeting: left out, it does not take whole days', 'May: its single days up to 2029', 'Leap: its single days up to 2029']);
  });

  it('are moved by an event of their own', async () => {
    const { dates } = await read(event(day('20260601'), 'RRULE:FREQ=YEARLY', 'SUMMARY:Fair'), event(day('20270603'), 'RECURRENCE-ID;VALUE=DATE:20270601', 'SUMMARY:Fair'));
    assert.deepEqual(dates, ['2026-06-01', '2027-06-03', '2028-06-01', '2029-06-01']);
  });

  it('are refused with each thing that is wrong, and nothing is imported', async () => {
    assert.equal(
      await refusal(file(
        event(day('20260230'), 'SUMMARY:A'),
        event(day('20260101'), 'RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', 'SUMMARY:B'),
        event(day('20260105'), 'DTEND;VALUE=DATE:20260102', 'SUMMARY:C'),
        event('SUMMARY:D'),
        event(day('20260101'), 'RRULE:FREQ=SECONDLY', 'SUMMARY:E'),
        event(day('20260601'), 'RRULE:FREQ=YEARLY', 'EXDATE;VALUE=DATE:20261331', 'SUMMARY:F'),
      )),
      'A: 2026-02-30 is no date (DTSTART); C: ends before it begins; D: has no DTSTART; F: 2026-13-31 is no date (EXDATE); B: month 2 has no day 30; E: repeats secondly, which no holiday does',
    );
    const daily = event(day('20260101'), 'RRULE:FREQ=DAILY', 'SUMMARY:G');
    await assert.rejects(readHolidays(file(daily, daily, daily), { fromYear: 2026, toYear: 2027 }, 1_500), { code: 'CALENDAR_INVALID', message: 'its events repeat more than 1500 times' });
    assert.match(await refusal('hello'), /^this is no iCalendar file: /);
    assert.match(await refusal('BEGIN:VCARD\r\nEND:VCARD\r\n'), /no VCALENDAR/);
  });
});

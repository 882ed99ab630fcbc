import { readFileSync } from 'node:fs';
import { readHolidays } from '../config/index.js';
import { TandemError } from '../contract/index.js';
import { askNode } from '../platform/node-http.js';
import { realClock } from '../platform/time.js';
import { parse, type Command } from './command.js';
import { addressOf, NODE_OPTIONS } from './node-address.js';

const YEARS = 10;

export const importCalendar: Command = {
  name: 'ical',
  usage: [['import ical FILE --calendar NAME [--from YEAR] [--to YEAR] [--node FILE | --url URL --token T]', 'holidays of an iCalendar file, as a calendar of a site document or into a running pair']],
  async run(args) {
    const { values, positionals } = parse({ args: [...args], allowPositionals: true, options: { ...NODE_OPTIONS, calendar: { type: 'string' }, from: { type: 'string' }, to: { type: 'string' }, comment: { type: 'string' } } });
    const [file, ...others] = positionals;
    if (file === undefined || others.length > 0 || values.calendar === undefined) throw new TandemError('USAGE', 'tandem import ical FILE --calendar NAME');
    const from = yearOf(values.from, new Date(realClock.wallMs()).getUTCFullYear());
    const to = yearOf(values.to, from + YEARS - 1);
    const text = textOf(file);
    if (values.node === undefined && values.url === undefined) {
      const { dates, notes } = await readHolidays(text, { fromYear: from, toYear: to });
      for (const note of notes) console.error(`${file}: ${note}`);
      // JSON is YAML, and one day a line is what people edit.
      console.log([`calendars:`, `  ${JSON.stringify(values.calendar)}:`, `    dates:`, ...dates.map((day) => `      - ${JSON.stringify(day)}`)].join('\n'));
      return 0;
    }
    const { url, token } = addressOf(values);
    const body = { text, from, to, ...(values.comment === undefined ? {} : { comment: values.comment }) };
    const { dates, notes, applied } = await askNode<{ dates: readonly unknown[]; notes: readonly string[]; applied: { number: number; held: string } }>(`${url}/api/v1/calendars/${encodeURIComponent(values.calendar)}/import`, { method: 'POST', token, body });
    for (const note of notes) console.error(`${file}: ${note}`);
    console.log(`${values.calendar}: ${dates.length} days, configuration ${applied.number}, ${applied.held}`);
    return 0;
  },
};

function yearOf(written: string | undefined, standard: number): number {
  const year = written === undefined ? standard : Number(written);
  if (!Number.isInteger(year) || year < 1970 || year > 2200) throw new TandemError('USAGE', `${written ?? ''} is no year`);
  return year;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new TandemError('USAGE', `cannot read ${file}`, { cause });
  }
}

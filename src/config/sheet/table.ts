import { CsvError, parse, type Info } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import type { DecimalSign, SheetDialect, SheetSeparator } from '../../contract/index.js';
import { guardCell, isNumber, normalized, unguardCell } from './cell.js';

/** A table as text: of the titles and of each row below them. */
export interface Table {
  readonly separator: SheetSeparator;
  readonly titles: readonly string[];
  readonly rows: readonly TableRow[];
}

export interface TableRow {
  /** As a spreadsheet counts it, the titles being 1. */
  readonly row: number;
  readonly cells: readonly string[];
}

/** A text that is no table, with the row where it ceases to be one. */
export class NoTable extends Error {
  constructor(message: string, readonly row: number) {
    super(message);
  }
}

const SEPARATORS: readonly SheetSeparator[] = [';', ',', '\t'];

export function writeTable(rows: Iterable<readonly string[]>, { separator }: SheetDialect): string {
  const guarded = [...rows].map((cells) => cells.map(guardCell));
  // A single line feed does not end a row that ends with two characters, but is quoted all the same for whoever takes it for one.
  return stringify(guarded, { bom: true, delimiter: separator, record_delimiter: 'windows', quoted_match: /[\r\n\t]/ });
}

/** Reads a table by the separator that gives the most titles out of `known` (in lower case). @throws NoTable */
export function readTable(text: string, known: ReadonlySet<string>): Table {
  const named = /^\uFEFF?sep=(.)\r?\n/i.exec(text);
  const body = named === null ? text : text.slice(named[0].length);
  const wished = SEPARATORS.find((separator) => separator === named?.[1]);
  const count = (separator: SheetSeparator): number => recordsOf(body, separator, 1).flat().filter((title) => known.has(normalized(title).toLowerCase())).length;
  const found = SEPARATORS.map((which) => ({ which, titles: count(which) }));
  const most = Math.max(...found.map(({ titles }) => titles));
  const separator = wished ?? found.find(({ titles }) => titles === most)?.which ?? ';';
  const [titles = [], ...rows] = recordsOf(body, separator);
  return { separator, titles: titles.map(normalized), rows: rows.map((cells, index) => ({ row: index + 2, cells: cells.map(unguardCell) })) };
}

/** The sign that the numbers have; undefined where there are both, so that each must be clear by itself. None: as is usual with the separator. */
export function decimalOf(numbers: Iterable<string>, separator: SheetSeparator): DecimalSign | undefined {
  const signs = new Set<DecimalSign>();
  for (const text of numbers) {
    if (!isNumber(text)) continue;
    if (text.includes(',')) signs.add(',');
    if (text.includes('.')) signs.add('.');
  }
  if (signs.size === 0) return separator === ';' ? ',' : '.';
  return signs.size === 1 ? [...signs][0] : undefined;
}

function recordsOf(text: string, delimiter: SheetSeparator, to?: number): string[][] {
  try {
    return parse(text, { bom: true, delimiter, relax_column_count: true, ...(to === undefined ? {} : { to }) });
  } catch (error) {
    // Only the first row is asked for to see what the separator is: with another one it may be no table.
    if (to !== undefined) return [];
    if (error instanceof CsvError) throw new NoTable(`this is not a table: ${error.message}`, recordOf(error) + 1);
    throw error;
  }
}

function recordOf(error: CsvError): number {
  const { records } = error as unknown as Partial<Info>;
  return typeof records === 'number' ? records : 0;
}

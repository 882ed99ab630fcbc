/**
 * Register maps as makers and planners hand them over: one table, exported from a spreadsheet. Read leniently where the meaning is
 * certain, and refused, line by line, where it is not.
 */
import { parse } from 'csv-parse/sync';
import type { CheckedPoint } from '../../src/contract/driver.js';
import { messageOf } from '../../src/contract/errors.js';
import { pollClasses } from '../../src/contract/point.js';
import type { Problems } from '../../src/contract/problems.js';
import { checkPoints } from './clash.js';
import { unitOf } from './device.js';
import { parsePoint } from './point.js';
import { columnOf, isWritable, isWriteOnly, numberOf, orderOf, placeOf, typeOf, type Column } from './register-map-cells.js';
import type { ModbusAddress } from './types.js';

export interface RegisterMapOptions {
  /** The site's name of the device. */
  readonly device: string;
  /** Goes before each point's name. */
  readonly prefix?: string;
  /** What the first register is called where the table has plain numbers beside a column of areas. */
  readonly base?: 0 | 1;
}

export interface LineProblem {
  readonly line: number;
  readonly message: string;
}

export interface RegisterMap {
  /** Blocks of the site document by point name; only to be used when there are no problems. */
  readonly points: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  readonly problems: readonly LineProblem[];
  readonly warnings: readonly LineProblem[];
}

type Row = Partial<Record<Column, string>>;

/** Reads a table with a line of column names. Delimited by `;`, `,` or tabs; decimals with a point or a comma. */
export function readRegisterMap(text: string, options: RegisterMapOptions): RegisterMap {
  const problems: LineProblem[] = [];
  const warnings: LineProblem[] = [];
  const points = new Map<string, Readonly<Record<string, unknown>>>();
  const table = tableOf(text, problems, warnings);
  const device = unitOf({}, { problems: collector(0, problems, warnings) });
  const lines = new Map<string, number>();
  const checked: CheckedPoint<ModbusAddress>[] = [];
  for (const { row, line } of table) {
    const own = collector(line, problems, warnings);
    const before = problems.length;
    const block = blockOf(row, options, own);
    const name = `${options.prefix ?? ''}${row.name ?? ''}`;
    if (row.name === undefined) own.error('CONFIG_INVALID', 'has no name');
    const other = lines.get(name);
    if (row.name !== undefined && other !== undefined) own.error('CONFIG_DUPLICATE', `the name ${name} is that of line ${other} too`);
    else lines.set(name, line);
    if (block === undefined || device === undefined) continue;
    const { at, type, scale, offset, wordOrder, byteOrder } = block;
    const keys = Object.fromEntries(Object.entries({ at, type, scale, offset, wordOrder, byteOrder }).filter(([, value]) => value !== undefined));
    const point = parsePoint(keys, device, { problems: own });
    if (point?.readOnly === true && block.write !== undefined) own.error('CONFIG_ADDRESS', `${String(at)} can only be read`);
    if (point === undefined || problems.length > before) continue;
    checked.push({ ...point, name, problems: own });
    points.set(name, block);
  }
  // How a device changes a bit is not in its map.
  checkPoints({ maskWrite: true }, checked);
  return { points, problems: [...problems].sort((a, b) => a.line - b.line), warnings };
}

function tableOf(text: string, problems: LineProblem[], warnings: LineProblem[]): { row: Row; line: number }[] {
  let records: { record: string[]; info: { lines: number } }[];
  try {
    records = parse(text, { bom: true, info: true, delimiter: delimiterOf(text), relax_column_count: true, skip_empty_lines: true, trim: true }) as unknown as typeof records;
  } catch (error) {
    problems.push({ line: (error as { lines?: number }).lines ?? 1, message: messageOf(error) });
    return [];
  }
  const [head, ...body] = records;
  if (head === undefined) {
    problems.push({ line: 1, message: 'the table is empty' });
    return [];
  }
  const columns = head.record.map(columnOf);
  const ignored = head.record.filter((title, index) => columns[index] === undefined && title !== '');
  if (ignored.length > 0) warnings.push({ line: head.info.lines, message: `columns that say nothing to Tandem: ${ignored.join(', ')}` });
  for (const needed of ['name', 'at'] as const) {
    if (!columns.includes(needed)) problems.push({ line: head.info.lines, message: `there is no column for the ${needed === 'at' ? 'address' : 'name'} (it would be called \`${needed}\`)` });
  }
  const twice = columns.find((column, index) => column !== undefined && columns.indexOf(column) < index);
  if (twice !== undefined) problems.push({ line: head.info.lines, message: `two columns mean \`${twice}\`` });
  if (problems.length > 0) return [];
  return body
    .map(({ record, info }) => {
      const row: Row = {};
      record.forEach((cell, index) => {
        const column = columns[index];
        if (column !== undefined && cell !== '') row[column] = cell;
      });
      return { row, line: info.lines };
    })
    .filter(({ row }) => Object.keys(row).length > 0);
}

/** The one that the line of column names has most of. */
function delimiterOf(text: string): string {
  const head = text.slice(0, text.search(/[\r\n]|$/)).replaceAll(/"[^"]*"/g, '');
  const counts = [';', '\t', ','].map((delimiter) => ({ delimiter, count: head.split(delimiter).length }));
  return counts.reduce((most, each) => (each.count > most.count ? each : most)).delimiter;
}

/** Problems of one line of the table. */
function collector(line: number, problems: LineProblem[], warnings: LineProblem[]): Problems {
  const own: Problems = {
    error: (_code, message, path) => void problems.push({ line, message: path === undefined || path.length === 0 ? message : `${path.join('.')}: ${message}` }),
    warning: (_code, message) => void warnings.push({ line, message }),
    at: () => own,
  };
  return own;
}

/** The block of a point; undefined where its address is not certain. */
function blockOf(row: Row, { device, base }: RegisterMapOptions, problems: Problems): Record<string, unknown> | undefined {
  const place = placeOf(row, base);
  if (place.problem !== undefined) {
    problems.error('CONFIG_ADDRESS', place.problem);
    return undefined;
  }
  const block: Record<string, unknown> = { device, at: place.at };
  const number = (column: Column): void => {
    const text = row[column];
    if (text === undefined) return;
    const value = numberOf(text);
    if (value === undefined) problems.error('CONFIG_INVALID', `${column}: ${text} is no number`);
    else if (!(column === 'scale' && value === 1) && !(column === 'offset' && value === 0)) block[column] = value;
  };
  if (row.type !== undefined) {
    const type = typeOf(row.type, row.length);
    if (type === undefined) problems.error('CONFIG_INVALID', `type: nobody knows what ${row.type} is${row.length === undefined ? '' : ` of length ${row.length}`}`);
    else block.type = type;
  }
  number('scale');
  number('offset');
  if (row.order !== undefined) {
    const order = orderOf(row.order);
    if (order === undefined) problems.error('CONFIG_INVALID', `order: ${row.order} is none of ABCD, CDAB, BADC, DCBA, big and little`);
    else Object.assign(block, order);
  }
  for (const column of ['unit', 'area', 'description'] as const) if (row[column] !== undefined) block[column] = row[column];
  number('cov');
  if (row.poll !== undefined) {
    const poll = pollClasses.find((each) => each === row.poll?.toLowerCase());
    if (poll === undefined) problems.error('CONFIG_INVALID', `poll: ${row.poll} is none of ${pollClasses.join(', ')}`);
    else block.poll = poll;
  }
  if (row.states !== undefined) block.states = row.states.split('|').map((state) => state.replace(/^\s*\d+\s*=/, '').trim());
  const write = writeOf(row, problems);
  if (write !== undefined) block.write = write;
  return block;
}

function writeOf(row: Row, problems: Problems): Record<string, number | true> | true | undefined {
  const writable = row.access === undefined ? row.min !== undefined || row.max !== undefined : isWritable(row.access);
  if (writable === undefined) problems.error('CONFIG_INVALID', `access: ${row.access ?? ''} is neither R nor RW`);
  if (writable !== true) return undefined;
  const limits: Record<string, number | true> = row.access !== undefined && isWriteOnly(row.access) ? { only: true } : {};
  for (const limit of ['min', 'max'] as const) {
    const text = row[limit];
    if (text === undefined) continue;
    const value = numberOf(text);
    if (value === undefined) problems.error('CONFIG_INVALID', `${limit}: ${text} is no number`);
    else limits[limit] = value;
  }
  return Object.keys(limits).length > 0 ? limits : true;
}

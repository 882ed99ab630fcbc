import { isDeepStrictEqual } from 'node:util';
import { columnLetters, type ActivityProgress, type DecimalSign, type DriverModule, type Problem, type SheetCellChange, type SheetChange, type SheetReading, type SheetRequest } from '../../contract/index.js';
import { sectionsOf } from '../compare-documents.js';
import { differencesOf } from '../differences.js';
import { editDefinitions, editEntries, type EntryEdits } from '../edit-definitions.js';
import { suggestion } from '../nearest.js';
import { formatCell, isNumber, normalized, parseCell } from './cell.js';
import { isRecord } from '../schema-check.js';
import type { MadePoint } from '../templates.js';
import { columnsOf, DELETE_TITLE, keyTitles, TEMPLATE_TITLE, type SheetColumn } from './columns.js';
import { edited, valueAt, type CellValue } from './definition.js';
import { definitionsOf, madeOf, type Definitions } from './section.js';
import { decimalOf, NoTable, readTable, type Table, type TableRow } from './table.js';

const YES = new Set(['x', 'yes', 'ja', 'oui', 'si', 'sí', '1', 'delete', 'true', 'wahr', 'vrai', 'vero', 'verdadero']);
const NO = new Set(['', 'no', 'nein', 'non', '0', 'false', 'falsch', 'faux', 'falso']);

/** As a problem names the table, in place of a file. */
export const SHEET_FILE = 'sheet';

/** Rows after which it is said how many have been read. */
const REPORTED_ROWS = 1_000;

/** What a table changes in a site document. Everything that is wrong with it is told at once; the text is then for checking only. */
export function readSheet(text: string, request: SheetRequest, modules: readonly DriverModule[], report: (progress: ActivityProgress) => void = () => undefined): SheetReading {
  return new SheetReader(text, request, modules, report).read();
}

/** A column of the table. */
interface Placed {
  readonly index: number;
  readonly title: string;
  readonly column: SheetColumn;
}

class SheetReader {
  private readonly problems: Problem[] = [];
  private readonly changes: SheetChange[] = [];
  private readonly rows = new Map<string, number>();
  private readonly present: Definitions;
  /** Points that templates make: what the table says of them is written to their entries of `use`. */
  private readonly made: ReadonlyMap<string, MadePoint>;
  private readonly uses: readonly unknown[];
  private readonly changedMade = new Map<string, Readonly<Record<string, unknown>>>();
  private readonly known: readonly SheetColumn[];
  private placed: readonly Placed[] = [];
  private titles: readonly (string | undefined)[] = [];
  private decimal: DecimalSign = '.';
  /** Both signs are there: a number that could be thousands is not clear. */
  private isMixed = false;
  private readonly edits = new Map<string, unknown>();
  /** New entries of a list, behind which of the old ones. */
  private readonly inserted: { readonly after: number; readonly value: unknown; readonly change: number }[] = [];
  private lastEntry = -1;
  private templateColumn = -1;

  constructor(
    private readonly text: string,
    private readonly request: SheetRequest,
    modules: readonly DriverModule[],
    private readonly report: (progress: ActivityProgress) => void,
  ) {
    const document = sectionsOf(text);
    this.present = definitionsOf(document, request.section);
    this.made = madeOf(document, request.section);
    this.uses = Array.isArray(document.use) ? document.use : [];
    this.known = columnsOf(request.section, modules);
  }

  read(): SheetReading {
    const { request, present } = this;
    const table = this.table();
    const key = table === undefined ? undefined : this.columnsOfTable(table);
    if (table === undefined || key === undefined) return this.reading(table, []);
    const marker = table.titles.findIndex((title) => title.toLowerCase() === DELETE_TITLE);
    const total = table.rows.length;
    for (const [done, row] of table.rows.entries()) {
      if (done % REPORTED_ROWS === 0) this.report({ step: 'read-rows', done, total, unit: 'rows' });
      if (row.cells.some((cell) => normalized(cell) !== '')) this.row(row, key, marker);
    }
    this.report({ step: 'write-changes' });
    const missing = [...present.keys()].filter((name) => !this.rows.has(name));
    if (request.missing === 'delete') for (const name of missing) this.remove(name);
    return this.reading(table, request.missing === 'delete' ? [] : missing);
  }

  private reading(table: Table | undefined, missing: readonly string[]): SheetReading {
    const { request, problems, titles, decimal } = this;
    return {
      section: request.section,
      separator: table?.separator ?? ';',
      decimal,
      changes: this.changes,
      missing,
      problems,
      text: this.changedText(),
      places: { titles, rows: this.rows },
    };
  }

  private table(): Table | undefined {
    const known = new Set([keyTitles[this.request.section], DELETE_TITLE, ...this.marks, ...this.known.map(({ title }) => title.toLowerCase())]);
    try {
      return readTable(this.request.sheet, known);
    } catch (error) {
      if (!(error instanceof NoTable)) throw error;
      this.error(error.row, 0, error.message);
      return undefined;
    }
  }

  /** Titles that say something of a row and are no keys. */
  private get marks(): readonly string[] {
    return this.request.section === 'points' ? [TEMPLATE_TITLE] : [];
  }

  /** Gives the column of the key. */
  private columnsOfTable({ titles, rows, separator }: Table): number | undefined {
    const byTitle = new Map(this.known.map((column) => [column.title.toLowerCase(), column]));
    const keyTitle = keyTitles[this.request.section];
    const seen = new Map<string, number>();
    const placed: Placed[] = [];
    for (const [index, title] of titles.entries()) {
      const plain = title.toLowerCase();
      if (plain === '') {
        const used = rows.find(({ cells }) => normalized(cells[index] ?? '') !== '');
        if (used !== undefined) this.warning(used.row, index, 'stands below no title and is left out');
        continue;
      }
      const first = seen.get(plain);
      if (first !== undefined) this.error(1, index, `\`${title}\` is the title of column ${columnLetters(first)}, too`);
      seen.set(plain, index);
      const column = byTitle.get(plain);
      if (column !== undefined && first === undefined) placed.push({ index, title: column.title, column });
      else if (column === undefined && plain !== keyTitle && plain !== DELETE_TITLE && !this.marks.includes(plain)) this.warning(1, index, `a column \`${title}\` means nothing here and is left out${suggestion(title, byTitle.keys())}`);
    }
    this.placed = placed;
    this.templateColumn = this.marks.length === 0 ? -1 : titles.findIndex((title) => title.toLowerCase() === TEMPLATE_TITLE);
    this.titles = titles.map((title) => (title === '' ? undefined : title));
    const key = seen.get(keyTitle);
    if (key === undefined) {
      this.error(1, 0, `has no column \`${keyTitle}\`: is this a table of ${this.request.section}?`);
      return undefined;
    }
    const numbers = placed.filter(({ column }) => column.takesNumbers);
    const found = this.request.decimal ?? decimalOf(rows.flatMap(({ cells }) => numbers.map(({ index }) => normalized(cells[index] ?? ''))), separator);
    this.isMixed = found === undefined;
    this.decimal = found ?? (separator === ';' ? ',' : '.');
    return key;
  }

  private row(row: TableRow, key: number, marker: number): void {
    const isList = this.request.section === 'trends';
    const named = normalized(row.cells[key] ?? '');
    for (const [index, cell] of row.cells.entries()) {
      if (index >= this.titles.length && normalized(cell) !== '') this.error(row.row, index, 'is behind the last title: has a separator slipped into a cell without quotes?');
    }
    if (named === '' && !isList) return this.error(row.row, key, 'has no name');
    if (isList && named !== '' && !(/^\d+$/.test(named) && this.present.has(String(Number(named))))) return this.error(row.row, key, `there is no entry ${named} (they count from 0); leave it empty for a new one, which goes behind the entry of the row above`);
    const name = isList && named !== '' ? String(Number(named)) : named;
    const first = named === '' ? undefined : this.rows.get(name);
    if (first !== undefined) return this.error(row.row, key, `\`${name}\` has row ${first} already`);
    if (named !== '') this.rows.set(name, row.row);
    if (isList && named !== '') this.lastEntry = Number(named);
    const mark = marker < 0 ? '' : normalized(row.cells[marker] ?? '').toLowerCase();
    if (!YES.has(mark) && !NO.has(mark)) return this.error(row.row, marker, `write x to delete, or nothing (found "${mark}")`);
    const made = this.made.get(name);
    const template = normalized(row.cells[this.templateColumn] ?? '');
    if (template !== '' && template !== made?.template) return this.error(row.row, this.templateColumn, `\`${template}\` makes no point \`${name}\`: it is made by an entry of \`use\`, not by a row; empty the cell for a point of its own`);
    if (YES.has(mark) && made !== undefined) return this.error(row.row, marker, `\`${name}\` is made by template \`${made.template}\` (use[${made.entry}]) and cannot be deleted here: change the template, or take the entry out of \`use\``);
    if (YES.has(mark)) {
      if (!this.present.has(name)) return this.error(row.row, marker, `there is no \`${name}\` to delete`);
      return this.remove(name, row.row);
    }
    this.edit(name, row);
  }

  private edit(name: string, row: TableRow): void {
    const made = this.made.get(name);
    const before = made?.definition ?? this.present.get(name);
    const values: CellValue[] = [];
    const changed: CellValue[] = [];
    const cells: SheetCellChange[] = [];
    for (const { index, title, column } of this.placed) {
      const cell = normalized(row.cells[index] ?? '');
      const old = valueAt(before, column);
      const was = formatCell(column, old, this.decimal);
      const value = cell === normalized(was) ? old : this.clear(column, cell, row, index);
      values.push({ column, value });
      if (isDeepStrictEqual(value, old)) continue;
      changed.push({ column, value });
      cells.push({ column: title, from: was, to: cell });
    }
    const { definition, clashes } = edited(before, changed, values);
    for (const { column, message } of clashes) this.error(row.row, this.placed.find((placed) => placed.column === column)?.index ?? 0, message);
    if (definition === before) return;
    if (made !== undefined) {
      this.changedMade.set(name, definition);
      this.changes.push({ name, change: 'changed', row: row.row, cells });
    } else if (before !== undefined) {
      this.edits.set(name, definition);
      this.changes.push({ name, change: 'changed', row: row.row, cells });
    } else if (this.request.section === 'trends') {
      this.inserted.push({ after: this.lastEntry, value: definition, change: this.changes.length });
      this.changes.push({ name, change: 'added', row: row.row, cells });
    } else {
      this.edits.set(name, definition);
      this.changes.push({ name, change: 'added', row: row.row, cells });
    }
  }

  /** What a cell means; a number that might mean another one is complained of. */
  private clear(column: SheetColumn, cell: string, { row }: TableRow, index: number): unknown {
    const value = parseCell(column, cell, this.decimal);
    if (typeof value !== 'number' || !isNumber(cell)) return value;
    const other = this.decimal === ',' ? '.' : ',';
    if (this.request.decimal !== undefined && cell.includes(other)) this.error(row, index, `${cell} has not the decimal sign that was told, \`${this.decimal}\``);
    else if (this.isMixed && /^[+-]?\d{1,3}[.,]\d{3}$/.test(cell)) this.error(row, index, `${cell} could be thousands: the table has decimal commas and points, write it without (or tell the decimal sign)`);
    return value;
  }

  private remove(name: string, row?: number): void {
    this.edits.set(name, undefined);
    this.changes.push({ name, change: 'removed', ...(row === undefined ? {} : { row }), cells: [] });
  }

  private changedText(): string {
    const { text, edits, inserted, request } = this;
    const own = edits.size === 0 && inserted.length === 0 ? text : request.section === 'trends' ? this.changedEntries() : editDefinitions(text, request.section, edits);
    return this.changedMade.size === 0 ? own : editEntries(own, 'use', { changed: this.changedUses(), inserted: [] });
  }

  private changedEntries(): string {
    const { text, edits, inserted, request } = this;
    const entries: EntryEdits = { changed: new Map([...edits].map(([name, value]) => [Number(name), value])), inserted };
    this.nameInserted();
    return editEntries(text, request.section, entries);
  }

  /** Entries of `use` with what is different in their points; what is as the template has it again is no difference. */
  private changedUses(): ReadonlyMap<number, unknown> {
    const uses = new Map<number, Readonly<Record<string, unknown>>>();
    for (const [name, definition] of this.changedMade) {
      const { entry, plain } = this.made.get(name) as MadePoint;
      const { differs, ...use } = uses.get(entry) ?? (this.uses[entry] as Readonly<Record<string, unknown>>);
      const others = Object.fromEntries(Object.entries(isRecord(differs) ? differs : {}).filter(([other]) => other !== name));
      const different = differencesOf(plain, definition);
      const all = different === undefined ? others : { ...others, [name]: different };
      uses.set(entry, Object.keys(all).length === 0 ? use : { ...use, differs: all });
    }
    return uses;
  }

  /** A new entry is named by the place that it gets, and rows by the places that entries get: that is where the check finds them. */
  private nameInserted(): void {
    const isRemoved = (index: number): boolean => this.edits.has(String(index)) && this.edits.get(String(index)) === undefined;
    let place = 0;
    const rows = new Map<string, number>();
    const insert = (after: number): void => {
      for (const { change } of this.inserted.filter((entry) => entry.after === after)) {
        const { row, ...rest } = this.changes[change] as SheetChange;
        this.changes[change] = { ...rest, name: String(place), ...(row === undefined ? {} : { row }) };
        rows.set(String(place++), row ?? 1);
      }
    };
    insert(-1);
    for (let index = 0; index < this.present.size; index++) {
      const row = this.rows.get(String(index));
      if (!isRemoved(index)) {
        if (row !== undefined) rows.set(String(place), row);
        place++;
      }
      insert(index);
    }
    this.rows.clear();
    for (const [name, row] of rows) this.rows.set(name, row);
  }

  private error(row: number, index: number, message: string): void {
    this.note('error', row, index, message);
  }

  private warning(row: number, index: number, message: string): void {
    this.note('warning', row, index, message);
  }

  private note(severity: Problem['severity'], row: number, index: number, message: string): void {
    const title = this.titles[index];
    this.problems.push({ code: 'SHEET_INVALID', message, file: SHEET_FILE, line: row, column: index + 1, path: `${columnLetters(index)}${row}${title === undefined || row === 1 ? '' : ` ${title}`}`, severity });
  }
}

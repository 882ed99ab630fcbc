import type { Problem } from './problems.js';

/** Sections of the site document that go out to a spreadsheet and come back. */
export const sheetSections = ['points', 'alarms', 'trends'] as const;
export type SheetSection = (typeof sheetSections)[number];

export type SheetSeparator = ';' | ',' | '\t';
export type DecimalSign = '.' | ',';

/** How a table is written. */
export interface SheetDialect {
  readonly separator: SheetSeparator;
  readonly decimal: DecimalSign;
}

export interface SheetOptions {
  /** Where left out it is taken from the numbers in the table. */
  readonly decimal?: DecimalSign | undefined;
  /** What becomes of definitions that have no row. */
  readonly missing: 'keep' | 'delete';
}

/** A table that an integrator has edited, and the section that it is of. */
export interface SheetRequest extends SheetOptions {
  readonly section: SheetSection;
  /** The table as text, with or without a byte-order mark. */
  readonly sheet: string;
}

/** One cell that says something else than the configuration; both as the table writes them, empty for unset. */
export interface SheetCellChange {
  readonly column: string;
  readonly from: string;
  readonly to: string;
}

export interface SheetChange {
  /** Of a trend: its place in the list, from 0; of a new one the place that it gets. */
  readonly name: string;
  readonly change: 'added' | 'changed' | 'removed';
  /** Row as a spreadsheet counts it, the titles being 1; absent for what was removed for want of a row. */
  readonly row?: number;
  readonly cells: readonly SheetCellChange[];
}

/** What a table would change in the configuration in force. */
export interface SheetDiff {
  readonly section: SheetSection;
  readonly separator: SheetSeparator;
  readonly decimal: DecimalSign;
  readonly changes: readonly SheetChange[];
  /** Definitions without a row, which stay as they are. */
  readonly missing: readonly string[];
  /** `line` is the row as a spreadsheet counts it, `column` the column from 1, `path` the cell with its title: `D12 high`. */
  readonly problems: readonly Problem[];
  /** Whether it could be applied. */
  readonly ok: boolean;
}

/** A {@link SheetDiff} before the document that follows from it is checked, with that document. */
export interface SheetReading extends Omit<SheetDiff, 'ok'> {
  /** The site document as it would be; as it is where nothing differs. */
  readonly text: string;
  /** Where each definition stands in the table, to place what the check of the document finds. */
  readonly places: SheetPlaces;
}

export interface SheetPlaces {
  /** Titles by column, from 0; undefined for columns without meaning. */
  readonly titles: readonly (string | undefined)[];
  /** Row by definition, named as in `changes`. */
  readonly rows: ReadonlyMap<string, number>;
}

/** `A`, …, `Z`, `AA`: a column, counted from 0, as spreadsheets name it. */
export function columnLetters(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : columnLetters(Math.floor(index / 26) - 1) + letter;
}

import type { ActivityProgress, DriverModule, SheetDialect, SheetSection } from '../../contract/index.js';
import { sectionsOf } from '../compare-documents.js';
import { formatCell } from './cell.js';
import { columnsOf, DELETE_TITLE, keyTitles } from './columns.js';
import { valueAt } from './definition.js';
import { definitionsOf } from './section.js';
import { writeTable } from './table.js';

/** Rows after which it is said how many have been made. */
const REPORTED_ROWS = 1_000;

/**
 * A section of a site document as a table: a row for each definition that is written there, with a byte-order mark, and an
 * empty column in which rows can be marked for removal. Points that templates make have no row.
 */
export function writeSheet(text: string, section: SheetSection, dialect: SheetDialect, modules: readonly DriverModule[], report: (progress: ActivityProgress) => void = () => undefined): string {
  const document = sectionsOf(text);
  const columns = columnsOf(section, modules, document);
  const definitions = [...definitionsOf(document, section)];
  const total = definitions.length;
  const rows = definitions.map(([name, definition], done) => {
    if (done % REPORTED_ROWS === 0) report({ step: 'write-rows', done, total, unit: 'rows' });
    return [name, ...columns.map((column) => formatCell(column, valueAt(definition, column), dialect.decimal)), ''];
  });
  return writeTable([[keyTitles[section], ...columns.map(({ title }) => title), DELETE_TITLE], ...rows], dialect);
}

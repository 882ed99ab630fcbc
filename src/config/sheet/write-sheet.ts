import type { DriverModule, SheetDialect, SheetSection } from '../../contract/index.js';
import { sectionsOf } from '../compare-documents.js';
import { formatCell } from './cell.js';
import { columnsOf, DELETE_TITLE, keyTitles } from './columns.js';
import { valueAt } from './definition.js';
import { definitionsOf } from './section.js';
import { writeTable } from './table.js';

/**
 * A section of a site document as a table: a row for each definition that is written there, with a byte-order mark, and an
 * empty column in which rows can be marked for removal. Points that templates make have no row.
 */
export function writeSheet(text: string, section: SheetSection, dialect: SheetDialect, modules: readonly DriverModule[]): string {
  const document = sectionsOf(text);
  const columns = columnsOf(section, modules, document);
  const rows = [...definitionsOf(document, section)].map(([name, definition]) => [name, ...columns.map((column) => formatCell(column, valueAt(definition, column), dialect.decimal)), '']);
  return writeTable([[keyTitles[section], ...columns.map(({ title }) => title), DELETE_TITLE], ...rows], dialect);
}

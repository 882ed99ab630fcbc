import type { ActivityProgress, DriverModule, SheetDialect, SheetSection } from '../../contract/index.js';
import { sectionsOf } from '../compare-documents.js';
import { formatCell } from './cell.js';
import { columnsOf, DELETE_TITLE, keyTitles, TEMPLATE_TITLE } from './columns.js';
import { valueAt } from './definition.js';
import { definitionsOf, madeOf } from './section.js';
import { writeTable } from './table.js';

/** Rows after which it is said how many have been made. */
const REPORTED_ROWS = 1_000;

/**
 * A section of a site document as a table: a row for each definition, those that templates make behind the others with the name of
 * their template, with a byte-order mark, and an empty column in which rows can be marked for removal.
 */
export function writeSheet(text: string, section: SheetSection, dialect: SheetDialect, modules: readonly DriverModule[], report: (progress: ActivityProgress) => void = () => undefined): string {
  const document = sectionsOf(text);
  const columns = columnsOf(section, modules, document);
  const made = madeOf(document, section);
  const definitions = [...definitionsOf(document, section), ...[...made].map(([name, { definition }]) => [name, definition] as const)];
  const total = definitions.length;
  const rows = definitions.map(([name, definition], done) => {
    if (done % REPORTED_ROWS === 0) report({ step: 'write-rows', done, total, unit: 'rows' });
    return [name, ...(made.size === 0 ? [] : [made.get(name)?.template ?? '']), ...columns.map((column) => formatCell(column, valueAt(definition, column), dialect.decimal)), ''];
  });
  return writeTable([[keyTitles[section], ...(made.size === 0 ? [] : [TEMPLATE_TITLE]), ...columns.map(({ title }) => title), DELETE_TITLE], ...rows], dialect);
}

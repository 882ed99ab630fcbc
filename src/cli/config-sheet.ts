import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { isTandemError, messageOf, sheetSections, spreadsheetText, TandemError, type ConfigurationDocument, type ConfigurationInfo, type Problem, type SheetDiff } from '../contract/index.js';
import { askNode, askNodeText } from '../platform/node-http.js';
import { formatProblem } from '../config/index.js';
import { parse } from './command.js';
import { addressOf, NODE_OPTIONS } from './node-address.js';

/** Of `tandem config`. */
export const sheetUsage: readonly (readonly [string, string])[] = [
  ['config sheet export points|alarms|trends FILE [--separator ";"|,|tab] [--decimal ,|.] --node FILE | --url URL --token T', 'a section as a table for spreadsheets'],
  ['config sheet diff points|alarms|trends FILE [--decimal ,|.] [--delete-missing] --node FILE | --url URL --token T', 'what an edited table would change, and what is wrong with it'],
  ['config sheet import points|alarms|trends FILE [--decimal ,|.] [--delete-missing] [--comment TEXT] --node FILE | --url URL --token T', 'put what it changes into force on both nodes'],
];

/** `tandem config sheet …`: points, alarms and trends in a spreadsheet, there and back. */
export async function configSheet(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse({
    args: [...args],
    allowPositionals: true,
    options: { ...NODE_OPTIONS, comment: { type: 'string', default: '' }, separator: { type: 'string' }, decimal: { type: 'string' }, 'delete-missing': { type: 'boolean', default: false } },
  });
  const [verb = '', section = '', file] = positionals;
  if (!['export', 'diff', 'import'].includes(verb)) throw new TandemError('USAGE', 'tandem config sheet export, diff or import');
  if (!(sheetSections as readonly string[]).includes(section)) throw new TandemError('USAGE', `tandem config sheet ${verb} needs a section: ${sheetSections.join(', ')}`);
  if (file === undefined) throw new TandemError('USAGE', `tandem config sheet ${verb} ${section} needs a file`);
  if (values.decimal !== undefined && values.decimal !== ',' && values.decimal !== '.') throw new TandemError('USAGE', `--decimal is , or . and not ${values.decimal}`);
  if (values.separator !== undefined && ![';', ',', 'tab'].includes(values.separator)) throw new TandemError('USAGE', `--separator is ";", , or tab and not ${values.separator}`);
  const { url, token } = addressOf(values);
  const api = `${url}/api/v1/configuration`;
  const path = `${api}/sheets/${section}`;
  if (verb === 'export') {
    const query = new URLSearchParams({ ...(values.separator === undefined ? {} : { separator: values.separator }), ...(values.decimal === undefined ? {} : { decimal: values.decimal }) });
    // Spreadsheets take a text without a mark for their country's code page.
    writeFileSync(file, `\uFEFF${await askNodeText(`${path}?${String(query)}`, { token })}`);
    return 0;
  }
  const body = { sheet: textOf(file), missing: values['delete-missing'] ? 'delete' : 'keep', ...(values.decimal === undefined ? {} : { decimal: values.decimal }) };
  if (verb === 'diff') return show(await askNode<SheetDiff>(`${path}/diff`, { method: 'POST', token, body }), file) ? 0 : 2;
  const { revision: expected } = await askNode<ConfigurationDocument>(api, { token });
  try {
    const { diff, applied } = await askNode<{ diff: SheetDiff; applied?: ConfigurationInfo & { held: string } }>(path, { method: 'PUT', token, body: { ...body, expected, comment: values.comment, file: basename(file) } });
    show(diff, file);
    console.log(applied === undefined ? 'nothing differs: the configuration stays as it is' : `configuration ${applied.number} (${applied.revision}) is in force, ${applied.held === 'protected' ? 'on both nodes' : 'on this node alone: the other one takes it when it comes back'}`);
    return 0;
  } catch (error) {
    if (!isTandemError(error, 'CONFIG_REFUSED')) throw error;
    console.error(`${error.code}: ${messageOf(error)}`);
    printProblems(error.details.problems as readonly Problem[] | undefined, file);
    return 2;
  }
}

function show({ changes, missing, problems, ok, section }: SheetDiff, file: string): boolean {
  for (const { name, change, row, cells } of changes) {
    console.log(`${change}: ${section} ${name}${row === undefined ? '' : ` (row ${row})`}`);
    for (const { column, from, to } of cells) console.log(`    ${column}: ${from === '' ? '(empty)' : from} -> ${to === '' ? '(empty)' : to}`);
  }
  if (missing.length > 0) console.log(`${missing.length} without a row, which stay (--delete-missing removes them): ${missing.slice(0, 10).join(', ')}${missing.length > 10 ? ', …' : ''}`);
  if (changes.length === 0 && problems.length === 0) console.log('no difference');
  printProblems(problems, file);
  return ok;
}

/** Rows and columns are those of the table; what is wrong elsewhere says where in the document. */
function printProblems(problems: readonly Problem[] | undefined, file: string): void {
  for (const problem of problems ?? []) console.error(formatProblem(problem.file === 'sheet' ? { ...problem, file } : problem));
}

function textOf(file: string): string {
  try {
    return spreadsheetText(readFileSync(file));
  } catch (cause) {
    throw new TandemError('CONFIG_FILE', `${file} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

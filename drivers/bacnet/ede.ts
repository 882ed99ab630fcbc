/**
 * EDE files (Engineering Data Exchange, BACnet Interest Group Europe, layout 2): one CSV with a row for each
 * object, one with the state texts that rows refer to. Read leniently, because every tool writes them its own way.
 */
import { TandemError } from '../../src/contract/index.js';
import type { FoundObject, KnownDevice } from './discover.js';
import { objectKindOf } from './object-types.js';

export interface EdeFiles {
  readonly ede: string;
  readonly stateTexts: string;
}

const COLUMNS = [
  'keyname', 'device obj.-instance', 'object-name', 'object-type', 'object-instance', 'description', 'present-value-default', 'min-present-value', 'max-present-value',
  'settable', 'supports COV', 'hi-limit', 'low-limit', 'state-text-reference', 'unit-code', 'vendor-specific-address',
] as const;
const DEVICE = 8;

export function exportEde(devices: readonly KnownDevice[], project: string, author: string, timeMs: number): EdeFiles {
  const references = new Map<string, number>();
  const rows = devices.flatMap(({ instance, name, objects }) => [
    [name, instance, name, DEVICE, instance, '', '', '', '', 'N', 'N', '', '', '', '', ''],
    ...objects.map(({ object, name: own, description = '', commandable, states, units }) => {
      const texts = states?.map(quoted).join(';');
      if (texts !== undefined && !references.has(texts)) references.set(texts, references.size + 1);
      const reference = texts === undefined ? '' : references.get(texts) ?? '';
      return [`${name}.${own}`, instance, own, object.type, object.instance, description, '', '', '', commandable ? 'Y' : 'N', '', '', '', reference, units ?? '', ''];
    }),
  ]);
  const head = [
    ['# Proposal_Engineering-Data-Exchange - B.I.G.-EU'], ['PROJECT_NAME', project], ['VERSION_OF_REFERENCEFILE', 1],
    ['TIMESTAMP_OF_LAST_CHANGE', new Date(timeMs).toISOString().slice(0, 10)], ['AUTHOR_OF_LAST_CHANGE', author], ['VERSION_OF_LAYOUT', '2.3'],
  ];
  const most = Math.max(2, ...[...references.keys()].map((texts) => texts.split(';').length));
  return {
    ede: [...head.map(line), `# ${COLUMNS.join(';')}`, ...rows.map(line), ''].join('\r\n'),
    stateTexts: ['# State Text Reference', `# Reference Number;${Array.from({ length: most }, (_, n) => `Text ${n + 1}`).join(';')}`, ...[...references].map(([texts, number]) => `${number};${texts}`), ''].join('\r\n'),
  };
}

/** Throws CONFIG_SYNTAX, with the line, for rows that say nothing usable. Objects that cannot be points are left out. */
export function importEde({ ede, stateTexts }: EdeFiles): KnownDevice[] {
  const texts = new Map(records(stateTexts).filter(({ cells }) => /^\d+$/.test(cells[0] ?? '')).map(({ cells: [number = '', ...states] }) => [number, withoutTail(states)]));
  const all = records(ede);
  const start = all.findIndex(({ cells }) => /^#?\s*keyname$/i.test(cells[0] ?? ''));
  if (start < 0) throw new TandemError('CONFIG_SYNTAX', 'this is no EDE file: the line of column names that begins with "# keyname" is missing');
  const columns = all[start]?.cells.map((cell) => cell.replace(/^#\s*/, '').toLowerCase()) ?? [];
  const placeOf = new Map(COLUMNS.map((column) => [column, columns.indexOf(column.toLowerCase())]));
  const devices = new Map<number, { name: string | undefined; objects: FoundObject[] }>();
  for (const { cells, number } of all.slice(start + 1)) {
    if (cells[0]?.startsWith('#') === true || cells.every((cell) => cell === '')) continue;
    const cell = (column: (typeof COLUMNS)[number]): string => cells[placeOf.get(column) ?? -1] ?? '';
    const [instance, type, own] = [cell('device obj.-instance'), cell('object-type'), cell('object-instance')].map((text) => (/^\d{1,7}$/.test(text) ? Number(text) : undefined));
    if (instance === undefined || type === undefined || own === undefined) throw new TandemError('CONFIG_SYNTAX', `line ${number} of the EDE file has no device instance, object type or object instance`);
    const device = devices.get(instance) ?? { name: undefined, objects: [] };
    devices.set(instance, device);
    const kind = objectKindOf(type);
    if (type === DEVICE) device.name = cell('object-name');
    if (kind === undefined) continue;
    const states = texts.get(cell('state-text-reference'));
    device.objects.push({
      object: { type, instance: own }, name: cell('object-name'), commandable: kind.commandable === 'always' || (kind.commandable === 'maybe' && /^y/i.test(cell('settable'))),
      ...(cell('description') !== '' && { description: cell('description') }),
      ...(/^\d+$/.test(cell('unit-code')) && { units: Number(cell('unit-code')) }),
      ...(states !== undefined && { states }),
    });
  }
  return [...devices].map(([instance, { name, objects }]) => ({ instance, name: name ?? `device-${instance}`, objects, problems: [] }));
}

function line(cells: readonly (string | number)[]): string {
  return cells.map((cell) => quoted(String(cell))).join(';');
}

function quoted(text: string): string {
  return /[;"\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Records of a CSV with semicolons (commas, where a tool wrote those), with the number of their first line. */
function records(csv: string): { cells: string[]; number: number }[] {
  const separator = csv.includes(';') ? ';' : ',';
  const found: { cells: string[]; number: number }[] = [];
  const text = csv.replace(/^\uFEFF/, '');
  if (!text.includes('"')) {
    // As most tools write them: ten times as fast.
    const lines = text.replaceAll('\r', '').split('\n');
    if (lines.at(-1) === '') lines.pop();
    return lines.map((one, at) => ({ cells: one.split(separator).map((cell) => cell.trim()), number: at + 1 }));
  }
  let [cells, cell, inQuotes, number, first] = [[] as string[], '', false, 1, 1];
  const end = (): void => {
    cells.push(cell.trim());
    found.push({ cells, number: first });
    [cells, cell, first] = [[], '', number];
  };
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '\n') number++;
    if (inQuotes) {
      if (char !== '"') cell += char;
      else if (text.charAt(at + 1) === '"') cell += text.charAt(++at);
      else inQuotes = false;
    } else if (char === '"') {
      inQuotes = true;
    } else if (char === separator) {
      cells.push(cell.trim());
      cell = '';
    } else if (char === '\n') {
      end();
    } else if (char !== '\r') {
      cell += char;
    }
  }
  if (cell !== '' || cells.length > 0) end();
  return found;
}

function withoutTail(states: readonly string[]): string[] {
  return states.slice(0, states.findLastIndex((state) => state !== '') + 1);
}

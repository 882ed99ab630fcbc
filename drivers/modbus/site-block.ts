/** What was found, as blocks of a site document. */
import { stringify } from 'yaml';
import type { DiscoverWay, FoundUnit } from './discover.js';
import type { Area } from './pdu.js';

const areaNames: Readonly<Record<Area, string>> = { hr: 'holding registers', ir: 'input registers', co: 'coils', di: 'discrete inputs' };

/** As many units that all answer alike are one device that does not look at the number. */
const MANY = 32;

export interface BlockOptions {
  readonly line?: string;
  /** The site document has the line already. */
  readonly lineIsThere?: boolean;
  /** Names that are not given again. */
  readonly taken?: Iterable<string>;
}

/** `lines` where there is one, and a `devices` entry for each unit, with what it answered to as comments. */
export function siteBlocks(found: readonly FoundUnit[], way: DiscoverWay, { line = 'modbus-line', lineIsThere = false, taken = [] }: BlockOptions = {}): string {
  const text: string[] = [];
  const names = new Set(taken);
  if (way.kind === 'serial' && !lineIsThere) {
    const { path, baud, parity, stopBits, dataBits } = way.target;
    text.push('lines:', `  ${line}: ${flow({ kind: 'modbus-rtu', baud, parity, stopBits, dataBits, ...framing(way) })}`);
    text.push(`  # node document: lines: {${line}: {port: ${path}}}`, '');
  }
  text.push('devices:');
  if (way.kind === 'tcp' && found.length >= MANY) text.push('  # So many units: the device may not look at the unit number, and be one.');
  for (const { unit, areas, identification, problems } of found) {
    const about = identification.map(({ name, value }) => `${name} ${value}`).join(', ');
    for (const note of [about, areasText({ areas }), ...problems].filter((each) => each !== '')) text.push(`  # ${note.replaceAll(/\p{Cc}+/gu, ' ')}`);
    text.push(`  ${freeName(`unit-${unit}`, names)}: ${flow(deviceOf(way, unit, line))}`);
  }
  return [...text, ''].join('\n');
}

/** What each area answered. */
export function areasText({ areas }: Pick<FoundUnit, 'areas'>): string {
  return (Object.keys(areaNames) as Area[]).map((area) => `${areaNames[area]} ${areas[area]}`).join('; ');
}

/** A `devices` entry. */
export function deviceBlock(name: string, way: DiscoverWay, unit: number, line: string): string {
  return `devices:\n  ${stringify(name, { lineWidth: 0 }).trim()}: ${flow(deviceOf(way, unit, line))}\n`;
}

function freeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let number = 2; taken.has(free); number++) free = `${name}-${number}`;
  taken.add(free);
  return free;
}

/** A `points` entry for each block. */
export function pointBlocks(points: ReadonlyMap<string, object>): string {
  return ['points:', ...Array.from(points, ([name, block]) => `  ${stringify(name, { lineWidth: 0 }).trim()}: ${flow(block)}`), ''].join('\n');
}

function deviceOf(way: DiscoverWay, unit: number, line: string): object {
  switch (way.kind) {
    case 'tcp':
      return { driver: 'modbus-tcp', host: way.host, port: way.port, unit };
    case 'rtu-tcp':
      return { driver: 'modbus-rtu-tcp', host: way.host, port: way.port, unit, ...framing(way) };
    case 'serial':
      return { driver: 'modbus-rtu', line, unit };
  }
}

function framing(way: Extract<DiscoverWay, { framing: string }>): object {
  return way.framing === 'rtu' ? {} : { framing: way.framing };
}

function flow(block: object): string {
  return stringify(block, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: false }).trim();
}

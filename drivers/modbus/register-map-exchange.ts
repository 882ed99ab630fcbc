/** Register maps (CSV) as files of the discovery: points of a device of the site, or of one that is made for them. */
import { z } from 'zod';
import type { DiscoveredDevice, DiscoveredObject, DiscoveryExchange, ExchangeFile } from '../../src/contract/discovery.js';
import { TandemError } from '../../src/contract/errors.js';
import type { DiscoverWay } from './discover.js';
import type { ModbusKind } from './discovery.js';
import type { LineProblem } from './register-map.js';
import { deviceBlock, pointBlocks } from './site-block.js';

const importShape = {
  /** A device of the site; with `unit`, a new one. */
  device: z.string().min(1).max(60),
  unit: z.int().min(0).max(255).optional(),
  host: z.string().min(1).max(253).optional(),
  port: z.int().min(1).max(65_535).optional(),
  framing: z.enum(['rtu', 'ascii']).optional(),
  /** Goes before each point's name. */
  prefix: z.string().max(60).optional(),
  /** What the first register is called where the table has plain numbers. */
  base: z.literal([0, 1]).optional(),
};

/** Problems that are named: a table of the wrong kind has one in each line. */
const MOST_NAMED = 20;
/** A port says nothing of the way on a line that the site has: only the names of it are written. */
const SOMEWHERE = { path: '', baud: 9_600, parity: 'even', stopBits: 1, dataBits: 8 } as const;

interface MapDetail {
  readonly device: string;
  readonly points: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** Of a device that is not there yet. */
  readonly fresh?: { readonly way: DiscoverWay; readonly unit: number };
}

export function registerMapExchange(kind: ModbusKind): DiscoveryExchange {
  return { format: 'register-map', importShape, import: (files, options) => importMap(kind, files, options) };
}

export function isMapped(detail: unknown): detail is MapDetail {
  return typeof detail === 'object' && detail !== null && 'points' in detail;
}

export function blocksOfMap(found: readonly DiscoveredDevice[], line: string): string {
  return found
    .flatMap(({ detail }) => (isMapped(detail) ? [detail] : []))
    .map(({ device, points, fresh }) => [...(fresh === undefined ? [] : [deviceBlock(device, fresh.way, fresh.unit, line)]), pointBlocks(points)].join('\n'))
    .join('\n');
}

async function importMap(kind: ModbusKind, files: readonly ExchangeFile[], options: Readonly<Record<string, unknown>>): Promise<readonly DiscoveredDevice[]> {
  const [file, ...others] = files;
  if (file === undefined || others.length > 0) throw new TandemError('CONFIG_SYNTAX', 'give one register map at a time');
  const { device, unit, host, port, framing = 'rtu', prefix, base } = z.object(importShape).parse(options);
  if (unit !== undefined && kind !== 'modbus-rtu' && host === undefined) throw new TandemError('CONFIG_INVALID', 'host: a new device needs it');
  // Loaded when asked for: a gateway starts faster without.
  const { readRegisterMap } = await import('./register-map.js');
  const { points, problems, warnings } = readRegisterMap(file.text, { device, ...(prefix !== undefined && { prefix }), ...(base !== undefined && { base }) });
  if (problems.length > 0) throw new TandemError('CONFIG_SYNTAX', textOf(file.name, problems));
  const way = (): DiscoverWay => {
    if (kind === 'modbus-rtu') return { kind: 'serial', framing, target: SOMEWHERE };
    return kind === 'modbus-tcp' ? { kind: 'tcp', host: host ?? '', port: port ?? 502 } : { kind: 'rtu-tcp', host: host ?? '', port: port ?? 502, framing };
  };
  return [{
    id: device, name: device, address: '', objects: [...points].map(objectOf), problems: warnings.map(({ line, message }) => `line ${line}: ${message}`),
    detail: { device, points, ...(unit !== undefined && { fresh: { way: way(), unit } }) } satisfies MapDetail,
  }];
}

function objectOf([name, block]: readonly [string, Readonly<Record<string, unknown>>]): DiscoveredObject {
  const text = (key: string): string | undefined => (typeof block[key] === 'string' ? block[key] : undefined);
  const [description, unit] = [text('description'), text('unit')];
  return { name, address: text('at') ?? '', commandable: block.write !== undefined, ...(description !== undefined && { description }), ...(unit !== undefined && { unit }) };
}

function textOf(name: string, problems: readonly LineProblem[]): string {
  const named = problems.slice(0, MOST_NAMED).map(({ line, message }) => `line ${line}: ${message}`).join('; ');
  return `${name}: ${named}${problems.length > MOST_NAMED ? `; and ${problems.length - MOST_NAMED} more` : ''}`;
}

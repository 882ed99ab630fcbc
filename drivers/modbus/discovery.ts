/** Discovery as the console asks for it: the units of a device, a gateway or a line, and register maps. */
import { z } from 'zod';
import type { DriverHost } from '../../src/contract/driver.js';
import type { DiscoveredDevice, DiscoveryEvent, DiscoveryRequest, DriverDiscovery } from '../../src/contract/discovery.js';
import { durationMs } from '../../src/contract/duration.js';
import { isTandemError, TandemError } from '../../src/contract/errors.js';
import { Bus } from './bus.js';
import { lineWay } from './bus-device.js';
import { serialBus, tcpBus } from './bus-settings.js';
import { channelOf, parseUnits, searchUnits, type DiscoverWay, type FoundUnit } from './discover.js';
import { blocksOfMap, isMapped, registerMapExchange } from './register-map-exchange.js';
import { areasText, siteBlocks } from './site-block.js';
import type { Channel } from './unit-link.js';

export type ModbusKind = 'modbus-tcp' | 'modbus-rtu-tcp' | 'modbus-rtu';

/** Bytes have 8 bits on TCP, where 0 and 248 to 255 are legal units too. */
const MOST_UNIT = { tcp: 255, bus: 247 };
const TIMEOUT_MS = 300;

const searchShape = {
  /** `1-32,40`: those that are asked. */
  units: z.string().max(200).optional(),
  /** For each answer. */
  timeout: durationMs.optional(),
  /** Also asks what each unit is; some devices hang on the question. */
  identify: z.boolean().optional(),
};
const hostShape = { host: z.string().min(1).max(253), port: z.int().min(1).max(65_535) };
const shapes = {
  'modbus-tcp': { ...searchShape, ...hostShape, port: hostShape.port.default(502) },
  'modbus-rtu-tcp': { ...searchShape, ...hostShape, framing: z.enum(['rtu', 'ascii']).default('rtu') },
  'modbus-rtu': searchShape,
} as const;

/** What was found, and how to get there. */
interface Detail {
  readonly unit: FoundUnit;
  readonly way: DiscoverWay;
}

export function modbusDiscovery(kind: ModbusKind): DriverDiscovery {
  return {
    shape: shapes[kind],
    run: (host, request) => run(host, kind, request),
    exchange: registerMapExchange(kind),
    blocks: (found, line, takenNames) => {
      const units = found.flatMap(({ detail }) => (isMapped(detail) ? [] : [detail as Detail]));
      const way = units[0]?.way;
      return way === undefined ? blocksOfMap(found, line) : siteBlocks(units.map(({ unit }) => unit), way, { line, lineIsThere: true, taken: takenNames });
    },
  };
}

async function* run(host: DriverHost, kind: ModbusKind, request: DiscoveryRequest): AsyncGenerator<DiscoveryEvent> {
  const way = wayOf(kind, request);
  const { units: text, timeout, identify } = optionsOf(searchShape, request);
  const units = unitsIn(text ?? '1-247', way);
  let done = 0;
  for await (const step of searchUnits(() => sharedChannel(host, way), { units, timeoutMs: timeout ?? TIMEOUT_MS, identify: identify ?? false })) {
    if (typeof step === 'number') yield { kind: 'progress', done: done++, total: units.length, text: `asking unit ${step}` };
    else yield { kind: 'device', device: deviceOf(step, way) };
  }
  yield { kind: 'progress', done: units.length, total: units.length, text: 'asked all units' };
}

function wayOf(kind: ModbusKind, request: DiscoveryRequest): DiscoverWay {
  switch (kind) {
    case 'modbus-tcp':
      return { kind: 'tcp', ...optionsOf({ host: hostShape.host, port: shapes[kind].port }, request) };
    case 'modbus-rtu-tcp':
      return { kind: 'rtu-tcp', ...optionsOf({ ...hostShape, framing: shapes[kind].framing }, request) };
    case 'modbus-rtu':
      return lineWay(request.line, request.plug);
  }
}

function optionsOf<Shape extends z.ZodRawShape>(shape: Shape, { options }: DiscoveryRequest): z.infer<z.ZodObject<Shape>> {
  const parsed = z.object(shape).safeParse(options);
  if (parsed.success) return parsed.data;
  throw new TandemError('CONFIG_INVALID', parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join(', '));
}

function unitsIn(text: string, way: DiscoverWay): readonly number[] {
  try {
    return parseUnits(text, way.kind === 'tcp' ? MOST_UNIT.tcp : MOST_UNIT.bus);
  } catch (error) {
    if (isTandemError(error, 'USAGE')) throw new TandemError('CONFIG_INVALID', error.message);
    throw error;
  }
}

/**
 * A bus has one master: where devices of the site are on it, they and the search take turns. A TCP device is asked on a connection of its
 * own, which silence does not close.
 */
function sharedChannel(host: DriverHost, way: DiscoverWay): Channel {
  switch (way.kind) {
    case 'tcp':
      return channelOf(host, way);
    case 'rtu-tcp':
      return busOf(host, tcpBus(`${way.host}:${way.port}`, [{ host: way.host, port: way.port, connectTimeoutMs: 5_000 }], way.framing));
    case 'serial':
      return busOf(host, serialBus(way.target, way.framing));
  }
}

function busOf(host: DriverHost, settings: ReturnType<typeof serialBus>): Bus {
  return host.shared(`modbus-bus ${settings.name}`, () => new Bus(host, { ...settings, keepsOpen: true }));
}

function deviceOf(unit: FoundUnit, way: DiscoverWay): DiscoveredDevice {
  const told = (name: string): string | undefined => unit.identification.find((entry) => entry.name.toLowerCase() === name)?.value;
  const [vendor, model] = [told('vendor name'), told('model name') ?? told('product name') ?? told('product code')];
  return {
    id: String(unit.unit), name: `unit-${unit.unit}`, objects: [], problems: unit.problems, about: areasText(unit),
    address: way.kind === 'serial' ? way.target.path : `${way.host}:${way.port}`,
    ...(vendor !== undefined && { vendor }), ...(model !== undefined && { model }),
    detail: { unit, way } satisfies Detail,
  };
}

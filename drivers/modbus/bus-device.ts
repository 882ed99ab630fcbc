import { z } from 'zod';
import type { DriverHost, DriverModule } from '../../src/contract/driver.js';
import { durationText } from '../../src/contract/duration.js';
import { TandemError } from '../../src/contract/errors.js';
import type { SerialTarget } from '../../src/contract/network.js';
import { addressesOf, addressShape } from './addresses.js';
import { Bus } from './bus.js';
import { serialBus, tcpBus } from './bus-settings.js';
import type { BusSettings } from './bus-wire.js';
import { checkPoints } from './clash.js';
import { readKeys, unitOf, unitShape } from './device.js';
import type { DiscoverWay } from './discover.js';
import { ModbusDriver } from './driver.js';
import { parsePoint, pointShape } from './point.js';
import type { ModbusAddress, ModbusUnit } from './types.js';
import { UnitLink } from './unit-link.js';

/** A unit on a bus that it may share with others. */
export interface BusDevice extends ModbusUnit {
  readonly bus: BusSettings;
}

/** 248 and above are reserved, 0 is a broadcast that nobody answers (serial line specification, clause 2.2). */
const unit = z.int().min(1).max(247);

const overTcpShape = {
  ...addressShape,
  port: addressShape.port.unwrap(),
  unit,
  framing: z.enum(['rtu', 'ascii']).optional(),
  ...unitShape,
} satisfies z.ZodRawShape;

/** Serial frames over a TCP connection to a device server. All devices with one host and port share its bus. */
export const modbusRtuTcp: DriverModule<BusDevice, ModbusAddress> = {
  ...busModule(),
  kind: 'modbus-rtu-tcp',
  deviceShape: overTcpShape,
  parseDevice: (raw, context) => {
    const keys = readKeys(z.object(overTcpShape), raw, context);
    const settings = keys === undefined ? undefined : unitOf(keys, context);
    if (keys === undefined || settings === undefined) return undefined;
    const { framing = 'rtu' } = keys;
    const { name, targets: [first, ...others] } = addressesOf(keys, keys.port, settings.timeoutMs, context);
    return { ...settings, bus: tcpBus(name, [first, ...others], framing) };
  },
};

const lineShape = {
  kind: z.literal('modbus-rtu'),
  baud: z.int().min(300).max(1_000_000).optional(),
  parity: z.enum(['none', 'even', 'odd']).optional(),
  stopBits: z.literal([1, 2]).optional(),
  dataBits: z.literal([7, 8]).optional(),
  framing: z.enum(['rtu', 'ascii']).optional(),
  timeout: durationText.optional(),
} satisfies z.ZodRawShape;

const onLineShape = { unit, ...unitShape } satisfies z.ZodRawShape;

/** A serial port. The line says how it speaks, the node document where it is plugged in. */
export const modbusRtu: DriverModule<BusDevice, ModbusAddress> = {
  ...busModule(),
  kind: 'modbus-rtu',
  deviceShape: onLineShape,
  parseDevice: (raw, context) => {
    const { problems } = context;
    if (context.line?.kind !== 'modbus-rtu') {
      problems.error('CONFIG_REFERENCE', 'a serial device names its `line`, one of `kind: modbus-rtu`', ['line']);
      return undefined;
    }
    const line = readKeys(z.strictObject(lineShape), context.line, context, ['line']);
    const keys = readKeys(z.object(onLineShape), raw, context);
    const settings = keys === undefined || line === undefined ? undefined : unitOf(keys, context, line.timeout ?? '500ms');
    if (line === undefined || settings === undefined) return undefined;
    const { framing = 'rtu' } = line;
    const path = context.plug?.port;
    if (context.plug !== undefined && typeof path !== 'string') {
      problems.error('CONFIG_REFERENCE', 'the node document does not say which serial port this line is: `port: /dev/ttyUSB0`', ['line']);
      return undefined;
    }
    const bus = serialBus(targetOf(line, typeof path === 'string' ? path : ''), framing);
    return { ...settings, bus };
  },
};

/** How to get onto a line of the site, at the port where this node plugs it in. @throws CONFIG_REFERENCE, CONFIG_INVALID */
export function lineWay(line: unknown, plug: Readonly<Record<string, unknown>> | undefined): Extract<DiscoverWay, { kind: 'serial' }> {
  const parsed = z.strictObject(lineShape).safeParse(line);
  if (!parsed.success) throw new TandemError(line === undefined ? 'CONFIG_REFERENCE' : 'CONFIG_INVALID', 'name a `line` of `kind: modbus-rtu`');
  const path = plug?.port;
  if (typeof path !== 'string') throw new TandemError('CONFIG_REFERENCE', 'the node document does not say which serial port this line is: `port: /dev/ttyUSB0`');
  return { kind: 'serial', target: targetOf(parsed.data, path), framing: parsed.data.framing ?? 'rtu' };
}

function targetOf({ baud = 19_200, parity = 'even', stopBits = 1, dataBits = 8 }: z.infer<z.ZodObject<typeof lineShape>>, path: string): SerialTarget {
  return { path, baud, dataBits, parity, stopBits };
}

/** What all bus drivers share. A bus has one master, so a standby keeps off it. */
function busModule(): Pick<DriverModule<BusDevice, ModbusAddress>, 'version' | 'capabilities' | 'way' | 'pointShape' | 'parsePoint' | 'checkPoints' | 'create'> {
  return {
    version: '1.0.0',
    capabilities: { priorities: false, standby: 'silent', writeOnly: true },
    pointShape,
    parsePoint,
    checkPoints,
    way: ({ bus }) => bus.name,
    create: (host, device, points) => new ModbusDriver(host, device, points, new UnitLink(() => busOf(host, device.bus), device.unit)),
  };
}

function busOf(host: DriverHost, settings: BusSettings): Bus {
  return host.shared(`modbus-bus ${settings.name}`, () => new Bus(host, settings));
}


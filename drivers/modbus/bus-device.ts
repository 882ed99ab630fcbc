import { z } from 'zod';
import type { DriverHost, DriverModule } from '../../src/contract/driver.js';
import { durationText } from '../../src/contract/duration.js';
import type { SerialTarget, TcpConnection, TcpEvents, TcpTarget } from '../../src/contract/network.js';
import { asciiFraming } from './ascii.js';
import { Bus } from './bus.js';
import type { BusSettings, OpenWay } from './bus-wire.js';
import { checkPoints } from './clash.js';
import { addressesOf, addressShape } from './addresses.js';
import { readKeys, unitOf, unitShape } from './device.js';
import { ModbusDriver } from './driver.js';
import { parsePoint, pointShape } from './point.js';
import { rtuFraming } from './rtu.js';
import type { ModbusAddress, ModbusUnit } from './types.js';
import { UnitLink } from './unit-link.js';

/** A unit on a bus that it may share with others. */
export interface BusDevice extends ModbusUnit {
  readonly bus: BusSettings;
}

/** 248 and above are reserved, 0 is a broadcast that nobody answers (serial line specification, clause 2.2). */
const unit = z.int().min(1).max(247);

/** A gateway that passes bytes through adds its own silence on the line; this keeps our frames apart on the way there. */
const TCP_QUIET_MS = 2;

const framings = { rtu: rtuFraming, ascii: asciiFraming } as const;

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
    const open = (target: TcpTarget): OpenWay => ({ network }, events) => network.connectTcp(target, events);
    const bus: BusSettings = {
      name,
      framing: framings[framing],
      charMs: 0,
      quietMs: TCP_QUIET_MS,
      open: [open(first), ...others.map(open)],
    };
    return { ...settings, bus };
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

/** Clause 2.5.1.1: 3.5 characters of silence between frames, and 1.75 ms above 19200 baud. */
const QUIET_CHARACTERS = 3.5;
const FAST_BAUD = 19_200;
const FAST_QUIET_MS = 1.75;

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
    const { baud = FAST_BAUD, parity = 'even', stopBits = 1, dataBits = 8, framing = 'rtu' } = line;
    const path = context.plug?.port;
    if (context.plug !== undefined && typeof path !== 'string') {
      problems.error('CONFIG_REFERENCE', 'the node document does not say which serial port this line is: `port: /dev/ttyUSB0`', ['line']);
      return undefined;
    }
    const charMs = ((1 + dataBits + Number(parity !== 'none') + stopBits) * 1000) / baud;
    const target: SerialTarget = { path: typeof path === 'string' ? path : '', baud, dataBits, parity, stopBits };
    const bus: BusSettings = {
      name: target.path,
      framing: framings[framing],
      charMs,
      quietMs: baud > FAST_BAUD ? FAST_QUIET_MS : QUIET_CHARACTERS * charMs,
      open: [(host, events) => openPort(host, target, events)],
    };
    return { ...settings, bus };
  },
};

function openPort({ network, timers }: DriverHost, target: SerialTarget, events: TcpEvents): TcpConnection {
  if (network.openSerial !== undefined) return network.openSerial(target, events);
  timers.after(0, () => events.onClose('unreachable'));
  return { remote: { host: target.path, port: 0 }, bufferedBytes: 0, write: () => undefined, destroy: () => undefined };
}

/** What all bus drivers share. A bus has one master, so a standby keeps off it. */
function busModule(): Pick<DriverModule<BusDevice, ModbusAddress>, 'version' | 'capabilities' | 'pointShape' | 'parsePoint' | 'checkPoints' | 'create'> {
  return {
    version: '1.0.0',
    capabilities: { priorities: false, standby: 'silent' },
    pointShape,
    parsePoint,
    checkPoints: (_, points) => checkPoints(points),
    create: (host, device, points) => new ModbusDriver(host, device, points, new UnitLink(() => busOf(host, device.bus), device.unit)),
  };
}

function busOf(host: DriverHost, settings: BusSettings): Bus {
  return host.shared(`modbus-bus ${settings.name}`, () => new Bus(host, settings));
}


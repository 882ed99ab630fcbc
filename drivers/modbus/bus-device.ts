import { z } from 'zod';
import type { DriverHost, DriverModule } from '../../src/contract/driver.js';
import { asciiFraming } from './ascii.js';
import { Bus } from './bus.js';
import { BusLink } from './bus-link.js';
import type { BusSettings } from './bus-wire.js';
import { checkPoints } from './clash.js';
import { readKeys, unitOf, unitShape } from './device.js';
import { ModbusDriver } from './driver.js';
import { parsePoint, pointShape } from './point.js';
import { rtuFraming } from './rtu.js';
import type { ModbusAddress, ModbusUnit } from './types.js';

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
  host: z.string().min(1),
  port: z.int().min(1).max(65_535),
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
    const { host, port, framing = 'rtu' } = keys;
    const address = context.plug?.address;
    const target = { host, port, connectTimeoutMs: settings.timeoutMs, ...(typeof address === 'string' ? { localAddress: address } : {}) };
    const bus: BusSettings = {
      name: `${host}:${port}`,
      framing: framings[framing],
      charMs: 0,
      quietMs: TCP_QUIET_MS,
      open: ({ network }, events) => network.connectTcp(target, events),
    };
    return { ...settings, bus };
  },
};

/** What all bus drivers share. A bus has one master, so a standby keeps off it. */
function busModule(): Pick<DriverModule<BusDevice, ModbusAddress>, 'version' | 'capabilities' | 'pointShape' | 'parsePoint' | 'checkPoints' | 'create'> {
  return {
    version: '1.0.0',
    capabilities: { priorities: false, standby: 'silent' },
    pointShape,
    parsePoint,
    checkPoints: (_, points) => checkPoints(points),
    create: (host, device, points) => new ModbusDriver(host, device, points, new BusLink(() => busOf(host, device.bus), device.unit)),
  };
}

function busOf(host: DriverHost, settings: BusSettings): Bus {
  return host.shared(`modbus-bus ${settings.name}`, () => new Bus(host, settings));
}


import type { DriverModule } from '../../src/contract/driver.js';
import { modbusRtu as rtu, modbusRtuTcp as rtuOverTcp, type BusDevice } from './bus-device.js';
import { checkPoints } from './clash.js';
import { deviceShape, parseDevice } from './device.js';
import { modbusDiscovery } from './discovery.js';
import { ModbusDriver } from './driver.js';
import { MbapChannel } from './mbap-channel.js';
import { parsePoint, pointShape } from './point.js';
import type { ModbusAddress, ModbusDevice } from './types.js';
import { UnitLink } from './unit-link.js';

/** Modbus TCP; docs/modbus.md is for the integrator. */
export const modbusTcp: DriverModule<ModbusDevice, ModbusAddress> = {
  kind: 'modbus-tcp',
  version: '1.0.0',
  capabilities: { priorities: false, standby: 'collect', writeOnly: true },
  deviceShape,
  pointShape,
  parseDevice,
  parsePoint,
  checkPoints,
  discovery: modbusDiscovery('modbus-tcp'),
  way: ({ addresses }) => addresses.name,
  create: (host, device, points) => {
    const { addresses: { name, targets }, unit, maxInFlight } = device;
    const channel = (): MbapChannel => host.shared(`modbus-tcp ${name}`, () => new MbapChannel(host, targets));
    return new ModbusDriver(host, device, points, new UnitLink(channel, unit, maxInFlight));
  },
};

/** Serial frames over a TCP connection to a device server. */
export const modbusRtuTcp: DriverModule<BusDevice, ModbusAddress> = { ...rtuOverTcp, discovery: modbusDiscovery('modbus-rtu-tcp') };

/** A serial port. */
export const modbusRtu: DriverModule<BusDevice, ModbusAddress> = { ...rtu, discovery: modbusDiscovery('modbus-rtu') };

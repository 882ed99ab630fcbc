import type { DriverModule } from '../../src/contract/driver.js';
import { checkPoints } from './clash.js';
import { MbapClient } from './client.js';
import { deviceShape, parseDevice } from './device.js';
import { ModbusDriver } from './driver.js';
import { parsePoint, pointShape } from './point.js';
import type { ModbusAddress, ModbusDevice } from './types.js';

/** Modbus TCP; docs/modbus.md is for the integrator. */
export const modbusTcp: DriverModule<ModbusDevice, ModbusAddress> = {
  kind: 'modbus-tcp',
  version: '1.0.0',
  capabilities: { priorities: false, standby: 'collect' },
  deviceShape,
  pointShape,
  parseDevice,
  parsePoint,
  checkPoints: (_, points) => checkPoints(points),
  create: (host, device, points) => {
    const { host: address, port, localAddress, timeoutMs: connectTimeoutMs } = device;
    const target = { host: address, port, connectTimeoutMs, ...(localAddress === undefined ? {} : { localAddress }) };
    return new ModbusDriver(host, device, points, new MbapClient(host, target, device.maxInFlight));
  },
};

export { modbusRtu, modbusRtuTcp } from './bus-device.js';

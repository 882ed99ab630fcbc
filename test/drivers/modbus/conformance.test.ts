import { describeDriver } from '../../conformance/driver-suite.js';
import { modbusRtuTcp, modbusTcp } from '../../../drivers/modbus/index.js';
import { parseBus } from './bus-rig.js';
import { hostOf, newPlc, parse } from './rig.js';

for (const maxInFlight of [1, 8]) {
  describeDriver(`modbus-tcp, ${maxInFlight} in flight`, async () => {
    const plc = newPlc();
    const unit = plc.unit(3);
    const port = await plc.listen('127.0.0.1', 0);
    const { device, points } = parse({ host: '127.0.0.1', port, unit: 3, timeout: '150ms', maxInFlight }, {
      Sp: { at: 'hr:100', type: 'int16', write: { verify: 'readback' } },
      Temp: { at: 'ir:0', type: 'float32' },
      Total: { at: 'hr:300', type: 'int64' },
      Run: { at: 'di:7' },
    });
    const values = {
      Sp: () => (unit.setInt16('hr', 100, -7), -7),
      Temp: () => (unit.setFloat32('ir', 0, 21.5), 21.5),
      Total: () => (unit.setInt64('hr', 300, 2n ** 60n), 2n ** 60n),
      Run: () => (unit.setBool('di', 7, true), 1),
    };
    return {
      driver: modbusTcp.create(hostOf(), device, points),
      points,
      writable: { point: points[0]!, values: [20, -20] },
      setValue: (name) => values[name as keyof typeof values](),
      connections: () => plc.openConnections,
      requests: () => plc.ledger.requestsOf('127.0.0.1'),
      writes: () => plc.ledger.writes.length,
      fault: (kind) => {
        plc.faults.clear();
        if (kind !== 'none') plc.faults.inject({ kind: kind === 'silent' ? 'hang' : 'garbage' });
      },
      close: () => plc.close(),
    };
  });
}

describeDriver('modbus-rtu-tcp', async () => {
  const plc = newPlc();
  const unit = plc.unit(3);
  const port = await plc.listen('127.0.0.1', 0, {});
  const { device, points } = parseBus(modbusRtuTcp, { host: '127.0.0.1', port, unit: 3, timeout: '100ms' }, {
    Sp: { at: 'hr:100', type: 'int16', write: { verify: 'readback' } },
    Temp: { at: 'ir:0', type: 'float32' },
  });
  return {
    driver: modbusRtuTcp.create(hostOf(), device, points),
    points,
    writable: { point: points[0]!, values: [20, -20] },
    setValue: (name) => (name === 'Sp' ? (unit.setInt16('hr', 100, -7), -7) : (unit.setFloat32('ir', 0, 21.5), 21.5)),
    connections: () => plc.openConnections,
    requests: () => plc.ledger.requestsOf('127.0.0.1'),
    writes: () => plc.ledger.writes.length,
    fault: (kind) => {
      plc.faults.clear();
      if (kind !== 'none') plc.faults.inject({ kind: kind === 'silent' ? 'hang' : 'garbage' });
    },
    close: () => plc.close(),
  };
});

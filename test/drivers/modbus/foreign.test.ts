import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import modbusSerial from 'modbus-serial';
import { modbusTcp } from '../../../drivers/modbus/index.js';
import { hostOf, newPlc, parse, until } from './rig.js';

// The package's default export is the module object under NodeNext; the client class is one step further.
const { default: ModbusRTU, ServerTCP } = modbusSerial;

describe('Modbus: modbus-serial as the foreign peer', () => {
  it('its client reads and writes the virtual PLC', async () => {
    const plc = newPlc();
    const unit = plc.unit(5);
    const port = await plc.listen('127.0.0.1', 0);
    unit.set('hr', 10, [1, 2, 0xffff]);
    unit.setFloat32('ir', 0, 21.5);
    unit.set('co', 0, [1, 0, 1]);
    unit.setBool('di', 2, true);
    const client = new ModbusRTU();
    try {
      await client.connectTCP('127.0.0.1', { port });
      client.setID(5);
      assert.deepEqual((await client.readHoldingRegisters(10, 3)).data, [1, 2, 0xffff]);
      assert.equal((await client.readInputRegisters(0, 2)).buffer.readFloatBE(0), 21.5);
      assert.deepEqual((await client.readCoils(0, 3)).data.slice(0, 3), [true, false, true]);
      assert.deepEqual((await client.readDiscreteInputs(2, 1)).data[0], true);
      await client.writeRegister(20, 1234);
      await client.writeRegisters(21, [5, 6]);
      await client.writeCoil(9, true);
      await client.writeCoils(10, [true, false, true]);
      assert.deepEqual([unit.get('hr', 20, 3), unit.get('co', 9, 4)], [[1234, 5, 6], [1, 1, 0, 1]]);
      unit.forbid('hr', 500, 1);
      await assert.rejects(client.readHoldingRegisters(499, 3), /Illegal data address/);
    } finally {
      await new Promise<void>((resolve) => client.close(() => resolve()));
      await plc.close();
    }
  });

  it('its server is read and written by the driver', async () => {
    const registers = new Map<number, number>([[0, 7], [1, 0x41ac], [2, 0]]);
    const coils = new Map<number, boolean>([[3, true]]);
    const port = await freePort();
    const server = new ServerTCP({
      getHoldingRegister: (address: number) => registers.get(address) ?? 0,
      getInputRegister: (address: number) => address + 100,
      getCoil: (address: number) => coils.get(address) ?? false,
      getDiscreteInput: (address: number) => address % 2 === 1,
      setRegister: (address: number, value: number) => void registers.set(address, value),
      setCoil: (address: number, value: boolean) => void coils.set(address, value),
    }, { host: '127.0.0.1', port, unitID: 1 });
    let listening = false;
    server.on('initialized', () => (listening = true));
    await until(() => listening, 'the server listens');
    const { device, points } = parse({ host: '127.0.0.1', port }, {
      A: { at: 'hr:0', write: { verify: 'readback' } }, F: { at: 'hr:1', type: 'float32', write: { verify: 'readback' } },
      I: { at: 'ir:5' }, C: { at: 'co:3', write: { verify: 'readback' } }, D: { at: 'di:1' },
    });
    const driver = modbusTcp.create(hostOf(), device, points);
    const values: Record<string, number> = {};
    driver.samples$.subscribe((batch) => {
      for (let row = 0; row < batch.length; row++) values[points[batch.points[row]!]!.name] = batch.values[row]!;
    });
    driver.start('active');
    try {
      assert.deepEqual(await driver.poll('fast'), { reachable: true, points: 5 });
      assert.deepEqual(values, { A: 7, F: 21.5, I: 105, C: 1, D: 1 });
      const write = (point: number, value: number): Promise<void> => driver.write({ point, value, priority: 16, timeoutMs: 2000, permit: () => true });
      await write(0, 99);
      await write(1, -0.5);
      await write(3, 0);
      assert.deepEqual([registers.get(0), registers.get(1), coils.get(3)], [99, 0xbf00, false]);
    } finally {
      await driver.stop();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    }
  });
});

/** ServerTCP does not tell which port it got, so one is found first. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

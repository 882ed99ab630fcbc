import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { modbusRtu, modbusTcp } from '../../../drivers/modbus/index.js';
import type { Driver, DriverPoint, PointValue } from '../../../src/contract/index.js';
import { requireTool } from '../../hooks.js';
import { freePorts, until } from '../../system/processes.js';
import { parseBus, sharingHost } from './bus-rig.js';
import { compileLibmodbus, FOREIGN_UNIT, PYTHON, pymodbusClient, pymodbusServer, requirePymodbus, startForeign } from './foreign-programs.js';
import { openPty } from './pty.js';
import { hostOf, newPlc, parse, type RigPoint } from './rig.js';

const execute = promisify(execFile);
type Link = 'tcp' | 'rtu' | 'ascii';

const write = { verify: 'readback' } as const;
const points: Record<string, RigPoint> = {
  R0: { at: 'hr:0' }, R9: { at: 'hr:9' }, F: { at: 'hr:100', type: 'float32' }, L: { at: 'hr:110', type: 'int64' }, I: { at: 'ir:7' }, C: { at: 'co:3' }, C4: { at: 'co:4' }, D: { at: 'di:6' },
  W6: { at: 'hr:20', write }, W16: { at: 'hr:30', type: 'float32', write }, W5: { at: 'co:50', write }, W22: { at: 'hr:40.3', write }, None: { at: 'hr:5000' },
};
const expected = { R0: 1000, R9: 1009, F: 21.5, L: -2n, I: 507, C: 1, C4: 0, D: 1 };

/** The driver reads everything, finds the hole, writes with functions 5, 6, 16 and 22, and reads back. */
async function talk(driver: Driver, parsed: readonly DriverPoint[], maskWrites: boolean): Promise<void> {
  const values = new Map<string, PointValue>();
  driver.samples$.subscribe((batch) => {
    for (let row = 0; row < batch.length; row++) {
      const { name } = parsed[batch.points[row]!]!;
      if (batch.qualities[row] === 0) values.set(name, batch.texts?.get(row) ?? batch.values[row]!);
      else values.delete(name);
    }
  });
  driver.start('active');
  try {
    const result = await driver.poll('fast');
    assert.equal(result.reachable, true, result.error);
    assert.deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, values.get(name)])), expected);
    assert.equal(values.get('None'), undefined, 'what the device refuses is not good');
    for (const [name, value] of [['W6', 4321], ['W16', -0.5], ['W5', 0], ['W5', 1], ['W22', 1], ...(maskWrites ? [['W22', 0] as const] : [])] as const) {
      const id = parsed.findIndex((point) => point.name === name);
      await driver.write({ point: id, value, priority: 16, timeoutMs: 5_000, permit: () => true });
      assert.equal(await driver.read(id), value, name);
    }
  } finally {
    await driver.stop();
  }
}

/** Runs the driver against a server that `start` makes on a TCP port or on one end of a serial line. */
async function against(link: Link, start: (link: Link, where: string) => Promise<{ stop(): Promise<void> }>, maskWrite: boolean): Promise<void> {
  if (link === 'tcp') {
    const [port = 0] = await freePorts(1);
    const server = await start(link, String(port));
    try {
      // pymodbus says that it is ready a moment before it listens.
      await until('the server listens', async () => accepts(port));
      const { device, points: parsed } = parse({ host: '127.0.0.1', port, unit: FOREIGN_UNIT, timeout: '2s', maskWrite }, points);
      await talk(modbusTcp.create(hostOf(), device, parsed), parsed, maskWrite);
    } finally {
      await server.stop();
    }
    return;
  }
  const pty = await openPty();
  const server = await start(link, pty.b);
  try {
    const line = { kind: 'modbus-rtu', baud: 19_200, parity: 'even', framing: link, timeout: '2s' };
    const { device, points: parsed } = parseBus(modbusRtu, { unit: FOREIGN_UNIT, maskWrite }, points, { line, plug: { port: pty.a } });
    await talk(modbusRtu.create(sharingHost(), device, parsed), parsed, maskWrite);
  } finally {
    await server.stop();
    await pty.close();
  }
}

async function accepts(port: number): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(undefined));
  });
}

describe('Modbus: the driver and pymodbus servers', function () {
  this.timeout(60_000);
  before(function () {
    requirePymodbus(this);
    requireTool(this, 'socat');
  });
  for (const link of ['tcp', 'rtu', 'ascii'] as const) {
    it(link, async () => against(link, (kind, where) => startForeign(PYTHON, ['-c', pymodbusServer, kind, where]), true));
  }
});

describe('Modbus: the driver and libmodbus servers', function () {
  this.timeout(60_000);
  let server: ReturnType<typeof compileLibmodbus>;
  before(function () {
    requireTool(this, 'socat');
    server = compileLibmodbus(this);
  });
  after(() => server.remove());
  for (const link of ['tcp', 'rtu'] as const) {
    for (const maskWrite of [true, false]) it(`${link}, ${maskWrite ? 'mask write' : 'read, change, write'}`, async () => against(link, (kind, where) => startForeign(server.binary, [kind, where]), maskWrite));
  }
});

describe('Modbus: pymodbus clients and the virtual PLC', function () {
  this.timeout(60_000);
  before(function () {
    requirePymodbus(this);
    requireTool(this, 'socat');
  });
  for (const link of ['tcp', 'rtu', 'ascii'] as const) {
    it(link, async () => {
      const plc = newPlc();
      const unit = plc.unit(FOREIGN_UNIT);
      unit.set('hr', 0, [1, 2, 0xffff]);
      unit.set('ir', 5, [500, 501]);
      unit.set('co', 0, [1, 0, 0, 1, 0, 0, 1, 0]);
      unit.set('di', 0, [0, 1, 1, 0, 1, 1, 0, 1]);
      unit.forbid('hr', 500, 1);
      unit.identification = new Map([[0, 'Tandem'], [1, 'VP'], [2, '1.0']]);
      const pty = link === 'tcp' ? undefined : await openPty();
      const where = pty === undefined ? String(await plc.listen('127.0.0.1', 0)) : pty.a;
      if (pty !== undefined) await plc.openSerial({ path: pty.b, baud: 19_200, dataBits: 8, parity: 'even', stopBits: 1 }, { framing: link === 'ascii' ? 'ascii' : 'rtu' });
      try {
        const { stdout } = await execute(PYTHON, ['-c', pymodbusClient, link, where]);
        const bits = (...on: readonly number[]): boolean[] => on.map(Boolean);
        assert.deepEqual(JSON.parse(stdout), {
          hr: [1, 2, 0xffff], ir: [500, 501], co: bits(1, 0, 0, 1, 0, 0, 1, 0), di: bits(0, 1, 1, 0, 1, 1, 0, 1),
          mask: false, written: [0x1012, 5, 6, 7], coils: bits(1, 1, 0, 1), readwrite: [0x1012, 70, 71], exception: 2,
          ...(link === 'ascii' ? {} : { identification: { 0: 'Tandem', 1: 'VP', 2: '1.0' } }),
        });
      } finally {
        await plc.close();
        await pty?.close();
      }
    });
  }
});

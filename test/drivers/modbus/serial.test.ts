import assert from 'node:assert/strict';
import { modbusRtu } from '../../../drivers/modbus/index.js';
import type { Driver, SerialTarget } from '../../../src/contract/index.js';
import type { VirtualPlc } from '../../../simulators/modbus-plc/index.js';
import { requireTool } from '../../hooks.js';
import { parseBus, sharingHost } from './bus-rig.js';
import { openPty, type PtyPair } from './pty.js';
import { collectProblems, newPlc, type Found } from './rig.js';

const port = (path: string, baud = 19_200): SerialTarget => ({ path, baud, dataBits: 8, parity: 'even', stopBits: 1 });

describe('Modbus RTU on a serial port', () => {
  let pty: PtyPair;
  let plc: VirtualPlc;
  let drivers: Driver[];
  before(function () {
    requireTool(this, 'socat');
  });
  beforeEach(async () => {
    pty = await openPty();
    plc = newPlc();
    drivers = [];
  });
  afterEach(async () => {
    await Promise.all(drivers.map((driver) => driver.stop()));
    await plc.close();
    await pty.close();
  });

  /** Drivers of units 1 to `units`, with ten registers each. */
  const open = async (units: number, line: Record<string, unknown> = {}, path = pty.a): Promise<void> => {
    const host = sharingHost();
    const baud = Number(line.baud ?? 19_200);
    await plc.openSerial(port(pty.b, baud), { baud });
    for (let unit = 1; unit <= units; unit++) {
      plc.unit(unit).set('hr', 0, Array.from({ length: 10 }, (_, index) => 100 * unit + index));
      const spec = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`R${index}`, { at: `hr:${index}`, write: { verify: 'readback' as const } }]));
      const { device, points } = parseBus(modbusRtu, { unit }, spec, { line: { kind: 'modbus-rtu', ...line }, plug: { port: path } });
      const driver = modbusRtu.create(host, device, points);
      driver.start('active');
      drivers.push(driver);
    }
  };

  it('reads and writes several units', async () => {
    await open(3);
    const values: number[] = [];
    drivers.forEach((driver) => driver.samples$.subscribe((batch) => values.push(batch.values[0]!, batch.values[9]!)));
    for (const driver of drivers) assert.deepEqual(await driver.poll('fast'), { reachable: true, points: 10 });
    assert.deepEqual(values, [100, 109, 200, 209, 300, 309]);
    await drivers[1]!.write({ point: 4, value: 4321, priority: 16, timeoutMs: 2000, permit: () => true });
    assert.deepEqual(plc.unit(2).get('hr', 4), [4321]);
  });

  it('waits for what a slow line needs on top of the timeout', async () => {
    // 33 characters of 11 bits at 1200 baud are 300 ms.
    await open(1, { baud: 1200, timeout: '100ms' });
    const startMs = performance.now();
    assert.equal((await drivers[0]!.poll('fast')).reachable, true);
    assert.ok(performance.now() - startMs > 290);
  });

  it('a bad check sum costs a retry; a port that is not there is away', async () => {
    await open(1);
    plc.faults.inject({ kind: 'bad-crc' }, { times: 1 });
    assert.equal((await drivers[0]!.poll('fast')).reachable, true);
    assert.equal(drivers[0]!.counters().malformed, 1);
    await drivers[0]!.stop();
    await plc.close();
    await open(1, {}, `${pty.a}-none`);
    assert.match((await drivers[1]!.poll('fast')).error ?? '', /cannot open .*-none \(refused\)/);
  });

  it('a device without a line, and a line without a port, are refused', () => {
    const codes = (context: Record<string, unknown>): string[] => {
      const found: Found[] = [];
      modbusRtu.parseDevice({ unit: 1 }, { ...context, problems: collectProblems(found) });
      return found.map(({ code, path }) => `${code} ${path}`);
    };
    assert.deepEqual(codes({}), ['CONFIG_REFERENCE line']);
    assert.deepEqual(codes({ line: { kind: 'modbus-rtu' }, plug: {} }), ['CONFIG_REFERENCE line']);
    assert.deepEqual(codes({ line: { kind: 'modbus-rtu', boud: 9600 }, plug: { port: '/dev/ttyS0' } }), ['CONFIG_INVALID line']);
    assert.deepEqual(codes({ line: { kind: 'modbus-rtu' } }), []);
  });
});

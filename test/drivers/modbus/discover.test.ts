import assert from 'node:assert/strict';
import { parse } from 'yaml';
import { discoverUnits, parseUnits, type DiscoverWay } from '../../../drivers/modbus/discover.js';
import { modbusRtu, modbusRtuTcp, modbusTcp } from '../../../drivers/modbus/index.js';
import { siteBlocks } from '../../../drivers/modbus/site-block.js';
import { isTandemError } from '../../../src/contract/index.js';
import type { VirtualPlc } from '../../../simulators/modbus-plc/index.js';
import { collectProblems, hostOf, newPlc, until, type Found } from './rig.js';

const search = { timeoutMs: 60, identify: false };

describe('Modbus discovery', () => {
  let plc: VirtualPlc;
  beforeEach(() => {
    plc = newPlc();
    for (const unit of [2, 5, 9]) plc.unit(unit).set('hr', 0, [unit]);
    plc.unit(5).forbid('hr', 0, 1);
  });
  afterEach(() => plc.close());

  for (const kind of ['tcp', 'rtu-tcp'] as const) {
    it(`${kind}: finds the units, and what each answers to`, async () => {
      const port = await plc.listen('127.0.0.1', 0, kind === 'tcp' ? undefined : {});
      // A dead unit, one that refuses a function, and one whose first answer is lost to noise.
      plc.faults.inject({ kind: 'hang' }, { unit: 3 });
      plc.faults.inject({ kind: 'exception', code: 1 }, { unit: 9, function: 1 });
      if (kind === 'rtu-tcp') plc.faults.inject({ kind: 'bad-crc' }, { unit: 2, times: 1 });
      const way: DiscoverWay = kind === 'tcp' ? { kind, host: '127.0.0.1', port } : { kind, host: '127.0.0.1', port, framing: 'rtu' };
      const asked: number[] = [];
      const found = await discoverUnits(hostOf(), way, { ...search, units: [1, 2, 3, 4, 5, 6, 7, 8, 9], progress: (unit) => asked.push(unit) });
      assert.deepEqual(asked, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
      assert.deepEqual(found.map(({ unit, areas }) => [unit, areas.hr, areas.co]), [[2, 'answers', 'answers'], [5, 'refuses offset 0', 'answers'], [9, 'answers', 'is not there']]);
      assert.equal(found[0]?.problems.length, kind === 'tcp' ? 0 : 1);
      await until(() => plc.openConnections === 0, 'the connection is closed');
      assert.equal(plc.ledger.of('127.0.0.1').connections, 1, 'silence is no reason to connect anew');

      const block = parse(siteBlocks(found, way)) as { devices: Record<string, Record<string, unknown>> };
      const problems: Found[] = [];
      for (const { driver, ...keys } of Object.values(block.devices)) {
        const module = [modbusTcp, modbusRtuTcp].find((each) => each.kind === driver)!;
        assert.ok(module.parseDevice(keys, { problems: collectProblems(problems) }));
      }
      assert.deepEqual([Object.keys(block.devices), problems], [['unit-2', 'unit-5', 'unit-9'], []]);
    });
  }

  it('a line on a serial port comes with its settings', () => {
    const way: DiscoverWay = { kind: 'serial', framing: 'ascii', target: { path: '/dev/ttyUSB0', baud: 9600, parity: 'odd', stopBits: 1, dataBits: 7 } };
    const areas = { hr: 'answers', ir: 'is silent', co: 'is not there', di: 'refuses offset 0' } as const;
    const block = parse(siteBlocks([{ unit: 7, areas, identification: [{ name: 'vendor name', value: 'ACME\n#1' }], problems: [] }], way, 'rs485')) as { lines: { rs485: { kind: string } }; devices: Record<string, Record<string, unknown>> };
    const problems: Found[] = [];
    const { driver, line, ...keys } = block.devices['unit-7']!;
    assert.ok(modbusRtu.parseDevice(keys, { problems: collectProblems(problems), line: block.lines.rs485, plug: { port: '/dev/ttyUSB0' } }));
    assert.deepEqual([driver, line, problems], ['modbus-rtu', 'rs485', []]);
  });

  it('says that the way itself is not there, and stops when it is told to', async () => {
    await assert.rejects(discoverUnits(hostOf(), { kind: 'tcp', host: '127.0.0.1', port: 9 }, { ...search, units: [1] }), (error) => isTandemError(error, 'FIELD_UNREACHABLE'));
    const port = await plc.listen('127.0.0.1', 0);
    const stop = new AbortController();
    const found = await discoverUnits(hostOf(), { kind: 'tcp', host: '127.0.0.1', port }, { ...search, units: [2, 5, 9], signal: stop.signal, progress: (unit) => unit === 5 && stop.abort() });
    assert.deepEqual(found.map(({ unit }) => unit), [2, 5]);
  });

  it('reads ranges of units, and refuses what is none', () => {
    assert.deepEqual(parseUnits('1-3,7, 9-9,2', 247), [1, 2, 3, 7, 9]);
    for (const text of ['', 'a', '3-1', '1-300', '1,', '-5']) assert.throws(() => parseUnits(text, 247), { code: 'USAGE' });
  });
});

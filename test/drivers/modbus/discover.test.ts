import assert from 'node:assert/strict';
import { parse } from 'yaml';
import { discoverUnits, parseUnits, type DiscoverWay } from '../../../drivers/modbus/discover.js';
import { modbusRtu, modbusRtuTcp, modbusTcp } from '../../../drivers/modbus/index.js';
import { siteBlocks } from '../../../drivers/modbus/site-block.js';
import { isTandemError, type DiscoveredDevice, type DiscoveryEvent, type DiscoveryRequest, type ExchangeFile } from '../../../src/contract/index.js';
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
    const block = parse(siteBlocks([{ unit: 7, areas, identification: [{ name: 'vendor name', value: 'ACME\n#1' }], problems: [] }], way, { line: 'rs485' })) as { lines: { rs485: { kind: string } }; devices: Record<string, Record<string, unknown>> };
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

  it('runs for the console: progress of so many, what was found as devices, a way that is not there, a search that is left', async () => {
    const port = await plc.listen('127.0.0.1', 0);
    const discovery = modbusTcp.discovery!;
    const events: DiscoveryEvent[] = [];
    for await (const event of discovery.run(hostOf(), { options: { host: '127.0.0.1', port, units: '1-5', timeout: '60ms', identify: true } })) events.push(event);
    assert.deepEqual(events.flatMap((event) => (event.kind === 'progress' ? [[event.done, event.total]] : [])), [[0, 5], [1, 5], [2, 5], [3, 5], [4, 5], [5, 5]]);
    const found = events.flatMap((event) => (event.kind === 'device' ? [event.device] : []));
    assert.deepEqual(found.map(({ id, address }) => [id, address]), [['2', `127.0.0.1:${String(port)}`], ['5', `127.0.0.1:${String(port)}`]]);
    assert.match(found[1]?.about ?? '', /holding registers refuses offset 0; /);
    const blocks = parse(discovery.blocks(found, 'line', ['unit-5'])) as { devices: Record<string, unknown> };
    assert.deepEqual(blocks.devices, { 'unit-2': { driver: 'modbus-tcp', host: '127.0.0.1', port, unit: 2 }, 'unit-5-2': { driver: 'modbus-tcp', host: '127.0.0.1', port, unit: 5 } });
    for await (const event of discovery.run(hostOf(), { options: { host: '127.0.0.1', port, units: '1-247', timeout: '60ms' } })) if (event.kind === 'device') break;
    await until(() => plc.openConnections === 0, 'the connection is closed');
    const failing = async (module: typeof modbusTcp | typeof modbusRtu, request: DiscoveryRequest): Promise<string> => {
      try {
        for await (const event of module.discovery!.run(hostOf(), request)) assert.notEqual(event.kind, 'device');
        return '';
      } catch (error) {
        return isTandemError(error) ? error.code : String(error);
      }
    };
    assert.equal(await failing(modbusTcp, { options: { host: '127.0.0.1', port: 9, units: '1' } }), 'FIELD_UNREACHABLE');
    assert.equal(await failing(modbusTcp, { options: { host: '127.0.0.1', port, units: '9-1' } }), 'CONFIG_INVALID');
    assert.equal(await failing(modbusTcp, { options: { units: '1' } }), 'CONFIG_INVALID');
    assert.equal(await failing(modbusRtu, { options: {} }), 'CONFIG_REFERENCE');
    assert.equal(await failing(modbusRtu, { options: {}, line: { kind: 'modbus-rtu' } }), 'CONFIG_REFERENCE');
  });

  it('reads a register map for a device of the site, and for a new one, and names the lines that are wrong', async () => {
    const read = async (files: readonly ExchangeFile[], options: Readonly<Record<string, unknown>>): Promise<readonly DiscoveredDevice[]> => modbusTcp.discovery!.exchange!.import(files, options);
    const map = { name: 'meter.csv', text: 'name;address;type;unit\nU1;hr:0;float32;V\nP;hr:10;int32;kW\n' };
    const [known] = await read([map], { device: 'm1', prefix: 'M1.' });
    assert.deepEqual(known?.objects, [{ name: 'M1.U1', address: 'hr:0', commandable: false, unit: 'V' }, { name: 'M1.P', address: 'hr:10', commandable: false, unit: 'kW' }]);
    assert.deepEqual(parse(modbusTcp.discovery!.blocks([known], '', [])), { points: { 'M1.U1': { device: 'm1', at: 'hr:0', type: 'float32', unit: 'V' }, 'M1.P': { device: 'm1', at: 'hr:10', type: 'int32', unit: 'kW' } } });
    const [fresh] = await read([map], { device: 'm2', unit: 7, host: '10.0.0.9' });
    assert.deepEqual((parse(modbusTcp.discovery!.blocks([fresh!], '', [])) as { devices: unknown }).devices, { m2: { driver: 'modbus-tcp', host: '10.0.0.9', port: 502, unit: 7 } });
    const [onLine] = await modbusRtu.discovery!.exchange!.import([map], { device: 'm3', unit: 8 });
    assert.deepEqual((parse(modbusRtu.discovery!.blocks([onLine!], 'rs485', [])) as { devices: unknown }).devices, { m3: { driver: 'modbus-rtu', line: 'rs485', unit: 8 } });
    await assert.rejects(read([{ name: 'bad.csv', text: 'name;address\nA;hr:x\nB;hr:1\nB;hr:2\n' }], { device: 'm1' }), (error) => isTandemError(error, 'CONFIG_SYNTAX') && /bad\.csv: line 2: .*; line 4: /.test(error.message));
    await assert.rejects(read([map], { device: 'm2', unit: 7 }), (error) => isTandemError(error, 'CONFIG_INVALID'));
  });
});

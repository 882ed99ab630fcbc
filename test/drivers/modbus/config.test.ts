import assert from 'node:assert/strict';
import { parseAddress } from '../../../drivers/modbus/address.js';
import { modbusTcp } from '../../../drivers/modbus/index.js';
import type { CheckedPoint } from '../../../src/contract/index.js';
import type { ModbusAddress } from '../../../drivers/modbus/types.js';
import { collectProblems, parse, type Found, type PointSpec } from './rig.js';

const device = parse({ host: 'plc' }, {}).device;

function parsePoint(keys: PointSpec) {
  const found: Found[] = [];
  return { point: modbusTcp.parsePoint({ ...keys }, device, { problems: collectProblems(found) }), found };
}

function check(points: Record<string, PointSpec>): Found[] {
  const found: Found[] = [];
  const checked = Object.entries(points).map(([name, keys]): CheckedPoint<ModbusAddress> => {
    const { point } = parsePoint(keys);
    assert.ok(point, name);
    return { name, ...point, problems: collectProblems(found, [name]) };
  });
  modbusTcp.checkPoints?.(device, checked);
  return found;
}

describe('Modbus addresses', () => {
  const good: readonly (readonly [string | number, ReturnType<typeof parseAddress>])[] = [
    ['hr:100', { area: 'hr', offset: 100 }],
    ['ir:0', { area: 'ir', offset: 0 }],
    ['co:5', { area: 'co', offset: 5 }],
    ['di:65535', { area: 'di', offset: 65_535 }],
    ['hr:100.3', { area: 'hr', offset: 100, bit: 3 }],
    ['40101', { area: 'hr', offset: 100 }],
    ['400101', { area: 'hr', offset: 100 }],
    ['465536', { area: 'hr', offset: 65_535 }],
    ['40101.15', { area: 'hr', offset: 100, bit: 15 }],
    ['30001', { area: 'ir', offset: 0 }],
    ['10001', { area: 'di', offset: 0 }],
    ['00001', { area: 'co', offset: 0 }],
    ['000006', { area: 'co', offset: 5 }],
    [40_101, { area: 'hr', offset: 100 }],
  ];
  for (const [at, place] of good) it(`${JSON.stringify(at)} is ${JSON.stringify(place)}`, () => assert.deepEqual(parseAddress(at), place));

  it('refuses a bare number and names both notations', () => {
    for (const at of [100, '100', 1, '1', '0', '4010', '20001', 20_001, 'hr100', 'hr:', 'xx:1', 'hr:-1', '', 40_101.1, 1e21]) {
      const { point, found } = parsePoint({ at });
      assert.equal(point, undefined, String(at));
      assert.equal(found[0]?.code, 'CONFIG_ADDRESS');
      assert.match(found[0].message, /hr:100/);
      assert.match(found[0].message, /40101/);
    }
  });

  it('refuses what no device has', () => {
    for (const at of ['hr:65536', 'hr:99999', '40000', '400000', '465537', 'hr:1.16', 'co:1.0', '00001.1']) {
      assert.equal(parsePoint({ at }).found[0]?.code, 'CONFIG_ADDRESS', at);
    }
    assert.equal(parsePoint({ at: 'hr:65535', type: 'float32' }).found[0]?.code, 'CONFIG_ADDRESS');
  });
});

describe('Modbus points', () => {
  it('take their type from the area and their kind from the type', () => {
    const kinds = ([['co:0'], ['di:0'], ['hr:0.1'], ['hr:0'], ['hr:0', 'int64'], ['hr:0', 'uint64', 0.1], ['hr:0', 'float64']] as const)
      .map(([at, type, scale]) => parsePoint({ at, ...(type && { type }), ...(scale && { scale }) }).point)
      .map((point) => `${point?.address.type ?? ''} ${point?.kind ?? ''}`);
    assert.deepEqual(kinds, ['bool boolean', 'bool boolean', 'bool boolean', 'uint16 number', 'int64 integer64', 'uint64 number', 'float64 number']);
  });

  it('refuse keys that contradict each other', () => {
    for (const keys of [{ at: 'co:0', type: 'uint16' }, { at: 'hr:0', type: 'bool' }, { at: 'hr:0.1', type: 'uint16' }, { at: 'co:0', scale: 2 }, { at: 'hr:0', scale: 0 }, { at: 'hr:0', type: 'double' }]) {
      const { point, found } = parsePoint(keys);
      assert.equal(point, undefined, JSON.stringify(keys));
      assert.equal(found[0]?.code, 'CONFIG_INVALID');
    }
  });
});

describe('Modbus devices', () => {
  it('fill in their defaults and take the source address from the plug', () => {
    assert.deepEqual(modbusTcp.parseDevice({ host: 'plc' }, { problems: collectProblems([]), plug: { address: '127.0.0.21' } }), {
      addresses: { name: 'plc:502', targets: [{ host: 'plc', port: 502, connectTimeoutMs: 1000, localAddress: '127.0.0.21' }] }, unit: 1, timeoutMs: 1000, maxInFlight: 1, maxGap: 8, maxRegisters: 125, maxCoils: 2000,
      wordOrder: 'big', byteOrder: 'big', writeMultiple: false, maskWrite: false, readWrite: false, isDirect: true,
    });
  });

  it('refuse what cannot be', () => {
    for (const raw of [{}, { host: '' }, { host: 'a', port: 0 }, { host: 'a', unit: 256 }, { host: 'a', timeout: '5' }, { host: 'a', timeout: '1ms' }, { host: 'a', maxRegisters: 126 }, { host: 'a', maxCoils: 2001 }]) {
      const found: Found[] = [];
      assert.equal(modbusTcp.parseDevice(raw, { problems: collectProblems(found) }), undefined, JSON.stringify(raw));
      assert.equal(found[0]?.code, 'CONFIG_INVALID');
    }
  });
});

describe('Modbus clashes', () => {
  it('names both points of registers that are read in two ways', () => {
    for (const [a, b] of [
      [{ at: 'hr:0', type: 'float32' }, { at: 'hr:1' }],
      [{ at: 'hr:0' }, { at: 'hr:0', type: 'int16' }],
      [{ at: 'hr:0', type: 'int64' }, { at: 'hr:3', type: 'int32' }],
      [{ at: 'hr:0', type: 'float32' }, { at: 'hr:0', type: 'float32', wordOrder: 'little' }],
      [{ at: 'hr:1.3' }, { at: 'hr:0', type: 'uint32' }],
    ] as const) {
      const [problem, ...more] = check({ Alpha: a, Beta: b });
      assert.equal(problem?.code, 'CONFIG_CLASH');
      assert.equal(problem.severity, 'error');
      assert.match(problem.message, /Alpha/);
      assert.match(problem.message, /Beta/);
      assert.equal(more.length, 0);
    }
  });

  it('only warns of the same point twice', () => {
    const found = check({ Alpha: { at: 'hr:0', type: 'int16' }, Beta: { at: '40001', type: 'int16', scale: 0.1 } });
    assert.deepEqual(found.map(({ code, severity }) => [code, severity]), [['CONFIG_CLASH', 'warning']]);
  });

  it('lets neighbours, other areas, bits and their status word be', () => {
    assert.deepEqual(check({ A: { at: 'hr:0', type: 'float32' }, B: { at: 'hr:2' }, C: { at: 'ir:1' }, D: { at: 'hr:3.0' }, E: { at: 'hr:3.1' }, F: { at: 'hr:3' }, G: { at: 'co:0' }, H: { at: 'co:1' } }), []);
  });
});

describe('modbus: what can only be read', () => {
  it('is said to the configuration, which refuses `write` there', () => {
    assert.deepEqual(['ir:0', 'di:0', 'hr:0', 'co:0'].map((at) => parsePoint({ at }).point?.readOnly), [true, true, undefined, undefined]);
  });
});

import assert from 'node:assert/strict';
import type { Network } from '../../../src/contract/network.js';
import { BuildingField, type FieldDevice } from '../../../simulators/building/field.js';
import type { PlcUnit } from '../../../simulators/modbus-plc/index.js';
import { seededRandom, VirtualClock } from '../../../simulators/virtual-time/index.js';
import { demoDevices, demoPoints, type DemoPoint } from './demo-site.js';
import { minute, second, workingMorning } from './run.js';

/** Devices listen and nobody calls: registers and objects are looked at from inside. */
const emptyNetwork: Network = {
  connectTcp: () => assert.fail('a device calls nobody'),
  listenTcp: async ({ port }) => ({ port, close: async () => undefined }),
  openUdp: async ({ host, port }) => ({ local: { host, port }, send: () => undefined, close: async () => undefined }),
};

function makeField(): { field: BuildingField; time: VirtualClock } {
  const time = new VirtualClock({ startMs: workingMorning });
  return { time, field: new BuildingField({ network: emptyNetwork, clock: time, timers: time, random: seededRandom(1) }) };
}

async function started(): Promise<{ field: BuildingField; time: VirtualClock }> {
  const made = makeField();
  await made.field.start();
  return made;
}

const deviceOf = (field: BuildingField, name: string): FieldDevice => {
  const device = field.devices.find((each) => each.name === name);
  assert.ok(device !== undefined, name);
  return device;
};

function unitOf(field: BuildingField, name: string): PlcUnit {
  const device = deviceOf(field, name);
  assert.ok(device.kind === 'plc');
  return device.plc.unit(1);
}

/** A client's write, as the PLC's function handler would carry it out. */
function writeRegisters(unit: PlcUnit, area: 'co' | 'hr', address: number, ...values: number[]): void {
  unit.written({ timeMs: 0, remote: '127.0.0.21', unit: 1, area, address, values });
}

function writeObject(field: BuildingField, name: string, object: string, value: { tag: number; value: number | null }, priority: number): void {
  const device = deviceOf(field, name);
  assert.ok(device.kind === 'bacnet');
  device.virtual.object(object).write(85, undefined, value, priority);
  device.virtual.onWrite?.({ timeMs: 0, remote: '127.0.0.21', object, property: 85, value: value.value, priority });
}

function presentValue(field: BuildingField, point: DemoPoint): number {
  const device = deviceOf(field, point.device);
  return device.kind === 'plc' ? decode(device.plc.unit(1), point) : Number(device.virtual.object(point.object ?? '').presentValue);
}

/** By the site document alone: a wrong register, type, word order or scale shows as a wrong value. */
function decode(unit: PlcUnit, { at = '', type: kind, scale = 1 }: DemoPoint): number {
  const [area, offset] = at.split(':') as ['co' | 'di' | 'hr' | 'ir', string];
  const [first = 0, second = 0] = unit.get(area, Number(offset), 2);
  const view = new DataView(new ArrayBuffer(4));
  view.setUint16(0, first);
  view.setUint16(2, second);
  switch (kind) {
    case 'float32':
      return view.getFloat32(0);
    case 'uint32':
      return view.getUint32(0);
    case 'int16':
      return view.getInt16(0) * scale;
    case undefined:
    default:
      return first * scale;
  }
}

describe('building: the virtual devices of config/demo/site.yaml', () => {
  it('are those of the site, at its addresses, unit and instance', () => {
    const { field } = makeField();
    const site = demoDevices();
    assert.deepEqual(field.devices.map((device) => device.name).sort(), Object.keys(site).sort());
    for (const { name, address, kind } of field.devices) {
      assert.equal(address.host, site[name]?.host, name);
      assert.equal(address.port, site[name]?.port ?? 47_808, name);
      assert.equal(site[name]?.driver, kind === 'plc' ? 'modbus-tcp' : 'bacnet', name);
      if (kind === 'plc') assert.equal(site[name].unit, 1);
    }
    const exclusive = field.devices.filter((device) => device.kind === 'plc' && device.plc.maxConnections === 1).map(({ name }) => name);
    assert.deepEqual(exclusive, Object.keys(site).filter((name) => site[name]?.exclusive === true));
  });

  it('hold every point with the value of the building', () => {
    const { field } = makeField();
    const { state } = field;
    const points = demoPoints();
    const value = (name: string): number => presentValue(field, points.find((point) => point.name === name)!);
    for (const point of points) assert.ok(Number.isFinite(presentValue(field, point)), point.name);
    const near = (name: string, expected: number, within: number): void => assert.ok(Math.abs(value(name) - expected) <= within, `${name} ${value(name)}, not ${expected}`);
    near('AHU1.SaT', state.ahu.supplyC, 0.26);
    near('AHU1.SaFlow', 18_000 * state.ahu.flow, 70);
    near('AHU1.FanHours', state.ahu.fanHours, 1);
    near('AHU1.SaTSp', 18, 0.01);
    near('CH1.ChwST', state.plant.chilledSupplyC, 0.06);
    near('CH1.ChwSTSp', 7, 0.01);
    near('P1.Hours', state.plant.pumps[0].hours, 1);
    near('Main.kWh', state.meters.mainKwh, 1);
    near('Site.OaT', state.outdoor.temperatureC, 0.2);
    near('R203.ZnT', state.rooms[5]!.temperatureC, 0.2);
    near('R101.ZnTSp', 21.5, 0.01);
    assert.deepEqual(['AHU1.FanCmd', 'AHU1.FanSts', 'AHU1.Mode', 'CH1.Sts', 'RTU1.FanSts', 'RTU1.Mode'].map(value), [1, 1, 1, 1, 1, 2]);
  });

  it('show change every second', async () => {
    const { field, time } = await started();
    const points = demoPoints();
    const point = (name: string): DemoPoint => points.find((each) => each.name === name)!;
    for (const name of ['AHU1.SaT', 'AHU1.SaP', 'CH1.ChwST', 'Main.kW', 'Site.OaT', 'R101.ZnT', 'R203.ZnCO2']) {
      const seen = new Set<number>();
      for (let at = 0; at < 20; at++) {
        await time.advance(second);
        seen.add(presentValue(field, point(name)));
      }
      assert.ok(seen.size >= 3, `${name} had ${seen.size} values in 20 s`);
    }
    await field.stop();
  });

  it('obey registers that a client writes', async () => {
    const { field, time } = await started();
    const ahu = unitOf(field, 'plc-ahu');
    writeRegisters(ahu, 'hr', 100, 225);
    assert.equal(field.inputs.ahu.supplySetpointC, 22.5);
    await time.advance(5 * minute);
    assert.ok(Math.abs(field.state.ahu.supplyC - 22.5) < 0.6);
    assert.deepEqual(ahu.get('hr', 100), [225], 'reads back as written');
    writeRegisters(ahu, 'co', 0, 0);
    await time.advance(20 * second);
    assert.deepEqual(ahu.get('di', 0), [0]);
    writeRegisters(unitOf(field, 'plc-plant'), 'hr', 0, 0x4120, 0);
    assert.equal(field.inputs.plant.chilledSetpointC, 10);
    await field.stop();
  });

  it('take a pulse back by themselves, once it was seen', async () => {
    const { field, time } = await started();
    const ahu = unitOf(field, 'plc-ahu');
    writeRegisters(ahu, 'co', 1, 1);
    await time.advance(500);
    assert.deepEqual(ahu.get('co', 1), [1]);
    assert.ok(field.state.ahu.filterDirtPa < 1);
    await time.advance(second);
    assert.deepEqual(ahu.get('co', 1), [0]);
    await field.stop();
  });

  it('obey commanded objects until they are relinquished', async () => {
    const { field, time } = await started();
    const damperPct = (room: number): number => field.state.rooms[room]?.damperPct ?? NaN;
    writeObject(field, 'vav-101', 'AO:21', { tag: 4, value: 95 }, 8);
    await time.advance(minute);
    assert.equal(damperPct(1), 95);
    writeObject(field, 'vav-101', 'AO:21', { tag: 0, value: null }, 8);
    await time.advance(minute);
    assert.ok(damperPct(1) < 95);
    writeObject(field, 'vav-102', 'MV:31', { tag: 2, value: 1 }, 10);
    await time.advance(minute);
    assert.deepEqual([field.state.rooms[5]?.mode, damperPct(5)], ['off', 0]);
    writeObject(field, 'ddc-roof', 'BO:11', { tag: 9, value: 0 }, 16);
    await time.advance(minute);
    assert.equal(presentValue(field, { name: '', device: 'ddc-roof', object: 'BI:11' }), 0);
    await field.stop();
  });

  it('hold a sensor by hand and let it go', async () => {
    const { field, time } = await started();
    const supply = demoPoints().find((point) => point.name === 'AHU1.SaT')!;
    assert.ok(field.set('plc-ahu', 'AHU1.SaT', 35));
    await time.advance(10 * second);
    assert.equal(presentValue(field, supply), 35);
    field.set('plc-ahu', 'AHU1.SaT', null);
    assert.ok(presentValue(field, supply) < 20);
    assert.equal(field.set('plc-ahu', 'AHU1.Nothing', 1), false);
    await field.stop();
  });

  it('break in the building itself', async () => {
    const { field, time } = await started();
    assert.ok(field.setModel('beltBroken', 1));
    await time.advance(10 * second);
    assert.deepEqual(unitOf(field, 'plc-ahu').get('di', 0, 2), [0, 1]);
    field.setModel('beltBroken', null);
    await time.advance(10 * second);
    assert.deepEqual(unitOf(field, 'plc-ahu').get('di', 0, 2), [1, 0]);
    assert.equal(field.setModel('roof', 1), false);
    await field.stop();
  });

  it('leave nothing behind when they stop', async () => {
    const { field, time } = await started();
    await field.stop();
    assert.equal(time.pending, 0);
  });
});

import assert from 'node:assert/strict';
import { isTandemError, type PointValue } from '../../../src/contract/index.js';
import { Rig, until } from './rig.js';

const code = (promise: Promise<unknown>): Promise<string> => promise.then(() => 'done', (error: unknown) => (isTandemError(error) ? error.code : String(error)));

describe('Modbus driver: writing to a PLC', () => {
  let rig: Rig;
  afterEach(() => rig.close());
  const points = {
    Coil: { at: 'co:3', write: {} },
    Bit: { at: 'hr:20.5', write: {} },
    Bit2: { at: 'hr:20.6', write: {} },
    Sp: { at: 'hr:100', type: 'int16', scale: 0.1, write: { verify: 'readback' as const } },
    F32: { at: 'hr:110', type: 'float32', wordOrder: 'little', write: { verify: 'readback' as const } },
    Big: { at: 'hr:120', type: 'uint64', write: {} },
    Blind: { at: 'hr:130', write: { verify: 'none' as const } },
    Pulse: { at: 'hr:131', write: { repeatable: false } },
    Input: { at: 'ir:0' },
  };
  const written = (): readonly unknown[] => rig.plc.ledger.writes.map(({ area, address, values }) => [area, address, ...values]);
  const requests = (): Record<number, number> => rig.plc.ledger.of('127.0.0.1').requests;

  it('uses functions 5, 6 and 16, and 3 to change a bit', async () => {
    rig = await Rig.open(points);
    rig.plc.unit(1).set('hr', 20, [0x8001]);
    const values: readonly [string, PointValue][] = [['Coil', 1], ['Bit', 1], ['Bit', 0], ['Sp', 21.46], ['F32', 1.1], ['Big', 2n ** 64n - 1n]];
    for (const [name, value] of values) await rig.write(name, value);
    assert.deepEqual(written(), [['co', 3, 1], ['hr', 20, 0x8021], ['hr', 20, 0x8001], ['hr', 100, 215], ['hr', 110, 0xcccd, 0x3f8c], ['hr', 120, 65_535, 65_535, 65_535, 65_535]]);
    assert.deepEqual(requests(), { 3: 4, 5: 1, 6: 3, 16: 2 });
    assert.equal(rig.latest().Sp, 21.5, 'what was read back is a sample');
  });

  it('uses functions 15 and 16 only, where the device wants them', async () => {
    rig = await Rig.open(points, { writeMultiple: true });
    for (const [name, value] of [['Coil', 1], ['Bit', 1], ['Blind', 9]] as const) await rig.write(name, value);
    assert.deepEqual(requests(), { 3: 1, 15: 1, 16: 2 });
    assert.deepEqual(written(), [['co', 3, 1], ['hr', 20, 32], ['hr', 130, 9]]);
  });

  it('writes and reads back in one request with function 23, where the device has it', async () => {
    rig = await Rig.open({ ...points, Flag: { at: 'hr:20.7', write: { verify: 'readback' } } }, { readWrite: true });
    for (const [name, value] of [['Sp', 21.46], ['F32', 1.1], ['Coil', 1], ['Big', 1n], ['Flag', 1]] as const) await rig.write(name, value);
    assert.deepEqual(requests(), { 3: 1, 5: 1, 16: 1, 23: 3 });
    assert.deepEqual(written(), [['hr', 100, 215], ['hr', 110, 0xcccd, 0x3f8c], ['co', 3, 1], ['hr', 120, 0, 0, 0, 1], ['hr', 20, 0x80]]);
    assert.deepEqual([rig.latest().Sp, rig.latest().Flag], [21.5, 1]);
    rig.plc.faults.inject({ kind: 'exception', code: 5 }, { function: 23, times: 1 });
    rig.plc.unit(1).set('hr', 100, [300]);
    await rig.write('Sp', 30);
    assert.equal(rig.latest().Sp, 30, 'a device that only says that it is at it is read until it shows the value');
  });

  it('does not lose a bit when two of one register are written together', async () => {
    rig = await Rig.open(points, { maxInFlight: 4 });
    await Promise.all([rig.write('Bit', 1), rig.write('Bit2', 1)]);
    assert.deepEqual(rig.plc.unit(1).get('hr', 20), [0x60]);
  });

  it('refuses what cannot be written before it asks anything of the device', async () => {
    rig = await Rig.open(points);
    assert.equal(await code(rig.write('Sp', 3276.8)), 'VALUE_OUT_OF_RANGE');
    assert.equal(await code(rig.write('Sp', 'high')), 'VALUE_INVALID');
    assert.equal(await code(rig.write('Coil', 2)), 'VALUE_INVALID');
    assert.equal(await code(rig.write('Sp', null)), 'VALUE_INVALID');
    assert.equal(await code(rig.write('Input', 1)), 'POINT_READ_ONLY');
    assert.equal(await code(rig.driver.write({ point: 99, value: 1, priority: 16, timeoutMs: 100, permit: () => true })), 'POINT_UNKNOWN');
    assert.deepEqual(requests(), {});
  });

  it('sends nothing without a permit, nor the second half once it is gone', async () => {
    rig = await Rig.open(points);
    for (const name of ['Coil', 'Bit', 'Sp', 'F32']) assert.equal(await code(rig.write(name, 1, { permit: () => false })), 'FENCED');
    assert.deepEqual(requests(), {});
    let asked = 0;
    assert.equal(await code(rig.write('Bit', 1, { permit: () => ++asked <= 2 })), 'FENCED');
    assert.deepEqual([requests(), written()], [{ 3: 1 }, []]);
  });

  it('asks for the permit again before it repeats to a busy device', async () => {
    rig = await Rig.open(points);
    rig.plc.faults.inject({ kind: 'exception', code: 6 }, { times: 1 });
    await rig.write('Coil', 1);
    assert.deepEqual([requests(), written()], [{ 5: 2 }, [['co', 3, 1]]]);
    rig.plc.faults.inject({ kind: 'exception', code: 6 }, { times: 1 });
    let allowed = true;
    const outcome = code(rig.write('Coil', 0, { permit: () => allowed }));
    await until(() => rig.driver.counters().exceptions === 2, 'the device has said that it is busy');
    allowed = false;
    assert.equal(await outcome, 'FENCED');
    assert.equal(rig.plc.ledger.writes.length, 1);
  });

  it('does not repeat what the device has taken, unless that does no harm', async () => {
    rig = await Rig.open(points);
    rig.plc.faults.inject({ kind: 'exception', code: 5 }, { times: 1 });
    assert.equal(await code(rig.write('Pulse', 1)), 'FIELD_NOT_VERIFIED');
    assert.deepEqual(requests(), { 6: 1 });
    rig.plc.faults.inject({ kind: 'exception', code: 5 }, { times: 1 });
    await rig.write('Coil', 1);
    assert.deepEqual(requests(), { 5: 2, 6: 1 });
  });

  it('reads back until the device has taken the value over, or the time is over', async () => {
    rig = await Rig.open(points);
    const unit = rig.plc.unit(1);
    let reverted = false;
    unit.onWrite((write) => {
      if (reverted) return;
      reverted = true;
      unit.set('hr', 100, [0]);
      setTimeout(() => unit.set('hr', 100, write.values), 30);
    });
    await rig.write('Sp', 20);
    unit.onWrite(() => unit.set('hr', 100, [180]));
    assert.equal(await code(rig.write('Sp', 22, { timeoutMs: 300 })), 'FIELD_NOT_VERIFIED');
    assert.equal(rig.latest().Sp, 18);
  });

  it('tells refused from not verified from in doubt', async () => {
    rig = await Rig.open(points);
    const { faults } = rig.plc;
    faults.inject({ kind: 'exception', code: 3 }, { times: 1 });
    assert.equal(await code(rig.write('Coil', 1)), 'FIELD_REJECTED');
    faults.inject({ kind: 'wrong-echo' }, { times: 1, function: 6 });
    assert.equal(await code(rig.write('Pulse', 1)), 'FIELD_NOT_VERIFIED');
    faults.inject({ kind: 'wrong-echo' }, { times: 1, function: 6 });
    await rig.write('Blind', 1);
    faults.inject({ kind: 'exception', code: 0x0b }, { times: 1 });
    assert.equal(await code(rig.write('Coil', 1)), 'FIELD_TIMEOUT');
    faults.inject({ kind: 'drop' }, { times: 1 });
    assert.equal(await code(rig.write('Coil', 1)), 'FIELD_TIMEOUT');
    await until(() => rig.driver.counters().connects === 2, 'it is connected again');
    faults.inject({ kind: 'reset' }, { times: 1 });
    assert.equal(await code(rig.write('Coil', 1)), 'FIELD_CLOSED');
    assert.equal(rig.plc.ledger.writes.length, 3, 'nothing was written twice');
  });

  it('goes before the reads that wait', async () => {
    rig = await Rig.open({ ...points, ...Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`P${index}`, { at: `hr:${1000 + 50 * index}` }])) });
    rig.plc.faults.inject({ kind: 'delay', delayMs: 5 }, { function: 3 });
    const order: string[] = [];
    const poll = rig.driver.poll('fast').then(() => order.push('poll'));
    await until(() => rig.batches.length > 2, 'the poll is under way');
    await rig.write('Coil', 1).then(() => order.push('write'));
    await poll;
    assert.deepEqual(order, ['write', 'poll']);
  });
});

import assert from 'node:assert/strict';
import { judge, maskWriteRequest, readWriteRequest } from '../../../drivers/modbus/pdu.js';
import { handle } from '../../../simulators/modbus-plc/functions.js';
import { PlcUnit } from '../../../simulators/modbus-plc/index.js';
import { parse, Rig } from './rig.js';

const readback = { write: { verify: 'readback' as const } };
const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');

describe('Modbus: BCD, texts and masks', () => {
  it('BCD is read, written and refused where a digit is none', async () => {
    const rig = await Rig.open({ A: { at: 'hr:0', type: 'bcd16', scale: 0.1, ...readback }, B: { at: 'hr:1', type: 'bcd32', wordOrder: 'little', ...readback }, C: { at: 'hr:3', type: 'bcd16' } });
    try {
      rig.plc.unit(1).set('hr', 0, [0x1234, 0x5678, 0x1234, 0x12a4]);
      assert.deepEqual((await rig.poll()).values, { A: 123.4, B: 12345678, C: 'bad (format)' });
      await rig.write('A', 999.9);
      await rig.write('B', 90);
      assert.deepEqual(rig.plc.unit(1).get('hr', 0, 3), [0x9999, 0x0090, 0]);
      await assert.rejects(rig.write('A', 1000), { code: 'VALUE_OUT_OF_RANGE' });
      await assert.rejects(rig.write('B', -1), { code: 'VALUE_OUT_OF_RANGE' });
    } finally {
      await rig.close();
    }
  });

  it('texts end at a zero or in blanks, with bytes in either order', async () => {
    const rig = await Rig.open({ A: { at: 'hr:0', type: 'string(8)', ...readback }, B: { at: 'hr:4', type: 'string(5)', byteOrder: 'little', ...readback } });
    try {
      rig.plc.unit(1).set('hr', 0, [0x4148, 0x552d, 0x3100, 0x5858, 0x6261, 0x2063, 0x2020]);
      assert.deepEqual((await rig.poll()).values, { A: 'AHU-1', B: 'abc' });
      await rig.write('A', 'Lüfter');
      assert.equal(rig.plc.unit(1).get('hr', 0)[0], 0x4cfc);
      await rig.write('B', 'xyz');
      assert.deepEqual(rig.plc.unit(1).get('hr', 4, 3), [0x7978, 0x007a, 0]);
      await assert.rejects(rig.write('A', 'far too long'), { code: 'VALUE_OUT_OF_RANGE' });
      await assert.rejects(rig.write('A', '20 €'), { code: 'VALUE_INVALID' });
      await assert.rejects(rig.write('A', 5), { code: 'VALUE_INVALID' });
    } finally {
      await rig.close();
    }
  });

  it('a text that no block can hold, a scaled text and an unknown type are refused', () => {
    assert.throws(() => parse({ host: 'h', maxRegisters: 10 }, { T: { at: 'hr:0', type: 'string(22)' } }), /maxRegisters/);
    assert.throws(() => parse({ host: 'h' }, { T: { at: 'hr:0', type: 'string(4)', scale: 2 } }), /no scale/);
    assert.throws(() => parse({ host: 'h' }, { T: { at: 'hr:0', type: 'string(0)' } }), /string\(n\)/);
    assert.throws(() => parse({ host: 'h' }, { T: { at: 'hr:0', type: 'float' } }), /must be one of bool/);
  });

  it('maskWrite changes a bit with function 22 and reads nothing before', async () => {
    const rig = await Rig.open({ A: { at: 'hr:5.3', write: {} }, B: { at: 'hr:6.9', byteOrder: 'little', write: {} } }, { maskWrite: true });
    try {
      rig.plc.unit(1).set('hr', 5, [0xff00, 0]);
      await rig.write('A', 1);
      await rig.write('B', 1);
      assert.deepEqual(rig.plc.unit(1).get('hr', 5, 2), [0xff08, 0x0002]);
      assert.deepEqual((await rig.poll()).values, { A: 1, B: 1 });
      await rig.write('A', 0);
      assert.deepEqual(rig.plc.unit(1).get('hr', 5), [0xff00]);
      assert.deepEqual([rig.plc.ledger.of('127.0.0.1').requests[22], rig.plc.ledger.of('127.0.0.1').requests[3]], [3, 1]);
    } finally {
      await rig.close();
    }
  });

  it('functions 22 and 23: the examples of the specification, clauses 6.16 and 6.17', () => {
    const mask = maskWriteRequest(4, 0xf2, 0x25);
    assert.equal(hex(mask), '16000400f20025');
    const unit = new PlcUnit(1);
    unit.set('hr', 4, [0x12]);
    const masked = handle(mask, unit);
    assert.deepEqual([masked.write?.values, judge(mask, masked.answer)], [[0x17], { kind: 'good' }]);
    const both = readWriteRequest({ start: 3, count: 6 }, 14, Uint8Array.of(0, 255, 0, 255, 0, 255));
    assert.equal(hex(both), '1700030006000e00030600ff00ff00ff');
    const answered = handle(both, unit);
    assert.deepEqual([answered.write?.address, hex(answered.answer), judge(both, answered.answer)], [14, '170c000000120000000000000000', { kind: 'good' }]);
    assert.equal(judge(mask, masked.answer.slice(0, 5)).kind, 'malformed');
    assert.equal(judge(mask, masked.answer.map((byte, index) => byte ^ Number(index === 6))).kind, 'mismatch');
  });
});

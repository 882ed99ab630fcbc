import assert from 'node:assert/strict';
import { decodeRegisters, encodeRegisters } from '../../../drivers/modbus/codec.js';
import { readRegisterMap } from '../../../drivers/modbus/register-map.js';
import type { ModbusAddress } from '../../../drivers/modbus/types.js';
import type { PointValue } from '../../../src/contract/index.js';
import { parse, type RigPoint } from './rig.js';

/** Bytes as they travel for ABCD; the other orders follow from the letters. Values as IEEE 754 and two's complement have them. */
const golden: readonly (readonly [type: string, value: PointValue, abcd: string])[] = [
  ['uint16', 0xabcd, 'ab cd'],
  ['int16', -2, 'ff fe'],
  ['bcd16', 1234, '12 34'],
  ['uint32', 0x12345678, '12 34 56 78'],
  ['int32', -123_456_789, 'f8 a4 32 eb'],
  ['bcd32', 12_345_678, '12 34 56 78'],
  ['float32', 1, '3f 80 00 00'],
  ['float32', -118.625, 'c2 ed 40 00'],
  ['uint64', 0x0123_4567_89ab_cdefn, '01 23 45 67 89 ab cd ef'],
  ['int64', -2n, 'ff ff ff ff ff ff ff fe'],
  ['float64', 1, '3f f0 00 00 00 00 00 00'],
  ['float64', -0.1, 'bf b9 99 99 99 99 99 9a'],
];

const orders = {
  ABCD: { words: 'big', bytes: 'big' },
  CDAB: { words: 'little', bytes: 'big' },
  BADC: { words: 'big', bytes: 'little' },
  DCBA: { words: 'little', bytes: 'little' },
} as const;

/** Written out for 32 bits, so that the order names of makers are what is tested. */
const written: Readonly<Record<keyof typeof orders, string>> = { ABCD: '12 34 56 78', CDAB: '56 78 12 34', BADC: '34 12 78 56', DCBA: '78 56 34 12' };

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

function inOrder(abcd: Uint8Array, order: keyof typeof orders): Uint8Array {
  const words = Array.from({ length: abcd.length / 2 }, (_, index) => [abcd[2 * index]!, abcd[2 * index + 1]!]);
  if (orders[order].bytes === 'little') for (const word of words) word.reverse();
  if (orders[order].words === 'little') words.reverse();
  return Uint8Array.from(words.flat());
}

function addressOf(keys: RigPoint): ModbusAddress {
  return parse({ host: 'plc' }, { P: keys }).points[0]!.address;
}

describe('Modbus types: golden bytes', () => {
  for (const [type, value, abcd] of golden) {
    for (const order of Object.keys(orders) as (keyof typeof orders)[]) {
      it(`${type} ${String(value)} as ${order}`, () => {
        const wire = inOrder(bytes(abcd), order);
        const address = addressOf({ at: 'hr:0', type, wordOrder: orders[order].words, byteOrder: orders[order].bytes });
        assert.equal(decodeRegisters(wire, 0, address), value);
        assert.deepEqual(encodeRegisters(value, address), wire);
        // Somewhere inside an answer too.
        assert.equal(decodeRegisters(Uint8Array.of(3, wire.length, ...wire), 2, address), value);
      });
    }
  }

  it('the order names of makers, written out', () => {
    for (const [order, wire] of Object.entries(written)) {
      const block = readRegisterMap(`name;at;type;order\nP;hr:0;udint;${order}\n`, { device: 'm' }).points.get('P')!;
      const { at, type, wordOrder, byteOrder } = block as { at: string; type: string; wordOrder?: string; byteOrder?: string };
      const address = addressOf({ at, type, ...(wordOrder === undefined ? {} : { wordOrder }), ...(byteOrder === undefined ? {} : { byteOrder }) });
      assert.equal(decodeRegisters(bytes(wire), 0, address), 0x12345678, order);
    }
  });

  it('what is scaled is what people expect of decimals, and rounds to the nearest', () => {
    const address = addressOf({ at: 'hr:0', type: 'int16', scale: 0.1, offset: -40 });
    assert.equal(decodeRegisters(bytes('02 9b'), 0, address), 26.7);
    assert.deepEqual(encodeRegisters(26.74, address), bytes('02 9b'));
    assert.throws(() => encodeRegisters(4000, address), { code: 'VALUE_OUT_OF_RANGE' });
  });
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeRegisters, encodeRegisters } from '../../../drivers/modbus/codec.js';
import { isBitArea, type Area } from '../../../drivers/modbus/pdu.js';
import { bisect, planBlocks, type Limits, type PlanPoint } from '../../../drivers/modbus/plan.js';
import { valueTypes, widthOf, type FixedType, type ModbusAddress } from '../../../drivers/modbus/types.js';
import { isTandemError } from '../../../src/contract/index.js';

const common = { scale: 1, shift: 0, wordOrder: 'big', byteOrder: 'big' } as const;
const address = (area: Area, offset: number, type: FixedType): ModbusAddress => ({ area, offset, type, count: widthOf(type), ...common });

const anyPoint = fc.oneof(
  fc.record({ area: fc.constantFrom<Area>('hr', 'ir'), offset: fc.nat(600), type: fc.constantFrom(...valueTypes.slice(1)) }),
  fc.record({ area: fc.constantFrom<Area>('co', 'di'), offset: fc.nat(6000), type: fc.constant<FixedType>('bool') }),
).map(({ area, offset, type }) => address(area, offset, type));
const anyPoints = fc.array(anyPoint, { maxLength: 80 }).map((list) => list.map((at, id): PlanPoint => ({ id, address: at })));
const anyLimits: fc.Arbitrary<Limits> = fc.record({ maxGap: fc.nat(20), maxRegisters: fc.integer({ min: 4, max: 125 }), maxCoils: fc.integer({ min: 1, max: 2000 }) });

describe('Modbus poll planning', () => {
  it('reads every point once, whole, within the limits, and nothing across a refused register', () => {
    fc.assert(fc.property(anyPoints, anyLimits, fc.option(fc.nat(600)), (points, limits, hole) => {
      const blocks = planBlocks(points, limits, (area, start, end) => area === 'hr' && hole !== null && hole >= start && hole < end);
      assert.deepEqual(blocks.flatMap((block) => block.points.map(({ id }) => id)).sort((a, b) => a - b), points.map(({ id }) => id));
      for (const block of blocks) {
        const bits = isBitArea(block.area);
        assert.ok(block.count <= (bits ? limits.maxCoils : limits.maxRegisters));
        let end = block.start;
        for (const { address: at } of block.points) {
          assert.equal(at.area, block.area);
          assert.ok(at.offset >= block.start && at.offset + at.count <= block.start + block.count, 'whole');
          assert.ok(at.offset - end <= limits.maxGap * (bits ? 16 : 1), 'gap');
          end = Math.max(end, at.offset + at.count);
        }
        assert.equal(end, block.start + block.count, 'not longer than needed');
        const covers = block.area === 'hr' && hole !== null && hole >= block.start && hole < block.start + block.count;
        assert.ok(!covers || block.points.length === 1, 'what covers the hole stands alone');
      }
    }));
  });

  it('makes no two blocks where one would do', () => {
    const blocks = planBlocks([0, 2, 10, 20].map((offset, id) => ({ id, address: address('hr', offset, 'uint32') })), { maxGap: 8, maxRegisters: 125, maxCoils: 2000 }, () => false);
    assert.deepEqual(blocks.map(({ start, count }) => [start, count]), [[0, 22]]);
  });

  it('bisects until one place is left, losing no point', () => {
    fc.assert(fc.property(anyPoints, (points) => {
      const queue = planBlocks(points, { maxGap: 8, maxRegisters: 125, maxCoils: 2000 }, () => false);
      const leaves: PlanPoint[] = [];
      for (let block = queue.pop(); block !== undefined; block = queue.pop()) {
        const halves = bisect(block);
        if (halves !== undefined) {
          assert.ok(halves[0].points.length > 0 && halves[1].points.length > 0);
          queue.push(...halves);
          continue;
        }
        assert.equal(new Set(block.points.map(({ address: at }) => at.offset)).size, 1);
        leaves.push(...block.points);
      }
      assert.equal(leaves.length, points.length);
    }));
  });
});

describe('Modbus values', () => {
  const orders = fc.record({ wordOrder: fc.constantFrom('big' as const, 'little' as const), byteOrder: fc.constantFrom('big' as const, 'little' as const) });
  const ranges = {
    int16: fc.integer({ min: -0x8000, max: 0x7fff }), uint16: fc.integer({ min: 0, max: 0xffff }),
    int32: fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }), uint32: fc.integer({ min: 0, max: 0xffff_ffff }),
    int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), uint64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    float32: fc.float({ noNaN: true, noDefaultInfinity: true }), float64: fc.double({ noNaN: true, noDefaultInfinity: true }),
  };
  for (const [type, values] of Object.entries(ranges) as [Exclude<FixedType, 'bool'>, fc.Arbitrary<number | bigint>][]) {
    it(`${type} comes back as it was written, in each of the four orders`, () => {
      fc.assert(fc.property(values, orders, (value, order) => {
        const at = { ...address('hr', 0, type), ...order };
        const back = decodeRegisters(encodeRegisters(value, at), 0, at);
        assert.ok(back === value, `${String(back)} for ${String(value)}`);
      }));
    });
  }

  it('has the byte orders that makers call ABCD, CDAB, BADC and DCBA', () => {
    const wanted = { ABCD: ['big', 'big'], CDAB: ['little', 'big'], BADC: ['big', 'little'], DCBA: ['little', 'little'] } as const;
    for (const [name, [wordOrder, byteOrder]] of Object.entries(wanted)) {
      const data = encodeRegisters(0x41424344, { ...address('hr', 0, 'uint32'), wordOrder, byteOrder });
      assert.equal(Buffer.from(data).toString('ascii'), name);
    }
  });

  it('scales without the noise of binary fractions, and rounds what it writes', () => {
    const at = { ...address('hr', 0, 'int16'), scale: 0.1, shift: 0 };
    assert.equal(decodeRegisters(encodeRegisters(0.3, at), 0, at), 0.3);
    assert.equal(decodeRegisters(encodeRegisters(21.44, at), 0, at), 21.4);
    assert.equal(decodeRegisters(encodeRegisters(-12.3, at), 0, at), -12.3);
    assert.equal(decodeRegisters(Uint8Array.of(0, 100), 0, { ...at, scale: 2, shift: -50 }), 150);
  });

  it('refuses what the type cannot hold, and what is no number', () => {
    const code = (run: () => unknown): string => {
      try {
        run();
        return 'accepted';
      } catch (error) {
        return isTandemError(error) ? error.code : 'other';
      }
    };
    const cases = [
      ['int16', 32_768], ['int16', -32_769], ['uint16', -1], ['uint16', 65_536], ['int32', 2 ** 31], ['uint32', 2 ** 32], ['int64', 2n ** 63n], ['uint64', -1n], ['float32', 1e39], ['uint16', 1e300],
    ] as const;
    for (const [type, value] of cases) assert.equal(code(() => encodeRegisters(value, address('hr', 0, type))), 'VALUE_OUT_OF_RANGE', `${type} ${String(value)}`);
    assert.equal(code(() => encodeRegisters(3276.8, { ...address('hr', 0, 'int16'), scale: 0.1 })), 'VALUE_OUT_OF_RANGE');
    for (const value of [NaN, Infinity, 'on']) assert.equal(code(() => encodeRegisters(value, address('hr', 0, 'float32'))), 'VALUE_INVALID');
  });

  it('takes a float that is not finite for no value', () => {
    for (const raw of [0x7fc0_0000, 0x7f80_0000, 0xff80_0000]) {
      const data = Uint8Array.of(raw >>> 24, (raw >> 16) & 0xff, (raw >> 8) & 0xff, raw & 0xff);
      assert.equal(decodeRegisters(data, 0, address('hr', 0, 'float32')), undefined);
    }
  });
});

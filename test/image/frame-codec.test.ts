import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { isTandemError } from '../../src/contract/index.js';
import { asFrameVersion1, decodeFrame, encodeFrame, encodeInTurns, type Frame } from '../../src/image/index.js';
import { frame, plainFrame, rowsOf } from './frames.js';

function assertSame(actual: Frame, expected: Frame): void {
  const { values, samples, ...rest } = actual;
  const { values: expectedValues, samples: expectedSamples, ...expectedRest } = expected;
  // JSON has one zero.
  assert.deepEqual(rest, JSON.parse(JSON.stringify(expectedRest)));
  assert.deepEqual(rowsOf(values), rowsOf(expectedValues));
  assert.deepEqual(rowsOf(samples), rowsOf(expectedSamples));
}

const sample = plainFrame({
  seq: 7,
  values: [[0, 1.5, 0, 1e12], [8, 'grün', 0, 2], [10, -(2n ** 63n), 64, 3], [1, NaN, 194, 4]],
  samples: [[3, -Infinity, 0, 5]],
  puts: [{ key: 'a/b', value: { x: [1, null, 'y'] } }],
  logs: [{ id: '1.7.0', kind: 'alarm', timeMs: 1, data: { name: 'ä' } }],
});

describe('frame codec', () => {
  it('gives back every frame as it was', () => {
    fc.assert(fc.property(frame, (some) => assertSame(decodeFrame(encodeFrame(some)), some)), { numRuns: 500 });
  });

  it('encodes a large frame in turns, byte for byte as in one go', async () => {
    let turns = 0;
    const breathe = async (): Promise<void> => {
      turns++;
      return Promise.resolve();
    };
    const large: Frame = {
      ...plainFrame({ seq: 3, values: Array.from({ length: 30_000 }, (_, row) => [row % 8, row / 3, 0, row]), samples: [[1, 2, 0, 3]], puts: Array.from({ length: 1_600 }, (_, number) => ({ key: `command/${number}`, value: { number } })), logs: Array.from({ length: 501 }, (_, number) => ({ id: `1.3.${number}`, kind: 'audit', timeMs: 1, data: number })) }),
      snapshot: true,
    };
    const bytes = await encodeInTurns(large, breathe);
    assert.ok(turns >= 8, `${turns} turns`);
    assert.ok(bytes.equals(encodeFrame(large)));
    assertSame(decodeFrame(bytes), large);
    turns = 0;
    await fc.assert(fc.asyncProperty(frame, async (some) => assert.ok((await encodeInTurns(some, breathe)).equals(encodeFrame(some)))), { numRuns: 100 });
    assert.equal(turns, 0, 'a small one in one go');
  });

  it('gives back columns of every form, each bit of them', () => {
    const column = fc.oneof(
      fc.array(fc.double(), { maxLength: 20 }),
      fc.array(fc.float(), { maxLength: 20 }),
      fc.array(fc.integer({ min: -3, max: 70_000 }), { maxLength: 20 }),
      fc.array(fc.constantFrom(0, -0, NaN, 1), { maxLength: 6 }),
      fc.tuple(fc.double(), fc.nat(20)).map(([value, length]) => Array<number>(length).fill(value)),
      fc.tuple(fc.integer({ min: 1_700_000_000_000, max: 1_800_000_000_000 }), fc.array(fc.nat(66_000), { maxLength: 20 })).map(([base, offsets]) => offsets.map((offset) => base + offset)),
    );
    const ids = fc.oneof(fc.array(fc.nat(0xffff_ffff), { maxLength: 20 }), fc.tuple(fc.nat(1_000_000), fc.nat(20)).map(([first, length]) => Array.from({ length }, (_, row) => first + row)), fc.array(fc.nat(70_000), { maxLength: 20 }));
    fc.assert(
      fc.property(column, column, ids, fc.array(fc.constantFrom(0, 64), { maxLength: 20 }), fc.boolean(), (values, times, points, qualities, hasSeqs) => {
        const length = Math.min(values.length, times.length, points.length, qualities.length);
        const batch = { length, values: Float64Array.from(values), times: Float64Array.from(times), points: Uint32Array.from(points), qualities: Uint8Array.from(qualities) };
        const given = { ...plainFrame({ seq: 9 }), values: { ...batch, ...(hasSeqs ? { seqs: Float64Array.from(times) } : {}) }, samples: batch };
        for (const bytes of [encodeFrame(given), encodeFrame(given, 1), asFrameVersion1(encodeFrame(given))]) {
          const { values: decoded, samples } = decodeFrame(bytes);
          for (const [one, other] of [[decoded.values, batch.values], [decoded.times, batch.times], [samples.values, batch.values], [samples.times, batch.times]] as const) {
            for (let row = 0; row < length; row++) assert.ok(Object.is(one[row], other[row]), `${String(one[row])} instead of ${String(other[row])}`);
          }
          assert.deepEqual([...decoded.points, ...samples.points], [...points.slice(0, length), ...points.slice(0, length)]);
          assert.deepEqual([...decoded.qualities, ...samples.qualities], [...qualities.slice(0, length), ...qualities.slice(0, length)]);
          if (hasSeqs) assert.deepEqual(decoded.seqs, Float64Array.from(times.slice(0, length)));
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes little room for a scan of plain registers, and format 1 as much as it always did', () => {
    const length = 1_000;
    const batch = { length, values: Float64Array.from({ length }, (_, row) => (row * 7_919) % 65_536), times: new Float64Array(length).fill(1_763_740_000_123), points: Uint32Array.from({ length }, (_, row) => 500 + row), qualities: new Uint8Array(length) };
    const given = { ...plainFrame({ seq: 9 }), values: batch, samples: batch };
    const short = encodeFrame(given);
    const long = encodeFrame(given, 1);
    assert.ok(short.length < 2 * (2 * length + 100) + 200, String(short.length));
    assert.equal(long.readUInt8(2), 1);
    assert.equal(long.readUInt32LE(44), 0);
    assert.equal(long.length, 48 + 2 * 21 * length + long.readUInt32LE(40));
  });

  it('reads a frame from the middle of somebody else\'s memory, wherever it begins, and keeps no hold on it', () => {
    fc.assert(
      fc.property(frame, fc.integer({ min: 1, max: 17 }), (some, offset) => {
        const bytes = encodeFrame(some);
        const larger = Buffer.alloc(bytes.length + offset + 5, 0xee);
        larger.set(bytes, offset);
        const decoded = decodeFrame(larger.subarray(offset, offset + bytes.length));
        larger.fill(0);
        assertSame(decoded, some);
      }),
      { numRuns: 200 },
    );
  });

  it('refuses every corruption of one byte with LINK_MALFORMED', () => {
    const bytes = encodeFrame(sample);
    for (let at = 0; at < bytes.length; at++) {
      for (const flip of [0x01, 0x02, 0x80, 0xff]) {
        const damaged = Buffer.from(bytes);
        damaged[at] = (damaged[at] ?? 0) ^ flip;
        assert.throws(() => decodeFrame(damaged), (error) => isTandemError(error, 'LINK_MALFORMED'), `byte ${at} ^ ${flip}`);
      }
    }
  });

  it('refuses every truncation and every lengthening', () => {
    const bytes = encodeFrame(sample);
    for (let length = 0; length < bytes.length; length++) assert.throws(() => decodeFrame(bytes.subarray(0, length)), (error) => isTandemError(error, 'LINK_MALFORMED'), `${length} bytes`);
    assert.throws(() => decodeFrame(Buffer.concat([bytes, Buffer.alloc(1)])), (error) => isTandemError(error, 'LINK_MALFORMED'));
  });

  it('refuses bytes of any kind', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => assert.throws(() => decodeFrame(bytes), (error) => isTandemError(error, 'LINK_MALFORMED'))));
  });

  it('refuses a whole frame whose tail is not what it should be', () => {
    for (const tail of ['', 'null', '3', '{}', '{"e":[1,"A","n"]', '[]']) {
      const bytes = encodeFrame(plainFrame({ seq: 1 }));
      const header = Buffer.from(bytes.subarray(0, 48));
      header.writeUInt32LE(Buffer.byteLength(tail), 40);
      const forged = Buffer.concat([header, Buffer.from(tail)]);
      forged.writeUInt32LE(crc32(forged.subarray(8), crc32(forged.subarray(0, 4))), 4);
      assert.throws(() => decodeFrame(forged), (error) => isTandemError(error, 'LINK_MALFORMED'), tail);
    }
  });
});

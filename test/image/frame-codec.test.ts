import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { isTandemError } from '../../src/contract/index.js';
import { decodeFrame, encodeFrame, type Frame } from '../../src/image/index.js';
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

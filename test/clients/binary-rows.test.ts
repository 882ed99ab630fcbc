import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BinaryRows } from '../../src/clients/binary-rows.js';
import { SharedMessage } from '../../src/clients/shared-message.js';
import { readChanges } from '../../src/client-sdk/binary-changes.js';

type Row = readonly [id: number, isBoolean: boolean, value: number | string | bigint, quality: number, timeMs: number, seq: number];

const rows = new BinaryRows();

function sent(written: readonly Row[], more = ''): ArrayBuffer {
  for (const [id, isBoolean, value, quality, timeMs, seq] of written) rows.add(id, isBoolean, typeof value === 'number' ? value : NaN, typeof value === 'number' ? undefined : value, quality, timeMs, seq);
  const message = new SharedMessage('changes', 'binary', '"epoch":{"number":1,"node":"a","nonce":"n"},"seq":77', rows.take(), ',"logs":[]');
  const bytes = message.bytesWith('s"1', more);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}

/** As JSON.stringify has it. */
function expected(written: readonly Row[]): unknown {
  return JSON.parse(JSON.stringify(written.map(([id, isBoolean, value, quality, timeMs, seq]) => [id, typeof value === 'bigint' ? value.toString() : typeof value === 'string' ? value : !Number.isFinite(value) ? null : isBoolean ? value !== 0 : value, quality, timeMs, seq])));
}

const number = fc.oneof(fc.double(), fc.integer(), fc.float(), fc.constantFrom(0, -0, 2 ** 31, -(2 ** 31), 2 ** 31 - 1, 21.5, 0.1, Infinity));
const row: fc.Arbitrary<Row> = fc.tuple(fc.nat(2_000_000), fc.boolean(), fc.oneof({ weight: 8, arbitrary: number }, { weight: 1, arbitrary: fc.string({ unit: 'grapheme' }) }, { weight: 1, arbitrary: fc.bigInt() }), fc.nat(255), fc.oneof(fc.constant(1_763_740_000_123), fc.nat()), fc.oneof(fc.constant(77), fc.maxSafeInteger().map(Math.abs)));

describe('changes as bytes', () => {
  it('say what the same message in JSON says', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 30 }), (written) => {
        const read = readChanges(sent(written, ',"resumed":true'));
        assert.deepEqual(JSON.parse(JSON.stringify(read)), { type: 'changes', id: 's"1', epoch: { number: 1, node: 'a', nonce: 'n' }, seq: 77, logs: [], resumed: true, values: expected(written) });
      }),
      { numRuns: 1_000 },
    );
  });

  it('take 9 to 13 bytes for a plant number of the frame that is told', () => {
    const one = sent([]).byteLength;
    const written = Array.from({ length: 100 }, (_, id): Row => [id, false, id / 3, 0, 1_763_740_000_123, 77]);
    assert.equal(sent(written).byteLength - one, 8 + 8 + 100 * 13 - 34 * (13 - 9));
  });

  it('are refused where they are none', () => {
    assert.throws(() => readChanges(new ArrayBuffer(0)), RangeError);
    assert.throws(() => readChanges(new Uint8Array([9, 0, 0, 0, 0, 0, 0, 0]).buffer), RangeError);
    assert.throws(() => readChanges(sent([[1, false, 0.1, 0, 1, 1]]).slice(0, -1)), RangeError);
  });
});

import assert from 'node:assert/strict';
import { encodeMbap, MbapWriter } from '../../../drivers/modbus/mbap.js';
import { readRequest, writeRegistersRequest } from '../../../drivers/modbus/pdu.js';

describe('frames that leave together', () => {
  it('stay as they were however many follow, and are those that a frame by itself would be', () => {
    const writer = new MbapWriter();
    const taken: { readonly got: Uint8Array; readonly wanted: Buffer }[] = [];
    for (let turn = 0; turn < 2_000; turn++) {
      const frames: Uint8Array[] = [];
      for (let index = 0; index <= turn % 7; index++) {
        // Now and then the longest there is: three together are beyond what a slab has left.
        const pdu = (turn + index) % 5 === 0 ? writeRegistersRequest(turn, new Uint8Array(246).fill(turn)) : readRequest('hr', turn, index + 1);
        writer.add(turn, index, pdu);
        frames.push(encodeMbap(turn, index, pdu));
      }
      const got = writer.take();
      assert.ok(got !== undefined);
      taken.push({ got, wanted: Buffer.concat(frames) });
    }
    assert.equal(writer.take(), undefined);
    for (const { got, wanted } of taken) assert.deepEqual(Buffer.from(got), wanted);
  });
});

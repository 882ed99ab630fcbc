import assert from 'node:assert/strict';
import { encodeMbap, MbapReader, type MbapFrame } from '../../../drivers/modbus/mbap.js';
import { judge, maskWriteRequest, readRequest, readWriteRequest, writeCoilRequest, writeCoilsRequest, writeRegisterRequest, writeRegistersRequest } from '../../../drivers/modbus/pdu.js';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex').replace(/(..)(?=.)/g, '$1 ');

/** The examples of Modbus Application Protocol v1.1b3; the clause is in the first column. */
const examples: readonly (readonly [clause: string, request: Uint8Array, requestHex: string, answerHex: string])[] = [
  ['6.1 read coils 20-38', readRequest('co', 0x13, 0x13), '01 00 13 00 13', '01 03 cd 6b 05'],
  ['6.2 read discrete inputs 197-218', readRequest('di', 0xc4, 0x16), '02 00 c4 00 16', '02 03 ac db 35'],
  ['6.3 read holding registers 108-110', readRequest('hr', 0x6b, 3), '03 00 6b 00 03', '03 06 02 2b 00 00 00 64'],
  ['6.4 read input register 9', readRequest('ir', 8, 1), '04 00 08 00 01', '04 02 00 0a'],
  ['6.5 write coil 173 on', writeCoilRequest(0xac, true), '05 00 ac ff 00', '05 00 ac ff 00'],
  ['6.6 write register 2', writeRegisterRequest(1, 3), '06 00 01 00 03', '06 00 01 00 03'],
  ['6.11 write coils 20-29', writeCoilsRequest(0x13, [true, false, true, true, false, false, true, true, true, false]), '0f 00 13 00 0a 02 cd 01', '0f 00 13 00 0a'],
  ['6.12 write registers 2-3', writeRegistersRequest(1, bytes('00 0a 01 02')), '10 00 01 00 02 04 00 0a 01 02', '10 00 01 00 02'],
  ['6.16 mask write register 5', maskWriteRequest(4, 0xf2, 0x25), '16 00 04 00 f2 00 25', '16 00 04 00 f2 00 25'],
  ['6.17 read six registers from 4, write three from 15', readWriteRequest({ start: 3, count: 6 }, 14, bytes('00 ff 00 ff 00 ff')), '17 00 03 00 06 00 0e 00 03 06 00 ff 00 ff 00 ff', '17 0c 00 fe 0a cd 00 01 00 03 00 0d 00 ff'],
];

describe('Modbus PDU: the examples of the specification', () => {
  for (const [clause, request, requestHex, answerHex] of examples) {
    it(clause, () => {
      assert.equal(hex(request), requestHex);
      const answer = bytes(answerHex);
      assert.deepEqual(judge(request, answer), { kind: 'good' });
      assert.deepEqual(judge(request, Uint8Array.of(request[0]! | 0x80, 2)), { kind: 'exception', code: 2 });
      assert.equal(judge(request, answer.slice(0, -1)).kind, 'malformed', 'one byte short');
      assert.equal(judge(request, Uint8Array.of(...answer, 0)).kind, 'malformed', 'one byte long');
      assert.equal(judge(request, Uint8Array.of(request[0]! ^ 0x10, ...answer.slice(1))).kind, 'malformed', 'another function');
      assert.equal(judge(request, Uint8Array.of(request[0]! | 0x80)).kind, 'malformed', 'exception without a code');
      assert.equal(judge(request, new Uint8Array(0)).kind, 'malformed', 'nothing');
    });
  }

  it('an echo that names another address, value or count is a mismatch', () => {
    for (const [, request, , answerHex] of examples.slice(4, -1)) {
      for (let index = 1; index < 5; index++) {
        const echo = bytes(answerHex);
        echo[index]! ^= 1;
        assert.equal(judge(request, echo).kind, 'mismatch');
      }
    }
  });

  it('a byte count that does not match the bytes is malformed', () => {
    assert.equal(judge(readRequest('hr', 0, 2), bytes('03 02 00 01 00 02')).kind, 'malformed');
    assert.equal(judge(readRequest('co', 0, 8), bytes('01 02 ff')).kind, 'malformed');
  });
});

describe('MBAP', () => {
  const frames = [encodeMbap(1, 17, bytes('03 02 00 2a')), encodeMbap(0xfffe, 255, bytes('83 02'))];

  it('has the header of the Messaging Guide, clause 3.1.3', () => {
    assert.equal(hex(encodeMbap(0x1501, 0xff, readRequest('hr', 4, 1))), '15 01 00 00 00 06 ff 03 00 04 00 01');
  });

  it('finds the same frames however the stream is cut', () => {
    const stream = Uint8Array.from(frames.flatMap((frame) => [...frame]));
    for (let size = 1; size <= stream.length; size++) {
      const reader = new MbapReader();
      const found: MbapFrame[] = [];
      for (let at = 0; at < stream.length; at += size) {
        const whole = reader.push(stream.slice(at, at + size));
        assert.ok(typeof whole !== 'string');
        found.push(...whole);
      }
      assert.deepEqual(found.map(({ transaction, unit, pdu }) => [transaction, unit, hex(pdu)]), [[1, 17, '03 02 00 2a'], [0xfffe, 255, '83 02']]);
      assert.equal(reader.pending, 0);
    }
  });

  it('gives a stream up when the header cannot be', () => {
    for (const header of ['00 01 00 01 00 06 01', '00 01 00 00 00 01 01', '00 01 00 00 00 00 01', '00 01 00 00 00 ff 01', '00 01 00 00 ff ff 01']) {
      assert.equal(typeof new MbapReader().push(bytes(header)), 'string', header);
    }
  });

  it('trusts no frame of a chunk that ends in nonsense', () => {
    const [first, second] = [encodeMbap(7, 1, bytes('03 04 00 01 00 02')), encodeMbap(8, 1, bytes('03 04 12 34 56 78'))];
    for (let kept = 7; kept < first.length; kept++) {
      const reader = new MbapReader();
      assert.deepEqual(reader.push(first.slice(0, kept)), []);
      assert.equal(typeof reader.push(second), 'string', `${kept} bytes of the first`);
    }
  });
});

import assert from 'node:assert/strict';
import { identificationRequest, identify, parseIdentification } from '../../../drivers/modbus/identification.js';
import type { LinkRequest } from '../../../drivers/modbus/link.js';
import { judge } from '../../../drivers/modbus/pdu.js';
import { crc16, rtuFraming } from '../../../drivers/modbus/rtu.js';
import { isTandemError } from '../../../src/contract/index.js';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const object = (id: number, text: string): number[] => [id, text.length, ...Buffer.from(text)];

/** Clause 6.21, the first example: everything in one answer. The specification writes "Company identification" and so on in 22, 13 and 5 bytes. */
const whole = Uint8Array.of(0x2b, 0x0e, 0x01, 0x01, 0x00, 0x00, 0x03, ...object(0, 'Company identification'), ...object(1, 'Product code '), ...object(2, 'V2.11'));

function linkOf(...answers: Uint8Array[]) {
  const asked: string[] = [];
  return {
    asked,
    request: ({ pdu }: LinkRequest) => {
      asked.push(Buffer.from(pdu).toString('hex'));
      return Promise.resolve({ pdu: answers[Math.min(asked.length, answers.length) - 1]!, timeMs: 0 });
    },
  };
}

describe('Modbus device identification (clause 6.21)', () => {
  it('asks as the specification does', () => {
    assert.deepEqual(identificationRequest('basic'), bytes('2b 0e 01 00'));
    assert.deepEqual(identificationRequest('regular', 4), bytes('2b 0e 02 04'));
    assert.deepEqual(identificationRequest('extended', 0x80), bytes('2b 0e 03 80'));
  });

  it('reads the answer of the specification', async () => {
    const link = linkOf(whole);
    assert.deepEqual(await identify(link, 1, 100, 'basic'), [
      { name: 'vendor name', value: 'Company identification' }, { name: 'product code', value: 'Product code' }, { name: 'revision', value: 'V2.11' },
    ]);
    assert.deepEqual(link.asked, ['2b0e0100']);
    assert.equal(judge(identificationRequest('basic'), whole).kind, 'good');
  });

  it('goes on where more follows (the second example), and not for ever', async () => {
    const first = Uint8Array.of(0x2b, 0x0e, 0x02, 0x02, 0xff, 0x02, 0x02, ...object(0, 'ACME'), ...object(1, 'X-1'));
    const second = Uint8Array.of(0x2b, 0x0e, 0x02, 0x02, 0xff, 0x00, 0x02, ...object(2, '1.0'), ...object(0x85, 'mine\x01'));
    const link = linkOf(first, second);
    assert.deepEqual((await identify(link, 1, 100)).map(({ name, value }) => `${name}=${value}`), ['vendor name=ACME', 'product code=X-1', 'revision=1.0', 'object 0x85=mine.']);
    assert.deepEqual(link.asked, ['2b0e0200', '2b0e0202']);
  });

  it('refuses what is cut short, too long, or of another kind', async () => {
    for (const cut of [3, 6, 8, whole.length - 1]) assert.equal(parseIdentification(whole.subarray(0, cut)), undefined);
    assert.equal(parseIdentification(Uint8Array.of(...whole, 0)), undefined);
    assert.equal(judge(identificationRequest('basic'), Uint8Array.of(...whole, 0)).kind, 'malformed');
    assert.equal(judge(identificationRequest('basic'), whole.subarray(0, 20)).kind, 'malformed');
    await assert.rejects(identify(linkOf(bytes('2b 0d 00')), 1, 100), (error) => isTandemError(error, 'FIELD_MALFORMED'));
  });

  it('is found on a serial line, whose frame it alone can tell the length of', () => {
    const request = identificationRequest('basic');
    const body = Uint8Array.of(9, ...whole);
    const crc = crc16(body);
    const frame = Uint8Array.of(...body, crc & 0xff, crc >> 8);
    for (let length = 0; length < frame.length; length++) assert.equal(rtuFraming.find(frame.subarray(0, length), 9, request), undefined);
    assert.deepEqual(rtuFraming.find(Uint8Array.of(0xff, ...frame, 1, 2), 9, request)?.pdu, whole);
  });
});

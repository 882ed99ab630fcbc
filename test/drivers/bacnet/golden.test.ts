import assert from 'node:assert/strict';
import { decodeApdu, encodeConfirmed, encodeSegmentAck, encodeUnconfirmed } from '../../../drivers/bacnet/apdu.js';
import { Asn1Reader } from '../../../drivers/bacnet/asn1.js';
import { decodeDatagram, encodeGlobalBroadcast, encodeUnicast } from '../../../drivers/bacnet/npdu.js';
import {
  decodeCovNotification, decodeError, decodeIAm, decodeReadPropertyAck, decodeReadPropertyMultipleAck, encodeReadProperty, encodeReadPropertyMultiple, encodeSubscribeCov, encodeSubscribeCovProperty, encodeWhoIs, encodeWriteProperty,
} from '../../../drivers/bacnet/services.js';

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));
const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');
const same = (data: Uint8Array, expected: string): void => assert.equal(hex(data), expected.replaceAll(/\s/g, ''));
const bodyOf = (apdu: string): Uint8Array => {
  const decoded = decodeApdu(bytes(apdu));
  assert.ok('body' in decoded);
  return decoded.body;
};

describe('BACnet golden frames (ANSI/ASHRAE 135 annex F)', () => {
  it('ReadProperty, F.3.5', () => {
    const asked = { object: { type: 0, instance: 5 }, property: 85 };
    same(encodeConfirmed({ invokeId: 1, service: 12, accepts: 1476 }, encodeReadProperty(asked)), '0275010c 0c00000005 1955');
    const values = decodeReadPropertyAck(bodyOf('30010c 0c00000005 1955 3e 444290999a 3f'), asked);
    assert.deepEqual(values, [{ type: 'real', value: Math.fround(72.3) }]);
  });

  it('ReadPropertyMultiple of one object, F.3.7', () => {
    const asked = [{ object: { type: 0, instance: 16 }, properties: [{ property: 85 }, { property: 103 }] }];
    same(encodeReadPropertyMultiple(asked), '0c00000010 1e 0955 0967 1f');
    const results = decodeReadPropertyMultipleAck(bodyOf('30f10e 0c00000010 1e 2955 4e 4442909999 4f 2967 4e 9100 4f 1f'), asked);
    assert.equal(results.length, 2);
    assert.deepEqual(results[1]?.values, [{ type: 'enumerated', value: 0 }]);
  });

  it('ReadPropertyMultiple of three objects, one of them with an error, F.3.7', () => {
    const asked = [33, 50, 35].map((instance) => ({ object: { type: 0, instance }, properties: [{ property: 85 }] }));
    same(encodeReadPropertyMultiple(asked), '0c00000021 1e 0955 1f 0c00000032 1e 0955 1f 0c00000023 1e 0955 1f');
    const results = decodeReadPropertyMultipleAck(
      bodyOf('30020e 0c00000021 1e 2955 4e 4442293333 4f 1f 0c00000032 1e 2955 5e 9101 911f 5f 1f 0c00000023 1e 2955 4e 4443d9d99a 4f 1f'), asked);
    assert.deepEqual(results.map((result) => result.error ?? result.values?.[0]), [
      { type: 'real', value: Math.fround(42.3) }, { errorClass: 1, errorCode: 31 }, { type: 'real', value: Math.fround(435.7) },
    ]);
  });

  it('WriteProperty, F.3.9, with priority and with a relinquish', () => {
    const at = { object: { type: 2, instance: 1 }, property: 85 };
    same(encodeWriteProperty(at, { type: 'real', value: 180 }), '0c00800001 1955 3e 4443340000 3f');
    same(encodeWriteProperty(at, { type: 'real', value: 180 }, 8), '0c00800001 1955 3e 4443340000 3f 4908');
    same(encodeWriteProperty(at, { type: 'null' }, 16), '0c00800001 1955 3e 00 3f 4910');
    same(encodeWriteProperty({ object: { type: 4, instance: 1 }, property: 85 }, { type: 'enumerated', value: 1 }, 8), '0c01000001 1955 3e 9101 3f 4908');
    same(encodeWriteProperty({ object: { type: 14, instance: 1 }, property: 85 }, { type: 'unsigned', value: 3 }, 8), '0c03800001 1955 3e 2103 3f 4908');
    assert.deepEqual(decodeApdu(bytes('203b0f')), { type: 'simple-ack', invokeId: 0x3b, service: 15 });
  });

  it('SubscribeCOV, F.1.10, and cancellation', () => {
    same(encodeSubscribeCov(18, { type: 0, instance: 10 }, { confirmed: true, lifetimeS: 0 }), '0912 1c0000000a 2901 3900');
    same(encodeSubscribeCov(18, { type: 0, instance: 10 }, { confirmed: false, lifetimeS: 300 }), '0912 1c0000000a 2900 3a012c');
    same(encodeSubscribeCov(18, { type: 0, instance: 10 }), '0912 1c0000000a');
  });

  it('SubscribeCOVProperty, F.1.11, and cancellation', () => {
    const object = { type: 0, instance: 10 };
    same(encodeConfirmed({ invokeId: 15, service: 28, accepts: 206 }, encodeSubscribeCovProperty(18, object, 85, { confirmed: true, lifetimeS: 60, increment: 1 })), '02720f1c 0912 1c0000000a 2901 393c 4e 0955 4f 5c 3f800000');
    same(encodeSubscribeCovProperty(18, object, 85), '0912 1c0000000a 4e 0955 4f');
  });

  it('headers of segments and of their acknowledgements, 20.1.2 and 20.1.6', () => {
    const body = bytes('0c00');
    same(encodeConfirmed({ invokeId: 7, service: 14, accepts: 1476, segment: { sequence: 0, window: 16, more: true } }, body), '0e7507 00 10 0e 0c00');
    same(encodeConfirmed({ invokeId: 7, service: 14, accepts: 50, segment: { sequence: 3, window: 4, more: false } }, body), '0a7007 03 04 0e 0c00');
    same(encodeSegmentAck(7, { negative: false, sequence: 3, window: 4 }), '40 07 03 04');
    same(encodeSegmentAck(7, { negative: true, sequence: 3, window: 4 }), '42 07 03 04');
    same(encodeSegmentAck(7, { negative: false, sequence: 3, window: 4 }, true), '41 07 03 04');
    assert.deepEqual(decodeApdu(bytes('3c 07 05 08 0e 0c00')), { type: 'complex-ack', invokeId: 7, service: 14, body, segment: { sequence: 5, window: 8, more: true } });
    assert.deepEqual(decodeApdu(bytes('0c75 07 00 08 0e 0c00')), { type: 'confirmed', invokeId: 7, service: 14, accepts: 1476, body, segment: { sequence: 0, window: 8, more: true } });
    assert.deepEqual(decodeApdu(bytes('43 07 05 08')), { type: 'segment-ack', invokeId: 7, negative: true, byServer: true, sequence: 5, window: 8 });
    assert.throws(() => decodeApdu(bytes('40 07 03')), { code: 'FIELD_MALFORMED' });
  });

  it('COV notifications, F.1.2 and F.1.3', () => {
    const content = '0912 1c02000004 2c0000000a 3900 4e 0955 2e 4442820000 2f 096f 2e 820400 2f 4f';
    const expected = {
      processId: 18, device: 4, object: { type: 0, instance: 10 }, timeRemainingS: 0,
      values: [{ property: 85, values: [{ type: 'real', value: 65 }] }, { property: 111, values: [{ type: 'bits', value: [false, false, false, false] }] }],
    };
    assert.deepEqual(decodeCovNotification(bodyOf(`00020f01 ${content}`)), expected);
    assert.deepEqual(decodeCovNotification(bodyOf(`1002 ${content}`)), expected);
  });

  it('Who-Is and I-Am, F.4', () => {
    same(encodeUnconfirmed(8, encodeWhoIs(3, 3)), '1008 0903 1903');
    assert.deepEqual(decodeIAm(bodyOf('1000 c402000003 220400 9103 2163')), { device: 3, maxApdu: 1024, segmentation: 3, vendor: 99 });
  });

  it('character strings of every character set of 20.2.9, and of devices that name the wrong one', () => {
    const text = (octets: string): unknown => {
      const body = bytes(octets);
      return new Asn1Reader(body).characters(body.length);
    };
    assert.equal(text('00 c3a4'), 'ä');
    assert.equal(text('04 00e4 20ac'), 'ä€');
    assert.equal(text('05 e4 80'), 'ä\u0080'); // ISO 8859-1 and not what Windows makes of it
    assert.equal(text('03 000000e4 0001f600'), 'ä😀');
    assert.equal(text('01 03a4 8abf'), '漢'); // IBM/Microsoft DBCS, code page 932
    assert.equal(text('02 3441'), '漢'); // JIS X 0208
    assert.equal(text('00 e4'), 'ä'); // says UTF-8 and is not: nobody sends anything else in eight bits
    assert.equal(text('00'), '');
    assert.equal(text('01 0001 8ac3'), '\u008aÃ'); // a code page that nobody knows is no reason to lose the whole answer
    assert.equal(text('09 41'), 'A');
    for (const wrong of ['04 00', '03 0000', '03 00110000', '01 03']) assert.throws(() => text(wrong), { code: 'FIELD_MALFORMED' }, wrong);
    assert.throws(() => new Asn1Reader(bytes('')).characters(0), { code: 'FIELD_MALFORMED' });
  });

  it('error, reject and abort are told apart', () => {
    assert.deepEqual(decodeApdu(bytes('710904')), { type: 'abort', invokeId: 9, reason: 4, byServer: true });
    assert.deepEqual(decodeApdu(bytes('600909')), { type: 'reject', invokeId: 9, reason: 9 });
    assert.deepEqual(decodeError(bodyOf('50090c 9102 9120')), { errorClass: 2, errorCode: 32 });
  });

  it('link and network layer: unicast, routed with hop count 255, global broadcast', () => {
    const apdu = bytes('1008');
    same(encodeUnicast(apdu, undefined, true), '810a0008 0104 1008');
    same(encodeUnicast(apdu, { network: 20, mac: '05' }, true), '810a000d 0124 0014 01 05 ff 1008');
    same(encodeGlobalBroadcast(apdu), '810b000c 0120 ffff 00 ff 1008');
    assert.deepEqual(decodeDatagram(bytes('810a000c 0108 0014 01 05 1008')), { apdu, broadcast: false, source: { network: 20, mac: '05' } });
    assert.deepEqual(decodeDatagram(bytes('8104000e 0a000009bac0 0100 1008')), { apdu, broadcast: true, forwardedFrom: { host: '10.0.0.9', port: 47808 } });
    assert.equal(decodeDatagram(bytes('81000006 0000')), undefined);
    assert.throws(() => decodeDatagram(bytes('810a0009 0104 1008')), { code: 'FIELD_MALFORMED' });
  });

  it('refuses answers for something else, with octets left over, or cut off', () => {
    const asked = { object: { type: 0, instance: 5 }, property: 85 };
    for (const body of ['0c00000006 1955 3e 444290999a 3f', '0c00000005 1956 3e 444290999a 3f', '0c00000005 1955 3e 444290999a 3f 00', '0c00000005 1955 3e 444290999a', '0c00000005 1955 3e 434290993f', '']) {
      assert.throws(() => decodeReadPropertyAck(bytes(body), asked), { code: 'FIELD_MALFORMED' }, body);
    }
  });
});

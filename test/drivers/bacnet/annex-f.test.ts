import assert from 'node:assert/strict';
import { decodeApdu, encodeConfirmed, encodeReject, encodeSimpleAck, encodeUnconfirmed } from '../../../drivers/bacnet/apdu.js';
import { Asn1Writer } from '../../../drivers/bacnet/asn1.js';
import { writeDateTime } from '../../../drivers/bacnet/date-time.js';
import { writeBody } from '../../../drivers/bacnet/property-parts.js';
import { OwnDevice } from '../../../drivers/bacnet/own-device.js';
import { decodeError, decodeIAm, encodeSubscribeCov, encodeWriteProperty } from '../../../drivers/bacnet/services.js';
import { VirtualBacnetDevice } from '../../../simulators/bacnet-device/index.js';
import { seededRandom, VirtualClock } from '../../../simulators/virtual-time/index.js';
import { UdpNetwork } from './udp-network.js';

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));
const same = (data: Uint8Array, expected: string): void => assert.equal(Buffer.from(data).toString('hex'), expected.replaceAll(/\s/g, '').toLowerCase());
const bodyOf = (apdu: string): Uint8Array => {
  const decoded = decodeApdu(bytes(apdu));
  assert.ok('body' in decoded);
  return decoded.body;
};

/**
 * Octets of annex F of ANSI/ASHRAE 135. Where ours differ, it is in what the sender says of itself in the header: we take
 * segmented answers of more than 64 segments (`0272` where the example has `0002`). UTCTimeSynchronization and the
 * properties of schedules and calendars have no example there: theirs are put together from clauses 20.2 and 21.
 */
describe('BACnet golden frames, the rest of annex F', () => {
  it('TimeSynchronization, F.4.7, and UTCTimeSynchronization, which differs in its choice (clause 21)', () => {
    const writer = new Asn1Writer();
    writeDateTime(writer, { date: { year: 92, month: 11, day: 17, weekday: 255 }, time: { hour: 22, minute: 45, second: 30, hundredths: 70 } });
    const body = writer.take();
    same(encodeUnconfirmed(6, body), '1006 A45C0B11FF B4162D1E46');
    same(encodeUnconfirmed(9, body), '1009 A45C0B11FF B4162D1E46');
  });

  it('SubscribeCOV, F.1.10, SimpleACKs, F.1.2, F.1.4 and F.3.9, and WriteProperty, F.3.9, whole', () => {
    same(encodeConfirmed({ invokeId: 15, service: 5, accepts: 206 }, encodeSubscribeCov(18, { type: 0, instance: 10 }, { confirmed: true, lifetimeS: 0 })), '02720F05 0912 1C0000000A 2901 3900');
    for (const [ack, invokeId, service] of [['200F01', 15, 1], ['201002', 16, 2]] as const) same(encodeSimpleAck(invokeId, service), ack);
    for (const [ack, invokeId, service] of [['20590F', 89, 15], ['200700', 7, 0], ['200108', 1, 8], ['203409', 52, 9]] as const) assert.deepEqual(decodeApdu(bytes(ack)), { type: 'simple-ack', invokeId, service });
    same(encodeConfirmed({ invokeId: 89, service: 15, accepts: 1024 }, encodeWriteProperty({ object: { type: 2, instance: 1 }, property: 85 }, { type: 'real', value: 180 })), '0274590F 0C00800001 1955 3E 4443340000 3F');
  });

  it('AddListElement and RemoveListElement, F.3.1 and F.3.2', () => {
    const group = { type: 11, instance: 3 };
    same(encodeConfirmed({ invokeId: 1, service: 8, accepts: 206 }, writeBody(group, 53, undefined, bytes('0C0000000F 1E 0955 0967 1F'))), '02720108 0C02C00003 1935 3E 0C0000000F 1E 0955 0967 1F 3F');
    const gone = '0C0000000C 1E 0955 0967 091C 1F 0C0000000D 1E 0955 0967 091C 1F';
    same(encodeConfirmed({ invokeId: 52, service: 9, accepts: 206 }, writeBody(group, 53, undefined, bytes(gone))), `02723409 0C02C00003 1935 3E ${gone} 3F`);
  });

  it('I-Am of the four devices of F.4.9, and an Error as in F.3.4', () => {
    const told = ['1000 C402000001 2201E0 9101 2163', '1000 C402000002 21CE 9102 2121', '1000 C402000003 220400 9103 2163', '1000 C402000004 2180 9100 2142'];
    assert.deepEqual(told.map((apdu) => decodeIAm(bodyOf(apdu))), [
      { device: 1, maxApdu: 480, segmentation: 1, vendor: 99 }, { device: 2, maxApdu: 206, segmentation: 2, vendor: 33 },
      { device: 3, maxApdu: 1024, segmentation: 3, vendor: 99 }, { device: 4, maxApdu: 128, segmentation: 0, vendor: 66 },
    ]);
    assert.deepEqual(decodeError(bodyOf('50580B 9101 9117')), { errorClass: 1, errorCode: 23 });
    // Of a list (clause 21, ChangeList-Error), and of several writes (WritePropertyMultiple-Error).
    assert.deepEqual(decodeError(bodyOf('500108 0E 9105 9116 0F 1900')), { errorClass: 5, errorCode: 22 });
    assert.deepEqual(decodeError(bodyOf('500110 0E 9102 9125 0F 1E 0C04C00003 1955 1F')), { errorClass: 2, errorCode: 37 });
    assert.throws(() => decodeError(bytes('0E 9105 9116 1900')), { code: 'FIELD_MALFORMED' });
  });

  it('Who-Has and I-Have, F.4.8: by name and by identifier, of this node', () => {
    const own = new OwnDevice(8);
    const asked = own.onWhoHas(bodyOf('1007 2C02000008'));
    assert.ok(asked);
    same(asked, `1001 C402000008 C402000008 7509 00${Buffer.from('tandem-8').toString('hex')}`);
    assert.equal(own.onWhoHas(bodyOf('1007 3D07004F4154656D70')), undefined, 'no OATemp here');
    assert.equal(own.onWhoHas(bodyOf('1007 2C00000003')), undefined);
    same(encodeReject(1, 9), '600109');
  });

  describe('of a virtual device', () => {
    /** What device `instance` answers to an APDU, or sends when `then` happens. */
    async function answers(instance: number, options: Partial<ConstructorParameters<typeof VirtualBacnetDevice>[1]>, prepare: (device: VirtualBacnetDevice) => void, apdu: string, then?: (device: VirtualBacnetDevice) => void): Promise<string[]> {
      const time = new VirtualClock();
      const network = new UdpNetwork(time, seededRandom(1)).asNetwork();
      const device = new VirtualBacnetDevice({ network, clock: time, timers: time, random: seededRandom(2) }, { instance, ...options });
      prepare(device);
      const at = await device.listen('10.0.0.11', 47_808);
      const heard: string[] = [];
      const client = await network.openUdp({ host: '10.0.0.1', port: 47_808, broadcast: false, reuseAddress: false }, (data) => heard.push(Buffer.from(data).toString('hex').slice(12)));
      const body = bytes(`0100 ${apdu}`);
      client.send(Buffer.concat([Buffer.from([0x81, 0x0a, 0, body.length + 4]), body]), at);
      await time.advance(10);
      if (then !== undefined) {
        heard.length = 0;
        then(device);
        await time.advance(10);
      }
      assert.deepEqual(device.complaints, []);
      await device.close();
      return heard;
    }
    const plain = (text: string): string => text.replaceAll(/\s/g, '').toLowerCase();

    it('Who-Has and I-Have, F.4.8', async () => {
      const named = (device: VirtualBacnetDevice): void => void device.addObject({ type: 'AI', instance: 3, name: 'OATemp' });
      for (const apdu of ['1007 3D07004F4154656D70', '1007 2C00000003']) assert.deepEqual(await answers(8, {}, named, apdu), [plain('1001 C402000008 C400000003 7507004F4154656D70')]);
    });

    it('Who-Is and I-Am, F.4.9', async () => {
      assert.deepEqual(await answers(3, { maxApdu: 1024 }, () => undefined, '1008 0903 1903'), [plain('1000 C402000003 220400 9103 2100')]); // our vendor is 0
      assert.deepEqual(await answers(4, { maxApdu: 128, segmentation: 'both' }, () => undefined, '1008'), [plain('1000 C402000004 2180 9100 2100')]);
    });

    it('ReadProperty, F.3.5, ReadPropertyMultiple, F.3.7, WriteProperty, F.3.9', async () => {
      const value = (instance: number, of: number) => (device: VirtualBacnetDevice): void => void device.addObject({ type: 'AI', instance, value: of });
      assert.deepEqual(await answers(1, {}, value(5, 72.3), '0000010C 0C00000005 1955'), [plain('30010C 0C00000005 1955 3E 444290999A 3F')]);
      // (72.3 is 4290999A; the example's 42909999 in F.3.7 is 72.29999.)
      assert.deepEqual(await answers(1, {}, value(16, 72.3), '0004F10E 0C00000010 1E 0955 0967 1F'), [plain('30F10E 0C00000010 1E 2955 4E 444290999A 4F 2967 4E 9100 4F 1F')]);
      const three = (device: VirtualBacnetDevice): void => {
        for (const [instance, of] of [[33, 42.3], [35, 435.7]] as const) device.addObject({ type: 'AI', instance, value: of });
      };
      assert.deepEqual(await answers(1, {}, three, '0004020E 0C00000021 1E 0955 1F 0C00000032 1E 0955 1F 0C00000023 1E 0955 1F'), [
        plain('30020E 0C00000021 1E 2955 4E 4442293333 4F 1F 0C00000032 1E 2955 5E 9101 911F 5F 1F 0C00000023 1E 2955 4E 4443D9D99A 4F 1F'),
      ]);
      assert.deepEqual(await answers(1, {}, (device) => void device.addObject({ type: 'AV', instance: 1 }), '0004590F 0C00800001 1955 3E 4443340000 3F'), ['20590f']);
    });

    it('WritePropertyMultiple, F.3.10', async () => {
      const values = (device: VirtualBacnetDevice): void => {
        for (const instance of [5, 6, 7]) device.addObject({ type: 'AV', instance });
      };
      assert.deepEqual(await answers(1, {}, values, '00040110 0C00800005 1E 0955 2E 4442860000 2F 1F 0C00800006 1E 0955 2E 4442860000 2F 1F 0C00800007 1E 0955 2E 4442900000 2F 1F'), ['200110']);
    });

    it('DeviceCommunicationControl, F.4.1, ReinitializeDevice, F.4.4, with their passwords', async () => {
      assert.deepEqual(await answers(1, { password: '#egbdf!' }, () => undefined, '00040511 0905 1901 2D080023656762646621'), ['200511']);
      assert.deepEqual(await answers(1, { password: 'AbCdEfGh' }, () => undefined, '00010214 0901 1D09004162436445664768'), ['200214']);
      assert.deepEqual(await answers(1, { password: 'other' }, () => undefined, '00010214 0901 1D09004162436445664768'), [plain('500214 9104 911A')]);
    });

    it('SubscribeCOV, F.1.10, and the notifications of F.1.2 and F.1.3', async () => {
      const tenth = (device: VirtualBacnetDevice): void => void device.addObject({ type: 'AI', instance: 10 });
      const notified = plain('0912 1C02000004 2C0000000A 3900 4E 0955 2E 4442820000 2F 096F 2E 820400 2F 4F');
      assert.deepEqual(await answers(4, { maxApdu: 206 }, tenth, '00020F05 0912 1C0000000A 2901 3900', (device) => device.setPresentValue('AI:10', 65)), [`00020201${notified}`]); // invoke id 2 in place of 15
      assert.deepEqual(await answers(4, {}, tenth, '00020F05 0912 1C0000000A 2900 3900', (device) => device.setPresentValue('AI:10', 65)), [`1002${notified}`]);
    });
  });
});

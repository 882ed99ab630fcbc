import assert from 'node:assert/strict';
import { decodeApdu } from '../../../drivers/bacnet/apdu.js';
import { Counters } from '../../../drivers/bacnet/counters.js';
import { Asn1Reader } from '../../../drivers/bacnet/asn1.js';
import { readDateTime, stampOf, stampText } from '../../../drivers/bacnet/date-time.js';
import { DeviceClock } from '../../../drivers/bacnet/device-clock.js';
import { decodeEventInformation, decodeEventNotification, detailsOf } from '../../../drivers/bacnet/event-codec.js';
import { OwnDevice } from '../../../drivers/bacnet/own-device.js';
import { decodeReadRangeAck } from '../../../drivers/bacnet/read-range.js';
import { readDestinations } from '../../../drivers/bacnet/recipient-list.js';
import { readCalendarEntry, readDay, readException } from '../../../drivers/bacnet/schedule-codec.js';
import { decodeDatagram, decodeRouterMessage } from '../../../drivers/bacnet/npdu.js';
import { decodeCovNotification, decodeError, decodeIAm, decodeReadPropertyAck, decodeReadPropertyMultipleAck, encodeReadPropertyMultiple } from '../../../drivers/bacnet/services.js';
import { Transport } from '../../../drivers/bacnet/transport.js';
import { GOOD, isTandemError } from '../../../src/contract/index.js';
import { seededRandom, type SeededRandom } from '../../../simulators/virtual-time/index.js';
import { BacnetWorld, LINE } from './world.js';

const SEED = process.env.SEED ?? 'bacnet-fuzz';
const frames = [
  '0030010c 0c00000005 1955 3e 444290999a 3f',
  '0030010e 0c00000010 1e 2955 4e 4442909999 4f 2967 4e 9100 4f 1f',
  '001002 0912 1c02000004 2c0000000a 3900 4e 0955 2e 4442820000 2f 096f 2e 820400 2f 4f',
  '001000 c402000003 220400 9103 2163',
  '0050010c 9102 9120',
  '0020010f', '00600109', '00710104',
  '00 3c010004 0c 0c00000005 1955 3e 4442', '00 41 01 00 04', '00 40 01 00 04', // segments, and acknowledgements of them
  '00 0c75 01 00 04 01 0912 1c02000004', '00 0005 01 01 0912 1c02000004 2c0000000a 3900 4e 0955 2e 4442820000 2f 4f', // requests to us
  '08 0014 01 05 30010c 0c00000005 1955 3e 444290999a 3f', '80 01 0014 0015', '80 03 01 0014', // routed, and of routers
  '001008 0900 1a03e7', '0002750c0c 0c02000001 194c',
  '001007 0900 1a03e7 2c02000004', '001007 3c00746573', '0002750c0e 0c02000004 1e 0908 094c 1900 1f', // Who-Has, and ReadPropertyMultiple to us
  // Alarms, their summary and their recipients, logs, schedules, calendars, times.
  '0000021002 0901 1c02000004 2c00000002 3e 2ea46207130ab4132c1b00 2f 3f 4904 5964 6905 7c00746573 8900 9901 a900 b903 ce 5e 0c42a03333 1a0480 2c3f800000 3c42a00000 5f cf',
  '001003 0901 1c02000004 2c00000002 3e 1910 3f 4904 5964 6901 8900 9901 a900 b903 ce 1e 0e 1901 0f 1a0480 1f cf',
  '0030011d 0e 0c00000002 1903 2a0560 3e 0c0f230014 0cffffffff 1910 3f 4900 5a05e0 6e 210f 210f 2114 6f 0f 1901',
  '0030010c 0c03c00004 1966 3e 8201fe b400000000 b4173b3b63 1e 2100 6506 0a000001bac0 1f 2109 11 8205e0 8201fe b400000000 b4173b3b63 0c02000385 2109 10 8205e0 3f',
  '0030011a 0c05000001 1983 3a0520 4903 5e 0ea462031701b413361b000f1e2c419000001f2a0400 0ea462031701b413381b000f1e0a05801f 0ea462031701b413391b000f1e8e910191208f1f 5f 6b013561',
  '0030010c 0c04400006 197b 3e 0eb4061e00004441ac0000b412000000000f 0e0f 0e0f 0e0f 0e0f 0e0f 0e0f 3f',
  '0030010c 0c04400006 1926 3e 1c018000032eb4000000004441ac00002f3904 0e1ea47e0c1801a47e0c1f041f0f2e2f3910 0e2bff06050f2e2f3901 3f',
  '0030010c 0c01800007 1917 3e 0cff0c18ff 1ea47e0c1801a4ffffffff1f 2bff0605 3f',
  '001006 a47e0b1506 b4120c0000', '001009 a47e0b1506 b4120c0000',
].map((npdu) => {
  const body = Buffer.from(`01${npdu.replaceAll(' ', '')}`, 'hex');
  return Buffer.concat([Buffer.from([0x81, 0x0a, 0, body.length + 4]), body]);
});

function damage(data: Buffer, random: SeededRandom): Buffer {
  const bad = Buffer.from(data);
  for (let count = random.below(5); count > 0; count--) bad[random.below(bad.length)] = random.below(256);
  const cut = random.next() < 0.2 ? bad.subarray(0, random.below(bad.length + 1)) : bad;
  if (cut.length >= 4 && random.next() < 0.8) cut.writeUInt16BE(cut.length, 2); // past the first check
  return cut;
}

/** A value of one object's property, as the codec of that property reads it: what stands between the tags of the answer. */
const inside = (decode: (reader: Asn1Reader) => unknown) => (body: Uint8Array): unknown => {
  const reader = new Asn1Reader(body);
  reader.objectId(reader.context(0));
  reader.unsigned(reader.context(1));
  reader.context(3, 'opening');
  const content = new Asn1Reader(body.subarray(reader.position, body.length - 1));
  const all: unknown[] = [];
  while (!content.done) all.push(decode(content));
  return all;
};
const log = { type: 20, instance: 1 };
const clock = new DeviceClock('Europe/Berlin');
const decoders: readonly ((body: Uint8Array) => unknown)[] = [
  decodeError, decodeIAm, decodeCovNotification,
  (body) => decodeReadPropertyAck(body, { object: { type: 0, instance: 5 }, property: 85 }),
  (body) => decodeReadPropertyMultipleAck(body, [{ object: { type: 0, instance: 16 }, properties: [{ property: 85 }, { property: 103 }] }]),
  (body) => {
    const event = decodeEventNotification(body);
    return [detailsOf(event), clock.instantOf(event.stamp, 1e12), stampOf(stampText(event.stamp))];
  },
  (body) => decodeEventInformation(body).summaries.map(({ stamps }) => stamps.map((stamp) => [clock.instantOf(stamp, 1e12), stampOf(stampText(stamp))])),
  (body) => decodeReadRangeAck(body, log).records.map(({ at }) => clock.instant(at)),
  (body) => inside((reader) => readDestinations(reader.rest()))(body),
  inside(readDay), inside(readException), inside(readCalendarEntry),
];
const own = new OwnDevice(4);
/** What others ask of us. */
const requests: readonly ((body: Uint8Array) => unknown)[] = [(body) => own.onWhoIs(body), (body) => own.onWhoHas(body), (body) => readDateTime(new Asn1Reader(body))];

describe(`BACnet fuzz, seed ${SEED}`, () => {
  it('every codec takes the frames as they are', () => {
    for (const frame of frames) {
      const datagram = decodeDatagram(frame);
      if (datagram === undefined) continue;
      const apdu = decodeApdu(datagram.apdu);
      if (!('body' in apdu) || ('segment' in apdu) || apdu.type === 'confirmed') continue;
      assert.ok([...decoders, ...requests.map((decode) => (body: Uint8Array) => decode(body))].some((decode) => {
        try {
          decode(apdu.body);
          return true;
        } catch {
          return false;
        }
      }), frame.toString('hex'));
    }
  });

  it('decoders throw FIELD_MALFORMED and nothing else, 500,000 packets', function () {
    this.timeout(180_000);
    const random = seededRandom(SEED);
    const accepted = [...decoders, ...requests].map(() => 0);
    for (let n = 0; n < 500_000; n++) {
      const data = random.next() < 0.1 ? Buffer.from(random.hex(random.below(40)), 'hex') : damage(frames[random.below(frames.length)]!, random);
      try {
        const datagram = decodeDatagram(data);
        if (datagram === undefined) decodeRouterMessage(data);
        const apdu = decodeApdu(datagram?.apdu ?? data);
        // An answer of ours never throws, whatever is asked.
        if (apdu.type === 'confirmed') assert.ok(own.answer(n % 2 === 0 ? 12 : 14, 1, apdu.body, 1_476).length > 0);
        const codecs = apdu.type === 'unconfirmed' && n % 2 === 0 ? requests : decoders;
        const at = random.below(codecs.length);
        if ('body' in apdu) {
          codecs[at]!(apdu.body);
          accepted[codecs === requests ? decoders.length + at : at]!++;
        }
      } catch (error) {
        assert.ok(isTandemError(error, 'FIELD_MALFORMED'), `packet ${n} ${data.toString('hex')}: ${String(error)}`);
      }
    }
    assert.ok(accepted.every((count) => count > 20), `the fuzz never gets past the headers: ${accepted.join()}`);
  });

  it('a line takes 500,000 packets while it asks: nothing crashes, no promise hangs, no invoke id is lost', async function () {
    this.timeout(180_000);
    const world = new BacnetWorld(`${SEED}/line`);
    const random = seededRandom(`${SEED}/line`);
    const here = { host: '10.0.0.1', port: LINE.port };
    const transport = new Transport(world.host, { address: here.host, port: here.port, linePort: here.port, broadcast: '10.0.0.255', deviceInstance: 4 });
    await transport.open();
    const device = await world.device('10.0.0.11', { instance: 1, segmentation: 'both', maxApdu: 50 });
    for (let instance = 0; instance < 20; instance++) device.addObject({ type: 'AV', instance, value: instance });
    const peer = { host: '10.0.0.11', port: LINE.port };
    const options = { timeoutMs: 200, retries: 1, maxInFlight: 4, maxApdu: 50, takesSegments: true, owner: {}, counters: new Counters() };
    let asked = 0;
    let settled = 0;
    const ask = (count: number): Promise<unknown> => {
      const accesses = Array.from({ length: count }, (_, instance) => ({ object: { type: 2, instance }, properties: [{ property: 85 }] }));
      asked++;
      return transport.transactions.request(peer, 14, encodeReadPropertyMultiple(accesses), options).then((body) => {
        settled++;
        return body;
      }, () => {
        settled++;
      });
    };
    const PACKETS = 500_000;
    const unhandled: unknown[] = [];
    const note = (error: unknown): void => void unhandled.push(error);
    process.on('unhandledRejection', note);
    for (let sent = 0; sent < PACKETS; ) {
      for (let n = 0; n < 4; n++) void ask(1 + random.below(20));
      // One in three comes from the peer itself, under ids that are live: what a device gone mad would send.
      for (let shot = 0; shot < 1_000; shot++, sent++) {
        const bad = random.next() < 0.1 ? Buffer.from(random.hex(random.below(40)), 'hex') : damage(frames[random.below(frames.length)]!, random);
        world.lan.inject(bad, random.next() < 0.33 ? peer : { host: `10.0.0.${12 + random.below(50)}`, port: LINE.port }, here);
      }
      await world.time.advance(20);
    }
    await world.time.advance(60_000);
    process.off('unhandledRejection', note);
    assert.deepEqual(unhandled, []);
    assert.equal(settled, asked, 'promises hang');
    const counts = transport.counters.all();
    assert.ok(counts.malformed! > 100_000 && counts.strayAnswers! > 10_000, JSON.stringify(counts));
    // Every one of the 256 ids is free again, and nothing that was held takes the place of what comes now.
    const ids = new Set<number>();
    world.lan.filter = (data, from) => {
      if (from.host === here.host && data[6] === 2) ids.add(data[8]!);
      return true;
    };
    const before = settled;
    const answers = await world.time.advanceWhile(Promise.all(Array.from({ length: 600 }, () => ask(1))), 600_000);
    assert.equal(settled - before, 600);
    assert.ok(answers.every((body) => body instanceof Uint8Array), 'a request fails after the fire');
    assert.equal(ids.size, 256);
    await transport.close();
    await device.close();
    await world.time.advance(1_000);
    assert.equal(world.time.pending, 0, 'timers are left behind');
  });

  it('a driver under fire never hangs, never crashes, and never takes a wrong value for good', async function () {
    this.timeout(180_000);
    const world = new BacnetWorld(SEED);
    const random = seededRandom(`${SEED}/fire`);
    const device = await world.device('10.0.0.11', { instance: 1 });
    const specs = Array.from({ length: 40 }, (_, i) => ({ object: `AV:${i}` }));
    for (let i = 0; i < 40; i++) device.addObject({ type: 'AV', instance: i, value: 1000 + i });
    const { driver, samples } = world.driver({ instance: 1, host: '10.0.0.11', cov: false, timeout: '200ms', retries: 1 }, specs);
    driver.start('active');
    const here = { host: '10.0.0.1', port: LINE.port };
    // A spoofer that owns the wire except for the peer's own address: nothing of it may ever count.
    const fire = (): void => {
      for (let shot = 0; shot < 100; shot++) world.lan.inject(damage(frames[random.below(frames.length)]!, random), { host: `10.0.0.${12 + random.below(100)}`, port: LINE.port }, here);
    };
    const wrong: string[] = [];
    driver.samples$.subscribe((batch) => {
      for (let row = 0; row < batch.length; row++) {
        if (batch.qualities[row] === GOOD && batch.values[row] !== 1000 + batch.points[row]!) wrong.push(`${batch.points[row]} = ${batch.values[row]}`);
      }
    });
    Object.assign(world.lan, { loss: 0.02, duplication: 0.05, jitterMs: 150 });
    for (let round = 0; round < 300; round++) {
      const polling = driver.poll('normal');
      fire();
      await world.time.advance(1);
      fire();
      await world.time.advanceWhile(polling, 120_000);
    }
    assert.deepEqual(wrong, []);
    assert.ok(samples.count > 5_000, `${samples.count} samples`);
    assert.ok(driver.counters()['line.malformed']! > 10_000);
    // The peer itself goes mad: no promise hangs, no crash; then it recovers.
    device.faults.damage = true;
    for (let round = 0; round < 30; round++) await world.time.advanceWhile(driver.poll('normal'), 600_000);
    device.faults.damage = false;
    Object.assign(world.lan, { loss: 0, duplication: 0, jitterMs: 0 });
    await world.time.advance(60_000);
    await world.time.advanceWhile(driver.poll('normal'), 120_000);
    assert.equal((await world.time.advanceWhile(driver.poll('normal'), 120_000)).reachable, true);
    assert.equal(samples.value(39), 1039);
    await driver.stop();
    await world.host.close();
    await world.time.advance(1_000);
    assert.equal(world.time.pending, 0, 'timers are left behind');
  });
});

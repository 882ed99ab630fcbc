import assert from 'node:assert/strict';
import { decodeApdu } from '../../../drivers/bacnet/apdu.js';
import { decodeDatagram } from '../../../drivers/bacnet/npdu.js';
import { decodeCovNotification, decodeError, decodeIAm, decodeReadPropertyAck, decodeReadPropertyMultipleAck } from '../../../drivers/bacnet/services.js';
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

describe(`BACnet fuzz, seed ${SEED}`, () => {
  it('decoders throw FIELD_MALFORMED and nothing else, 100,000 packets', function () {
    this.timeout(60_000);
    const random = seededRandom(SEED);
    const asked = { object: { type: 0, instance: 5 }, property: 85 };
    const decoders: ((body: Uint8Array) => unknown)[] = [
      decodeError, decodeIAm, decodeCovNotification, (body) => decodeReadPropertyAck(body, asked),
      (body) => decodeReadPropertyMultipleAck(body, [{ object: { type: 0, instance: 16 }, properties: [{ property: 85 }, { property: 103 }] }]),
    ];
    let accepted = 0;
    for (let n = 0; n < 100_000; n++) {
      const data = random.next() < 0.1 ? Buffer.from(random.hex(random.below(40)), 'hex') : damage(frames[random.below(frames.length)]!, random);
      try {
        const apdu = decodeApdu(decodeDatagram(data)?.apdu ?? data);
        if ('body' in apdu) decoders[n % decoders.length]!(apdu.body);
        accepted++;
      } catch (error) {
        assert.ok(isTandemError(error, 'FIELD_MALFORMED'), `packet ${n} ${data.toString('hex')}: ${String(error)}`);
      }
    }
    assert.ok(accepted > 1_000, 'the fuzz never gets past the headers');
  });

  it('a driver under fire never hangs, never crashes, and never takes a wrong value for good', async function () {
    this.timeout(60_000);
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

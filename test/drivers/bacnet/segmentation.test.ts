import assert from 'node:assert/strict';
import { Counters } from '../../../drivers/bacnet/counters.js';
import { encodeUnicast, type Peer } from '../../../drivers/bacnet/npdu.js';
import { refusalOf } from '../../../drivers/bacnet/refusal.js';
import { decodeReadPropertyAck, decodeReadPropertyMultipleAck, encodeReadProperty, encodeReadPropertyMultiple, encodeWriteProperty, type CovNotification } from '../../../drivers/bacnet/services.js';
import type { RequestOptions } from '../../../drivers/bacnet/transactions.js';
import { Transport } from '../../../drivers/bacnet/transport.js';
import type { DeviceOptions, VirtualBacnetDevice } from '../../../simulators/bacnet-device/index.js';
import { BacnetWorld, LINE } from './world.js';

const PLUG = { address: '10.0.0.1', port: 47_808, linePort: 47_808, broadcast: '10.0.0.255' };
const DEVICE = { host: '10.0.0.11', port: LINE.port };
const OBJECT_LIST = { object: { type: 8, instance: 1 }, property: 76 };

async function bench(device: Partial<DeviceOptions> = {}, seed: number | string = 1): Promise<{ world: BacnetWorld; transport: Transport; device: VirtualBacnetDevice; options: RequestOptions; peer: Peer }> {
  const world = new BacnetWorld(seed);
  const transport = new Transport(world.host, PLUG);
  await transport.open();
  const virtual = await world.device(DEVICE.host, { instance: 1, maxApdu: 50, segmentation: 'both', ...device });
  const options = { timeoutMs: 1000, retries: 5, maxInFlight: 4, maxApdu: 50, takesSegments: true, owner: {}, counters: new Counters() };
  return { world, transport, device: virtual, options, peer: DEVICE };
}

/** Reads `count` objects at once: with APDUs of 50 octets, segments both ways. */
const many = (from: number, count: number): { object: { type: number; instance: number }; properties: { property: number }[] }[] =>
  Array.from({ length: count }, (_, i) => ({ object: { type: 2, instance: from + i }, properties: [{ property: 85 }, { property: 111 }] }));

describe('BACnet segmentation', () => {
  it('puts long answers and long requests together, window by window', async () => {
    const { world, transport, device, options, peer } = await bench({ window: 3 });
    for (let i = 0; i < 1_500; i++) device.addObject({ type: 'AV', instance: i, value: i });
    const list = decodeReadPropertyAck(await world.time.advanceWhile(transport.transactions.request(peer, 12, encodeReadProperty(OBJECT_LIST), options), 60_000), OBJECT_LIST);
    assert.equal(list.length, 1_501); // 7,500 octets in 167 segments
    assert.deepEqual(list[1_500], { type: 'object', value: { type: 2, instance: 1_499 } });
    const asked = many(0, 700); // 9,100 octets in 207 segments, the answer in more than 256: sequence numbers go round
    const results = decodeReadPropertyMultipleAck(await world.time.advanceWhile(transport.transactions.request(peer, 14, encodeReadPropertyMultiple(asked), options), 60_000), asked);
    results.filter((result) => result.property === 85).forEach((result, i) => assert.deepEqual(result.values, [{ type: 'real', value: i }]));
    assert.deepEqual(device.complaints, []);
    assert.deepEqual(transport.counters.all(), {});
    await transport.close();
    await device.close();
    await world.time.advance(5);
    assert.equal(world.time.pending, 0, 'timers are left behind');
  });

  it('loses and confuses nothing in 4,000 requests at 5 % loss each way, segmented ones included', async function () {
    this.timeout(120_000);
    const { world, transport, device, options, peer } = await bench({}, 'segments');
    for (let i = 0; i < 200; i++) device.addObject({ type: 'AV', instance: i, value: i });
    Object.assign(world.lan, { loss: 0.05, duplication: 0.02, jitterMs: 20 });
    let wrong = 0;
    const failures: unknown[] = [];
    const asked = Array.from({ length: 4_000 }, async (_, n) => {
      const from = (n * 7) % 150;
      const accesses = many(from, n % 4 === 0 ? 1 + (n % 40) : 1); // one in four is longer than an APDU, up to 20 segments
      try {
        const body = await transport.transactions.request(peer, 14, encodeReadPropertyMultiple(accesses), options);
        const values = decodeReadPropertyMultipleAck(body, accesses).filter((result) => result.property === 85);
        if (!values.every((result, i) => result.values?.[0]?.type === 'real' && result.values[0].value === from + i)) wrong++;
      } catch (error) {
        failures.push(error);
      }
    });
    await world.time.advanceWhile(Promise.all(asked), 36_000_000);
    assert.deepEqual({ wrong, failures, complaints: device.complaints }, { wrong: 0, failures: [], complaints: [] });
    assert.ok((options.counters.all().segmentsMissed ?? 0) > 20, 'no lost segment was noticed before its time-out');
    await transport.close();
  });

  it('keeps segments of peers and ids apart', async () => {
    const { world, transport, device, options, peer } = await bench();
    const other = await world.device('10.0.0.12', { instance: 2, maxApdu: 50, segmentation: 'both' });
    for (let i = 0; i < 30; i++) {
      device.addObject({ type: 'AV', instance: i, value: i });
      other.addObject({ type: 'AV', instance: i, value: 1_000 + i });
    }
    world.lan.jitterMs = 5;
    await world.time.advanceWhile(Promise.all(Array.from({ length: 200 }, async (_, n) => {
      const at = n % 2 === 0 ? peer : { host: '10.0.0.12', port: LINE.port };
      const accesses = many(n % 10, 15);
      const results = decodeReadPropertyMultipleAck(await transport.transactions.request(at, 14, encodeReadPropertyMultiple(accesses), options), accesses);
      assert.deepEqual(results[28]!.values, [{ type: 'real', value: (n % 2) * 1_000 + (n % 10) + 14 }]);
    })), 600_000);
    await transport.close();
  });

  it('refuses what a device does not take in segments, without sending it; aborts of the device are told', async () => {
    const { world, transport, device, options, peer } = await bench({ segmentation: 'none' });
    for (let i = 0; i < 50; i++) device.addObject({ type: 'AV', instance: i });
    const ask = (body: Uint8Array, more: Partial<RequestOptions> = {}): Promise<unknown> =>
      world.time.advanceWhile(transport.transactions.request(peer, 14, body, { ...options, ...more }).then(() => undefined, refusalOf), 60_000);
    assert.deepEqual(await ask(encodeReadPropertyMultiple(many(0, 40)), { takesSegments: false }), { kind: 'abort', reason: 4 });
    assert.equal(world.lan.sent, 0);
    assert.deepEqual(await ask(encodeReadPropertyMultiple(many(0, 40))), { kind: 'abort', reason: 4 });
    assert.deepEqual(await ask(encodeReadPropertyMultiple(many(0, 3))), { kind: 'abort', reason: 4 });
    await transport.close();
  });

  it('gives up on a device that falls silent amidst, and asks for permission before every segment', async () => {
    const { world, transport, device, options, peer } = await bench();
    for (let i = 0; i < 50; i++) device.addObject({ type: 'AV', instance: i });
    let left = 1;
    world.lan.filter = (_data, from) => from.host !== DEVICE.host || left-- > 0;
    const body = encodeReadPropertyMultiple(many(0, 3));
    await assert.rejects(world.time.advanceWhile(transport.transactions.request(peer, 14, body, { ...options, retries: 2 }), 60_000), { code: 'FIELD_TIMEOUT' });
    let ours = 0;
    world.lan.filter = (_data, from) => {
      if (from.host !== DEVICE.host) ours++;
      return true;
    };
    let permits = 0;
    const text = encodeWriteProperty({ object: { type: 2, instance: 1 }, property: 28 }, { type: 'text', value: 'x'.repeat(400) });
    await assert.rejects(world.time.advanceWhile(transport.transactions.request(peer, 15, text, { ...options, permit: () => ++permits <= 4 }), 60_000), { code: 'FENCED' });
    assert.equal(ours, 4);
    await transport.close();
  });

  it('puts requests to us together, by client and id, under loss', async () => {
    const { world, transport: client, options } = await bench({}, 'to us');
    const us = new Transport(world.host, { ...PLUG, address: '10.0.0.2' });
    await us.open();
    // A notification of 60 properties, 500 octets and more, in segments of 44.
    const notification = (id: number): Uint8Array => {
      const values = Array.from({ length: 60 }, (_, at) => `0a0${(at + 512).toString(16)}2e44${(at + id).toString(16).padStart(8, '0')}2f`).join('');
      return new Uint8Array(Buffer.from(`0901 1c02000001 2c00000001 3900 4e ${values} 4f`.replaceAll(' ', ''), 'hex'));
    };
    const heard: CovNotification[] = [];
    us.listen({ device: 1, onIAm: () => undefined, onRestart: () => undefined, onEvent: () => false, onCov: (each) => heard.push(each) > 0 });
    Object.assign(world.lan, { loss: 0.05, duplication: 0.02, jitterMs: 20 });
    const to = { host: '10.0.0.2', port: LINE.port };
    const all = Array.from({ length: 200 }, async (_, id) => client.transactions.request(to, 1, notification(id), options));
    for (const body of await world.time.advanceWhile(Promise.all(all), 3_600_000)) assert.equal(body.length, 0);
    const told = new Set(heard.map(({ values }) => JSON.stringify(values)));
    assert.equal(told.size, 200, 'each is whole, and nothing else is heard'); // one may be heard twice: its acknowledgement got lost
    assert.ok(heard.every(({ values }) => values.length === 60));
    Object.assign(world.lan, { loss: 0, duplication: 0, jitterMs: 0 });
    // Segments of an honest size that never end, and more beginnings than are held.
    const answers: string[] = [];
    world.lan.filter = (data, from) => {
      if (from.host === '10.0.0.2') answers.push(Buffer.from(data.subarray(6)).toString('hex'));
      return true;
    };
    const inject = (host: string, apdu: readonly number[]): void => world.lan.inject(encodeUnicast(Uint8Array.from(apdu), undefined, true), { host, port: LINE.port }, { host: '10.0.0.2', port: LINE.port });
    for (let n = 0; n < 1_100; n++) inject('10.0.0.66', [0x0e, 0x75, 9, n & 255, 16, 1, 0]);
    assert.ok(answers.includes('710901'), 'buffer overflow');
    answers.length = 0;
    for (let id = 0; id < 70; id++) inject('10.0.0.67', [0x0e, 0x75, id, 0, 16, 1, 0]);
    assert.equal(answers.filter((answer) => answer.startsWith('71') && answer.endsWith('09')).length, 6, 'out of resources');
    for (const window of [0, 128]) inject('10.0.0.68', [0x0e, 0x75, window, 0, window, 1, 0]);
    assert.ok(answers.includes('710007') && answers.includes('718007'), 'window size out of range');
    inject('10.0.0.67', [0x0e, 0x75, 0, 1, 16, 15, 0]); // another service under a live id
    assert.ok(answers.includes('710002'));
    await world.time.advance(10_000);
    await us.close();
    await client.close();
    assert.equal(world.time.pending, 0, 'timers are left behind');
  });

  it('ignores segments of nobody, and takes no endless answer', async () => {
    const { world, transport, options } = await bench();
    const peer = { host: '10.0.0.66', port: LINE.port };
    const inject = (apdu: readonly number[]): void => world.lan.inject(encodeUnicast(Uint8Array.from(apdu), undefined, false), peer, { host: PLUG.address, port: PLUG.port });
    const sent: string[] = [];
    world.lan.filter = (data) => {
      sent.push(Buffer.from(data.subarray(6)).toString('hex'));
      return true;
    };
    inject([0x3c, 0, 0, 4, 14, 0x0c]);
    assert.equal(transport.counters.all().strayAnswers, 1);
    inject([0x0c, 0x75, 7, 3, 4, 1, 0x09]); // the middle of a request that never began
    assert.equal(sent.length, 0);
    const asked = transport.transactions.request(peer, 14, new Uint8Array(), options).then(() => 'answered', refusalOf);
    await world.time.settle();
    inject([0x3c, 0, 5, 4, 14, 0x0c]); // not the first one
    assert.equal(transport.counters.all().strayAnswers, 2);
    for (let n = 0; n < 1_100; n++) inject([0x3c, 0, n & 255, 16, 14, 0x0c]);
    assert.deepEqual(await asked, { kind: 'abort', reason: 1 });
    for (const window of [0, 128]) {
      const next = transport.transactions.request(peer, 14, new Uint8Array(), options).then(() => 'answered', refusalOf);
      await world.time.settle();
      const id = Number.parseInt(sent.at(-1)!.slice(4, 6), 16);
      inject([0x3c, id, 0, window, 14, 0x0c]);
      assert.deepEqual(await next, { kind: 'abort', reason: 7 });
      assert.equal(sent.at(-1), `70${id.toString(16).padStart(2, '0')}07`);
    }
    await transport.close();
  });
});

import assert from 'node:assert/strict';
import { Counters } from '../../../drivers/bacnet/counters.js';
import { encodeUnicast, type Peer } from '../../../drivers/bacnet/npdu.js';
import { refusalOf } from '../../../drivers/bacnet/refusal.js';
import { decodeReadPropertyAck, encodeReadProperty } from '../../../drivers/bacnet/services.js';
import type { RequestOptions } from '../../../drivers/bacnet/transactions.js';
import { Transport } from '../../../drivers/bacnet/transport.js';
import { BacnetWorld, LINE } from './world.js';

const PLUG = { address: '10.0.0.1', port: 47_808, linePort: 47_808, broadcast: '10.0.0.255' };
const READ_PROPERTY = 12;

/** A bare transport and an answering peer, to see the transaction layer by itself. */
async function bench(seed: number | string = 1): Promise<{ world: BacnetWorld; transport: Transport; options: RequestOptions; peer: Peer }> {
  const world = new BacnetWorld(seed);
  const transport = new Transport(world.host, PLUG);
  await transport.open();
  return { world, transport, options: { timeoutMs: 1000, retries: 3, maxInFlight: 4, owner: {}, counters: new Counters() }, peer: { host: '10.0.0.11', port: LINE.port } };
}

const analog = (instance: number): { object: { type: number; instance: number }; property: number } => ({ object: { type: 2, instance }, property: 85 });

/** An answer as `host` would send it. */
const spoof = (world: BacnetWorld, host: string, apdu: readonly number[]): void =>
  world.lan.inject(encodeUnicast(Uint8Array.from(apdu), undefined, false), { host, port: LINE.port }, { host: PLUG.address, port: PLUG.port });

describe('BACnet transactions', () => {
  it('gives every caller its own value under loss, duplicates and reordering', async function () {
    this.timeout(60_000);
    const { world, transport, options } = await bench('loss');
    const peers: Peer[] = [];
    for (let d = 0; d < 4; d++) {
      const device = await world.device(`10.0.0.${11 + d}`, { instance: d });
      for (let i = 0; i < 50; i++) device.addObject({ type: 'AV', instance: i, value: d * 1000 + i });
      peers.push({ host: `10.0.0.${11 + d}`, port: LINE.port });
    }
    Object.assign(world.lan, { loss: 0.05, duplication: 0.05, jitterMs: 300 });
    let right = 0;
    let lost = 0;
    const asked = Array.from({ length: 2_000 }, async (_, n) => {
      const [d, i] = [n % 4, Math.floor(n / 4) % 50];
      const reference = analog(i);
      try {
        const [value] = decodeReadPropertyAck(await transport.transactions.request(peers[d]!, READ_PROPERTY, encodeReadProperty(reference), options), reference);
        assert.deepEqual(value, { type: 'real', value: d * 1000 + i });
        right++;
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'FIELD_TIMEOUT');
        lost++;
      }
    });
    await world.time.advanceWhile(Promise.all(asked), 3_600_000);
    assert.equal(right + lost, 2_000);
    assert.ok(lost <= 2, `${lost} lost`); // four attempts at 10 % loss both ways: 1 in 10,000
    await transport.close();
  });

  it('takes answers only from the asked peer, for a live id, for the service asked', async () => {
    const { world, transport, options, peer } = await bench();
    let settled = '';
    const asked = transport.transactions.request(peer, 15, new Uint8Array(), options).then(() => (settled = 'acknowledged'), (error: unknown) => (settled = String(error)));
    await world.time.settle();
    spoof(world, '10.0.0.66', [0x20, 0, 15]); // another host
    spoof(world, '10.0.0.11', [0x20, 1, 15]); // another id
    spoof(world, '10.0.0.11', [0x20, 0, 12]); // another service
    spoof(world, '10.0.0.11', [0x70, 0, 4]); // an abort of a client
    spoof(world, '10.0.0.11', [0x40, 0, 0, 1]); // a segment acknowledgement
    await world.time.settle();
    assert.equal(settled, '');
    assert.equal(transport.counters.all().strayAnswers, 5);
    spoof(world, '10.0.0.11', [0x20, 0, 15]);
    await asked;
    assert.equal(settled, 'acknowledged');
    await transport.close();
  });

  it('never gives a late answer to the next request', async () => {
    const { world, transport, options, peer } = await bench();
    const once = { ...options, retries: 0 };
    const first = transport.transactions.request(peer, 15, new Uint8Array(), once);
    await assert.rejects(world.time.advanceWhile(first, 5_000), { code: 'FIELD_TIMEOUT' });
    // Every id that is not resting is used up before a rested one comes again.
    const ids = new Set<number>();
    world.lan.filter = (data) => {
      ids.add(data[8]!);
      return true;
    };
    const rest = Array.from({ length: 255 }, () => transport.transactions.request(peer, 15, new Uint8Array(), { ...once, maxInFlight: 4 }).catch(() => undefined));
    await world.time.advance(1_500);
    spoof(world, '10.0.0.11', [0x20, 0, 15]);
    assert.ok(!ids.has(0), 'the id was used again while its answer could still come');
    assert.equal(transport.counters.all().strayAnswers, 1);
    await transport.close();
    await Promise.all(rest);
  });

  it('waits for an id where all rest, and goes on', async () => {
    const { world, transport, options, peer } = await bench();
    const device = await world.device('10.0.0.11', { instance: 1 });
    device.addObject({ type: 'AV', instance: 0 });
    const all = Array.from({ length: 1_000 }, () => transport.transactions.request(peer, READ_PROPERTY, encodeReadProperty(analog(0)), options));
    await world.time.advanceWhile(Promise.all(all), 10_000);
    assert.equal(device.requestCounts().readProperty, 1_000);
    await transport.close();
  });

  it('keeps to its cap of requests in flight, and lets urgent ones pass', async () => {
    const { world, transport, options, peer } = await bench();
    const order: number[] = [];
    world.lan.filter = (data) => {
      order.push(data[9]!);
      return true;
    };
    const ask = (service: number, urgent: boolean): Promise<unknown> => transport.transactions.request(peer, service, new Uint8Array(), { ...options, maxInFlight: 1, retries: 0, urgent }).catch(() => undefined);
    const all = [ask(12, false), ask(14, false), ask(15, true), ask(16, true)];
    await world.time.settle();
    assert.deepEqual(order, [12]);
    await world.time.advanceWhile(Promise.all(all), 10_000);
    assert.deepEqual(order, [12, 15, 16, 14]);
    await transport.close();
  });

  it('tells error, reject and abort apart', async () => {
    const { world, transport, options, peer } = await bench();
    const device = await world.device('10.0.0.11', { instance: 1 });
    const ask = async (): Promise<unknown> => {
      const asked = transport.transactions.request(peer, READ_PROPERTY, encodeReadProperty(analog(0)), options);
      return world.time.advanceWhile(asked.then(() => undefined, (error: unknown) => refusalOf(error)), 10_000);
    };
    assert.deepEqual(await ask(), { kind: 'error', errorClass: 1, errorCode: 31 });
    device.faults.reject = 9;
    assert.deepEqual(await ask(), { kind: 'reject', reason: 9 });
    device.faults.abort = 4;
    assert.deepEqual(await ask(), { kind: 'abort', reason: 4 });
    await transport.close();
  });

  it('asks for permission before every datagram, retries too', async () => {
    const { world, transport, options, peer } = await bench();
    let permits = 0;
    const asked = transport.transactions.request(peer, 15, new Uint8Array(), { ...options, permit: () => ++permits <= 2 });
    // Not FENCED: that would say that nothing has been sent.
    await assert.rejects(world.time.advanceWhile(asked, 10_000), { code: 'FIELD_TIMEOUT' });
    assert.equal(world.lan.sent, 2);
    await assert.rejects(transport.transactions.request(peer, 15, new Uint8Array(), { ...options, permit: () => false }), { code: 'FENCED' });
    assert.equal(world.lan.sent, 2);
    await transport.close();
  });

  it('settles everything at its total bound, on cancel and on close', async () => {
    const { world, transport, options, peer } = await bench();
    const bounded = transport.transactions.request(peer, 15, new Uint8Array(), { ...options, totalMs: 500 });
    await assert.rejects(world.time.advanceWhile(bounded, 501), { code: 'FIELD_TIMEOUT' });
    const owner = {};
    const mine = Array.from({ length: 10 }, () => transport.transactions.request(peer, 15, new Uint8Array(), { ...options, owner }));
    const others = Array.from({ length: 10 }, () => transport.transactions.request(peer, 15, new Uint8Array(), options));
    transport.transactions.cancel(owner);
    for (const result of await Promise.allSettled(mine)) assert.equal(result.status, 'rejected');
    await transport.close();
    for (const result of await Promise.allSettled(others)) assert.equal(result.status, 'rejected');
    await assert.rejects(transport.transactions.request(peer, 15, new Uint8Array(), options), { code: 'FIELD_CLOSED' });
    await world.time.advance(5); // datagrams still on the LAN
    assert.equal(world.time.pending, 0, 'timers are left behind');
  });
});

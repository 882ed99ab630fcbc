import assert from 'node:assert/strict';
import { Counters } from '../../../drivers/bacnet/counters.js';
import { discover } from '../../../drivers/bacnet/discover.js';
import { refusalOf } from '../../../drivers/bacnet/refusal.js';
import { decodeReadPropertyAck, decodeReadPropertyMultipleAck, encodeReadProperty, encodeReadPropertyMultiple, type PropertyReference } from '../../../drivers/bacnet/services.js';
import { Transport } from '../../../drivers/bacnet/transport.js';
import { WireReader } from '../../../simulators/bacnet-device/wire.js';
import { BacnetWorld, LINE } from './world.js';

const at = (host: string): { address: string; port: number; linePort: number; broadcast: string } => ({ address: host, port: LINE.port, linePort: LINE.port, broadcast: '10.0.0.255' });

interface Pair {
  readonly world: BacnetWorld;
  readonly client: Transport;
  readonly ask: (body: Uint8Array, service?: number, more?: { readonly accepts: number }) => Promise<Uint8Array>;
  readonly close: () => Promise<void>;
}

/** A client, and a node that is device 900. */
async function pair(): Promise<Pair> {
  const world = new BacnetWorld();
  const own = new Transport(world.host, { ...at('10.0.0.2'), deviceInstance: 900 });
  const client = new Transport(world.host, at('10.0.0.3'));
  await own.open();
  await client.open();
  const options = { timeoutMs: 1_000, retries: 0, maxInFlight: 4, owner: {}, counters: new Counters() };
  return {
    world, client,
    ask: (body, service = 12, more = { accepts: 1_476 }) => world.time.advanceWhile(client.transactions.request({ host: '10.0.0.2', port: LINE.port }, service, body, { ...options, ...more }), 10_000),
    close: async () => {
      await own.close();
      await client.close();
      await world.time.advance(1_000);
    },
  };
}

describe('BACnet: this node as a device', () => {
  it('answers Who-Is for its instance, and reads of its device object', async () => {
    const world = new BacnetWorld();
    const own = new Transport(world.host, { ...at('10.0.0.2'), deviceInstance: 900 });
    await own.open();
    const found: unknown[] = [];
    const look = async (): Promise<void> => {
      for await (const device of discover(world.host, at('10.0.0.1'), { ranges: [[0, 899], [900, 900]], waitMs: 100 })) found.push(device);
    };
    await world.time.advanceWhile(look(), 10_000);
    assert.deepEqual(found, [{ instance: 900, peer: { host: '10.0.0.2', port: LINE.port }, name: 'tandem-900', vendor: 'Tandem', model: 'gateway', objects: [], problems: [] }]);

    const client = new Transport(world.host, at('10.0.0.3'));
    await client.open();
    const options = { timeoutMs: 1_000, retries: 0, maxInFlight: 4, owner: {}, counters: new Counters() };
    const ask = (body: Uint8Array, service = 12): Promise<Uint8Array> => world.time.advanceWhile(client.transactions.request({ host: '10.0.0.2', port: LINE.port }, service, body, options), 10_000);
    const read = async (reference: PropertyReference): Promise<unknown> => ask(encodeReadProperty(reference)).then((body) => decodeReadPropertyAck(body, reference), refusalOf);
    const object = { type: 8, instance: 900 };
    assert.deepEqual(await read({ object, property: 76, index: 0 }), [{ type: 'unsigned', value: 1 }]);
    assert.deepEqual(await read({ object, property: 76, index: 1 }), [{ type: 'object', value: object }]);
    assert.deepEqual(await read({ object, property: 76, index: 2 }), { kind: 'error', errorClass: 2, errorCode: 42 });
    assert.deepEqual(await read({ object, property: 62 }), [{ type: 'unsigned', value: 1_476 }]);
    assert.deepEqual(await read({ object, property: 85 }), { kind: 'error', errorClass: 2, errorCode: 32 });
    assert.deepEqual(await read({ object: { type: 0, instance: 1 }, property: 85 }), { kind: 'error', errorClass: 1, errorCode: 31 });
    const [services] = (await read({ object, property: 97 })) as [{ value: boolean[] }];
    assert.deepEqual(services.value.flatMap((set, bit) => (set ? [bit] : [])), [1, 2, 12, 14, 26, 28, 29, 33, 34]);
    // Of each kind of wrong request its own reason (18.8).
    const wrong = async (octets: string, service = 12): Promise<unknown> => ask(Buffer.from(octets.replaceAll(' ', ''), 'hex'), service).then(String, refusalOf);
    for (const [octets, service, reason] of [['01', 12, 4], ['', 12, 5], ['0c02000384', 12, 5], ['0c02000384 194d 3900', 12, 7], ['', 14, 5], ['0c02000384 1e 1f', 14, 4], ['0c02000384 1e 094d', 14, 5], ['0c02000384 094d', 14, 4], ['0c02000384 194d', 15, 9]] as const) {
      assert.deepEqual(await wrong(octets, service), { kind: 'reject', reason }, `${service}: ${octets}`);
    }
    await own.close();
    await client.close();
  });

  it('answers ReadPropertyMultiple, with ALL, REQUIRED and OPTIONAL, within the APDU that the client takes', async () => {
    const { client, world, close, ask } = await pair();
    const object = { type: 8, instance: 900 };
    const every = [{ object, properties: [{ property: 77 }, { property: 76, index: 1 }, { property: 85 }] }, { object: { type: 0, instance: 1 }, properties: [{ property: 85 }] }];
    const results = decodeReadPropertyMultipleAck(await ask(encodeReadPropertyMultiple(every), 14), every);
    assert.deepEqual(results.map(({ values, error }) => error ?? values), [
      [{ type: 'text', value: 'tandem-900' }], [{ type: 'object', value: object }], { errorClass: 2, errorCode: 32 }, { errorClass: 1, errorCode: 31 },
    ]);
    const listed = decodeReadPropertyAck(await ask(encodeReadProperty({ object, property: 371 })), { object, property: 371 }).map((value) => (value.type === 'enumerated' ? value.value : NaN));
    const several = async (property: number): Promise<number[]> => {
      const octets = Buffer.from(await ask(encodeReadPropertyMultiple([{ object: { type: 8, instance: 4_194_303 }, properties: [{ property }] }]), 14));
      const reader = new WireReader(octets);
      assert.deepEqual(reader.contextObject(0), object, 'the wildcard is answered with the instance');
      const inner = new WireReader(reader.enclosed(1));
      const found: number[] = [];
      while (inner.left > 0) {
        found.push(inner.contextUnsigned(2));
        assert.ok(inner.enclosed(4).length >= 0);
      }
      return found;
    };
    const sorted = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => a - b);
    assert.deepEqual(sorted(await several(8)), sorted([...listed, 75, 77, 79]));
    assert.deepEqual(sorted([...(await several(105)), ...(await several(80))]), sorted(await several(8)));
    assert.deepEqual(await ask(encodeReadPropertyMultiple([{ object, properties: [{ property: 8 }] }]), 14, { accepts: 50 }).then(String, refusalOf), { kind: 'abort', reason: 4 });
    assert.deepEqual(client.counters.all(), {});
    await close();
    assert.equal(world.time.pending, 0);
  });

  it('answers Who-Has by identifier and by name, and tells a client that it is no BBMD', async () => {
    const { world, close } = await pair();
    const answers: string[] = [];
    world.lan.filter = (data, from) => {
      if (from.host === '10.0.0.2') answers.push(Buffer.from(data).toString('hex'));
      return true;
    };
    const asked = async (octets: string): Promise<readonly string[]> => {
      answers.length = 0;
      world.lan.inject(Buffer.from(octets.replaceAll(' ', ''), 'hex'), { host: '10.0.0.3', port: LINE.port }, { host: '10.0.0.2', port: LINE.port });
      await world.time.advance(10);
      return answers;
    };
    const iHave = '810a 001f 0100 1001 c402000384 c402000384 750b00 74616e64656d2d393030'.replaceAll(' ', '');
    assert.deepEqual(await asked('810a 000d 0100 1007 2c02000384'), [iHave]);
    assert.deepEqual(await asked('810a 0015 0100 1007 3d0b00 74616e64656d2d393030'), [iHave]);
    assert.deepEqual(await asked('810a 0013 0100 1007 0a0384 1a0400 2c02000384'), [iHave]);
    assert.deepEqual(await asked('810a 0013 0100 1007 0a0385 1a0400 2c02000384'), []);
    assert.deepEqual(await asked('810a 000d 0100 1007 2c00000001'), []);
    assert.deepEqual(await asked('8105 0006 003c'), ['810000060030']);
    assert.deepEqual(await asked('8102 0004'), ['810000060020']);
    assert.deepEqual(await asked('8109 000c 0120ffff00ff 1008'), ['810000060060']);
    await close();
  });
});

import assert from 'node:assert/strict';
import { Counters } from '../../../drivers/bacnet/counters.js';
import { discover } from '../../../drivers/bacnet/discover.js';
import { refusalOf } from '../../../drivers/bacnet/refusal.js';
import { decodeReadPropertyAck, encodeReadProperty, type PropertyReference } from '../../../drivers/bacnet/services.js';
import { Transport } from '../../../drivers/bacnet/transport.js';
import { BacnetWorld, LINE } from './world.js';

const at = (host: string): { address: string; port: number; linePort: number; broadcast: string } => ({ address: host, port: LINE.port, linePort: LINE.port, broadcast: '10.0.0.255' });

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
    const ask = (body: Uint8Array): Promise<Uint8Array> => world.time.advanceWhile(client.transactions.request({ host: '10.0.0.2', port: LINE.port }, 12, body, options), 10_000);
    const read = async (reference: PropertyReference): Promise<unknown> => ask(encodeReadProperty(reference)).then((body) => decodeReadPropertyAck(body, reference), refusalOf);
    const object = { type: 8, instance: 900 };
    assert.deepEqual(await read({ object, property: 76, index: 0 }), [{ type: 'unsigned', value: 1 }]);
    assert.deepEqual(await read({ object, property: 76, index: 1 }), [{ type: 'object', value: object }]);
    assert.deepEqual(await read({ object, property: 76, index: 2 }), { kind: 'error', errorClass: 2, errorCode: 42 });
    assert.deepEqual(await read({ object, property: 62 }), [{ type: 'unsigned', value: 1_476 }]);
    assert.deepEqual(await read({ object, property: 85 }), { kind: 'error', errorClass: 2, errorCode: 32 });
    assert.deepEqual(await read({ object: { type: 0, instance: 1 }, property: 85 }), { kind: 'error', errorClass: 1, errorCode: 31 });
    assert.deepEqual(await ask(new Uint8Array([1])).then(String, refusalOf), { kind: 'reject', reason: 4 });
    const [services] = (await read({ object, property: 97 })) as [{ value: boolean[] }];
    assert.deepEqual(services.value.flatMap((set, bit) => (set ? [bit] : [])), [12, 26, 34]);
    await own.close();
    await client.close();
  });
});

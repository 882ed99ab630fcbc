import assert from 'node:assert/strict';
import { decodeRouterMessage, encodeWhoIsRouter } from '../../../drivers/bacnet/npdu.js';
import { VirtualBbmd } from '../../../simulators/bacnet-device/index.js';
import { BacnetWorld, LINE } from './world.js';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));

describe('BACnet routers', () => {
  it('asks who leads to a network, and understands the answer (6.4.1, 6.4.2)', () => {
    assert.equal(Buffer.from(encodeWhoIsRouter(20)).toString('hex'), '810b00090180000014');
    assert.equal(Buffer.from(encodeWhoIsRouter(20, true)).toString('hex'), '810900090180000014');
    const both = { kind: 'leads-to', networks: [20, 21] };
    assert.deepEqual(decodeRouterMessage(bytes('810b000b 0180 01 0014 0015')), both);
    assert.deepEqual(decodeRouterMessage(bytes('81040011 0a000009bac0 0180 01 0014 0015')), both);
    assert.deepEqual(decodeRouterMessage(bytes('810a000a 0180 03 01 0014')), { kind: 'rejects', reason: 1, network: 20 });
    assert.equal(decodeRouterMessage(bytes('810b0009 0180 00 0014')), undefined);
    assert.equal(decodeRouterMessage(bytes('810a0008 0100 1008')), undefined);
    for (const cut of ['810b000a 0180 01 0014 00', '810a0008 0180 03 01']) assert.throws(() => decodeRouterMessage(bytes(cut)), { code: 'FIELD_MALFORMED' });
  });

  it('does not wait for an answer where the router says that there is no way (6.4.4), and halves what is too long for it', async () => {
    const world = new BacnetWorld();
    const device = await world.device('10.0.0.11', { instance: 7, route: { network: 20, mac: '05' } });
    for (let instance = 1; instance <= 20; instance++) device.addObject({ type: 'AI', instance, value: instance });
    const points = Array.from({ length: 20 }, (_, row) => ({ object: `AI:${row + 1}` }));
    const { driver: lost } = world.driver({ instance: 7, host: '10.0.0.11', cov: false, timeout: '3s', route: { network: 21, mac: 5 } }, points);
    lost.start('active');
    const began = world.time.monotonicMs();
    const { reachable, error } = await world.time.advanceWhile(lost.poll('normal'), 30_000);
    assert.equal(reachable, false);
    assert.match(String(error), /knows no way to network 21/);
    assert.ok(world.time.monotonicMs() - began < 100, 'it waited for nothing');
    await lost.stop();

    let rejected = 0;
    world.lan.filter = (data, from, to) => {
      if (to.host !== '10.0.0.11' || data.length <= 200) return true;
      rejected++;
      world.time.after(1, () => world.lan.inject(bytes('810a000a 0180 03 04 0014'), to, from));
      return false; // longer than the bus behind it carries
    };
    const { driver, samples } = world.driver({ instance: 7, host: '10.0.0.11', cov: false, route: { network: 20, mac: 5 } }, points);
    driver.start('active');
    assert.equal((await world.time.advanceWhile(driver.poll('normal'), 30_000)).reachable, true);
    assert.deepEqual(points.map((_, point) => samples.value(point)), points.map((_, row) => row + 1));
    assert.ok(rejected > 0);
    await driver.stop();
    await world.host.close();
  });

  it('finds a device behind a router by its I-Am, and one that never says I-Am by its router', async () => {
    for (const silent of [false, true]) {
      const world = new BacnetWorld();
      const device = await world.device('10.0.0.11', { instance: 7, route: { network: 20, mac: '05' } });
      device.addObject({ type: 'AI', instance: 1, value: 21.5 });
      const hopCounts = new Set<number>();
      world.lan.filter = (data, from, to) => {
        if (to.host === '10.0.0.11' && data[4] === 1 && (data[5]! & 0xa0) === 0x20) hopCounts.add(data[10]!);
        return !(silent && from.host === '10.0.0.11' && Buffer.from(data).includes(Buffer.from('1000c4', 'hex'))); // I-Am gets lost, always
      };
      const { driver, samples } = world.driver({ instance: 7, cov: false, timeout: '500ms', route: { network: 20, mac: 5 } }, [{ object: 'AI:1' }]);
      driver.start('active');
      assert.equal((await world.time.advanceWhile(driver.poll('normal'), 30_000)).reachable, true);
      assert.equal(samples.value(0), 21.5);
      assert.deepEqual([...hopCounts], [255]);
      assert.equal(driver.counters()['line.routerAnnouncements']! > 0, true);
      await driver.stop();
      await world.host.close();
      assert.deepEqual(device.complaints, []);
      await world.time.advance(100);
      assert.equal(world.time.pending, 0);
    }
  });

  it('is found through two BBMDs that know each other (J.4)', async () => {
    const world = new BacnetWorld();
    const [near, far] = [{ host: '10.0.0.254', port: LINE.port }, { host: '10.0.1.254', port: LINE.port }];
    const network = world.lan.asNetwork();
    const subnet = (net: number): { host: string; port: number } => ({ host: `10.0.${net}.255`, port: LINE.port });
    const here = new VirtualBbmd({ network, clock: world.time }, { at: near, broadcast: subnet(0), peers: [far] });
    const there = new VirtualBbmd({ network, clock: world.time }, { at: far, broadcast: subnet(1), peers: [near] });
    for (const bbmd of [here, there]) await bbmd.open();
    await network.openUdp({ ...subnet(0), broadcast: true, reuseAddress: true }, (data, from) => here.heard(data, from));
    const device = await world.device('10.0.1.11', { instance: 7 }, subnet(1));
    device.addObject({ type: 'AI', instance: 1, value: 21.5 });
    const { driver, samples } = world.driver({ instance: 7, cov: false }, [{ object: 'AI:1' }]);
    driver.start('active');
    assert.equal((await world.time.advanceWhile(driver.poll('normal'), 30_000)).reachable, true);
    assert.deepEqual([samples.value(0), here.forwarded, there.forwarded], [21.5, 1, 1]);
    await driver.stop();
    await world.host.close();
  });

  it('asks a BBMD for its tables, as the virtual one answers (J.2): who it knows, who is registered and for how long', async () => {
    const world = new BacnetWorld();
    const network = world.lan.asNetwork();
    const at = { host: '10.0.0.254', port: LINE.port };
    const bbmd = new VirtualBbmd({ network, clock: world.time }, { at, broadcast: { host: '10.0.0.255', port: LINE.port }, peers: [{ host: '10.0.1.254', port: LINE.port }] });
    await bbmd.open();
    const heard: string[] = [];
    const client = await network.openUdp({ host: '10.0.0.1', port: LINE.port, broadcast: false, reuseAddress: false }, (data) => heard.push(Buffer.from(data).toString('hex')));
    const ask = async (request: string): Promise<string[]> => {
      client.send(bytes(request), at);
      await world.time.advance(5);
      return heard.splice(0);
    };
    assert.deepEqual(await ask('81020004'), ['81030018' + '0a0000febac0ffffffff' + '0a0001febac0ffffffff']);
    assert.deepEqual(await ask('81060004'), ['81070004']);
    assert.deepEqual(await ask('81090008 0100 1008'), ['810000060060'], 'not registered');
    assert.deepEqual([await ask('81050005 3c'), await ask('81050006 003c')], [['810000060030'], ['810000060000']]);
    assert.deepEqual(await ask('81060004'), ['8107000e' + '0a000001bac0' + '003c' + '005a'], 'with half a minute of grace');
    await world.time.advance(91_000);
    assert.deepEqual(await ask('81060004'), ['81070004'], 'it ran out');
    await ask('81050006 003c');
    assert.deepEqual([await ask('8108000a 0a000001bac0'), await ask('8108000a 0a000001bac0')], [['810000060000'], ['810000060050']]);
    assert.deepEqual(await ask('81010004'), ['810000060010']);
    await client.close();
    await bbmd.close();
  });
});

import assert from 'node:assert/strict';
import { bacnet } from '../../../drivers/bacnet/index.js';
import { BacnetWorld, LINE, parseDevice, pointsOf, Samples } from './world.js';

const BBMD = { host: '10.0.1.1', port: LINE.port };
/** Forwarded-NPDU of 10.0.1.11: I-Am of device 77. */
const I_AM = '81040019 0a00010bbac0 0100 1000 c40200004d 220400 9103 2100';

describe('BACnet foreign-device registration', () => {
  it('registers, renews before its time runs out, and finds devices of the other subnet', async () => {
    const world = new BacnetWorld();
    const registrations: number[] = [];
    let result = 0;
    let distributed = 0;
    const socket = await world.lan.asNetwork().openUdp({ ...BBMD, broadcast: false, reuseAddress: false }, (data, from) => {
      if (data[1] === 0x09) {
        distributed++;
        socket.send(Buffer.from(I_AM.replaceAll(' ', ''), 'hex'), from);
      } else if (data[1] === 0x05) {
        assert.deepEqual([...data], [0x81, 5, 0, 6, 0, 60]);
        registrations.push(world.time.monotonicMs());
        if (result >= 0) socket.send(Buffer.from([0x81, 0, 0, 6, 0, result]), from);
      }
    });
    const device = await world.device('10.0.1.11', { instance: 77 });
    device.addObject({ type: 'AI', instance: 1, value: 20 });
    const settings = parseDevice({ instance: 77, cov: false }, { address: '10.0.0.1', broadcast: '10.0.0.255', bbmd: { host: BBMD.host, ttl: '60s' } });
    const driver = bacnet.create(world.host, settings, pointsOf(settings, [{ object: 'AI:1' }]));
    const samples = new Samples(driver);
    driver.start('active');
    assert.equal((await world.time.advanceWhile(driver.poll('normal'), 20_000)).reachable, true);
    assert.deepEqual([samples.value(0), distributed], [20, 1]);
    await world.time.advance(300_000);
    assert.ok(registrations.length >= 9 && registrations.length <= 13, String(registrations.length)); // each 27 … 33 s
    // The BBMD has restarted and forgotten this node: it says so of the next broadcast that it is to spread.
    registrations.length = 0;
    world.lan.inject(Buffer.from([0x81, 0, 0, 6, 0, 0x60]), BBMD, { host: '10.0.0.1', port: LINE.port });
    await world.time.advance(100);
    assert.equal(registrations.length, 1);
    registrations.length = 0;
    result = 0x30; // refused: asked again each minute
    await world.time.advance(300_000);
    assert.ok(registrations.length >= 5 && registrations.length <= 7, String(registrations.length));
    result = -1; // silent: each 5 s
    registrations.length = 0;
    await world.time.advance(180_000);
    assert.ok(registrations.length >= 20, String(registrations.length));
    await driver.stop();
    await world.host.close();
    registrations.length = 0;
    await world.time.advance(120_000);
    assert.deepEqual(registrations, []);
    assert.equal(world.time.pending, 0, 'timers are left behind');
  });
});

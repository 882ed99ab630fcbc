import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireTool } from '../../hooks.js';
import { BacnetWorld } from './world.js';

interface Datagram { readonly data: Uint8Array; readonly from: string; readonly to: string }

/** A capture file of UDP datagrams, as tshark reads it: classic pcap, raw IPv4. */
function pcap(datagrams: readonly Datagram[]): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65_535, 16);
  header.writeUInt32LE(101, 20); // LINKTYPE_RAW
  const packets = datagrams.map(({ data, from, to }) => {
    const ip = Buffer.alloc(28);
    ip.writeUInt8(0x45);
    ip.writeUInt16BE(28 + data.length, 2);
    ip.writeUInt8(64, 8);
    ip.writeUInt8(17, 9);
    ip.set(from.split('.').map(Number), 12);
    ip.set(to.split('.').map(Number), 16);
    ip.writeUInt16BE(47_808, 20);
    ip.writeUInt16BE(47_808, 22);
    ip.writeUInt16BE(8 + data.length, 24);
    const record = Buffer.alloc(16);
    record.writeUInt32LE(28 + data.length, 8);
    record.writeUInt32LE(28 + data.length, 12);
    return Buffer.concat([record, ip, data]);
  });
  return Buffer.concat([header, ...packets]);
}

/** Info column of every datagram; fails where tshark finds anything malformed. */
function decode(seen: readonly Datagram[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-tshark-'));
  try {
    const file = join(folder, 'bacnet.pcap');
    writeFileSync(file, pcap(seen));
    const { stdout, stderr, status } = spawnSync('tshark', ['-r', file, '-T', 'fields', '-e', '_ws.malformed', '-e', '_ws.expert.message', '-e', '_ws.col.Info'], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    const lines = stdout.trimEnd().split('\n');
    assert.equal(lines.length, seen.length);
    assert.deepEqual(lines.filter((line) => !line.startsWith('\t\t')), [], 'tshark finds fault');
    return stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('BACnet traffic as tshark decodes it', () => {
  it('is well formed in both directions, and says what we mean', async function () {
    this.timeout(60_000);
    requireTool(this, 'tshark');
    const world = new BacnetWorld();
    const seen: Datagram[] = [];
    world.lan.filter = (data, from, to) => {
      seen.push({ data, from: from.host, to: to.host });
      return true;
    };
    const device = await world.device('10.0.0.11', { instance: 9 });
    device.addObject({ type: 'AO', instance: 1, value: 21.5 });
    device.addObject({ type: 'MV', instance: 2, value: 2 });
    const write = { priority: 8, verify: 'readback', repeatable: true } as const;
    const { driver } = world.driver({ instance: 9 }, [{ object: 'AO:1', write }, { object: 'MV:2', write }, { object: 'AI:77' }]);
    driver.start('active');
    await world.time.advanceWhile(driver.poll('normal'), 10_000);
    await world.time.advance(1_000);
    for (const [point, value] of [[0, 55], [1, 0], [1, null]] as const) {
      await world.time.advanceWhile(driver.write({ point, value, priority: 8, timeoutMs: 1_000, permit: () => true }), 10_000);
    }
    await driver.stop();
    await world.time.advance(1_000);
    await world.host.close();
    const info = decode(seen);
    for (const service of ['who-Is', 'i-Am', 'readProperty', 'readPropertyMultiple', 'writeProperty', 'subscribeCOV', 'unconfirmedCOVNotification']) {
      assert.ok(info.includes(service), `${service} is missing in\n${info}`);
    }
  });

  it('reassembles our segments both ways', async function () {
    this.timeout(60_000);
    requireTool(this, 'tshark');
    const world = new BacnetWorld();
    const seen: Datagram[] = [];
    world.lan.filter = (data, from, to) => {
      seen.push({ data, from: from.host, to: to.host });
      return true;
    };
    const device = await world.device('10.0.0.11', { instance: 9, maxApdu: 50, segmentation: 'both' });
    device.addObject({ type: 'AV', instance: 1, value: 21.5 });
    device.addObject({ type: 'CSV', instance: 2 });
    const properties = ['present-value', 'relinquish-default', 'out-of-service', 'event-state', 'reliability', 'units', 'object-name', 'description', 'cov-increment', 'high-limit', 'low-limit', 'deadband'];
    const { driver, samples } = world.driver({ instance: 9, host: '10.0.0.11', cov: false }, [
      ...properties.map((property) => ({ object: 'AV:1', property })),
      { object: 'CSV:2', poll: 'slow', write: { priority: 8, verify: 'none', repeatable: true } },
    ]);
    driver.start('active');
    assert.equal((await world.time.advanceWhile(driver.poll('normal'), 10_000)).reachable, true);
    assert.equal(samples.value(0), 21.5);
    const value = 'a text longer than one APDU '.repeat(4);
    await world.time.advanceWhile(driver.write({ point: 12, value, priority: 8, timeoutMs: 5_000, permit: () => true }), 10_000);
    assert.equal(device.object('CSV:2').presentValue, value);
    assert.deepEqual(device.requestCounts(), { readProperty: 2, readPropertyMultiple: 1, writeProperty: 1 }); // max-APDU and segmentation supported, all twelve at once
    await driver.stop();
    const info = decode(seen);
    for (const what of ['Segment-ACK', 'Confirmed-REQ   readPropertyMultiple', 'Complex-ACK     readPropertyMultiple', 'Message fragment']) {
      assert.ok(info.includes(what), `${what} is missing in\n${info}`);
    }
  });
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireTool } from '../../hooks.js';
import { BacnetWorld } from './world.js';

/** A capture file of UDP datagrams, as tshark reads it: classic pcap, raw IPv4. */
function pcap(datagrams: readonly { data: Uint8Array; from: string; to: string }[]): Buffer {
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

describe('BACnet traffic as tshark decodes it', () => {
  it('is well formed in both directions, and says what we mean', async function () {
    this.timeout(60_000);
    requireTool(this, 'tshark');
    const world = new BacnetWorld();
    const seen: { data: Uint8Array; from: string; to: string }[] = [];
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
    const folder = mkdtempSync(join(tmpdir(), 'tandem-tshark-'));
    try {
      const file = join(folder, 'bacnet.pcap');
      writeFileSync(file, pcap(seen));
      const { stdout, stderr, status } = spawnSync('tshark', ['-r', file, '-T', 'fields', '-e', '_ws.malformed', '-e', '_ws.expert.message', '-e', '_ws.col.Info'], { encoding: 'utf8' });
      assert.equal(status, 0, stderr);
      const lines = stdout.trimEnd().split('\n');
      assert.equal(lines.length, seen.length);
      const bad = lines.filter((line) => !line.startsWith('\t\t'));
      assert.deepEqual(bad, [], 'tshark finds fault');
      for (const service of ['who-Is', 'i-Am', 'readProperty', 'readPropertyMultiple', 'writeProperty', 'subscribeCOV', 'unconfirmedCOVNotification']) {
        assert.ok(lines.some((line) => line.includes(service)), `${service} is missing in\n${stdout}`);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

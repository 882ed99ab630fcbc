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
  return fields(seen, ['_ws.col.Info']).map(([info]) => info).join('\n');
}

/** The named fields of every datagram, several values of one with a comma; fails where tshark finds anything malformed. */
function fields(seen: readonly Datagram[], names: readonly string[]): string[][] {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-tshark-'));
  try {
    const file = join(folder, 'bacnet.pcap');
    writeFileSync(file, pcap(seen));
    const { stdout, stderr, status } = spawnSync('tshark', ['-r', file, '-T', 'fields', ...['_ws.malformed', '_ws.expert.message', ...names].flatMap((name) => ['-e', name])], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    const rows = stdout.replace(/\n$/, '').split('\n').map((line) => line.split('\t'));
    assert.equal(rows.length, seen.length);
    assert.deepEqual(rows.filter(([malformed, expert]) => malformed !== '' || expert !== ''), [], 'tshark finds fault');
    return rows.map((row) => row.slice(2));
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

  it('reads out of our frames what we put in: hop count, route, segments, COV, priorities', async function () {
    this.timeout(60_000);
    requireTool(this, 'tshark');
    const world = new BacnetWorld();
    const seen: Datagram[] = [];
    world.lan.filter = (data, from, to) => {
      seen.push({ data, from: from.host, to: to.host });
      return true;
    };
    const device = await world.device('10.0.0.11', { instance: 9, maxApdu: 50, segmentation: 'both', route: { network: 20, mac: '05' } });
    device.addObject({ type: 'AV', instance: 1, value: 21.5 });
    device.addObject({ type: 'CSV', instance: 2 });
    const { driver } = world.driver({ instance: 9, route: { network: 20, mac: 5 }, covLifetime: '90s', covConfirmed: true }, [
      { object: 'AV:1', cov: 0.25, write: { priority: 8, verify: 'readback', repeatable: true } },
      { object: 'CSV:2', poll: 'slow', write: { priority: 7, verify: 'none', repeatable: true } },
    ]);
    driver.start('active');
    await world.time.advanceWhile(driver.poll('normal'), 10_000);
    await world.time.advance(1_000);
    device.setPresentValue('AV:1', 22.75);
    await world.time.advance(1_000);
    const write = (point: number, value: number | string | null, priority: number): Promise<void> => world.time.advanceWhile(driver.write({ point, value, priority, timeoutMs: 5_000, permit: () => true }), 10_000);
    await write(0, 55.5, 8);
    await write(0, null, 8);
    await write(1, 'a text longer than one APDU '.repeat(4), 7);
    const ours = { type: 1, hop: 2, net: 3, service: 5, segmented: 6, more: 7, sequence: 8, window: 9, real: 10, unsigned: 11, text: 12, mac: 13 };
    const rows = fields(seen, [
      'ip.src', 'bacapp.type', 'bacnet.hopc', 'bacnet.dnet', 'bacapp.invoke_id', 'bacapp.confirmed_service', 'bacapp.segmented_request', 'bacapp.more_segments',
      'bacapp.sequence_number', 'bacapp.window_size', 'bacapp.present_value.real', 'bacapp.present_value.uint', 'bacapp.present_value.char_string', 'bacnet.dadr_mstp',
    ]);
    const sent = rows.filter(([from]) => from === '10.0.0.1');
    const routed = sent.filter((row) => row[ours.net] === '20' && row[ours.type] !== ''); // (Who-Is-Router names the network too)
    assert.ok(routed.length > 10);
    assert.deepEqual([...new Set(routed.map((row) => `${row[ours.hop]} ${row[ours.mac]}`))], ['255 5']);
    const asked = (service: number): string[][] => sent.filter((row) => row[ours.service] === String(service) && row[ours.type] === '0');
    assert.equal(asked(28).length, 1);
    // The text: a header of six octets for each segment of at most 50, numbered from 0, the last without "more".
    const text = asked(15).filter((row) => row[ours.segmented] === '1' || row[ours.segmented] === 'True');
    assert.ok(text.length >= 3, JSON.stringify(asked(15)));
    assert.deepEqual(text.map((row) => row[ours.sequence]), text.map((_, at) => String(at)));
    assert.deepEqual([...new Set(text.map((row) => row[ours.window]))], ['16']);
    assert.deepEqual(text.map((row) => /1|True/.test(row[ours.more] ?? '')), text.map((_, at) => at < text.length - 1));
    // Whoever reads the notification and the write sees the numbers that were meant.
    const heard = rows.filter((row) => row[0] === '10.0.0.11' && row[ours.real] !== '' && row[ours.service] === '1' && row[ours.type] === '0');
    assert.deepEqual(heard.map((row) => Number(row[ours.real])), [21.5, 22.75, 55.5, 22.75]);
    assert.deepEqual(asked(15).filter((row) => row[ours.real] !== '').map((row) => Number(row[ours.real])), [55.5]);
    await driver.stop();
    await world.host.close();
    assert.deepEqual(device.complaints, []);
  });
});

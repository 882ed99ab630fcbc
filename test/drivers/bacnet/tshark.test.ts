import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireTool } from '../../hooks.js';
import { bacnet } from '../../../drivers/bacnet/index.js';
import type { DeviceEvent } from '../../../src/contract/index.js';
import { BacnetWorld, collectProblems, LINE } from './world.js';

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
  const rows = tshark(seen, ['-T', 'fields', ...['_ws.malformed', '_ws.expert.message', ...names].flatMap((name) => ['-e', name])]).replace(/\n$/, '').split('\n').map((line) => line.split('\t'));
  assert.equal(rows.length, seen.length);
  assert.deepEqual(rows.filter(([malformed, expert]) => malformed !== '' || expert !== ''), [], 'tshark finds fault');
  return rows.map((row) => row.slice(2));
}

const FRAMING = /Tag Class|Tag Number|Tag:|Named Tag|Length Value|^ *[{}]+\[|= Object Type|= Instance Number|Unused bits/;

/** Every application message in tshark's words, one line each, without tags and brackets. */
function words(seen: readonly Datagram[]): string[] {
  return tshark(seen, ['-O', 'bacapp']).split(/^Frame \d+: /m).slice(1).map((text) => text.split('\n').filter((line) => !FRAMING.test(line)).map((line) => line.trim()).join('\n'));
}

function tshark(seen: readonly Datagram[], options: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-tshark-'));
  try {
    const file = join(folder, 'bacnet.pcap');
    writeFileSync(file, pcap(seen));
    const { stdout, stderr, status } = spawnSync('tshark', ['-r', file, ...options], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
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

  it('reads alarms, acknowledgements, recipients, logs, schedules and times as they were meant, dates and all', async function () {
    this.timeout(60_000);
    requireTool(this, 'tshark');
    const world = new BacnetWorld();
    const seen: Datagram[] = [];
    const device = await world.device('10.0.0.11', { instance: 9 });
    device.time.utcOffset = 600; // Honolulu: it is still Sunday there
    device.addObject({ type: 'AI', instance: 1, value: 20 });
    device.addObject({ type: 'AV', instance: 3, value: 18 });
    device.events.addNotificationClass({ instance: 4, priorities: [100, 20, 200], ackRequired: [true, true, true] });
    device.watch('AI:1', { notificationClass: 4, high: 80, deadband: 2 });
    const log = device.log('AI:1', { instance: 5 });
    device.schedules.addSchedule({ instance: 6, targets: [{ type: 2, instance: 3 }] });
    device.schedules.addCalendar(7);
    const problems = collectProblems();
    const line = { ...LINE, recipients: ['10.0.0.1', '10.0.0.2'], timeSync: { every: '1min', to: 'devices' } };
    const settings = bacnet.parseDevice({ instance: 9, host: '10.0.0.11', cov: false, alarms: { notificationClasses: [4], processId: 7 } }, { problems, plug: { address: '10.0.0.1', broadcast: '10.0.0.255', deviceInstance: 900 }, line, timezone: 'Europe/Berlin' });
    assert.ok(settings, problems.found.join());
    const parsed = bacnet.parsePoint({ object: 'AI:1', trendLog: 'TL:5' }, settings, { problems });
    assert.ok(parsed);
    const driver = bacnet.create(world.host, settings, [{ id: 0, name: 'p', device: 'd', poll: 'normal', ...parsed }]);
    const events: DeviceEvent[] = [];
    driver.events$?.subscribe((report) => {
      if (report.kind !== 'event') return;
      events.push(report.event);
      report.taken();
    });
    log.sample();
    await world.time.advance(30_000);
    device.setPresentValue('AI:1', 21.5);
    log.sample();
    world.lan.filter = (data, from, to) => {
      seen.push({ data, from: from.host, to: to.host });
      return true;
    };
    const wait = <T>(work: Promise<T>): Promise<T> => world.time.advanceWhile(work, 60_000);
    driver.start('active');
    await wait(driver.poll('normal'));
    await world.time.advance(1_000);
    device.setPresentValue('AI:1', 90);
    await world.time.advance(1_000);
    const [event] = events;
    assert.ok(event);
    // Virtual time begins on Monday 2026-01-05, 08:00 UTC.
    const acknowledgeMs = Date.UTC(2026, 0, 5, 8, 1, 2, 340);
    await wait(driver.acknowledge?.({ ...event, by: 'Jürgen', atMs: acknowledgeMs, timeoutMs: 2_000, permit: () => true }) ?? Promise.reject(new Error('none')));
    await wait(driver.readLog?.(0, world.time.wallMs() - 120_000, world.time.wallMs()) ?? Promise.reject(new Error('none')));
    const options = { timeoutMs: 2_000, permit: () => true };
    const { schedules } = driver;
    assert.ok(schedules);
    await wait(schedules.write('SCH:6', {
      weekly: [[{ time: '06:30', value: { real: 21.5 } }, { time: '18:00', value: null }], [], [], [], [], [], []],
      exceptions: [{ period: { calendar: 'CAL:7' }, values: [{ time: '00:00', value: { real: 12 } }], priority: 4 }],
      effectivePeriod: { from: { year: 2026, month: 2, day: 28, weekday: null }, to: { year: null, month: null, day: null, weekday: null } },
    }, options));
    await wait(schedules.write('CAL:7', { dateList: [{ date: { year: null, month: 12, day: 24, weekday: null } }, { weekNDay: { month: null, week: 6, weekday: 5 } }] }, options));
    await world.time.advance(60_000);
    await driver.stop();
    await world.host.close();
    assert.deepEqual(device.complaints, []);
    fields(seen, []); // nothing is malformed
    const told = words(seen);
    const said = (service: string, kind: string, ...lines: readonly string[]): void => {
      const messages = told.filter((text) => text.includes(`Service Choice: ${service} (`) && text.includes(`APDU Type: ${kind}`));
      assert.ok(messages.some((text) => text.includes(lines.join('\n'))), `no ${service} says\n${lines.join('\n')}\nbut\n${messages.join('\n')}`);
    };
    const sunday = 'Date: January 4, 2026, (Day of Week = Sunday)';
    const always = ['valid Days: (Bit String) (TTTTTTT)', ...['Mon', 'Tues', 'Wednes', 'Thurs', 'Fri', 'Satur', 'Sun'].map((day) => `${day}day = TRUE`), 'from time: 0:00:00.0 A.M. = 00:00:00.0', 'to time: 11:59:59.99 P.M. = 23:59:59.99', 'network-number(Unsigned) 0'];
    const confirmed = ['Port: 47808', 'ProcessIdentifier: 7', 'issue confirmed notifications: TRUE', 'transitions: (Bit String) (TTT)'];
    const flags = (inAlarm: boolean): string[] => [`in-alarm = ${String(inAlarm).toUpperCase()}`, 'fault = FALSE', 'overridden = FALSE', 'out-of-service = FALSE'];
    for (const node of ['10.0.0.1', '10.0.0.2']) said('addListElement', 'Confirmed-REQ', ...always, 'MAC-address:', `IPV4: ${node}`, ...confirmed);
    said('addListElement', 'Confirmed-REQ', 'ObjectIdentifier: notification-class, 4', 'Property Identifier: recipient-list (102)');
    said('getEventInformation', 'Complex-ACK', 'more Events: FALSE');
    said('confirmedEventNotification', 'Confirmed-REQ',
      'ProcessIdentifier: 7', 'ObjectIdentifier: device, 9', 'ObjectIdentifier: analog-input, 1', 'date time:', sunday, 'Time: 10:00:31.0 P.M. = 22:00:31.0', 'Notification Class: (Unsigned) 4', 'Priority: (Unsigned) 100',
      'Event Type: out-of-range (5)', 'Notify Type: alarm (0)', 'ack Required: TRUE', 'From State: normal (0)', 'To State: high-limit (3)', 'notification parameters (5) out-of-range',
      'exceeding-value: 90.000000 (Real)', 'status-flags: (Bit String) (TFFF)', ...flags(true), 'deadband: 2.000000 (Real)', 'exceeded-limit: 80.000000 (Real)');
    said('confirmedEventNotification', 'Simple-ACK');
    said('acknowledgeAlarm', 'Confirmed-REQ',
      'acknowledging Process Id: (Unsigned) 7', 'ObjectIdentifier: analog-input, 1', 'event State Acknowledged:  high-limit (3)', 'date time:', sunday, 'Time: 10:00:31.0 P.M. = 22:00:31.0',
      "acknowledgement Source: UTF-8 'Jürgen'", 'String Character Set: ANSI X3.4 / UTF-8 (since 2010) (0)', 'acknowledgement timestamp:', sunday, 'Time: 10:01:02.34 P.M. = 22:01:02.34');
    said('readRange', 'Confirmed-REQ', 'ObjectIdentifier: trend-log, 5', 'Property Identifier: log-buffer (131)');
    said('readRange', 'Confirmed-REQ', 'range byTime', 'reference Date/Time:', sunday);
    said('readRange', 'Complex-ACK',
      'resultFlags: (Bit String) (TTF)', 'firstitem = TRUE', 'lastitem = TRUE', 'moreitems = FALSE', 'item Count: (Unsigned) 2', 'itemData',
      sunday, 'Time: 10:00:00.0 P.M. = 22:00:00.0', 'real value: 20.000000 (Real)', 'Status Flags: (Bit String) (FFFF)', ...flags(false),
      sunday, 'Time: 10:00:30.0 P.M. = 22:00:30.0', 'real value: 21.500000 (Real)', 'Status Flags: (Bit String) (FFFF)', ...flags(false), 'first Sequence Number: (Unsigned) 1');
    said('writeProperty', 'Confirmed-REQ', 'Monday', 'Time: 6:30:00.0 A.M. = 06:30:00.0', 'Value: 21.500000 (Real)', 'Time: 6:00:00.0 P.M. = 18:00:00.0', 'Value: NULL', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday');
    said('writeProperty', 'Confirmed-REQ', 'ObjectIdentifier: calendar, 7', 'Time: 0:00:00.0 A.M. = 00:00:00.0', 'Value: 12.000000 (Real)', 'event priority: (Unsigned) 4');
    said('writeProperty', 'Confirmed-REQ', 'effective-period: February 28, 2026, (Day of Week = any day of week)', 'effective-period: any');
    said('writeProperty', 'Confirmed-REQ', 'Date: December 24, any year, (Day of Week = any day of week)', 'any month last 7 days of this month, Friday');
    const minute = device.time.settings[0] === undefined ? '' : new Date(device.time.settings[0].localMs).toISOString().slice(14, 16);
    said('utcTimeSynchronization', 'Unconfirmed-REQ', 'UTC-Time:', 'Date: January 5, 2026, (Day of Week = Monday)', `Time: 8:${minute}:00.0 A.M. = 08:${minute}:00.0`);
    said('timeSynchronization', 'Unconfirmed-REQ', 'Unconfirmed Service Choice: timeSynchronization (6)', sunday, `Time: 10:${minute}:00.0 P.M. = 22:${minute}:00.0`);
  });
});

import assert from 'node:assert/strict';
import { bacnet } from '../../../drivers/bacnet/index.js';
import { encodeEdit } from '../../../drivers/bacnet/schedule.js';
import type { Clock, DeviceEvent, DeviceEventReport, Driver } from '../../../src/contract/index.js';
import { realNetwork } from '../../../src/platform/network.js';
import { realClock, realRandom, realTimers } from '../../../src/platform/time.js';
import { alwaysTo, writeDestination } from '../../../drivers/bacnet/recipient-list.js';
import { Asn1Writer } from '../../../drivers/bacnet/asn1.js';
import { VirtualBacnetDevice } from '../../../simulators/bacnet-device/index.js';
import { freePort, until } from './real-world.js';
import { StockPeer, type LibraryName, type StockMessage } from './stock-peer.js';
import { collectProblems, driverHost, LINE, parseDevice, pointsOf } from './world.js';

const world = { network: realNetwork, clock: realClock, timers: realTimers, random: realRandom };
const AI1 = { type: 0, instance: 1 };
/** node-bacnet takes BACnet's months, 1 … 12, for JavaScript's, 0 … 11, both when it reads and when it writes them. */
const monthsOff = (name: LibraryName): number => (name === 'node-bacnet' ? 1 : 0);
/** What a library makes of a date and time: a local JavaScript date. Here it is what it says, as if it were UTC. */
const said = (date: unknown, off: number): number => {
  assert.ok(date instanceof Date);
  return Date.UTC(date.getFullYear(), date.getMonth() - off, date.getDate(), date.getHours(), date.getMinutes(), date.getSeconds(), date.getMilliseconds());
};
/** The local JavaScript date with which a library says `ms`. */
const saying = (ms: number, off: number): Date => {
  const date = new Date(ms);
  return new Date(date.getUTCFullYear(), date.getUTCMonth() + off, date.getUTCDate(), date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds(), date.getUTCMilliseconds());
};
const bits = (length: number, octet: number): { value: number[]; bitsUsed: number } => ({ value: [octet], bitsUsed: length });

const libraries: readonly (readonly [name: LibraryName, version: string, net: number])[] = [['@bacnet-js/client', '3.3.2', 60], ['node-bacnet', '0.2.4', 70]];

for (const [name, version, net] of libraries) {
  describe(`BACnet alarms, logs, schedules and time with ${name} ${version}`, () => {
    const off = monthsOff(name);
    const decodes = name === '@bacnet-js/client';
    describe('as client of our virtual device', () => {
      let device: VirtualBacnetDevice;
      let peer: StockPeer;
      let at: string;
      let own: { host: string; port: number };

      beforeEach(async () => {
        device = new VirtualBacnetDevice(world, { instance: 40 });
        device.addObject({ type: 'AI', instance: 1, value: 21.5 });
        device.addObject({ type: 'AV', instance: 2, value: 5 });
        const { host, port } = await device.listen(`127.0.0.${net}`, 0);
        at = `${host}:${port}`;
        own = { host: `127.0.0.${net + 1}`, port: await freePort(`127.0.0.${net + 1}`) };
        peer = await StockPeer.open(name, own);
      });
      afterEach(async () => {
        peer.close();
        await device.close();
        assert.deepEqual(device.complaints, []);
      });

      it('sets its clock, in local time and in UTC', async () => {
        device.time.utcOffset = 300;
        // (Days of February, so that the weekday is right a month later, too.)
        peer.tell('timeSync', at, saying(Date.UTC(2026, 1, 28, 23, 59, 58, 120), off));
        await until(() => device.time.settings.length === 1, 'TimeSynchronization');
        peer.tell('timeSyncUTC', at, saying(Date.UTC(2027, 1, 27, 1, 2, 3, 450), off));
        await until(() => device.time.settings.length === 2, 'UTCTimeSynchronization');
        assert.deepEqual(device.time.settings, [{ kind: 'local', localMs: Date.UTC(2026, 1, 28, 23, 59, 58, 120) }, { kind: 'utc', localMs: Date.UTC(2027, 1, 26, 20, 2, 3, 450) }]);
      });

      it('is told of an alarm, asks which there are, and acknowledges with the right time stamp only', async () => {
        const list = new Asn1Writer();
        writeDestination(list, alwaysTo({ network: 0, mac: Buffer.from([...own.host.split('.').map(Number), own.port >> 8, own.port & 255]).toString('hex') }, 57));
        device.events.addNotificationClass({ instance: 4, ackRequired: [true, true, true] }).write(102, Buffer.from(list.take()));
        device.watch('AI:1', { notificationClass: 4, high: 80, deadband: 2 });
        const notices: StockMessage[] = [];
        peer.on('eventNotify', (message) => {
          notices.push(message);
          peer.simpleAck(message);
        });
        device.setPresentValue('AI:1', 90);
        await until(() => device.events.confirmedBy.length === 1, 'the notification is confirmed');
        const [notice] = notices;
        assert.ok(notice);
        const stampMs = Math.floor(Number(device.events.stampMs('AI:1', 0)) / 10) * 10;
        if (decodes) {
          // (The other one does not decode it.)
          const { processId, initiatingObjectId, eventObjectId, notificationClass, priority, eventType, notifyType, ackRequired, fromState, toState, timeStamp } = notice.payload;
          assert.deepEqual([processId, initiatingObjectId, eventObjectId, notificationClass, priority, eventType, notifyType, ackRequired, fromState, toState], [57, { type: 8, instance: 40 }, AI1, 4, 127, 5, 0, true, 0, 3]);
          assert.equal(said((timeStamp as { value: unknown }).value, off), stampMs);
          const events = (await peer.ask('getEventInformation', at, undefined)) as unknown as { objectId: unknown; eventState: number; eventTimeStamps: { value: unknown }[]; eventPriorities: number[]; notifyType: number }[];
          assert.deepEqual(events.map(({ objectId, eventState, eventPriorities, notifyType: kind }) => [objectId, eventState, eventPriorities, kind]), [[AI1, 3, [127, 64, 200], 0]]);
          assert.equal(said(events[0]?.eventTimeStamps[0]?.value, off), stampMs);
        }
        const acknowledge = (state: number, ms: number): Promise<unknown> => peer.ask('acknowledgeAlarm', at, AI1, state, 'operator', { type: 2, value: saying(ms, off) }, { type: 2, value: saying(Date.UTC(2026, 1, 28), off) });
        await assert.rejects(acknowledge(3, stampMs - 10), /14|TIME_?STAMP/);
        if (!decodes) return; // the day of the week in its stamps is that of another month: none of them is ours
        await assert.rejects(acknowledge(4, stampMs), /73|EVENT_STATE/);
        await acknowledge(3, stampMs);
        assert.deepEqual(device.events.acks, [{ object: 'AI:1', processId: 57, state: 3, source: 'operator' }]);
      });

      it('reads a log by position', async () => {
        const log = device.log('AI:1', { instance: 1 });
        for (const value of [18, 19, 20]) {
          device.setPresentValue('AI:1', value);
          log.sample();
        }
        const answer = await peer.ask('readRange', at, { type: 20, instance: 1 }, 2, 2);
        assert.deepEqual([answer.itemCount, (answer.resultFlag as { value: number[] }).value[0]], [2, 0b010]); // the last of them all, and not the first; its first bit is the lowest
        const octets = answer.rangeBuffer as Buffer;
        if (!decodes) return; // it cuts off the records
        const values = [19, 20].map((value) => octets.indexOf(Buffer.concat([Buffer.from([0x2c]), float(value)])));
        assert.ok(values[0] !== undefined && values[1] !== undefined && values[0] > 0 && values[1] > values[0], octets.toString('hex'));
        await assert.rejects(peer.ask('readRange', at, { type: 20, instance: 9 }, 1, 1), /31|UNKNOWN_OBJECT/);
      });

      // (node-bacnet knows no such values.)
      if (decodes) it('reads a week, exceptions, a period and a calendar', async () => {
        const schedule = device.schedules.addSchedule({ instance: 1, targets: [{ type: 2, instance: 2 }] });
        const calendar = device.schedules.addCalendar(3);
        const any = { year: null, month: null, day: null, weekday: null };
        const christmas = { date: { ...any, month: 12, day: 25 } };
        const work = [{ time: '06:30', value: { real: 21 } }, { time: '18:00', value: null }];
        for (const [property, elements] of encodeEdit('schedule', {
          weekly: [work, [], [], [], [], [], []], default: { real: 16 }, effectivePeriod: { from: { year: 2026, month: 1, day: 1, weekday: null }, to: { year: 2027, month: 12, day: 31, weekday: null } },
          exceptions: [{ period: christmas, values: [{ time: '00:00', value: { real: 12 } }], priority: 4 }], // (it knows no reference to a calendar)
        })) schedule.write(property, Buffer.concat(elements));
        for (const [property, elements] of encodeEdit('calendar', { dateList: [christmas] })) calendar.write(property, Buffer.concat(elements));
        const read = async (type: number, instance: number, property: number): Promise<string> => JSON.stringify((await peer.ask('readProperty', at, { type, instance }, property)).values);
        assert.match(await read(17, 1, 123), /"type":4,"value":21/);
        assert.match(await read(17, 1, 32), /"raw":{"year":126,"month":1,"day":1,"wday":255}.*"raw":{"year":127,"month":12,"day":31,"wday":255}/);
        assert.match(await read(17, 1, 38), /"month":12,"day":25.*"value":12/);
        assert.match(await read(6, 3, 23), /"year":255,"month":12,"day":25,"wday":255/);
        assert.match(await read(17, 1, 174), /"value":16/);
      });

      it('subscribes to a property, and confirms what it hears', async () => {
        const heard: StockMessage[] = [];
        peer.on('covNotify', (message) => {
          heard.push(message);
          peer.simpleAck(message);
        });
        await peer.ask('subscribeProperty', at, AI1, { id: 85, index: 0xffff_ffff }, 7, false, true);
        await until(() => heard.length === 1, 'the first notification');
        device.setPresentValue('AI:1', 30);
        await until(() => heard.length === 2, 'the change');
        const [first] = device.subscriptions.all();
        assert.deepEqual([first?.processId, first?.byProperty, first?.confirmed], [7, true, true]);
      });
    });

    describe('as device of our driver', () => {
      let peer: StockPeer;
      let driver: Driver;
      let reports: DeviceEventReport[];
      let close: () => Promise<void>;
      const node = { host: `127.0.0.${net + 3}`, port: 0 };

      let at: { host: string; port: number };

      /** Another driver of the same device. */
      const again = async ({ object, cov }: { object: string; cov: boolean }): Promise<void> => {
        await driver.stop();
        await close();
        const settings = parseDevice({ instance: 50, ...at, cov, timeout: '2s' }, { address: node.host, port: node.port });
        const host = driverHost(world);
        driver = bacnet.create(host, settings, pointsOf(settings, [{ object, write: { priority: 10, verify: 'readback', repeatable: true } }]));
        close = () => host.close();
        driver.start('active');
      };

      const begin = async (clock: Clock = realClock, timeSync?: object): Promise<void> => {
        at = { host: `127.0.0.${net + 2}`, port: await freePort(`127.0.0.${net + 2}`) };
        node.port = await freePort(node.host);
        peer = await StockPeer.open(name, at);
        peer.on('readProperty', (message) => {
          const { objectId, property } = message.payload as { objectId: { type: number }; property: { id: number } };
          // Maximum APDU and the services that it executes; it does not tell where it is.
          if (objectId.type === 8 && property.id === 62) peer.complexAck(message, 'readProperty', objectId, 62, 0xffff_ffff, [{ type: 2, value: 480 }]);
          else if (objectId.type === 0 && property.id === 85) peer.complexAck(message, 'readProperty', objectId, 85, 0xffff_ffff, [{ type: 4, value: 21.5 }]);
          else peer.refuse(message, 2, 32);
        });
        peer.on('getEventInformation', (message) => peer.complexAck(message, 'getEventInformation', [event], false));
        const problems = collectProblems();
        const settings = bacnet.parseDevice({ instance: 50, ...at, cov: false, timeout: '2s', alarms: { processId: 7 } }, { problems, plug: { address: node.host, port: node.port }, line: { ...LINE, ...(timeSync && { timeSync }) }, timezone: 'UTC' });
        assert.ok(settings, problems.found.join());
        const parsed = bacnet.parsePoint({ object: 'AI:1', trendLog: 'TL:1' }, settings, { problems });
        assert.ok(parsed, problems.found.join());
        const host = driverHost({ ...world, clock });
        driver = bacnet.create(host, settings, [{ id: 0, name: 'p', device: 'd', poll: 'normal', ...parsed }]);
        reports = [];
        driver.events$?.subscribe((report) => reports.push(report));
        driver.start('active');
        close = () => host.close();
        const { reachable, error } = await driver.poll('normal');
        assert.equal(reachable, true, error);
      };
      afterEach(async () => {
        await driver.stop();
        await close();
        peer.close();
      });

      const stampMs = Date.UTC(2026, 10, 20, 6, 5, 4, 320);
      const never = { type: 1, value: 0 };
      const event = {
        objectId: AI1, eventState: 3, acknowledgedTransitions: bits(3, 0x06), eventTimeStamps: [{ type: 2, value: saying(stampMs, off) }, never, never],
        notifyType: 0, eventEnable: bits(3, 0x07), eventPriorities: [100, 20, 200],
      };

      // (node-bacnet drops a GetEventInformation that names no object.)
      if (decodes) it('tells which alarms there are, is told of their acknowledgement, and may refuse it', async () => {
        await begin();
        const acks: Record<string, unknown>[] = [];
        let refused = true;
        peer.on('alarmAcknowledge', (message) => {
          acks.push(message.payload);
          if (refused) peer.refuse(message, 5, 14);
          else peer.simpleAck(message);
        });
        await until(() => reports.length === 1, 'the summary');
        const [summary] = reports;
        assert.ok(summary?.kind === 'summary');
        const [state] = summary.objects;
        assert.deepEqual([state?.object, state?.state, state?.now, state?.point], ['AI:1', 'high-limit', 'offnormal', 0]);
        const transition = state?.transitions.offnormal;
        assert.deepEqual([transition?.timeMs, transition?.acknowledged, state?.transitions.fault, state?.transitions.normal], [stampMs, false, undefined, undefined]);
        const acknowledge = (): Promise<void> => driver.acknowledge?.({ object: 'AI:1', transition: 'offnormal', stamp: transition?.stamp ?? '', state: 'high-limit', by: 'Jürgen', atMs: Date.UTC(2026, 10, 21), timeoutMs: 5_000, permit: () => true }) ?? Promise.reject(new Error('none'));
        await assert.rejects(acknowledge(), { code: 'FIELD_REJECTED' });
        refused = false;
        await acknowledge();
        const [, ack] = acks;
        assert.deepEqual([ack?.acknowledgedProcessId, ack?.eventObjectId, ack?.eventStateAcknowledged, ack?.acknowledgeSource], [7, AI1, 3, 'Jürgen']);
        assert.equal(said(ack?.eventTimeStamp, off), stampMs);
        assert.equal(said(ack?.acknowledgeTimeStamp, off), Date.UTC(2026, 10, 21));
      });

      it('is read, commanded at a priority and relinquished, and tells of changes, confirmed ones too', async () => {
        await begin();
        let value = 21.5;
        const slots = new Array<number | null>(16).fill(null);
        const app = (of: number | null): object[] => [of === null ? { type: 0, value: null } : { type: 4, value: of }];
        const read = (id: number, index: number): object[] | undefined => (id === 85 ? app(slots.find((slot) => slot !== null) ?? value) : id === 87 && index >= 1 && index <= 16 ? app(slots[index - 1] ?? null) : id === 111 ? [{ type: 8, value: { value: [0], bitsUsed: 4 } }] : undefined);
        peer.replace('readProperty', (message) => {
          const { objectId, property } = message.payload as { objectId: { type: number }; property: { id: number; index: number } };
          const found = objectId.type === 8 ? (property.id === 62 ? [{ type: 2, value: 480 }] : undefined) : read(property.id, property.index);
          if (found === undefined) peer.refuse(message, 2, 32);
          else peer.complexAck(message, 'readProperty', objectId, property.id, property.index, found);
        });
        peer.on('readPropertyMultiple', (message) => {
          const { properties } = message.payload as { properties: { objectId: object; properties: { id: number; index: number }[] }[] };
          peer.complexAck(message, 'readPropertyMultiple', properties.map(({ objectId, properties: asked }) => ({ objectId, values: asked.map((property) => ({ property, value: read(property.id, property.index) ?? [] })) })));
        });
        peer.on('writeProperty', (message) => {
          const { value: { value: [first], priority } } = message.payload as { value: { value: [{ type: number; value: number | null }]; priority: number } };
          slots[priority - 1] = first.type === 0 ? null : first.value;
          peer.simpleAck(message);
        });
        const subscribed: Record<string, unknown>[] = [];
        peer.on('subscribeCov', (message) => {
          subscribed.push(message.payload);
          peer.simpleAck(message);
        });
        await again({ object: 'AO:1', cov: true });
        const got: unknown[] = [];
        driver.samples$.subscribe((batch) => got.push(...batch.values));
        assert.equal((await driver.poll('normal')).reachable, true);
        assert.deepEqual(got, [21.5]);
        const write = (to: number | null): Promise<void> => driver.write({ point: 0, value: to, priority: 10, timeoutMs: 5_000, permit: () => true });
        await write(55.5);
        assert.equal(slots[9], 55.5);
        await write(null);
        assert.deepEqual(slots, new Array(16).fill(null));
        await until(() => subscribed.length > 0, 'the subscription');
        assert.deepEqual([subscribed[0]?.monitoredObjectId, subscribed[0]?.issueConfirmedNotifications], [{ type: 1, instance: 1 }, false]);
        value = 30;
        const change = [{ property: { id: 85, index: 0xffff_ffff }, value: app(value) }, { property: { id: 111, index: 0xffff_ffff }, value: [{ type: 8, value: { value: [0], bitsUsed: 4 } }] }];
        await peer.ask('confirmedCOVNotification', `${node.host}:${node.port}`, { type: 1, instance: 1 }, subscribed[0]?.subscriberProcessId, 50, 300, change);
        await until(() => got.at(-1) === 30, 'the change');
      });

      it('is confirmed an alarm when that is taken, and not before', async () => {
        await begin();
        if (decodes) await until(() => reports.length === 1, 'the summary');
        const summaries = reports.length;
        const data = {
          processId: 7, initiatingObjectId: { type: 8, instance: 50 }, eventObjectId: AI1, timeStamp: { type: 2, value: saying(stampMs, off) }, notificationClass: 4, priority: 100, eventType: 5,
          messageText: 'zu heiß', notifyType: 0, ackRequired: true, fromState: 0, toState: 3,
          outOfRangeExceedingValue: 90, outOfRangeStatusFlags: bits(4, 0x01), outOfRangeDeadband: 1, outOfRangeExceededLimit: 80,
        };
        let confirmed = false;
        const telling = peer.ask('confirmedEventNotification', `${node.host}:${node.port}`, data).then(() => (confirmed = true));
        await until(() => reports.length > summaries, 'the notification');
        const report = reports[summaries];
        assert.ok(report?.kind === 'event');
        const { object, state, stamp, timeMs, message, details, ackRequired, token }: DeviceEvent = report.event;
        assert.deepEqual([object, state, timeMs, message, ackRequired, token], ['AI:1', 'high-limit', stampMs, 'zu heiß', true, '7']);
        if (reports[0]?.kind === 'summary') assert.equal(stamp, reports[0].objects[0]?.transitions.offnormal?.stamp, 'the same transition as the summary’s');
        assert.deepEqual([details.exceedingValue, details.exceededLimit], [90, 80]);
        assert.equal(confirmed, false);
        report.taken();
        await telling;
        peer.tell('unconfirmedEventNotification', `${node.host}:${node.port}`, { ...data, toState: 0, fromState: 3 });
        await until(() => reports.length > summaries + 1, 'the unconfirmed one');
        // And the acknowledgement goes back with the very stamp.
        const acks: Record<string, unknown>[] = [];
        peer.on('alarmAcknowledge', (heard) => {
          acks.push(heard.payload);
          peer.simpleAck(heard);
        });
        await driver.acknowledge?.({ object, transition: 'offnormal', stamp, state, by: 'Jürgen', atMs: Date.UTC(2026, 10, 21), timeoutMs: 5_000, permit: () => true, ...(token !== undefined && { token }) });
        assert.deepEqual([acks[0]?.acknowledgedProcessId, acks[0]?.eventObjectId, acks[0]?.eventStateAcknowledged, acks[0]?.acknowledgeSource, said(acks[0]?.eventTimeStamp, off)], [7, AI1, 3, 'Jürgen', stampMs]);
      });

      it('tells what it has logged', async () => {
        await begin();
        const asked: Record<string, unknown>[] = [];
        const record = (ms: number, value: number): Buffer => Buffer.concat([Buffer.from([0x0e, 0xa4]), dateOf(ms), Buffer.from([0xb4]), timeOf(ms), Buffer.from([0x0f, 0x1e, 0x2c]), float(value), Buffer.from([0x1f, 0x2a, 4, 0])]);
        const times = [0, 60_000, 120_000].map((after) => stampMs + after);
        peer.on('readRange', (message) => {
          asked.push(message.payload);
          const records = Buffer.concat(times.map((ms, row) => record(ms, 18 + row)));
          peer.complexAck(message, 'readRange', { type: 20, instance: 1 }, 131, 0xffff_ffff, bits(3, 0x03), times.length, records, 2, 500);
        });
        const log = await driver.readLog?.(0, stampMs - 1_000, stampMs + 121_000);
        assert.deepEqual(log?.samples.map(({ timeMs, value }) => [timeMs, value]), times.map((ms, row) => [ms, 18 + row]));
        assert.deepEqual([asked[0]?.objectId, (asked[0]?.property as { id: number }).id], [{ type: 20, instance: 1 }, 131]);
      });

      it('is told the time, in UTC and by the clock of the site', async () => {
        // The minute is over half a second after the start.
        const shiftMs = 60_000 - (realClock.wallMs() % 60_000) - 500;
        const heard: [string, number][] = [];
        const beginning = begin({ monotonicMs: () => realClock.monotonicMs(), wallMs: () => realClock.wallMs() + shiftMs }, { every: '1min', to: 'devices' });
        await beginning;
        for (const kind of ['timeSync', 'timeSyncUTC'] as const) peer.on(kind, ({ payload }) => heard.push([kind, said(payload.value, off)]));
        await until(() => heard.length >= 2, 'both kinds');
        const nowMs = realClock.wallMs() + shiftMs;
        assert.deepEqual(heard.slice(0, 2).map(([kind]) => kind).sort(), ['timeSync', 'timeSyncUTC']);
        for (const [, ms] of heard) assert.ok(Math.abs(ms - nowMs) < 60_000, `${ms} is not about ${nowMs}`);
      });
    });
  });
}

function float(value: number): Buffer {
  const octets = Buffer.alloc(4);
  octets.writeFloatBE(value);
  return octets;
}

function dateOf(ms: number): Buffer {
  const date = new Date(ms);
  return Buffer.from([date.getUTCFullYear() - 1900, date.getUTCMonth() + 1, date.getUTCDate(), date.getUTCDay() || 7]);
}

function timeOf(ms: number): Buffer {
  const date = new Date(ms);
  return Buffer.from([date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds(), Math.floor(date.getUTCMilliseconds() / 10)]);
}

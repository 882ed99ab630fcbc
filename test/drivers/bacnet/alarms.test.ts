import assert from 'node:assert/strict';
import type { DeviceAcknowledgement, DeviceEvent, DeviceEventReport, DeviceObjectState, Driver } from '../../../src/contract/index.js';
import type { VirtualBacnetDevice } from '../../../simulators/bacnet-device/index.js';
import { BacnetWorld, collectProblems, driverHost, LINE, pointsOf } from './world.js';
import { bacnet } from '../../../drivers/bacnet/index.js';

const both = ['10.0.0.1', '10.0.0.2'];

/** A driver at `address` of a line that names both nodes, and what it has reported. */
function driverAt(world: BacnetWorld, address: string, alarms: unknown = { notificationClasses: [4], processId: 7 }, mayAct = { on: true }): { driver: Driver; reports: DeviceEventReport[]; taking: { on: boolean }; close: () => Promise<void> } {
  const problems = collectProblems();
  const settings = bacnet.parseDevice({ instance: 9, host: '10.0.0.11', alarms }, { problems, plug: { address, broadcast: '10.0.0.255' }, line: { ...LINE, recipients: both }, timezone: 'Europe/Berlin' });
  assert.ok(settings, problems.found.join());
  const host = { ...driverHost({ clock: world.time, timers: world.time, random: world.random.fork(address), network: world.lan.asNetwork() }), permit: () => mayAct.on };
  const driver = bacnet.create(host, settings, pointsOf(settings, [{ object: 'AI:1', cov: 0.1 }]));
  const reports: DeviceEventReport[] = [];
  const taking = { on: true };
  driver.events$?.subscribe((report) => {
    reports.push(report);
    if (report.kind === 'event' && taking.on) report.taken();
  });
  return { driver, reports, taking, close: () => host.close() };
}

async function plant(world: BacnetWorld, maxApdu = 1476): Promise<VirtualBacnetDevice> {
  const device = await world.device('10.0.0.11', { instance: 9, maxApdu });
  device.time.utcOffset = -60; // Berlin in winter, where virtual time begins
  device.addObject({ type: 'AI', instance: 1, value: 20 });
  device.addObject({ type: 'BV', instance: 2 });
  device.events.addNotificationClass({ instance: 4, priorities: [100, 20, 200], ackRequired: [true, true, true] });
  device.watch('AI:1', { notificationClass: 4, high: 80, low: 10, deadband: 2 });
  device.watch('BV:2', { notificationClass: 4, alarmValues: [1], delayS: 5 });
  return device;
}

const poll = async (world: BacnetWorld, driver: Driver): Promise<void> => {
  await world.time.advanceWhile(driver.poll('normal'), 30_000);
  await world.time.advance(200);
};
const eventsOf = (reports: readonly DeviceEventReport[]): DeviceEvent[] => reports.flatMap((report) => (report.kind === 'event' ? [report.event] : []));
const summariesOf = (reports: readonly DeviceEventReport[]): (readonly DeviceObjectState[])[] => reports.flatMap((report) => (report.kind === 'summary' ? [report.objects] : []));
const ackOf = (event: Pick<DeviceEvent, 'object' | 'transition' | 'stamp' | 'state' | 'token'>, world: BacnetWorld): DeviceAcknowledgement => ({ ...event, by: 'operator', atMs: world.time.wallMs(), timeoutMs: 2_000, permit: () => true });

describe('BACnet alarms', () => {
  it('tells them soon where it was held up at the first try', async () => {
    const world = new BacnetWorld();
    const device = await plant(world);
    const mayAct = { on: false };
    const node = driverAt(world, '10.0.0.1', undefined, mayAct);
    node.driver.start('active');
    await poll(world, node.driver);
    const of = device.events.notificationClass(4);
    assert.equal(of.destinations.length, 0);
    mayAct.on = true;
    await poll(world, node.driver);
    assert.equal(of.listWrites, 0, 'at once again');
    await world.time.advance(5_000);
    await poll(world, node.driver);
    assert.deepEqual([of.destinations.length, of.listWrites], [2, 1]);
    await node.driver.stop();
    await node.close();
  });

  it('tells both nodes to the notification class once, and never again', async () => {
    const world = new BacnetWorld();
    const device = await plant(world);
    const of = device.events.addNotificationClass({ instance: 4 });
    const first = driverAt(world, '10.0.0.1');
    first.driver.start('active');
    await poll(world, first.driver);
    assert.deepEqual(of.destinations.map(({ recipient, processId, confirmed }) => [recipient, processId, confirmed]), both.map((host) => [{ network: 0, host, port: 47_808 }, 7, true]));
    const second = driverAt(world, '10.0.0.2');
    second.driver.start('collect');
    await first.driver.stop();
    second.driver.setActivity('active');
    await poll(world, second.driver);
    assert.equal(of.listWrites, 1);
    await second.driver.stop();
    await Promise.all([first.close(), second.close()]);
  });

  it('reads and completes a list that is longer than an APDU of the device, which does no segments', async () => {
    const world = new BacnetWorld();
    const device = await plant(world, 50);
    const of = device.events.notificationClass(4);
    const others = Array.from({ length: 6 }, (_, row) => `820102b406000000b4120000000c020000${(0x22 + row).toString(16)}22040010820580`);
    of.write(102, Buffer.from(others.join(''), 'hex'));
    const { driver, close } = driverAt(world, '10.0.0.1');
    driver.start('active');
    await poll(world, driver);
    assert.deepEqual(of.destinations.map(({ recipient }) => ('host' in recipient ? recipient.host : recipient.device)), [34, 35, 36, 37, 38, 39, ...both]);
    await driver.stop();
    await close();
    assert.deepEqual(device.complaints, []);
  });

  it('writes the whole list where AddListElement is not known, others’ entries untouched', async () => {
    const world = new BacnetWorld();
    const device = await plant(world);
    const of = device.events.addNotificationClass({ instance: 4 });
    of.write(102, Buffer.from('820102b406000000b4120000000c0200000122040010820580', 'hex'));
    device.faults.unknownServices.add(8);
    const { driver, close } = driverAt(world, '10.0.0.1');
    driver.start('active');
    await poll(world, driver);
    assert.equal(of.destinations.length, 3);
    assert.equal(of.destinations[0]?.raw.toString('hex'), '820102b406000000b4120000000c0200000122040010820580');
    await driver.stop();
    await close();
  });

  it('reports transitions and confirms them when they are taken, not before; a standby confirms and drops', async () => {
    const world = new BacnetWorld();
    const device = await plant(world);
    const active = driverAt(world, '10.0.0.1');
    const standby = driverAt(world, '10.0.0.2');
    active.driver.start('active');
    standby.driver.start('collect');
    await poll(world, active.driver);
    active.taking.on = false;
    const wallMs = world.time.wallMs();
    device.setPresentValue('AI:1', 81.5);
    await world.time.advance(100);
    assert.deepEqual(device.events.confirmedBy, ['10.0.0.2:47808']);
    assert.equal(standby.reports.length, 0);
    const [event] = eventsOf(active.reports);
    assert.ok(event);
    assert.deepEqual([event.object, event.point, event.transition, event.state, event.notice, event.ackRequired, event.urgency, event.class], ['AI:1', 0, 'offnormal', 'high-limit', 'transition', true, 2, 'nc-4']);
    assert.deepEqual([event.details.exceedingValue, event.details.exceededLimit, event.details.statusFlags, event.details.eventType], [81.5, 80, '1000', 'out-of-range']);
    assert.equal(Math.floor(wallMs / 10), Math.floor((event.timeMs ?? 0) / 10));
    // The device repeats what nobody has confirmed: the same event, once more.
    await world.time.advance(4_000);
    assert.equal(eventsOf(active.reports).length, 1);
    const [report] = active.reports.filter(({ kind }) => kind === 'event');
    assert.ok(report?.kind === 'event');
    report.taken();
    await world.time.advance(100);
    assert.deepEqual(device.events.confirmedBy, ['10.0.0.2:47808', '10.0.0.1:47808']);
    await Promise.all([active.driver.stop(), standby.driver.stop()]);
    await Promise.all([active.close(), standby.close()]);
  });

  it('waits for the time delay, and tells a return and a fault', async () => {
    const world = new BacnetWorld();
    const device = await plant(world);
    const { driver, reports, close } = driverAt(world, '10.0.0.1');
    driver.start('active');
    await poll(world, driver);
    device.setPresentValue('BV:2', 1);
    await world.time.advance(3_000);
    device.setPresentValue('BV:2', 0);
    await world.time.advance(3_000);
    assert.equal(eventsOf(reports).length, 0);
    device.setPresentValue('BV:2', 1);
    await world.time.advance(6_000);
    device.setFlags('AI:1', { fault: true });
    await world.time.advance(100);
    device.setFlags('AI:1', { fault: false });
    await world.time.advance(100);
    assert.deepEqual(eventsOf(reports).map(({ object, transition, state, urgency }) => [object, transition, state, urgency]), [
      ['BV:2', 'offnormal', 'offnormal', 2], ['AI:1', 'fault', 'fault', 1], ['AI:1', 'normal', 'normal', 4],
    ]);
    await driver.stop();
    await close();
  });

  it('asks for what it missed: at the start, after a silence, with more-events', async () => {
    const world = new BacnetWorld();
    const device = await world.device('10.0.0.11', { instance: 9, maxApdu: 206 });
    device.addObject({ type: 'AI', instance: 1, value: 20 });
    device.events.addNotificationClass({ instance: 4 });
    for (let instance = 10; instance < 30; instance++) {
      device.addObject({ type: 'AI', instance, value: 20 });
      device.watch(`AI:${instance}`, { notificationClass: 4, high: 80 });
      device.setPresentValue(`AI:${instance}`, 90);
    }
    const { driver, reports, close } = driverAt(world, '10.0.0.1');
    driver.start('active');
    await poll(world, driver);
    const [all = []] = summariesOf(reports);
    assert.equal(all.length, 20);
    assert.ok((device.requestCounts().getEventInformation ?? 0) > 5);
    assert.deepEqual([all[0]?.object, all[0]?.now, all[0]?.state, all[0]?.transitions.offnormal?.acknowledged, all[0]?.transitions.normal], ['AI:10', 'offnormal', 'high-limit', false, undefined]);
    device.faults.silent = true;
    device.setPresentValue('AI:10', 20);
    await world.time.advance(15_000);
    await world.time.advanceWhile(driver.poll('normal'), 60_000);
    device.faults.silent = false;
    await poll(world, driver);
    assert.equal(summariesOf(reports).length, 2);
    assert.deepEqual(summariesOf(reports)[1]?.find(({ object }) => object === 'AI:10')?.now, 'normal'); // not acknowledged yet
    await driver.stop();
    await close();
  });

  it('acknowledges with exactly the stamp and the process id of the notification; what the device refuses is told', async () => {
    const world = new BacnetWorld();
    const device = await plant(world);
    const { driver, reports, close } = driverAt(world, '10.0.0.1');
    driver.start('active');
    await poll(world, driver);
    device.setPresentValue('AI:1', 90);
    await world.time.advance(100);
    const [event] = eventsOf(reports);
    assert.ok(event !== undefined && driver.acknowledge !== undefined);
    const acknowledge = (ack: DeviceAcknowledgement): Promise<void> => world.time.advanceWhile(driver.acknowledge?.(ack) ?? Promise.reject(new Error('none')), 10_000);
    await assert.rejects(acknowledge({ ...ackOf(event, world), stamp: '126-1-1/4 0:0:0.0' }), { code: 'FIELD_REJECTED', message: /timestamp/ });
    await assert.rejects(acknowledge({ ...ackOf(event, world), state: 'low-limit' }), { code: 'FIELD_REJECTED', message: /event-state/ });
    await assert.rejects(acknowledge({ ...ackOf(event, world), permit: () => false }), { code: 'FENCED' });
    assert.equal(device.events.acks.length, 0);
    await acknowledge(ackOf(event, world));
    await world.time.advance(100);
    assert.deepEqual(device.events.acks, [{ object: 'AI:1', processId: 7, state: 3, source: 'operator' }]);
    assert.deepEqual(eventsOf(reports).map(({ notice, transition }) => [notice, transition]), [['transition', 'offnormal'], ['acknowledged', 'offnormal']]);
    await driver.stop();
    await close();
  });

  it('acknowledges a transition that is known from a summary only', async () => {
    const world = new BacnetWorld();
    const device = await plant(world);
    device.setPresentValue('AI:1', 90);
    await world.time.advance(1_000);
    device.setPresentValue('AI:1', 20);
    const { driver, reports, close } = driverAt(world, '10.0.0.1', true);
    driver.start('active');
    await poll(world, driver);
    const [[object] = []] = summariesOf(reports);
    const missed = object?.transitions.offnormal;
    assert.ok(missed !== undefined && missed.state === undefined);
    await world.time.advanceWhile(driver.acknowledge?.({ ...missed, object: 'AI:1', transition: 'offnormal', by: 'operator', atMs: world.time.wallMs(), timeoutMs: 2_000, permit: () => true }) ?? Promise.resolve(), 10_000);
    assert.deepEqual(device.events.acks.map(({ state }) => state), [3]);
    await driver.stop();
    await close();
  });

  it('refuses events of devices that it does not know, and of others in their name', async () => {
    const world = new BacnetWorld();
    const device = await plant(world);
    const { driver, reports, close } = driverAt(world, '10.0.0.1');
    driver.start('active');
    await poll(world, driver);
    const event = (device: string): Uint8Array => new Uint8Array(Buffer.from(`810a003b01000002100209011c${device}2c000000023e19103f49045964690589009901a900b903ce5e0c42a033331a04802c3f8000003c42a000005fcf`, 'hex'));
    const datagram = (of: string): Uint8Array => {
      const data = event(of);
      data[3] = data.length;
      return data;
    };
    const answers: string[] = [];
    world.lan.filter = (data, _from, to) => {
      if (to.host === '10.0.0.99') answers.push(Buffer.from(data).toString('hex').slice(12));
      return true;
    };
    world.lan.inject(datagram('02000063'), { host: '10.0.0.99', port: 47_808 }, { host: '10.0.0.1', port: 47_808 });
    world.lan.inject(datagram('02000009'), { host: '10.0.0.99', port: 47_808 }, { host: '10.0.0.1', port: 47_808 });
    assert.equal(reports.length, 1); // the summary
    assert.deepEqual(answers, ['5010029105911d', '5010029105911d']); // services, service request denied
    await driver.stop();
    await close();
    assert.deepEqual(device.complaints, []);
  });
});

import assert from 'node:assert/strict';
import { VirtualBacnetDevice } from '../../simulators/bacnet-device/index.js';
import type { RedundancyStatus, WireAlarm } from '../../src/contract/index.js';
import { realNetwork } from '../../src/platform/network.js';
import { realClock, realRandom, realTimers } from '../../src/platform/time.js';
import { freePorts, until } from './processes.js';
import { answers, Rig, type Run } from './rig.js';

const PORT = 47_808;
const NODES = { A: '127.0.71.1', B: '127.0.71.2' } as const;
const NAME = 'ddc/AI:1';
const ASIDE = 'ddc/AI:3';
/** Above the least gap that history is filled in. */
const GAP_MS = 5_500;

interface Samples { readonly samples: readonly { readonly timeMs: number; readonly value: number; readonly quality: string }[] }
interface Entry { readonly data: { readonly event: string; readonly name: string; readonly by?: string; readonly transition?: string; readonly recovered?: boolean } }

describe('alarms and logs of a BACnet device, over `kill -9` of the active node', function () {
  this.timeout(120_000);
  const rig = new Rig();
  const parts = { network: realNetwork, clock: realClock, timers: realTimers, random: realRandom };
  const device = new VirtualBacnetDevice(parts, { instance: 100 });
  /** One that the standby must not touch. */
  const cold = new VirtualBacnetDevice(parts, { instance: 101 });
  let urls: readonly [string, string];
  let main: Run;

  before(async () => {
    device.addObject({ type: 'AI', instance: 1, value: 20 });
    device.events.addNotificationClass({ instance: 4, ackRequired: [true, true, true] });
    device.watch('AI:1', { notificationClass: 4, high: 80, deadband: 2 });
    // One that somebody puts aside.
    device.addObject({ type: 'AI', instance: 3, value: 20 });
    device.watch('AI:3', { notificationClass: 4, high: 80, deadband: 2 });
    // What is logged differs from what is polled, so that one sees where a sample comes from.
    device.addObject({ type: 'AV', instance: 2, value: 1_000 });
    device.log('AV:2', { instance: 1, everyMs: 100 });
    await device.listen('127.0.71.11', PORT);
    cold.addObject({ type: 'AI', instance: 1, value: 1 });
    await cold.listen('127.0.71.12', PORT);
    const site = rig.write('site.yaml', [
      'site: {name: s, timezone: UTC}',
      'redundancy: {pingRate: 100ms, failoverTime: 1s, connectionWait: 20s}',
      `lines: {lan: {kind: bacnet-ip, port: ${String(PORT)}, recipients: [${NODES.A}, ${NODES.B}]}}`,
      'polling: {normal: 250ms}',
      'devices: {ddc: {driver: bacnet, line: lan, instance: 100, host: 127.0.71.11, timeout: 500ms, cov: false, alarms: {notificationClasses: [4], processId: 3}}, cold: {driver: bacnet, line: lan, instance: 101, host: 127.0.71.12, standby: silent}}',
      'points: {SaT: {device: ddc, object: "AI:1", trendLog: "TL:1"}, Cold: {device: cold, object: "AI:1"}}',
      'trends: [{points: ["*"], mode: change, atLeastEvery: 500ms}]',
    ].join('\n'));
    const [consoleA = 0, linkA = 0, consoleB = 0, linkB = 0] = await freePorts(4);
    urls = [`http://127.0.0.1:${String(consoleA)}`, `http://127.0.0.1:${String(consoleB)}`];
    const plug = (id: keyof typeof NODES): string => `lines: {lan: {address: ${NODES[id]}, port: ${String(PORT)}}}`;
    main = rig.node(site, { id: 'A', mode: 'main', console: consoleA, link: linkA, partner: { id: 'B', port: linkB }, blocks: plug('A') });
    const backup = rig.node(site, { id: 'B', mode: 'backup', console: consoleB, link: linkB, partner: { id: 'A', port: linkA }, blocks: plug('B') });
    await answers(urls[0], main);
    await answers(urls[1], backup);
    await until('the pair is in sync', async () => ((await status(urls[1])).sync.state === 'in-sync' ? true : undefined), 60_000);
    await until('the device is told of both nodes', () => (recipients() === 2 ? true : undefined), 30_000);
  });
  after(async () => {
    await rig.stop();
    await Promise.all([device.close(), cold.close()]);
  });

  const recipients = (): number => device.events.notificationClass(4).destinations.length;
  const status = async (url: string): Promise<RedundancyStatus> => (await fetch(`${url}/api/v1/redundancy`)).json() as Promise<RedundancyStatus>;
  const alarm = async (url: string, of: string): Promise<WireAlarm | undefined> => ((await (await fetch(`${url}/api/v1/alarms`)).json()) as { alarms: WireAlarm[] }).alarms.find(({ name }) => name === of);
  const inState = async (url: string, state: WireAlarm['state'], of = NAME): Promise<WireAlarm> => until(`${of} is ${state}`, async () => {
    const found = await alarm(url, of);
    return found?.state === state ? found : undefined;
  });
  const journal = async (url: string, of = NAME): Promise<string[]> => ((await (await fetch(`${url}/api/v1/alarms/journal`)).json()) as { entries: Entry[] }).entries.filter(({ data }) => data.name === of).reverse().map(({ data }) => `${data.event} ${data.transition ?? ''} ${data.by ?? ''}`.trim());
  const act = async (url: string, of: string, what: string, body: object = {}): Promise<Response> => fetch(`${url}/api/v1/alarms/${encodeURIComponent(of)}/${what}`, { method: 'POST', headers: { authorization: 'Bearer t', 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const acknowledge = async (url: string): Promise<Response> => act(url, NAME, 'acknowledge');

  it('raises one alarm, acknowledges it once at the device, and repeats nothing', async () => {
    device.setPresentValue('AI:1', 90);
    const raised = await inState(urls[0], 'unacknowledged');
    assert.deepEqual([raised.source, raised.device, raised.object, raised.point, raised.occurrence, raised.priority, raised.class], ['device', 'ddc', 'AI:1', 'SaT', 1, 2, 'nc-4']);
    await until('both nodes have confirmed it to the device', () => (Object.values(NODES).every((host) => device.events.confirmedBy.includes(`${host}:${String(PORT)}`)) ? true : undefined));
    await inState(urls[1], 'unacknowledged');
    device.setPresentValue('AI:3', 90);
    await inState(urls[0], 'unacknowledged', ASIDE);
    assert.equal((await act(urls[0], ASIDE, 'shelve', { for: '2h', note: 'known' })).status, 200);
    await inState(urls[1], 'shelved', ASIDE);

    // R10: a standby collects from one device, and does not exist for the other.
    assert.ok((device.requestCounts(NODES.B).readPropertyMultiple ?? 0) > 0, 'a warm standby polls');
    assert.deepEqual(cold.requestCounts(NODES.B), {});
    assert.ok((cold.requestCounts(NODES.A).readPropertyMultiple ?? 0) > 0);
    main.child.kill('SIGKILL');
    await until('the backup is active', async () => ((await status(urls[1])).self.role === 'active' ? true : undefined));
    await until('the device that the standby did not touch is read', () => ((cold.requestCounts(NODES.B).readPropertyMultiple ?? 0) > 0 ? true : undefined));
    await until('it has asked for the device’s alarms', () => ((device.requestCounts(NODES.B).getEventInformation ?? 0) > 0 ? true : undefined));
    const response = await acknowledge(urls[1]);
    assert.equal(response.status, 200, await response.text());
    await inState(urls[1], 'acknowledged');
    assert.deepEqual(device.events.acks.map(({ object, processId, state }) => [object, processId, state]), [['AI:1', 3, 3]]);
    assert.equal((await acknowledge(urls[1])).status, 200, 'once more is no error');
    assert.equal(device.events.acks.length, 1);

    device.setPresentValue('AI:1', 20);
    await inState(urls[1], 'returned-unacknowledged');
    assert.equal((await acknowledge(urls[1])).status, 200);
    assert.equal((await inState(urls[1], 'normal')).occurrence, 1);
    assert.deepEqual(await journal(urls[1]), ['raised offnormal', 'acknowledged offnormal node B@127.0.0.1', 'returned normal', 'acknowledged normal node B@127.0.0.1']);
    assert.deepEqual(device.events.acks.map(({ state }) => state), [3, 0]);
    assert.equal(device.events.notificationClass(4).listWrites, 1, 'the takeover wrote the list again');
    assert.deepEqual(device.complaints, []);
  });

  it('keeps on the next node what is shelved, and raises it anew when a person brings it back', async () => {
    const shelved = await inState(urls[1], 'shelved', ASIDE);
    assert.deepEqual([shelved.occurrence, shelved.active, shelved.by, (shelved.untilMs ?? 0) - shelved.sinceMs], [1, true, 'node A@127.0.0.1', 2 * 3_600_000]);
    const acks = device.events.acks.length;
    const told = async (count: number): Promise<string[]> => until(`${String(count)} entries of the journal`, async () => {
      const entries = await journal(urls[1], ASIDE);
      return entries.length >= count ? entries : undefined;
    });
    device.setPresentValue('AI:3', 20);
    await told(3);
    device.setPresentValue('AI:3', 90);
    await told(4);
    await inState(urls[1], 'shelved', ASIDE);
    assert.equal((await act(urls[1], ASIDE, 'unshelve')).status, 200);
    assert.equal((await inState(urls[1], 'unacknowledged', ASIDE)).occurrence, 2);
    assert.equal((await act(urls[1], ASIDE, 'take-out-of-service')).status, 200);
    await inState(urls[1], 'out-of-service', ASIDE);
    const shelving = ['raised offnormal', 'shelved  node A@127.0.0.1', 'reported normal', 'reported offnormal', 'unshelved  node B@127.0.0.1', 'raised', 'out-of-service  node B@127.0.0.1'];
    assert.deepEqual(await told(7), shelving);
    assert.equal(device.events.acks.length, acks, 'the device is told nothing of it');
  });

  it('has history filled from the device’s own log, which went on while the line was cut (R23)', async () => {
    const logged = async (from: number): Promise<Samples['samples']> =>
      ((await (await fetch(`${urls[1]}/api/v1/history?point=SaT`)).json()) as Samples).samples.filter(({ timeMs, quality }) => timeMs >= from && quality.includes('deviceLog'));
    const cutMs = Date.now();
    device.faults.silent = true;
    await new Promise((resolve) => setTimeout(resolve, GAP_MS)); // less is no gap
    device.setPresentValue('AV:2', 2_000);
    await new Promise((resolve) => setTimeout(resolve, 300));
    device.faults.silent = false;
    const filled = await until('the cut is filled', async () => {
      const found = await logged(cutMs);
      return found.some(({ value }) => value === 2_000) ? found : undefined;
    }, 30_000);
    const times = filled.map(({ timeMs }) => timeMs);
    assert.ok(times.length >= 20, `${times.length} samples of a log each 100 ms`);
    assert.deepEqual([...new Set(times)].sort((x, y) => x - y), times, 'each once, in order');
    assert.ok(filled.every(({ value }) => value >= 1_000));
  });

  it('tells what the device refuses, and acknowledges when it does not any more', async () => {
    device.setPresentValue('AI:1', 90);
    await inState(urls[1], 'unacknowledged');
    device.faults.unknownServices.add(0);
    const refused = await acknowledge(urls[1]);
    assert.equal(refused.status, 502);
    assert.match(await refused.text(), /FIELD_REJECTED.*unrecognized/s);
    await inState(urls[1], 'unacknowledged');
    assert.equal((await journal(urls[1])).at(-1), 'acknowledge-failed  node B@127.0.0.1');
    device.faults.unknownServices.delete(0);
    assert.equal((await acknowledge(urls[1])).status, 200);
    await inState(urls[1], 'acknowledged');
  });

  it('is suppressed while its device is muted, and raised anew when a person ends the mute', async () => {
    const headers = { 'authorization': 'Bearer t', 'content-type': 'application/json' };
    const before = await inState(urls[1], 'acknowledged');
    for (const [scope, code] of [['"device":"dcd"', 'DEVICE_UNKNOWN'], ['"area":"Nowhere"', 'AREA_UNKNOWN']]) {
      const answer = await fetch(`${urls[1]}/api/v1/alarms/mutes`, { method: 'POST', headers, body: `{${scope},"for":"1h"}` });
      assert.equal(((await answer.json()) as { code: string }).code, code, 'nothing would be muted');
    }
    const muted = await fetch(`${urls[1]}/api/v1/alarms/mutes`, { method: 'POST', headers, body: '{"device":"ddc","for":"1h"}' });
    assert.equal(muted.status, 200, await muted.text());
    assert.deepEqual((({ state, why, active }) => ({ state, why, active }))((await alarm(urls[1], NAME))!), { state: 'suppressed', why: 'mute', active: true });
    const ended = await fetch(`${urls[1]}/api/v1/alarms/mutes?device=ddc`, { method: 'DELETE', headers: { authorization: 'Bearer t' } });
    assert.equal(ended.status, 200, await ended.text());
    assert.equal((await inState(urls[1], 'unacknowledged')).occurrence, before.occurrence + 1);
  });
});

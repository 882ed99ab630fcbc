import assert from 'node:assert/strict';
import { VirtualBacnetDevice } from '../../simulators/bacnet-device/index.js';
import type { RedundancyStatus } from '../../src/contract/index.js';
import { realNetwork } from '../../src/platform/network.js';
import { realClock, realRandom, realTimers } from '../../src/platform/time.js';
import { freePorts, until } from './processes.js';
import { answers, Rig, type Run } from './rig.js';

const DEVICES = 10;
const OBJECTS = 500;
const PORT = 47_808;
const NODES = { A: '127.0.70.1', B: '127.0.70.2' } as const;
const COUNT = DEVICES * OBJECTS;
/** How long the values may be old after a takeover. */
const SWEEP_MS = 30_000;

interface RestPoints { readonly points: readonly { readonly value: number; readonly quality: string }[] }
interface Priorities { readonly slots: readonly unknown[]; readonly relinquishDefault: unknown; readonly active: number | null }

describe('BACnet over `kill -9` of the active node, 5,000 objects by COV', function () {
  this.timeout(180_000);
  const rig = new Rig();
  const world = { network: realNetwork, clock: realClock, timers: realTimers, random: realRandom };
  const devices: VirtualBacnetDevice[] = [];
  let urls: readonly [string, string];
  let main: Run;

  before(async () => {
    for (let d = 0; d < DEVICES; d++) {
      const device = new VirtualBacnetDevice(world, { instance: 100 + d });
      for (let instance = 0; instance < OBJECTS; instance++) device.addObject({ type: 'AV', instance, value: instance });
      device.addObject({ type: 'BO', instance: 1 });
      device.addObject({ type: 'MO', instance: 2, value: 1 });
      await device.listen(`127.0.70.${11 + d}`, PORT);
      devices.push(device);
    }
    const all = Array.from({ length: DEVICES }, (_, d) => d);
    const site = rig.write('site.yaml', [
      'site: {name: s, timezone: UTC}',
      'redundancy: {pingRate: 100ms, failoverTime: 1s, connectionWait: 20s}',
      `lines: {lan: {kind: bacnet-ip, port: ${String(PORT)}}}`,
      'polling: {normal: 2s}',
      'devices:', ...all.map((d) => `  d${String(d)}: {driver: bacnet, line: lan, instance: ${String(100 + d)}, host: 127.0.70.${String(11 + d)}}`),
      'points:',
      ...all.flatMap((d) => Array.from({ length: OBJECTS }, (_, i) => `  P${String(d)}.${String(i)}: {device: d${String(d)}, object: "AV:${String(i)}", ${i === 0 ? 'write: {priority: 8}' : ''}}`)),
      '  Fan: {device: d0, object: "BO:1", write: {priority: 8, onReturn: reassert}}',
      '  Mode: {device: d0, object: "MO:2", states: [off, auto, hand], write: {priority: 8}}',
    ].join('\n'));
    const [consoleA = 0, linkA = 0, consoleB = 0, linkB = 0] = await freePorts(4);
    urls = [`http://127.0.0.1:${String(consoleA)}`, `http://127.0.0.1:${String(consoleB)}`];
    const plug = (id: keyof typeof NODES): string => `lines: {lan: {address: ${NODES[id]}, port: ${String(PORT)}}}`;
    main = rig.node(site, { id: 'A', mode: 'main', console: consoleA, link: linkA, partner: { id: 'B', port: linkB }, blocks: plug('A') });
    const backup = rig.node(site, { id: 'B', mode: 'backup', console: consoleB, link: linkB, partner: { id: 'A', port: linkA }, blocks: plug('B') });
    await answers(urls[0], main);
    await answers(urls[1], backup);
    await until('the pair is in sync', async () => ((await status(urls[1])).sync.state === 'in-sync' ? true : undefined), 60_000);
    await until('everything is subscribed', () => (held(NODES.A) === COUNT + 2 ? true : undefined), 90_000);
  });
  after(async () => {
    await rig.stop();
    await Promise.all(devices.map((device) => device.close()));
  });

  const status = async (url: string): Promise<RedundancyStatus> => (await fetch(`${url}/api/v1/redundancy`)).json() as Promise<RedundancyStatus>;
  const held = (host: string): number => devices.reduce((sum, device) => sum + device.subscriptions.all().filter(({ to }) => to.host === host).length, 0);
  const asked = (service: string): number => devices.reduce((sum, device) => sum + (device.requestCounts(NODES.B)[service] ?? 0), 0);
  const put = async (url: string, point: string, value: unknown, priority: number): Promise<void> => {
    const response = await fetch(`${url}/api/v1/points/${point}`, { method: 'PUT', headers: { authorization: 'Bearer t', 'content-type': 'application/json' }, body: JSON.stringify({ value, priority }) });
    assert.equal(response.status, 200, await response.text());
  };
  const priorities = async (url: string, point: string): Promise<Priorities> => (await fetch(`${url}/api/v1/points/${point}/priority-array`)).json() as Promise<Priorities>;

  it('keeps what was commanded, repeats and relinquishes nothing, and reads everything anew before it subscribes, without a storm', async () => {
    const [first] = devices;
    assert.ok(first !== undefined);
    await put(urls[0], 'P0.0', 55, 8);
    await put(urls[0], 'P0.0', 77, 12);
    await put(urls[0], 'Fan', true, 8);
    await put(urls[0], 'Mode', 'hand', 9);
    first.object('AV:0').write(85, undefined, { tag: 4, value: 99 }, 5); // somebody at the panel
    const arrays = (): unknown[] => ['AV:0', 'BO:1', 'MO:2'].map((object) => first.object(object).priorityArray);
    const before = arrays();
    const writes = devices.map((device) => device.writes.length);
    assert.deepEqual(writes[0], 4);
    assert.equal(held(NODES.B), 0, 'a standby subscribes nothing');

    for (const device of devices) for (let instance = 1; instance < OBJECTS; instance++) device.object(`AV:${String(instance)}`).presentValue = 10_000 + instance; // nobody is told
    const startMs = performance.now();
    const perSecond: number[] = [];
    const perDevice: number[] = [];
    let last = { total: asked('subscribeCov'), each: devices.map((device) => device.requestCounts(NODES.B).subscribeCov ?? 0) };
    const watching = realTimers.every(1_000, () => {
      const each = devices.map((device) => device.requestCounts(NODES.B).subscribeCov ?? 0);
      const total = asked('subscribeCov');
      perSecond.push(total - last.total);
      perDevice.push(Math.max(...each.map((count, d) => count - (last.each[d] ?? 0))));
      last = { total, each };
    });
    main.child.kill('SIGKILL');
    await until('the backup is active', async () => ((await status(urls[1])).self.role === 'active' ? true : undefined));
    const sweptMs = await until('every value is what the devices have', async () => {
      const { points } = (await (await fetch(`${urls[1]}/api/v1/points?match=P*&limit=10000`)).json()) as RestPoints;
      const current = points.filter(({ value, quality }) => quality === 'good' && value >= 10_000).length;
      return current === COUNT - DEVICES ? performance.now() - startMs : undefined;
    }, SWEEP_MS);
    await until('everything is subscribed again', () => (held(NODES.B) === COUNT + 2 ? true : undefined), 90_000);
    watching.cancel();
    console.log(`      values current ${(sweptMs / 1_000).toFixed(1)} s after the kill; at most ${String(Math.max(...perSecond))} subscriptions a second, ${String(Math.max(...perDevice))} at one device, over ${String(perSecond.length)} s`);
    assert.ok(Math.max(...perSecond) <= 300, `a storm: ${perSecond.join()}`); // 4 ms apart on the line, and the jitter of the clock that counts
    assert.ok(Math.max(...perDevice) <= 60, `a storm at one device: ${perDevice.join()}`);

    assert.deepEqual(devices.map((device) => device.writes.length), writes, 'the takeover wrote something');
    assert.deepEqual(arrays(), before);
    const shown = await priorities(urls[1], 'P0.0');
    assert.deepEqual([shown.slots[4], shown.slots[7], shown.slots[11], shown.relinquishDefault, shown.active], [99, 55, 77, 0, 5]);
    assert.deepEqual([(await priorities(urls[1], 'Fan')).slots[7], (await priorities(urls[1], 'Mode')).slots[8]], [true, 2]);
    // What the dead node commanded is given up by the one that is active now, and only where a person asks for it.
    await put(urls[1], 'P0.0', null, 8);
    assert.deepEqual([first.object('AV:0').priorityArray[7], first.object('AV:0').priorityArray[11]], [null, 77]);
    for (const device of devices) assert.deepEqual(device.complaints, []);
  });

  it('gives its own slots back to a device that restarts, and only those that say `reassert`', async () => {
    const [first] = devices;
    assert.ok(first !== undefined);
    const writes = first.writes.length;
    first.restart(true); // the commands are those of the node that is dead now
    await until('the fan runs again', () => (first.object('BO:1').priorityArray[7] === 1 ? true : undefined), 20_000);
    await until('everything is subscribed again', () => (held(NODES.B) === COUNT + 2 ? true : undefined), 60_000);
    assert.deepEqual(first.writes.slice(writes).map(({ object, value, priority, remote }) => [object, value, priority, remote]), [['BO:1', 1, 8, NODES.B]]);
    assert.ok(first.object('MO:2').priorityArray.every((slot) => slot === null), 'a point with `onReturn: leave`');
  });
});

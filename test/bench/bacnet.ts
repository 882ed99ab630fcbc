import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import BacnetJs, { ObjectType, PropertyIdentifier } from '@bacnet-js/client';
import { bacnet } from '../../drivers/bacnet/index.js';
import type { Driver } from '../../src/contract/index.js';
import { realNetwork } from '../../src/platform/network.js';
import { realClock, realRandom, realTimers } from '../../src/platform/time.js';
import { driverHost, parseDevice, pointsOf } from '../drivers/bacnet/world.js';
import { lossyRequests } from './bacnet-loss.js';
import { valueOf, type Change, type FromDevices } from './bacnet-devices.js';
import type { BenchOptions } from './main.js';

const DEVICES = 8;
/** Short and in turns: what else the machine does falls on both alike. */
const ROUND_MS = 400;
const PAIRS_PER_CYCLE = 4;
/** Until both are compiled and their heaps have grown: a gateway runs for months. */
const WARM_UP_PAIRS = 6;
const COV_PER_SECOND = 10_500;
const COV_MS = 4_000;
const IN_FLIGHT = 2;
/** Objects that the driver puts into one request to a device of 1,476 octets; the stock client asks the same. */
const BATCH = 59;

type At = readonly { readonly host: string; readonly port: number }[];

/** Points by the clock, and CPU microseconds of this process for each: the devices' process may be what limits. */
interface Round {
  readonly perSecond: number;
  readonly cpuUs: number;
}

/**
 * The driver polls virtual devices of another process by ReadPropertyMultiple, in turns with @bacnet-js/client that
 * reads the same properties in batches of the same size (compared by CPU time, pair by pair), and hears their
 * notifications; then requests under loss.
 */
export async function bacnetBench({ points, cycles, log }: BenchOptions): Promise<Record<string, unknown>> {
  const objects = Math.ceil(points / DEVICES);
  const child = fork(fileURLToPath(new URL('bacnet-devices.js', import.meta.url)), [JSON.stringify({ devices: DEVICES, objects })]);
  try {
    const ready = await message(child, 'ready');
    const pairs = await rpmInTurns(ready.at, objects, cycles * PAIRS_PER_CYCLE);
    log(`driver ${said(pairs.map(({ our }) => our))}; @bacnet-js/client ${said(pairs.map(({ stock }) => stock))}; medians of ${String(pairs.length)}`);
    const cov = await covStorm(child, ready.at, objects);
    log(`${String(cov.sent)} notifications sent, ${String(cov.sent - cov.lost)} heard, at ${k(cov.perSecond)}/s`);
    const loss = await lossyRequests(10_000);
    log(`${String(loss.requests)} requests at 5 % loss each way: ${String(loss.wrong)} wrong, ${String(loss.lost)} lost`);
    return {
      rpmPointsPerSecond: Math.round(median(pairs.map(({ our }) => our.perSecond))),
      rpmVsStockClient: Math.round(median(pairs.map(({ our, stock }) => stock.cpuUs / our.cpuUs)) * 100) / 100,
      covPerSecond: Math.round(cov.perSecond), covLost: cov.lost, ...loss,
    };
  } finally {
    child.kill();
  }
}

async function withDrivers<T>(at: At, objects: number, cov: boolean, work: (drivers: readonly Driver[]) => Promise<T>): Promise<T> {
  const host = driverHost({ network: realNetwork, clock: realClock, timers: realTimers, random: realRandom });
  const drivers = at.map((address, instance) => {
    const settings = parseDevice({ instance, ...address, cov, maxInFlight: IN_FLIGHT }, { address: '127.0.2.100', port: 0 });
    return bacnet.create(host, settings, pointsOf(settings, Array.from({ length: objects }, (_, object) => ({ object: `AV:${String(object)}` }))));
  });
  for (const driver of drivers) driver.start('active');
  try {
    return await work(drivers);
  } finally {
    await Promise.all(drivers.map((driver) => driver.stop()));
    await host.close();
  }
}

function rpmInTurns(at: At, objects: number, count: number): Promise<{ our: Round; stock: Round }[]> {
  return withDrivers(at, objects, false, async (drivers) => {
    let samples = 0;
    drivers.forEach((driver, device) => driver.samples$.subscribe((batch) => {
      samples += batch.length;
      batch.values.forEach((value, row) => mustBe(value, valueOf(device, batch.points[row] ?? NaN)));
    }));
    const poll = async (): Promise<Round> => {
      samples = 0;
      const start = performance.now();
      const cpu = process.cpuUsage();
      await Promise.all(drivers.map(async (driver) => {
        while (performance.now() - start < ROUND_MS) if (!(await driver.poll('normal')).reachable) throw new Error('a device does not answer');
      }));
      return roundOf(samples, start, cpu);
    };
    const client = await stockClient();
    const pairs: { our: Round; stock: Round }[] = [];
    for (let pair = 0; pair < WARM_UP_PAIRS + count; pair++) pairs.push({ our: await poll(), stock: await stockRpm(client, at, objects) });
    client.close();
    return pairs.slice(WARM_UP_PAIRS);
  });
}

async function stockClient(): Promise<BacnetJs.default> {
  const { local } = await realNetwork.openUdp({ host: '127.0.2.101', port: 0, broadcast: false, reuseAddress: false }, () => undefined).then(async (socket) => {
    await socket.close();
    return socket;
  });
  const client = new BacnetJs.default({ port: local.port, interface: local.host, reuseAddr: false });
  await once(client as unknown as NodeJS.EventEmitter, 'listening');
  return client;
}

async function stockRpm(client: BacnetJs.default, at: At, objects: number): Promise<Round> {
  const properties = [PropertyIdentifier.PRESENT_VALUE, PropertyIdentifier.STATUS_FLAGS].map((id) => ({ id, index: 0xffff_ffff }));
  let samples = 0;
  const start = performance.now();
  const cpu = process.cpuUsage();
  const worker = async (device: number, address: string, first: number): Promise<void> => {
    for (let from = first * BATCH; performance.now() - start < ROUND_MS; from = (from + IN_FLIGHT * BATCH) % objects) {
      const instances = Array.from({ length: Math.min(BATCH, objects - from) }, (_, row) => from + row);
      const { values } = await client.readPropertyMultiple({ address }, instances.map((instance) => ({ objectId: { type: ObjectType.ANALOG_VALUE, instance }, properties })));
      values.forEach((entry, row) => mustBe(entry.values[0]?.value[0]?.value, valueOf(device, from + row)));
      samples += values.length;
    }
  };
  await Promise.all(at.flatMap(({ host, port }, device) => Array.from({ length: IN_FLIGHT }, (_, first) => worker(device, `${host}:${String(port)}`, first))));
  return roundOf(samples, start, cpu);
}

async function covStorm(child: ChildProcess, at: At, objects: number): Promise<{ perSecond: number; sent: number; lost: number }> {
  return withDrivers(at, objects, true, async (drivers) => {
    await Promise.all(drivers.map((driver) => driver.poll('normal')));
    const count = (what: string): number => drivers.reduce((sum, driver) => sum + (driver.counters()[what] ?? 0), 0);
    const until = performance.now() + 20_000;
    while (count('covNotifications') < at.length * objects && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 50));
    const before = count('covNotifications');
    if (before < at.length * objects) throw new Error(`only ${String(before)} objects are subscribed`);
    const start = performance.now();
    const changed = message(child, 'changed');
    child.send({ perSecond: COV_PER_SECOND, forMs: COV_MS } satisfies Change);
    const { changes } = await changed;
    const tookMs = performance.now() - start;
    await new Promise((resolve) => setTimeout(resolve, 300));
    const heard = count('covNotifications') - before;
    return { perSecond: (heard / tookMs) * 1_000, sent: changes, lost: changes - heard };
  });
}

function message<Kind extends FromDevices['kind']>(child: ChildProcess, kind: Kind): Promise<Extract<FromDevices, { kind: Kind }>> {
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error('the process of the devices has ended')));
    child.on('message', (said: FromDevices) => {
      if (said.kind === kind) resolve(said as Extract<FromDevices, { kind: Kind }>);
    });
  });
}

function mustBe(value: unknown, expected: number): void {
  if (value !== expected) throw new Error(`${String(value)} instead of ${String(expected)}`);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function roundOf(points: number, startMs: number, cpu: NodeJS.CpuUsage): Round {
  const { user, system } = process.cpuUsage(cpu);
  return { perSecond: (points / (performance.now() - startMs)) * 1_000, cpuUs: (user + system) / points };
}

function said(rounds: readonly Round[]): string {
  return `${k(median(rounds.map(({ perSecond }) => perSecond)))} points/s, ${median(rounds.map(({ cpuUs }) => cpuUs)).toFixed(2)} µs of CPU each`;
}

function k(perSecond: number | undefined): string {
  return `${((perSecond ?? NaN) / 1_000).toFixed(1)}k`;
}

import type { WireAlarm } from '../../src/contract/index.js';
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { TandemClient, type WebSocketLike } from '../../src/client-sdk/index.js';
import { figuresOf } from '../system/failover-meter.js';
import { dist, freePorts, redundancyOf, TOKEN, until } from '../system/processes.js';
import type { BenchOptions } from './main.js';
import { RedisPair } from './redis-pair.js';
import type { NodeReport } from './sync-node.js';

const ALARMS = 500;
const RATE = 1_000_000;
const LOAD_SECONDS = 8;

/**
 * Two whole gateways as processes, joined by the sync link, both with their LevelDB journals synced at every group of
 * frames. First a million random updates a second through the active one: what both spend on each. Then, in quiet, what an
 * operator waits for: a client acknowledges alarms one after the other, each confirmed when it is on both disks. Beside it a
 * Redis master and replica, both with `appendfsync always`: pipelined `SET`s, then `SET` + `WAIT 1`. That is durable on both
 * as well, one after the other (by strace: the master syncs and sends, the replica syncs and answers). What is alike and what
 * is not: docs/performance.md.
 */
export async function syncBench({ points, cycles, log }: BenchOptions): Promise<Record<string, unknown>> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-sync-'));
  const nodes: ChildProcess[] = [];
  try {
    const pair = await startPair(folder, points, nodes);
    log(`two nodes with ${String(points)} points in sync`);
    const load = await underLoad(pair.main, pair.backup, cycles, log);
    const redis = await RedisPair.start(folder);
    const redisChanges = redis === undefined ? undefined : await redisRate(redis, points);
    const confirm = await confirmations(pair.urls, pair.main, redis, cycles, log);
    await redis?.stop();
    const { activeMicros, standbyMicros, ...figures } = load;
    const perCpuSecond = 1e6 / (activeMicros + standbyMicros);
    return {
      points,
      ...figures,
      ...confirm,
      changesPerCpuSecond: Math.round(perCpuSecond),
      changesPerCpuSecondRedis: redisChanges === undefined ? null : Math.round(redisChanges),
      changesPerCpuSecondVsRedis: redisChanges === undefined ? null : round(perCpuSecond / redisChanges),
    };
  } finally {
    for (const node of nodes) node.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function startPair(folder: string, points: number, nodes: ChildProcess[]): Promise<{ main: ChildProcess; backup: ChildProcess; urls: readonly string[] }> {
  const [consoleA = 0, consoleB = 0, linkA = 0, linkB = 0] = await freePorts(4);
  const site = join(folder, 'site.yaml');
  writeFileSync(site, siteText(points));
  const start = async (id: string, mode: string, console: number, link: number, partner: string): Promise<ChildProcess> => {
    const file = join(folder, `${mode}.yaml`);
    writeFileSync(file, `node: {id: ${id}, mode: ${mode}, data: ${join(folder, mode)}, token: ${TOKEN}, access: open, listen: {console: "127.0.0.1:${String(console)}", link: "127.0.0.1:${String(link)}"}}\npartners: [${partner}]\n`);
    const child = fork(join(dist, 'test/bench/sync-node.js'), [site, file], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    nodes.push(child);
    await new Promise((resolve, reject) => {
      child.once('message', resolve);
      child.once('exit', () => reject(new Error(`node ${id} ended`)));
    });
    return child;
  };
  const [main, backup] = await Promise.all([
    start('A', 'main', consoleA, linkA, `{symbol: B, address: 127.0.0.1, port: ${String(linkB)}}`),
    start('B', 'backup', consoleB, linkB, `{symbol: A, address: 127.0.0.1, port: ${String(linkA)}}`),
  ]);
  const urls = [consoleA, consoleB].map((port) => `http://127.0.0.1:${String(port)}`);
  await until('the pair is in sync', async () => ((await Promise.all(urls.map(redundancyOf))).every((status) => status?.sync.state === 'in-sync') ? true : undefined), 60_000);
  return { main, backup, urls };
}

async function underLoad(main: ChildProcess, backup: ChildProcess, rounds: number, log: (line: string) => void): Promise<Record<string, unknown> & { activeMicros: number; standbyMicros: number }> {
  const results: { rate: number; active: number; standby: number; bytes: number; perChange: number; perChangeStandby: number; stall: number; lagFrames: number; rss: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    main.send({ feed: { updatesPerSecond: RATE } });
    await pause(1_000);
    const [a, b] = await Promise.all([report(main), report(backup)]);
    await pause(LOAD_SECONDS * 1_000);
    const [c, d] = await Promise.all([report(main), report(backup)]);
    main.send({ feed: { updatesPerSecond: 0 } });
    // What is under way arrives: the standby holds everything that was framed.
    const end = await until('the standby holds every frame', async () => {
      const [one, other] = await Promise.all([report(main), report(backup)]);
      return one.seq === other.seq ? other : undefined;
    }, 60_000);
    const updates = c.updates - a.updates;
    const wallMs = c.wallMs - a.wallMs;
    const active = c.cpuMicros - a.cpuMicros;
    const standby = d.cpuMicros - b.cpuMicros;
    results.push({
      rate: (updates / wallMs) * 1_000, active: active / 1e3 / wallMs, standby: standby / 1e3 / wallMs, bytes: c.bytesPerChange, perChange: active / updates, perChangeStandby: standby / updates,
      stall: c.stallMaxMs, lagFrames: c.seq - d.seq, rss: Math.max(c.rssBytes, end.rssBytes),
    });
    log(`round ${String(round + 1)}: ${String(Math.round(results.at(-1)?.rate ?? 0))} updates/s, active ${round2(results.at(-1)?.active)} of a core, standby ${round2(results.at(-1)?.standby)}, ${String(c.seq - d.seq)} frames behind`);
  }
  const median = (of: (result: (typeof results)[number]) => number): number => results.map(of).sort((x, y) => x - y)[Math.floor(results.length / 2)] ?? NaN;
  return {
    changesPerSecond: Math.round(median((result) => result.rate)),
    activeCoreShare: round(median((result) => result.active)),
    standbyCoreShare: round(median((result) => result.standby)),
    bytesPerChange: round(median((result) => result.bytes)),
    standbyBehindFrames: median((result) => result.lagFrames),
    loopStallMaxMs: round(median((result) => result.stall)),
    rssBytes: median((result) => result.rss),
    activeMicros: median((result) => result.perChange),
    standbyMicros: median((result) => result.perChangeStandby),
  };
}

/** Those of the bench's points: the pair has alarms of its own. */
function own(client: TandemClient): WireAlarm[] {
  return [...client.alarms.values()].filter(({ class: kind, name }) => kind !== 'system' && !name.startsWith('communication/'));
}

/** Alarms acknowledged one after the other, and as many `SET` + `WAIT 1` between them, so that both meet the same disk. */
async function confirmations(urls: readonly string[], main: ChildProcess, redis: RedisPair | undefined, rounds: number, log: (line: string) => void): Promise<Record<string, unknown>> {
  const client = new TandemClient({ urls, points: ['Alarm*'], token: TOKEN, webSocket: (url): WebSocketLike => new WebSocket(url, { perMessageDeflate: false }) });
  client.start();
  const [ours, redisMs, link]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < rounds; round++) {
    main.send({ feed: { alarmsHigh: true } });
    const raised = await until('the alarms are raised', () => {
      const names = own(client).filter(({ state }) => state === 'unacknowledged').map(({ name }) => name);
      return names.length === ALARMS ? names : undefined;
    });
    for (const name of raised) {
      const startMs = performance.now();
      const { held } = await client.acknowledge(name);
      if (held !== 'protected') throw new Error(`${name} was confirmed ${held}`);
      ours.push(performance.now() - startMs);
      if (redis !== undefined) redisMs.push(await redis.waited(name));
    }
    link.push((await report(main)).ackMs);
    main.send({ feed: { alarmsHigh: false } });
    await until('the alarms are gone', () => (own(client).length === 0 ? true : undefined));
    log(`round ${String(round + 1)}: confirmed in ${String(figuresOf(ours).p50)} ms, redis ${String(figuresOf(redisMs).p50)} ms (p50)`);
  }
  client.close();
  const fine = (values: number[], share: number): number => round([...values].sort((a, b) => a - b)[Math.floor(share * values.length)] ?? NaN);
  return {
    ackMs: round([...link].sort((a, b) => a - b)[Math.floor(link.length / 2)] ?? NaN),
    confirmP50Ms: fine(ours, 0.5),
    confirmP99Ms: fine(ours, 0.99),
    redisWaitP50Ms: redis === undefined ? null : fine(redisMs, 0.5),
    confirmP50VsRedisWait: redis === undefined ? null : round(fine(ours, 0.5) / fine(redisMs, 0.5)),
  };
}

async function redisRate(redis: RedisPair, points: number): Promise<number> {
  const changes = 1_000_000;
  await redis.change(points, 100_000);
  const before = redis.cpuMicros();
  await redis.change(points, changes);
  return changes / ((redis.cpuMicros() - before) / 1e6);
}

function siteText(points: number): string {
  const two = Array.from({ length: 100 }, (_, index) => String(index).padStart(2, '0'));
  const names = Array.from({ length: ALARMS }, (_, index) => `Alarm${String(index)}`);
  return [
    'site: {name: sync, timezone: UTC}',
    'redundancy: {pingRate: 200ms, missedPings: 10, failoverTime: 4s, connectionWait: 5s, confirmWait: 10s}',
    'devices:',
    '  feed: {driver: bench-feed}',
    'templates:',
    '  hundred:',
    ...two.map((digits) => `    "P{p}${digits}": {device: feed}`),
    'use:',
    ...Array.from({ length: Math.ceil(points / 100) }, (_, hundred) => `  - {template: hundred, p: "${String(hundred)}x"}`),
    'points:',
    ...names.map((name) => `  ${name}: {device: feed}`),
    'alarms:',
    ...names.map((name) => `  ${name}.High: {point: ${name}, high: 1}`),
    '',
  ].join('\n');
}

async function report(node: ChildProcess): Promise<NodeReport> {
  return new Promise((resolve) => {
    node.once('message', (message) => resolve(message as NodeReport));
    node.send({ report: true });
  });
}

async function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

function round2(value: number | undefined): string {
  return (value ?? NaN).toFixed(2);
}

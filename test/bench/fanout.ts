import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { dist, freePorts, TOKEN, until } from '../system/processes.js';
import { cpuNs, PeerProcess, rssBytes } from './e2e/peer-process.js';
import type { FanoutReport } from './fanout/clients-process.js';
import type { BenchOptions } from './main.js';

const CLIENTS = 1_000;
const FRAMES_PER_SECOND = 10;
const CHANGES_A_FRAME = 100;
const STALLED = 50;
const STALL_RATE = 50_000;

/**
 * MEASURED.md, section 4: a whole gateway in a process of its own, to which a feed gives a hundred changes ten times a second;
 * a thousand clients in another process, each of which gets every change. `coreShare` is of the gateway, the feed and everything
 * else included; `idleShare` the same without clients. Then fifty clients that never read, at 50,000 changes a second.
 * Linux only (CPU and memory are read in /proc).
 */
export async function fanoutBench({ cycles, log }: BenchOptions): Promise<Record<string, unknown>> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-fanout-'));
  const node = await startNode(folder);
  try {
    feed(node, FRAMES_PER_SECOND * CHANGES_A_FRAME);
    await pause(1_000);
    const idleShare = await shareOf(node.child, cycles * 1_000);
    log(`without clients ${percent(idleShare)} of a core`);
    const json = await run(node, 'json', cycles, log);
    const binary = await run(node, 'binary', cycles, log);
    const stalled = await stall(node, log);
    return { clients: CLIENTS, ...json, idleShare: round(idleShare), binary, ...stalled, consoleBytes: consoleBytes() };
  } finally {
    node.child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

interface Node {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly url: string;
}

async function startNode(folder: string): Promise<Node> {
  const [port = 0] = await freePorts(1);
  const [site, file] = [join(folder, 'site.yaml'), join(folder, 'node.yaml')];
  const points = Array.from({ length: 1_000 }, (_, index) => `  "P${index}": {device: feed}`);
  writeFileSync(site, ['site: {name: fanout, timezone: UTC}', 'devices:', '  feed: {driver: bench-feed}', 'points:', ...points, ''].join('\n'));
  writeFileSync(file, `node: {id: A, mode: independent, data: ${join(folder, 'data')}, token: ${TOKEN}, access: open, listen: {console: "127.0.0.1:${port}"}}\n`);
  const child = fork(join(dist, 'test/bench/sync-node.js'), [site, file, String(CHANGES_A_FRAME)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  await new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', () => reject(new Error('the node has ended')));
  });
  const url = `http://127.0.0.1:${port}`;
  await until('the node is active', async () => ((await fetch(`${url}/active`)).ok ? true : undefined));
  return { child, pid: child.pid ?? 0, url };
}

async function run(node: Node, kind: 'json' | 'binary', seconds: number, log: (line: string) => void): Promise<Record<string, unknown>> {
  const clients = PeerProcess.start('../fanout/clients-process.js', [node.url, CLIENTS, kind]);
  try {
    await clients.ask('start');
    await pause(1_000);
    await clients.ask('measure');
    const wallMs = performance.now();
    const coreShare = await shareOf(node.child, seconds * 1_000);
    const { frames, bytes, latencyMs } = await clients.ask<FanoutReport>('report');
    const sorted = [...latencyMs].sort((a, b) => a - b);
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
    const framesPerSecond = round(frames / CLIENTS / ((performance.now() - wallMs) / 1_000));
    log(`${kind}: ${CLIENTS} clients × ${framesPerSecond} frames/s, ${percent(coreShare)} of a core, change to client p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, ${Math.round(bytes / frames)} bytes a frame`);
    return { framesPerSecond, coreShare: round(coreShare), changeToClientMs: { p50: at(0.5), p99: at(0.99) }, bytesPerFrame: Math.round(bytes / frames) };
  } finally {
    await clients.stop();
  }
}

async function stall(node: Node, log: (line: string) => void): Promise<Record<string, unknown>> {
  feed(node, STALL_RATE);
  await pause(3_000);
  const before = rssBytes(node.pid).now;
  const clients = PeerProcess.start('../fanout/clients-process.js', [node.url, STALLED, 'stalled']);
  try {
    await clients.ask('start');
    let most = 0;
    for (let second = 0; second < 10; second++) {
      await pause(1_000);
      const text = await (await fetch(`${node.url}/metrics`)).text();
      most = Math.max(most, Number(/^tandem_clients_buffered_bytes (\d+)/m.exec(text)?.[1]));
    }
    const grown = rssBytes(node.pid).now - before;
    log(`${STALLED} clients that do not read: ${Math.round(most / STALLED / 1_024)} KB wait for each (shared buffers counted for each), the process grew by ${Math.round(grown / STALLED / 1_024)} KB for each`);
    return { stalledClientBytes: Math.round(Math.max(most, grown) / STALLED), stalledBufferedBytes: Math.round(most / STALLED), stalledGrowthBytes: Math.round(grown / STALLED) };
  } finally {
    await clients.stop();
  }
}

/** What a browser loads for the console, as it is and compressed. */
export function consoleBytes(): { raw: number; gzip: number } {
  const folder = join(dist, 'console/assets');
  const files = readdirSync(folder).map((name) => join(folder, name));
  return { raw: files.reduce((sum, file) => sum + statSync(file).size, 0), gzip: files.reduce((sum, file) => sum + gzipSync(readFileSync(file)).length, 0) };
}

async function shareOf({ pid = 0 }: ChildProcess, forMs: number): Promise<number> {
  const [cpu, wall] = [cpuNs(pid), performance.now()];
  await pause(forMs);
  return (cpuNs(pid) - cpu) / 1e6 / (performance.now() - wall);
}

function feed({ child }: Node, updatesPerSecond: number): void {
  child.send({ feed: { updatesPerSecond } });
}

async function pause(forMs: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, forMs));
}

const round = (value: number): number => Math.round(value * 1_000) / 1_000;
const percent = (share: number): string => `${Math.round(share * 1_000) / 10} %`;

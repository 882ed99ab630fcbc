import { spawn, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { parseDocument } from 'yaml';
import { TandemClient, type WebSocketLike } from '../../src/client-sdk/index.js';
import { dist, tokens, until } from './processes.js';

/** Ports that a demo takes, counted from its base (simulators/demo/demo-documents.ts). */
const OFFSETS = [0, 1, 10, 11, 12, 20, 21, 30, 40];
/** Below what the system gives to outgoing connections. */
const [LOWEST_BASE, HIGHEST_BASE] = [20_000, 32_000];

/** One exactly formed line tells a caller everything; the names are those of the README. */
export const READY = /^ready main=(http:\/\/127\.0\.0\.1:\d+) pid=(\d+) backup=(http:\/\/127\.0\.0\.1:\d+) pid=(\d+)$/;

export interface RemoteCounts {
  readonly connectionsNow: number;
  readonly connectionsTotal: number;
  readonly requests: number;
  readonly writes: number;
}

/** The demo as a visitor starts it, in a process of its own, and the questions that a test has for it. */
export class DemoPair {
  /** Field addresses of the nodes (config/demo): devices tell them apart by these. */
  static readonly fieldAddress = { main: '127.0.0.21', backup: '127.0.0.22' } as const;

  output = '';
  urls: readonly [main: string, backup: string] = ['', ''];
  token = '';
  /** Of the user `demo`, an administrator. */
  password = '';
  /** Every process that was ever announced. */
  readonly pids = new Set<number>();
  private code: number | null | undefined;

  private constructor(
    readonly base: number,
    private readonly launcher: ChildProcess,
  ) {
    this.pids.add(launcher.pid ?? 0);
    for (const stream of [launcher.stdout, launcher.stderr]) stream?.on('data', (data: Buffer) => (this.output += data.toString('utf8')));
    launcher.once('exit', (code) => (this.code = code));
  }

  /** With what is said of `redundancy` in place of what the demo's site document says. */
  static async start(folder: string, base?: number, redundancy?: Readonly<Record<string, string | number>>): Promise<DemoPair> {
    const portBase = base ?? (await freePortBase());
    const script = join(dist, 'simulators/demo/main.js');
    const launcher = spawn(process.execPath, [script, '--port-base', String(portBase), '--data', folder, ...(redundancy === undefined ? [] : ['--documents', documentsWith(folder, redundancy)])], { stdio: ['ignore', 'pipe', 'pipe'] });
    const demo = new DemoPair(portBase, launcher);
    try {
      await demo.becomeReady();
      return demo;
    } catch (cause) {
      await demo.stop();
      throw new Error(`the demo did not get ready:\n${demo.output}`, { cause });
    }
  }

  get readyLine(): string {
    return this.output.split('\n').find((line) => line.startsWith('ready')) ?? '';
  }

  get mainPid(): number {
    return Number(READY.exec(this.readyLine)?.[2]);
  }

  client(points: readonly string[]): TandemClient {
    // The ws package's socket has the browser's events; only its types differ.
    const open = (url: string): WebSocketLike => new WebSocket(url, { perMessageDeflate: false });
    return new TandemClient({ urls: this.urls, points, token: this.token, webSocket: open });
  }

  /** Holds a sensor at a value, as its inspection page does. */
  async set(device: string, point: string, value: number | boolean | null): Promise<void> {
    await json(`${this.inspection}/set`, { method: 'POST', body: JSON.stringify({ device, point, value }) });
  }

  /** What each node did at a device, by its field address. */
  async remotesOf(device: string): Promise<Readonly<Record<string, RemoteCounts>>> {
    const { devices } = await json<{ devices: { name: string; byRemote: Record<string, RemoteCounts> }[] }>(`${this.inspection}/devices`);
    return devices.find(({ name }) => name === device)?.byRemote ?? {};
  }

  /** Every write that reached a device, oldest first. */
  async writesTo(device: string): Promise<readonly { readonly remote: string }[]> {
    return (await json<{ writes: { remote: string }[] }>(`${this.inspection}/writes?device=${device}`)).writes;
  }

  /** Pid of the main that the launcher has started again. */
  async restartedMain(timeoutMs: number): Promise<number> {
    const pid = await until('the launcher starts the main again', () => /^main started, pid=(\d+)$/m.exec(this.output)?.[1], timeoutMs);
    this.pids.add(Number(pid));
    return Number(pid);
  }

  /** As Ctrl-C does it; gives the exit code. Whatever is left of it then is killed. */
  async stop(): Promise<number | null> {
    if (this.code === undefined) this.launcher.kill('SIGINT');
    try {
      return await until('the launcher ends', () => this.code, 30_000);
    } finally {
      for (const line of this.output.matchAll(/pid=(\d+)/g)) this.pids.add(Number(line[1]));
      this.survivors = [...this.pids].filter(lives);
      for (const pid of this.survivors) process.kill(pid, 'SIGKILL');
    }
  }

  /** Pids that were still there when the launcher had ended. */
  survivors: readonly number[] = [];

  get inspection(): string {
    return `http://127.0.0.1:${String(this.base + 12)}`;
  }

  private async becomeReady(): Promise<void> {
    // The token comes some lines after `ready`.
    const token = await until('the line `ready`', () => {
      if (this.code !== undefined) throw new Error(`the launcher ended with ${String(this.code)}`);
      return this.readyLine === '' ? undefined : /sign in with the token (\S+)\n/.exec(this.output)?.[1];
    }, 60_000);
    const [, main, mainPid, backup, backupPid] = READY.exec(this.readyLine) ?? [];
    if (main === undefined || backup === undefined) throw new Error(`unexpected: ${this.readyLine}`);
    this.urls = [main, backup];
    this.token = token;
    this.password = /as demo with the password (\S+)\n/.exec(this.output)?.[1] ?? '';
    for (const url of this.urls) tokens.set(url, token);
    this.pids.add(Number(mainPid)).add(Number(backupPid));
  }
}

/** For a suite that tells one story: what comes after a failed test is skipped, visibly. (`bail` would end other suites too.) */
export function stopAtFirstFailure(): void {
  let failed = false;
  beforeEach(function () {
    if (failed) this.skip();
  });
  afterEach(function () {
    failed ||= this.currentTest?.state === 'failed';
  });
}

export async function json<T>(url: string, init: RequestInit = {}): Promise<T> {
  const token = tokens.get(new URL(url).origin);
  const response = await fetch(url, { signal: AbortSignal.timeout(30_000), ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }), ...init });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url}: ${String(response.status)} ${text}`);
  return JSON.parse(text) as T;
}

export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function documentsWith(folder: string, redundancy: Readonly<Record<string, string | number>>): string {
  const documents = join(folder, 'documents');
  cpSync(join(dist, '..', 'config', 'demo'), documents, { recursive: true });
  const file = join(documents, 'site.yaml');
  const site = parseDocument(readFileSync(file, 'utf8'));
  for (const [key, value] of Object.entries(redundancy)) site.setIn(['redundancy', key], value);
  writeFileSync(file, site.toString({ lineWidth: 0 }));
  return documents;
}

async function freePortBase(): Promise<number> {
  for (;;) {
    const base = LOWEST_BASE + Math.floor(Math.random() * (HIGHEST_BASE - LOWEST_BASE));
    const free = await Promise.all(OFFSETS.map(async (offset) => (await canListen(base + offset)) && canBind(base + offset)));
    if (free.every(Boolean)) return base;
  }
}

/** On every address at once: that fails when any of them is taken. */
async function canListen(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)));
  });
}

async function canBind(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  return new Promise((resolve) => {
    socket.once('error', () => resolve(false));
    socket.bind(port, '0.0.0.0', () => socket.close(() => resolve(true)));
  });
}

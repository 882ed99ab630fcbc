import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { TandemClient, type WebSocketLike } from '../../src/client-sdk/index.js';
import type { RedundancyStatus } from '../../src/contract/index.js';
import { TrustHome } from '../../src/platform/trust-home.js';
import { Supervised } from '../../simulators/demo/supervised.js';
import type { TwoHosts } from './two-hosts.js';
import { siteForLoad, type LoadSiteOptions } from '../../simulators/load/site-for-load.js';

export const dist = fileURLToPath(new URL('../..', import.meta.url));
export const TOKEN = 'system-test';

/** Waits for `probe` to give something, with a deadline. */
export async function until<T>(what: string, probe: () => Promise<T | undefined> | T | undefined, timeoutMs = 20_000, everyMs = 20): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${String(timeoutMs)} ms`);
    await new Promise((wake) => setTimeout(wake, everyMs));
  }
}

export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('no port');
    return address.port;
  });
  await Promise.all(servers.map(async (server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Tokens of nodes that tell nothing without one, by their address. */
export const tokens = new Map<string, string>();

export async function redundancyOf(url: string): Promise<RedundancyStatus | undefined> {
  const token = tokens.get(url);
  try {
    const response = await fetch(`${url}/api/v1/redundancy`, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(2_000) });
    return response.ok ? ((await response.json()) as RedundancyStatus) : undefined;
  } catch {
    return undefined;
  }
}

export interface LedgerEntry {
  readonly timeMs: number;
  readonly remote: string;
  readonly address: number;
  readonly values: readonly number[];
}

export interface PairProcessesOptions extends LoadSiteOptions {
  readonly points: number;
  /** Where the nodes run; left out, on this machine. */
  readonly hosts?: TwoHosts;
  /** `off` where a test speaks the link's protocol itself; left out, TLS with the certificates named in the node documents. */
  readonly tls?: 'off';
}

/** Fast enough that a test has many cycles: a dedicated loopback link. */
export const FAST_PAIR = ['pingRate: 100ms', 'missedPings: 3', 'failoverTime: 1s', 'recoveryHold: 1s', 'maxHandBacksPerHour: 3600', 'connectionWait: 5s', 'staleWait: 20s', 'confirmWait: 2s'];

/** A main and a backup on one virtual PLC, every part a process of its own, in a folder of their own. */
export class PairProcesses {
  readonly urls: readonly [main: string, backup: string];
  private constructor(
    readonly folder: string,
    readonly plc: Supervised,
    readonly main: Supervised,
    readonly backup: Supervised,
    private readonly inspectPort: number,
    /** Source addresses in the field, so that a device's ledger tells the nodes apart. */
    readonly fieldAddress: { readonly main: string; readonly backup: string },
    addresses: { readonly main: string; readonly backup: string },
    consolePorts: readonly [number, number],
  ) {
    this.urls = [`http://${addresses.main}:${String(consolePorts[0])}`, `http://${addresses.backup}:${String(consolePorts[1])}`];
  }

  static async start(options: PairProcessesOptions): Promise<PairProcesses> {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-pair-'));
    const [plcPort = 0, inspectPort = 0, consoleA = 0, consoleB = 0, linkA = 0, linkB = 0] = await freePorts(6);
    const { hosts } = options;
    const plcAddress = hosts?.address ?? '127.0.0.1';
    const addresses = { main: hosts?.main.address ?? '127.0.0.1', backup: hosts?.backup.address ?? '127.0.0.1' };
    const fieldAddress = hosts === undefined ? { main: '127.0.0.51', backup: '127.0.0.52' } : addresses;
    const plc = new Supervised({
      name: 'plc',
      script: join(dist, 'simulators/demo/load-process.js'),
      args: ['--points', String(options.points), '--host', plcAddress, '--port', String(plcPort), '--inspect-port', String(inspectPort)],
      logFile: join(folder, 'plc.log'),
    });
    plc.start();
    await plc.line('ready');
    const site = join(folder, 'site.yaml');
    writeFileSync(site, siteForLoad(options.points, plcAddress, plcPort, { redundancy: FAST_PAIR, ...options }));
    const fingerprint = async (name: 'main' | 'backup', id: string): Promise<string> => (await TrustHome.open(join(folder, name), id)).own().fingerprint;
    const pins = options.tls === 'off' ? undefined : { A: await fingerprint('main', 'A'), B: await fingerprint('backup', 'B') };
    const node = (name: 'main' | 'backup', id: string, other: 'A' | 'B', ports: { console: number; link: number; partner: number }): Supervised => {
      const file = join(folder, `${name}.yaml`);
      writeFileSync(
        file,
        [
          `node: {id: ${id}, mode: ${name}, data: ${join(folder, name)}, token: ${TOKEN}, access: open,${options.tls === undefined ? '' : ` tls: ${options.tls},`} listen: {console: "${addresses[name]}:${String(ports.console)}", link: "${addresses[name]}:${String(ports.link)}"}}`,
          `partners: [{symbol: ${other}, address: ${addresses[name === 'main' ? 'backup' : 'main']}, port: ${String(ports.partner)}${pins === undefined ? '' : `, fingerprint: "${pins[other]}"`}}]`,
          `field: {address: ${fieldAddress[name]}}`,
        ].join('\n'),
      );
      return new Supervised({ name, script: join(dist, 'src/main.js'), args: ['run', '--site', site, '--node', file], logFile: join(folder, `${name}.log`), prefix: hosts?.[name].prefix ?? [] });
    };
    mkdirSync(folder, { recursive: true });
    const main = node('main', 'A', 'B', { console: consoleA, link: linkA, partner: linkB });
    const backup = node('backup', 'B', 'A', { console: consoleB, link: linkB, partner: linkA });
    const pair = new PairProcesses(folder, plc, main, backup, inspectPort, fieldAddress, addresses, [consoleA, consoleB]);
    main.start();
    backup.start();
    try {
      await pair.inSync('A');
    } catch (cause) {
      await pair.stop();
      throw new Error(`the pair did not get in sync; its logs:\n${pair.lastLog}`, { cause });
    }
    return pair;
  }

  /** Until node `active` is active and both say that they are in sync. */
  async inSync(active: string, timeoutMs = 30_000): Promise<void> {
    await until(`${active} active and both in sync`, async () => {
      const states = await Promise.all(this.urls.map(redundancyOf));
      const leads = states.some((state) => state?.self.id === active && state.self.role === 'active');
      return leads && states.every((state) => state?.sync.state === 'in-sync') ? true : undefined;
    }, timeoutMs);
  }

  /** As an operator would switch. @throws where the node refuses */
  async switchAt(from: 'main' | 'backup'): Promise<void> {
    const response = await fetch(`${this.urls[from === 'main' ? 0 : 1]}/api/v1/redundancy/switch`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify({ reason: 'bench' }),
    });
    if (!response.ok) throw new Error(`switch refused: ${await response.text()}`);
  }

  /** Until the main leads and both are in sync, whatever has happened: the backup gives back by itself only what it took, and not what a person gave it. */
  async putTogether(timeoutMs: number): Promise<void> {
    const deadlineMs = performance.now() + timeoutMs;
    for (;;) {
      const isOut = performance.now() > deadlineMs;
      try {
        await this.inSync('A', 3_000);
        return;
      } catch (error) {
        if (isOut) throw error;
        await this.switchAt('backup').catch(() => undefined);
      }
    }
  }

  client(points: readonly string[]): TandemClient {
    // The ws package's socket has the browser's events; only its types differ.
    const open = (url: string): WebSocketLike => new WebSocket(url, { perMessageDeflate: false });
    return new TandemClient({ urls: this.urls, points, token: TOKEN, webSocket: open });
  }

  /** Every write that reached the device, oldest first. */
  async ledger(since = 0): Promise<{ writes: readonly LedgerEntry[]; next: number }> {
    const response = await fetch(`http://127.0.0.1:${String(this.inspectPort)}/writes?since=${String(since)}`);
    return (await response.json()) as { writes: LedgerEntry[]; next: number };
  }

  /** Where {@link ledger} goes on from now: what has been written so far is not fetched, there may be 100,000 entries. */
  async ledgerEnd(): Promise<number> {
    return (await this.ledger(Number.MAX_SAFE_INTEGER)).next;
  }

  /** Connections and requests at the device, by source address. */
  async remotes(): Promise<Readonly<Record<string, { connectionsNow: number; requests: number; writes: number }>>> {
    const response = await fetch(`http://127.0.0.1:${String(this.inspectPort)}/devices`);
    const { devices } = (await response.json()) as { devices: { byRemote: Record<string, { connectionsNow: number; requests: number; writes: number }> }[] };
    return devices[0]?.byRemote ?? {};
  }

  /** What the nodes said last, for a failed test; kept by {@link stop}. */
  lastLog = '';

  /** The end of what both nodes have said. */
  logs(): string {
    return ['main', 'backup'].map((name) => readFileSync(join(this.folder, `${name}.log`), 'utf8').slice(-2_000)).join('\n');
  }

  async stop(): Promise<void> {
    this.lastLog = this.logs();
    await Promise.all([this.backup.stop(), this.main.stop()]);
    await this.plc.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TrustHome } from '../../../src/platform/trust-home.js';
import { Supervised } from '../../../simulators/demo/supervised.js';
import { dist, freePorts, until } from '../../system/processes.js';
import { cpuNs, PeerProcess } from './peer-process.js';
import type { Seen } from './tally.js';

/** Source addresses in the field: the PLC counts what each node was served. */
const FIELD = { main: '127.0.0.51', backup: '127.0.0.52' } as const;

export interface GatewayOptions {
  readonly points: number;
  /** Poll class of all points, with its period where it is not the default. */
  readonly poll?: { readonly pollClass: 'fast' | 'normal'; readonly period: string };
  /** Units behind the one address, with as many points each; 1 where it is left out. */
  readonly units?: number;
  /** Trend of all points each second. */
  readonly history: boolean;
}

/** A pair of real processes on one PLC process, and a client of the main. */
export class GatewayRig {
  readonly folder = mkdtempSync(join(tmpdir(), 'tandem-e2e-'));
  main!: Supervised;
  backup!: Supervised;
  plc!: PeerProcess;
  client!: PeerProcess;
  /** From the spawn of both nodes until the client had seen every point. */
  startMs = NaN;
  /** CPU that the main had had by then, milliseconds of all its threads: what a start costs, whoever else has the machine. */
  startCpuMs = NaN;
  url = '';
  private plcPort = 0;

  constructor(readonly options: GatewayOptions) {}

  async start(): Promise<void> {
    const [plcPort = 0, consoleA = 0, consoleB = 0, linkA = 0, linkB = 0] = await freePorts(5);
    const { points } = this.options;
    this.plcPort = plcPort;
    await this.startPlc();
    const site = join(this.folder, 'site.yaml');
    writeFileSync(site, siteOf(plcPort, this.options));
    // TLS on the link as by default: each node knows the other's certificate.
    const pins = {
      main: (await TrustHome.open(join(this.folder, 'data-main'), 'main')).own().fingerprint,
      backup: (await TrustHome.open(join(this.folder, 'data-backup'), 'backup')).own().fingerprint,
    };
    const node = (name: 'main' | 'backup', console: number, link: number, partner: number): Supervised => {
      const file = join(this.folder, `${name}.yaml`);
      writeFileSync(file, [
        `node: {id: ${name}, mode: ${name}, data: ${join(this.folder, `data-${name}`)}, token: t, access: open, listen: {console: "127.0.0.1:${console}", link: "127.0.0.1:${link}"}}`,
        `partners: [{symbol: ${name === 'main' ? 'backup' : 'main'}, address: 127.0.0.1, port: ${partner}, fingerprint: "${pins[name === 'main' ? 'backup' : 'main']}"}]`,
        `field: {address: ${FIELD[name]}}`,
      ].join('\n'));
      return new Supervised({ name, script: join(dist, 'src/main.js'), args: ['run', '--site', site, '--node', file], logFile: join(this.folder, `${name}.log`) });
    };
    this.main = node('main', consoleA, linkA, linkB);
    this.backup = node('backup', consoleB, linkB, linkA);
    this.url = `http://127.0.0.1:${consoleA}`;
    this.client = PeerProcess.start('client-process.js', ['gateway', this.url, points]);
    await this.client.ask('seen');
    const startMs = Date.now();
    this.main.start();
    this.backup.start();
    this.startMs = (await this.untilSeen('all points are good', ({ good }) => good === points)).allGoodAtMs - startMs;
    this.startCpuMs = Math.round(cpuNs(this.main.pid) / 1e6);
  }

  async startPlc(): Promise<void> {
    this.plc = PeerProcess.start('plc-process.js', [this.plcPort]);
    await this.plc.next();
  }

  /** Registers that the main was served between two wall times, and updates that the client saw of them. */
  async between(fromMs: number, untilMs: number): Promise<{ served: number; delivered: number }> {
    const served = (await this.plc.ask<Record<string, Record<number, number>>>('served'))[FIELD.main] ?? {};
    const { byTenth } = await this.client.ask<Seen>('seen');
    const sum = (tenths: Readonly<Record<number, number>>): number =>
      Object.entries(tenths).reduce((total, [tenth, count]) => (Number(tenth) >= Math.ceil(fromMs / 100) && Number(tenth) < Math.floor(untilMs / 100) ? total + count : total), 0);
    return { served: sum(served), delivered: sum(byTenth) };
  }

  async untilSeen(what: string, condition: (seen: Seen) => boolean, timeoutMs = 60_000): Promise<Seen> {
    return until(`${what}\n${this.logs()}`, async () => {
      const seen = await this.client.ask<Seen>('seen');
      return condition(seen) ? seen : undefined;
    }, timeoutMs, 50);
  }

  logs(): string {
    return ['main', 'backup'].map((name) => readFileSync(join(this.folder, `${name}.log`), { encoding: 'utf8', flag: 'a+' }).slice(-1_500)).join('\n');
  }

  async stop(): Promise<void> {
    await this.client.stop();
    await Promise.all([this.main.stop(), this.backup.stop()]);
    await this.plc.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** One device, or several units of one, with the defaults of the configuration. The points are one template, a hundred at a time. */
function siteOf(port: number, { points, poll, units = 1, history }: GatewayOptions): string {
  const two = Array.from({ length: 100 }, (_, index) => String(index).padStart(2, '0'));
  const pollKey = poll === undefined ? '' : `, poll: ${poll.pollClass}`;
  return [
    'site: {name: e2e, timezone: UTC}',
    ...(poll === undefined ? [] : [`polling: {${poll.pollClass}: ${poll.period}}`]),
    'devices:',
    ...Array.from({ length: units }, (_, index) => `  plc-${index + 1}: {driver: modbus-tcp, host: 127.0.0.1, port: ${port}, unit: ${index + 1}}`),
    'templates:',
    '  hundred:',
    ...two.map((digits) => `    "P{p}${digits}": {device: "plc-{u}", at: "hr:{h}${digits}"${pollKey}}`),
    'use:',
    ...Array.from({ length: points / 100 }, (_, hundred) => `  - {template: hundred, p: "${String(hundred).padStart(3, '0')}", h: "${hundred}", u: ${1 + Math.floor((hundred * 100 * units) / points)}}`),
    ...(history ? ['trends:', '  - {points: ["*"], mode: interval, every: 1s}'] : []),
    '',
  ].join('\n');
}

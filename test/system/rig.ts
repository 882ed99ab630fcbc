import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dist, freePorts, until } from './processes.js';

/** A process under test, and everything that it has printed. */
export class Run {
  stdout = '';
  stderr = '';
  private code: number | null | undefined;

  constructor(readonly child: ChildProcess) {
    child.stdout?.on('data', (data: Buffer) => (this.stdout += data.toString('utf8')));
    child.stderr?.on('data', (data: Buffer) => (this.stderr += data.toString('utf8')));
    // `close` and not `exit`: by then everything that it printed is here.
    child.once('close', (code) => (this.code = code));
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get running(): boolean {
    return this.code === undefined;
  }

  /** Exit code; null when a signal ended it. */
  async exit(timeoutMs = 30_000): Promise<number | null> {
    return until(`the process ends; it said:\n${this.stderr}`, () => this.code, timeoutMs);
  }

  async stop(): Promise<number | null> {
    this.child.kill('SIGTERM');
    return this.exit();
  }
}

export interface NodeOptions {
  readonly id: string;
  readonly mode: 'main' | 'backup' | 'independent';
  readonly console: number;
  readonly link?: number;
  /** Link port of the other node, and its id. */
  readonly partner?: { readonly id: string; readonly port: number };
  /** As a node document has it by itself; left out, `tls: off`: those tests are about something else. */
  readonly tls?: 'on';
  /** `login`: reading needs a user or token, too; left out, `access: open`. */
  readonly access?: 'login';
  /** Name of the data folder; the id when left out. */
  readonly data?: string;
  /** File with key and certificate: console, REST and WebSocket speak https. */
  readonly https?: string;
  /** Further blocks of the node document, such as `lines:`. */
  readonly blocks?: string;
  /** Further arguments of `tandem run`. */
  readonly args?: readonly string[];
}

/** A temp folder, and processes that are gone with it. */
export class Rig {
  readonly folder = mkdtempSync(join(tmpdir(), 'tandem-rig-'));
  private readonly runs: Run[] = [];

  write(name: string, text: string): string {
    const file = join(this.folder, name);
    writeFileSync(file, text);
    return file;
  }

  /** `tandem …`, as from the command line. */
  tandem(...args: readonly string[]): Run {
    return this.spawn('src/main.js', args);
  }

  node(site: string, options: NodeOptions): Run {
    const { id, mode, console, link, partner, tls = 'off', access = 'open', data = id, https, blocks, args = [] } = options;
    const lines = [
      `node: {id: ${id}, mode: ${mode}, data: ${join(this.folder, data)}, token: t, access: ${access}, ${https === undefined ? '' : `https: {certificate: ${https}}, `}${mode === 'independent' ? '' : `tls: ${tls}, `}listen: {console: "127.0.0.1:${String(console)}"${link === undefined ? '' : `, link: "127.0.0.1:${String(link)}"`}}}`,
      ...(partner === undefined ? [] : [`partners: [{symbol: ${partner.id}, address: 127.0.0.1, port: ${String(partner.port)}}]`]),
      ...(blocks === undefined ? [] : [blocks]),
    ];
    return this.tandem('run', '--site', site, '--node', this.write(`node-${id}-${String(this.runs.length)}.yaml`, lines.join('\n')), ...args);
  }

  /** The load PLC of simulators/demo, with its inspection. */
  async plc(points: number): Promise<{ readonly port: number; readonly inspection: string }> {
    const [port = 0, inspect = 0] = await freePorts(2);
    const run = this.spawn('simulators/demo/load-process.js', ['--points', String(points), '--port', String(port), '--inspect-port', String(inspect)]);
    await until('the PLC is ready', () => (run.stdout.startsWith('ready') ? true : undefined));
    return { port, inspection: `http://127.0.0.1:${String(inspect)}` };
  }

  /** The last lines of each process, to explain by them what went wrong. */
  said(lines: number): string {
    return this.runs.map(({ pid, stderr }) => [`process ${pid}:`, ...stderr.split('\n').slice(-lines)].join('\n')).join('\n');
  }

  async stop(): Promise<void> {
    for (const run of this.runs) {
      // One that a test has frozen would not hear anything else.
      run.child.kill('SIGKILL');
    }
    await Promise.all(this.runs.map(async (run) => run.exit()));
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Another script of the tests, by its path below `dist`. */
  script(path: string, ...args: readonly string[]): Run {
    return this.spawn(path, args);
  }

  private spawn(script: string, args: readonly string[]): Run {
    const run = new Run(spawn(process.execPath, [join(dist, script), ...args], { stdio: ['pipe', 'pipe', 'pipe'] }));
    this.runs.push(run);
    return run;
  }
}

/** Until the console of a node answers. */
export async function answers(url: string, run: Run): Promise<void> {
  await until(`${url} answers`, async () => {
    if (!run.running) throw new Error(`the node ended:\n${run.stderr}`);
    const response = await fetch(`${url}/healthz`).catch(() => undefined);
    return response?.ok === true ? true : undefined;
  }, 60_000); // (a process starts slowly where everything else starts, too)
}

/** Whether nobody listens there. */
export async function isSilent(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(1_000) }).then(() => false, () => true);
}

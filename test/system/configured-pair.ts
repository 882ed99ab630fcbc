import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigurationDocument, RedundancyStatus } from '../../src/contract/index.js';
import { freePorts, until } from './processes.js';
import { answers, Rig, type Run } from './rig.js';

export const TOKEN = 't';
export type Current = ConfigurationDocument & { readonly candidate?: { readonly file: string; readonly revision: string } };

export async function call<T>(url: string, path: string, method = 'GET', body?: unknown): Promise<T> {
  const response = await fetch(`${url}/api/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${TOKEN}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await response.json()) as T;
}

/** Two real nodes of one site with one PLC, and what a person does with their configuration. */
export class ConfiguredPair {
  readonly rig = new Rig();
  readonly urls: [string, string] = ['', ''];
  private readonly ports: number[] = [];
  private readonly runs: (Run | undefined)[] = [];

  async begin(): Promise<void> {
    const { port } = await this.rig.plc(20);
    this.text = [
      '# the plant of the tests',
      'site: {name: conf-test, timezone: UTC}',
      'redundancy: {pingRate: 100ms, missedPings: 5, failoverTime: 1s, connectionWait: 2s, staleWait: 30s, recovery: manual}',
      'polling: {fast: 100ms, normal: 200ms}',
      `devices: {plc: {driver: modbus-tcp, host: 127.0.0.1, port: ${String(port)}, unit: 1}}`,
      'points:',
      '  P.A: {device: plc, at: "hr:0", type: uint16}   # changes all the time',
      '  P.B: {device: plc, at: "hr:1", type: uint16}',
      '  P.C: {device: plc, at: "hr:2", type: uint16}',
      'alarms:',
      '  # never above',
      '  P.B.high: {point: P.B, high: -1, onDelay: 0s, class: test}',
      '',
    ].join('\n');
    this.ports.push(...(await freePorts(4)));
    for (const index of [0, 1] as const) {
      this.urls[index] = `http://127.0.0.1:${String(this.ports[index * 2])}`;
      writeFileSync(this.file(index), this.text);
    }
    await this.start(0);
    await this.start(1);
    await this.inSync();
  }

  text = '';

  file(index: 0 | 1): string {
    return join(this.rig.folder, `site-${String(index)}.yaml`);
  }

  async start(index: 0 | 1): Promise<Run> {
    const [id, other] = index === 0 ? ['A', 'B'] : ['B', 'A'];
    const run = this.rig.node(this.file(index), {
      id,
      mode: index === 0 ? 'main' : 'backup',
      console: this.ports[index * 2] ?? 0,
      link: this.ports[index * 2 + 1] ?? 0,
      partner: { id: other, port: this.ports[(1 - index) * 2 + 1] ?? 0 },
    });
    this.runs[index] = run;
    await answers(this.urls[index], run);
    return run;
  }

  async kill(index: 0 | 1): Promise<void> {
    this.runs[index]?.child.kill('SIGKILL');
    await this.runs[index]?.exit();
  }

  said(index: 0 | 1): string {
    const run = this.runs[index];
    return run === undefined ? '' : run.stdout + run.stderr;
  }

  async inSync(): Promise<RedundancyStatus> {
    return until('the pair is in sync', async () => {
      const both = await Promise.all(this.urls.map(async (url) => call<RedundancyStatus>(url, 'redundancy').catch(() => undefined)));
      return both.find((status) => status?.self.role === 'active' && status.protected);
    });
  }

  async current(index: 0 | 1): Promise<Current> {
    return call<Current>(this.urls[index], 'configuration');
  }

  async bothRun(revision: string): Promise<void> {
    await until(`both nodes run ${revision}`, async () => {
      const both = await Promise.all(this.urls.map(async (url) => call<RedundancyStatus>(url, 'redundancy').catch(() => undefined)));
      return both.every((status) => status?.revision === revision) ? true : undefined;
    });
  }
}

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ConfigurationDocument, RedundancyStatus } from '../../src/contract/index.js';
import { freePorts, until } from '../system/processes.js';
import { Rig } from '../system/rig.js';
import type { BenchOptions } from './main.js';

const TOKEN = 't';
const SCHEDULES = 200;
/** After an answer: what follows from it, on both nodes. */
const AFTER_MS = 2_000;

interface Block {
  readonly pid: number;
  readonly atMs: number;
  readonly blockMs: number;
}

/**
 * How long the event loop of each node of a pair is blocked while the configuration is changed, in processor time of its main thread: a text put
 * into force, one definition edited, two revisions compared, a definition read. In quiet, the same for as long: what it does anyway.
 */
export async function configurationBench({ points, cycles, log }: BenchOptions): Promise<Record<string, unknown>> {
  const rig = new Rig();
  const file = rig.write('stalls.jsonl', '');
  const before = process.env.NODE_OPTIONS;
  process.env.TANDEM_STALL_FILE = file;
  process.env.NODE_OPTIONS = `${before ?? ''} --import ${fileURLToPath(new URL('./stall-meter.js', import.meta.url))}`;
  try {
    return await run(rig, file, points, cycles, log);
  } catch (error) {
    log(rig.said(40));
    throw error;
  } finally {
    await rig.stop();
    delete process.env.TANDEM_STALL_FILE;
    if (before === undefined) delete process.env.NODE_OPTIONS;
    else process.env.NODE_OPTIONS = before;
  }
}

async function run(rig: Rig, file: string, points: number, cycles: number, log: (line: string) => void): Promise<Record<string, unknown>> {
  const [consoleA = 0, linkA = 0, consoleB = 0, linkB = 0] = await freePorts(4);
  const urls = [`http://127.0.0.1:${consoleA}`, `http://127.0.0.1:${consoleB}`];
  const site = rig.write('site.yaml', siteOf(points, 0));
  const nodes = [
    rig.node(site, { id: 'A', mode: 'main', console: consoleA, link: linkA, partner: { id: 'B', port: linkB } }),
    rig.node(site, { id: 'B', mode: 'backup', console: consoleB, link: linkB, partner: { id: 'A', port: linkA } }),
  ];
  const status = async (url: string): Promise<RedundancyStatus> => (await ask(url, 'GET', 'redundancy')) as RedundancyStatus;
  const leader = await until('the pair is in sync', async () => {
    const dead = nodes.find(({ running }) => !running);
    if (dead !== undefined) throw new Error(`a node ended:\n${dead.stderr}`);
    const all = await Promise.all(urls.map(async (each) => status(each).catch(() => undefined)));
    const at = all.findIndex((each) => each?.self.role === 'active' && each.protected);
    return at < 0 ? undefined : at;
  }, 120_000);
  const url = urls[leader] ?? '';
  const pids = { active: nodes[leader]?.pid, standby: nodes[1 - leader]?.pid };
  const current = async (): Promise<ConfigurationDocument> => (await ask(url, 'GET', 'configuration')) as ConfigurationDocument;
  const longest: Record<string, { active: number; standby: number }> = {};
  const measured = async (what: string, act: () => Promise<unknown>): Promise<void> => {
    const fromMs = Date.now();
    await act();
    await new Promise((resolve) => setTimeout(resolve, AFTER_MS));
    const blocks = readFileSync(file, 'utf8').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Block).filter(({ atMs }) => atMs >= fromMs);
    const most = (pid: number | undefined): number => Math.max(0, ...blocks.filter((block) => block.pid === pid).map(({ blockMs }) => blockMs));
    const found = { active: most(pids.active), standby: most(pids.standby) };
    log(`${what}: active ${blocks.filter(({ pid }) => pid === pids.active).map(({ blockMs }) => blockMs).join(' ')}; standby ${blocks.filter(({ pid }) => pid === pids.standby).map(({ blockMs }) => blockMs).join(' ')} ms`);
    longest[what] = { active: Math.max(found.active, longest[what]?.active ?? 0), standby: Math.max(found.standby, longest[what]?.standby ?? 0) };
  };
  await measured('quiet', async () => Promise.resolve());
  for (let cycle = 1; cycle <= cycles; cycle++) {
    await measured('apply', async () => ask(url, 'PUT', 'configuration', { text: siteOf(points, cycle), expected: (await current()).revision, comment: 'bench' }));
    await measured('edit', async () => ask(url, 'PUT', `configuration/alarms/A${cycle}`, { value: { point: 'P1', high: 50 + cycle } }));
    await measured('diff', async () => ask(url, 'GET', `configuration/diff?from=${(await current()).number - 1}&to=${(await current()).number}`));
    await measured('read', async () => ask(url, 'GET', 'configuration/alarms/A1'));
  }
  const { number } = await current();
  await until('both nodes hold it', async () => ((await Promise.all(urls.map(status))).every(({ seq, protected: held }, _, all) => held && seq === all[0]?.seq) ? true : undefined), 30_000);
  return { points, alarms: Math.ceil(points / 10), schedules: SCHEDULES, configurations: number, longestBlockMs: longest };
}

function siteOf(points: number, revision: number): string {
  const lines = Array.from({ length: points }, (_, id) => `  P${id}: {type: number, unit: degC, write: {priority: 10, max: ${id === 7 ? 50 + revision : 50}}}`);
  const alarms = Array.from({ length: Math.ceil(points / 10) }, (_, id) => `  A${id}: {point: P${id * 10}, high: 60, onDelay: 10s}`);
  const schedules = Array.from({ length: SCHEDULES }, (_, id) => `  S${id}: {writes: [P${points - 1 - id}], default: 18, weekly: {Mon-Fri: {"06:00": 21, "18:00": 18}}}`);
  return ['site: {name: bench, timezone: Europe/Berlin}', 'redundancy: {recovery: manual}', 'points:', ...lines, 'alarms:', ...alarms, 'schedules:', ...schedules, 'trends: [{points: ["P*0"], mode: interval, every: 1min}]', ''].join('\n');
}

async function ask(url: string, method: string, path: string, body?: object): Promise<unknown> {
  const answer = await fetch(`${url}/api/v1/${path}`, { method, headers: { authorization: `Bearer ${TOKEN}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 500)}`);
  return text === '' ? undefined : JSON.parse(text);
}

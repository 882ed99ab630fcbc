import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writableStart } from '../../simulators/load/load-plc.js';
import type { HistorySample } from '../../src/clients/index.js';
import type { AuditEntry, RedundancyStatus, WireAlarm, WireLog } from '../../src/contract/index.js';
import { seededRandom } from '../../simulators/virtual-time/index.js';
import { freePorts, until } from '../system/processes.js';
import { answers, Rig, type Run } from '../system/rig.js';
import { entriesOf, type EntryFigures, type KillTimes } from './kill-evidence.js';

const ENTRY_MS = 5_000;
const TOKEN = 't';
type Sent = Readonly<Record<string, { readonly times: number; readonly unmarked: number; readonly event: string }>>;

/** What the building's functions left behind when a pair of real processes was killed so often. */
export interface KillFigures extends EntryFigures, Record<string, unknown> {
  readonly kills: number;
  /** Entries of the journal that are missing or there twice, of `journal`. */
  readonly journal: number;
  readonly journalWrong: number;
  /** Messages that were lost, or sent again without saying so. */
  readonly messages: number;
  readonly messagesLost: number;
  readonly messagesRepeatedUnmarked: number;
  readonly messagesRepeatedMarked: number;
  /** Recorded changes that are missing or there twice. */
  readonly samples: number;
  readonly samplesWrong: number;
  /** Pair time of the active node against the wall clock, which both nodes share here: farthest behind and ahead; how often it went back, from one answer or one entry of the journal to the next. */
  readonly pairTimeBehindMs: number;
  readonly pairTimeAheadMs: number;
  readonly pairTimeBackwards: number;
}

/** Two nodes, a PLC, a receiver of webhooks; an alarm with a delay is raised, acknowledged and returns around each `kill -9`. */
export async function realKills(kills: number, log: (line: string) => void): Promise<KillFigures> {
  const rig = new Rig();
  const receiver = await webhookReceiver();
  try {
    return await run(rig, receiver, kills, log);
  } finally {
    await rig.stop();
    await receiver.close();
  }
}

async function run(rig: Rig, receiver: { readonly url: string; readonly sent: () => Sent }, kills: number, log: (line: string) => void): Promise<KillFigures> {
  const random = seededRandom('real kills');
  const plc = await rig.plc(10);
  const [consoleA = 0, linkA = 0, consoleB = 0, linkB = 0] = await freePorts(4);
  const urls = [`http://127.0.0.1:${consoleA}`, `http://127.0.0.1:${consoleB}`];
  const firstMs = Math.floor(Date.now() / ENTRY_MS) * ENTRY_MS;
  const site = rig.write('site.yaml', siteOf(plc.port, kills, firstMs));
  const blocks = `notifications: {webhooks: {duty: {url: "${receiver.url}"}}}`;
  const start = (index: number): Run =>
    index === 0
      ? rig.node(site, { id: 'A', mode: 'main', console: consoleA, link: linkA, partner: { id: 'B', port: linkB }, blocks })
      : rig.node(site, { id: 'B', mode: 'backup', console: consoleB, link: linkB, partner: { id: 'A', port: linkA }, blocks });
  const nodes = [start(0), start(1)];
  const runs = nodes.map((node, index) => ({ node, name: 'AB'.charAt(index) }));
  const killTimes: KillTimes[] = [];
  const pairTime = new PairTimeWatch();
  const statusOf = async (url: string): Promise<RedundancyStatus | undefined> => {
    const askedMs = Date.now();
    const status = await get<RedundancyStatus>(`${url}/api/v1/redundancy`).catch(() => undefined);
    if (status?.self.role === 'active' && status.pairTime !== undefined) pairTime.told(status.pairTime, askedMs);
    return status;
  };
  const active = async (): Promise<number> =>
    until('a node is active', async () => {
      const at = (await Promise.all(urls.map(statusOf))).findIndex((status) => status?.self.role === 'active');
      return at < 0 ? undefined : at;
    });
  const inSync = async (): Promise<void> => {
    await until('the pair is in sync', async () => ((await Promise.all(urls.map(statusOf))).some((status) => status?.self.role === 'active' && status.protected) ? true : undefined), 60_000);
  };
  /** At whichever node is active, until it is done. */
  const insist = async (method: string, path: string, body: object): Promise<void> => {
    await until(`${method} ${path}`, async () => {
      const answer = await fetch(`${urls[await active()] ?? ''}/api/v1/${path}`, { method, headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` }, body: JSON.stringify(body) }).catch(() => undefined);
      return answer?.ok === true ? true : undefined;
    }, 60_000);
  };
  const alarmIs = async (what: string, is: (alarm: Partial<WireAlarm>) => boolean): Promise<void> => {
    await until(what, async () => {
      const { alarm } = await get<{ alarm: WireAlarm | null }>(`${urls[await active()] ?? ''}/api/v1/alarms/Hot`).catch(() => ({ alarm: null }));
      return is(alarm ?? {}) ? true : undefined;
    }, 60_000);
  };
  await Promise.all(urls.map(async (url, index) => answers(url, nodes[index] as Run)));
  await inSync();
  await insist('PUT', 'points/Hot', { value: 20, id: 'first' });
  for (let kill = 1; kill <= kills; kill++) {
    await insist('PUT', 'points/Hot', { value: 30 + kill, id: `hot ${kill}` });
    // Every other one within the moment in which an entry of the schedule comes into force.
    await pause(random.next() < 0.5 ? random.below(2_500) : ENTRY_MS - (Date.now() % ENTRY_MS) + random.below(400));
    const leader = await active();
    const victim = random.next() < 0.8 ? leader : 1 - leader;
    const killedMs = Date.now();
    nodes[victim]?.child.kill('SIGKILL');
    await nodes[victim]?.exit();
    await active();
    if (victim === leader) killTimes.push({ node: 'AB'.charAt(victim), killedMs, activeMs: Date.now() });
    await alarmIs(`occurrence ${kill}`, ({ state, occurrence }) => state === 'unacknowledged' && occurrence === kill);
    await insist('POST', 'alarms/Hot/acknowledge', { occurrence: kill });
    const again = start(victim);
    nodes[victim] = again;
    runs.push({ node: again, name: 'AB'.charAt(victim) });
    await insist('PUT', 'points/Hot', { value: 20, id: `calm ${kill}` });
    await alarmIs('it returns', ({ state }) => state === 'normal');
    await inSync();
    log(`kill ${kill}/${kills}: node ${victim === 0 ? 'A' : 'B'}${victim === leader ? ', which was active' : ''}`);
  }
  await until('everything is sent', async () => ((await get<{ pending: unknown[] }>(`${urls[await active()] ?? ''}/api/v1/notifications`).catch(() => ({ pending: [1] }))).pending.length === 0 ? true : undefined));
  const said = runs.flatMap(({ node, name }) => node.stderr.split('\n').map((line) => `${name}: ${line}`));
  return figuresOf(urls[await active()] ?? '', plc.inspection, receiver.sent(), kills, { firstMs, kills: killTimes, said }, pairTime);
}

interface Watched {
  /** When entry 100 comes into force. */
  readonly firstMs: number;
  readonly kills: readonly KillTimes[];
  readonly said: readonly string[];
}

async function figuresOf(url: string, inspection: string, sent: Sent, kills: number, watched: Watched, pairTime: PairTimeWatch): Promise<KillFigures> {
  const { entries } = await get<{ entries: WireLog[] }>(`${url}/api/v1/alarms/journal?alarm=Hot&limit=10000`);
  const journal = entries.reverse().map(({ data }) => `${(data as { event: string }).event} ${(data as { occurrence: number }).occurrence}`);
  const expected = Array.from({ length: kills }, (_, index) => ['raised', 'acknowledged', 'returned'].map((event) => `${event} ${index + 1}`)).flat();
  for (const { timeMs } of entries) pairTime.recorded(timeMs);
  const { writes } = await get<{ writes: { timeMs: number; values: number[] }[] }>(`${inspection}/writes?since=0`);
  const arrivals = writes.map(({ timeMs, values }) => ({ timeMs, value: values[0] ?? 0 })).filter(({ value }) => value > 1);
  const audit = (await get<{ entries: AuditEntry[] }>(`${url}/api/v1/audit?who=schedule%20Fives&limit=10000`)).entries.filter(({ who }) => who === 'schedule Fives');
  const { samples } = await get<{ samples: (HistorySample & { quality: string })[] }>(`${url}/api/v1/history?point=Hot&from=0&to=${String(Date.now() + 60_000)}&limit=100000`);
  const recorded = samples.filter(({ quality }) => quality === 'good').map(({ value }) => Number(value));
  const changes = [20, ...Array.from({ length: kills }, (_, index) => [31 + index, 20]).flat()];
  const messages = Object.values(sent);
  return {
    kills,
    journal: journal.length,
    journalWrong: unlike(expected, journal),
    messages: messages.length,
    messagesLost: kills * 2 - messages.length,
    messagesRepeatedUnmarked: messages.reduce((sum, { unmarked }) => sum + Math.max(0, unmarked - 1), 0),
    messagesRepeatedMarked: messages.reduce((sum, { times, unmarked }) => sum + times - unmarked, 0),
    ...entriesOf({ arrivals, audit, kills: watched.kills, said: watched.said, dueMs: (value) => watched.firstMs + (value - 100) * ENTRY_MS }, ENTRY_MS),
    samples: recorded.length,
    samplesWrong: unlike(changes.map(String), recorded.map(String)),
    pairTimeBehindMs: pairTime.behindMs,
    pairTimeAheadMs: pairTime.aheadMs,
    pairTimeBackwards: pairTime.backwards,
  };
}

/** How many places differ, counting what is too much or too little. */
function unlike(expected: readonly string[], actual: readonly string[]): number {
  return Array.from({ length: Math.max(expected.length, actual.length) }, (_, index) => index).filter((index) => expected[index] !== actual[index]).length;
}

/** Whether pair time keeps to the wall clock, and never goes back. */
class PairTimeWatch {
  behindMs = 0;
  aheadMs = 0;
  backwards = 0;
  private lastMs = -Infinity;
  private lastRecordedMs = -Infinity;

  told({ nowMs, aheadOfWallMs }: NonNullable<RedundancyStatus['pairTime']>, askedMs: number): void {
    if (nowMs < this.lastMs) this.backwards += 1;
    this.lastMs = Math.max(this.lastMs, nowMs);
    // By the node's own word, and by when it was asked: it cannot have been later.
    this.behindMs = Math.max(this.behindMs, -aheadOfWallMs, askedMs - nowMs);
    this.aheadMs = Math.max(this.aheadMs, aheadOfWallMs);
  }

  recorded(timeMs: number): void {
    if (timeMs < this.lastRecordedMs) this.backwards += 1;
    this.lastRecordedMs = timeMs;
  }
}

function siteOf(plcPort: number, kills: number, first: number): string {
  const text = (ms: number): string => new Date(ms).toISOString().slice(11, 19);
  const entries = Array.from({ length: Math.min(17_000, Math.ceil((kills * 20_000 + 120_000) / ENTRY_MS)) }, (_, index) => `"${text(first + index * ENTRY_MS)}": ${100 + index}`).join(', ');
  return `
site: {name: kills, timezone: UTC}
redundancy: {recovery: manual, pingRate: 100ms, missedPings: 4, failoverTime: 1s, connectionWait: 5s, staleWait: 10s, recoveryHold: 5s}
devices: {plc: {driver: modbus-tcp, host: 127.0.0.1, port: ${plcPort}, unit: 1, maxInFlight: 4}}
communicationAlarms: false
points:
  Sched.Sp: {device: plc, at: "hr:${writableStart}", type: uint16, write: true}
  Hot: {type: number, write: true}
alarms: {Hot: {point: Hot, high: 30, onDelay: 1s}}
notifications: {recipients: {duty: {webhook: duty}}, routes: [{to: [duty], classes: [general], on: [raised, returned]}]}
schedules: {Fives: {writes: [Sched.Sp], default: 1, weekly: {Mon-Sun: {${entries}}}}}
trends: [{points: [Hot], mode: change}]
`;
}

/** A real HTTP server: by message id how often it came, and how often without saying that it may be a repeat. */
async function webhookReceiver(): Promise<{ url: string; sent: () => Sent; close: () => Promise<void> }> {
  const sent: Record<string, { times: number; unmarked: number; event: string }> = {};
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
    request.on('end', () => {
      const { id, event, possibleRepeat } = JSON.parse(text) as { id: string; event: string; possibleRepeat: boolean };
      const entry = (sent[id] ??= { times: 0, unmarked: 0, event });
      entry.times += 1;
      if (!possibleRepeat) entry.unmarked += 1;
      response.end('ok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    sent: () => sent,
    close: async () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    }),
  };
}

async function get<T>(url: string): Promise<T> {
  const answer = await fetch(url, { headers: { authorization: `Bearer ${TOKEN}` } });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return (await answer.json()) as T;
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

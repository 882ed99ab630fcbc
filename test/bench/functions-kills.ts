import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writableStart } from '../../simulators/load/load-plc.js';
import type { HistorySample } from '../../src/clients/index.js';
import type { RedundancyStatus, WireAlarm, WireLog } from '../../src/contract/index.js';
import { seededRandom } from '../../simulators/virtual-time/index.js';
import { freePorts, until } from '../system/processes.js';
import { answers, Rig, type Run } from '../system/rig.js';

const ENTRY_MS = 5_000;
const TOKEN = 't';
type Sent = Readonly<Record<string, { readonly times: number; readonly unmarked: number; readonly event: string }>>;

/** What the building's functions left behind when a pair of real processes was killed so often. */
export interface KillFigures extends Record<string, unknown> {
  readonly kills: number;
  /** Entries of the journal that are missing or there twice, of `journal`. */
  readonly journal: number;
  readonly journalWrong: number;
  /** Messages that were lost, or sent again without saying so. */
  readonly messages: number;
  readonly messagesLost: number;
  readonly messagesRepeatedUnmarked: number;
  readonly messagesRepeatedMarked: number;
  /** Entries of the schedule that reached the device; twice; after a later one. Passed over: another was in force before a node was active again. */
  readonly entries: number;
  readonly entriesTwice: number;
  readonly entriesBackwards: number;
  readonly entriesPassedOver: number;
  /** Recorded changes that are missing or there twice. */
  readonly samples: number;
  readonly samplesWrong: number;
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
  const site = rig.write('site.yaml', siteOf(plc.port, kills));
  const blocks = `notifications: {webhooks: {duty: {url: "${receiver.url}"}}}`;
  const start = (index: number): Run =>
    index === 0
      ? rig.node(site, { id: 'A', mode: 'main', console: consoleA, link: linkA, partner: { id: 'B', port: linkB }, blocks })
      : rig.node(site, { id: 'B', mode: 'backup', console: consoleB, link: linkB, partner: { id: 'A', port: linkA }, blocks });
  const nodes = [start(0), start(1)];
  const statusOf = async (url: string): Promise<RedundancyStatus | undefined> => get<RedundancyStatus>(`${url}/api/v1/redundancy`).catch(() => undefined);
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
    await pause(random.below(2_500));
    const leader = await active();
    const victim = random.next() < 0.8 ? leader : 1 - leader;
    nodes[victim]?.child.kill('SIGKILL');
    await nodes[victim]?.exit();
    await alarmIs(`occurrence ${kill}`, ({ state, occurrence }) => state === 'unacknowledged' && occurrence === kill);
    await insist('POST', 'alarms/Hot/acknowledge', { occurrence: kill });
    nodes[victim] = start(victim);
    await insist('PUT', 'points/Hot', { value: 20, id: `calm ${kill}` });
    await alarmIs('it returns', ({ state }) => state === 'normal');
    await inSync();
    log(`kill ${kill}/${kills}: node ${victim === 0 ? 'A' : 'B'}${victim === leader ? ', which was active' : ''}`);
  }
  await until('everything is sent', async () => ((await get<{ pending: unknown[] }>(`${urls[await active()] ?? ''}/api/v1/notifications`).catch(() => ({ pending: [1] }))).pending.length === 0 ? true : undefined));
  return figuresOf(urls[await active()] ?? '', plc.inspection, receiver.sent(), kills);
}

async function figuresOf(url: string, inspection: string, sent: Sent, kills: number): Promise<KillFigures> {
  const { entries } = await get<{ entries: WireLog[] }>(`${url}/api/v1/alarms/journal?alarm=Hot&limit=10000`);
  const journal = entries.reverse().map(({ data }) => `${(data as { event: string }).event} ${(data as { occurrence: number }).occurrence}`);
  const expected = Array.from({ length: kills }, (_, index) => ['raised', 'acknowledged', 'returned'].map((event) => `${event} ${index + 1}`)).flat();
  const { writes } = (await get<{ writes: { address: number; values: number[] }[] }>(`${inspection}/writes?since=0`));
  const written = writes.map(({ values }) => values[0] ?? 0).filter((value) => value > 1);
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
    entries: written.length,
    entriesTwice: written.length - new Set(written).size,
    entriesBackwards: written.filter((value, index) => value < (written[index - 1] ?? 0)).length,
    entriesPassedOver: Math.max(...written) - Math.min(...written) + 1 - new Set(written).size,
    samples: recorded.length,
    samplesWrong: unlike(changes.map(String), recorded.map(String)),
  };
}

/** How many places differ, counting what is too much or too little. */
function unlike(expected: readonly string[], actual: readonly string[]): number {
  return Array.from({ length: Math.max(expected.length, actual.length) }, (_, index) => index).filter((index) => expected[index] !== actual[index]).length;
}

function siteOf(plcPort: number, kills: number): string {
  const first = Math.floor(Date.now() / ENTRY_MS) * ENTRY_MS;
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
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return (await answer.json()) as T;
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

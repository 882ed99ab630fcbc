import { drivers } from '../../drivers/index.js';
import { loadNode, loadSite, type LoadedSite } from '../../src/config/index.js';
import type { Arbitration, NodeConfig, SiteConfig } from '../../src/contract/index.js';

export const ADDRESSES = { A: '10.0.0.1', B: '10.0.0.2', C: '10.0.0.3', plc1: '10.0.1.1', plc2: '10.0.1.2', client: '10.0.2.1', W: '10.0.3.1' } as const;
/** The nodes on the network that carries nothing but heartbeats. */
export const SECOND = { A: '10.9.0.1', B: '10.9.0.2' } as const;
const SECOND_PORT = 8097;
/** Where nodes listen for each other. */
export const LINK_PORT = 8099;
export const WITNESS_PORT = 8098;
export const WITNESS_SECRET = 'a secret of three machines';
export const TOKEN = 'sim';

export type NodeId = 'A' | 'B' | 'C';

/** Points that clients write. Every command of a story carries a value of its own, so that the PLC's ledger names the command. */
export const WRITABLE = ['Sp1', 'Sp2', 'Sp3', 'Pulse', 'Far.Sp'] as const;
/** Written twice it counts twice: a command to it may never be repeated. */
export const PULSE = 'Pulse';
export const PULSE_REGISTER = 20;
export const SCHEDULED = { point: 'Sched.Sp', device: 'plc1', register: 30 } as const;

/** Alarm, the register that causes it, and its limit. */
export const ALARMS = [
  { name: 'Hot', device: 'plc1', register: 0, high: 30 },
  { name: 'HotLater', device: 'plc1', register: 2, high: 30 },
  { name: 'FarHot', device: 'plc2', register: 0, high: 30 },
] as const;

/** Registers whose values wander, and their points. */
export const WANDERING = [
  { point: 'T1', device: 'plc1', register: 4 },
  { point: 'T2', device: 'plc1', register: 6 },
  { point: 'Far.T', device: 'plc2', register: 2 },
] as const;

export interface SiteOptions {
  readonly startMs: number;
  readonly recovery: 'automatic' | 'manual';
  readonly policy: 'prefer-availability' | 'prefer-safety';
  /** A third machine decides. */
  readonly witness?: boolean;
  /** A lease that outlasts the silence after which the standby asks. */
  readonly longLease?: boolean;
  /** Who goes on where two nodes are active (R21); `field` where absent. */
  readonly arbitration?: Arbitration;
  /** Control moves soon to the node that reaches more of the field (R31). */
  readonly fieldMoves?: boolean;
}

export const TIMING = { pingRateMs: 250, missedPings: 3, failoverTimeMs: 1_000, connectionWaitMs: 3_000, staleWaitMs: 20_000, confirmWaitMs: 1_000, recoveryHoldMs: 5_000, disarmAfterMs: 8_000 } as const;

const cache = new Map<string, SiteConfig>();

/** The site of all stories: two PLCs, one of which takes a single connection; alarms, trends, and a schedule with an entry each minute. */
export function siteOf(options: SiteOptions): SiteConfig {
  const key = JSON.stringify(options);
  let site = cache.get(key);
  if (site === undefined) {
    const loaded = loadText(documentOf(options));
    if (loaded.site === undefined) throw new Error(JSON.stringify(loaded.problems));
    cache.set(key, (site = loaded.site));
  }
  return site;
}

const loadedTexts = new Map<string, LoadedSite>();

/** Reads a site document as a node does. */
export function loadText(text: string): LoadedSite {
  let loaded = loadedTexts.get(text);
  if (loaded === undefined) loadedTexts.set(text, (loaded = loadSite({ path: 'site.yaml', text }, drivers)));
  return loaded;
}

/** The same site with its points in another order and one more: every index means another point. */
export function editedText(options: SiteOptions, edit: number): string {
  const [before = '', after = ''] = documentOf(options).split(/(?<=^points:\n)/m);
  const lines = after.split('\n');
  const points = lines.slice(0, lines.indexOf('alarms:'));
  const turned = [...points.slice(edit % points.length), `  Extra${edit}: {device: plc1, at: "ir:8", type: float32}`, ...points.slice(0, edit % points.length)];
  return `${before}${[...turned, ...lines.slice(points.length)].join('\n')}`;
}

/** `C` only reads (R36). `arbitration: priority` prefers the backup here, as `main` would not. */
export function nodeOf(id: NodeId, secondPath: boolean, arbitration?: Arbitration): NodeConfig {
  const text = id === 'C' ? readerDocument() : pairDocument(id, secondPath, arbitration === 'priority' ? `\n  priority: ${id === 'A' ? 2 : 1}` : '');
  const { node, problems } = loadNode({ path: `/data/node-${id}.yaml`, text }, 0);
  if (node === undefined) throw new Error(JSON.stringify(problems));
  return node.config;
}

function readerDocument(): string {
  return `
node:
  id: C
  mode: reader
  data: /data/C
  listen: {console: "${ADDRESSES.C}:8080", link: "${ADDRESSES.C}:${LINK_PORT}"}
partners:
  - {symbol: A, address: ${ADDRESSES.A}, port: ${LINK_PORT}}
  - {symbol: B, address: ${ADDRESSES.B}, port: ${LINK_PORT}}
`;
}

function pairDocument(id: 'A' | 'B', secondPath: boolean, more: string): string {
  const other = id === 'A' ? 'B' : 'A';
  return `
node:
  id: ${id}
  mode: ${id === 'A' ? 'main' : 'backup'}${more}
  data: /data/${id}
  listen: {console: "${ADDRESSES[id]}:8080", link: "${ADDRESSES[id]}:${LINK_PORT}"${secondPath ? `, heartbeat: "${SECOND[id]}:${SECOND_PORT}"` : ''}}
partners:
  - {symbol: ${other}, address: ${ADDRESSES[other]}, port: ${LINK_PORT}${secondPath ? `, secondPath: "${SECOND[other]}:${SECOND_PORT}"` : ''}}
`;
}

export function documentOf({ startMs, recovery, policy, witness, longLease, arbitration, fieldMoves }: SiteOptions): string {
  return `
site: {name: sim, timezone: Europe/Berlin}
redundancy:
  recovery: ${recovery}
  recoveryHold: ${TIMING.recoveryHoldMs}ms
  maxHandBacksPerHour: 6
  activity: warm
  pingRate: ${TIMING.pingRateMs}ms
  missedPings: ${longLease === true ? 2 : TIMING.missedPings}
  failoverTime: ${TIMING.failoverTimeMs}ms
  connectionWait: ${TIMING.connectionWaitMs}ms
  staleWait: ${TIMING.staleWaitMs}ms
  withoutWitness: ${policy}
  confirmWait: ${TIMING.confirmWaitMs}ms${witness === true ? `
  witness: {address: ${ADDRESSES.W}, port: ${WITNESS_PORT}, disarmAfter: ${TIMING.disarmAfterMs}ms${longLease === true ? ', lease: 700ms, promise: 1000ms' : ''}}` : ''}${arbitration === undefined ? '' : `\n  arbitration: ${arbitration}`}${fieldMoves === true ? '\n  fieldSwitchHold: 4s' : ''}
polling: {fast: 500ms, normal: 1s, slow: ${fieldMoves === true ? '2s' : '5s'}}
devices:
  plc1: {driver: modbus-tcp, host: ${ADDRESSES.plc1}, maxInFlight: 4, timeout: 500ms}
  plc2: {driver: modbus-tcp, host: ${ADDRESSES.plc2}, exclusive: true, timeout: 500ms}
points:
  Hot: {device: plc1, at: "ir:0", type: float32, poll: fast}
  HotLater: {device: plc1, at: "ir:2", type: float32, poll: fast}
  T1: {device: plc1, at: "ir:4", type: float32}
  T2: {device: plc1, at: "ir:6", type: float32, cov: 0.5}
  Far.Hot: {device: plc2, at: "ir:0", type: float32}
  Far.T: {device: plc2, at: "ir:2", type: float32}
  Sp1: {device: plc1, at: "hr:10", type: uint32, write: true}
  Sp2: {device: plc1, at: "hr:12", type: uint32, write: {verify: echo}}
  Sp3: {device: plc1, at: "hr:14", type: uint32, poll: slow, write: true}
  Pulse: {device: plc1, at: "hr:${PULSE_REGISTER}", type: uint32, write: {verify: echo, repeatable: false}}
  Sched.Sp: {device: plc1, at: "hr:30", type: uint32, write: true}
  Far.Sp: {device: plc2, at: "hr:10", type: uint32, write: true}
alarms:
  Hot: {point: Hot, high: 30, deadband: 1}
  HotLater: {point: HotLater, high: 30, deadband: 1, onDelay: 2s, offDelay: 1s, priority: 1}
  FarHot: {point: Far.Hot, high: 30, deadband: 1, onDelay: 1s}
schedules:
  Minutes:
    writes: [Sched.Sp]
    default: 1
    weekly:
      Mon-Sun: {${entriesFrom(startMs)}}
trends:
  - {points: [T1, Far.T], mode: change, deadband: 0.2, atLeastEvery: 1min}
  - {points: [T2, Hot], mode: interval, every: 5s}
`;
}

/** One entry for each minute of the local clock around the story, each with a value of its own. */
function entriesFrom(startMs: number): string {
  const date = new Date(startMs);
  // Berlin is an hour or two ahead; the night of a change has both.
  const first = Math.max(0, (date.getUTCHours() - 1) * 60);
  const last = Math.min(1_439, (date.getUTCHours() + 4) * 60);
  const entries: string[] = [];
  for (let minute = first; minute <= last; minute++) {
    const text = `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
    entries.push(`"${text}": ${1_000 + minute}`);
  }
  return entries.join(', ');
}

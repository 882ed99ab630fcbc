import { Subject, type Observable } from 'rxjs';
import type { NodeConfig, RedundancySettings, SettingInForce } from '../contract/index.js';

type Key = keyof RedundancySettings;

/** Where a witness is in force, promises have been given by these: they hang together, and count from a node's next start on. */
const PROMISED: readonly Key[] = ['witness', 'pingRateMs', 'missedPings', 'pingTimeoutMs', 'failoverTimeMs', 'connectionWaitMs', 'staleWaitMs', 'confirmWaitMs', 'httpConnectTimeoutMs', 'webSocketTimeoutMs'];

/** In the order of docs/configuration.md. */
const KEYS: Readonly<Record<Key, true>> = {
  recovery: true,
  recoveryHoldMs: true,
  maxHandBacksPerHour: true,
  activity: true,
  compareHoldMs: true,
  pingRateMs: true,
  missedPings: true,
  pingTimeoutMs: true,
  failoverTimeMs: true,
  connectionWaitMs: true,
  staleWaitMs: true,
  withoutWitness: true,
  confirmWaitMs: true,
  retryCount: true,
  httpConnectTimeoutMs: true,
  webSocketTimeoutMs: true,
  arbitration: true,
  fieldSwitch: true,
  drillEveryMs: true,
  clockSkewLimitMs: true,
  loadSharing: true,
  witness: true,
  registers: true,
  watchdog: true,
  deadMan: true,
};
const ALL = Object.keys(KEYS) as Key[];

/** What may be taken over from `wanted` on a running node, and what waits for its next start. Pure. */
export function settingsToTake(now: RedundancySettings, wanted: RedundancySettings): { readonly next: RedundancySettings; readonly waiting: readonly Key[] } {
  if (now.witness === undefined && wanted.witness === undefined) return { next: wanted, waiting: [] };
  const kept = Object.fromEntries(PROMISED.flatMap((key) => (now[key] === undefined ? [] : [[key, now[key]]])));
  const free = Object.fromEntries(Object.entries(wanted).filter(([key]) => !PROMISED.includes(key as Key)));
  return { next: { ...free, ...kept } as unknown as RedundancySettings, waiting: PROMISED.filter((key) => !same(now[key], wanted[key])) };
}

/**
 * The settings of the pair in force on this node (R11): one object, whose fields change when another configuration says so,
 * at a moment of the pair's choosing. What cannot change under way is told.
 */
export class LiveSettings {
  readonly current: RedundancySettings;
  private wanted: RedundancySettings;
  private readonly asked = new Subject<void>();

  constructor(started: RedundancySettings) {
    this.current = { ...started };
    this.wanted = started;
  }

  /** The configuration that has come into force says something new. */
  get asked$(): Observable<void> {
    return this.asked;
  }

  /** Names of those that count from the next start on. */
  get waiting(): readonly string[] {
    return settingsToTake(this.current, this.wanted).waiting.map(nameOf);
  }

  /** Another configuration is in force. */
  want(settings: RedundancySettings): void {
    this.wanted = settings;
    this.asked.next();
  }

  /** Puts into force what may be; what has changed by it, as sentences. */
  take(): readonly string[] {
    const { next } = settingsToTake(this.current, this.wanted);
    const changes = ALL.filter((key) => !same(this.current[key], next[key])).map((key) => `${nameOf(key)} ${textOf(key, this.current)} → ${textOf(key, next)}`);
    for (const key of ALL) {
      if (next[key] === undefined) Reflect.deleteProperty(this.current, key);
      else Reflect.set(this.current, key, next[key]);
    }
    return changes;
  }

  /** Each setting as it is in force, and as the configuration has it; then what the node's own document says. */
  rows({ link, console: web, heartbeat, mode }: NodeConfig, tls: 'on' | 'off'): readonly SettingInForce[] {
    const { waiting } = this;
    const ofSite = ALL.map((key) => ({ name: nameOf(key), source: 'site' as const, inForce: textOf(key, this.current), configured: textOf(key, this.wanted), needsRestart: waiting.includes(nameOf(key)) }));
    if (mode === 'independent') return ofSite;
    const ofNode = { 'listen.link': `${link.host}:${link.port}`, 'listen.console': `${web.host}:${web.port}`, 'listen.heartbeat': heartbeat === undefined ? 'none' : `${heartbeat.host}:${heartbeat.port}`, tls };
    return [...ofSite, ...Object.entries(ofNode).map(([name, inForce]) => ({ name, source: 'node' as const, inForce, needsRestart: false }))];
  }
}

/** As the site document calls it. */
function nameOf(key: string): string {
  return key.replace(/Ms$/, '');
}

function textOf(key: Key, settings: RedundancySettings): string {
  const value = settings[key];
  if (value === undefined) return key === 'pingTimeoutMs' ? 'pingRate × missedPings' : key === 'fieldSwitch' ? 'never' : key === 'loadSharing' ? 'true' : 'none';
  if (typeof value !== 'object') return withUnit(key, value);
  // What a server outside is called by may be a secret.
  return Object.entries(value)
    .filter(([name]) => name !== 'url')
    .map(([name, part]) => `${nameOf(name)} ${withUnit(name, part)}`)
    .join(', ');
}

function withUnit(key: string, value: unknown): string {
  return `${typeof value === 'string' ? value : JSON.stringify(value)}${key.endsWith('Ms') ? ' ms' : ''}`;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

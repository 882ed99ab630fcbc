import { z } from 'zod';
import { durationMs, type RedundancySettings, type WitnessSettings } from '../contract/index.js';
import type { DocumentProblems } from './problem-list.js';
import { checkBlock, checkKeys, isRecord } from './schema-check.js';
import { lifeSignShapes, readLifeSigns } from './life-signs.js';
import { readWitness, witnessShape } from './witness-settings.js';

/** Keys of `redundancy:` with their defaults, which are safe on a real network. */
const shape = {
  recovery: z.enum(['automatic', 'manual']).default('automatic'),
  recoveryHold: durationMs.default(300_000),
  maxHandBacksPerHour: z.int().min(0).max(3600).default(2),
  activity: z.enum(['cold', 'warm', 'hot']).default('warm'),
  compareHold: durationMs.optional(),
  pingRate: durationMs.default(250),
  missedPings: z.int().max(1000).default(3),
  pingTimeout: durationMs.optional(),
  failoverTime: durationMs.default(1_000),
  connectionWait: durationMs.default(60_000),
  staleWait: durationMs.default(300_000),
  withoutWitness: z.enum(['prefer-availability', 'prefer-safety']).default('prefer-availability'),
  confirmWait: durationMs.default(2_000),
  witness: witnessShape.optional(),
  ...lifeSignShapes,
  drillEvery: durationMs.default(0),
  retryCount: z.int().min(1).max(10_000).default(10),
  httpConnectTimeout: durationMs.optional(),
  webSocketTimeout: durationMs.optional(),
  clockSkewLimit: durationMs.default(2_000),
  loadSharing: z.boolean().default(true),
  arbitration: z.enum(['field', 'longest-active', 'main', 'priority']).default('field'),
  fieldSwitch: z.enum(['automatic', 'never']).default('automatic'),
  fieldSwitchMargin: z.number().positive().max(1e6).default(1),
  fieldSwitchHold: durationMs.default(30_000),
};

type Key = keyof typeof shape;

/** Reads the section and refuses combinations that could not keep their promise. */
export function readRedundancy(raw: unknown, problems: DocumentProblems): RedundancySettings | undefined {
  const section = raw ?? {};
  if (isRecord(section)) checkKeys(Object.keys(section), Object.keys(shape), problems);
  const checked = checkBlock(z.object(shape), section, problems);
  if (checked === undefined || !isRecord(section)) return undefined;
  const { read, wrong } = checked;
  if (read.pingTimeout !== undefined && 'missedPings' in section) {
    problems.error('CONFIG_CLASH', 'give `missedPings` or `pingTimeout`, not both: they say the same, in periods and in time', ['pingTimeout']);
  }
  const silenceMs = read.pingTimeout ?? read.pingRate * read.missedPings;
  const witness: WitnessSettings | undefined = read.witness === undefined ? undefined : readWitness(read.witness, { ...read, silenceMs }, problems.at('witness'));
  const settings: RedundancySettings = {
    recovery: read.recovery,
    recoveryHoldMs: read.recoveryHold,
    maxHandBacksPerHour: read.maxHandBacksPerHour,
    activity: read.activity,
    compareHoldMs: read.compareHold ?? Math.max(10_000, read.confirmWait),
    pingRateMs: read.pingRate,
    missedPings: read.missedPings,
    ...(read.pingTimeout === undefined ? {} : { pingTimeoutMs: read.pingTimeout }),
    failoverTimeMs: read.failoverTime,
    connectionWaitMs: read.connectionWait,
    staleWaitMs: read.staleWait,
    withoutWitness: read.withoutWitness,
    confirmWaitMs: read.confirmWait,
    clockSkewLimitMs: read.clockSkewLimit,
    ...(read.loadSharing ? {} : { loadSharing: false as const }),
    drillEveryMs: read.drillEvery,
    retryCount: read.retryCount,
    httpConnectTimeoutMs: read.httpConnectTimeout ?? silenceMs,
    webSocketTimeoutMs: read.webSocketTimeout ?? Math.max(read.failoverTime, 500),
    arbitration: read.arbitration,
    ...(read.fieldSwitch === 'never' ? {} : { fieldSwitch: { margin: read.fieldSwitchMargin, holdMs: read.fieldSwitchHold } }),
    ...(witness === undefined ? {} : { witness }),
    ...readLifeSigns(read, problems),
  };
  refuseUnsafe(settings, section, wrong, problems);
  return settings;
}

/**
 * A standby asks its warm devices as seldom as the slowest class. A move that waits for less than two of these rounds would
 * go by what was so before: where nothing is written the hold is longer than that, and where too little is, it is refused.
 */
export function withSlowPolls(settings: RedundancySettings | undefined, slowMs: number | undefined, raw: unknown, problems: DocumentProblems): RedundancySettings | undefined {
  const { fieldSwitch } = settings ?? {};
  if (settings === undefined || fieldSwitch === undefined || slowMs === undefined || fieldSwitch.holdMs >= 2 * slowMs) return settings;
  // It is refused already.
  if (fieldSwitch.holdMs < settings.failoverTimeMs) return settings;
  if (isRecord(raw) && 'fieldSwitchHold' in raw) {
    problems.error('CONFIG_UNSAFE', `fieldSwitchHold ${fieldSwitch.holdMs} ms must be at least twice polling.slow (${slowMs} ms): the standby asks its devices that seldom`, ['fieldSwitchHold']);
    return undefined;
  }
  return { ...settings, fieldSwitch: { ...fieldSwitch, holdMs: 3 * slowMs } };
}

/**
 * The time without a sign of life after which the peer counts as silent is pingTimeout, or pingRate × missedPings. It has to
 * be over within failoverTime, and every other wait has to outlast failoverTime, or a node would give up
 * waiting while a regular takeover is still going on. docs/configuration.md lists these rules. `wrong`: keys that are reported already.
 */
function refuseUnsafe(settings: RedundancySettings, written: Record<string, unknown>, wrong: ReadonlySet<string>, problems: DocumentProblems): void {
  const { pingRateMs, missedPings, pingTimeoutMs, failoverTimeMs, recoveryHoldMs, connectionWaitMs, staleWaitMs, confirmWaitMs } = settings;
  const silenceMs = pingTimeoutMs ?? pingRateMs * missedPings;
  const silence = pingTimeoutMs === undefined ? 'pingRate × missedPings' : 'pingTimeout';
  /** At the first of `keys` that the document writes; the others have their defaults. */
  const at = (...keys: Key[]): Key[] => keys.filter((key) => key in written).slice(0, 1);
  const refuse = (unsafe: boolean, message: string, ...keys: Key[]): void => {
    // Of a key that is wrong anyhow only the default is known here: nobody means that.
    if (unsafe && !keys.some((key) => wrong.has(key))) problems.error('CONFIG_UNSAFE', message, at(...keys));
  };

  refuse(pingRateMs < 20, `pingRate ${pingRateMs} ms is too fast: at least 20ms`, 'pingRate');
  refuse(missedPings < 2, `missedPings must be at least 2: one lost packet is not a dead peer (found ${missedPings})`, 'missedPings');
  refuse(pingTimeoutMs !== undefined && pingTimeoutMs < 2 * pingRateMs, `pingTimeout ${pingTimeoutMs ?? 0} ms must be at least twice pingRate (${pingRateMs} ms): one lost packet is not a dead peer`, 'pingTimeout');
  refuse(failoverTimeMs < 200, `failoverTime ${failoverTimeMs} ms cannot be kept: at least 200ms`, 'failoverTime');
  refuse(silenceMs > failoverTimeMs, `silence is noticed after ${silence} = ${silenceMs} ms, later than failoverTime ${failoverTimeMs} ms`,
    'pingTimeout', 'pingRate', 'missedPings', 'failoverTime');
  refuse(recoveryHoldMs < failoverTimeMs, `recoveryHold ${recoveryHoldMs} ms must not be shorter than failoverTime ${failoverTimeMs} ms`,
    'recoveryHold', 'failoverTime');
  refuse(connectionWaitMs < failoverTimeMs, `connectionWait ${connectionWaitMs} ms must not be shorter than failoverTime ${failoverTimeMs} ms: a starting node would not wait for its peer`,
    'connectionWait', 'failoverTime');
  refuse(staleWaitMs < connectionWaitMs, `staleWait ${staleWaitMs} ms must not be shorter than connectionWait ${connectionWaitMs} ms: a node that may have been overtaken would start first`,
    'staleWait', 'connectionWait');
  refuse(settings.fieldSwitch !== undefined && settings.fieldSwitch.holdMs < failoverTimeMs, `fieldSwitchHold ${settings.fieldSwitch?.holdMs ?? 0} ms must not be shorter than failoverTime ${failoverTimeMs} ms: a device that answers once more would move control`,
    'fieldSwitchHold', 'failoverTime');
  if (settings.fieldSwitch === undefined && ('fieldSwitchMargin' in written || 'fieldSwitchHold' in written)) problems.warning('CONFIG_INVALID', '`fieldSwitch: never` leaves this without effect', at('fieldSwitchMargin', 'fieldSwitchHold'));
  refuse(confirmWaitMs < pingRateMs, `confirmWait ${confirmWaitMs} ms must not be shorter than pingRate ${pingRateMs} ms`, 'confirmWait', 'pingRate');
  refuse(settings.drillEveryMs > 0 && settings.drillEveryMs < 3_600_000, `drillEvery ${settings.drillEveryMs} ms is too often: at least 1h`, 'drillEvery');
  refuse('httpConnectTimeout' in written && settings.httpConnectTimeoutMs < 20, `httpConnectTimeout ${settings.httpConnectTimeoutMs} ms is too short: at least 20ms`, 'httpConnectTimeout');
  refuse(settings.httpConnectTimeoutMs > Math.max(silenceMs, failoverTimeMs), `httpConnectTimeout ${settings.httpConnectTimeoutMs} ms must not be longer than failoverTime ${failoverTimeMs} ms: silence would be noticed before a refusal`,
    'httpConnectTimeout', 'failoverTime');
  refuse(settings.webSocketTimeoutMs < pingRateMs, `webSocketTimeout ${settings.webSocketTimeoutMs} ms must not be shorter than pingRate ${pingRateMs} ms`, 'webSocketTimeout', 'pingRate');
  refuse('webSocketTimeout' in written && settings.webSocketTimeoutMs > settings.connectionWaitMs, `webSocketTimeout ${settings.webSocketTimeoutMs} ms must not be longer than connectionWait ${settings.connectionWaitMs} ms: a node would start alone while it is being greeted`,
    'webSocketTimeout', 'connectionWait');
  if (silenceMs < 200 && pingRateMs >= 20 && missedPings >= 2 && ![...wrong].some((key) => key.startsWith('ping') || key === 'missedPings')) {
    problems.warning('CONFIG_UNSAFE', `the peer counts as silent after ${silenceMs} ms; a busy machine may pause that long, so use this on a dedicated link only`, at('pingTimeout', 'pingRate', 'missedPings'));
  }
  refuse(settings.compareHoldMs < confirmWaitMs, `compareHold ${settings.compareHoldMs} ms must not be shorter than confirmWait ${confirmWaitMs} ms: so far the image of a standby may be behind`, 'compareHold');
}

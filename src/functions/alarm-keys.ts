import type { AlarmDefinition, WireAlarm } from '../contract/index.js';
import type { Json, KeyedState } from '../image/index.js';
import { NO_ALARM, type AlarmState } from './alarm.js';

/** What clients see of an alarm. Present from its first occurrence on. */
export const ALARM_PREFIX = 'alarm/';
/** Its running delay, while there is one. Not shown to clients. */
export const ALARM_INTERNAL_PREFIX = 'alarm-internal/';
/** The latest acknowledgement. Written by the command path only, so that no evaluation can overwrite it. */
export const ALARM_ACK_PREFIX = 'alarm-ack/';
/** Of an alarm that a device detects itself: which transitions are known and which are to be acknowledged there. */
export const DEVICE_ALARM_PREFIX = 'device-alarm/';

/** Names of the alarms of the system itself begin with it; no definition is theirs. */
export const SYSTEM_ALARMS = 'system/';

export interface Delays {
  readonly onDeadlineMs: number | null;
  readonly offDeadlineMs: number | null;
}

export function wireAlarm(definition: AlarmDefinition, point: string, state: AlarmState, message: string): WireAlarm {
  return {
    name: definition.name, point, state: state.phase, priority: definition.priority, class: definition.class, message,
    sinceMs: state.sinceMs, occurrence: state.occurrence,
  };
}

export function alarmJson(alarm: WireAlarm): Json {
  return { ...alarm };
}

export function readAlarm(keyed: KeyedState, name: string): WireAlarm | undefined {
  return keyed.get(ALARM_PREFIX + name) as unknown as WireAlarm | undefined;
}

export function readState(keyed: KeyedState, name: string): AlarmState {
  const alarm = readAlarm(keyed, name);
  const delays = keyed.get(ALARM_INTERNAL_PREFIX + name) as unknown as Delays | undefined;
  return {
    phase: alarm?.state ?? NO_ALARM.phase,
    occurrence: alarm?.occurrence ?? NO_ALARM.occurrence,
    sinceMs: alarm?.sinceMs ?? NO_ALARM.sinceMs,
    onDeadlineMs: delays?.onDeadlineMs ?? undefined,
    offDeadlineMs: delays?.offDeadlineMs ?? undefined,
  };
}

/** The occurrence that was acknowledged last; 0 for none. */
export function acknowledgedOccurrence(keyed: KeyedState, name: string): number {
  const ack = keyed.get(ALARM_ACK_PREFIX + name) as unknown as { occurrence: number } | undefined;
  return ack?.occurrence ?? 0;
}

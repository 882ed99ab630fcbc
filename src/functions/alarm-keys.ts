import type { WireAlarm } from '../contract/index.js';
import type { Json, KeyedState } from '../image/index.js';

/** What clients see of an alarm. Present from its first occurrence on. */
export const ALARM_PREFIX = 'alarm/';
/** What of it is not shown to clients: running delays, shelves, what it has to remember. Absent where there is nothing of it. */
export const ALARM_INTERNAL_PREFIX = 'alarm-internal/';
/** The latest acknowledgement: of which occurrence, by whom, when, with what note. */
export const ALARM_ACK_PREFIX = 'alarm-ack/';
/** The latest notes of operators, oldest first. */
export const ALARM_NOTES_PREFIX = 'alarm-notes/';
/** Of an alarm that a device detects itself: which transitions are known and which are to be acknowledged there. */
export const DEVICE_ALARM_PREFIX = 'device-alarm/';

/** Names of the alarms of the system itself begin with it; no definition is theirs. */
export const SYSTEM_ALARMS = 'system/';

export function alarmJson(alarm: WireAlarm): Json {
  return { ...alarm };
}

export function readAlarm(keyed: KeyedState, name: string): WireAlarm | undefined {
  return keyed.get(ALARM_PREFIX + name) as unknown as WireAlarm | undefined;
}

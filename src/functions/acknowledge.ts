import { TandemError, type WireAlarm } from '../contract/index.js';
import type { Json, KeyedState, Put } from '../image/index.js';
import { ALARM_ACK_PREFIX, ALARM_PREFIX, alarmJson, readAlarm } from './alarm-keys.js';

export interface AcknowledgeRecord {
  readonly puts: readonly Put[];
  readonly logs: readonly { readonly kind: string; readonly data: Json }[];
}

/** What an alarm without transitions of its own becomes. */
const AFTER: Readonly<Partial<Record<WireAlarm['state'], WireAlarm['state']>>> = { unacknowledged: 'acknowledged', 'returned-unacknowledged': 'normal' };

/**
 * Acknowledges an alarm that has no definition: one of the system itself. The records of it, for the command path to frame. Acknowledging once more what is
 * acknowledged already gives no records and is no error, so a repeated command does no harm.
 */
export function acknowledgeAlarm(
  state: { readonly keyed: KeyedState }, name: string, occurrence: number, by: string, note: string | undefined, nowMs: number,
): AcknowledgeRecord | TandemError {
  const alarm = readAlarm(state.keyed, name);
  if (alarm === undefined) return new TandemError('ALARM_UNKNOWN', `there is no alarm ${name}, or it has never been raised`);
  if (alarm.occurrence !== occurrence) {
    return new TandemError('ALARM_UNKNOWN', `alarm ${name} is at occurrence ${alarm.occurrence}, not ${occurrence}: look at it again before acknowledging`);
  }
  const next = AFTER[alarm.state];
  if (next === undefined) return { puts: [], logs: [] };
  const after: WireAlarm = { ...alarm, state: next, sinceMs: nowMs };
  return {
    puts: [
      { key: ALARM_PREFIX + name, value: alarmJson(after) },
      { key: ALARM_ACK_PREFIX + name, value: { occurrence, by, timeMs: nowMs } },
    ],
    logs: [{ kind: 'alarm', data: { event: 'acknowledged', by, ...(note === undefined ? {} : { note }), ...after } }],
  };
}

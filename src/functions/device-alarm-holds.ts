import { formatDuration, LONGEST_SHELVE_MS, TandemError, type AlarmAction } from '../contract/index.js';
import { deviceAlarmName, wireDeviceAlarm, type DeviceAlarm, type DeviceAlarmLog, type DeviceAlarmStep } from './device-alarm.js';

type Held = NonNullable<DeviceAlarm['holds']>;
type HoldEvent = Extract<DeviceAlarmLog['event'], 'shelved' | 'unshelved' | 'out-of-service' | 'in-service'>;

/**
 * What a person's decision makes of an alarm that a device detects itself, but for acknowledging, which the device has to hear of. What is
 * so already gives no step. The device is told nothing: it goes on watching, and goes on waiting for its acknowledgements.
 * @throws ALARM_REFUSED
 */
export function heldDeviceAlarm(action: Extract<AlarmAction, { alarm: string }>, alarm: DeviceAlarm, by: string, nowMs: number): readonly DeviceAlarmStep[] {
  const { holds = {} } = alarm;
  const name = deviceAlarmName(alarm.device, alarm.object);
  switch (action.kind) {
    case 'shelve':
      if (action.forMs <= 0 || action.forMs > LONGEST_SHELVE_MS) throw new TandemError('ALARM_REFUSED', `alarm ${name} may be shelved for ${formatDuration(LONGEST_SHELVE_MS)} at the most`, { details: { longestMs: LONGEST_SHELVE_MS } });
      return changed(alarm, { ...holds, shelved: { by, untilMs: nowMs + action.forMs } }, 'shelved', nowMs, by);
    case 'unshelve':
      return holds.shelved === undefined ? [] : changed(alarm, withoutShelf(holds), 'unshelved', nowMs, by);
    case 'take-out-of-service':
      return holds.outOfService !== undefined ? [] : changed(alarm, { ...holds, outOfService: { by } }, 'out-of-service', nowMs, by);
    case 'return-to-service':
      return holds.outOfService === undefined ? [] : changed(alarm, holds.shelved === undefined ? {} : { shelved: holds.shelved }, 'in-service', nowMs, by);
    case 'reset':
      throw new TandemError('ALARM_REFUSED', `alarm ${name} does not latch: there is nothing to reset`);
    case 'acknowledge':
    case 'note':
      return [];
  }
}

/** Its time on the shelf is over: counted from when it was, whenever that is noticed. */
export function expiredDeviceAlarm(alarm: DeviceAlarm, nowMs: number): readonly DeviceAlarmStep[] {
  const untilMs = alarm.holds?.shelved?.untilMs;
  return alarm.holds === undefined || untilMs === undefined || untilMs > nowMs ? [] : changed(alarm, withoutShelf(alarm.holds), 'unshelved', untilMs, undefined);
}

/** With the last hold gone it is raised anew, and unacknowledged, if the device says that it is not normal (IEC 62682). */
function changed(before: DeviceAlarm, holds: Held, event: HoldEvent, atMs: number, by: string | undefined): readonly DeviceAlarmStep[] {
  const isFree = Object.keys(holds).length === 0;
  const moved = withHolds(before, isFree ? undefined : holds);
  const alarm = wireDeviceAlarm(moved).state === wireDeviceAlarm(before).state ? moved : { ...moved, sinceMs: atMs };
  const step: DeviceAlarmStep = { alarm, logs: [{ event, ...(by === undefined ? {} : { by }) }] };
  return isFree && alarm.raised ? [step, { alarm: { ...alarm, occurrence: alarm.occurrence + 1, unseen: true }, logs: [{ event: 'raised' }] }] : [step];
}

/** (What is put aside waits for nobody here, so it is not `unseen`.) */
function withHolds(alarm: DeviceAlarm, holds: Held | undefined): DeviceAlarm {
  const plain: Partial<Record<keyof DeviceAlarm, unknown>> = { ...alarm };
  delete plain.unseen;
  delete plain.holds;
  return { ...(plain as unknown as DeviceAlarm), ...(holds === undefined ? {} : { holds }) };
}

function withoutShelf({ outOfService }: Held): Held {
  return outOfService === undefined ? {} : { outOfService };
}

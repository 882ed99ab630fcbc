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
      return holds.shelved === undefined ? [] : changed(alarm, without(holds, 'shelved'), 'unshelved', nowMs, by);
    case 'take-out-of-service':
      return holds.outOfService !== undefined ? [] : changed(alarm, { ...holds, outOfService: { by } }, 'out-of-service', nowMs, by);
    case 'return-to-service':
      return holds.outOfService === undefined ? [] : changed(alarm, without(holds, 'outOfService'), 'in-service', nowMs, by);
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
  return alarm.holds === undefined || untilMs === undefined || untilMs > nowMs ? [] : changed(alarm, without(alarm.holds, 'shelved'), 'unshelved', untilMs, undefined);
}

/**
 * Mutes hold for it until then, or none does any more (`undefined`): from their end on, or from now where a person ended them before.
 * The journal has an entry of the mute, and none for each alarm.
 */
export function mutedDeviceAlarm(alarm: DeviceAlarm, untilMs: number | undefined, nowMs: number): readonly DeviceAlarmStep[] {
  const { holds = {} } = alarm;
  if (untilMs === holds.mutedUntilMs) return [];
  if (untilMs !== undefined) return changed(alarm, { ...holds, mutedUntilMs: untilMs }, undefined, nowMs, undefined);
  return changed(alarm, without(holds, 'mutedUntilMs'), undefined, Math.min(nowMs, holds.mutedUntilMs ?? nowMs), undefined);
}

/** What the time makes of it: the ends of its shelf and of its mutes, in their order. `mutedUntilMs`: the end of the mutes that hold now. */
export function heldSteps(alarm: DeviceAlarm, mutedUntilMs: number | undefined, nowMs: number): readonly DeviceAlarmStep[] {
  const { holds = {} } = alarm;
  const muting = (from: DeviceAlarm): readonly DeviceAlarmStep[] => mutedDeviceAlarm(from, mutedUntilMs, nowMs);
  const shelving = (from: DeviceAlarm): readonly DeviceAlarmStep[] => expiredDeviceAlarm(from, nowMs);
  const [first, second] = (holds.mutedUntilMs ?? Infinity) < (holds.shelved?.untilMs ?? Infinity) ? [muting, shelving] : [shelving, muting];
  const steps = first(alarm);
  return [...steps, ...second(steps.at(-1)?.alarm ?? alarm)];
}

/** With the last hold gone it is raised anew, and unacknowledged, if the device says that it is not normal (IEC 62682). */
function changed(before: DeviceAlarm, holds: Held, event: HoldEvent | undefined, atMs: number, by: string | undefined): readonly DeviceAlarmStep[] {
  const isFree = Object.keys(holds).length === 0;
  const moved = withHolds(before, isFree ? undefined : holds);
  const alarm = wireDeviceAlarm(moved).state === wireDeviceAlarm(before).state ? moved : { ...moved, sinceMs: atMs };
  const step: DeviceAlarmStep = { alarm, logs: event === undefined ? [] : [{ event, ...(by === undefined ? {} : { by }) }] };
  return isFree && alarm.raised ? [step, { alarm: { ...alarm, occurrence: alarm.occurrence + 1, unseen: true }, logs: [{ event: 'raised' }] }] : [step];
}

/** (What is put aside waits for nobody here, so it is not `unseen`.) */
function withHolds(alarm: DeviceAlarm, holds: Held | undefined): DeviceAlarm {
  const plain: Partial<Record<keyof DeviceAlarm, unknown>> = { ...alarm };
  delete plain.unseen;
  delete plain.holds;
  return { ...(plain as unknown as DeviceAlarm), ...(holds === undefined ? {} : { holds }) };
}

function without(holds: Held, key: keyof Held): Held {
  return Object.fromEntries(Object.entries(holds).filter(([other]) => other !== key));
}

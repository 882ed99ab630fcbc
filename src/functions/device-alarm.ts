import { deviceTransitions, type DeviceEvent, type DeviceObjectState, type DeviceStamp, type DeviceTransition, type WireAlarm } from '../contract/index.js';
import type { Json } from '../image/index.js';
import { isHeld, type Holds } from './alarm/alarm.js';

/** An alarm that a device detects itself, as both nodes know it. What clients see of it is {@link wireDeviceAlarm}. */
export interface DeviceAlarm {
  readonly device: string;
  readonly object: string;
  /** Name of the point that shows the object; empty where there is none. */
  readonly point: string;
  /** The device says that it is not normal. */
  readonly raised: boolean;
  /** In the protocol's words: `high-limit`. */
  readonly state: string;
  readonly occurrence: number;
  /** Pair time of the last transition. */
  readonly sinceMs: number;
  readonly urgency: number;
  readonly class: string;
  readonly message: string;
  readonly stamps: Readonly<Partial<Record<DeviceTransition, KnownStamp>>>;
  /** Transitions that were taken, newest last: what is repeated is none of them again. */
  readonly recent: readonly string[];
  /** What people have put aside here, and mutes that hold; the device knows nothing of it. */
  readonly holds?: Pick<Holds, 'shelved' | 'outOfService' | 'mutedUntilMs'>;
  /** It has come back from that, and nobody has acknowledged it since, whatever the device waits for. */
  readonly unseen?: true;
}

export interface KnownStamp extends DeviceStamp {
  readonly needsAck: boolean;
}

/** What goes into the journal besides the alarm itself. */
export interface DeviceAlarmLog {
  readonly event: 'raised' | 'returned' | 'acknowledged' | 'reported' | 'shelved' | 'unshelved' | 'out-of-service' | 'in-service';
  readonly transition?: DeviceTransition;
  readonly stamp?: string;
  readonly deviceTimeMs?: number;
  /** Not notified to this pair: found by asking. */
  readonly recovered?: true;
  readonly by?: string;
  readonly details?: Readonly<Record<string, string | number | boolean>>;
}

export interface DeviceAlarmStep {
  readonly alarm: DeviceAlarm;
  /** Empty: nothing new. */
  readonly logs: readonly DeviceAlarmLog[];
}

const REMEMBERED = 16;

/** A notification. Repeated ones, late ones and those that both nodes got change nothing twice. */
export function deviceEvent(alarm: DeviceAlarm, event: DeviceEvent, nowMs: number): DeviceAlarmStep {
  const { transition } = event;
  if (event.notice === 'acknowledged') return acknowledgedTransition(alarm, transition, undefined);
  const key = keyOf(transition, event);
  if (alarm.recent.includes(key)) return { alarm, logs: [] };
  const recent = [...alarm.recent, key].slice(-REMEMBERED);
  const log = { transition, stamp: event.stamp, ...(event.timeMs !== undefined && { deviceTimeMs: event.timeMs }), details: event.details };
  const known = alarm.stamps[transition];
  if (isOvertaken(alarm, event)) {
    // It happened, and belongs into the journal; where the object is now is known from something newer.
    const stamps = known === undefined || isOlder(known, event) ? { ...alarm.stamps, [transition]: stampOf(event, event.ackRequired) } : alarm.stamps;
    return { alarm: { ...alarm, recent, stamps }, logs: [{ event: 'reported', ...log }] };
  }
  const raised = transition !== 'normal';
  // A device that goes from one alarm to another (high-limit, fault) has something new to be acknowledged.
  const isNew = raised || (!alarm.raised && event.ackRequired);
  const after: DeviceAlarm = {
    ...alarm, recent, raised, state: event.state, sinceMs: nowMs, urgency: event.urgency, class: event.class,
    occurrence: alarm.occurrence + (isNew ? 1 : 0),
    message: messageOf(alarm, event),
    stamps: { ...alarm.stamps, [transition]: stampOf(event, event.ackRequired) },
  };
  return quietly(alarm, { alarm: after, logs: [{ event: raised ? 'raised' : alarm.raised ? 'returned' : 'reported', ...log }] });
}

/** What the device says when it is asked; what it did not notify is made good. */
export function deviceSummary(before: DeviceAlarm, object: DeviceObjectState, nowMs: number): DeviceAlarmStep {
  const logs: DeviceAlarmLog[] = [];
  let stamps = before.stamps;
  let recent = before.recent;
  let isNew = false;
  for (const transition of inOrder(object)) {
    const told = object.transitions[transition];
    if (told === undefined) continue;
    const known = stamps[transition];
    if (known?.stamp === told.stamp) {
      if (known.needsAck === !told.acknowledged) continue;
      if (told.acknowledged) logs.push({ event: 'acknowledged', transition, stamp: told.stamp, by: before.device, recovered: true });
      stamps = { ...stamps, [transition]: { ...known, needsAck: !told.acknowledged } };
      continue;
    }
    const { acknowledged, ...stamp } = told;
    stamps = { ...stamps, [transition]: { ...stamp, needsAck: !acknowledged } };
    recent = [...recent, keyOf(transition, told)].slice(-REMEMBERED);
    // A transition of long ago that somebody has acknowledged is no news; it only must not be taken for one later.
    if (acknowledged && transition !== object.now) continue;
    const was = before.raised || isNew;
    isNew ||= transition !== 'normal' || (!acknowledged && !before.raised);
    logs.push({ event: transition !== 'normal' ? 'raised' : was ? 'returned' : 'reported', transition, stamp: told.stamp, recovered: true, ...(told.timeMs !== undefined && { deviceTimeMs: told.timeMs }) });
  }
  const raised = object.now !== 'normal';
  if (raised !== before.raised && logs.length === 0) logs.push({ event: raised ? 'raised' : 'returned', transition: object.now, recovered: true });
  if (logs.length === 0) return { alarm: stamps === before.stamps ? before : { ...before, stamps, recent }, logs };
  const moved = raised !== before.raised || isNew;
  const alarm: DeviceAlarm = {
    ...before, stamps, recent, raised, state: object.state, urgency: object.urgency,
    sinceMs: moved ? nowMs : before.sinceMs,
    occurrence: before.occurrence + (isNew || (raised && !before.raised) ? 1 : 0),
    message: before.state === object.state && before.message !== '' ? before.message : messageOf(before, { ...object, message: '', details: {} }),
  };
  return quietly(before, { alarm, logs });
}

/** The device does not name it any more: it is normal, and everything is acknowledged. */
export function deviceSilent(alarm: DeviceAlarm, nowMs: number): DeviceAlarmStep {
  const open = openTransitions(alarm);
  if (!alarm.raised && open.length === 0) return { alarm, logs: [] };
  const logs: DeviceAlarmLog[] = open.map(([transition, { stamp }]) => ({ event: 'acknowledged', transition, stamp, by: alarm.device, recovered: true }));
  if (alarm.raised) logs.push({ event: 'returned', transition: 'normal', recovered: true });
  const stamps = Object.fromEntries(Object.entries(alarm.stamps).map(([transition, stamp]) => [transition, { ...stamp, needsAck: false }]));
  return quietly(alarm, { alarm: { ...alarm, raised: false, state: 'normal', stamps, sinceMs: alarm.raised ? nowMs : alarm.sinceMs }, logs });
}

/** Of what is put aside the journal tells what the device says, and nothing is raised, counted or told until it comes back. */
function quietly(before: DeviceAlarm, step: DeviceAlarmStep): DeviceAlarmStep {
  if (!isHeld(before.holds ?? {})) return step;
  const { occurrence, sinceMs } = before;
  return { alarm: { ...step.alarm, occurrence, sinceMs }, logs: step.logs.map((log) => (log.event === 'raised' || log.event === 'returned' ? { ...log, event: 'reported' } : log)) };
}

/** Acknowledged at the device: by us, where `stamp` says which one, or by somebody else. */
export function acknowledgedTransition(alarm: DeviceAlarm, transition: DeviceTransition, stamp: string | undefined, by = alarm.device): DeviceAlarmStep {
  const known = alarm.stamps[transition];
  if (known?.needsAck !== true || (stamp !== undefined && known.stamp !== stamp)) return { alarm, logs: [] };
  const after: DeviceAlarm = { ...alarm, stamps: { ...alarm.stamps, [transition]: { ...known, needsAck: false } } };
  return { alarm: openTransitions(after).length === 0 ? seen(after) : after, logs: [{ event: 'acknowledged', transition, stamp: known.stamp, by }] };
}

/** Acknowledged here, where the device waits for nothing. */
export function acknowledgedHere(alarm: DeviceAlarm, by: string): DeviceAlarmStep {
  return alarm.unseen === true ? { alarm: seen(alarm), logs: [{ event: 'acknowledged', by }] } : { alarm, logs: [] };
}

function seen(alarm: DeviceAlarm): DeviceAlarm {
  const plain: Partial<Record<keyof DeviceAlarm, unknown>> = { ...alarm };
  delete plain.unseen;
  return plain as unknown as DeviceAlarm;
}

/** What has to be acknowledged at the device, in the order in which it happened as far as that is known. */
export function openTransitions(alarm: DeviceAlarm): [DeviceTransition, KnownStamp][] {
  const open = deviceTransitions.flatMap((transition): [DeviceTransition, KnownStamp][] => {
    const stamp = alarm.stamps[transition];
    return stamp?.needsAck === true ? [[transition, stamp]] : [];
  });
  return open.sort(([, a], [, b]) => (a.timeMs ?? 0) - (b.timeMs ?? 0));
}

export function newDeviceAlarm(device: string, object: string, point: string): DeviceAlarm {
  return { device, object, point, raised: false, state: 'normal', occurrence: 0, sinceMs: 0, urgency: 4, class: 'device', message: '', stamps: {}, recent: [] };
}

export function deviceAlarmName(device: string, object: string): string {
  return `${device}/${object}`;
}

export function wireDeviceAlarm(alarm: DeviceAlarm): WireAlarm {
  const isOpen = alarm.unseen === true || openTransitions(alarm).length > 0;
  const { outOfService, shelved, mutedUntilMs } = alarm.holds ?? {};
  // (As of our own: of what has nothing to say nothing is said.)
  const isMuted = outOfService === undefined && shelved === undefined && mutedUntilMs !== undefined && (alarm.raised || isOpen);
  const by = (outOfService ?? shelved)?.by;
  const state = alarm.raised ? (isOpen ? 'unacknowledged' : 'acknowledged') : isOpen ? 'returned-unacknowledged' : 'normal';
  return {
    name: deviceAlarmName(alarm.device, alarm.object),
    point: alarm.point,
    state: outOfService !== undefined ? 'out-of-service' : shelved !== undefined ? 'shelved' : isMuted ? 'suppressed' : state,
    priority: alarm.urgency, class: alarm.class, message: alarm.message, sinceMs: alarm.sinceMs, occurrence: alarm.occurrence,
    ...(alarm.raised ? { active: true as const } : {}),
    ...(outOfService === undefined && shelved !== undefined ? { untilMs: shelved.untilMs } : {}),
    ...(by === undefined ? {} : { by }),
    ...(isMuted ? { why: 'mute' } : {}),
    source: 'device', device: alarm.device, object: alarm.object,
  };
}

export function deviceAlarmJson(alarm: DeviceAlarm): Json {
  return JSON.parse(JSON.stringify(alarm)) as Json;
}

export function deviceAlarmOf(json: Json): DeviceAlarm {
  return json as unknown as DeviceAlarm;
}

function keyOf(transition: DeviceTransition, { stamp }: DeviceStamp): string {
  return `${transition} ${stamp}`;
}

function stampOf({ stamp, timeMs, state, token }: DeviceStamp, needsAck: boolean): KnownStamp {
  return { stamp, needsAck, ...(timeMs !== undefined && { timeMs }), ...(state !== undefined && { state }), ...(token !== undefined && { token }) };
}

function isOlder(known: DeviceStamp, than: DeviceStamp): boolean {
  return known.timeMs === undefined || than.timeMs === undefined || known.timeMs <= than.timeMs;
}

/** Something newer is known of the object. Stamps without a time (sequence numbers) are taken as they come. */
function isOvertaken(alarm: DeviceAlarm, { timeMs }: DeviceEvent): boolean {
  return timeMs !== undefined && Object.values(alarm.stamps).some((known) => known.timeMs !== undefined && known.timeMs > timeMs);
}

/** Transitions in the order in which they happened, the one that led to the present state last. */
function inOrder({ now, transitions }: DeviceObjectState): DeviceTransition[] {
  const timeMs = (transition: DeviceTransition): number => (transition === now ? Infinity : (transitions[transition]?.timeMs ?? 0));
  return [...deviceTransitions].sort((a, b) => timeMs(a) - timeMs(b) || 0);
}

function messageOf(alarm: DeviceAlarm, { state, message, details }: Pick<DeviceEvent, 'state' | 'message' | 'details'>): string {
  const what = `${alarm.point === '' ? `${alarm.device} ${alarm.object}` : alarm.point} ${state}`;
  if (message !== '') return `${what}: ${message}`;
  const { exceedingValue, exceededLimit } = details;
  return exceedingValue === undefined || exceededLimit === undefined ? what : `${what}: ${exceedingValue}, limit ${exceededLimit}`;
}

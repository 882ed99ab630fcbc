import type { WireAlarm } from '../../contract/client-protocol.js';

export type PriorityClass = 'critical' | 'high' | 'medium' | 'low';

/** Priority 1 is the most urgent, as in ISA-18.2 lists; four shapes and colours are as many as people tell apart. */
export function priorityClass(priority: number): PriorityClass {
  if (priority <= 1) return 'critical';
  if (priority === 2) return 'high';
  if (priority === 3) return 'medium';
  return 'low';
}

export function isActive(alarm: WireAlarm): boolean {
  return alarm.active ?? (alarm.state === 'unacknowledged' || alarm.state === 'acknowledged');
}

/** Kept from being shown by a person or by the plan. */
export function isHeld(alarm: WireAlarm): boolean {
  return alarm.state === 'shelved' || alarm.state === 'suppressed' || alarm.state === 'out-of-service';
}

export function needsAcknowledgement(alarm: WireAlarm): boolean {
  return alarm.state === 'unacknowledged' || alarm.state === 'returned-unacknowledged';
}

/** Waits, is active, and nobody has ended the noise about it. */
export function isNoisy(alarm: WireAlarm): boolean {
  return alarm.state === 'unacknowledged' && alarm.silenced !== true;
}

export function needsPerson(alarm: WireAlarm): boolean {
  return alarm.state !== 'normal' && !isHeld(alarm);
}

/** Where the graphic of an alarm is; undefined for what is no address to go to. */
export function graphicOf({ graphic }: WireAlarm): string | undefined {
  return graphic !== undefined && /^(https?:\/\/|#|\/)/.test(graphic) ? graphic : undefined;
}

const stateRank: Record<WireAlarm['state'], number> = { unacknowledged: 0, acknowledged: 1, 'returned-unacknowledged': 2, latched: 3, shelved: 4, 'out-of-service': 5, suppressed: 6, normal: 7 };

/** Most urgent first: what waits for a person, by priority, newest first. */
export function compareAlarms(a: WireAlarm, b: WireAlarm): number {
  return stateRank[a.state] - stateRank[b.state] || a.priority - b.priority || b.sinceMs - a.sinceMs || a.name.localeCompare(b.name);
}

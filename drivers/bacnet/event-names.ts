/** Names of event types and states, and what transition leads to a state (ANSI/ASHRAE 135 clauses 13.2, 13.3 and 21). */
import { EventState as EventStates, EventType as EventTypes } from '@bacnet-js/client/dist/lib/enum.js';
import type { DeviceTransition } from '../../src/contract/index.js';

const name = (names: Record<number, string>, value: number): string => names[value]?.toLowerCase().replaceAll('_', '-') ?? String(value);
export const EventState = { normal: 0, fault: 1, offnormal: 2 } as const;
/** Newer than the library knows. */
const newTypes: Readonly<Record<number, string>> = { 19: 'change-of-reliability', 20: 'none', 21: 'change-of-discrete-value', 22: 'change-of-timer' };

export function eventTypeName(type: number): string {
  return newTypes[type] ?? name(EventTypes, type);
}

/** `normal`, `high-limit` …; a proprietary one as its number. */
export function eventStateName(state: number): string {
  return name(EventStates, state);
}

export function eventStateOf(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  const state = (EventStates as unknown as Record<string, number | undefined>)[text.toUpperCase().replaceAll('-', '_')];
  return state ?? EventState.offnormal;
}

/** Every state but normal and fault is an off-normal one (13.2.2.1). */
export function transitionTo(state: number): DeviceTransition {
  return state === EventState.normal ? 'normal' : state === EventState.fault ? 'fault' : 'offnormal';
}

/** 0 … 255 in the four steps that alarms have here: life and property safety, supervision, trouble, the rest (annex M). */
export function urgencyOf(priority: number): number {
  return Math.min(4, 1 + Math.floor(priority / 64));
}

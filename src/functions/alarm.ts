import type { AlarmDefinition, WireAlarm } from '../contract/index.js';

export type AlarmPhase = WireAlarm['state'];

/** What is known of one alarm. Deadlines are pair time; at most one of them is set. */
export interface AlarmState {
  readonly phase: AlarmPhase;
  readonly occurrence: number;
  readonly sinceMs: number;
  /** The value is beyond its limit, and raises the alarm if it still is at this time. */
  readonly onDeadlineMs: number | undefined;
  /** The value is back, and ends the alarm if it still is at this time. */
  readonly offDeadlineMs: number | undefined;
}

export type AlarmInput =
  /** NaN: no value to go by, its quality being stale or bad. */
  | { readonly type: 'value'; readonly value: number }
  | { readonly type: 'tick' };

export type AlarmEvent = 'raised' | 'returned' | 'acknowledged';

export interface AlarmStep {
  readonly state: AlarmState;
  readonly event?: AlarmEvent;
}

export const NO_ALARM: AlarmState = { phase: 'normal', occurrence: 0, sinceMs: 0, onDeadlineMs: undefined, offDeadlineMs: undefined };

type Limits = Pick<AlarmDefinition, 'high' | 'low' | 'deadband' | 'onDelayMs' | 'offDelayMs'>;

export function isRaised(phase: AlarmPhase): boolean {
  return phase === 'unacknowledged' || phase === 'acknowledged';
}

/** Outside its limits; this begins an alarm. */
export function isBeyond({ high, low }: Limits, value: number): boolean {
  return (high !== undefined && value > high) || (low !== undefined && value < low);
}

/** Inside its limits by the deadband; nothing less ends an alarm. */
export function isWithin({ high, low, deadband }: Limits, value: number): boolean {
  return (high === undefined || value <= high - deadband) && (low === undefined || value >= low + deadband);
}

export function nextDeadlineMs(state: AlarmState): number | undefined {
  return state.onDeadlineMs ?? state.offDeadlineMs;
}

/**
 * One alarm, one input. A deadline that has passed takes effect at the deadline, whenever it is noticed, and
 * before the value that arrives with it; so the outcome depends on what the values did and not on who looked
 * when, and a failover in mid-delay changes nothing. Without a usable value nothing is raised and nothing ends:
 * a running delay is given up, because nobody knows that the condition lasted, and starts anew with the next
 * good value.
 */
export function stepAlarm(limits: Limits, state: AlarmState, input: AlarmInput, nowMs: number): AlarmStep {
  const due = expire(state, nowMs);
  if (input.type === 'tick') return due;
  const step = judge(limits, due.state, input.value, nowMs);
  const event = step.event ?? due.event;
  return { state: step.state, ...(event === undefined ? {} : { event }) };
}

/** Acknowledges the present occurrence; no event where there is nothing left to acknowledge. */
export function acknowledged(state: AlarmState, nowMs: number): AlarmStep {
  if (state.phase === 'unacknowledged') return { state: { ...state, phase: 'acknowledged', sinceMs: nowMs }, event: 'acknowledged' };
  if (state.phase === 'returned-unacknowledged') return { state: { ...state, phase: 'normal', sinceMs: nowMs }, event: 'acknowledged' };
  return { state };
}

function expire(state: AlarmState, nowMs: number): AlarmStep {
  const { onDeadlineMs, offDeadlineMs } = state;
  if (onDeadlineMs !== undefined && onDeadlineMs <= nowMs) return raise(state, onDeadlineMs);
  if (offDeadlineMs !== undefined && offDeadlineMs <= nowMs) return end(state, offDeadlineMs);
  return { state };
}

function judge(limits: Limits, state: AlarmState, value: number, nowMs: number): AlarmStep {
  const { onDeadlineMs, offDeadlineMs } = state;
  const waits = onDeadlineMs !== undefined || offDeadlineMs !== undefined;
  const calm = waits ? { ...state, onDeadlineMs: undefined, offDeadlineMs: undefined } : state;
  if (Number.isNaN(value)) return { state: calm };
  if (isRaised(state.phase)) {
    if (!isWithin(limits, value)) return { state: calm };
    if (limits.offDelayMs <= 0) return end(state, nowMs);
    return offDeadlineMs === undefined ? { state: { ...state, offDeadlineMs: nowMs + limits.offDelayMs } } : { state };
  }
  if (!isBeyond(limits, value)) return { state: calm };
  if (limits.onDelayMs <= 0) return raise(state, nowMs);
  return onDeadlineMs === undefined ? { state: { ...state, onDeadlineMs: nowMs + limits.onDelayMs } } : { state };
}

function raise(state: AlarmState, atMs: number): AlarmStep {
  return {
    state: { phase: 'unacknowledged', occurrence: state.occurrence + 1, sinceMs: atMs, onDeadlineMs: undefined, offDeadlineMs: undefined },
    event: 'raised',
  };
}

function end(state: AlarmState, atMs: number): AlarmStep {
  const phase = state.phase === 'acknowledged' ? 'normal' : 'returned-unacknowledged';
  return { state: { ...state, phase, sinceMs: atMs, onDeadlineMs: undefined, offDeadlineMs: undefined }, event: 'returned' };
}

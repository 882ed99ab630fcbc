import type { AcknowledgeRule, AlarmLevel, AlarmStateName } from '../../contract/index.js';

/** Where an alarm is by itself, apart from what keeps it from being shown. */
export type AlarmPhase = Extract<AlarmStateName, 'normal' | 'unacknowledged' | 'acknowledged' | 'returned-unacknowledged' | 'latched'>;

/** One condition of an alarm: a limit, a direction, or the only one. */
export interface Part {
  readonly on: boolean;
  /** Pair time at which it changes, if what it waits for lasts until then. */
  readonly dueMs: number | undefined;
}

/** A decision of a person or of the plan that keeps an alarm quiet. */
export interface Holds {
  readonly outOfService?: { readonly by: string };
  readonly shelved?: { readonly by: string; readonly untilMs: number };
  readonly mutedUntilMs?: number;
  /** By its own expression. */
  readonly suppressed?: true;
  /** The device that is dead, and behind which this one cannot be seen. */
  readonly behind?: string;
}

/** What is known of one alarm. All times are pair time. */
export interface AlarmState {
  readonly phase: AlarmPhase;
  readonly occurrence: number;
  readonly sinceMs: number;
  /** In the order of the rule's levels. */
  readonly parts: readonly Part[];
  readonly open: { readonly raised: boolean; readonly returned: boolean };
  readonly silenced: boolean;
  readonly holds: Holds;
  /** What the watch has to remember (src/functions/alarm/watch.ts). */
  readonly memory: readonly number[];
}

/** What of a definition decides. */
export interface AlarmRule {
  readonly levels: readonly AlarmLevel[];
  readonly onDelayMs: number;
  readonly offDelayMs: number;
  readonly acknowledge: AcknowledgeRule;
  readonly latch: boolean;
}

/** Of one condition: begins, ends, is between the two, cannot be known, or has come as an event. */
export const Truth = { ends: 0, holds: 1, between: 2, unknown: 3, happened: 4 } as const;
export type Truth = (typeof Truth)[keyof typeof Truth];

export type AlarmEventName = 'raised' | 'returned' | 'eased' | 'acknowledged' | 'reset' | 'shelved' | 'unshelved' | 'muted' | 'unmuted' | 'suppressed' | 'unsuppressed' | 'out-of-service' | 'in-service';

/** What the journal knows beside the transitions of one alarm's state. */
export type JournalEvent = AlarmEventName | 'silenced' | 'note' | 'removed';

export interface AlarmEvent {
  readonly event: AlarmEventName;
  /** The alarm right after it. */
  readonly state: AlarmState;
}

export interface AlarmStep {
  readonly state: AlarmState;
  readonly events: readonly AlarmEvent[];
}

/** States are never changed, so ten thousand alarms begin with the same one. */
const fresh = new Map<number, AlarmState>();

export function newAlarm(levels: number): AlarmState {
  const known = fresh.get(levels) ?? freshAlarm(levels);
  fresh.set(levels, known);
  return known;
}

function freshAlarm(levels: number): AlarmState {
  return { phase: 'normal', occurrence: 0, sinceMs: 0, parts: Array.from({ length: levels }, () => OFF), open: NOTHING_OPEN, silenced: false, holds: {}, memory: [] };
}

export function isRaised(state: AlarmStateName): boolean {
  return state === 'unacknowledged' || state === 'acknowledged';
}

export function isHeld({ outOfService, shelved, mutedUntilMs, suppressed, behind }: Holds): boolean {
  return outOfService !== undefined || shelved !== undefined || mutedUntilMs !== undefined || suppressed === true || behind !== undefined;
}

/** What clients see: the strongest of what keeps it quiet, else where it is. */
export function shownState(state: AlarmState): AlarmStateName {
  const { outOfService, shelved, suppressed, behind, mutedUntilMs } = state.holds;
  if (outOfService !== undefined) return 'out-of-service';
  if (shelved !== undefined) return 'shelved';
  if (suppressed === true || behind !== undefined) return 'suppressed';
  // A mute is of many; of those that have nothing to say nothing is said.
  if (mutedUntilMs !== undefined && (levelOf(state) !== undefined || state.phase !== 'normal')) return 'suppressed';
  return state.phase;
}

/** Index of the worst condition that holds; undefined for none. */
export function levelOf({ parts }: Pick<AlarmState, 'parts'>): number | undefined {
  const first = parts.findIndex(({ on }) => on);
  return first < 0 ? undefined : first;
}

export function nextDeadlineMs({ parts, holds }: AlarmState): number | undefined {
  let next = Math.min(holds.shelved?.untilMs ?? Infinity, holds.mutedUntilMs ?? Infinity);
  for (const { dueMs } of parts) if (dueMs !== undefined && dueMs < next) next = dueMs;
  return next === Infinity ? undefined : next;
}

/**
 * One alarm, one look at what it watches. Deadlines that have passed take effect at the deadline, in their order,
 * whenever they are noticed, and before what was found now; so the outcome depends on what the values did and not on
 * who looked when, and a failover in mid-delay changes nothing. What is unknown raises and ends nothing, and gives up a
 * running delay: nobody knows that the condition lasted.
 * `truths` has one entry for each level. The same object comes back where nothing has changed.
 */
export function stepAlarm(rule: AlarmRule, state: AlarmState, truths: readonly Truth[], nowMs: number): AlarmStep {
  const events: AlarmEvent[] = [];
  let now = expire(rule, state, nowMs, events);
  for (let part = 0; part < truths.length; part++) now = judge(rule, now, part, truths[part] ?? Truth.unknown, nowMs, events);
  return { state: now, events };
}

/** Deadlines alone. */
function expire(rule: AlarmRule, state: AlarmState, nowMs: number, events: AlarmEvent[]): AlarmState {
  let now = state;
  for (let next = nextDeadlineMs(now); next !== undefined && next <= nowMs; next = nextDeadlineMs(now)) {
    const atMs = next;
    const { shelved, mutedUntilMs } = now.holds;
    if (shelved?.untilMs === atMs) now = changeHolds(rule, now, without(now.holds, 'shelved'), 'unshelved', atMs, events);
    else if (mutedUntilMs === atMs) now = changeHolds(rule, now, without(now.holds, 'mutedUntilMs'), 'unmuted', atMs, events);
    else {
      const part = now.parts.findIndex(({ dueMs }) => dueMs === atMs);
      now = turn(rule, now, part, !(now.parts[part]?.on ?? false), atMs, events);
    }
  }
  return now;
}

function judge(rule: AlarmRule, state: AlarmState, index: number, truth: Truth, nowMs: number, events: AlarmEvent[]): AlarmState {
  // Where it is suppressed by design its condition means nothing; it counts from the end of the suppression on.
  const { on, dueMs } = state.parts[index] as Part;
  if (state.holds.suppressed === true || state.holds.behind !== undefined) return on || dueMs !== undefined ? withPart(state, index, OFF) : state;
  if (truth === Truth.happened) return happen(rule, state, index, nowMs, events);
  if (truth !== (on ? Truth.ends : Truth.holds)) return dueMs === undefined ? state : withPart(state, index, { on, dueMs: undefined });
  const delayMs = on ? rule.offDelayMs : rule.onDelayMs;
  if (delayMs <= 0) return turn(rule, state, index, !on, nowMs, events);
  return dueMs === undefined ? withPart(state, index, { on, dueMs: nowMs + delayMs }) : state;
}

/** An event is an occurrence of its own, and over at once or after the off-delay. */
function happen(rule: AlarmRule, state: AlarmState, index: number, nowMs: number, events: AlarmEvent[]): AlarmState {
  const on = withPart(state, index, { on: true, dueMs: rule.offDelayMs > 0 ? nowMs + rule.offDelayMs : undefined });
  const raised = isHeld(on.holds) ? on : raise(rule, on, nowMs, events);
  return rule.offDelayMs > 0 ? raised : turn(rule, raised, index, false, nowMs, events);
}

function turn(rule: AlarmRule, state: AlarmState, index: number, on: boolean, atMs: number, events: AlarmEvent[]): AlarmState {
  const before = levelOf(state);
  const turned = withPart(state, index, on ? ON : OFF);
  const after = levelOf(turned);
  if (before === after || isHeld(turned.holds)) return turned;
  if (after === undefined) return giveBack(rule, turned, atMs, events);
  // Worse than before, or on the other side: something new for whoever has seen the last.
  if (before === undefined || after < before || sideOf(rule, after) !== sideOf(rule, before)) return raise(rule, turned, atMs, events);
  events.push({ event: 'eased', state: turned });
  return turned;
}

function raise(rule: AlarmRule, state: AlarmState, atMs: number, events: AlarmEvent[]): AlarmState {
  const waits = rule.acknowledge !== 'none';
  const raised: AlarmState = { ...state, phase: waits ? 'unacknowledged' : 'acknowledged', occurrence: state.occurrence + 1, sinceMs: atMs, open: waits ? RAISED_OPEN : NOTHING_OPEN, silenced: false };
  events.push({ event: 'raised', state: raised });
  return raised;
}

function giveBack(rule: AlarmRule, state: AlarmState, atMs: number, events: AlarmEvent[]): AlarmState {
  const open = rule.acknowledge === 'both' ? { ...state.open, returned: true } : state.open;
  const returned: AlarmState = { ...state, phase: restingPhase(rule, open), sinceMs: atMs, open };
  events.push({ event: 'returned', state: returned });
  return returned;
}

/** Acknowledges the present occurrence; the same state where there is nothing left to acknowledge. */
export function acknowledge(rule: AlarmRule, state: AlarmState, transition: 'raised' | 'returned' | undefined, nowMs: number): AlarmStep {
  const open = transition === undefined ? NOTHING_OPEN : { ...state.open, [transition]: false };
  if (open.raised === state.open.raised && open.returned === state.open.returned) return { state, events: [] };
  const isActive = levelOf(state) !== undefined;
  const phase = isActive ? (open.raised ? 'unacknowledged' : 'acknowledged') : restingPhase(rule, open);
  const after: AlarmState = { ...state, phase, open, ...(phase === state.phase ? {} : { sinceMs: nowMs }) };
  return { state: after, events: [{ event: 'acknowledged', state: after }] };
}

/** For an alarm that does not latch any more, and would otherwise stay as it is for ever. */
export function unlatch(rule: AlarmRule, state: AlarmState, nowMs: number): AlarmStep {
  if (rule.latch || state.phase !== 'latched') return { state, events: [] };
  const isShown = !isHeld(state.holds);
  const after: AlarmState = { ...state, phase: 'normal', ...(isShown ? { sinceMs: nowMs } : {}) };
  return { state: after, events: isShown ? [{ event: 'reset', state: after }] : [] };
}

/** Lets a latched alarm go; the same state where it is not latched. */
export function reset(state: AlarmState, nowMs: number): AlarmStep {
  if (state.phase !== 'latched' || isHeld(state.holds)) return { state, events: [] };
  const after: AlarmState = { ...state, phase: 'normal', sinceMs: nowMs };
  return { state: after, events: [{ event: 'reset', state: after }] };
}

/**
 * Changes what keeps the alarm quiet. With the first of it the alarm leaves the list; with the last gone it is raised
 * anew if its condition holds (IEC 62682: an alarm that comes back unshelved in alarm is unacknowledged).
 */
export function hold(rule: AlarmRule, state: AlarmState, holds: Holds, event: AlarmEventName, nowMs: number): AlarmStep {
  const events: AlarmEvent[] = [];
  return { state: changeHolds(rule, state, holds, event, nowMs, events), events };
}

function changeHolds(rule: AlarmRule, state: AlarmState, holds: Holds, event: AlarmEventName, atMs: number, events: AlarmEvent[]): AlarmState {
  const [wasHeld, willBeHeld] = [isHeld(state.holds), isHeld(holds)];
  const leaves = !wasHeld && willBeHeld;
  const phase = leaves ? (rule.latch && state.phase !== 'normal' ? 'latched' : 'normal') : state.phase;
  const isSuppressed = holds.suppressed === true || holds.behind !== undefined;
  const parts = isSuppressed && state.parts.some(({ on, dueMs }) => on || dueMs !== undefined) ? state.parts.map(() => OFF) : state.parts;
  const moved: AlarmState = { ...state, holds, parts, phase, ...(leaves ? { open: NOTHING_OPEN, silenced: false } : {}) };
  const after = shownState(moved) === shownState(state) ? moved : { ...moved, sinceMs: atMs };
  events.push({ event, state: after });
  return wasHeld && !willBeHeld && levelOf(after) !== undefined ? raise(rule, after, atMs, events) : after;
}

function restingPhase(rule: AlarmRule, open: AlarmState['open']): AlarmPhase {
  if (open.raised || open.returned) return 'returned-unacknowledged';
  return rule.latch ? 'latched' : 'normal';
}

function sideOf(rule: AlarmRule, index: number): string {
  return (rule.levels[index] ?? '').split('-')[0] ?? '';
}

function withPart(state: AlarmState, index: number, part: Part): AlarmState {
  return { ...state, parts: state.parts.length === 1 ? [part] : state.parts.map((old, at) => (at === index ? part : old)) };
}

/** `holds` without one of them. */
export function without(holds: Holds, key: keyof Holds): Holds {
  return Object.fromEntries(Object.entries(holds).filter(([other]) => other !== key));
}

const OFF: Part = { on: false, dueMs: undefined };
const ON: Part = { on: true, dueMs: undefined };
const NOTHING_OPEN = { raised: false, returned: false } as const;
const RAISED_OPEN = { raised: true, returned: false } as const;

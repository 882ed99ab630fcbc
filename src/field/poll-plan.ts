import { pollClasses, type PollClass } from '../contract/index.js';
import { backoffMs, pacedRetryMs } from './backoff.js';

/** `active`: every class at its period; `collect`: one class, slowly; `compare`: every class, the fast one as seldom as the normal one; `idle`: nothing. */
export type PlanActivity = 'active' | 'collect' | 'compare' | 'idle';

/** What does not change while a device lives. */
export interface PlanRules {
  /** Classes that the device has points of. */
  readonly classes: readonly PollClass[];
  /** 0: again as soon as the device has answered. */
  readonly periodMs: Readonly<Record<PollClass, number>>;
}

export interface PlanState {
  readonly activity: PlanActivity;
  /** When each class is to be polled next; Infinity: never. */
  readonly dueMs: Readonly<Record<PollClass, number>>;
  /** The poll that is under way, when it was due and when it began. */
  readonly polling?: { readonly pollClass: PollClass; readonly dueMs: number; readonly startMs: number };
  /** Failed polls in a row. */
  readonly failures: number;
  /** Nothing is asked before this time. */
  readonly retryMs: number;
}

export type PlanInput =
  | { readonly type: 'activity'; readonly activity: PlanActivity }
  | { readonly type: 'tick' }
  /** The poll under way has ended. `chance` in [0, 1) spreads the retries of devices that failed together. */
  | { readonly type: 'polled'; readonly reachable: boolean; readonly chance: number; readonly paced?: boolean };

export type PlanEffect =
  | { readonly do: 'poll'; readonly pollClass: PollClass; readonly lateMs: number }
  /** Send a tick at this time; replaces the wake asked for before. */
  | { readonly do: 'wake'; readonly atMs: number }
  /** The device has stopped answering: its points are not to be trusted any more. */
  | { readonly do: 'lost' }
  | { readonly do: 'found' }
  /** The class was due again before its poll had ended; `missed` periods were left out altogether. */
  | { readonly do: 'overrun'; readonly pollClass: PollClass; readonly missed: number };

export interface PlanStep {
  readonly state: PlanState;
  readonly effects: readonly PlanEffect[];
}

/** Between the beginnings of two polls of a class without a period. */
const LEAST_SCAN_MS = 1;
/** A standby that compares asks no more often than this. */
const LEAST_COMPARE_MS = 100;
/** The golden section: no other ratio is so far from all simple ones. */
const OFF_BEAT = 1.381966;
/** A device that does not answer is not asked again sooner, whatever its period. */
const LEAST_RETRY_MS = 20;

const never: Readonly<Record<PollClass, number>> = { fast: Infinity, normal: Infinity, slow: Infinity };

export const IDLE_PLAN: PlanState = { activity: 'idle', dueMs: never, failures: 0, retryMs: 0 };

/**
 * When a device is polled. One class at a time; due times lie on a grid that polls do not shift, and of
 * several that are due the one that has waited longest goes first, so that a fast class that overruns cannot
 * starve a slow one. What was missed is not made up for: after a poll the next due time is the first one after
 * its beginning.
 */
export function stepPlan(rules: PlanRules, state: PlanState, input: PlanInput, nowMs: number): PlanStep {
  switch (input.type) {
    case 'activity':
      return next(rules, changeActivity(rules, state, input.activity, nowMs), nowMs, []);
    case 'polled':
      return input.reachable ? answered(rules, state, nowMs) : failed(rules, state, input, nowMs);
    case 'tick':
      return next(rules, state, nowMs, []);
  }
}

/** On a standby one class is enough to know that the device is there: the slowest that has points. */
export function collectClass(rules: PlanRules): PollClass | undefined {
  return pollClasses.findLast((pollClass) => rules.classes.includes(pollClass));
}

/** The poll under way will never be answered, because its driver is gone. */
export function withoutPoll({ activity, dueMs, failures, retryMs }: PlanState): PlanState {
  return { activity, dueMs, failures, retryMs };
}

function changeActivity(rules: PlanRules, state: PlanState, activity: PlanActivity, nowMs: number): PlanState {
  if (activity === state.activity) return state;
  const dueMs = { ...never };
  if (activity === 'active') {
    // Everything at once, back-off or not: what a standby knew of the device does not count for an active.
    for (const pollClass of rules.classes) dueMs[pollClass] = nowMs;
  } else if (activity === 'compare') {
    for (const pollClass of rules.classes) dueMs[pollClass] = Number.isFinite(state.dueMs[pollClass]) ? state.dueMs[pollClass] : nowMs;
  } else if (activity === 'collect') {
    const pollClass = collectClass(rules);
    if (pollClass !== undefined) dueMs[pollClass] = Number.isFinite(state.dueMs[pollClass]) ? state.dueMs[pollClass] : nowMs;
  }
  return { ...state, activity, dueMs, failures: 0, retryMs: 0 };
}

function answered(rules: PlanRules, state: PlanState, nowMs: number): PlanStep {
  const { polling, ...rest } = state;
  if (polling === undefined) return next(rules, state, nowMs, []);
  const effects: PlanEffect[] = [];
  const dueMs = { ...state.dueMs };
  const periodMs = periodOf(rules, state.activity, polling.pollClass);
  if (state.failures > 0) {
    // Recovered: everything at once, on a new grid.
    effects.push({ do: 'found' });
    for (const pollClass of pollClasses) if (Number.isFinite(dueMs[pollClass])) dueMs[pollClass] = nowMs;
    dueMs[polling.pollClass] += periodMs;
  } else if (periodMs === 0) {
    // As often as it answers; one that has nothing to say must not keep the event loop from turning.
    if (dueMs[polling.pollClass] === polling.dueMs) dueMs[polling.pollClass] = Math.max(nowMs, polling.startMs + LEAST_SCAN_MS);
  } else if (dueMs[polling.pollClass] === polling.dueMs) {
    // Otherwise the due time was changed meanwhile, by the role, and stands.
    const periods = Math.floor((polling.startMs - polling.dueMs) / periodMs) + 1;
    const nextMs = polling.dueMs + periods * periodMs;
    dueMs[polling.pollClass] = nextMs;
    if (periods > 1 || nowMs > nextMs) effects.push({ do: 'overrun', pollClass: polling.pollClass, missed: periods - 1 });
  }
  return next(rules, { ...rest, dueMs, failures: 0, retryMs: 0 }, nowMs, effects);
}

function failed(rules: PlanRules, state: PlanState, { chance, paced = false }: { readonly chance: number; readonly paced?: boolean }, nowMs: number): PlanStep {
  const { polling, ...rest } = state;
  if (polling === undefined) return next(rules, state, nowMs, []);
  if (state.dueMs[polling.pollClass] !== polling.dueMs) return next(rules, rest, nowMs, []);
  const failures = state.failures + 1;
  const scheduled = rules.classes.filter((pollClass) => Number.isFinite(state.dueMs[pollClass]));
  const shortestMs = Math.max(LEAST_RETRY_MS, Math.min(...scheduled.map((pollClass) => periodOf(rules, state.activity, pollClass))));
  const retryMs = nowMs + (paced ? pacedRetryMs(shortestMs, chance) : backoffMs(failures, shortestMs, chance));
  // The class stays due, so the try comes at its time even if the period is long.
  return next(rules, { ...rest, failures, retryMs }, nowMs, failures === 1 ? [{ do: 'lost' }] : []);
}

function periodOf(rules: PlanRules, activity: PlanActivity, pollClass: PollClass): number {
  if (activity === 'compare') return comparePeriodMs(rules.periodMs, pollClass);
  return activity === 'collect' ? rules.periodMs.slow : rules.periodMs[pollClass];
}

/**
 * How often a standby that compares asks: it is one more reader, and never in a hurry. Its pace has no beat in common with
 * the active's: of a signal that changes in step with the polls the two would see different halves for ever.
 */
export function comparePeriodMs(periodMs: PlanRules['periodMs'], pollClass: PollClass): number {
  return Math.round(OFF_BEAT * Math.max(LEAST_COMPARE_MS, periodMs[pollClass === 'fast' ? 'normal' : pollClass]));
}

function next(rules: PlanRules, state: PlanState, nowMs: number, effects: readonly PlanEffect[]): PlanStep {
  if (state.polling !== undefined) return { state, effects };
  let pollClass: PollClass | undefined;
  for (const candidate of rules.classes) {
    if (Number.isFinite(state.dueMs[candidate]) && (pollClass === undefined || state.dueMs[candidate] < state.dueMs[pollClass])) pollClass = candidate;
  }
  if (pollClass === undefined) return { state, effects };
  const dueMs = state.dueMs[pollClass];
  const atMs = Math.max(dueMs, state.retryMs);
  if (atMs > nowMs) return { state, effects: [...effects, { do: 'wake', atMs }] };
  return { state: { ...state, polling: { pollClass, dueMs, startMs: nowMs } }, effects: [...effects, { do: 'poll', pollClass, lateMs: nowMs - atMs }] };
}

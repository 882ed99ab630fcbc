import assert from 'node:assert/strict';
import fc from 'fast-check';
import { acknowledge, hold, isHeld, levelOf, newAlarm, nextDeadlineMs, reset, shownState, stepAlarm, without, type AlarmRule, type AlarmState, type AlarmStep, type Truth } from '../../src/functions/alarm/alarm.js';
import { internalJson, stateFrom, wireAlarm } from '../../src/functions/alarm/alarm-json.js';
import { limitTruth } from '../../src/functions/alarm/watch.js';
import type { AlarmDefinition } from '../../src/contract/index.js';

const END_MS = 60;

interface Limits {
  readonly high: number;
  readonly low: number;
  readonly deadband: number;
}

interface Case {
  readonly limits: Limits;
  readonly delays: { readonly onDelayMs: number; readonly offDelayMs: number };
  /** Value that comes at each millisecond; undefined: none, NaN: a bad one. */
  readonly values: readonly (number | undefined)[];
  /** Milliseconds with a tick. */
  readonly ticks: readonly boolean[];
}

const perMs = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(arbitrary, { minLength: END_MS, maxLength: END_MS });
const cases: fc.Arbitrary<Case> = fc.record({
  limits: fc.record({ high: fc.constantFrom(5, 6), low: fc.constantFrom(2, 3), deadband: fc.constantFrom(0, 1) }),
  delays: fc.record({ onDelayMs: fc.integer({ min: 0, max: 8 }), offDelayMs: fc.integer({ min: 0, max: 8 }) }),
  values: perMs(fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 2, arbitrary: fc.integer({ min: 0, max: 9 }) }, { weight: 1, arbitrary: fc.constant(NaN) })),
  ticks: perMs(fc.boolean()),
});

const ruleOf = ({ delays }: Pick<Case, 'delays'>, more: Partial<AlarmRule> = {}): AlarmRule => ({ levels: ['high', 'low'], ...delays, acknowledge: 'raised', latch: false, ...more });
const truthsOf = ({ high, low, deadband }: Limits, value: number): Truth[] => [limitTruth(value, high, 1, deadband), limitTruth(value, low, -1, deadband)];

/** As one would say it, for one side: it is on (off) when every millisecond of the delay had a value beyond (within). */
function sideOverTime({ limits, delays, values }: Case, isHigh: boolean): boolean[] {
  const history: number[] = [];
  const states: boolean[] = [];
  let on = false;
  const { high, low, deadband } = limits;
  const beyond = (value: number): boolean => (isHigh ? value > high : value < low);
  const within = (value: number): boolean => (isHigh ? value <= high - deadband : value >= low + deadband);
  const holds = (value: number): boolean => !Number.isNaN(value) && (on ? within(value) : beyond(value));
  const delay = (): number => (on ? delays.offDelayMs : delays.onDelayMs);
  for (let ms = 0; ms <= END_MS; ms++) {
    if (delay() > 0 && ms >= delay() && history.slice(ms - delay(), ms).every(holds)) on = !on;
    history[ms] = values[ms] ?? history[ms - 1] ?? NaN;
    if (ms < END_MS && delay() === 0 && holds(history[ms]!)) on = !on;
    states[ms] = on;
  }
  return states;
}

interface Story {
  readonly events: string[];
  readonly sides: boolean[][];
}

function run(given: Case, options: { split?: number; everyTick?: boolean } = {}): Story {
  const rule = ruleOf(given);
  let state = newAlarm(2);
  const events: string[] = [];
  const sides: boolean[][] = [[], []];
  let value = NaN;
  for (let ms = 0; ms <= END_MS; ms++) {
    value = given.values[ms] ?? value;
    if (ms === END_MS || given.ticks[ms] === true || given.values[ms] !== undefined || options.everyTick === true) {
      // The last look is a tick: what would come at once with it comes after the end.
      const step = stepAlarm(rule, state, truthsOf(given.limits, value), ms);
      events.push(...step.events.map((event) => `${event.event} ${event.state.sinceMs}`));
      state = step.state;
    }
    sides.forEach((side, part) => (side[ms] = state.parts[part]!.on));
    // A takeover: only what the keyed state can carry goes on.
    if (ms === options.split) state = carried(rule, state);
  }
  return { events, sides };
}

const definition: AlarmDefinition = { name: 'x', watch: { kind: 'limits', point: 0, deadband: 0 }, onDelayMs: 0, offDelayMs: 0, priority: 3, class: 'c' };

/** `isShown`: it has been anything but normal before. */
function carried(rule: AlarmRule, state: AlarmState, isShown = false): AlarmState {
  const wire = shownState(state) === 'normal' && state.occurrence === 0 && !isShown ? undefined : JSON.stringify(wireAlarm(definition, rule, 'P', state, '', 0));
  const internal = JSON.stringify(internalJson(rule, state));
  return stateFrom(rule, wire === undefined ? undefined : (JSON.parse(wire) as ReturnType<typeof wireAlarm>), (JSON.parse(internal) as ReturnType<typeof internalJson>) ?? undefined);
}

describe('alarm step', () => {
  it('has each limit as a slow and obvious reference has it', () => {
    fc.assert(fc.property(cases, (given) => {
      const { sides } = run(given, { everyTick: true });
      const slow = [sideOverTime(given, true), sideOverTime(given, false)];
      // (At the very end the two differ in whether the last value counts at once.)
      assert.deepEqual(sides.map((side) => side.slice(0, END_MS)), slow.map((side) => side.slice(0, END_MS)));
    }), { numRuns: 1_500 });
  });

  it('tells the same, wherever the ticks fall', () => {
    fc.assert(fc.property(cases, (given) => assert.deepEqual(run(given).events, run(given, { everyTick: true }).events)), { numRuns: 1_500 });
  });

  it('does not notice a takeover at any moment', () => {
    fc.assert(fc.property(cases, fc.integer({ min: 0, max: END_MS }), (given, split) => assert.deepEqual(run(given, { split }), run(given))), { numRuns: 1_000 });
  });

  it('is unmoved by the same look again', () => {
    fc.assert(fc.property(cases, (given) => {
      const rule = ruleOf(given);
      let state = newAlarm(2);
      given.values.forEach((value, ms) => {
        if (value === undefined) return;
        state = stepAlarm(rule, state, truthsOf(given.limits, value), ms).state;
        assert.equal(stepAlarm(rule, state, truthsOf(given.limits, value), ms).state, state);
      });
    }), { numRuns: 300 });
  });

  type Act = 'look' | 'ack' | 'ack raised' | 'ack returned' | 'reset' | 'shelve' | 'unshelve' | 'suppress' | 'unsuppress' | 'out' | 'in' | 'mute' | 'takeover';
  const acts = fc.array(fc.record({
    act: fc.constantFrom<Act>('look', 'look', 'look', 'look', 'ack', 'ack raised', 'ack returned', 'reset', 'shelve', 'unshelve', 'suppress', 'unsuppress', 'out', 'in', 'mute', 'takeover'),
    value: fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 0, max: 9 }) }, { weight: 1, arbitrary: fc.constant(NaN) }),
    afterMs: fc.integer({ min: 0, max: 6 }),
  }), { maxLength: 60 });
  const rules = fc.record({ onDelayMs: fc.integer({ min: 0, max: 4 }), offDelayMs: fc.integer({ min: 0, max: 4 }), acknowledge: fc.constantFrom<AlarmRule['acknowledge']>('raised', 'both', 'none'), latch: fc.boolean() });

  it('keeps to the states of ISA-18.2 whatever is done to it', () => {
    fc.assert(fc.property(acts, rules, (story, options) => {
      const rule: AlarmRule = { levels: ['high', 'low'], ...options };
      let state = newAlarm(2);
      let nowMs = 0;
      let value = 4;
      let isShown = false;
      const take = ({ state: after, events }: AlarmStep): void => {
        for (const { event, state: told } of events) {
          if (event === 'raised') {
            assert.ok(!isHeld(told.holds), 'nothing is raised that is shelved, suppressed or out of service');
            assert.equal(told.occurrence, state.occurrence + 1);
            assert.equal(told.open.raised, rule.acknowledge !== 'none');
          }
          if (event === 'returned') assert.ok(!isHeld(told.holds));
          assert.ok(told.sinceMs <= nowMs && told.sinceMs >= state.sinceMs, 'time does not go back');
          state = told;
          isShown ||= shownState(told) !== 'normal';
        }
        state = after;
        isShown ||= shownState(after) !== 'normal';
      };
      for (const { act, value: next, afterMs } of story) {
        nowMs += afterMs;
        take(stepAlarm(rule, state, truthsOf({ high: 6, low: 3, deadband: 1 }, value), nowMs));
        const { holds } = state;
        if (act === 'look') value = next;
        else if (act === 'ack') take(acknowledge(rule, state, undefined, nowMs));
        else if (act === 'ack raised' || act === 'ack returned') take(acknowledge(rule, state, act === 'ack raised' ? 'raised' : 'returned', nowMs));
        else if (act === 'reset') take(reset(state, nowMs));
        else if (act === 'shelve') take(hold(rule, state, { ...holds, shelved: { by: 'ann', untilMs: nowMs + 5 } }, 'shelved', nowMs));
        else if (act === 'unshelve' && holds.shelved !== undefined) take(hold(rule, state, without(holds, 'shelved'), 'unshelved', nowMs));
        else if (act === 'suppress' && holds.suppressed === undefined) take(hold(rule, state, { ...holds, suppressed: true }, 'suppressed', nowMs));
        else if (act === 'unsuppress' && holds.suppressed === true) take(hold(rule, state, without(holds, 'suppressed'), 'unsuppressed', nowMs));
        else if (act === 'out') take(hold(rule, state, { ...holds, outOfService: { by: 'ann' } }, 'out-of-service', nowMs));
        else if (act === 'in' && holds.outOfService !== undefined) take(hold(rule, state, without(holds, 'outOfService'), 'in-service', nowMs));
        else if (act === 'mute') take(hold(rule, state, { ...holds, mutedUntilMs: nowMs + 7 }, 'muted', nowMs));
        else if (act === 'takeover') {
          const again = carried(rule, state, isShown);
          assert.deepEqual(again, state);
          state = again;
        }
        take(stepAlarm(rule, state, truthsOf({ high: 6, low: 3, deadband: 1 }, value), nowMs));
        const active = levelOf(state) !== undefined;
        const shown = shownState(state);
        assert.ok((nextDeadlineMs(state) ?? Infinity) > nowMs, 'no deadline is left behind');
        assert.equal(shown === 'unacknowledged', !isHeld(state.holds) && active && state.open.raised);
        assert.equal(shown === 'returned-unacknowledged', !isHeld(state.holds) && !active && (state.open.raised || state.open.returned));
        if (shown === 'acknowledged') assert.ok(active && !state.open.raised);
        if (shown === 'latched') assert.ok(rule.latch && !active);
        if (state.holds.suppressed === true) assert.ok(!active, 'what is suppressed by design has no condition');
        if (isHeld(state.holds)) assert.deepEqual(state.open, { raised: false, returned: false });
        if (rule.acknowledge === 'none') assert.ok(!state.open.raised && !state.open.returned);
      }
    }), { numRuns: 1_500 });
  });
});

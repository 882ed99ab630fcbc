import assert from 'node:assert/strict';
import fc from 'fast-check';
import { backoffMs, MAX_BACKOFF_MS } from '../../src/field/backoff.js';
import { IDLE_PLAN, stepPlan, type PlanEffect, type PlanInput, type PlanRules, type PlanState } from '../../src/field/poll-plan.js';

const rules = { classes: ['fast', 'normal', 'slow'] as const, periodMs: { fast: 1_000, normal: 5_000, slow: 60_000 } };

/** Runs a plan whose polls take `pollMs`, and gives the start of every poll. */
function simulate(pollMs: (pollClass: string) => number, untilMs: number, reachable: (nowMs: number) => boolean = () => true, given: PlanRules = rules): { atMs: number; pollClass: string }[] {
  let state: PlanState = IDLE_PLAN;
  const polls: { atMs: number; pollClass: string }[] = [];
  const queue: { atMs: number; input: PlanInput }[] = [{ atMs: 0, input: { type: 'activity', activity: 'active' } }];
  for (let next = queue.shift(); next !== undefined && next.atMs <= untilMs; next = queue.shift()) {
    const nowMs = next.atMs;
    const step = stepPlan(given, state, next.input, nowMs);
    state = step.state;
    for (const effect of step.effects) {
      if (effect.do === 'wake') queue.push({ atMs: effect.atMs, input: { type: 'tick' } });
      if (effect.do !== 'poll') continue;
      polls.push({ atMs: nowMs, pollClass: effect.pollClass });
      const endMs = nowMs + pollMs(effect.pollClass);
      queue.push({ atMs: endMs, input: { type: 'polled', reachable: reachable(endMs), chance: 0 } });
    }
  }
  return polls;
}

const times = (polls: { atMs: number; pollClass: string }[], pollClass: string): number[] => polls.filter((poll) => poll.pollClass === pollClass).map((poll) => poll.atMs);

describe('poll plan', () => {
  it('polls every class at once, one after the other, then on a grid that polls do not shift', () => {
    const polls = simulate(() => 30, 10_500);
    assert.deepEqual(polls.slice(0, 3), [{ atMs: 0, pollClass: 'fast' }, { atMs: 30, pollClass: 'normal' }, { atMs: 60, pollClass: 'slow' }]);
    assert.deepEqual(times(polls, 'fast').slice(-3), [8_000, 9_000, 10_000]);
    assert.deepEqual(times(polls, 'normal'), [30, 5_030, 10_030]);
  });

  it('does not starve a slow class when the fast one overruns', () => {
    const polls = simulate((pollClass) => (pollClass === 'fast' ? 1_500 : 100), 130_000);
    assert.ok(times(polls, 'slow').length >= 3);
    assert.ok(times(polls, 'normal').length >= 25);
  });

  it('polls a class without a period one scan after the other, and the others when they are due', () => {
    const polls = simulate((pollClass) => (pollClass === 'fast' ? 7 : 100), 20_000, undefined, { ...rules, periodMs: { fast: 0, normal: 5_000, slow: 60_000 } });
    const fast = times(polls, 'fast');
    assert.ok(fast.length > 2_700, String(fast.length));
    assert.deepEqual(new Set(fast.slice(5, 100).map((atMs, index) => atMs - (fast[index + 4] ?? 0))), new Set([7]));
    assert.deepEqual(times(polls, 'normal').length, 4);
  });

  it('lets a device without a period that has nothing to say, or does not answer, not take every turn', () => {
    const continuous = { classes: ['fast'] as const, periodMs: { fast: 0, normal: 5_000, slow: 60_000 } };
    assert.equal(simulate(() => 0, 100, undefined, continuous).length, 101);
    assert.ok(simulate(() => 0, 100, () => false, continuous).length <= 5);
  });

  it('leaves out what an overrun missed instead of making up for it', () => {
    const polls = times(simulate((pollClass) => (pollClass === 'slow' ? 10_000 : 10), 15_000), 'fast');
    assert.deepEqual(polls.filter((at) => at > 0 && at < 10_100).length, 1);
    assert.deepEqual(polls.slice(-4), [12_000, 13_000, 14_000, 15_000]);
  });

  it('backs off a device that does not answer and polls everything at once when it does', () => {
    const polls = simulate(() => 0, 100_000, (nowMs) => nowMs >= 90_000);
    const tries = polls.map((poll) => poll.atMs).filter((at) => at < 91_000);
    assert.deepEqual(tries, [0, 1_000, 3_000, 7_000, 15_000, 31_000, 61_000]);
    const back = polls.filter((poll) => poll.atMs === 91_000).map((poll) => poll.pollClass);
    assert.deepEqual([...back].sort(), ['fast', 'normal', 'slow']);
    assert.deepEqual(polls.at(-1)?.atMs, 100_000);
  });

  it('says once that a device is lost, and once that it is found', () => {
    let state = IDLE_PLAN;
    const said: string[] = [];
    const run = (input: PlanInput, nowMs: number): readonly PlanEffect[] => {
      const step = stepPlan(rules, state, input, nowMs);
      state = step.state;
      said.push(...step.effects.map((effect) => effect.do).filter((what) => what === 'lost' || what === 'found'));
      return step.effects;
    };
    run({ type: 'activity', activity: 'active' }, 0);
    run({ type: 'polled', reachable: false, chance: 0 }, 10);
    run({ type: 'tick' }, 1_010);
    run({ type: 'polled', reachable: false, chance: 0 }, 1_020);
    run({ type: 'tick' }, 3_020);
    run({ type: 'polled', reachable: true, chance: 0 }, 3_030);
    assert.deepEqual(said, ['lost', 'found']);
  });

  it('keeps waits between the period and the maximum, and never shortens them as failures go on', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 60_000 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (failures, periodMs, chance) => {
      const wait = backoffMs(failures, periodMs, chance);
      assert.ok(wait <= MAX_BACKOFF_MS && wait >= Math.min(periodMs, MAX_BACKOFF_MS) * 0.79);
      assert.ok(backoffMs(failures + 1, periodMs, 0) >= backoffMs(failures, periodMs, 0));
    }));
  });

  it('asks a device whose driver paces itself again within half a second, however often it failed', () => {
    let state = stepPlan(rules, IDLE_PLAN, { type: 'activity', activity: 'active' }, 0).state;
    let nowMs = 0;
    for (let failures = 0; failures < 20; failures++) {
      nowMs += 1_000;
      const step = stepPlan(rules, state, { type: 'polled', reachable: false, chance: 0.5, paced: true }, nowMs);
      const wake = step.effects.find((effect) => effect.do === 'wake');
      assert.ok(wake !== undefined && wake.atMs > nowMs && wake.atMs <= nowMs + 500, JSON.stringify(step.effects));
      nowMs = wake.atMs;
      state = stepPlan(rules, step.state, { type: 'tick' }, nowMs).state;
    }
  });

  it('has at most one poll under way and always a way to go on, whatever happens to it', () => {
    const input = fc.oneof(
      fc.constantFrom<PlanInput>({ type: 'tick' }, { type: 'activity', activity: 'active' }, { type: 'activity', activity: 'collect' }, { type: 'activity', activity: 'idle' }),
      fc.record({ type: fc.constant('polled' as const), reachable: fc.boolean(), chance: fc.double({ min: 0, max: 0.999, noNaN: true }) }),
    );
    fc.assert(fc.property(fc.array(fc.tuple(input, fc.integer({ min: 0, max: 7_000 })), { maxLength: 60 }), (inputs) => {
      let state = IDLE_PLAN;
      let nowMs = 0;
      let underWay = 0;
      let wakeMs: number | undefined;
      for (const [event, waitMs] of inputs) {
        nowMs += waitMs;
        if (event.type === 'polled') {
          if (underWay === 0) continue;
          underWay--;
        }
        const step = stepPlan(rules, state, event, nowMs);
        state = step.state;
        wakeMs = undefined;
        for (const effect of step.effects) {
          if (effect.do === 'poll') underWay++;
          if (effect.do === 'wake') wakeMs = effect.atMs;
        }
        assert.ok(underWay <= 1);
        if (state.activity !== 'idle') assert.ok(underWay === 1 || wakeMs !== undefined, 'stuck');
        if (wakeMs !== undefined) assert.ok(wakeMs > nowMs);
      }
    }));
  });
});

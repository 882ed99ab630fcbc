import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isBeyond, isRaised, isWithin, NO_ALARM, stepAlarm } from '../../src/functions/alarm.js';

const END_MS = 60;

interface Case {
  readonly limits: { high?: number; low?: number; deadband: number; onDelayMs: number; offDelayMs: number };
  /** Value that comes at each millisecond; undefined: none, NaN: a bad one. */
  readonly values: readonly (number | undefined)[];
  /** Milliseconds with a tick. */
  readonly ticks: readonly boolean[];
}

const cases: fc.Arbitrary<Case> = fc.record({
  limits: fc.record({
    high: fc.constantFrom(5, 6), low: fc.constantFrom(2, 3), deadband: fc.constantFrom(0, 1), onDelayMs: fc.integer({ min: 0, max: 8 }), offDelayMs: fc.integer({ min: 0, max: 8 }),
  }),
  values: fc.array(fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 2, arbitrary: fc.integer({ min: 0, max: 9 }) }, { weight: 1, arbitrary: fc.constant(NaN) }), { minLength: END_MS, maxLength: END_MS }),
  ticks: fc.array(fc.boolean(), { minLength: END_MS, maxLength: END_MS }),
});

/** The rule as one would say it: raised (ended) when every millisecond of the delay had a value beyond (within). */
function slowReference({ limits, values }: Case): string[] {
  const events: string[] = [];
  const history: number[] = [];
  let raised = false;
  const holds = (value: number): boolean => !Number.isNaN(value) && (raised ? isWithin(limits, value) : isBeyond(limits, value));
  const delay = (): number => (raised ? limits.offDelayMs : limits.onDelayMs);
  const change = (atMs: number): void => {
    raised = !raised;
    events.push(`${raised ? 'raised' : 'returned'} ${atMs}`);
  };
  for (let ms = 0; ms <= END_MS; ms++) {
    if (delay() > 0 && ms >= delay() && history.slice(ms - delay(), ms).every(holds)) change(ms);
    history[ms] = values[ms] ?? history[ms - 1] ?? NaN;
    if (ms < END_MS && delay() === 0 && holds(history[ms]!)) change(ms);
  }
  return events;
}

function run({ limits, values, ticks }: Case, split = -1): string[] {
  let state = NO_ALARM;
  const events: string[] = [];
  for (let ms = 0; ms <= END_MS; ms++) {
    const value = values[ms];
    const inputs = [...(ms === END_MS || ticks[ms] === true || value !== undefined ? [{ type: 'tick' } as const] : []), ...(value === undefined ? [] : [{ type: 'value', value } as const])];
    for (const input of inputs) {
      const step = stepAlarm(limits, state, input, ms);
      if (step.event !== undefined) events.push(`${step.event} ${step.state.sinceMs}`);
      state = step.state;
    }
    // A takeover: only what JSON can carry goes on.
    if (ms === split) state = { ...NO_ALARM, ...(JSON.parse(JSON.stringify(state)) as typeof state) };
  }
  return events;
}

describe('alarm step', () => {
  it('does what a slow and obvious reference does, wherever the ticks fall', () => {
    fc.assert(fc.property(cases, (given) => assert.deepEqual(run(given), slowReference(given))), { numRuns: 3_000 });
  });

  it('does not notice a takeover at any moment', () => {
    fc.assert(fc.property(cases, fc.integer({ min: 0, max: END_MS }), (given, split) => assert.deepEqual(run(given, split), run(given))), { numRuns: 500 });
  });

  it('is unmoved by the same value again', () => {
    fc.assert(fc.property(cases, (given) => {
      let state = NO_ALARM;
      given.values.forEach((value, ms) => {
        if (value === undefined) return;
        state = stepAlarm(given.limits, state, { type: 'value', value }, ms).state;
        assert.deepEqual(stepAlarm(given.limits, state, { type: 'value', value }, ms).state, state);
      });
    }));
  });

  it('never holds two deadlines, and counts an occurrence for each raise', () => {
    fc.assert(fc.property(cases, (given) => {
      let state = NO_ALARM;
      let raises = 0;
      given.values.forEach((value, ms) => {
        if (value === undefined) return;
        const step = stepAlarm(given.limits, state, { type: 'value', value }, ms);
        if (!isRaised(state.phase) && isRaised(step.state.phase)) raises++;
        state = step.state;
        assert.ok(state.onDeadlineMs === undefined || state.offDeadlineMs === undefined);
      });
      assert.ok(state.occurrence >= raises);
    }));
  });
});

import assert from 'node:assert/strict';
import { createHelpers, type HelperScope, type LogicHelpers } from '../../../src/functions/logic/helpers.js';

/** Steps a program of helpers alone; what it keeps goes through JSON each time, as it does on the pair. */
class Bench {
  private readonly scope: HelperScope = { memory: {}, used: new Set(), nowMs: 0, dt: 0 };
  private readonly helpers = createHelpers(this.scope);

  step<T>(seconds: number, run: (helpers: LogicHelpers) => T): T {
    this.scope.memory = JSON.parse(JSON.stringify(this.scope.memory)) as Record<string, unknown>;
    this.scope.used = new Set();
    this.scope.dt = seconds;
    this.scope.nowMs += seconds * 1_000;
    return run(this.helpers);
  }

  steps<T>(count: number, seconds: number, run: (helpers: LogicHelpers) => T): T[] {
    return Array.from({ length: count }, () => this.step(seconds, run));
  }
}

describe('helpers of control programs', () => {
  it('scale: a reset schedule, level beyond its ends', () => {
    const bench = new Bench();
    assert.deepEqual([-20, -10, 5, 20, 30].map((oat) => bench.step(1, (h) => h.scale(oat, -10, 20, 70, 40))), [70, 70, 55, 40, 40]);
  });

  it('ramp: so much a second, another rate down', () => {
    const bench = new Bench();
    assert.equal(bench.step(1, (h) => h.ramp('r', 10, 2, 5)), 10);
    assert.deepEqual(bench.steps(3, 1, (h) => h.ramp('r', 15, 2, 5)), [12, 14, 15]);
    assert.deepEqual(bench.steps(2, 1, (h) => h.ramp('r', 6, 2, 5)), [10, 6]);
  });

  it('lag: 63 % of a step after its time constant, however it is cut into steps', () => {
    for (const seconds of [1, 5, 20]) {
      const bench = new Bench();
      bench.step(1, (h) => h.lag('l', 0, 100));
      const after = bench.steps(100 / seconds, seconds, (h) => h.lag('l', 10, 100)).at(-1) ?? 0;
      assert.ok(Math.abs(after - 10 * (1 - Math.exp(-1))) < 1e-9);
    }
  });

  it('onDelay and offDelay: for as long as they say', () => {
    const bench = new Bench();
    assert.deepEqual(bench.steps(5, 1, (h) => h.onDelay('d', true, 3)), [false, false, false, true, true]);
    assert.equal(bench.step(1, (h) => h.onDelay('d', false, 3)), false);
    assert.equal(bench.step(1, (h) => h.offDelay('o', true, 3)), true);
    assert.deepEqual(bench.steps(4, 1, (h) => h.offDelay('o', false, 3)), [true, true, false, false]);
  });

  it('hysteresis: cooling and heating', () => {
    const bench = new Bench();
    assert.deepEqual([23, 25, 24, 22, 24].map((t) => bench.step(1, (h) => h.hysteresis('cool', t, 25, 22))), [false, true, true, false, false]);
    assert.deepEqual([20, 18, 19, 21, 19].map((t) => bench.step(1, (h) => h.hysteresis('heat', t, 18, 21))), [false, true, true, false, false]);
  });

  it('latch: reset wins; rising: once; runHours: counts', () => {
    const bench = new Bench();
    assert.deepEqual([[1, 0], [0, 0], [1, 1], [0, 0]].map(([set, reset]) => bench.step(1, (h) => h.latch('l', set, reset))), [true, true, false, false]);
    assert.deepEqual([0, 1, 1, 0, 1].map((on) => bench.step(1, (h) => h.rising('r', on))), [false, true, false, false, true]);
    assert.equal(bench.steps(10, 3_600, (h) => h.runHours('p', true)).at(-1), 10);
  });

  describe('pid', () => {
    /** A room of first order, 20 K above 10 °C at full output. */
    const run = (bench: Bench, room: { t: number }, steps: number, settings: { sp: number; manual?: number | null; kp?: number; ti?: number }): number[] =>
      bench.steps(steps, 10, (h) => {
        const out = h.pid('room', { pv: room.t, kp: 10, ti: 300, ...settings });
        room.t += (10 + 0.2 * out - room.t) * (1 - Math.exp(-10 / 600));
        return out;
      });

    it('brings the value to the set-point without a lasting error', () => {
      const room = { t: 10 };
      run(new Bench(), room, 2_000, { sp: 21 });
      assert.ok(Math.abs(room.t - 21) < 0.01, String(room.t));
    });

    it('does not wind up: after hours out of reach it leaves the limit at once when it can', () => {
      const room = { t: 10 };
      const bench = new Bench();
      assert.equal(run(bench, room, 5_000, { sp: 40 }).at(-1), 100);
      const back = run(bench, room, 60, { sp: 20 });
      assert.ok((back[0] ?? 100) < 100 && back.slice(0, 10).some((out) => out === 0), String(back.slice(0, 10)));
    });

    it('returns from manual without a bump, and starts where it is told to', () => {
      const room = { t: 18 };
      const bench = new Bench();
      run(bench, room, 50, { sp: 21 });
      run(bench, room, 50, { sp: 21, manual: 42 });
      const held = room.t;
      const [first = 0] = run(bench, room, 1, { sp: 21 });
      assert.ok(Math.abs(first - 42) < 2, `${first} after 42 at ${held}`);
      const started = new Bench().step(0, (h) => h.pid('s', { pv: 19, sp: 21, kp: 10, ti: 300, start: 37 }));
      const proportional = new Bench();
      const p = (manual: number | null): number => proportional.step(1, (h) => h.pid('p', { pv: 21, sp: 21, kp: 10, start: 40, manual }));
      assert.deepEqual([p(null), p(10), p(null)], [40, 10, 40], 'without an integral part it has its middle back');
      assert.equal(started, 37);
    });

    it('direct action opens as the value rises; the derivative acts on the value, not on the set-point', () => {
      const bench = new Bench();
      assert.equal(bench.step(1, (h) => h.pid('c', { pv: 24, sp: 22, kp: 5, action: 'direct' })), 10);
      bench.step(1, (h) => h.pid('d', { pv: 20, sp: 20, kp: 1, td: 10 }));
      assert.equal(bench.step(1, (h) => h.pid('d', { pv: 20, sp: 25, kp: 1, td: 10 })), 5);
      assert.equal(bench.step(1, (h) => h.pid('d', { pv: 21, sp: 25, kp: 1, td: 10 })), 0);
    });

    it('goes on from its memory alone: with the same steps it gives the same outputs to the last bit', () => {
      const one = run(new Bench(), { t: 12 }, 300, { sp: 21 });
      assert.deepEqual(run(new Bench(), { t: 12 }, 300, { sp: 21 }), one);
    });

    it('names what is not a number', () => {
      assert.throws(() => new Bench().step(1, (h) => h.pid('x', { pv: NaN, sp: 1, kp: 1 })), /pv must be a number/);
    });
  });

  describe('leadLag', () => {
    it('the one that has run least leads, the lead rotates, and runtimes stay even', () => {
      const bench = new Bench();
      const ran = [0, 0, 0];
      for (const runs of bench.steps(24 * 30, 3_600, (h) => h.leadLag('p', { count: 3, wanted: 1, rotateEvery: 24 * 3_600 }))) runs.forEach((on, unit) => (ran[unit] = (ran[unit] ?? 0) + Number(on)));
      assert.equal(ran.reduce((sum, hours) => sum + hours), 24 * 30);
      assert.ok(Math.max(...ran) - Math.min(...ran) <= 24, String(ran));
    });

    it('who runs goes on running; one that fails is replaced at once', () => {
      const bench = new Bench();
      assert.deepEqual(bench.step(1, (h) => h.leadLag('p', { count: 2, wanted: 1 })), [true, false]);
      assert.deepEqual(bench.step(3_600, (h) => h.leadLag('p', { count: 2, wanted: 1 })), [true, false]);
      assert.deepEqual(bench.step(1, (h) => h.leadLag('p', { count: 2, wanted: 1, available: [false, true] })), [false, true]);
      assert.deepEqual(bench.step(1, (h) => h.leadLag('p', { count: 2, wanted: 2 })), [true, true]);
    });
  });

  it('stages: one by one, with their least times', () => {
    const bench = new Bench();
    const settings = { count: 4, minOn: 60 };
    assert.deepEqual(bench.steps(5, 10, (h) => h.stages('s', 80, settings)), [1, 2, 3, 3, 3]);
    assert.deepEqual(bench.steps(5, 10, (h) => h.stages('s', 0, settings)), [3, 3, 3, 2, 1]);
  });

  it('wants a name of its own for each helper that remembers', () => {
    const bench = new Bench();
    assert.throws(() => bench.step(1, (h) => h.ramp('a', 1, 1) + h.ramp('a', 2, 1)), /called twice in one step/);
    assert.throws(() => bench.step(1, (h) => h.ramp('', 1, 1)), /needs a name of its own/);
  });
});

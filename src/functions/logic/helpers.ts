/**
 * What a control program may call. The function is self-contained, because its **source text** is what runs: it is carried
 * into the sandbox (see `sandbox.ts`), and nothing from outside of it exists there. Whatever a helper keeps from step to
 * step lies in `scope.memory` under the key that the program names, so that it is replicated with the program's state and
 * goes on after a failover without a bump.
 */

/** What the sandbox sets before each step. */
export interface HelperScope {
  /** Plain JSON, by the helper's key. */
  memory: Record<string, unknown>;
  /** Keys used in this step: two helpers must not share one. */
  used: Set<string>;
  /** Pair time, milliseconds since 1970. */
  nowMs: number;
  /** Seconds since the last step; 0 in the first. */
  dt: number;
}

export interface PidSettings {
  readonly pv: number;
  readonly sp: number;
  /** Output units for each unit of error. */
  readonly kp: number;
  /** Seconds; 0: no integral part. */
  readonly ti?: number;
  /** Seconds. */
  readonly td?: number;
  readonly min?: number;
  readonly max?: number;
  /** `reverse` (heating, the default): the output rises as the value falls. `direct`: cooling. */
  readonly action?: 'reverse' | 'direct';
  /** Output that is held by hand: the loop follows it, so that letting go makes no bump. */
  readonly manual?: number | null;
  /** Output to begin with; without it the proportional part alone. */
  readonly start?: number;
}

export interface LeadLagSettings {
  readonly count: number;
  /** How many are to run. */
  readonly wanted: number;
  /** Which of them can run; all where left out. */
  readonly available?: readonly boolean[];
  /** The lead passes on after so many seconds; 0: when something else makes a change. */
  readonly rotateEvery?: number;
}

export interface StageSettings {
  readonly count: number;
  /** Seconds that a stage stays as it is at least. */
  readonly minOn?: number;
  readonly minOff?: number;
  /** How far the demand must fall below a stage's threshold, in percent of the demand's range. */
  readonly hysteresis?: number;
}

export type LogicHelpers = ReturnType<typeof createHelpers>;

export function createHelpers(scope: HelperScope) {
  function slot<T>(kind: string, key: unknown, fresh: () => T): T {
    if (typeof key !== 'string' || key === '') throw new TypeError(`${kind} needs a name of its own as its first argument, as ${kind}('supply', …)`);
    const id = `${kind} ${key}`;
    if (scope.used.has(id)) throw new TypeError(`${kind}('${key}', …) is called twice in one step: give each a name of its own`);
    scope.used.add(id);
    const known = scope.memory[id];
    if (known !== undefined) return known as T;
    const made = fresh();
    scope.memory[id] = made;
    return made;
  }
  function finite(kind: string, values: Record<string, unknown>): void {
    for (const name of Object.keys(values)) {
      const value = values[name];
      if (typeof value !== 'number' || !Number.isFinite(value)) throw new TypeError(`${kind}: ${name} must be a number (found ${String(value)})`);
    }
  }
  function clamp(value: number, low: number, high: number): number {
    return Math.min(Math.max(value, low), high);
  }

  return {
    /** Seconds. */
    s: 1,
    min: 60,
    h: 3_600,
    day: 86_400,
    /** Gives the output's priority slot back. */
    RELINQUISH: null,
    clamp,

    /** From (x0, y0) to (x1, y1) in a straight line, and level beyond: a reset schedule. */
    scale(x: number, x0: number, x1: number, y0: number, y1: number): number {
      finite('scale', { x, x0, x1, y0, y1 });
      return x0 === x1 ? y0 : y0 + (y1 - y0) * clamp((x - x0) / (x1 - x0), 0, 1);
    },

    /** Follows `target` by at most `rate` a second; `down` where falling is another rate. */
    ramp(key: string, target: number, rate: number, down = rate): number {
      finite('ramp', { target, rate, down });
      const memory = slot('ramp', key, () => ({ at: target }));
      memory.at = clamp(target, memory.at - Math.abs(down) * scope.dt, memory.at + Math.abs(rate) * scope.dt);
      return memory.at;
    },

    /** First-order filter with a time constant in seconds. */
    lag(key: string, x: number, tau: number): number {
      finite('lag', { x, tau });
      const memory = slot('lag', key, () => ({ at: x }));
      memory.at = tau <= 0 ? x : memory.at + (x - memory.at) * (1 - Math.exp(-scope.dt / tau));
      return memory.at;
    },

    /** True when the condition has held for so many seconds. */
    onDelay(key: string, condition: unknown, seconds: number): boolean {
      finite('onDelay', { seconds });
      const memory = slot<{ since: number | null }>('onDelay', key, () => ({ since: null }));
      if (!condition) memory.since = null;
      else memory.since ??= scope.nowMs;
      return memory.since !== null && scope.nowMs - memory.since >= seconds * 1_000;
    },

    /** True with the condition, and for so many seconds after it. */
    offDelay(key: string, condition: unknown, seconds: number): boolean {
      finite('offDelay', { seconds });
      const memory = slot<{ until: number | null }>('offDelay', key, () => ({ until: null }));
      if (condition) memory.until = scope.nowMs + seconds * 1_000;
      return Boolean(condition) || (memory.until !== null && scope.nowMs < memory.until);
    },

    /** On at `on`, off at `off`: for cooling `on` is the higher one, for heating the lower one. */
    hysteresis(key: string, x: number, on: number, off: number): boolean {
      finite('hysteresis', { x, on, off });
      const memory = slot('hysteresis', key, () => ({ on: false }));
      if (on >= off ? x >= on : x <= on) memory.on = true;
      else if (on >= off ? x <= off : x >= off) memory.on = false;
      return memory.on;
    },

    /** Set and reset; reset wins. */
    latch(key: string, set: unknown, reset: unknown): boolean {
      const memory = slot('latch', key, () => ({ on: false }));
      if (reset) memory.on = false;
      else if (set) memory.on = true;
      return memory.on;
    },

    /** True in the one step in which the condition becomes true. */
    rising(key: string, condition: unknown): boolean {
      const memory = slot('rising', key, () => ({ was: Boolean(condition) }));
      const rises = Boolean(condition) && !memory.was;
      memory.was = Boolean(condition);
      return rises;
    },

    /** Hours for which the condition has held. */
    runHours(key: string, condition: unknown): number {
      const memory = slot('runHours', key, () => ({ hours: 0 }));
      if (condition) memory.hours += scope.dt / 3_600;
      return memory.hours;
    },

    /**
     * PID in position form: derivative of the measurement, no integration further into a limit, and a start, a change of
     * `ti` and a return from `manual` without a bump.
     */
    pid(key: string, { pv, sp, kp, ti = 0, td = 0, min = 0, max = 100, action = 'reverse', manual = null, start }: PidSettings): number {
      finite('pid', { pv, sp, kp, ti, td, min, max });
      const error = action === 'direct' ? pv - sp : sp - pv;
      const proportional = kp * error;
      const memory = slot('pid', key, () => ({ integral: start === undefined ? 0 : start - proportional, pv }));
      const slope = scope.dt > 0 ? (pv - memory.pv) / scope.dt : 0;
      memory.pv = pv;
      if (manual !== null) {
        finite('pid', { manual });
        // (Without an integral part there is nothing to follow with: the output that it began with stays its middle.)
        if (ti > 0) memory.integral = clamp(manual, min, max) - proportional;
        return clamp(manual, min, max);
      }
      const derivative = kp * td * (action === 'direct' ? slope : -slope);
      const step = ti > 0 ? (proportional * scope.dt) / ti : 0;
      const before = proportional + memory.integral + derivative;
      if (!((before >= max && step > 0) || (before <= min && step < 0))) memory.integral += step;
      return clamp(proportional + memory.integral + derivative, min, max);
    },

    /** Which of `count` units run: those that have run least lead, one that cannot is replaced at once. */
    leadLag(key: string, { count, wanted, available, rotateEvery = 0 }: LeadLagSettings): boolean[] {
      finite('leadLag', { count, wanted, rotateEvery });
      const memory = slot('leadLag', key, () => ({ runs: Array.from({ length: count }, () => false), hours: Array.from({ length: count }, () => 0), sinceMs: scope.nowMs }));
      const can = (unit: number): boolean => available === undefined || Boolean(available[unit]);
      const units = Array.from({ length: count }, (_, unit) => unit);
      for (const unit of units) {
        memory.hours[unit] ??= 0;
        if (memory.runs[unit]) memory.hours[unit] += scope.dt / 3_600;
      }
      const rotates = rotateEvery > 0 && scope.nowMs - memory.sinceMs >= rotateEvery * 1_000;
      if (rotates) memory.sinceMs = scope.nowMs;
      const hours = (unit: number): number => memory.hours[unit] ?? 0;
      // Who runs goes on running until it is time to rotate; hours decide among the others.
      const order = units.filter(can).sort((a, b) => (rotates ? 0 : Number(memory.runs[b] ?? false) - Number(memory.runs[a] ?? false)) || hours(a) - hours(b) || a - b);
      const chosen = new Set(order.slice(0, Math.max(0, Math.floor(wanted))));
      memory.runs = units.map((unit) => chosen.has(unit));
      return [...memory.runs];
    },

    /** How many of `count` stages run for a demand of 0–100 %. */
    stages(key: string, demand: number, { count, minOn = 0, minOff = 0, hysteresis = 50 / count }: StageSettings): number {
      finite('stages', { demand, count, minOn, minOff, hysteresis });
      const memory = slot('stages', key, () => ({ on: 0, upMs: -1e15, downMs: -1e15 }));
      const width = 100 / count;
      const up = memory.on < count && demand >= (memory.on + 1) * width - 1e-9;
      const down = memory.on > 0 && demand <= memory.on * width - hysteresis;
      if (up && scope.nowMs - memory.downMs >= minOff * 1_000) {
        memory.on += 1;
        memory.upMs = scope.nowMs;
      } else if (down && scope.nowMs - memory.upMs >= minOn * 1_000) {
        memory.on -= 1;
        memory.downMs = scope.nowMs;
      }
      return memory.on;
    },
  };
}

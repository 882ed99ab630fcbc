/** First-order lag: moves `value` towards `target` with time constant `tauS`; exact for any step length. */
export function approach(value: number, target: number, tauS: number, dtS: number): number {
  return target + (value - target) * Math.exp(-dtS / tauS);
}

/** Moves at a constant rate, as a motor does, and stops at the target. */
export function travel(value: number, target: number, ratePerS: number, dtS: number): number {
  const most = ratePerS * dtS;
  return value + clamp(target - value, -most, most);
}

export function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}

/** Proportional-integral controller as a pure step; the integral stops where the output is at its end. */
export interface PiSettings {
  readonly gain: number;
  readonly integralPerS: number;
  readonly min: number;
  readonly max: number;
}

export interface PiResult {
  readonly output: number;
  readonly integral: number;
}

export function pi(settings: PiSettings, integral: number, error: number, dtS: number): PiResult {
  const next = clamp(integral + settings.integralPerS * error * dtS, settings.min, settings.max);
  return { output: clamp(settings.gain * error + next, settings.min, settings.max), integral: next };
}

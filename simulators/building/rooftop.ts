import { approach, clamp, pi, travel } from './math.js';

export const rooftopModes = ['off', 'auto', 'hand'] as const;
export type RooftopMode = (typeof rooftopModes)[number];

/** The packaged unit on the roof that serves the lobby, with gas heat and its own compressor. */
export interface RooftopInputs {
  readonly mode: RooftopMode;
  readonly fanCommand: boolean;
  readonly supplySetpointC: number;
  /** A command that takes the place of the controller's output. */
  readonly heatOverridePct?: number | undefined;
  readonly coolOverridePct?: number | undefined;
}

export interface RooftopState {
  readonly supplyC: number;
  readonly lobbyC: number;
  readonly heatPct: number;
  readonly coolPct: number;
  readonly fanPct: number;
  readonly filterDirtPa: number;
  readonly kw: number;
  readonly integral: number;
}

export const initialRooftop: RooftopState = { supplyC: 19, lobbyC: 21.5, heatPct: 0, coolPct: 10, fanPct: 100, filterDirtPa: 60, kw: 6, integral: 0 };

const control = { gain: 5, integralPerS: 0.3, min: -100, max: 100 };

export function stepRooftop(unit: RooftopState, inputs: RooftopInputs, outdoorC: number, dtS: number): RooftopState {
  const fanPct = travel(unit.fanPct, inputs.fanCommand && inputs.mode !== 'off' ? 100 : 0, 20, dtS);
  const air = fanPct > 20;
  const auto = air && inputs.mode === 'auto';
  const { output, integral } = auto ? pi(control, unit.integral, inputs.supplySetpointC - unit.supplyC, dtS) : { output: 0, integral: 0 };
  const heatPct = travel(unit.heatPct, inputs.heatOverridePct ?? Math.max(0, output), 10, dtS);
  const coolPct = travel(unit.coolPct, inputs.coolOverridePct ?? Math.max(0, -output), 10, dtS);
  const mixedC = 0.75 * unit.lobbyC + 0.25 * outdoorC;
  const supplyC = air
    ? approach(unit.supplyC, mixedC + 0.2 * heatPct - 0.14 * coolPct, 15, dtS)
    : approach(unit.supplyC, (outdoorC + unit.lobbyC) / 2, 300, dtS);
  const balanceC = air ? 0.6 * supplyC + 0.25 * outdoorC + 6.2 : outdoorC + 4;
  return {
    supplyC,
    lobbyC: approach(unit.lobbyC, balanceC, air ? 900 : 7_200, dtS),
    heatPct,
    coolPct,
    fanPct,
    filterDirtPa: clamp(unit.filterDirtPa + (fanPct / 100) * dtS * (1 / 3600), 0, 400),
    kw: 3 * (fanPct / 100) + 0.09 * coolPct * (fanPct / 100),
    integral,
  };
}

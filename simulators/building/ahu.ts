import { approach, clamp, pi, travel } from './math.js';

export const ahuModes = ['off', 'auto', 'hand', 'purge'] as const;
export type AhuMode = (typeof ahuModes)[number];

export interface AhuInputs {
  readonly mode: AhuMode;
  readonly fanCommand: boolean;
  readonly supplySetpointC: number;
  readonly pressureSetpointPa: number;
  /** Mode hand: the speed itself; mode auto: the most that the pressure control may use. */
  readonly fanSpeedPct: number;
  readonly handHeatingPct: number;
  readonly handCoolingPct: number;
  readonly damperMinPct: number;
  /** A filter change; what was dirt begins anew. */
  readonly filterChanged: boolean;
  /** Smoke in the duct stops the fan. */
  readonly smoke: boolean;
  /** A broken belt: the motor runs, no air moves. */
  readonly beltBroken: boolean;
  /** A jammed valve: percent open, whatever the controller says. */
  readonly heatingJammedPct?: number | undefined;
}

export interface AhuState {
  readonly fanSpeedPct: number;
  /** The differential-pressure switch over the fan: air really moves. */
  readonly fanStatus: boolean;
  readonly fanFault: boolean;
  readonly fanHours: number;
  readonly fanKw: number;
  /** Share of the nominal air flow, 0 … 1. */
  readonly flow: number;
  readonly mixedC: number;
  readonly supplyC: number;
  readonly returnC: number;
  readonly heatingPct: number;
  readonly coolingPct: number;
  readonly damperPct: number;
  /** Pressure drop that dirt alone adds at full flow. */
  readonly filterDirtPa: number;
  readonly filterPa: number;
  readonly ductPa: number;
  /** Latched until the fan is commanded off. */
  readonly frost: boolean;
  readonly heatingKw: number;
  readonly coolingKw: number;
  readonly integral: number;
}

/** What the unit meets: outdoor and room air, and the water that its coils get (flows 0 … 1). */
export interface AhuSurroundings {
  readonly outdoorC: number;
  readonly roomsC: number;
  readonly hotWaterC: number;
  readonly chilledWaterC: number;
  readonly hotFlow: number;
  readonly chilledFlow: number;
}

export const initialAhu: AhuState = {
  fanSpeedPct: 79, fanStatus: true, fanFault: false, fanHours: 18_402, fanKw: 5, flow: 0.79, mixedC: 19, supplyC: 18, returnC: 22,
  heatingPct: 0, coolingPct: 10, damperPct: 30, filterDirtPa: 120, filterPa: 118, ductPa: 250, frost: false, heatingKw: 0, coolingKw: 0, integral: -10,
};

const fanRampPctPerS = 8;
const statusAbove = 0.2;
const ductPaAtFullFlow = 400;
const kwPerKelvin = 6; // 5 m³/s of air at full speed
const plantRoomC = 27;
/** One sequence over both valves: positive heats, negative cools. */
const sequence = { gain: 3, integralPerS: 0.15, min: -100, max: 100 };

export function stepAhu(ahu: AhuState, inputs: AhuInputs, around: AhuSurroundings, dtS: number): AhuState {
  const commanded = inputs.fanCommand && inputs.mode !== 'off';
  const fanSpeedPct = travel(ahu.fanSpeedPct, commanded && !ahu.frost && !inputs.smoke ? wantedSpeed(inputs) : 0, fanRampPctPerS, dtS);
  const flow = inputs.beltBroken ? 0 : fanSpeedPct / 100;
  const fanStatus = flow > statusAbove;
  const { heating, cooling, integral } = valves(ahu, inputs, fanStatus, dtS);
  const heatingPct = travel(ahu.heatingPct, inputs.heatingJammedPct ?? heating, 4, dtS);
  const coolingPct = travel(ahu.coolingPct, cooling, 4, dtS);
  const damperPct = travel(ahu.damperPct, wantedDamper(ahu, inputs, fanStatus, around), 3, dtS);
  const returnC = approach(ahu.returnC, around.roomsC, fanStatus ? 30 : 1_200, dtS);
  const mixedC = approach(ahu.mixedC, (around.outdoorC * damperPct + returnC * (100 - damperPct)) / 100, fanStatus ? 15 : 900, dtS);
  const heatK = (heatingPct / 100) * Math.max(0, around.hotWaterC - mixedC) * 0.6 * around.hotFlow;
  const coolK = (coolingPct / 100) * Math.max(0, mixedC - around.chilledWaterC) * 0.8 * around.chilledFlow;
  // Without air the sensor hangs in a duct that slowly takes the temperature of the plant room.
  const supplyC = fanStatus
    ? approach(ahu.supplyC, mixedC + heatK - coolK + 0.6 * flow, 12, dtS)
    : approach(ahu.supplyC, plantRoomC + heatK * 0.3, 150, dtS);
  const filterDirtPa = inputs.filterChanged ? 0 : ahu.filterDirtPa + flow * dtS * (1.5 / 3600);
  return {
    fanSpeedPct,
    fanStatus,
    fanFault: inputs.beltBroken && fanSpeedPct > 50,
    fanHours: ahu.fanHours + (fanStatus ? dtS / 3600 : 0),
    fanKw: 11 * clamp(fanSpeedPct / 100, 0, 1) ** 3 * (inputs.beltBroken ? 0.3 : 1),
    flow,
    mixedC,
    supplyC,
    returnC,
    heatingPct,
    coolingPct,
    damperPct,
    filterDirtPa,
    filterPa: (70 + filterDirtPa) * flow * flow,
    ductPa: ductPaAtFullFlow * flow * flow,
    frost: commanded && (ahu.frost || (fanStatus && supplyC < 4)),
    heatingKw: heatK * kwPerKelvin * flow,
    coolingKw: coolK * kwPerKelvin * flow,
    integral,
  };
}

function wantedSpeed(inputs: AhuInputs): number {
  switch (inputs.mode) {
    case 'off':
      return 0;
    case 'auto':
      return clamp(100 * Math.sqrt(inputs.pressureSetpointPa / ductPaAtFullFlow), 0, inputs.fanSpeedPct);
    case 'hand':
      return inputs.fanSpeedPct;
    case 'purge':
      return 100;
  }
}

function valves(ahu: AhuState, inputs: AhuInputs, air: boolean, dtS: number): { heating: number; cooling: number; integral: number } {
  if (inputs.mode === 'hand') return { heating: inputs.handHeatingPct, cooling: inputs.handCoolingPct, integral: 0 };
  // Frost: the coil is all that protects the water in it.
  if (ahu.frost) return { heating: 100, cooling: 0, integral: 0 };
  if (!air || inputs.mode !== 'auto') return { heating: 0, cooling: 0, integral: 0 };
  const { output, integral } = pi(sequence, ahu.integral, inputs.supplySetpointC - ahu.supplyC, dtS);
  return { heating: Math.max(0, output), cooling: Math.max(0, -output), integral };
}

/** More outdoor air where it cools for nothing, the minimum else. */
function wantedDamper(ahu: AhuState, inputs: AhuInputs, air: boolean, around: AhuSurroundings): number {
  if (!air) return 0;
  if (inputs.mode === 'purge') return 100;
  const free = ahu.integral < 0 && around.outdoorC < ahu.returnC - 1;
  return free ? clamp(inputs.damperMinPct - ahu.integral, inputs.damperMinPct, 100) : inputs.damperMinPct;
}

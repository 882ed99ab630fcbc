import { approach, clamp, pi, travel } from './math.js';

export const roomModes = ['off', 'heating', 'ventilating', 'cooling'] as const;
export type RoomMode = (typeof roomModes)[number];

/** What is undefined is left to the VAV controller. */
export interface RoomInputs {
  readonly setpointC: number;
  readonly occupied?: boolean | undefined;
  readonly mode?: RoomMode | undefined;
  readonly damperOverridePct?: number | undefined;
  readonly reheatOverridePct?: number | undefined;
}

/** What distinguishes one room from another. */
export interface RoomShape {
  readonly name: string;
  readonly people: number;
  /** Heat of machines that never sleep. */
  readonly machinesKw: number;
  /** What the sun brings through its windows at noon. */
  readonly sunKw: number;
  readonly lossKwPerK: number;
}

/** A room with its VAV box: damper for cooling and fresh air, reheat coil for heating. */
export interface RoomState {
  readonly temperatureC: number;
  readonly co2Ppm: number;
  readonly people: number;
  readonly occupied: boolean;
  readonly mode: RoomMode;
  readonly damperPct: number;
  readonly reheatPct: number;
  readonly flowM3h: number;
  readonly integral: number;
}

export interface RoomSurroundings {
  readonly outdoorC: number;
  readonly sunPct: number;
  readonly occupancy: number;
  readonly supplyC: number;
  /** Pressure in the duct as a share of nominal, 0 … 1. */
  readonly duct: number;
  readonly hotFlow: number;
}

export const initialRoom: RoomState = {
  temperatureC: 22, co2Ppm: 520, people: 0, occupied: false, mode: 'ventilating', damperPct: 35, reheatPct: 0, flowM3h: 300, integral: 20,
};

const maxFlowM3h = 1_500;
const minDamperPct = 20;
const heatCapacityKjPerK = 420;
const volumeM3 = 120;
const reheatKw = 2.5;
const vacantDeadbandK = 1.5;
/** Positive opens the damper, negative the reheat coil. */
const control = { gain: 30, integralPerS: 0.05, min: -100, max: 100 };

export function stepRoom(room: RoomState, inputs: RoomInputs, shape: RoomShape, around: RoomSurroundings, dtS: number): RoomState {
  const people = approach(room.people, shape.people * around.occupancy, 120, dtS);
  const occupied = inputs.occupied ?? people > 0.5;
  const error = room.temperatureC - inputs.setpointC;
  const felt = occupied ? error : Math.sign(error) * Math.max(0, Math.abs(error) - vacantDeadbandK);
  const { output, integral } = pi(control, room.integral, felt, dtS);
  const mode = inputs.mode ?? (output > minDamperPct ? 'cooling' : output < -2 ? 'heating' : 'ventilating');
  const damperPct = travel(room.damperPct, inputs.damperOverridePct ?? wantedDamper(mode, output), 2, dtS);
  const reheatPct = travel(room.reheatPct, inputs.reheatOverridePct ?? (mode === 'heating' ? clamp(-output, 0, 100) : 0), 3, dtS);
  const flowM3h = maxFlowM3h * (damperPct / 100) * Math.sqrt(around.duct);
  const airKwPerK = (flowM3h / 3600) * 1.2;
  const gainKw = people * 0.11 + shape.machinesKw + 0.25 * around.occupancy + shape.sunKw * (around.sunPct / 100) + reheatKw * (reheatPct / 100) * around.hotFlow;
  // Towards the balance of everything that flows through the room, at the pace of its mass.
  const exchange = airKwPerK + shape.lossKwPerK;
  const balanceC = (gainKw + airKwPerK * around.supplyC + shape.lossKwPerK * around.outdoorC) / exchange;
  const temperatureC = approach(room.temperatureC, balanceC, heatCapacityKjPerK / exchange, dtS);
  const freshM3h = flowM3h + 25; // the rest comes through the gaps
  const balancePpm = 420 + (people * 0.019 * 1e6) / freshM3h;
  const co2Ppm = approach(room.co2Ppm, balancePpm, (volumeM3 / freshM3h) * 3600, dtS);
  return { temperatureC, co2Ppm, people, occupied, mode, damperPct, reheatPct, flowM3h, integral };
}

function wantedDamper(mode: RoomMode, output: number): number {
  switch (mode) {
    case 'off':
      return 0;
    case 'heating':
      return minDamperPct;
    case 'ventilating':
      return Math.max(minDamperPct, Math.min(output, 60));
    case 'cooling':
      return clamp(output, minDamperPct, 100);
  }
}

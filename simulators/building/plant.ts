import { approach, clamp, pi, travel } from './math.js';
import { stepChiller, type ChillerState } from './chiller.js';

export interface PlantInputs {
  readonly chillerCommand: boolean;
  readonly chilledSetpointC: number;
  /** Two pumps for the chilled water, one of them enough. */
  readonly pumpCommands: readonly [boolean, boolean];
  readonly boilerCommand: boolean;
  readonly hotSetpointC: number;
  /** The chiller's own protection trips. */
  readonly chillerTrips: boolean;
  /** Pumps stand still although commanded. */
  readonly pumpsFail: boolean;
}

export interface PumpState {
  readonly speedPct: number;
  readonly hours: number;
}

export interface PlantState {
  readonly chiller: ChillerState;
  readonly capacityPct: number;
  readonly chillerKw: number;
  readonly chilledSupplyC: number;
  readonly chilledReturnC: number;
  readonly pumps: readonly [PumpState, PumpState];
  /** Share of the nominal chilled-water flow, 0 … 1. */
  readonly chilledFlow: number;
  readonly boiler: boolean;
  readonly firingPct: number;
  readonly hotSupplyC: number;
  readonly hotReturnC: number;
  /** The boiler has a pump of its own. */
  readonly hotFlow: number;
  readonly integral: number;
}

export const initialPlant: PlantState = {
  chiller: { phase: 'running', sinceS: 0 }, capacityPct: 20, chillerKw: 8, chilledSupplyC: 7, chilledReturnC: 9,
  pumps: [{ speedPct: 100, hours: 9_120 }, { speedPct: 0, hours: 8_877 }], chilledFlow: 0.67,
  boiler: true, firingPct: 10, hotSupplyC: 55, hotReturnC: 50, hotFlow: 1, integral: 20,
};

const nominalKw = 120;
const loopKjPerK = 900;
const waterKwPerK = 30;
const control = { gain: 8, integralPerS: 0.2, min: 0, max: 100 };

export function stepPlant(plant: PlantState, inputs: PlantInputs, load: { heatingKw: number; coolingKw: number }, dtS: number): PlantState {
  const pumps = [stepPump(plant.pumps[0], inputs.pumpCommands[0] && !inputs.pumpsFail, dtS), stepPump(plant.pumps[1], inputs.pumpCommands[1] && !inputs.pumpsFail, dtS)] as const;
  const speed = (pumps[0].speedPct + pumps[1].speedPct) / 100;
  const chilledFlow = Math.min(speed, 1) * 0.67 + Math.max(0, speed - 1) * 0.33;
  const chiller = stepChiller(plant.chiller, { command: inputs.chillerCommand, trips: inputs.chillerTrips, water: chilledFlow > 0.3 }, dtS);
  const loop = chiller.phase === 'running' ? pi(control, plant.integral, plant.chilledSupplyC - inputs.chilledSetpointC, dtS) : { output: 0, integral: 0 };
  const capacityPct = travel(plant.capacityPct, loop.output, 5, dtS);
  const chillingKw = (capacityPct / 100) * nominalKw;
  // The loop gains heat from the coil and through its insulation, and loses what the chiller takes.
  const gainKw = load.coolingKw + 4 + 0.6 * (22 - plant.chilledSupplyC);
  const chilledSupplyC = clamp(plant.chilledSupplyC + ((gainKw - chillingKw) / loopKjPerK) * dtS, 3, 30);
  const boiler = inputs.boilerCommand;
  const hotFlow = travel(plant.hotFlow, boiler && !inputs.pumpsFail ? 1 : 0, 0.25, dtS);
  const hotSupplyC = approach(plant.hotSupplyC, boiler ? inputs.hotSetpointC : 22, boiler ? 60 : 600, dtS);
  const hotDropK = hotFlow > 0.05 ? (load.heatingKw + 12) / (waterKwPerK * hotFlow) : 1;
  return {
    chiller,
    capacityPct,
    chillerKw: (chiller.phase === 'running' ? 1.5 : 0.2) + chillingKw / (4.2 - 0.01 * capacityPct),
    chilledSupplyC,
    chilledReturnC: approach(plant.chilledReturnC, chilledSupplyC + (chilledFlow > 0.05 ? gainKw / (waterKwPerK * chilledFlow) : 0.5), 20, dtS),
    pumps,
    chilledFlow,
    boiler,
    firingPct: boiler ? clamp((load.heatingKw + 12) / 1.5 + 4 * (inputs.hotSetpointC - hotSupplyC), 0, 100) : 0,
    hotSupplyC,
    hotReturnC: approach(plant.hotReturnC, hotSupplyC - hotDropK, 20, dtS),
    hotFlow,
    integral: loop.integral,
  };
}

function stepPump(pump: PumpState, run: boolean, dtS: number): PumpState {
  const speedPct = travel(pump.speedPct, run ? 100 : 0, 25, dtS);
  return { speedPct, hours: pump.hours + (speedPct > 0 ? dtS / 3600 : 0) };
}

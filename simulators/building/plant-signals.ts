import type { BuildingInputs, BuildingState } from './building.js';
import { noise } from './noise.js';
import type { PlantInputs } from './plant.js';
import { flag, sensor, type PlcSignal } from './signal.js';

const float = (point: string, offset: number, read: PlcSignal['read']): PlcSignal => ({ point, area: 'ir', offset, type: 'float32', scale: 1, read });
const measured = (point: string, offset: number, amplitude: number, read: (state: BuildingState) => number): PlcSignal =>
  float(point, offset, sensor(point, amplitude, read));
const hours = (point: string, offset: number, read: (state: BuildingState) => number): PlcSignal =>
  ({ point, area: 'ir', offset, type: 'uint32', scale: 1, read });
const setpoint = (point: string, offset: number, read: (plant: PlantInputs) => number, change: (value: number) => Partial<PlantInputs>): PlcSignal =>
  ({ point, area: 'hr', offset, type: 'float32', scale: 1, read: (_, inputs) => read(inputs.plant), command: (inputs, value) => withPlant(inputs, change(value)) });
const coil = (point: string, offset: number, read: (plant: PlantInputs) => boolean, change: (on: boolean, plant: PlantInputs) => Partial<PlantInputs>): PlcSignal => ({
  point, area: 'co', offset, type: 'bool', scale: 1,
  read: flag((_, inputs) => read(inputs.plant)),
  command: (inputs, value) => withPlant(inputs, change(value !== 0, inputs.plant)),
});
const contact = (point: string, offset: number, read: (state: BuildingState) => boolean): PlcSignal =>
  ({ point, area: 'di', offset, type: 'bool', scale: 1, read: flag(read) });

function withPlant(inputs: BuildingInputs, change: Partial<PlantInputs>): BuildingInputs {
  return { ...inputs, plant: { ...inputs.plant, ...change } };
}

const nominalFlowM3h = 45;

/** The registers of plc-plant: float32 with the high word first; the meters from register 100. */
export const plantSignals: readonly PlcSignal[] = [
  measured('CH1.ChwST', 0, 0.05, (state) => state.plant.chilledSupplyC),
  measured('CH1.ChwRT', 2, 0.05, (state) => state.plant.chilledReturnC),
  float('CH1.Load', 4, (state) => state.plant.capacityPct),
  measured('CH1.kW', 6, 0.2, (state) => state.plant.chillerKw),
  float('CHW.Flow', 8, (state) => nominalFlowM3h * state.plant.chilledFlow * (1 + 0.01 * noise(state.seed, 'CHW.Flow', state.localMs))),
  float('CHW.Dp', 10, (state) => 180 * state.plant.chilledFlow ** 2),
  measured('B1.HwST', 12, 0.1, (state) => state.plant.hotSupplyC),
  measured('B1.HwRT', 14, 0.1, (state) => state.plant.hotReturnC),
  float('B1.Firing', 16, (state) => state.plant.firingPct),
  float('P1.Speed', 18, (state) => state.plant.pumps[0].speedPct),
  float('P2.Speed', 20, (state) => state.plant.pumps[1].speedPct),
  hours('P1.Hours', 22, (state) => state.plant.pumps[0].hours),
  hours('P2.Hours', 24, (state) => state.plant.pumps[1].hours),
  setpoint('CH1.ChwSTSp', 0, (plant) => plant.chilledSetpointC, (value) => ({ chilledSetpointC: value })),
  setpoint('B1.HwSTSp', 2, (plant) => plant.hotSetpointC, (value) => ({ hotSetpointC: value })),
  coil('CH1.Cmd', 0, (plant) => plant.chillerCommand, (on) => ({ chillerCommand: on })),
  coil('P1.Cmd', 1, (plant) => plant.pumpCommands[0], (on, plant) => ({ pumpCommands: [on, plant.pumpCommands[1]] })),
  coil('P2.Cmd', 2, (plant) => plant.pumpCommands[1], (on, plant) => ({ pumpCommands: [plant.pumpCommands[0], on] })),
  coil('B1.Cmd', 3, (plant) => plant.boilerCommand, (on) => ({ boilerCommand: on })),
  contact('CH1.Sts', 0, (state) => state.plant.chiller.phase === 'running'),
  contact('P1.Sts', 1, (state) => state.plant.pumps[0].speedPct > 20),
  contact('P2.Sts', 2, (state) => state.plant.pumps[1].speedPct > 20),
  contact('B1.Sts', 3, (state) => state.plant.boiler),
  contact('CH1.Fault', 4, (state) => state.plant.chiller.phase === 'fault'),
  float('Main.kW', 100, (state) => state.meters.mainKw),
  float('Main.kWh', 102, (state) => state.meters.mainKwh),
  float('Hvac.kW', 104, (state) => state.meters.hvacKw),
  float('Hvac.kWh', 106, (state) => state.meters.hvacKwh),
];

import { ahuModes, type AhuInputs, type AhuState } from './ahu.js';
import type { BuildingInputs, BuildingState } from './building.js';
import { flag, sensor, type PlcSignal } from './signal.js';

const input = (point: string, offset: number, type: 'int16' | 'uint16', scale: number, read: PlcSignal['read']): PlcSignal =>
  ({ point, area: 'ir', offset, type, scale, read });

const measured = (point: string, offset: number, type: 'int16' | 'uint16', scale: number, amplitude: number, read: (ahu: AhuState) => number): PlcSignal =>
  input(point, offset, type, scale, sensor(point, amplitude, (state) => read(state.ahu)));

const setpoint = (point: string, offset: number, type: 'int16' | 'uint16', scale: number, read: (ahu: AhuInputs) => number, change: (value: number) => Partial<AhuInputs>): PlcSignal =>
  ({ point, area: 'hr', offset, type, scale, read: (_, inputs) => read(inputs.ahu), command: (inputs, value) => withAhu(inputs, change(value)) });

const contact = (point: string, offset: number, read: (state: BuildingState, inputs: BuildingInputs) => boolean): PlcSignal =>
  ({ point, area: 'di', offset, type: 'bool', scale: 1, read: flag(read) });

function withAhu(inputs: BuildingInputs, change: Partial<AhuInputs>): BuildingInputs {
  return { ...inputs, ahu: { ...inputs.ahu, ...change } };
}

/** People breathe; what the rooms hold comes back mixed. */
const returnCo2 = (state: BuildingState): number => state.rooms.reduce((sum, room) => sum + room.co2Ppm, 0) / state.rooms.length;
const returnHumidity = (state: BuildingState): number => 35 + 0.2 * state.outdoor.humidityPct;

/** The registers of plc-ahu: 16 bits each, tenths where people need them. */
export const ahuSignals: readonly PlcSignal[] = [
  measured('AHU1.SaT', 0, 'int16', 0.1, 0.2, (ahu) => ahu.supplyC),
  measured('AHU1.RaT', 1, 'int16', 0.1, 0.15, (ahu) => ahu.returnC),
  measured('AHU1.MaT', 2, 'int16', 0.1, 0.2, (ahu) => ahu.mixedC),
  input('AHU1.RaRH', 3, 'uint16', 0.1, sensor('AHU1.RaRH', 0.4, returnHumidity)),
  measured('AHU1.SaP', 4, 'int16', 1, 4, (ahu) => ahu.ductPa),
  measured('AHU1.FilterDp', 5, 'int16', 1, 1.5, (ahu) => ahu.filterPa),
  measured('AHU1.SaFlow', 6, 'uint16', 10, 60, (ahu) => 18_000 * ahu.flow),
  input('AHU1.RaCO2', 7, 'uint16', 1, sensor('AHU1.RaCO2', 4, returnCo2)),
  measured('AHU1.FanSpeed', 8, 'uint16', 0.1, 0.2, (ahu) => ahu.fanSpeedPct),
  measured('AHU1.FanAmps', 9, 'uint16', 0.01, 0.05, (ahu) => 1.9 * ahu.fanKw),
  { point: 'AHU1.FanHours', area: 'ir', offset: 10, type: 'uint32', scale: 1, read: (state) => state.ahu.fanHours },
  input('AHU1.HV1Pos', 12, 'uint16', 0.1, (state) => state.ahu.heatingPct),
  input('AHU1.CV1Pos', 13, 'uint16', 0.1, (state) => state.ahu.coolingPct),
  input('AHU1.OaDmpPos', 14, 'uint16', 0.1, (state) => state.ahu.damperPct),
  setpoint('AHU1.SaTSp', 100, 'int16', 0.1, (ahu) => ahu.supplySetpointC, (value) => ({ supplySetpointC: value })),
  setpoint('AHU1.SaPSp', 101, 'int16', 1, (ahu) => ahu.pressureSetpointPa, (value) => ({ pressureSetpointPa: Math.max(0, value) })),
  setpoint('AHU1.FanSpeedSp', 102, 'uint16', 0.1, (ahu) => ahu.fanSpeedPct, (value) => ({ fanSpeedPct: Math.min(100, value) })),
  setpoint('AHU1.HV1', 103, 'uint16', 0.1, (ahu) => ahu.handHeatingPct, (value) => ({ handHeatingPct: Math.min(100, value) })),
  setpoint('AHU1.CV1', 104, 'uint16', 0.1, (ahu) => ahu.handCoolingPct, (value) => ({ handCoolingPct: Math.min(100, value) })),
  setpoint('AHU1.OaDmpMin', 105, 'uint16', 0.1, (ahu) => ahu.damperMinPct, (value) => ({ damperMinPct: Math.min(100, value) })),
  setpoint('AHU1.Mode', 106, 'uint16', 1, (ahu) => ahuModes.indexOf(ahu.mode), (value) => ({ mode: ahuModes[value] ?? 'off' })),
  { point: 'AHU1.FanCmd', area: 'co', offset: 0, type: 'bool', scale: 1, read: flag((_, inputs) => inputs.ahu.fanCommand), command: (inputs, value) => withAhu(inputs, { fanCommand: value !== 0 }) },
  {
    point: 'AHU1.FilterDone', area: 'co', offset: 1, type: 'bool', scale: 1, pulse: true,
    read: flag((_, inputs) => inputs.ahu.filterChanged),
    command: (inputs, value) => withAhu(inputs, { filterChanged: value !== 0 }),
  },
  contact('AHU1.FanSts', 0, (state) => state.ahu.fanStatus),
  contact('AHU1.FanFault', 1, (state) => state.ahu.fanFault),
  contact('AHU1.Frost', 2, (state) => state.ahu.frost),
  contact('AHU1.Smoke', 3, (_, inputs) => inputs.ahu.smoke),
];

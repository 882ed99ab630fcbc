import type { BuildingInputs } from './building.js';

/** What can go wrong in the building itself. A number or a flag (0, 1); null repairs it. */
const faults: Readonly<Record<string, (inputs: BuildingInputs, value: number | null) => BuildingInputs>> = {
  smoke: (inputs, value) => ({ ...inputs, ahu: { ...inputs.ahu, smoke: on(value) } }),
  beltBroken: (inputs, value) => ({ ...inputs, ahu: { ...inputs.ahu, beltBroken: on(value) } }),
  /** Percent at which the heating valve is stuck. */
  heatingJammed: (inputs, value) => ({ ...inputs, ahu: { ...inputs.ahu, heatingJammedPct: value ?? undefined } }),
  chillerTrips: (inputs, value) => ({ ...inputs, plant: { ...inputs.plant, chillerTrips: on(value) } }),
  pumpsFail: (inputs, value) => ({ ...inputs, plant: { ...inputs.plant, pumpsFail: on(value) } }),
};

export const modelFaultNames: readonly string[] = Object.keys(faults);

/** undefined for a fault that the building cannot have. */
export function withModelFault(inputs: BuildingInputs, name: string, value: number | null): BuildingInputs | undefined {
  return faults[name]?.(inputs, value);
}

function on(value: number | null): boolean {
  return value !== null && value !== 0;
}

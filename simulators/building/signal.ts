import type { BuildingInputs, BuildingState } from './building.js';
import { noise } from './noise.js';

/** The areas and types of a PLC, as its documentation would list them. */
export type PlcArea = 'co' | 'di' | 'hr' | 'ir';
export type PlcType = 'bool' | 'int16' | 'uint16' | 'uint32' | 'float32';

interface Signal {
  /** Name of the point in config/demo/site.yaml. */
  readonly point: string;
  /** Value as people read it; booleans are 0 and 1, enumerations the index of the state. */
  readonly read: (state: BuildingState, inputs: BuildingInputs) => number;
}

/** One register, coil or pair of registers of a virtual PLC. */
export interface PlcSignal extends Signal {
  readonly area: PlcArea;
  readonly offset: number;
  readonly type: PlcType;
  readonly scale: number;
  /** What a written value changes. */
  readonly command?: (inputs: BuildingInputs, value: number) => BuildingInputs;
  /** The PLC takes the coil back by itself. */
  readonly pulse?: boolean;
}

/** One object of a virtual BACnet device. */
export interface BacnetSignal extends Signal {
  /** `AI:1`, as in the site document. */
  readonly object: string;
  readonly unit?: string;
  readonly states?: readonly string[];
  /** What a command changes; undefined once every priority has been relinquished. */
  readonly command?: (inputs: BuildingInputs, value: number | undefined) => BuildingInputs;
}

type Read = Signal['read'];

/** A measurement: the truth and what the sensor adds, up to `amplitude` either way. */
export function sensor(channel: string, amplitude: number, read: (state: BuildingState) => number): Read {
  return (state) => read(state) + amplitude * noise(state.seed, channel, state.localMs);
}

export function flag(read: (state: BuildingState, inputs: BuildingInputs) => boolean): Read {
  return (state, inputs) => (read(state, inputs) ? 1 : 0);
}

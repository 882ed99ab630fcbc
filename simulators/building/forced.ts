import type { BuildingInputs, BuildingState } from './building.js';

interface Readable {
  readonly point: string;
  readonly read: (state: BuildingState, inputs: BuildingInputs) => number;
}

/** Sensors that are held at a value by hand, whatever the building does. */
export class Forced {
  private readonly values = new Map<string, number>();

  /** null gives the sensor back to the building. */
  set(point: string, value: number | null): void {
    if (value === null) this.values.delete(point);
    else this.values.set(point, value);
  }

  read(signal: Readable, state: BuildingState, inputs: BuildingInputs): number {
    return this.values.get(signal.point) ?? signal.read(state, inputs);
  }
}

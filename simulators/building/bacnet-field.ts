import type { ObjectTypeName, VirtualBacnetDevice } from '../bacnet-device/index.js';
import type { BuildingInputs, BuildingState } from './building.js';
import type { BacnetDevice } from './devices.js';
import { Forced } from './forced.js';
import type { Command } from './plc-field.js';
import type { BacnetSignal } from './signal.js';

/** BACnetEngineeringUnits and a COV increment that real controllers are delivered with. */
const units: Readonly<Record<string, { readonly code: number; readonly increment: number }>> = {
  degC: { code: 62, increment: 0.1 },
  '%RH': { code: 29, increment: 0.5 },
  '%': { code: 98, increment: 0.5 },
  'm/s': { code: 74, increment: 0.2 },
  lx: { code: 37, increment: 200 },
  Pa: { code: 53, increment: 1 },
  ppm: { code: 96, increment: 5 },
  'm3/h': { code: 135, increment: 3 },
};

/** Ties the signals of one device to the objects of a virtual BACnet device, in both directions. */
export class BacnetField {
  readonly forced = new Forced();
  private readonly bySignal = new Map<string, BacnetSignal>();

  constructor(private readonly device: BacnetDevice, private readonly virtual: VirtualBacnetDevice, private readonly command: Command) {
    for (const signal of device.signals) {
      this.bySignal.set(signal.object, signal);
      this.add(signal);
    }
    virtual.onWrite = ({ object }) => this.written(object);
  }

  /** The controller's program: measurements, and what its own loops say where nobody commands. */
  refresh(state: BuildingState, inputs: BuildingInputs): void {
    for (const signal of this.device.signals) this.virtual.setPresentValue(signal.object, onWire(signal, this.forced.read(signal, state, inputs)));
  }

  private add(signal: BacnetSignal): void {
    const [type, instance] = signal.object.split(':');
    const unit = units[signal.unit ?? ''];
    this.virtual.addObject({
      type: type as ObjectTypeName,
      instance: Number(instance),
      name: signal.point,
      ...(unit === undefined ? {} : { units: unit.code, covIncrement: unit.increment }),
      ...(signal.states === undefined ? {} : { states: signal.states.length }),
    });
  }

  private written(object: string): void {
    const signal = this.bySignal.get(object);
    if (signal?.command === undefined) return;
    const { command } = signal;
    const commanded = this.virtual.object(object).priorityArray.find((value) => value !== null);
    this.command((inputs) => command(inputs, commanded === undefined ? undefined : offWire(signal, Number(commanded))));
  }
}

/** Multi-state objects count from 1, the image from 0. */
function onWire(signal: BacnetSignal, value: number): number {
  return isMultiState(signal) ? value + 1 : value;
}

function offWire(signal: BacnetSignal, value: number): number {
  return isMultiState(signal) ? value - 1 : value;
}

function isMultiState(signal: BacnetSignal): boolean {
  return signal.object.startsWith('M');
}

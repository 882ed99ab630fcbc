import type { PlcUnit, PlcWrite, VirtualPlc } from '../modbus-plc/index.js';
import type { BuildingInputs, BuildingState } from './building.js';
import type { PlcDevice } from './devices.js';
import { Forced } from './forced.js';
import { clamp } from './math.js';
import type { PlcSignal } from './signal.js';

export type Command = (change: (inputs: BuildingInputs) => BuildingInputs) => void;

const integerRange = { int16: [-0x8000, 0x7fff], uint16: [0, 0xffff], uint32: [0, 0xffff_ffff] } as const;

/** Ties the signals of one device to the registers of a virtual PLC, in both directions. */
export class PlcField {
  readonly forced = new Forced();
  private readonly unit: PlcUnit;

  constructor(private readonly device: PlcDevice, plc: VirtualPlc, private readonly command: Command, private readonly afterPulse: (run: () => void) => void) {
    this.unit = plc.unit(device.unit);
    if (device.exclusive) plc.maxConnections = 1;
    this.unit.onWrite((write) => this.written(write));
  }

  /** What the PLC's own program does each cycle: registers and contacts follow the building. */
  refresh(state: BuildingState, inputs: BuildingInputs): void {
    for (const signal of this.device.signals) put(this.unit, signal, this.forced.read(signal, state, inputs));
  }

  private written(write: PlcWrite): void {
    for (const signal of this.device.signals) {
      const { command } = signal;
      if (command === undefined || signal.area !== write.area || !touches(signal, write)) continue;
      this.command((inputs) => command(inputs, get(this.unit, signal)));
      if (signal.pulse === true) this.afterPulse(() => this.command((inputs) => command(inputs, 0)));
    }
  }
}

function touches(signal: PlcSignal, write: PlcWrite): boolean {
  const width = signal.type === 'float32' || signal.type === 'uint32' ? 2 : 1;
  return signal.offset < write.address + write.values.length && write.address < signal.offset + width;
}

function put(unit: PlcUnit, signal: PlcSignal, value: number): void {
  const { area, offset, type, scale } = signal;
  if (area === 'co' || area === 'di') {
    unit.setBool(area, offset, value !== 0);
    return;
  }
  if (type === 'float32') unit.setFloat32(area, offset, value);
  else if (type !== 'bool') {
    const [min, max] = integerRange[type];
    const raw = clamp(Math.round(value / scale), min, max);
    if (type === 'uint32') unit.setUint32(area, offset, raw);
    else if (type === 'int16') unit.setInt16(area, offset, raw);
    else unit.setUint16(area, offset, raw);
  }
}

/** A commanded value; PLCs of the demo have no wide integers there. */
function get(unit: PlcUnit, signal: PlcSignal): number {
  const { area, offset, type, scale } = signal;
  if (type === 'float32' && (area === 'hr' || area === 'ir')) return unit.getFloat32(area, offset);
  const [raw = 0] = unit.get(area, offset);
  return (type === 'int16' ? (raw << 16) >> 16 : raw) * scale;
}

import type { Clock, Random, Timer, Timers } from '../../src/contract/clock.js';
import type { Network } from '../../src/contract/network.js';
import { VirtualBacnetDevice } from '../bacnet-device/index.js';
import { VirtualPlc } from '../modbus-plc/index.js';
import { BacnetField } from './bacnet-field.js';
import { initialBuilding, initialInputs, step, type BuildingInputs, type BuildingState } from './building.js';
import { fieldDevices, type BacnetDevice, type FieldAddress, type PlcDevice } from './devices.js';
import { withModelFault } from './model-faults.js';
import { PlcField } from './plc-field.js';
import type { BacnetSignal, PlcSignal } from './signal.js';
import { watchedNetwork } from './watched-network.js';

export interface FieldGiven {
  readonly network: Network;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
}

export interface FieldOptions {
  readonly seed?: number;
  /** Local time minus UTC: the building's day follows the clock on the wall. */
  readonly utcOffsetMs?: number;
  /** Instead of the addresses of config/demo/site.yaml, by device name. */
  readonly addresses?: Readonly<Record<string, FieldAddress>>;
}

export type FieldDevice =
  | { readonly kind: 'plc'; readonly name: string; address: FieldAddress; readonly plc: VirtualPlc; readonly field: PlcField }
  | { readonly kind: 'bacnet'; readonly name: string; address: FieldAddress; readonly virtual: VirtualBacnetDevice; readonly field: BacnetField; readonly hosts: ReadonlySet<string> };

const cycleMs = 250;
/** How long the building has been running when its devices appear. */
const warmUpMs = 30 * 60_000;
const pulseMs = 1_000;

/** The building with its five devices on a network, real or simulated. */
export class BuildingField {
  state: BuildingState;
  inputs: BuildingInputs = initialInputs;
  readonly devices: readonly FieldDevice[];
  private steppedMs: number;
  private timer: Timer | undefined;

  constructor(private readonly given: FieldGiven, options: FieldOptions = {}) {
    const localMs = given.clock.wallMs() + (options.utcOffsetMs ?? 0);
    this.state = step(initialBuilding(localMs - warmUpMs, options.seed), this.inputs, warmUpMs);
    this.steppedMs = given.clock.monotonicMs();
    this.devices = fieldDevices.map((device) => {
      const address = options.addresses?.[device.name] ?? device.address;
      return device.kind === 'plc' ? this.makePlc(device, address) : this.makeBacnet(device, address);
    });
    this.refresh();
  }

  /** Puts all devices on the network and sets the building going. */
  async start(): Promise<void> {
    for (const device of this.devices) {
      const { host, port } = device.address;
      device.address = device.kind === 'plc' ? { host, port: await device.plc.listen(host, port) } : await device.virtual.listen(host, port, broadcastOf(host, port));
    }
    this.timer = this.given.timers.every(cycleMs, () => this.cycle());
  }

  async stop(): Promise<void> {
    this.timer?.cancel();
    await Promise.all(this.devices.map((device) => (device.kind === 'plc' ? device.plc.close() : device.virtual.close())));
  }

  /** Holds a sensor at a value, or gives a command as somebody at the device would; null lets go. False: no such point. */
  set(deviceName: string, point: string, value: number | null): boolean {
    const device = this.devices.find((each) => each.name === deviceName);
    const signals: readonly (PlcSignal | BacnetSignal)[] = fieldDevices.find((each) => each.name === deviceName)?.signals ?? [];
    const signal = signals.find((each) => each.point === point);
    if (device === undefined || signal === undefined) return false;
    if (signal.command === undefined) device.field.forced.set(point, value);
    else if ('object' in signal) this.inputs = signal.command(this.inputs, value ?? undefined);
    else if (value !== null) this.inputs = signal.command(this.inputs, value);
    this.refresh();
    return true;
  }

  /** Breaks or repairs something in the building itself. False: it has no such part. */
  setModel(name: string, value: number | null): boolean {
    const inputs = withModelFault(this.inputs, name, value);
    this.inputs = inputs ?? this.inputs;
    this.refresh();
    return inputs !== undefined;
  }

  private cycle(): void {
    const now = this.given.clock.monotonicMs();
    this.state = step(this.state, this.inputs, now - this.steppedMs);
    this.steppedMs = now;
    this.refresh();
  }

  private refresh(): void {
    for (const { field } of this.devices) field.refresh(this.state, this.inputs);
  }

  private readonly command = (change: (inputs: BuildingInputs) => BuildingInputs): void => {
    this.inputs = change(this.inputs);
  };

  private makePlc(device: PlcDevice, address: FieldAddress): FieldDevice {
    const plc = new VirtualPlc(this.given);
    const field = new PlcField(device, plc, this.command, (run) => void this.given.timers.after(pulseMs, run));
    return { kind: 'plc', name: device.name, address, plc, field };
  }

  private makeBacnet(device: BacnetDevice, address: FieldAddress): FieldDevice {
    const hosts = new Set<string>();
    const virtual = new VirtualBacnetDevice({ ...this.given, network: watchedNetwork(this.given.network, hosts) }, { instance: device.instance, name: device.name });
    return { kind: 'bacnet', name: device.name, address, virtual, field: new BacnetField(device, virtual, this.command), hosts };
  }
}

/** Where Who-Is of the loopback network goes: without it nobody would be found there who is not known already. */
function broadcastOf(host: string, port: number): FieldAddress | undefined {
  return host.startsWith('127.') && port !== 0 ? { host: '127.255.255.255', port } : undefined;
}

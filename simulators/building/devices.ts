import { ahuSignals } from './ahu-signals.js';
import { plantSignals } from './plant-signals.js';
import { roofSignals } from './roof-signals.js';
import { zoneSignals } from './room-signals.js';
import type { BacnetSignal, PlcSignal } from './signal.js';

export interface FieldAddress {
  readonly host: string;
  readonly port: number;
}

export interface PlcDevice {
  readonly kind: 'plc';
  readonly name: string;
  readonly unit: number;
  /** Takes one connection only, as many small PLCs do. */
  readonly exclusive: boolean;
  readonly address: FieldAddress;
  readonly signals: readonly PlcSignal[];
}

export interface BacnetDevice {
  readonly kind: 'bacnet';
  readonly name: string;
  readonly instance: number;
  readonly address: FieldAddress;
  readonly signals: readonly BacnetSignal[];
}

/** The five devices of config/demo/site.yaml, each at a loopback address of its own. */
export const fieldDevices: readonly (PlcDevice | BacnetDevice)[] = [
  { kind: 'plc', name: 'plc-ahu', unit: 1, exclusive: false, address: { host: '127.0.0.11', port: 5020 }, signals: ahuSignals },
  { kind: 'plc', name: 'plc-plant', unit: 1, exclusive: true, address: { host: '127.0.0.12', port: 5020 }, signals: plantSignals },
  { kind: 'bacnet', name: 'ddc-roof', instance: 1200, address: { host: '127.0.0.13', port: 47808 }, signals: roofSignals },
  { kind: 'bacnet', name: 'vav-101', instance: 2001, address: { host: '127.0.0.14', port: 47808 }, signals: zoneSignals(0) },
  { kind: 'bacnet', name: 'vav-102', instance: 2002, address: { host: '127.0.0.15', port: 47808 }, signals: zoneSignals(3) },
];

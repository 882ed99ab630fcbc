import type { BuildingField, FieldDevice } from '../building/field.js';
import { modelFaultNames } from '../building/model-faults.js';
import { inspectBacnet } from './inspect-bacnet.js';
import { inspectPlc } from './inspect-plc.js';
import { BadRequest, type Inspected } from './inspected.js';

export function inspectBuilding(field: BuildingField): Inspected[] {
  return field.devices.map((device) => inspect(field, device));
}

function inspect(field: BuildingField, device: FieldDevice): Inspected {
  const { name, address } = device;
  const set = (point: string, value: number | null): void => {
    if (!field.set(name, point, value)) throw new BadRequest(`${name} has no point ${point}`);
  };
  return device.kind === 'plc' ? inspectPlc({ name, address, set, plc: device.plc }) : inspectBacnet({ name, address, set, virtual: device.virtual, hosts: device.hosts });
}

/** Breaks or repairs something in the building itself. */
export function setModel(field: BuildingField, name: string, value: number | null): void {
  if (!field.setModel(name, value)) throw new BadRequest(`the building can have ${modelFaultNames.join(', ')}`);
}

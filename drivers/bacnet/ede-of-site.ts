/** The BACnet devices of a checked site, as an EDE file tells them. */
import { unitCode, type DeviceDefinition } from '../../src/contract/index.js';
import type { BacnetAddress, BacnetDevice } from './config.js';
import type { FoundObject, KnownDevice } from './discover.js';
import { Property } from './object-types.js';

export function devicesOfSite(devices: readonly DeviceDefinition[]): KnownDevice[] {
  return devices.filter(({ driver }) => driver === 'bacnet').map(({ name, settings, points }) => ({
    instance: (settings as BacnetDevice).instance, name, problems: [],
    objects: points.flatMap(({ address, name: own, unit, states, write, description }): FoundObject[] => {
      const { object, property } = address as BacnetAddress;
      if (property !== Property.presentValue) return []; // EDE lists objects
      const units = unitCode(unit);
      return [{ object, name: own, commandable: write !== undefined, ...(description !== undefined && { description }), ...(units !== undefined && { units }), ...(states && { states }) }];
    }),
  }));
}

/** The BACnet/IP driver. See docs/bacnet.md. */
import type { DriverModule } from '../../src/contract/index.js';
import { deviceShape, parseDevice, parsePoint, pointShape, type BacnetAddress, type BacnetDevice } from './config.js';
import { bacnetDiscovery } from './discovery.js';
import { BacnetDriver } from './driver.js';

export const bacnet: DriverModule<BacnetDevice, BacnetAddress> = {
  kind: 'bacnet',
  version: '1',
  capabilities: { priorities: true, standby: 'collect' },
  deviceShape,
  pointShape,
  parseDevice,
  parsePoint,
  discovery: bacnetDiscovery,
  // An object notifies of changes by its own COV_Increment where the point names none, and is read at half the lifetime.
  unnoticedMs: ({ cov, covLifetimeMs }, { kind, cov: increment }) => (cov && increment === undefined && kind !== 'boolean' && kind !== 'enum' ? covLifetimeMs / 2 : 0),
  create: (host, device, points) => new BacnetDriver(host, device, points),
};

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
  create: (host, device, points) => new BacnetDriver(host, device, points),
};

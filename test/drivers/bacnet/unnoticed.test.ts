import assert from 'node:assert/strict';
import { bacnet } from '../../../drivers/bacnet/index.js';
import type { DriverPoint, ValueKind } from '../../../src/contract/index.js';
import type { BacnetAddress, BacnetDevice } from '../../../drivers/bacnet/config.js';

describe('BACnet: how long a change may go unnoticed', () => {
  const of = (device: { cov: boolean; covLifetimeMs: number }, kind: ValueKind, cov?: number): number | undefined =>
    bacnet.unnoticedMs?.(device as BacnetDevice, { kind, ...(cov === undefined ? {} : { cov }) } as DriverPoint<BacnetAddress>);

  it('is half a lifetime where the increment is the object\'s own, and nothing else', () => {
    const device = { cov: true, covLifetimeMs: 300_000 };
    assert.deepEqual([of(device, 'number'), of(device, 'number', 0.5), of(device, 'boolean'), of(device, 'enum'), of({ ...device, cov: false }, 'number')], [150_000, 0, 0, 0, 0]);
  });
});

/** Virtual BACnet/IP devices for tests, the demo and commissioning without hardware. */
export { VirtualBacnetDevice, type DeviceOptions, type DeviceWorld, type WriteEntry } from './device.js';
export { VirtualObject, type ObjectOptions, type ObjectTypeName } from './objects.js';
export type { DeviceFaults } from './faults.js';

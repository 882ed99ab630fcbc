/** Virtual BACnet/IP devices for tests, the demo and commissioning without hardware. */
export { VirtualBbmd } from './bbmd.js';
export { VirtualBacnetDevice } from './device.js';
export type { DeviceOptions, DeviceWorld, WriteEntry } from './options.js';
export { objectTypes, VirtualObject, type ObjectOptions, type ObjectTypeName } from './objects.js';
export type { DeviceFaults } from './faults.js';
export type { AlarmOptions } from './event-source.js';
export type { NotificationClassOptions } from './notification-class.js';
export type { TrendLogOptions, VirtualTrendLog } from './trend-log.js';

import type { DriverModule } from '../src/contract/index.js';
import { bacnet } from './bacnet/index.js';
import { modbusRtu, modbusRtuTcp, modbusTcp } from './modbus/index.js';
import { system } from './system/index.js';

// Device and Address are each driver's own secret: whoever holds the list passes them back unseen.
const installed: unknown = [modbusTcp, modbusRtu, modbusRtuTcp, bacnet, system];

/** Every installed driver. A new one is one line here. */
export const drivers = installed as readonly DriverModule[];

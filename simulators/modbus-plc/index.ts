export { type BusOptions } from './bus-session.js';
export { Faults, type FaultKind, type FaultScope } from './faults.js';
export { Ledger, type RemoteCounters } from './ledger.js';
export { VirtualPlc, type PlcGiven } from './plc.js';
export { PlcUnit, type Order, type PlcArea, type PlcWrite, type WordOptions } from './unit.js';

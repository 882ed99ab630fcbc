export { Faults, type FaultKind, type FaultScope } from './faults.js';
export { Ledger, type RemoteCounters } from './ledger.js';
export { VirtualPlc, type PlcGiven } from './plc.js';
export { type BusOptions } from './session.js';
export { PlcUnit, type Background, type Order, type PlcArea, type PlcWrite, type WordOptions } from './unit.js';

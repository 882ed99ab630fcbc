export * from './acknowledge.js';
export { ALARM_ACK_PREFIX, ALARM_INTERNAL_PREFIX, ALARM_PREFIX } from './alarm-keys.js';
export * from './functions.js';
export * from './trend-memory.js';

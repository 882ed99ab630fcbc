export * from './acknowledge.js';
export { ALARM_ACK_PREFIX, ALARM_INTERNAL_PREFIX, ALARM_PREFIX, alarmJson, DEVICE_ALARM_PREFIX } from './alarm-keys.js';
export * from './device-alarm.js';
export * from './functions.js';
export * from './trend-memory.js';
export * from './windback.js';
export type { SchedulesOptions } from './schedule/schedule-runner.js';
export type { ScheduleEffects, ScheduleWrite } from './schedule/target-writer.js';
export * from './schedule/view.js';

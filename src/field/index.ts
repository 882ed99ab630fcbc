export * from './device-status.js';
export * from './field.js';

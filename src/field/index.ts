export * from './device-status.js';
export { Comparison, type ComparisonOptions } from './field-comparison.js';
export * from './field.js';

import { TandemError, type PointDefinition, type PointValue, type WireValue } from '../contract/index.js';

const INTEGER = /^[+-]?\d{1,20}$/;

/**
 * Reads a value that a client wants to write: true/false for boolean points, text or index of the state for
 * enumerations, a decimal string for 64-bit integers; null relinquishes.
 * @throws POINT_READ_ONLY, VALUE_INVALID, VALUE_OUT_OF_RANGE
 */
export function readValue(point: PointDefinition, value: WireValue): PointValue | null {
  if (point.write === undefined) throw new TandemError('POINT_READ_ONLY', `${point.name} cannot be written`);
  return value === null ? null : readShown(point, value);
}

/**
 * Reads a value that a point is to show, whether it can be written or not.
 * @throws VALUE_INVALID, VALUE_OUT_OF_RANGE
 */
export function readShown(point: PointDefinition, value: number | boolean | string): PointValue {
  const read = parse(point, value);
  if (read === undefined) throw new TandemError('VALUE_INVALID', `${point.name} takes ${expected(point)}, not ${JSON.stringify(value)}`);
  const { min, max } = point.write ?? {};
  if (typeof read === 'number' && ((min !== undefined && read < min) || (max !== undefined && read > max))) {
    throw new TandemError('VALUE_OUT_OF_RANGE', `${point.name} takes ${min ?? '-∞'} to ${max ?? '∞'}, not ${read}`, { details: { min, max } });
  }
  return read;
}

function parse(point: PointDefinition, value: number | boolean | string): PointValue | undefined {
  switch (point.kind) {
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
    case 'boolean':
      if (typeof value === 'boolean') return value ? 1 : 0;
      return value === 0 || value === 1 ? value : undefined;
    case 'enum':
      return parseState(point.states ?? [], value);
    case 'integer64':
      if (typeof value === 'string') return INTEGER.test(value) ? BigInt(value) : undefined;
      return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : undefined;
    case 'text':
      return typeof value === 'string' ? value : undefined;
  }
}

function parseState(states: readonly string[], value: number | boolean | string): number | undefined {
  const index = typeof value === 'string' ? states.indexOf(value) : value;
  if (typeof index !== 'number' || !Number.isInteger(index) || index < 0) return undefined;
  return states.length === 0 || index < states.length ? index : undefined;
}

function expected(point: PointDefinition): string {
  switch (point.kind) {
    case 'number':
      return 'a number';
    case 'boolean':
      return 'true or false';
    case 'enum':
      return `one of ${(point.states ?? []).join(', ')}`;
    case 'integer64':
      return 'a whole number, as a decimal string';
    case 'text':
      return 'a text';
  }
}

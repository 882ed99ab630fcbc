/** Between BACnet values and the gateway's point values and qualities. */
import { GOOD, qualityOf, TandemError, type PointValue, type Quality } from '../../src/contract/index.js';
import type { Encoding } from './object-types.js';
import { ErrorCode } from './refusal.js';
import { qualityOfReliability } from './reliability.js';
import type { PropertyError } from './services.js';
import type { BacnetValue } from './values.js';

export const FORMAT: Quality = qualityOf('bad', 'format');
const OUT_OF_SERVICE: Quality = qualityOf('uncertain', 'outOfService');
const OVERRIDDEN: Quality = qualityOf('good', 'overridden');

/** Undefined where `values` is not exactly one value of the encoding's type. A REAL that is no number stays NaN. */
export function toPointValue(encoding: Encoding, values: readonly BacnetValue[]): PointValue | undefined {
  const value = values[0];
  if (value === undefined || values.length !== 1) return undefined;
  switch (encoding) {
    case 'real': return value.type === 'real' ? value.value : undefined;
    case 'double': return value.type === 'double' ? value.value : undefined;
    case 'signed': return value.type === 'signed' ? value.value : undefined;
    case 'unsigned': return value.type === 'unsigned' ? value.value : undefined;
    case 'enumerated': return value.type === 'enumerated' ? value.value : undefined;
    case 'binary': return value.type === 'enumerated' && value.value <= 1 ? value.value : undefined;
    case 'state': return value.type === 'unsigned' && value.value >= 1 ? value.value - 1 : undefined;
    case 'boolean': return value.type === 'boolean' ? Number(value.value) : undefined;
    case 'text': return value.type === 'text' ? value.value : undefined;
  }
}

/** Throws VALUE_INVALID for what the encoding cannot carry. */
export function toBacnetValue(encoding: Encoding, value: PointValue): BacnetValue {
  if (encoding === 'text') {
    if (typeof value !== 'string') throw invalid(value, 'a text');
    return { type: 'text', value };
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) throw invalid(value, 'a number');
  switch (encoding) {
    case 'real':
      if (!Number.isFinite(Math.fround(value))) throw invalid(value, 'a REAL (32 bits)');
      return { type: 'real', value: Math.fround(value) };
    case 'double': return { type: 'double', value };
    case 'signed': return { type: 'signed', value: whole(value, -(2 ** 31), 2 ** 31 - 1) };
    case 'unsigned': return { type: 'unsigned', value: whole(value, 0, 2 ** 32 - 1) };
    case 'enumerated': return { type: 'enumerated', value: whole(value, 0, 65_535) };
    case 'binary': return { type: 'enumerated', value: whole(value, 0, 1) };
    case 'state': return { type: 'unsigned', value: whole(value, 0, 2 ** 32 - 2) + 1 };
    case 'boolean': return { type: 'boolean', value: whole(value, 0, 1) === 1 };
  }
}

/** True where Status_Flags say "fault". */
export function isFault(flags: readonly BacnetValue[] | undefined): boolean {
  return flags?.[0]?.type === 'bits' && flags[0].value[1] === true;
}

/**
 * Status_Flags are (in-alarm, fault, overridden, out-of-service), clause 12. Absent where the object has none;
 * `reliability` is 0 where nothing is wrong, or nothing is known.
 */
export function qualityOfFlags(flags: readonly BacnetValue[] | undefined, reliability = 0): Quality {
  if (flags === undefined) return reliability === 0 ? GOOD : qualityOfReliability(reliability);
  const bits = flags[0];
  if (bits?.type !== 'bits' || flags.length !== 1 || bits.value.length !== 4) return FORMAT;
  const [, fault, overridden, outOfService] = bits.value;
  if (fault === true || reliability !== 0) return qualityOfReliability(reliability);
  if (outOfService === true) return OUT_OF_SERVICE;
  return overridden === true ? OVERRIDDEN : GOOD;
}

/** Value and quality as they go into a sample. */
export function sampleOf(encoding: Encoding, values: readonly BacnetValue[], flags: readonly BacnetValue[] | undefined, reliability = 0): { value: PointValue; quality: Quality } {
  const value = toPointValue(encoding, values);
  const quality = qualityOfFlags(flags, reliability);
  if (value === undefined || quality === FORMAT) return { value: NaN, quality: FORMAT };
  // NaN and infinities are how devices say that a sensor is broken or missing.
  return typeof value === 'number' && !Number.isFinite(value) ? { value: NaN, quality: qualityOfReliability(reliability) } : { value, quality };
}

export function qualityOfError(error: PropertyError): Quality {
  const noSuch = [ErrorCode.unknownObject, ErrorCode.unknownProperty, ErrorCode.invalidArrayIndex, ErrorCode.propertyIsNotAnArray];
  return qualityOf('bad', (noSuch as number[]).includes(error.errorCode) ? 'address' : 'device');
}

function whole(value: number, min: number, max: number): number {
  if (!Number.isInteger(value) || value < min || value > max) throw invalid(value, `a whole number from ${min} to ${max}`);
  return value;
}

function invalid(value: PointValue, wanted: string): TandemError {
  return new TandemError('VALUE_INVALID', `${String(value)} is not ${wanted}`);
}

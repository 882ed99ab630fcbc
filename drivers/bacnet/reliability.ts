/**
 * Reliability of the objects of one device, read beside their present values (BACnetReliability, ANSI/ASHRAE 135
 * clauses 12 and 21). An object with another one than no-fault-detected has to set the fault flag as well; not every
 * device does, and the flag does not say why.
 */
import { qualityOf, type Quality } from '../../src/contract/index.js';
import type { PropertyResult } from './services.js';
import type { ObjectId } from './values.js';

/** What is known of one object. */
export interface Told {
  /** Of the last read; 0 where nothing is wrong, or the object has no such property. */
  code: number;
  /** The fault flag was set when it was read. */
  flagged: boolean;
  /** Monotonic: when it is to be read again, with the present value; Infinity where there is no such property. */
  dueMs: number;
}

/** Between reads of what was right: beside each present value it would be a quarter of the traffic. */
const AGAIN_MS = 10_000;

const reasons = new Map([
  [1, qualityOf('bad', 'noSensor')], [2, qualityOf('bad', 'overRange')], [3, qualityOf('bad', 'underRange')],
  [4, qualityOf('bad', 'openLoop')], [5, qualityOf('bad', 'shortedLoop')], [6, qualityOf('bad', 'noOutput')],
  [10, qualityOf('bad', 'configuration')], [12, qualityOf('bad', 'sourceLost')],
]);
const FAULT = qualityOf('bad', 'fault');

/** Of an object that says that it is not reliable; 0 where it does not say why. */
export function qualityOfReliability(code: number): Quality {
  return reasons.get(code) ?? FAULT;
}

export class Reliabilities {
  private readonly objects = new Map<string, Told>();

  of({ type, instance }: ObjectId): Told {
    const key = `${type}:${instance}`;
    const known = this.objects.get(key) ?? { code: 0, flagged: false, dueMs: -Infinity };
    this.objects.set(key, known);
    return known;
  }

  /** The device may be another one. */
  forget(): void {
    for (const told of this.objects.values()) Object.assign(told, { code: 0, flagged: false, dueMs: -Infinity });
  }
}

/** Takes what an object answers to a read of it, with the fault flag of the same answer. */
export function learn(told: Told, { values, error }: Pick<PropertyResult, 'values' | 'error'>, fault: boolean, now: number): void {
  const [value] = values ?? [];
  const isThere = error === undefined && value?.type === 'enumerated';
  told.code = isThere ? value.value : 0;
  told.flagged = fault;
  told.dueMs = !isThere ? Infinity : told.code === 0 && !fault ? now + AGAIN_MS : -Infinity;
}

/** The fault flag as it came with a value; true if Reliability has to be asked for now, because it may have changed with it. */
export function flagged(told: Told, fault: boolean): boolean {
  if (fault === (told.code !== 0)) {
    told.flagged = fault;
    return false;
  }
  // A flag that is gone takes the reason with it, if it was there before; a device that never sets it keeps its reason.
  if (!fault && told.flagged) told.code = 0;
  told.flagged = fault;
  if (told.dueMs < Infinity) told.dueMs = -Infinity;
  return told.dueMs < Infinity;
}


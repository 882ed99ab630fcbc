/** Which properties one poll asks for, in ReadPropertyMultiple batches that fit the device (clause 15.7). */
import type { DriverPoint } from '../../src/contract/index.js';
import type { BacnetAddress } from './config.js';
import { Property } from './object-types.js';
import type { Reliabilities, Told } from './reliability.js';
import { encodeReadPropertyMultiple, type ReadAccess } from './services.js';

/** Everything that one object is asked for. */
export interface ReadUnit {
  readonly access: ReadAccess;
  readonly points: readonly DriverPoint<BacnetAddress>[];
  /** Of each point, which of the properties is its own; of Status_Flags, or -1. */
  readonly columns: readonly number[];
  readonly flagsAt: number;
  /** Reliability, or -1 where it is not asked for; `told` is where it goes. Both of present values only. */
  readonly reliabilityAt: number;
  readonly told: Told | undefined;
  /** Octets of its part of the answer, at most as a rule: texts are guessed. */
  readonly answerSize: number;
}

/** One object: asked with its Reliability, and without. */
export interface PlannedObject {
  readonly whole: ReadUnit;
  readonly lean: ReadUnit;
}

/** What one request asks. Made once and asked at every poll. */
export interface ReadBatch {
  readonly units: readonly ReadUnit[];
  readonly asked: readonly ReadAccess[];
  /** The body of ReadPropertyMultiple. */
  readonly body: Uint8Array;
}

const ANSWER_HEADER = 3;
const REQUEST_HEADER = 4;

export function planObjects(points: readonly DriverPoint<BacnetAddress>[], reliabilities: Reliabilities): PlannedObject[] {
  const objects = new Map<string, DriverPoint<BacnetAddress>[]>();
  for (const point of points) {
    const { type, instance } = point.address.object;
    const key = `${type}:${instance}`;
    const of = objects.get(key);
    if (of === undefined) objects.set(key, [point]);
    else of.push(point);
  }
  return [...objects.values()].flatMap((of) => {
    const first = of[0];
    if (first === undefined) return [];
    const told = of.some(({ address }) => address.property === Property.presentValue) ? reliabilities.of(first.address.object) : undefined;
    const lean = unitOf(first.address, of, told, false);
    return [{ lean, whole: told === undefined || lean.reliabilityAt >= 0 ? lean : unitOf(first.address, of, told, true) }];
  });
}

/** Which of the two is due. */
export function dueUnit({ whole, lean }: PlannedObject, now: number): ReadUnit {
  return whole.told !== undefined && whole.told.dueMs <= now ? whole : lean;
}

function unitOf({ object }: BacnetAddress, points: readonly DriverPoint<BacnetAddress>[], told: Told | undefined, whole: boolean): ReadUnit {
  const properties = new Map<number, number>();
  for (const { address } of points) {
    properties.set(address.property, 5 + valueSize(address));
    if (address.property === Property.presentValue) properties.set(Property.statusFlags, 8);
  }
  if (whole) properties.set(Property.reliability, 8);
  const sizes = [...properties.values()];
  const asked = [...properties.keys()];
  return {
    access: { object, properties: asked.map((property) => ({ property })) },
    points,
    columns: points.map(({ address }) => asked.indexOf(address.property)),
    flagsAt: asked.indexOf(Property.statusFlags),
    reliabilityAt: asked.indexOf(Property.reliability),
    told,
    answerSize: 7 + sizes.reduce((sum, size) => sum + size, 0),
  };
}

function valueSize({ encoding }: BacnetAddress): number {
  return encoding === 'text' ? 64 : encoding === 'double' ? 10 : 5;
}

export function batchOf(units: readonly ReadUnit[]): ReadBatch {
  const asked = units.map((unit) => unit.access);
  return { units, asked, body: encodeReadPropertyMultiple(asked) };
}

/** Packs units into batches whose request and answer fit into `maxApdu` octets; a unit too large goes alone. */
export function packBatches(units: readonly ReadUnit[], maxApdu: number): ReadBatch[] {
  const batches: ReadUnit[][] = [];
  let batch: ReadUnit[] = [];
  let answer = ANSWER_HEADER;
  let request = REQUEST_HEADER;
  for (const unit of units) {
    const asks = 7 + 3 * unit.access.properties.length;
    if (batch.length > 0 && (answer + unit.answerSize > maxApdu || request + asks > maxApdu)) {
      batches.push(batch);
      batch = [];
      answer = ANSWER_HEADER;
      request = REQUEST_HEADER;
    }
    batch.push(unit);
    answer += unit.answerSize;
    request += asks;
  }
  if (batch.length > 0) batches.push(batch);
  return batches.map(batchOf);
}

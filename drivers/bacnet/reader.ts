/**
 * Reads points in ReadPropertyMultiple batches and finds the way that the device takes: a batch that is too
 * large is halved and the size remembered, a service that it does not know is replaced by ReadProperty.
 */
import { isTandemError, qualityOf, type Clock, type DriverPoint, type PointValue, type Quality } from '../../src/contract/index.js';
import { AbortReason, ConfirmedService, RejectReason } from './apdu.js';
import type { BacnetAddress, BacnetDevice } from './config.js';
import type { Contact } from './contact.js';
import type { Counters } from './counters.js';
import { Property } from './object-types.js';
import { FORMAT, isFault, qualityOfError, sampleOf } from './point-value.js';
import { batchOf, dueUnit, packBatches, planObjects, type PlannedObject, type ReadBatch, type ReadUnit } from './read-plan.js';
import { flagged, learn, type Reliabilities } from './reliability.js';
import { refusalOf, type Refusal } from './refusal.js';
import { decodeReadPropertyMultipleAck, type PropertyResult } from './services.js';

/** Takes what was read, point by point; `flush` ends what came in one answer. */
export interface ReadSink {
  value(point: DriverPoint<BacnetAddress>, value: PointValue, quality: Quality): void;
  flush(): void;
}

/** Which batches read which points: once made, changed where Reliability is asked of other objects than before. */
interface Plan {
  readonly points: readonly DriverPoint<BacnetAddress>[];
  readonly limit: number;
  readonly objects: readonly PlannedObject[];
  units: readonly ReadUnit[];
  batches: readonly ReadBatch[];
}

const COMMUNICATION: Quality = qualityOf('bad', 'communication');
const TOO_LARGE: readonly number[] = [AbortReason.bufferOverflow, AbortReason.segmentationNotSupported, AbortReason.outOfResources, AbortReason.apduTooLong];
/** How Error-PDUs of some stacks say "unrecognized service". */
const SERVICE_ERRORS: readonly number[] = [45, 67];

export class Reader {
  /** Octets, learned; at most the device's max-APDU. */
  private budget = Infinity;
  private multiple = true;
  /** The last plan; most polls ask for what the one before asked for. */
  private plan: Plan | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly contact: Contact,
    private readonly device: BacnetDevice,
    private readonly counters: Counters,
    private readonly reliabilities: Reliabilities,
  ) {}

  /** The device may be another one, or another version of it: forget what was learned. */
  reset(): void {
    this.budget = Infinity;
    this.multiple = true;
    this.reliabilities.forget();
  }

  /** Rejects with FIELD_TIMEOUT, FIELD_UNREACHABLE or FIELD_CLOSED if the device as a whole does not answer. */
  async read(points: readonly DriverPoint<BacnetAddress>[], sink: ReadSink): Promise<void> {
    await this.contact.find();
    const batches = [...this.planned(points)];
    const first = batches.shift();
    if (first === undefined) return;
    // One batch decides whether the device lives, so that a dead one costs one deadline and not one for each.
    await this.readBatch(first, sink);
    const worker = async (): Promise<void> => {
      for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) await this.readBatch(batch, sink);
    };
    const results = await Promise.allSettled(Array.from({ length: this.device.maxInFlight }, worker));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  private planned(points: readonly DriverPoint<BacnetAddress>[]): readonly ReadBatch[] {
    const limit = this.multiple ? Math.min(this.budget, this.contact.maxApdu) : 0;
    let { plan } = this;
    if (plan?.limit !== limit || plan.points.length !== points.length || !plan.points.every((point, at) => point === points[at])) {
      plan = { points, limit, objects: planObjects(points, this.reliabilities), units: [], batches: [] };
      this.plan = plan;
    }
    const now = this.clock.monotonicMs();
    const units = plan.objects.map((object) => dueUnit(object, now));
    if (!units.every((unit, at) => unit === plan.units[at])) {
      plan.units = units;
      plan.batches = this.multiple ? packBatches(units, limit) : units.map((unit) => batchOf([unit]));
    }
    return plan.batches;
  }

  private async readBatch(batch: ReadBatch, sink: ReadSink): Promise<void> {
    if (!this.multiple) return this.readSingly(batch.units, sink);
    let results: PropertyResult[];
    try {
      results = decodeReadPropertyMultipleAck(await this.contact.request(ConfirmedService.readPropertyMultiple, batch.body), batch.asked);
    } catch (error) {
      return this.afterFailure(batch.units, error, sink);
    }
    let next = 0;
    for (const unit of batch.units) {
      this.publish(unit, results, next, sink);
      next += unit.access.properties.length;
    }
    sink.flush();
  }

  private async afterFailure(batch: readonly ReadUnit[], error: unknown, sink: ReadSink): Promise<void> {
    const refusal = refusalOf(error);
    if (refusal !== undefined) {
      if (refusal.kind === 'abort' && TOO_LARGE.includes(refusal.reason) && batch.length > 1) {
        const middle = batch.length >> 1;
        this.budget = Math.min(this.budget, Math.max(50, batch.slice(0, middle).reduce((sum, unit) => sum + unit.answerSize, 3)));
        return this.halve(batch, sink);
      }
      if (isUnknownService(refusal)) {
        this.multiple = false;
        this.counters.count('fallbacksToReadProperty');
      }
      return this.readSingly(batch, sink);
    }
    const malformed = isTandemError(error, 'FIELD_MALFORMED');
    if (malformed) this.counters.count('malformed');
    // An answer that never comes may be one too large for the path, and nonsense may come of one object: if the
    // device answers otherwise. If it does not, it is the device that is gone.
    if (!(malformed || isTandemError(error, 'FIELD_TIMEOUT')) || !(await this.contact.alive())) throw error;
    if (batch.length > 1) await this.halve(batch, sink);
    else markAll(batch, malformed ? FORMAT : COMMUNICATION, sink);
  }

  private async halve(batch: readonly ReadUnit[], sink: ReadSink): Promise<void> {
    this.counters.count('batchesHalved');
    await this.readBatch(batchOf(batch.slice(0, batch.length >> 1)), sink);
    await this.readBatch(batchOf(batch.slice(batch.length >> 1)), sink);
  }

  private async readSingly(batch: readonly ReadUnit[], sink: ReadSink): Promise<void> {
    for (const unit of batch) {
      const results: PropertyResult[] = [];
      for (const { property } of unit.access.properties) results.push(await this.readOne({ object: unit.access.object, property }));
      this.publish(unit, results, 0, sink);
      sink.flush();
    }
  }

  /** The results of `unit` begin at `from`, in the order in which it asks. */
  private publish({ points, columns, flagsAt, reliabilityAt, told, access }: ReadUnit, results: readonly PropertyResult[], from: number, sink: ReadSink): void {
    const flags = flagsAt < 0 ? undefined : results[from + flagsAt]?.values;
    const reliability = reliabilityAt < 0 ? undefined : results[from + reliabilityAt];
    if (told !== undefined && reliability !== undefined) learn(told, reliability, isFault(flags), this.clock.monotonicMs());
    else if (told !== undefined) flagged(told, isFault(flags));
    for (let row = 0; row < points.length; row++) {
      const point = points[row];
      const column = columns[row] ?? 0;
      if (point === undefined) continue;
      const result = results[from + column];
      if (result?.error !== undefined) {
        sink.value(point, NaN, qualityOfError(result.error));
      } else {
        const present = access.properties[column]?.property === Property.presentValue;
        const { value, quality } = sampleOf(point.address.encoding, result?.values ?? [], present ? flags : undefined, present ? told?.code : undefined);
        sink.value(point, value, quality);
      }
    }
  }

  private async readOne(reference: { object: PropertyResult['object']; property: number }): Promise<PropertyResult> {
    try {
      return { ...reference, values: await this.contact.readProperty(reference) };
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal?.kind === 'error') return { ...reference, error: refusal };
      if (refusal !== undefined) return { ...reference, error: { errorClass: 0, errorCode: 0 } };
      if (!isTandemError(error, 'FIELD_MALFORMED')) throw error;
      this.counters.count('malformed');
      return { ...reference, values: [] };
    }
  }
}

function markAll(batch: readonly ReadUnit[], quality: Quality, sink: ReadSink): void {
  for (const unit of batch) for (const point of unit.points) sink.value(point, NaN, quality);
  sink.flush();
}

function isUnknownService(refusal: Refusal): boolean {
  return refusal.kind === 'reject' ? refusal.reason === RejectReason.unrecognizedService : refusal.kind === 'error' && SERVICE_ERRORS.includes(refusal.errorCode);
}

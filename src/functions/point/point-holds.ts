import { qualityOf, SampleBuilder, WAITING, WRITE_ONLY, type PointDefinition, type PointHold, type PointValue, type Quality, type SampleBatch } from '../../contract/index.js';
import type { Json, KeyedState, PairState, Put } from '../../image/index.js';

/** By point: what a person has cut off from its device. */
export const HOLDS_PREFIX = 'point-hold/';

export const OVERRIDDEN: Quality = qualityOf('uncertain', 'operatorOverride');
export const OUT_OF_SERVICE: Quality = qualityOf('bad', 'outOfService');

export function readHold(keyed: KeyedState, point: string): PointHold | undefined {
  return keyed.get(HOLDS_PREFIX + point) as unknown as PointHold | undefined;
}

export function holdPut(point: string, hold: PointHold | null): Put {
  return { key: HOLDS_PREFIX + point, value: hold as unknown as Json };
}

interface Heard {
  readonly value: PointValue;
  readonly quality: Quality;
  readonly timeMs: number;
}

/**
 * Points that are cut off from their devices: what these say is kept back, and is there again when the hold ends. Which
 * points those are is in the state of the pair, so that it outlives a failover.
 */
export class PointHolds {
  private held = new Set<number>();
  private readonly heard = new Map<number, Heard>();

  constructor(private readonly state: PairState) {}

  /** Of the keyed state, under the point ids of the configuration in force. */
  load(): void {
    this.heard.clear();
    this.held = new Set([...this.state.keyed.entries(HOLDS_PREFIX)].flatMap(([key]) => this.state.table.find(key.slice(HOLDS_PREFIX.length))?.id ?? []));
  }

  has(point: number): boolean {
    return this.held.has(point);
  }

  /** What of a batch reaches the image: the same batch where nothing of it is held. */
  pass(batch: SampleBatch): SampleBatch {
    if (this.held.size === 0) return batch;
    const { points, values, qualities, times, texts, length } = batch;
    let isTouched = false;
    for (let row = 0; row < length && !isTouched; row++) isTouched = this.held.has(points[row] as number);
    if (!isTouched) return batch;
    const builder = new SampleBuilder();
    for (let row = 0; row < length; row++) {
      const point = points[row] as number;
      const sample: Heard = { value: texts?.get(row) ?? (values[row] as number), quality: qualities[row] as number, timeMs: times[row] as number };
      if (this.held.has(point)) this.heard.set(point, sample);
      else builder.add(point, sample.value, sample.quality, sample.timeMs);
    }
    return builder.take();
  }

  /** Begins a hold, or another one in its place: `value` is what the point shows from now on; the last one where it is left out. */
  begin({ id }: PointDefinition, kind: PointHold['kind'], value: PointValue | undefined, nowMs: number): void {
    const { image } = this.state;
    if (!this.held.has(id)) this.heard.set(id, { value: image.value(id), quality: image.quality(id), timeMs: image.timeMs(id) });
    this.held.add(id);
    this.ingest(id, { value: value ?? NaN, quality: kind === 'override' ? OVERRIDDEN : OUT_OF_SERVICE, timeMs: nowMs });
  }

  /** What its device has said meanwhile counts again; nothing where it has said nothing since this activation began. */
  end({ id, write }: PointDefinition, nowMs: number): void {
    if (!this.held.delete(id)) return;
    const heard = this.heard.get(id) ?? { value: NaN, quality: write?.only === true ? WRITE_ONLY : WAITING, timeMs: nowMs };
    this.heard.delete(id);
    this.ingest(id, heard);
  }

  private ingest(id: number, { value, quality, timeMs }: Heard): void {
    const builder = new SampleBuilder(1);
    builder.add(id, value, quality, timeMs);
    this.state.image.ingest(builder.take());
  }
}

import { qualityOf, SampleBuilder, type PointDefinition, type PollClass, type SampleBatch } from '../contract/index.js';

/** A point that was not confirmed for this many periods of its class is stale. */
export const STALE_PERIODS = 3;

/** Periods shorter than a turn of the scan would make points stale that are merely behind others. */
const STALE_LEAST_MS = 1_000;

const STALE = qualityOf('stale');

/**
 * When each point was last confirmed by its device. A point is watched while its device is active and
 * believed to be there; one that is already marked (stale, or lost with its device) is not marked again
 * until a sample confirms it.
 */
export class Staleness {
  private readonly lastSeenMs: Float64Array;
  private readonly limitMs: Float64Array;
  private readonly watched: Uint8Array;
  private readonly builder = new SampleBuilder();

  constructor(points: readonly PointDefinition[], periodMs: Readonly<Record<PollClass, number>>) {
    const size = points.reduce((most, point) => Math.max(most, point.id + 1), 0);
    this.lastSeenMs = new Float64Array(size);
    this.limitMs = new Float64Array(size).fill(Infinity);
    this.watched = new Uint8Array(size);
    for (const point of points) this.limitMs[point.id] = Math.max(STALE_LEAST_MS, periodMs[point.poll] * STALE_PERIODS);
  }

  /** Begins to watch: from now on each point must be confirmed within its limit. */
  watch(points: readonly PointDefinition[], nowMs: number): void {
    for (const { id } of points) {
      this.lastSeenMs[id] = nowMs;
      this.watched[id] = 1;
    }
  }

  ignore(points: readonly PointDefinition[]): void {
    for (const { id } of points) this.watched[id] = 0;
  }

  confirm(batch: SampleBatch, nowMs: number): void {
    const { points, length } = batch;
    for (let row = 0; row < length; row++) {
      const id = points[row] as number;
      this.lastSeenMs[id] = nowMs;
      this.watched[id] = 1;
    }
  }

  /** The points that have become stale, as samples that keep the value; undefined when there are none. */
  scan(nowMs: number, wallMs: number): SampleBatch | undefined {
    const { lastSeenMs, limitMs, watched } = this;
    for (let id = 0; id < watched.length; id++) {
      if (watched[id] === 0 || nowMs - (lastSeenMs[id] as number) <= (limitMs[id] as number)) continue;
      watched[id] = 0;
      this.builder.add(id, NaN, STALE, wallMs);
    }
    return this.builder.length === 0 ? undefined : this.builder.take();
  }
}

import { qualityReason, SampleBuilder, type PointValue, type Quality, type SampleBatch, type TrendDefinition } from '../contract/index.js';
import { alignedMs, isAligned } from './trend.js';

const NONE = -1;
const SEVERAL = -2;

/** What of a frame a {@link TrendMemory} learns from. */
export interface ObservedFrame {
  readonly pairTimeMs: number;
  readonly samples: SampleBatch;
  readonly values?: { readonly length: number };
  readonly snapshot?: boolean;
}

/**
 * What was recorded last of each point. Both nodes feed it with every frame, so a node that becomes active
 * goes on recording as if it had been active all the time, without one sample twice.
 */
export class TrendMemory {
  private readonly values: Float64Array;
  private readonly qualities: Uint8Array;
  private readonly times: Float64Array;
  /** Pair time of the frame that recorded it; -Infinity: nothing known. */
  private readonly recordedMs: Float64Array;
  private readonly texts = new Map<number, string | bigint>();
  /** By interval definition: the newest aligned time that was recorded. */
  private readonly boundaries: Float64Array;
  /** By point: the interval definition that records it; NONE, or SEVERAL, which `intervalsOf` lists. */
  private readonly interval: Int32Array;
  private readonly intervalsOf = new Map<number, number[]>();

  constructor(
    size: number,
    private readonly trends: readonly TrendDefinition[],
  ) {
    this.values = new Float64Array(size).fill(NaN);
    this.qualities = new Uint8Array(size);
    this.times = new Float64Array(size);
    this.recordedMs = new Float64Array(size).fill(-Infinity);
    this.boundaries = new Float64Array(trends.length).fill(-Infinity);
    this.interval = new Int32Array(size).fill(NONE);
    trends.forEach((trend, index) => {
      if (!isAligned(trend)) return;
      for (const point of trend.points) {
        const first = this.interval[point] as number;
        if (first === NONE) {
          this.interval[point] = index;
          continue;
        }
        const all = this.intervalsOf.get(point);
        if (all === undefined) this.intervalsOf.set(point, [first, index]);
        else all.push(index);
        this.interval[point] = SEVERAL;
      }
    });
  }

  /** Learns from a frame, cut or applied. Frames that were learned already change nothing. */
  observe(frame: ObservedFrame): void {
    const { points, values, qualities, times, texts, length } = frame.samples;
    for (let row = 0; row < length; row++) {
      // What was filled in later says nothing about what was recorded last.
      if (isFilledIn(qualities[row] as number)) continue;
      const text = texts?.get(row);
      if (text === undefined) this.noteNumber(points[row] as number, values[row] as number, qualities[row] as number, times[row] as number, frame.pairTimeMs);
      else this.note(points[row] as number, text, qualities[row] as number, times[row] as number, frame.pairTimeMs);
    }
    // A frame with values has been through the functions of an active node, so what was aligned up to then is
    // over there, recorded or not (a point may have had no value yet). Frames of mere records prove nothing: a
    // node frames its new epoch before its functions run.
    if (frame.snapshot === true || frame.values === undefined || frame.values.length === 0) return;
    this.trends.forEach((trend, index) => {
      if (isAligned(trend)) this.boundaries[index] = Math.max(this.boundaries[index] as number, alignedMs(frame.pairTimeMs, trend.everyMs));
    });
  }

  note(point: number, value: PointValue, quality: Quality, timeMs: number, pairTimeMs: number): void {
    this.noteNumber(point, typeof value === 'number' ? value : NaN, quality, timeMs, pairTimeMs);
    if (typeof value !== 'number') this.texts.set(point, value);
  }

  private noteNumber(point: number, value: number, quality: Quality, timeMs: number, pairTimeMs: number): void {
    this.values[point] = value;
    if (this.texts.size > 0) this.texts.delete(point);
    this.qualities[point] = quality;
    this.times[point] = timeMs;
    this.recordedMs[point] = pairTimeMs;
    const interval = this.interval[point] as number;
    if (interval >= 0) this.noteInterval(interval, timeMs);
    else if (interval === SEVERAL) for (const each of this.intervalsOf.get(point) ?? []) this.noteInterval(each, timeMs);
  }

  private noteInterval(interval: number, timeMs: number): void {
    // The comparison first: it decides all but one sample of a frame, and the remainder of large numbers is slow.
    if (timeMs > (this.boundaries[interval] as number) && timeMs % (this.trends[interval] as TrendDefinition).everyMs === 0) this.boundaries[interval] = timeMs;
  }

  knows(point: number): boolean {
    return this.recordedMs[point] !== -Infinity;
  }

  value(point: number): PointValue {
    return this.texts.get(point) ?? (this.values[point] as number);
  }

  quality(point: number): Quality {
    return this.qualities[point] as number;
  }

  recordedAtMs(point: number): number {
    return this.recordedMs[point] as number;
  }

  boundaryMs(trend: number): number {
    return this.boundaries[trend] as number;
  }

  /** An aligned time that is over, recorded or left as a gap. */
  passBoundary(trend: number, timeMs: number): void {
    this.boundaries[trend] = timeMs;
  }

  /** The last sample of each point, for a snapshot that another memory is to begin with. Each has been recorded before. */
  snapshot(): SampleBatch {
    const builder = new SampleBuilder();
    for (let point = 0; point < this.values.length; point++) {
      if (this.knows(point)) builder.add(point, this.value(point), this.quality(point), this.times[point] as number);
    }
    return builder.take();
  }

  clear(): void {
    this.values.fill(NaN);
    this.recordedMs.fill(-Infinity);
    this.boundaries.fill(-Infinity);
    this.texts.clear();
  }
}

function isFilledIn(quality: Quality): boolean {
  const reason = qualityReason(quality);
  return reason === 'deviceLog' || reason === 'notRecorded';
}

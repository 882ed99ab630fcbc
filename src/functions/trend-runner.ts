import { WAITING, type TrendDefinition } from '../contract/index.js';
import type { FrameDraft, PairState } from '../image/index.js';
import { Deadlines } from './deadlines.js';
import { PointIndex } from './point-index.js';
import { alignedMs, dueBoundary, isAligned, isNews } from './trend.js';
import type { TrendMemory } from './trend-memory.js';
import { TrendTriggers } from './trend-triggers.js';

/** All trends of the active node. What it decides by is in the image and the {@link TrendMemory}, on both nodes alike. */
export class TrendRunner {
  /** Points of mode `change`, one entry for each trend and point. */
  private readonly entries: { readonly point: number; readonly deadband: number; readonly everyMs: number }[] = [];
  private readonly index: PointIndex;
  /** Entries by the time at which a sample is due even without a change. */
  private readonly longest = new Deadlines();
  private hasStarted = false;
  private readonly triggers: TrendTriggers;
  /** By interval trend: its points. Those whose changes are recorded too stand apart. */
  private readonly aligned: readonly { readonly plain: Uint32Array; readonly both: readonly number[] }[];

  constructor(
    private readonly trends: readonly TrendDefinition[],
    private readonly state: PairState,
    private readonly memory: TrendMemory,
  ) {
    for (const { mode, points, deadband, everyMs } of trends) {
      if (mode === 'change') for (const point of points) this.entries.push({ point, deadband, everyMs });
    }
    this.index = new PointIndex(state.table.size, this.entries.map((entry) => entry.point));
    this.triggers = new TrendTriggers(trends, state);
    const changing = new Set(this.entries.map(({ point }) => point));
    this.aligned = trends.map(({ mode, points }) => ({
      plain: Uint32Array.from(mode !== 'change' ? points.filter((point) => !changing.has(point)) : []),
      both: mode !== 'change' ? points.filter((point) => changing.has(point)) : [],
    }));
  }

  run(draft: FrameDraft): void {
    if (!this.hasStarted) this.start(draft);
    // Before the interval of this moment: a condition that has just become true begins with the sample of its edge.
    for (const trend of this.triggers.run(draft)) this.recordAll(trend, draft);
    this.runIntervals(draft);
    const { points, length } = draft.changes;
    for (let row = 0; row < length; row++) {
      const point = points[row] as number;
      for (let at = this.index.first(point), end = this.index.end(point); at < end; at++) this.consider(this.index.item(at), draft);
    }
    // In the order of the entries: that of the heap depends on when this activation began.
    for (const entry of this.dueEntries(draft.pairTimeMs)) this.remind(entry, draft);
  }

  private dueEntries(nowMs: number): number[] {
    const due: number[] = [];
    for (let entry = this.longest.popDue(nowMs); entry !== undefined; entry = this.longest.popDue(nowMs)) due.push(entry);
    return due.sort((a, b) => a - b);
  }

  private start(draft: FrameDraft): void {
    this.hasStarted = true;
    this.trends.forEach((trend, index) => {
      // Nothing is known of the time before: begin with the next aligned time, or with this one if it is now.
      if (isAligned(trend) && this.memory.boundaryMs(index) === -Infinity) this.memory.passBoundary(index, alignedMs(draft.pairTimeMs - 1, trend.everyMs));
    });
    this.entries.forEach(({ point, everyMs }, entry) => {
      // A point of a new trend, or one whose past is unknown: its present value, at the time that it has in the
      // image; recorded before or not, it is the same sample.
      if (this.memory.knows(point)) this.consider(entry, draft);
      else if (this.state.image.quality(point) !== WAITING) this.record(point, this.state.image.timeMs(point), draft);
      if (everyMs > 0) this.longest.push((this.memory.knows(point) ? this.memory.recordedAtMs(point) : draft.pairTimeMs) + everyMs, entry);
    });
  }

  private recordAll(trend: number, draft: FrameDraft): void {
    for (const point of (this.trends[trend] as TrendDefinition).points) if (this.state.image.quality(point) !== WAITING) this.record(point, draft.pairTimeMs, draft);
  }

  private runIntervals(draft: FrameDraft): void {
    this.trends.forEach((trend, index) => {
      if (!isAligned(trend)) return;
      const due = dueBoundary(this.memory.boundaryMs(index), draft.pairTimeMs, trend.everyMs);
      if (due === undefined) return;
      this.memory.passBoundary(index, due.boundaryMs);
      if (!due.record || (trend.when !== undefined && !this.triggers.holds(trend.when.text))) return;
      const { plain, both } = this.aligned[index] as (typeof this.aligned)[number];
      // Thousands of points in one go; the memory learns of them when the frame comes back by `observe`.
      this.state.image.sampleInto(draft.samples, plain, due.boundaryMs);
      for (const point of both) if (this.state.image.quality(point) !== WAITING) this.record(point, due.boundaryMs, draft);
    });
  }

  private consider(entry: number, draft: FrameDraft): void {
    const { point, deadband } = this.entries[entry] as (typeof this.entries)[number];
    const { image } = this.state;
    const now = { value: image.value(point), quality: image.quality(point) };
    if (this.memory.knows(point) && !isNews({ value: this.memory.value(point), quality: this.memory.quality(point) }, now, deadband)) return;
    this.record(point, image.timeMs(point), draft);
  }

  private remind(entry: number, draft: FrameDraft): void {
    const { point, everyMs } = this.entries[entry] as (typeof this.entries)[number];
    const dueMs = (this.memory.knows(point) ? this.memory.recordedAtMs(point) : draft.pairTimeMs) + everyMs;
    if (dueMs > draft.pairTimeMs) {
      this.longest.push(dueMs, entry);
      return;
    }
    if (this.state.image.quality(point) !== WAITING) this.record(point, draft.pairTimeMs, draft);
    this.longest.push(draft.pairTimeMs + everyMs, entry);
  }

  private record(point: number, timeMs: number, draft: FrameDraft): void {
    const { image } = this.state;
    const value = image.value(point);
    const quality = image.quality(point);
    draft.samples.add(point, value, quality, timeMs);
    // At once, and not only when the frame comes back by `observe`: two trends of one point must not record it twice.
    this.memory.note(point, value, quality, timeMs, draft.pairTimeMs);
  }
}

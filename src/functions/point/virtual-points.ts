import { GOOD, pointsOfExpression, QualityLevel, qualityOf, SampleBuilder, type PointDefinition, type PointValue, type Quality, type VirtualPointDefinition } from '../../contract/index.js';
import type { PairState } from '../../image/index.js';
import { compileExpression, usableValue, type Evaluate } from '../expression.js';
import { PointIndex } from '../point-index.js';
import { effectiveValue, priorityInForce, readSlots } from './priority-array.js';

const NO_VALUE: Quality = qualityOf('bad', 'expression');
const UNCERTAIN: Quality = qualityOf('uncertain');

interface VirtualPoint {
  readonly point: PointDefinition;
  readonly inputs: readonly number[];
  readonly evaluate?: Evaluate;
}

/**
 * Points without a device: what an expression over other points gives, or what somebody commands. They are reckoned right
 * before a frame is cut, so a value and what follows from it are in the same frame; on the active node only.
 */
export class VirtualPoints {
  /** Each after those that it reads. */
  private readonly points: readonly VirtualPoint[];
  private readonly placeOf: ReadonlyMap<number, number>;
  private readonly readers: PointIndex;
  private readonly readerOf: Uint32Array;
  private readonly isDue: Uint8Array;
  private hasDue = false;
  /** Commanded in this very moment: the outcome of the command comes with the frame that shows it. */
  private readonly commanded = new Map<number, PointValue | null>();

  /** `isHeld`: a person has cut the point off. */
  constructor(
    definitions: readonly VirtualPointDefinition[],
    private readonly state: PairState,
    private readonly isHeld: (point: number) => boolean,
    private readonly nowMs: () => number,
  ) {
    const inputs = { value: (point: number): number => usableValue(state.image, point) };
    this.points = definitions.map(({ point, expression }) => ({
      point: state.table.byId(point),
      inputs: expression === undefined ? [] : pointsOfExpression(expression),
      ...(expression === undefined ? {} : { evaluate: compileExpression(expression, inputs) }),
    }));
    this.placeOf = new Map(this.points.map(({ point }, place) => [point.id, place]));
    const entries = this.points.flatMap(({ inputs: read }, place) => read.map((point) => ({ point, place })));
    this.readers = new PointIndex(state.table.size, entries.map(({ point }) => point));
    this.readerOf = Uint32Array.from(entries, ({ place }) => place);
    this.isDue = new Uint8Array(this.points.length);
    this.touchAll();
  }

  has(point: number): boolean {
    return this.placeOf.has(point);
  }

  /** It is looked at again with the next frame. */
  touch(point: number): void {
    const place = this.placeOf.get(point);
    if (place === undefined) return;
    this.commanded.delete(point);
    this.isDue[place] = 1;
    this.hasDue = true;
  }

  touchAll(): void {
    this.commanded.clear();
    this.isDue.fill(1);
    this.hasDue = this.points.length > 0;
  }

  /** Takes a command whose outcome is in the next frame; {@link touch} after it. Null: nobody commands it any more. */
  set(point: number, value: PointValue | null): void {
    this.touch(point);
    this.commanded.set(point, value);
  }

  /** Brings all that hangs on what has changed up to date; to be called before each cut. */
  derive(): void {
    if (this.points.length === 0) return;
    const { image } = this.state;
    for (const id of image.pendingPoints()) this.follow(id);
    if (!this.hasDue) return;
    this.hasDue = false;
    for (let place = 0; place < this.points.length; place++) {
      if (this.isDue[place] === 0) continue;
      this.isDue[place] = 0;
      const virtual = this.points[place] as VirtualPoint;
      const { id } = virtual.point;
      if (this.isHeld(id)) continue;
      const [value, quality] = [image.value(id), image.quality(id)];
      this.reckon(virtual);
      if (!Object.is(image.value(id), value) || image.quality(id) !== quality) this.follow(id);
    }
    this.hasDue = false;
  }

  private follow(point: number): void {
    for (let at = this.readers.first(point), end = this.readers.end(point); at < end; at++) {
      this.isDue[this.readerOf[this.readers.item(at)] as number] = 1;
      this.hasDue = true;
    }
  }

  private reckon({ point, inputs, evaluate }: VirtualPoint): void {
    const commanded = this.commandOf(point, evaluate !== undefined);
    if (commanded !== undefined) {
      this.ingest(point, commanded, GOOD, this.nowMs());
      return;
    }
    if (evaluate === undefined) return;
    const { image } = this.state;
    const value = fitting(point, evaluate());
    const timeMs = inputs.reduce((latest, input) => Math.max(latest, image.timeMs(input)), 0) || this.nowMs();
    if (!Number.isFinite(value)) {
      this.ingest(point, NaN, NO_VALUE, timeMs);
      return;
    }
    const isUncertain = inputs.some((input) => image.quality(input) >> 6 !== QualityLevel.good);
    this.ingest(point, value, isUncertain ? UNCERTAIN : GOOD, timeMs);
  }

  /** How many of the expressions have no value now, as both nodes see it. */
  get unknown(): number {
    const { image } = this.state;
    return this.points.reduce((count, { point, evaluate }) => count + (evaluate !== undefined && image.quality(point.id) === NO_VALUE ? 1 : 0), 0);
  }

  private commandOf(point: PointDefinition, hasExpression: boolean): PointValue | undefined {
    if (point.write === undefined) return undefined;
    const fresh = this.commanded.get(point.id);
    if (fresh !== undefined) return fresh ?? undefined;
    const slots = readSlots(this.state.keyed, point.name);
    if (hasExpression && priorityInForce(slots, this.nowMs()) === undefined) return undefined;
    return effectiveValue(slots, point, this.nowMs());
  }

  private ingest(point: PointDefinition, value: PointValue, quality: Quality, timeMs: number): void {
    const builder = new SampleBuilder(1);
    builder.add(point.id, value, quality, timeMs);
    this.state.image.ingest(builder.take());
  }
}

/** As the point can have it; NaN for what is none of its states. */
function fitting({ kind, states }: PointDefinition, value: number): number {
  if (!Number.isFinite(value)) return NaN;
  if (kind === 'boolean') return Number(value !== 0);
  if (kind !== 'enum') return value;
  const state = Math.round(value);
  return states !== undefined && (state < 0 || state >= states.length) ? NaN : state;
}

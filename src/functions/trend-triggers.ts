import { pointsOfExpression, type TrendDefinition } from '../contract/index.js';
import type { FrameDraft, PairState } from '../image/index.js';
import { compileExpression, usableValue, type Evaluate } from './expression.js';
import { PointIndex } from './point-index.js';

/** By condition, as it is written: whether it held when it was last known, 1 or 0. */
const TRIGGER_PREFIX = 'trend-trigger/';

interface Trigger {
  readonly text: string;
  readonly evaluate: Evaluate;
  readonly trends: number[];
}

/** Conditions of triggered trends. Trends with the same condition have one of them. */
export class TrendTriggers {
  private readonly triggers: readonly Trigger[];
  private readonly truths = new Map<string, boolean>();
  private readonly readers: PointIndex;
  private readonly triggerOf: Uint32Array;
  private hasStarted = false;

  constructor(
    trends: readonly TrendDefinition[],
    private readonly state: PairState,
  ) {
    const byText = new Map<string, Trigger>();
    const entries: { point: number; trigger: number }[] = [];
    trends.forEach(({ when }, trend) => {
      if (when === undefined) return;
      const known = byText.get(when.text);
      if (known !== undefined) {
        known.trends.push(trend);
        return;
      }
      for (const point of pointsOfExpression(when.expression)) entries.push({ point, trigger: byText.size });
      byText.set(when.text, { text: when.text, evaluate: compileExpression(when.expression, { value: (point) => usableValue(state.image, point) }), trends: [trend] });
    });
    this.triggers = [...byText.values()];
    this.readers = new PointIndex(state.table.size, entries.map(({ point }) => point));
    this.triggerOf = Uint32Array.from(entries, ({ trigger }) => trigger);
  }

  holds(text: string): boolean {
    return this.truths.get(text) === true;
  }

  /** Trends whose condition has become true with this frame, in the order of the document. */
  run(draft: FrameDraft): number[] {
    const fired: number[] = [];
    if (!this.hasStarted) {
      this.hasStarted = true;
      this.start(draft);
      for (const trigger of this.triggers) fired.push(...this.look(trigger, draft));
    }
    if (this.triggers.length === 0) return fired;
    const { points, length } = draft.changes;
    for (let row = 0; row < length; row++) {
      const point = points[row] as number;
      for (let at = this.readers.first(point), end = this.readers.end(point); at < end; at++) fired.push(...this.look(this.triggers[this.triggerOf[this.readers.item(at)] as number] as Trigger, draft));
    }
    return fired.sort((a, b) => a - b);
  }

  private start(draft: FrameDraft): void {
    const known = new Set(this.triggers.map(({ text }) => text));
    for (const [key, value] of this.state.keyed.entries(TRIGGER_PREFIX)) {
      const text = key.slice(TRIGGER_PREFIX.length);
      if (known.has(text)) this.truths.set(text, value === 1);
      else draft.put(key, null);
    }
  }

  private look({ text, evaluate, trends }: Trigger, draft: FrameDraft): readonly number[] {
    const value = evaluate();
    const holds = value !== 0;
    if (Number.isNaN(value) || this.truths.get(text) === holds) return [];
    this.truths.set(text, holds);
    draft.put(TRIGGER_PREFIX + text, holds ? 1 : 0);
    return holds ? trends : [];
  }
}

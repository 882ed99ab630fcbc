import { pointsOfExpression, type AlarmDefinition, type AlarmLevel, type AlarmWatch, type PointDefinition } from '../../contract/index.js';
import { compileExpression, type Evaluate, type ExpressionInputs } from '../expression.js';
import { Truth } from './alarm.js';
import { lookAtRate, rateSettlesAtMs } from './rate.js';

/** What a watch may ask. */
export interface WatchInputs extends ExpressionInputs {
  /** Undefined while nothing can be said: what it is reached through does not answer either. */
  answers(device: string): boolean | undefined;
}

/** An alarm's condition, ready to be looked at. */
export interface Watch {
  /** Worst first. */
  readonly levels: readonly AlarmLevel[];
  /** Points whose changes matter. */
  readonly points: readonly number[];
  /** Fills `truths`, one for each level; returns what to remember, the same array where that has not changed. */
  look(memory: readonly number[], nowMs: number, truths: Truth[]): readonly number[];
  /** When to look again though nothing changes. */
  againMs?(memory: readonly number[]): number | undefined;
  /** The condition in words. */
  describe(level: AlarmLevel): string;
}

export function createWatch({ watch }: Pick<AlarmDefinition, 'watch'>, inputs: WatchInputs, point: (id: number) => PointDefinition): Watch {
  switch (watch.kind) {
    case 'limits':
      return limits(watch, inputs, point);
    case 'state':
      return condition([watch.point], () => {
        const value = inputs.value(watch.point);
        return Number.isNaN(value) ? NaN : Number(watch.states.includes(value));
      }, () => `${point(watch.point).name} is ${watch.states.map((state) => valueText(point(watch.point), state)).join(' or ')}`);
    case 'change':
      return change(watch.point, inputs, point);
    case 'feedback':
      return condition([watch.point, watch.feedback], () => {
        const difference = Math.abs(inputs.value(watch.point) - inputs.value(watch.feedback));
        return Number.isNaN(difference) ? NaN : Number(difference > watch.tolerance);
      }, () => `${point(watch.feedback).name} does not follow ${point(watch.point).name}`);
    case 'rate':
      return rate(watch, inputs, point);
    case 'expression':
      return condition(pointsOfExpression(watch.when), compileExpression(watch.when, inputs), () => watch.text);
    case 'communication':
      return condition([], () => {
        const answers = inputs.answers(watch.device);
        return answers === undefined ? NaN : Number(!answers);
      }, () => `${watch.device} does not answer`);
  }
}

export function valueText({ kind, states, unit }: Pick<PointDefinition, 'kind' | 'states' | 'unit'>, value: number): string {
  const text = states?.[value];
  if (text !== undefined) return text;
  if (kind === 'boolean') return value === 0 ? 'false' : 'true';
  return unit === undefined ? String(value) : `${value} ${unit}`;
}

/** Holds, or does not. */
function condition(points: readonly number[], evaluate: Evaluate, describe: () => string): Watch {
  return {
    levels: [''],
    points,
    look: (memory, _nowMs, truths) => {
      const value = evaluate();
      truths[0] = Number.isNaN(value) ? Truth.unknown : value === 0 ? Truth.ends : Truth.holds;
      return memory;
    },
    describe,
  };
}

function limits(watch: Extract<AlarmWatch, { kind: 'limits' }>, inputs: WatchInputs, point: (id: number) => PointDefinition): Watch {
  const { highHigh, high, low, lowLow, deadband } = watch;
  const written = [['high-high', highHigh, 1], ['low-low', lowLow, -1], ['high', high, 1], ['low', low, -1]] as const;
  const present = written.flatMap(([level, limit, side]) => (limit === undefined ? [] : [{ level, limit, side }]));
  return {
    levels: present.map(({ level }) => level),
    points: [watch.point],
    look: (memory, _nowMs, truths) => {
      const value = inputs.value(watch.point);
      for (let part = 0; part < present.length; part++) {
        const { limit, side } = present[part] as (typeof present)[number];
        truths[part] = limitTruth(value, limit, side, deadband);
      }
      return memory;
    },
    describe: (level) => {
      const found = present.find((part) => part.level === level);
      return found === undefined ? point(watch.point).name : `${point(watch.point).name} ${found.side > 0 ? 'above' : 'below'} ${found.limit}`;
    },
  };
}

/** Beyond the limit it begins; only inside by the deadband does it end. `side` is 1 for a high limit, -1 for a low one. */
export function limitTruth(value: number, limit: number, side: 1 | -1, deadband: number): Truth {
  if (Number.isNaN(value)) return Truth.unknown;
  if (side > 0) return value > limit ? Truth.holds : value <= limit - deadband ? Truth.ends : Truth.between;
  return value < limit ? Truth.holds : value >= limit + deadband ? Truth.ends : Truth.between;
}

function change(id: number, inputs: WatchInputs, point: (id: number) => PointDefinition): Watch {
  return {
    levels: [''],
    points: [id],
    look: (memory, _nowMs, truths) => {
      const value = inputs.value(id);
      truths[0] = Number.isNaN(value) ? Truth.unknown : memory.length > 0 && memory[0] !== value ? Truth.happened : Truth.ends;
      return Number.isNaN(value) || memory[0] === value ? memory : [value];
    },
    describe: () => `${point(id).name} has changed to ${valueText(point(id), inputs.value(id))}`,
  };
}

function rate(watch: Extract<AlarmWatch, { kind: 'rate' }>, inputs: WatchInputs, point: (id: number) => PointDefinition): Watch {
  const { rise, fall, perMs, deadband } = watch;
  const levels: AlarmLevel[] = [...(rise === undefined ? [] : (['rising'] as const)), ...(fall === undefined ? [] : (['falling'] as const))];
  return {
    levels,
    points: [watch.point],
    look: (memory, nowMs, truths) => {
      const { memory: after, risen, fallen } = lookAtRate(memory, inputs.value(watch.point), nowMs, perMs);
      levels.forEach((level, part) => (truths[part] = limitTruth(level === 'rising' ? risen : fallen, (level === 'rising' ? rise : fall) ?? 0, 1, deadband)));
      return after;
    },
    againMs: (memory) => rateSettlesAtMs(memory, perMs),
    describe: (level) => `${point(watch.point).name} has ${level === 'falling' ? 'fallen' : 'risen'} by more than ${(level === 'falling' ? fall : rise) ?? ''} within ${perMs / 1000} s`,
  };
}

import { pointsOfExpression, type AlarmDefinition, type AlarmWatch, type PointDefinition } from '../../contract/index.js';
import { compileExpression, type Evaluate } from '../expression.js';
import { newAlarm, Truth, type AlarmRule, type AlarmState } from './alarm.js';
import { createWatch, type Watch } from './watch.js';

export interface AlarmInputs {
  readonly value: (point: number) => number;
  readonly isOnline: (device: string) => boolean;
}

/** A definition made ready to run. */
export interface DefinedAlarm {
  readonly definition: AlarmDefinition;
  readonly rule: AlarmRule;
  readonly watch: Watch;
  /** One for each level, filled with every look. */
  readonly truths: Truth[];
  readonly suppress: Evaluate | undefined;
  /** All whose changes matter, each once. */
  readonly points: readonly number[];
  /** Name of the point that it stands for; empty where there is none. */
  readonly point: string;
  readonly initial: AlarmState;
}

export function defineAlarm(definition: AlarmDefinition, { value, isOnline }: AlarmInputs, point: (id: number) => PointDefinition): DefinedAlarm {
  const behind = definition.watch.kind === 'communication' ? definition.watch.behind : [];
  const answers = (device: string): boolean | undefined => isOnline(device) || (behind.every((parent) => isOnline(parent)) ? false : undefined);
  const watch = createWatch(definition, { value, answers }, point);
  const { suppress, onDelayMs, offDelayMs, acknowledge = 'raised', latch = false } = definition;
  const main = pointOfWatch(definition.watch);
  return {
    definition,
    rule: { levels: watch.levels, onDelayMs, offDelayMs, acknowledge, latch },
    watch,
    truths: watch.levels.map((): Truth => Truth.unknown),
    suppress: suppress === undefined ? undefined : compileExpression(suppress, { value }),
    points: [...new Set([...watch.points, ...(suppress === undefined ? [] : pointsOfExpression(suppress))])],
    point: main === undefined ? '' : point(main).name,
    initial: newAlarm(watch.levels.length),
  };
}

/** The point that an alarm is shown with. */
export function pointOfWatch(watch: AlarmWatch): number | undefined {
  if (watch.kind === 'communication') return undefined;
  return watch.kind === 'expression' ? pointsOfExpression(watch.when)[0] : watch.point;
}

import { z } from 'zod';
import { durationMs, LONGEST_SHELVE_MS, pointsOfExpression, type AlarmDefinition, type AlarmWatch, type PointDefinition } from '../contract/index.js';
import { classRules, type AlarmClass } from './alarm-classes.js';
import { readWatch, watchShape } from './alarm-watch.js';
import { checkArea } from './areas.js';
import { compact } from './compact.js';
import { readExpression } from './expression.js';
import { checkName } from './names.js';
import type { DocumentProblems } from './problem-list.js';
import { check } from './schema-check.js';

/** Keys of an alarm. */
export const alarmShape = {
  ...watchShape,
  ...classRules,
  onDelay: durationMs.default(0),
  offDelay: durationMs.default(0),
  priority: z.int().min(1).max(4).optional(),
  outerPriority: z.int().min(1).max(4).optional(),
  class: z.string().min(1).default('general'),
  suppressWhen: z.string().min(1).optional(),
  suppressUnless: z.string().min(1).optional(),
  area: z.string().min(1).optional(),
  message: z.string().min(1).optional(),
  consequence: z.string().min(1).optional(),
  instruction: z.string().min(1).optional(),
  graphic: z.string().min(1).optional(),
};
const shape = z.strictObject(alarmShape);

export interface AlarmContext {
  /** Every name that is written, undefined for those with a mistake. */
  readonly points: ReadonlyMap<string, PointDefinition | undefined>;
  readonly byId: (id: number | undefined) => PointDefinition | undefined;
  readonly classes: ReadonlyMap<string, AlarmClass | undefined>;
  /** Declared ones; undefined where the document declares none. */
  readonly areas: ReadonlySet<string> | undefined;
}

/** Alarms under these names are not from `alarms:`. */
const RESERVED = ['system/', 'communication/'];
export const STANDARD_PRIORITY = 3;

/** Reads one entry of `alarms:`. */
export function readAlarm(name: string, raw: unknown, context: AlarmContext, problems: DocumentProblems): AlarmDefinition | undefined {
  checkName(name, 'alarm', problems);
  const reserved = RESERVED.find((prefix) => name.startsWith(prefix));
  if (reserved !== undefined) problems.keyError('CONFIG_INVALID', `names that begin with \`${reserved}\` are the gateway's own`, []);
  const alarm = check(shape, raw, problems);
  if (alarm === undefined) return undefined;
  const { points, classes, areas, byId } = context;
  const watch = readWatch(alarm, points, problems);
  checkArea(alarm.area, areas, problems.at('area'));
  const rules = classes.get(alarm.class);
  const merged = { ...rules, ...compact({ priority: alarm.priority, acknowledge: alarm.acknowledge, latch: alarm.latch, maxShelve: alarm.maxShelve }) };
  const suppress = readSuppression(alarm, points, problems);
  if (watch === undefined || suppress === false) return undefined;
  checkDelays(watch, alarm.onDelay, alarm.outerPriority, problems);
  const point = byId(watchedPoints(watch)[0]);
  return compact({
    name,
    watch,
    onDelayMs: alarm.onDelay,
    offDelayMs: alarm.offDelay,
    priority: merged.priority ?? STANDARD_PRIORITY,
    outerPriority: alarm.outerPriority,
    class: alarm.class,
    lifeSafety: rules?.lifeSafety === true ? (true as const) : undefined,
    acknowledge: merged.acknowledge === 'raised' ? undefined : merged.acknowledge,
    latch: merged.latch === true ? (true as const) : undefined,
    suppress,
    area: alarm.area ?? point?.area,
    device: point?.device,
    message: alarm.message,
    consequence: alarm.consequence,
    instruction: alarm.instruction,
    graphic: alarm.graphic,
    maxShelveMs: merged.maxShelve === LONGEST_SHELVE_MS ? undefined : merged.maxShelve,
  });
}

/** false where it is written and wrong. */
function readSuppression({ suppressWhen, suppressUnless }: z.output<typeof shape>, points: AlarmContext['points'], problems: DocumentProblems): AlarmDefinition['suppress'] | false {
  if (suppressWhen !== undefined && suppressUnless !== undefined) problems.keyError('CONFIG_CLASH', 'either `suppressWhen` or `suppressUnless`', ['suppressUnless']);
  if (suppressWhen !== undefined) return readExpression(suppressWhen, points, problems.at('suppressWhen')) ?? false;
  if (suppressUnless === undefined) return undefined;
  const unless = readExpression(suppressUnless, points, problems.at('suppressUnless'));
  return unless === undefined ? false : { kind: 'unary', operator: '!', operand: unless };
}

function checkDelays(watch: AlarmWatch, onDelayMs: number, outerPriority: number | undefined, problems: DocumentProblems): void {
  if (watch.kind === 'change' && onDelayMs > 0) problems.keyError('CONFIG_INVALID', 'a change is over as it happens: `onDelay` has no meaning with `changes`', ['onDelay']);
  const hasOuter = watch.kind === 'limits' && (watch.highHigh !== undefined || watch.lowLow !== undefined);
  if (outerPriority !== undefined && !hasOuter) problems.keyError('CONFIG_INVALID', '`outerPriority` is of `highHigh` and `lowLow`, and there is neither', ['outerPriority']);
}

/** Points whose values an alarm needs; the first is the one that says where the alarm belongs. */
export function watchedPoints(watch: AlarmWatch): readonly number[] {
  switch (watch.kind) {
    case 'communication':
      return [];
    case 'expression':
      return pointsOfExpression(watch.when);
    case 'feedback':
      return [watch.point, watch.feedback];
    default:
      return [watch.point];
  }
}

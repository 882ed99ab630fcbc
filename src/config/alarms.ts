import { z } from 'zod';
import { durationMs, type AlarmDefinition, type PointDefinition } from '../contract/index.js';
import { compact } from './compact.js';
import { checkName } from './names.js';
import { suggestion } from './nearest.js';
import type { DocumentProblems } from './problem-list.js';
import { check } from './schema-check.js';

const shape = z.strictObject({
  point: z.string(),
  high: z.number().optional(),
  low: z.number().optional(),
  deadband: z.number().min(0).default(0),
  onDelay: durationMs.default(0),
  offDelay: durationMs.default(0),
  priority: z.int().min(1).max(4).default(3),
  class: z.string().min(1).default('general'),
  instruction: z.string().min(1).optional(),
});

/** Reads one entry of `alarms:`. `points` holds every name that is written, undefined for those with a mistake. */
export function readAlarm(name: string, raw: unknown, points: ReadonlyMap<string, PointDefinition | undefined>, problems: DocumentProblems): AlarmDefinition | undefined {
  checkName(name, 'alarm', problems);
  const alarm = check(shape, raw, problems);
  if (alarm === undefined) return undefined;
  const { high, low, deadband } = alarm;
  if (high === undefined && low === undefined) problems.error('CONFIG_INVALID', 'an alarm needs `high`, `low` or both');
  if (high !== undefined && low !== undefined) {
    if (low >= high) problems.error('CONFIG_INVALID', `low ${low} is not below high ${high}`, ['low']);
    else if (deadband >= high - low) problems.error('CONFIG_INVALID', `deadband ${deadband} leaves no room between low ${low} and high ${high}: the alarm could never end`, ['deadband']);
  }
  if (!points.has(alarm.point)) problems.error('CONFIG_REFERENCE', `there is no point \`${alarm.point}\`${suggestion(alarm.point, points.keys())}`, ['point']);
  const point = points.get(alarm.point);
  if (point === undefined) return undefined;
  if (point.kind === 'text' || point.kind === 'integer64') {
    problems.error('CONFIG_INVALID', `limits cannot watch ${point.kind === 'text' ? 'a text' : 'a 64-bit integer'}`, ['point']);
  }
  return compact({
    name,
    point: point.id,
    high,
    low,
    deadband,
    onDelayMs: alarm.onDelay,
    offDelayMs: alarm.offDelay,
    priority: alarm.priority,
    class: alarm.class,
    instruction: alarm.instruction,
  });
}

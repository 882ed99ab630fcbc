import { z } from 'zod';
import { durationMs } from '../contract/index.js';
import { compact } from './compact.js';
import { checkName } from './names.js';
import type { DocumentProblems } from './problem-list.js';
import { check } from './schema-check.js';

/** What an alarm says itself, or its class for all of its alarms. */
export const classRules = {
  acknowledge: z.enum(['raised', 'both', 'none']).optional(),
  latch: z.boolean().optional(),
  maxShelve: durationMs.optional(),
};

const shape = z.strictObject({ ...classRules, lifeSafety: z.boolean().optional(), priority: z.int().min(1).max(4).optional() });

export interface AlarmClass {
  readonly lifeSafety?: boolean;
  readonly priority?: number;
  readonly acknowledge?: 'raised' | 'both' | 'none';
  readonly latch?: boolean;
  readonly maxShelve?: number;
}

/** Reads one entry of `alarmClasses:`. */
export function readAlarmClass(name: string, raw: unknown, problems: DocumentProblems): AlarmClass | undefined {
  checkName(name, 'class', problems);
  const written = check(shape, raw ?? {}, problems);
  return written === undefined ? undefined : compact(written);
}

import { compileFunction } from 'node:vm';
import { z } from 'zod';
import { durationMs, logicHelperNames, messageOf, sizeBytes, type LogicDefinition, type LogicInput, type LogicOutput, type LogicSafeState, type PointDefinition } from '../contract/index.js';
import { compact } from './compact.js';
import { checkName } from './names.js';
import { suggestion } from './nearest.js';
import type { DocumentProblems } from './problem-list.js';
import { readValue } from './schedule-values.js';
import type { ScheduleContext } from './schedules.js';
import { check } from './schema-check.js';

const priority = z.int().min(1).max(16);
const outputShape = z.strictObject({ point: z.string(), priority: priority.optional(), onFault: z.unknown().optional(), deadband: z.number().min(0).default(0) });
const limitsShape = z.strictObject({ memory: sizeBytes.default(2e6), steps: z.int().min(10_000).max(100_000_000).default(500_000) });
const shape = z.strictObject({
  description: z.string().min(1).optional(),
  every: durationMs.optional(),
  onChange: z.boolean().optional(),
  in: z.record(z.string(), z.string()).default({}),
  out: z.record(z.string(), z.union([z.string(), outputShape])),
  program: z.string().min(1),
  badInputs: z.enum(['hold', 'run', 'fault']).default('hold'),
  retryAfter: durationMs.optional(),
  limits: limitsShape.prefault({}),
});
type Written = z.output<typeof shape>;

const LEAST_PERIOD_MS = 100;
const LEAST_MEMORY_BYTES = 500_000;
const MOST_MEMORY_BYTES = 64e6;

/** Reads one entry of `logic:`. */
export function readLogic(name: string, raw: unknown, context: ScheduleContext, problems: DocumentProblems): LogicDefinition | undefined {
  checkName(name, 'control program', problems);
  const written = check(shape, raw, problems);
  if (written === undefined) return undefined;
  const { every, retryAfter, limits } = written;
  if (every !== undefined && every < LEAST_PERIOD_MS) problems.error('CONFIG_INVALID', `must be at least ${LEAST_PERIOD_MS}ms`, ['every']);
  if (limits.memory < LEAST_MEMORY_BYTES || limits.memory > MOST_MEMORY_BYTES) problems.error('CONFIG_INVALID', 'must be from 500kB to 64MB', ['limits', 'memory']);
  if (every === undefined && written.onChange === false) problems.error('CONFIG_INVALID', 'would never run: it needs `every`, or `onChange: true`', ['onChange']);
  const inputs = readInputs(written, context, problems.at('in'));
  if (every === undefined && inputs.length === 0) problems.error('CONFIG_INVALID', 'would never run: it has no inputs that could change, and no `every`', ['in']);
  const outputs = readOutputs(name, written, context, problems.at('out'));
  checkProgram(written, problems);
  return compact({
    name,
    description: written.description,
    everyMs: every,
    onChange: written.onChange ?? every === undefined,
    inputs,
    outputs,
    program: written.program,
    badInputs: written.badInputs,
    retryAfterMs: retryAfter,
    limits: { memoryBytes: limits.memory, kiloSteps: limits.steps / 1_000 },
    timezone: context.timezone,
  });
}

function readInputs(written: Written, { points }: ScheduleContext, problems: DocumentProblems): LogicInput[] {
  return Object.entries(written.in).flatMap(([name, pointName]): LogicInput[] => {
    checkIdentifier(name, problems);
    if (!points.has(pointName)) problems.error('CONFIG_REFERENCE', `there is no point \`${pointName}\`${suggestion(pointName, points.keys())}`, [name]);
    const point = points.get(pointName);
    return point === undefined ? [] : [{ name, point: point.id }];
  });
}

function readOutputs(program: string, written: Written, context: ScheduleContext, problems: DocumentProblems): LogicOutput[] {
  if (Object.keys(written.out).length === 0) problems.error('CONFIG_INVALID', 'a control program needs an output');
  return Object.entries(written.out).flatMap(([name, entry]): LogicOutput[] => {
    const { point: pointName, ...rest } = typeof entry === 'string' ? { point: entry, deadband: 0 } : entry;
    const path = typeof entry === 'string' ? [name] : [name, 'point'];
    const point = context.points.get(pointName);
    if (!context.points.has(pointName)) problems.error('CONFIG_REFERENCE', `there is no point \`${pointName}\`${suggestion(pointName, context.points.keys())}`, path);
    if (point === undefined) return [];
    if (point.write === undefined) {
      problems.error('CONFIG_INVALID', `${pointName} cannot be written: its configuration has no \`write\``, path);
      return [];
    }
    if (!point.write.repeatable) problems.error('CONFIG_CLASH', `${pointName} is not repeatable: a program writes its outputs again after a takeover`, path);
    const output = { name, point: point.id, priority: rest.priority ?? point.write.priority, canRelinquish: context.capabilities(point.device)?.priorities === true || point.write.pulse !== true, deadband: rest.deadband };
    claim(`logic ${program}`, pointName, output, context, problems.at(...path));
    return [{ ...output, onFault: readSafeState(rest.onFault, point, output.canRelinquish, problems.at(name, 'onFault')) }];
  });
}

/** Whoever else writes the same place. */
function claim(writer: string, point: string, { priority: at, canRelinquish }: Pick<LogicOutput, 'priority' | 'canRelinquish'>, { writers }: ScheduleContext, problems: DocumentProblems): void {
  const place = canRelinquish ? `${point}@${at}` : point;
  const other = writers.get(place);
  if (other === writer) problems.error('CONFIG_DUPLICATE', `${point} is written twice`);
  else if (other !== undefined) problems.warning('CONFIG_CLASH', `${other} writes ${point} too${canRelinquish ? ' at the same priority' : ''}: whichever changes last wins`);
  writers.set(place, writer);
}

function readSafeState(raw: unknown, point: PointDefinition, canRelinquish: boolean, problems: DocumentProblems): LogicSafeState {
  if (raw === undefined) return { kind: canRelinquish ? 'relinquish' : 'hold' };
  if (raw === 'hold') return { kind: 'hold' };
  if (raw === 'relinquish') {
    if (!canRelinquish) problems.error('CONFIG_INVALID', `${point.name} is a pulse, which holds nothing: write \`hold\` or a value`);
    return { kind: 'relinquish' };
  }
  const value = readValue(raw, [point], problems);
  return value === undefined || value === null ? { kind: 'hold' } : { kind: 'value', value };
}

function checkIdentifier(name: string, problems: DocumentProblems): void {
  if (logicHelperNames.includes(name)) problems.keyError('CONFIG_CLASH', `\`${name}\` is what programs call something else: give the input another name`, [name]);
  else if (!isIdentifier(name)) problems.keyError('CONFIG_INVALID', `\`${name}\` is no name that a program could use: letters, digits and _, not a word of JavaScript`, [name]);
}

function isIdentifier(name: string): boolean {
  if (!/^[A-Za-z_$][\w$]*$/.test(name)) return false;
  try {
    compileFunction(`'use strict'; let ${name};`);
    return true;
  } catch {
    return false;
  }
}

/** Compiled, never run: that is for the sandbox. */
function checkProgram(written: Written, problems: DocumentProblems): void {
  const names = Object.keys(written.in).filter(isIdentifier);
  try {
    compileFunction(`'use strict';\n${written.program}`, [...names, 'quality', 'state', 'time'], { filename: 'program' });
  } catch (error) {
    const line = /program:(\d+)/.exec(error instanceof Error ? (error.stack ?? '') : '')?.[1];
    problems.error('CONFIG_INVALID', `does not parse: ${messageOf(error)}${line === undefined ? '' : ` (line ${Math.max(1, Number(line) - 1)} of the program)`}`, ['program']);
  }
}

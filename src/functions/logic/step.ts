import { isTandemError, messageOf, qualityLevel, type LogicDefinition, type LogicFault, type LogicOutput, type PointDefinition, type PointValue, type Quality, type ScheduleValue } from '../../contract/index.js';
import type { Json } from '../../image/index.js';
import type { LocalClock } from '../schedule/local-clock.js';
import { running, type LogicState } from './logic-state.js';
import { CutOffError, LogicError, type Program, type StepInput } from './sandbox.js';

export interface StepContext {
  readonly program: () => Program;
  readonly point: (id: number) => PointDefinition;
  readonly read: (id: number) => { readonly value: PointValue; readonly quality: Quality };
  readonly clock: LocalClock;
  /** Pair time, milliseconds since 1970. */
  readonly nowMs: number;
  /** Whether a step that was cut off by time is left out, and not the program's fault. */
  readonly excuses?: () => boolean;
}

/** After an absence `dt` is at most so many periods: an integrator must not make up for the time in which nobody controlled. */
const MOST_PERIODS = 5;

/**
 * One step of a program: the state after it, with what each output is to be. Where an input is not good or the program fails,
 * the state says so and the outputs are what the definition wants then.
 */
export function takeStep(definition: LogicDefinition, state: LogicState, context: StepContext): LogicState {
  const { nowMs } = context;
  const next = running(state);
  const inputs = readInputs(definition, context);
  if (inputs.bad.length > 0 && definition.badInputs !== 'run') {
    if (definition.badInputs === 'hold') return { ...next, held: inputs.bad };
    return stopped(definition, next, nowMs, { code: 'LOGIC_BAD_INPUT', message: `not good: ${inputs.bad.join(', ')}` });
  }
  try {
    const sinceMs = state.atMs === undefined ? 0 : nowMs - state.atMs;
    const dtMs = definition.everyMs === undefined ? sinceMs : Math.min(sinceMs, MOST_PERIODS * definition.everyMs);
    const result = context.program().step({ inputs: inputs.values, quality: inputs.quality, time: timeOf(nowMs, dtMs, context.clock) }, state.memory);
    return { ...next, steps: state.steps + 1, atMs: nowMs, memory: result.memory as Json, outputs: { ...state.outputs, ...readOutputs(definition, result.outputs, context) } };
  } catch (error) {
    if (error instanceof CutOffError && context.excuses?.() === true) return state;
    const fault: LogicFault = error instanceof LogicError ? { code: error.code, message: error.message } : { code: 'LOGIC_THREW', message: isTandemError(error) ? error.message : messageOf(error) };
    return stopped(definition, next, nowMs, fault);
  }
}

/** Whether a stopped program may be tried again. */
export function isRetryDue({ fault }: LogicState, nowMs: number): boolean {
  return fault?.retryAtMs !== undefined && fault.retryAtMs <= nowMs;
}

function stopped(definition: LogicDefinition, state: LogicState, nowMs: number, fault: LogicFault): LogicState {
  const outputs: Record<string, ScheduleValue> = { ...state.outputs };
  for (const { name, onFault } of definition.outputs) {
    if (onFault.kind === 'relinquish') outputs[name] = null;
    if (onFault.kind === 'value') outputs[name] = onFault.value;
  }
  const { retryAfterMs } = definition;
  return { ...state, atMs: nowMs, outputs, fault: { ...fault, sinceMs: nowMs, ...(retryAfterMs === undefined ? {} : { retryAtMs: nowMs + retryAfterMs }) } };
}

interface ReadInputs {
  readonly values: Record<string, number | boolean | string>;
  readonly quality: Record<string, string>;
  /** Names of those that are stale or bad. */
  readonly bad: string[];
}

function readInputs({ inputs }: LogicDefinition, { point, read }: StepContext): ReadInputs {
  const found: ReadInputs = { values: {}, quality: {}, bad: [] };
  for (const { name, point: id } of inputs) {
    const { value, quality } = read(id);
    const level = qualityLevel(quality);
    found.values[name] = inputValue(point(id), value);
    found.quality[name] = level;
    if (level === 'stale' || level === 'bad') found.bad.push(name);
  }
  return found;
}

/** As a program sees it: booleans as such, states by their names. */
function inputValue({ kind, states }: PointDefinition, value: PointValue): number | boolean | string {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  if (typeof value === 'string') return value;
  if (kind === 'boolean') return value !== 0;
  return kind === 'enum' ? (states?.[value] ?? value) : value;
}

function readOutputs(definition: LogicDefinition, given: Readonly<Record<string, unknown>>, { point }: StepContext): Record<string, ScheduleValue> {
  const outputs: Record<string, ScheduleValue> = {};
  for (const [name, value] of Object.entries(given)) {
    const output = definition.outputs.find((candidate) => candidate.name === name);
    if (output === undefined) throw new LogicError('LOGIC_BAD_OUTPUT', `there is no output \`${name}\`: it has ${definition.outputs.map((known) => known.name).join(', ')}`);
    outputs[name] = outputValue(output, point(output.point), value);
  }
  return outputs;
}

function outputValue({ name }: LogicOutput, { kind, states, write, name: point }: PointDefinition, value: unknown): ScheduleValue {
  const refuse = (why: string): LogicError => new LogicError('LOGIC_BAD_OUTPUT', `${name}: ${point} ${why}, not ${JSON.stringify(value)}`);
  if (value === null) return null;
  if (kind === 'text') {
    if (typeof value !== 'string') throw refuse('is a text');
    return value;
  }
  if (typeof value === 'string') {
    const index = states?.indexOf(value) ?? -1;
    if (index < 0) throw refuse(states === undefined ? 'takes a number' : `has the states ${states.join(', ')}`);
    return index;
  }
  const number = typeof value === 'boolean' ? Number(value) : value;
  if (typeof number !== 'number') throw refuse('takes a value');
  if (kind === 'boolean' && number !== 0 && number !== 1) throw refuse('is true or false');
  if ((kind === 'enum' || kind === 'integer64') && !Number.isSafeInteger(number)) throw refuse('takes a whole number');
  if (kind === 'enum' && states !== undefined && (number < 0 || number >= states.length)) throw refuse(`has the states ${states.join(', ')}`);
  const { min = -Infinity, max = Infinity } = write ?? {};
  if (number < min || number > max) throw refuse(`takes ${min} to ${max}`);
  return number;
}

function timeOf(nowMs: number, dtMs: number, clock: LocalClock): StepInput['time'] {
  const local = new Date(clock.localMs(nowMs));
  return {
    now: nowMs,
    dt: dtMs / 1_000,
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
    weekday: ((local.getUTCDay() + 6) % 7) + 1,
    day: local.getUTCDate(),
    month: local.getUTCMonth() + 1,
    year: local.getUTCFullYear(),
  };
}

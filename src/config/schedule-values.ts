import type { PointDefinition, ScheduleValue, TimeValue } from '../contract/index.js';
import { suggestion } from './nearest.js';
import type { DocumentProblems } from './problem-list.js';

const RELINQUISH = 'relinquish';

/** Reads a block of local times and values, `{"06:00": run, "20:00": stop}`, into the order of time. */
export function readTimeValues(raw: Readonly<Record<string, unknown>>, targets: readonly PointDefinition[], problems: DocumentProblems): TimeValue[] {
  const entries: TimeValue[] = [];
  for (const [text, written] of Object.entries(raw)) {
    const timeMs = parseTime(text);
    if (timeMs === undefined) problems.keyError('CONFIG_INVALID', `must be a time of the day, "06:00" or "06:00:30" (found "${text}")`, [text]);
    else if (entries.some((entry) => entry.timeMs === timeMs)) problems.keyError('CONFIG_DUPLICATE', `${text} is written twice`, [text]);
    const value = readValue(written, targets, problems.at(text));
    if (timeMs !== undefined && value !== undefined) entries.push({ timeMs, value });
  }
  return entries.sort((a, b) => a.timeMs - b.timeMs);
}

/** Reads a value as every target takes it; undefined where one of them does not. */
export function readValue(raw: unknown, targets: readonly PointDefinition[], problems: DocumentProblems): ScheduleValue | undefined {
  if (raw === RELINQUISH || targets.length === 0) return null;
  const values = new Set<ScheduleValue>();
  for (const target of targets) {
    const value = valueFor(raw, target);
    if (value instanceof Refusal) {
      problems.error('CONFIG_INVALID', `${target.name} ${value.message}`);
      return undefined;
    }
    values.add(value);
  }
  const [value, ...others] = values;
  if (others.length > 0) problems.error('CONFIG_CLASH', `\`${String(raw)}\` means another value for each of ${targets.map(({ name }) => name).join(', ')}: write them by schedules of their own`);
  return value;
}

/** Reads a value as one point takes it. */
export function readPlainValue(raw: unknown, target: ValueTarget, problems: DocumentProblems): number | string | undefined {
  const value = valueFor(raw, target);
  if (!(value instanceof Refusal)) return value;
  problems.error('CONFIG_INVALID', `the point ${value.message}`);
  return undefined;
}

type ValueTarget = Pick<PointDefinition, 'kind' | 'write'> & { readonly states?: readonly string[] | undefined };

class Refusal {
  constructor(readonly message: string) {}
}

function valueFor(raw: unknown, { kind, states, write }: ValueTarget): number | string | Refusal {
  const found = typeof raw === 'string' ? `"${raw}"` : JSON.stringify(raw);
  if (kind === 'text') return typeof raw === 'string' ? raw : new Refusal(`is a text and cannot take ${found}`);
  if (typeof raw === 'string' && states !== undefined) {
    const index = states.indexOf(raw);
    return index < 0 ? new Refusal(`has no state ${found}, it has ${states.join(', ')}${suggestion(raw, states)}`) : index;
  }
  if (kind === 'boolean') return raw === true || raw === 1 ? 1 : raw === false || raw === 0 ? 0 : new Refusal(`is true or false, not ${found}`);
  if (typeof raw !== 'number' || !Number.isFinite(raw)) return new Refusal(`takes a number, not ${found}`);
  if ((kind === 'integer64' || kind === 'enum') && !Number.isSafeInteger(raw)) return new Refusal(`takes a whole number, not ${found}`);
  if (kind === 'enum' && (raw < 0 || (states !== undefined && raw >= states.length))) return new Refusal(`has no state ${found}`);
  const { min, max } = write ?? {};
  if ((min !== undefined && raw < min) || (max !== undefined && raw > max)) return new Refusal(`takes ${min ?? '−∞'} to ${max ?? '∞'}, not ${found}`);
  return raw;
}

/** `06:00` or `06:00:30`, milliseconds since midnight. */
export function parseTime(text: string): number | undefined {
  const match = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(text);
  if (match === null) return undefined;
  const [, hours, minutes, seconds = '0'] = match;
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000;
}

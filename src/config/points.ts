import { z } from 'zod';
import { durationMs, pollClasses, type CheckedPoint, type DriverPoint, type FeedbackRule, type ParsedPoint, type PointDefinition, type ValueKind, type WriteRules } from '../contract/index.js';
import { compact } from './compact.js';
import { guarded, pick, type ReadDevice } from './devices.js';
import { checkName } from './names.js';
import { isCondition } from './expression.js';
import { suggestion } from './nearest.js';
import type { DocumentProblems } from './problem-list.js';
import { readPlainValue } from './schedule-values.js';
import { blockOf, check, checkKeys, isRecord } from './schema-check.js';
import type { WrittenPoint } from './templates.js';

export interface ReadPoint {
  readonly definition: PointDefinition;
  readonly address: unknown;
  readonly checked: CheckedPoint<unknown>;
  /** It has no device. */
  readonly virtual?: { readonly expression?: string; readonly problems: DocumentProblems };
}

/** A tag stands in lists and behind a `#`. */
const TAG = /^[\p{L}\p{N}_][\p{L}\p{N}_.:/-]{0,59}$/u;
const tagsShape = z
  .array(z.string().regex(TAG, 'a tag has letters, digits and . _ - : /, at most 60'), { error: 'must be a list of tags: [heating, meter]' })
  .min(1)
  .max(20)
  .refine((tags) => new Set(tags).size === tags.length, { error: 'names a tag twice' });

/** Of any point, with a device or without. */
const ofAny = {
  unit: z.string().min(1).optional(),
  area: z.string().min(1).optional(),
  tags: tagsShape.optional(),
  description: z.string().optional(),
  states: z.array(z.string().min(1)).min(1).optional(),
  cov: z.number().min(0).optional(),
  write: z.unknown().optional(),
};

/** Keys of a point of any device; its driver has further ones. */
export const pointKeys = { device: z.string(), ...ofAny, poll: z.enum(pollClasses).default('normal') };

/** What virtual points have in place of a device. */
export const VIRTUAL_DEVICE = 'virtual';

export const feedbackKeys = { point: z.string(), within: durationMs.default(5_000), tolerance: z.number().min(0).optional() };
const feedbackShape = z
  .strictObject(feedbackKeys)
  .transform(({ point, within, tolerance }): FeedbackRule => compact({ point, withinMs: within, tolerance }));

/** Keys of `write`. */
export const writeKeys = {
  priority: z.int().min(1).max(16).default(8),
  min: z.number().optional(),
  max: z.number().optional(),
  verify: z.union([z.enum(['none', 'echo', 'readback']), feedbackShape], { error: 'must be none, echo, readback, or {point: NAME, within: 5s}' }).optional(),
  repeatable: z.boolean().optional(),
  only: z.boolean().default(false),
  pulse: z.union([z.boolean(), durationMs], { error: 'must be true, or how long the value stays: 500ms, 2s' }).default(false),
  onReturn: z.enum(['leave', 'reassert', 'adopt']).optional(),
  relinquishDefault: z.unknown().optional(),
};
const writeShape = z.strictObject(writeKeys);

/**
 * Reads one point; undefined where anything is wrong with it. The common keys and the driver's are read
 * apart, so that a mistake in one does not hide a mistake in the other.
 */
export function readPoint(written: WrittenPoint, id: number, devices: ReadonlyMap<string, ReadDevice | undefined>): ReadPoint | undefined {
  const { name, raw, problems } = written;
  const named = checkName(name, 'point', problems);
  if (!isRecord(raw)) {
    problems.error('CONFIG_INVALID', 'must be a block with `device` and the keys of its driver');
    return undefined;
  }
  if (isVirtual(raw)) return readVirtualPoint(name, raw, id, named, problems);
  const common = check(blockOf(pointKeys), raw, problems);
  const device = deviceOf(raw, devices, problems);
  if (device === undefined) {
    readWrite(raw.write, 'number', problems);
    return undefined;
  }
  const parsed = readAddress(raw, device, problems);
  const kind = parsed === undefined ? undefined : kindOf(parsed.kind, common?.states, problems);
  const write = readWrite(raw.write, kind ?? 'number', problems, common?.states);
  if (write !== undefined && write !== false && write.relinquishDefault !== undefined && device.module.capabilities.priorities) {
    problems.error('CONFIG_CLASH', 'the device has a relinquish default of its own: set it there', ['write', 'relinquishDefault']);
  }
  if (parsed?.readOnly === true && write !== undefined) problems.error('CONFIG_ADDRESS', 'this address can only be read: leave `write` out, or give the address that takes it', ['write']);
  if (common?.states !== undefined) checkStates(common.states, problems);
  if (common?.cov !== undefined && kind !== undefined && kind !== 'number') {
    problems.error('CONFIG_INVALID', `\`cov\` is for numbers; ${kindNames[kind]} reports every change`, ['cov']);
  }
  if (!named || common === undefined || parsed === undefined || kind === undefined || write === false) return undefined;
  const { poll, unit, area, tags, states, cov, description } = common;
  const definition: PointDefinition = withMore({ id, name, kind, device: device.name, poll }, { unit, area, tags, states, write, cov, description });
  if (write?.only === true && device.module.capabilities.writeOnly !== true) {
    problems.error('CONFIG_CLASH', `what a point of ${device.module.kind} holds can be read: leave out \`only\``, ['write', 'only']);
  }
  return { definition, address: parsed.address, checked: { ...parsed, name, problems, ...(write === undefined ? {} : { write }) } };
}

/** A point without a device: `expression` or `type` say what it is made of. */
function isVirtual(raw: Readonly<Record<string, unknown>>): boolean {
  return raw.device === undefined && (raw.expression !== undefined || raw.type !== undefined);
}

/** Keys of a point without a device. */
export const virtualKeys = {
  ...ofAny,
  type: z.enum(['number', 'boolean', 'text']).optional(),
  expression: z.string().min(1).optional(),
};

/** The expression itself is read once all points are known. */
function readVirtualPoint(name: string, raw: Readonly<Record<string, unknown>>, id: number, named: boolean, problems: DocumentProblems): ReadPoint | undefined {
  checkKeys(Object.keys(raw), Object.keys(virtualKeys), problems);
  const common = check(blockOf(virtualKeys), raw, problems);
  if (common === undefined) return undefined;
  const { unit, area, tags, states, cov, description, expression } = common;
  const type = common.type ?? (expression !== undefined && isCondition(expression) ? 'boolean' : 'number');
  const kind = kindOf(type, states, problems);
  const write = readWrite(raw.write, kind, problems, states);
  if (states !== undefined) checkStates(states, problems);
  if (cov !== undefined && kind !== 'number') problems.error('CONFIG_INVALID', `\`cov\` is for numbers; ${kindNames[kind]} reports every change`, ['cov']);
  if (expression !== undefined && kind === 'text') problems.error('CONFIG_INVALID', 'an expression gives a number, true or false, or a state: leave `type: text` out', ['type']);
  if (expression === undefined && write === undefined) problems.error('CONFIG_INVALID', 'has neither an expression nor `write`: it could never have a value');
  if (write !== undefined && write !== false) checkVirtualWrite(write, raw.write, expression, problems.at('write'));
  if (!named || write === false) return undefined;
  const definition: PointDefinition = withMore({ id, name, kind, device: VIRTUAL_DEVICE, poll: 'normal' as const }, { unit, area, tags, states, write: write === undefined ? undefined : { ...write, verify: 'none' as const }, cov, description });
  return { definition, address: undefined, checked: { address: undefined, kind, name, problems, ...(write === undefined ? {} : { write }) }, virtual: { problems, ...(expression === undefined ? {} : { expression }) } };
}

function checkVirtualWrite(write: WriteRules, raw: unknown, expression: string | undefined, problems: DocumentProblems): void {
  if (expression !== undefined && write.relinquishDefault !== undefined) problems.error('CONFIG_CLASH', 'what nobody commands is what the expression gives: leave it out', ['relinquishDefault']);
  if (!isRecord(raw)) return;
  for (const key of ['verify', 'onReturn', 'pulse', 'only']) if (key in raw) problems.error('CONFIG_CLASH', `a virtual point has no device, so there is no \`${key}\``, [key]);
}

/** The point as its driver is given it. */
export function driverPointOf({ definition, address }: ReadPoint, alarmed: boolean): DriverPoint {
  const { id, name, kind, device, poll } = definition;
  const point: DriverPoint = withMore({ id, name, kind, device, poll, address }, definition);
  return alarmed ? { ...point, alarmed: true } : point;
}

/**
 * Adds what is there of `more`, one key after the other: so all points with the same keys have one hidden class. With a
 * spread or from entries each object gets one of its own, 270 bytes, and whoever reads them is slow.
 */
function withMore<T extends object, M extends object>(point: T, more: M): T & { [K in keyof M]?: Exclude<M[K], undefined> } {
  const whole = point as Record<string, unknown>;
  for (const [key, value] of Object.entries(more)) if (value !== undefined && !(key in whole)) whole[key] = value;
  return point;
}

/** A feedback is another point of the site, of a kind that can show the value. */
export function checkFeedback({ definition, checked: { problems } }: ReadPoint, points: ReadonlyMap<string, ReadPoint | undefined>): void {
  const verify = definition.write?.verify;
  if (typeof verify !== 'object') return;
  const at = ['write', 'verify', 'point'];
  if (!points.has(verify.point)) problems.error('CONFIG_REFERENCE', `there is no point \`${verify.point}\`${suggestion(verify.point, points.keys())}`, at);
  else if (verify.point === definition.name) problems.error('CONFIG_CLASH', 'a point is no feedback of itself: that is `verify: readback`', at);
  const feedback = points.get(verify.point)?.definition;
  const isNumeric = (kind: ValueKind): boolean => kind !== 'text' && kind !== 'integer64';
  if (feedback !== undefined && feedback.kind !== definition.kind && !(isNumeric(feedback.kind) && isNumeric(definition.kind))) {
    problems.error('CONFIG_CLASH', `${kindNames[feedback.kind]} cannot show ${kindNames[definition.kind]}`, at);
  }
}

function deviceOf(raw: Readonly<Record<string, unknown>>, devices: ReadonlyMap<string, ReadDevice | undefined>, problems: DocumentProblems): ReadDevice | undefined {
  const name = raw.device;
  if (typeof name !== 'string') return undefined; // reported with the common keys
  if (!devices.has(name)) problems.error('CONFIG_REFERENCE', `there is no device \`${name}\`${suggestion(name, devices.keys())}`, ['device']);
  return devices.get(name);
}

function readAddress(raw: Readonly<Record<string, unknown>>, device: ReadDevice, problems: DocumentProblems): ParsedPoint<unknown> | undefined {
  const { module, settings, context } = device;
  checkKeys(Object.keys(raw), [...Object.keys(pointKeys), ...Object.keys(module.pointShape)], problems);
  const own = pick(raw, module.pointShape);
  if (check(blockOf(module.pointShape), own, problems) === undefined || settings === undefined) return undefined;
  return guarded(problems, () => module.parsePoint(own, settings, { ...context, problems }));
}

const kindNames: Readonly<Record<ValueKind, string>> = {
  number: 'a number',
  boolean: 'a boolean',
  enum: 'an enumeration',
  integer64: 'a 64-bit integer',
  text: 'a text',
};

/** States name the values 0, 1, 2 …; two of them are what a boolean has anyway. */
function kindOf(kind: ValueKind, states: readonly string[] | undefined, problems: DocumentProblems): ValueKind {
  if (states === undefined) return kind;
  if (kind === 'text' || kind === 'integer64') {
    problems.error('CONFIG_INVALID', `${kindNames[kind]} has no states`, ['states']);
    return kind;
  }
  if (kind === 'boolean') {
    if (states.length === 2) return 'boolean';
    problems.warning('CONFIG_INVALID', `a boolean has two values, not ${states.length}`, ['states']);
  }
  return 'enum';
}

function checkStates(states: readonly string[], problems: DocumentProblems): void {
  for (const [index, state] of states.entries()) {
    if (states.indexOf(state) < index) problems.error('CONFIG_DUPLICATE', `\`${state}\` is listed twice`, ['states', index]);
  }
}

/** Shorter than a request takes on a slow bus, or so long that somebody should look at it. */
const SHORTEST_PULSE_MS = 50;
const LONGEST_PULSE_MS = 3_600_000;

/** `write: true` or a block; undefined for a point that is only read, false where the block is wrong. */
function readWrite(raw: unknown, kind: ValueKind, problems: DocumentProblems, states?: readonly string[]): WriteRules | undefined | false {
  if (raw === undefined || raw === false) return undefined;
  if (raw !== true && !isRecord(raw)) {
    problems.error('CONFIG_INVALID', 'must be true, or a block with priority, min, max, verify, repeatable, only, pulse', ['write']);
    return false;
  }
  const rules = check(writeShape, raw === true ? {} : raw, problems.at('write'));
  if (rules === undefined) return false;
  const { min, max } = rules;
  if (kind !== 'number' && kind !== 'integer64' && (min !== undefined || max !== undefined)) {
    problems.error('CONFIG_INVALID', `${kindNames[kind]} has no min and max`, ['write', min === undefined ? 'max' : 'min']);
  }
  if (min !== undefined && max !== undefined && min > max) {
    problems.error('CONFIG_INVALID', `min ${min} is above max ${max}: no value could be written`, ['write', 'min']);
  }
  const { relinquishDefault, ...others } = rules;
  const read = writeRules(others, kind, problems);
  if (relinquishDefault === undefined) return read;
  if (read.pulse === true) problems.error('CONFIG_CLASH', 'a pulse holds nothing that could be given up', ['write', 'relinquishDefault']);
  const value = readPlainValue(relinquishDefault, { kind, states, write: read }, problems.at('write', 'relinquishDefault'));
  return value === undefined ? read : { ...read, relinquishDefault: kind === 'integer64' && typeof value === 'number' ? BigInt(value) : value };
}

/** What cannot be read back, and what does not stay, leave fewer ways to prove and to repeat a write. */
function writeRules({ only, pulse: pulsed, verify, repeatable, ...rules }: Omit<z.infer<typeof writeShape>, 'relinquishDefault'>, kind: ValueKind, problems: DocumentProblems): WriteRules {
  const pulse = pulsed !== false;
  const pulseMs = typeof pulsed === 'number' ? pulsed : undefined;
  const clash = (key: string, message: string): void => problems.error('CONFIG_CLASH', message, ['write', key]);
  if (verify === 'readback' && only) clash('verify', 'a point with `only` cannot be read back: take echo, none, or a feedback point');
  else if (verify === 'readback' && pulse) clash('verify', 'a pulse is over before it is read back: take echo, none, or a feedback point');
  if (pulseMs !== undefined && kind === 'text') clash('pulse', 'a text has no rest to go back to');
  if (pulseMs !== undefined && (pulseMs < SHORTEST_PULSE_MS || pulseMs > LONGEST_PULSE_MS)) problems.error('CONFIG_INVALID', 'a pulse takes 50ms to 1h', ['write', 'pulse']);
  if (pulseMs !== undefined && ((rules.min ?? 0) > 0 || (rules.max ?? 0) < 0)) clash('pulse', 'a pulse ends with 0, which min and max do not allow');
  if (pulse && repeatable === true) clash('repeatable', 'a pulse written twice is two pulses');
  if (pulse && (rules.onReturn ?? 'leave') !== 'leave') clash('onReturn', 'a pulse leaves nothing behind that could be restored when its device is back');
  if (only && rules.onReturn === 'adopt') clash('onReturn', 'a point with `only` shows nothing to adopt');
  return compact({
    ...rules,
    verify: verify ?? (only || pulse ? 'echo' : 'readback'),
    repeatable: repeatable ?? !pulse,
    only: only ? (true as const) : undefined,
    pulse: pulse ? (true as const) : undefined,
    pulseMs,
  });
}

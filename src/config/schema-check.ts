import { z } from 'zod';
import { nearest, suggestion } from './nearest.js';
import type { Path } from './path.js';
import type { DocumentProblems } from './problem-list.js';

/** Reads `value` by `schema`, or reports each thing that is wrong with it, where it is written. */
export function check<S extends z.ZodType>(schema: S, value: unknown, problems: DocumentProblems): z.output<S> | undefined {
  const result = schema.safeParse(value, { error: describe });
  if (result.success) return result.data;
  for (const issue of result.error.issues) report(issue, schema, value, problems);
  return undefined;
}

/**
 * As {@link check}, of a block whose keys stand each for itself: without those that are wrong, which are reported, the rest is read all the
 * same, so that what is wrong with it in other ways is told in the same pass. Undefined where a key without a default is wrong.
 */
export function checkBlock<S extends z.ZodObject>(schema: S, value: unknown, problems: DocumentProblems): { readonly read: z.output<S>; readonly wrong: ReadonlySet<string> } | undefined {
  const result = schema.safeParse(value, { error: describe });
  if (result.success) return { read: result.data, wrong: new Set() };
  for (const issue of result.error.issues) report(issue, schema, value, problems);
  if (!isRecord(value)) return undefined;
  const wrong = new Set(result.error.issues.flatMap((issue) => (issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys : issue.path.slice(0, 1).map(String))));
  const rest = schema.safeParse(Object.fromEntries(Object.entries(value).filter(([key]) => !wrong.has(key))));
  return rest.success ? { read: rest.data, wrong } : undefined;
}

const blocks = new WeakMap<z.ZodRawShape, z.ZodObject>();

/** The schema of a block with the keys of `shape`, made once: building one costs as much as reading a hundred points. */
export function blockOf<S extends z.ZodRawShape>(shape: S): z.ZodObject<S> {
  const block = blocks.get(shape) ?? z.object(shape);
  blocks.set(shape, block);
  return block as z.ZodObject<S>;
}

/** Refuses keys of a block that are not among `known`. */
export function checkKeys(keys: Iterable<string>, known: readonly string[], problems: DocumentProblems): void {
  for (const key of keys) {
    if (!known.includes(key)) problems.keyError('CONFIG_UNKNOWN_KEY', `there is no key \`${key}\` here${suggestion(key, known)}`, [key]);
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function report(issue: z.core.$ZodIssue, schema: z.ZodType, value: unknown, problems: DocumentProblems): void {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  if (issue.code === 'unrecognized_keys') {
    checkKeys(issue.keys, knownKeys(schema, path), problems.at(...path));
    return;
  }
  if (issue.code === 'invalid_union') {
    // The form that was meant is the one that got furthest; the others' complaints would only confuse.
    const meant = issue.errors.find((issues) => issues.length > 0 && issues.every((inner) => inner.path.length > 0 || inner.code === 'unrecognized_keys'));
    if (meant !== undefined) {
      for (const inner of meant) report({ ...inner, path: [...path, ...inner.path] }, schema, value, problems);
      return;
    }
  }
  const found = valueAt(value, path);
  const last = path.at(-1);
  if (found === undefined && typeof last === 'string') {
    problems.error('CONFIG_INVALID', `\`${last}\` is missing: it ${expectation(issue.message)}`, path);
    return;
  }
  const near = issue.code === 'invalid_value' && typeof found === 'string' ? nearest(found, issue.values.map(String)) : undefined;
  problems.error('CONFIG_INVALID', `${issue.message}${show(found)}${near === undefined ? '' : `; did you mean \`${near}\`?`}`, path);
}

/** House wording for what zod finds; a message that a schema brings itself wins over it. */
const describe: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${typeNames[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return issue.values.length === 1 ? `must be ${String(issue.values[0])}` : `must be one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return bound(issue.origin, issue.inclusive === false ? 'more than' : 'at least', Number(issue.minimum));
    case 'too_big':
      return bound(issue.origin, issue.inclusive === false ? 'less than' : 'at most', Number(issue.maximum));
    case 'invalid_union': {
      const messages = issue.errors.map((issues) => issues[0]?.message).filter((message) => message !== undefined);
      return [...new Set(messages)].join(', or ');
    }
    case 'custom':
    case 'invalid_element':
    case 'invalid_format':
    case 'invalid_key':
    case 'not_multiple_of':
    case 'unrecognized_keys':
    default:
      return undefined; // zod's own words
  }
};

const typeNames: Readonly<Record<string, string>> = {
  string: 'a text (quote it if it looks like a number)',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a block of keys',
  record: 'a block of keys',
  array: 'a list',
};

function bound(origin: string, relation: string, limit: number): string {
  if (origin === 'string') return limit === 1 ? 'must not be empty' : `must have ${relation} ${limit} characters`;
  if (origin === 'array') return limit === 1 ? 'needs at least one entry' : `must have ${relation} ${limit} entries`;
  return `must be ${relation} ${limit}`;
}

function expectation(message: string): string {
  return /^(must|needs)\b/.test(message) ? message : `must be ${message}`;
}

function show(value: unknown): string {
  if (typeof value === 'string') return ` (found "${value.length > 60 ? `${value.slice(0, 60)}…` : value}")`;
  return typeof value === 'number' || typeof value === 'boolean' ? ` (found ${value})` : '';
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((from, step) => (typeof from === 'object' && from !== null ? (from as Record<string | number, unknown>)[step] : undefined), value);
}

/** Keys of the object schema that lies at `path`. */
function knownKeys(schema: z.core.$ZodType, path: Path): string[] {
  if (schema instanceof z.ZodObject) {
    const [step, ...rest] = path;
    if (step === undefined) return Object.keys(schema.shape);
    const inner: unknown = schema.shape[step];
    return inner instanceof z.core.$ZodType ? knownKeys(inner, rest) : [];
  }
  if (schema instanceof z.ZodArray) return knownKeys(schema.element, path.slice(1));
  if (schema instanceof z.ZodRecord) return knownKeys(schema.valueType, path.slice(1));
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => knownKeys(option, path));
  if (schema instanceof z.ZodPipe) return knownKeys(schema.in, path);
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodNullable) {
    return knownKeys(schema.unwrap(), path);
  }
  return [];
}

import { suggestion } from './nearest.js';
import type { DocumentProblems, ProblemList } from './problem-list.js';
import { isRecord } from './schema-check.js';
import type { SourceDocument } from './source-document.js';

/** A point as it is written, by hand or by a template, before its keys are read. */
export interface WrittenPoint {
  readonly name: string;
  readonly raw: unknown;
  /** Points into `points:`, or into the template with the instance named. */
  readonly problems: DocumentProblems;
}

type Parameter = string | number | boolean;

const placeholder = /\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** The points of the whole site in document order: `points`, then the instances in the order of `use`. */
export function writtenPoints(document: SourceDocument, top: Readonly<Record<string, unknown>>, list: ProblemList): WrittenPoint[] {
  const points = new Map<string, WrittenPoint>();
  const root = list.at(document);
  const section = recordAt(top.points, 'points', root);
  for (const name of document.keys(section)) points.set(name, { name, raw: section[name], problems: root.at('points', name) });

  const templates = recordAt(top.templates, 'templates', root);
  const used = new Set<string>();
  for (const [index, use] of listAt(top.use, 'use', root).entries()) {
    const problems = root.at('use', index);
    const chosen = readUse(use, templates, problems);
    if (chosen === undefined) continue;
    used.add(chosen.template);
    const taken: string[] = [];
    for (const instance of expand(document, chosen, templates, list)) {
      if (points.has(instance.name)) taken.push(instance.name);
      else points.set(instance.name, instance);
    }
    if (taken.length > 0) problems.error('CONFIG_DUPLICATE', `makes points that exist already: ${taken.join(', ')}`);
  }
  for (const [name, body] of Object.entries(templates)) {
    if (!isRecord(body)) root.error('CONFIG_INVALID', 'must be a block of points', ['templates', name]);
    else if (!used.has(name)) root.warning('CONFIG_REFERENCE', 'no entry of `use` names this template', ['templates', name]);
  }
  return [...points.values()];
}

interface Use {
  readonly template: string;
  readonly parameters: ReadonlyMap<string, Parameter>;
}

function readUse(use: unknown, templates: Readonly<Record<string, unknown>>, problems: DocumentProblems): Use | undefined {
  if (!isRecord(use) || typeof use.template !== 'string') {
    problems.error('CONFIG_INVALID', 'must be a block with `template` and the parameters of that template');
    return undefined;
  }
  const { template, ...rest } = use;
  const body = Object.hasOwn(templates, template) ? templates[template] : undefined;
  if (body === undefined) {
    problems.error('CONFIG_REFERENCE', `there is no template \`${template}\`${suggestion(template, Object.keys(templates))}`, ['template']);
    return undefined;
  }
  if (!isRecord(body)) return undefined; // reported where the template is written
  const wanted = placeholdersOf(body);
  const parameters = new Map<string, Parameter>();
  for (const [key, value] of Object.entries(rest)) {
    if (!wanted.has(key)) problems.keyError('CONFIG_UNKNOWN_KEY', `template \`${template}\` has no parameter \`${key}\`${suggestion(key, wanted)}`, [key]);
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') parameters.set(key, value);
    else problems.error('CONFIG_INVALID', 'a parameter must be a text, a number or true/false', [key]);
  }
  const missing = [...wanted].filter((name) => !Object.hasOwn(rest, name));
  if (missing.length > 0) problems.error('CONFIG_REFERENCE', `template \`${template}\` needs ${missing.map((name) => `\`${name}\``).join(', ')}`);
  return [...wanted].every((name) => parameters.has(name)) ? { template, parameters } : { template, parameters: new Map() };
}

function expand(document: SourceDocument, use: Use, templates: Readonly<Record<string, unknown>>, list: ProblemList): WrittenPoint[] {
  const body = templates[use.template];
  if (!isRecord(body) || (use.parameters.size === 0 && placeholdersOf(body).size > 0)) return [];
  return document.keys(body).map((key) => {
    const name = fill(key, use.parameters);
    const problems = list.at(document, ['templates', use.template, key], name);
    return { name, raw: substitute(body[key], use.parameters), problems };
  });
}

function substitute(value: unknown, parameters: Use['parameters']): unknown {
  if (typeof value === 'string') {
    // A value that is nothing but a parameter keeps the parameter's type, so that numbers stay numbers.
    const whole = /^\{(\w+)\}$/.exec(value)?.[1];
    return (whole === undefined ? undefined : parameters.get(whole)) ?? fill(value, parameters);
  }
  if (Array.isArray(value)) return value.map((item) => substitute(item, parameters));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [fill(key, parameters), substitute(inner, parameters)]));
}

function fill(text: string, parameters: Use['parameters']): string {
  return text.replace(placeholder, (written, name: string) => String(parameters.get(name) ?? written));
}

const known = new WeakMap<object, ReadonlySet<string>>();

/** Those of a template, looked for once and not with each use of it. */
function placeholdersOf(template: object): ReadonlySet<string> {
  const found = known.get(template) ?? placeholders(template);
  known.set(template, found);
  return found;
}

function placeholders(value: unknown): Set<string> {
  if (typeof value === 'string') return new Set([...value.matchAll(placeholder)].map((match) => match[1] ?? ''));
  if (Array.isArray(value)) return new Set(value.flatMap((item) => [...placeholders(item)]));
  if (!isRecord(value)) return new Set();
  return new Set(Object.entries(value).flatMap(([key, inner]) => [...placeholders(key), ...placeholders(inner)]));
}

/** The section `key`, empty when it is absent; anything but a block is reported. */
export function recordAt(value: unknown, key: string, problems: DocumentProblems): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {};
  if (isRecord(value)) return value;
  problems.error('CONFIG_INVALID', 'must be a block of keys', [key]);
  return {};
}

export function listAt(value: unknown, key: string, problems: DocumentProblems): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  problems.error('CONFIG_INVALID', 'must be a list', [key]);
  return [];
}

import { filled, placeholdersIn, substituted, type Parameter, type Parameters } from '../contract/index.js';
import { withDifferences, type Differences } from './differences.js';
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
    for (const instance of expand(document, chosen, templates, list, index)) {
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
  readonly parameters: Parameters;
  /** What is different in this instance, by the names of its points. */
  readonly differs: ReadonlyMap<string, Differences>;
}

function readUse(use: unknown, templates: Readonly<Record<string, unknown>>, problems: DocumentProblems): Use | undefined {
  if (!isRecord(use) || typeof use.template !== 'string') {
    problems.error('CONFIG_INVALID', 'must be a block with `template` and the parameters of that template');
    return undefined;
  }
  const { template, differs, ...rest } = use;
  const body = Object.hasOwn(templates, template) ? templates[template] : undefined;
  if (body === undefined) {
    problems.error('CONFIG_REFERENCE', `there is no template \`${template}\`${suggestion(template, Object.keys(templates))}`, ['template']);
    return undefined;
  }
  if (!isRecord(body)) return undefined; // reported where the template is written
  const wanted = placeholdersOf(body);
  const parameters = readParameters(rest, wanted, `template \`${template}\``, problems);
  return { template, parameters: parameters ?? new Map(), differs: parameters === undefined ? new Map() : readDiffers(differs, body, parameters, problems) };
}

/** Each of what `wanted` names, and no other; undefined where one is missing or cannot be used. */
export function readParameters(written: Readonly<Record<string, unknown>>, wanted: ReadonlySet<string>, of: string, problems: DocumentProblems): Parameters | undefined {
  const parameters = new Map<string, Parameter>();
  for (const [key, value] of Object.entries(written)) {
    if (!wanted.has(key)) problems.keyError('CONFIG_UNKNOWN_KEY', `${of} has no parameter \`${key}\`${suggestion(key, wanted)}`, [key]);
    if (isParameter(value)) parameters.set(key, value);
    else problems.error('CONFIG_INVALID', 'a parameter must be a text, a number or true/false', [key]);
  }
  const missing = [...wanted].filter((name) => !Object.hasOwn(written, name));
  if (missing.length > 0) problems.error('CONFIG_REFERENCE', `${of} needs ${missing.map((name) => `\`${name}\``).join(', ')}`);
  return [...wanted].every((name) => parameters.has(name)) ? parameters : undefined;
}

function readDiffers(differs: unknown, body: Readonly<Record<string, unknown>>, parameters: Use['parameters'], problems: DocumentProblems): Use['differs'] {
  const made = new Set(Object.keys(body).map((key) => filled(key, parameters)));
  const found = new Map<string, Differences>();
  for (const [name, keys] of Object.entries(recordAt(differs, 'differs', problems))) {
    if (!made.has(name)) problems.keyError('CONFIG_REFERENCE', `this entry makes no point \`${name}\`${suggestion(name, made)}`, ['differs', name]);
    else if (isRecord(keys)) found.set(name, keys);
    else problems.error('CONFIG_INVALID', 'must be a block of keys of the point', ['differs', name]);
  }
  return found;
}

function expand(document: SourceDocument, use: Use, templates: Readonly<Record<string, unknown>>, list: ProblemList, index: number): WrittenPoint[] {
  const body = templates[use.template];
  if (!isRecord(body) || (use.parameters.size === 0 && placeholdersOf(body).size > 0)) return [];
  return document.keys(body).map((key) => {
    const name = filled(key, use.parameters);
    const raw = substituted(body[key], use.parameters);
    const differs = use.differs.get(name);
    if (differs === undefined) return { name, raw, problems: list.at(document, ['templates', use.template, key], name) };
    return { name, raw: withDifferences(raw, differs), problems: list.at(document, ['use', index, 'differs', name]) };
  });
}

/** A point that a template makes. */
export interface MadePoint {
  readonly template: string;
  /** Entry of `use`, from 0. */
  readonly entry: number;
  /** As the template has it, without what is different in this instance. */
  readonly plain: Readonly<Record<string, unknown>>;
  readonly definition: Readonly<Record<string, unknown>>;
}

/** Points that templates make, by name, of a document that may have mistakes: what cannot be made is left out. */
export function madePoints(top: Readonly<Record<string, unknown>>): ReadonlyMap<string, MadePoint> {
  const made = new Map<string, MadePoint>();
  const templates = isRecord(top.templates) ? top.templates : {};
  for (const [entry, use] of (Array.isArray(top.use) ? (top.use as readonly unknown[]) : []).entries()) {
    if (!isRecord(use) || typeof use.template !== 'string') continue;
    const { template, differs, ...parameters } = use;
    const body = Object.hasOwn(templates, template) ? templates[template] : undefined;
    if (!isRecord(body) || [...placeholdersOf(body)].some((name) => !isParameter(parameters[name]))) continue;
    const given = new Map(Object.entries(parameters).filter((pair): pair is [string, Parameter] => isParameter(pair[1])));
    for (const [key, written] of Object.entries(body)) {
      const name = filled(key, given);
      const plain = substituted(written, given);
      const own = isRecord(differs) ? differs[name] : undefined;
      if (isRecord(plain) && !made.has(name)) made.set(name, { template, entry, plain, definition: isRecord(own) ? withDifferences(plain, own) : plain });
    }
  }
  return made;
}

function isParameter(value: unknown): value is Parameter {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

const known = new WeakMap<object, ReadonlySet<string>>();

/** Those of a template, looked for once and not with each use of it. */
function placeholdersOf(template: object): ReadonlySet<string> {
  const found = known.get(template) ?? placeholdersIn(template);
  known.set(template, found);
  return found;
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

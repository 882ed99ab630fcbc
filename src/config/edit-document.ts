import { isDeepStrictEqual } from 'node:util';
import { Document, isMap, isNode, isPair, isScalar, isSeq, parseDocument, YAMLMap, type Node, type Pair } from 'yaml';
import { TandemError } from '../contract/index.js';
import { checkDepth, checkValueDepth } from './text-depth.js';

/** The library looks for keys that are there twice by comparing each with each; what is in force has none. */
const READ = { schema: 'core', logLevel: 'error', uniqueKeys: false } as const;
/** No line is broken, and no blank is added. */
export const WRITTEN = { lineWidth: 0, flowCollectionPadding: false } as const;

/**
 * Puts, replaces or (undefined) removes one definition of a section. What is written elsewhere in the text stays as it
 * is, byte for byte where the section is a block; comments within the definition stay with what they are about.
 * @throws CONFIG_UNKNOWN where there is nothing to remove, CONFIG_SYNTAX where `text` cannot be read
 */
export function editDefinition(text: string, section: string, name: string, value: unknown): string {
  checkValueDepth(value);
  const document = parsed(text);
  const key = isSeq(document.get(section)) ? listIndex(document, section, name) : name;
  if (value === undefined && !document.hasIn([section, key])) throw new TandemError('CONFIG_UNKNOWN', `the configuration has no ${section} ${name}`);
  const spliced = spliceDefinition(text, document, section, name, value);
  // The short way writes only the lines of the definition; where it does not come out as meant, the library writes all.
  edit(document, section, key, value);
  const wanted: unknown = document.toJS();
  if (spliced !== undefined && meansTheSame(spliced, wanted)) return spliced;
  return document.toString(WRITTEN);
}

/** One definition as a plain value; undefined when there is none. @throws CONFIG_SYNTAX */
export function definitionIn(text: string, section: string, name?: string): unknown {
  const whole = parsed(text).toJS() as Readonly<Record<string, unknown>> | null;
  const block = whole?.[section];
  if (name === undefined || typeof block !== 'object' || block === null) return name === undefined ? block : undefined;
  return Object.hasOwn(block, name) ? (block as Readonly<Record<string, unknown>>)[name] : undefined;
}

export function parsed(text: string): Document.Parsed {
  checkDepth(text);
  const document = parseDocument(text, READ);
  const [error] = document.errors;
  if (error !== undefined) throw new TandemError('CONFIG_SYNTAX', error.message);
  return document;
}

function listIndex(document: Document.Parsed, section: string, name: string): number {
  const list = document.get(section);
  const length = isSeq(list) ? list.items.length : 0;
  const index = Number(name);
  if (!Number.isInteger(index) || index < 0 || index > length) throw new TandemError('CONFIG_UNKNOWN', `${section} is a list of ${length}: name an entry by its place from 0, or ${length} to add one`);
  return index;
}

function edit(document: Document.Parsed, section: string, key: string | number, value: unknown): void {
  if (value === undefined) document.deleteIn([section, key]);
  else {
    if (!document.has(section) || document.get(section) === null) document.set(section, new YAMLMap());
    const old = document.getIn([section, key], true);
    document.setIn([section, key], merged(document, old, value));
  }
}

/** `value` in the form of what was there: its comments, the order of its keys, block or flow. */
export function merged(document: Document.Parsed, old: unknown, value: unknown): Node {
  if (isMap(old) && isRecord(value)) {
    for (const pair of [...old.items]) if (!Object.hasOwn(value, keyText(pair))) old.delete(pair.key);
    for (const [key, item] of Object.entries(value)) {
      const before = old.get(key, true);
      if (before === undefined) old.set(key, document.createNode(item));
      else if (!isDeepStrictEqual(isNode(before) ? before.toJS(document) : before, item)) old.set(key, merged(document, before, item));
    }
    return old;
  }
  const node = document.createNode(value) as Node;
  if (isScalar(old) && isScalar(node)) {
    node.comment = old.comment ?? null;
    node.commentBefore = old.commentBefore ?? null;
  }
  if (isSeq(old) && isSeq(node)) node.flow = old.flow === true;
  return node;
}

/** The text with only the lines of the definition written anew; undefined where its section is not a block of keys. */
function spliceDefinition(text: string, original: Document.Parsed, section: string, name: string, value: unknown): string | undefined {
  const block = original.get(section);
  if (!isMap(block) || block.flow === true) return undefined;
  const pair = block.items.find((item) => keyText(item) === name);
  const first = block.items[0];
  const column = first === undefined ? undefined : columnOf(text, startOf(first));
  if (column === undefined) return undefined;
  if (pair === undefined) {
    const last = block.items.at(-1);
    return last === undefined ? undefined : insertedAfterLine(text, endOf(text, last), written(parsed(text), undefined, name, value, column));
  }
  const from = lineStart(text, startOf(pair));
  const to = endOf(text, pair);
  if (value === undefined) return block.items.length === 1 ? undefined : text.slice(0, from) + text.slice(Math.min(text.length, to + 1));
  // A copy to work on: the document itself is edited after this.
  const copy = parsed(text);
  const old = copy.getIn([section, name], true);
  const valueEnd = isNode(pair.value) ? (pair.value.range?.[1] ?? to) : to;
  const isBlock = (isMap(pair.value) || isSeq(pair.value)) && pair.value.flow !== true;
  // What follows a flow value or a scalar in its line (a comment) is not part of what is replaced.
  return text.slice(0, from) + written(copy, old, name, value, column) + text.slice(isBlock ? to : trimmedEnd(text, valueEnd));
}

export function written(document: Document.Parsed, old: unknown, name: string, value: unknown, column: number): string {
  const node = merged(document, old, value);
  if (!isMap(node) || node.flow === true) delete node.comment;
  // New definitions are written on one line, as those around them are most of the time.
  if (old === undefined && isMap(node)) node.flow = !hasLines(value);
  const entry = new Document({});
  entry.contents = document.createNode({});
  (entry.contents as unknown as YAMLMap).set(entry.createNode(name), node);
  const indent = ' '.repeat(column);
  return entry.toString(WRITTEN).trimEnd().split('\n').map((line) => (line === '' ? line : indent + line)).join('\n');
}

/** A text of several lines, as a drawing or a program is, can be read in a block only. */
function hasLines(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\n');
  return typeof value === 'object' && value !== null && Object.values(value).some(hasLines);
}

function insertedAfterLine(text: string, end: number, lines: string): string {
  return `${text.slice(0, end)}\n${lines}${text.slice(end)}`;
}

export function meansTheSame(text: string, wanted: unknown): boolean {
  const document = parseDocument(text, READ);
  return document.errors.length === 0 && isDeepStrictEqual(document.toJS(), wanted);
}

export function startOf(pair: Pair): number {
  return isNode(pair.key) ? ((pair.key as Node).range?.[0] ?? 0) : 0;
}

/** End of the last line that belongs to the pair, before its line feed. */
export function endOf(text: string, pair: Pair): number {
  const node = isNode(pair.value) ? pair.value : (pair.key as Node);
  const end = trimmedEnd(text, node.range?.[1] ?? 0);
  const lineEnd = text.indexOf('\n', end);
  return lineEnd < 0 ? text.length : lineEnd;
}

export function trimmedEnd(text: string, end: number): number {
  let at = end;
  while (at > 0 && /\s/.test(text[at - 1] ?? '')) at -= 1;
  return at;
}

export function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

export function columnOf(text: string, at: number): number {
  return at - lineStart(text, at);
}

export function keyText(pair: unknown): string {
  return isPair(pair) && isScalar(pair.key) ? String(pair.key.value) : '';
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import { isDeepStrictEqual } from 'node:util';
import { Document, isMap, isNode, isScalar, isSeq, type Node, type YAMLSeq } from 'yaml';
import { TandemError } from '../contract/index.js';
import { columnOf, endOf, isRecord, keyText, lineStart, merged, parsed, startOf, trimmedEnd, WRITTEN, written } from './edit-document.js';

/** What is to stand in place of a part of a text. */
interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/**
 * Puts, replaces or (undefined) removes many definitions of a section at once. Only their lines are written anew; comments within
 * a definition stay with what they are about, as with `editDefinition`.
 * @throws CONFIG_SYNTAX where `text` cannot be read, CONFIG_INVALID where it cannot be written as meant (anchors between definitions)
 */
export function editDefinitions(text: string, section: string, edits: ReadonlyMap<string, unknown>): string {
  const document = parsed(text);
  const wanted = plain(document);
  const block = { ...(isRecord(wanted[section]) ? wanted[section] : {}) };
  for (const [name, value] of edits) {
    if (value === undefined) Reflect.deleteProperty(block, name);
    else block[name] = value;
  }
  return firstThatMeans({ ...wanted, [section]: block }, () => splicedNames(text, document, section, edits), () => {
    const whole = parsed(text);
    if (!isMap(whole.get(section))) whole.set(section, whole.createNode({}));
    for (const [name, value] of edits) {
      if (value === undefined) whole.deleteIn([section, name]);
      else whole.setIn([section, name], merged(whole, whole.getIn([section, name], true), value));
    }
    return whole.toString(WRITTEN);
  });
}

/** Changes of a list: entries by their place, undefined for those to be removed, and new ones, each behind an old one (-1: first). */
export interface EntryEdits {
  readonly changed: ReadonlyMap<number, unknown>;
  readonly inserted: readonly { readonly after: number; readonly value: unknown }[];
}

/** {@link editDefinitions} for a section that is a list. @throws likewise */
export function editEntries(text: string, section: string, { changed, inserted }: EntryEdits): string {
  const document = parsed(text);
  const wanted = plain(document);
  const old: readonly unknown[] = Array.isArray(wanted[section]) ? wanted[section] : [];
  const behind = (place: number): unknown[] => inserted.filter(({ after }) => after === place).map(({ value }) => value);
  const entries = [...behind(-1), ...old.flatMap((value, index) => [...(changed.has(index) ? [changed.get(index)].filter((entry) => entry !== undefined) : [value]), ...behind(index)])];
  return firstThatMeans({ ...wanted, [section]: entries }, () => splicedEntries(text, document, section, { changed, inserted }), () => {
    const whole = parsed(text);
    const list = whole.get(section);
    const items = isSeq(list) ? list.items : [];
    const create = (value: unknown): Node => Object.assign(whole.createNode(value) as Node, { flow: true });
    const next = [...behind(-1).map(create), ...items.flatMap((item, index) => {
      const value = changed.get(index);
      const kept = !changed.has(index) ? [item] : value === undefined ? [] : [merged(whole, item, value)];
      return [...kept, ...behind(index).map(create)];
    })];
    const entry = isSeq(list) ? list : (whole.createNode([]) as unknown as YAMLSeq);
    entry.items = next;
    whole.set(section, entry);
    return whole.toString(WRITTEN);
  });
}

/** The short way writes only the lines that change; where it does not come out as meant, the library writes all. */
function firstThatMeans(wanted: unknown, ...ways: readonly (() => string | undefined)[]): string {
  for (const way of ways) {
    try {
      const text = way();
      if (text !== undefined && isDeepStrictEqual(plain(parsed(text)), wanted)) return text;
    } catch {
      // An alias to what was replaced cannot be written.
    }
  }
  throw new TandemError('CONFIG_INVALID', 'the document ties definitions together with anchors, and cannot be changed one by one: edit it as text');
}

function plain(document: Document.Parsed): Readonly<Record<string, unknown>> {
  const value: unknown = document.toJS();
  return isRecord(value) ? value : {};
}

/** Undefined where the section is not a block of keys with an entry. */
function splicedNames(text: string, document: Document.Parsed, section: string, edits: ReadonlyMap<string, unknown>): string | undefined {
  const block = document.get(section);
  if (!isMap(block) || block.flow === true) return undefined;
  const [first] = block.items;
  const isRemoved = (name: string): boolean => edits.has(name) && edits.get(name) === undefined;
  // What is new goes behind what stays.
  const last = block.items.findLast((pair) => !isRemoved(keyText(pair)));
  if (first === undefined || last === undefined) return undefined;
  const column = columnOf(text, startOf(first));
  const pairs = new Map(block.items.map((pair) => [keyText(pair), pair]));
  const splices: Splice[] = [];
  const added: string[] = [];
  for (const [name, value] of edits) {
    const pair = pairs.get(name);
    if (pair === undefined) {
      if (value !== undefined) added.push(`\n${written(document, undefined, name, value, column)}`);
      continue;
    }
    const from = lineStart(text, startOf(pair));
    const to = endOf(text, pair);
    if (value === undefined) {
      splices.push({ from, to: Math.min(text.length, to + 1), text: '' });
      continue;
    }
    const node = pair.value;
    const isBlock = (isMap(node) || isSeq(node)) && node.flow !== true;
    const valueEnd = isNode(node) ? (node.range?.[1] ?? to) : to;
    // What follows a flow value or a scalar in its line (a comment) is not part of what is replaced.
    splices.push({ from, to: isBlock ? to : trimmedEnd(text, valueEnd), text: written(document, node, name, value, column) });
  }
  const end = endOf(text, last);
  return spliced(text, added.length === 0 ? splices : [...splices, { from: end, to: end, text: added.join('') }]);
}

/** Undefined where the section is not a list in lines of its own. */
function splicedEntries(text: string, document: Document.Parsed, section: string, { changed, inserted }: EntryEdits): string | undefined {
  const list = document.get(section);
  if (!isSeq(list) || list.flow === true) return undefined;
  const items = list.items.filter((item) => isNode(item)) as Node[];
  const [first] = items;
  if (first === undefined || items.length !== list.items.length) return undefined;
  const removed = [...changed.values()].filter((value) => value === undefined).length;
  if (removed === items.length && inserted.length === 0) return undefined;
  const startOfItem = (item: Node): number => item.range?.[0] ?? 0;
  const endOfItem = (item: Node): number => {
    const end = trimmedEnd(text, item.range?.[1] ?? 0);
    const lineEnd = text.indexOf('\n', end);
    return lineEnd < 0 ? text.length : lineEnd;
  };
  const dash = text.slice(lineStart(text, startOfItem(first)), startOfItem(first));
  if (!/^ *- +$/.test(dash)) return undefined;
  const lineOf = (value: unknown): string => `${dash}${entryText(document, undefined, value, dash.length)}`;
  const splices: Splice[] = [];
  for (const [index, value] of changed) {
    const item = items[index];
    if (item === undefined) continue;
    if (value === undefined) splices.push({ from: lineStart(text, startOfItem(item)), to: Math.min(text.length, endOfItem(item) + 1), text: '' });
    else splices.push({ from: startOfItem(item), to: trimmedEnd(text, item.range?.[1] ?? 0), text: entryText(document, item, value, columnOf(text, startOfItem(item))) });
  }
  for (const { after, value } of inserted) {
    const item = items[after];
    const isRemoved = changed.has(after) && changed.get(after) === undefined;
    const at = item === undefined || isRemoved ? lineStart(text, startOfItem(item ?? first)) : endOfItem(item);
    splices.push({ from: at, to: at, text: item === undefined || isRemoved ? `${lineOf(value)}\n` : `\n${lineOf(value)}` });
  }
  return spliced(text, splices);
}

function entryText(document: Document.Parsed, old: unknown, value: unknown, column: number): string {
  const node = merged(document, old, value);
  if (isScalar(node) || isSeq(node)) return JSON.stringify(value);
  if (old === undefined && isMap(node)) node.flow = true;
  if (isMap(node) && node.flow === true) delete node.comment;
  delete node.commentBefore;
  const entry = new Document({});
  entry.contents = node;
  return entry.toString(WRITTEN).trimEnd().split('\n').map((line, index) => (index === 0 || line === '' ? line : ' '.repeat(column) + line)).join('\n');
}

/** In the order of the text; what goes to one place stays in the order in which it was given. */
function spliced(text: string, splices: readonly Splice[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const { from, to, text: put } of [...splices].sort((a, b) => a.from - b.from || a.to - b.to)) {
    parts.push(text.slice(at, from), put);
    at = to;
  }
  return [...parts, text.slice(at)].join('');
}

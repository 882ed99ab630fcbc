import { isAlias, isCollection, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type Alias, type Document, type Node, type Pair, type YAMLMap } from 'yaml';
import type { ErrorCode } from '../contract/index.js';
import { formatPath, type Path } from './path.js';
import { isTooDeep, TOO_DEEP_TEXT } from './text-depth.js';

/** Beyond these a document is an accident or an attack (aliases that multiply), not a configuration. */
const maxDepth = 32;
const maxValues = 500_000;

export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Something that is wrong with the text itself, before its meaning is looked at. */
export interface TextProblem {
  readonly code: ErrorCode;
  readonly message: string;
  readonly path: Path;
  readonly place: Place;
}

/** A YAML document as plain values, that remembers where each of them was written. */
export class SourceDocument {
  readonly value: unknown;
  readonly textProblems: TextProblem[] = [];
  private readonly lines = new LineCounter();
  private readonly document: Document;
  /** JavaScript moves keys that look like numbers to the front; the order of the document is kept here. */
  private readonly order = new WeakMap<object, readonly string[]>();
  /** What each anchor means at the place that has been reached, and what each alias came to mean. */
  private readonly anchors = new Map<string, Node>();
  private readonly aliases = new WeakMap<Alias, Node>();
  private readonly pairs = new WeakMap<YAMLMap, ReadonlyMap<string | undefined, Pair>>();
  private values = 0;

  constructor(
    readonly file: string,
    text: string,
  ) {
    // Duplicates are looked for here and not by the library: its message does not say which key.
    const options = { lineCounter: this.lines, prettyErrors: false, uniqueKeys: false, schema: 'core', logLevel: 'error' } as const;
    try {
      if (isTooDeep(text)) throw new TooMuch(TOO_DEEP_TEXT);
      this.document = parseDocument(text, options);
      for (const error of [...this.document.errors, ...this.document.warnings]) {
        this.complain('CONFIG_SYNTAX', error.message, [], this.placeOf(error.pos[0]));
      }
      this.value = this.textProblems.length === 0 ? this.plain(this.document.contents, [], 0) : undefined;
    } catch (error) {
      this.document = parseDocument('');
      this.complain('CONFIG_SYNTAX', error instanceof TooMuch ? error.message : TOO_DEEP_TEXT, [], { line: 1, column: 1 });
      this.value = undefined;
    }
  }

  /** Keys of a mapping of this document, in the order in which they are written. */
  keys(record: object): readonly string[] {
    return this.order.get(record) ?? Object.keys(record);
  }

  /**
   * Where `path` is written: a scalar's value, a block's key. What is missing is looked for at the
   * key of the block that misses it. `part: 'key'` asks for the key in any case.
   */
  locate(path: Path, part: 'key' | 'value' = 'value'): Place {
    let node: unknown = this.resolve(this.document.contents);
    let own = offsetOf(node);
    let complete = true;
    for (const step of path) {
      const next = this.step(node, step);
      if (next === undefined) {
        complete = false;
        break;
      }
      node = this.resolve(next.value);
      own = next.key ?? offsetOf(next.value) ?? own;
    }
    const useValue = complete && part === 'value' && !isCollection(node);
    return this.placeOf((useValue ? offsetOf(node) : undefined) ?? own ?? 0);
  }

  private step(node: unknown, step: string | number): { value: unknown; key?: number | undefined } | undefined {
    if (isSeq(node) && typeof step === 'number') return step < node.items.length ? { value: node.items[step] } : undefined;
    if (!isMap(node)) return undefined;
    const pair = this.pairOf(node, String(step));
    return pair === undefined ? undefined : { value: pair.value, key: offsetOf(pair.key) };
  }

  /** The last pair with the key, as for the plain value; indexed, because a mistake in a template is found in many points. */
  private pairOf(map: YAMLMap, key: string): Pair | undefined {
    const index = this.pairs.get(map) ?? new Map(map.items.map((pair) => [keyText(pair), pair]));
    this.pairs.set(map, index);
    return index.get(key);
  }

  private plain(from: unknown, path: Path, depth: number): unknown {
    if (depth > maxDepth) throw new TooMuch(`nested more than ${maxDepth} levels deep at ${formatPath(path)}`);
    if (++this.values > maxValues) throw new TooMuch(`more than ${maxValues} values; aliases multiply`);
    if (isAlias(from) && !this.aliases.has(from)) {
      const meant = this.anchors.get(from.source);
      if (meant !== undefined) this.aliases.set(from, meant);
    }
    const node = this.resolve(from);
    if ((isScalar(node) || isCollection(node)) && node.anchor !== undefined) this.anchors.set(node.anchor, node);
    if (isScalar(node)) return node.value;
    if (isSeq(node)) return node.items.map((item, index) => this.plain(item, [...path, index], depth + 1));
    if (!isMap(node)) return null;
    const record: Record<string, unknown> = {};
    const lines = new Map<string, number>();
    for (const pair of node.items) {
      const key = keyText(pair);
      const place = this.placeOf(offsetOf(pair.key) ?? offsetOf(node) ?? 0);
      if (key === undefined || key === '__proto__') {
        this.complain('CONFIG_SYNTAX', 'a key must be a plain text', path, place);
        continue;
      }
      const first = lines.get(key);
      if (first !== undefined) this.complain('CONFIG_DUPLICATE', `\`${key}\` is written twice, first in line ${first}`, [...path, key], place);
      lines.set(key, first ?? place.line);
      record[key] = this.plain(pair.value, [...path, key], depth + 1);
    }
    this.order.set(record, [...lines.keys()]);
    return record;
  }

  /** Not the library's `resolve`, which searches the whole document for every alias. */
  private resolve(node: unknown): unknown {
    return isAlias(node) ? this.aliases.get(node) : node;
  }

  private placeOf(offset: number): Place {
    const { line, col } = this.lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }

  private complain(code: ErrorCode, message: string, path: Path, place: Place): void {
    this.textProblems.push({ code, message, path, place });
  }
}

class TooMuch extends Error {}

function keyText(pair: Pair): string | undefined {
  return isScalar(pair.key) ? String(pair.key.value) : undefined;
}

function offsetOf(node: unknown): number | undefined {
  return isNode(node) ? (node as Node).range?.[0] : undefined;
}

import { CST, Lexer } from 'yaml';
import { TandemError } from '../contract/index.js';

/** More than any document needs, and far less than what the recursion of the parser can take. */
const TOO_DEEP = 64;

export const TOO_DEEP_TEXT = 'nested too deeply to be read';

/** Where a text is parsed without a list of problems. @throws CONFIG_SYNTAX */
export function checkDepth(text: string): void {
  if (isTooDeep(text)) throw new TandemError('CONFIG_SYNTAX', TOO_DEEP_TEXT);
}

/** The same of a value that is to become text. @throws CONFIG_SYNTAX */
export function checkValueDepth(value: unknown): void {
  const depth = (of: unknown, at: number): number => (typeof of !== 'object' || of === null || at > TOO_DEEP ? at : Object.values(of).reduce((most: number, each) => Math.max(most, depth(each, at + 1)), at));
  if (depth(value, 0) > TOO_DEEP) throw new TandemError('CONFIG_SYNTAX', TOO_DEEP_TEXT);
}

/**
 * Whether a text is nested deeper than a parser that recurses may be given. It has to be asked before: where the stack ends within a regular
 * expression that is being compiled, V8 ends the process instead of throwing.
 */
export function isTooDeep(text: string): boolean {
  return mayBeDeep(text) && deepest(text) > TOO_DEEP;
}

/** Without regard to quotes and comments, so it says yes too often, and quickly no to nearly every document. */
function mayBeDeep(text: string): boolean {
  let flow = 0;
  let block = 0;
  let atStart = true;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x0a: // line feed
        block = 0;
        atStart = true;
        continue;
      case 0x20: // space
        if (atStart) block++;
        break;
      case 0x2d: // - ? : before a space or the end of the line are indicators
      case 0x3f:
      case 0x3a:
        if (text.charCodeAt(at + 1) <= 0x20 || at + 1 === text.length) block++;
        break;
      case 0x5b: // [ {
      case 0x7b:
        flow++;
        atStart = false;
        break;
      case 0x5d: // ] }
      case 0x7d:
        flow = Math.max(0, flow - 1);
        atStart = false;
        break;
      default:
        atStart = false;
    }
    if (flow > TOO_DEEP || block > TOO_DEEP) return true;
  }
  return false;
}

/** The greatest number of collections that are open at a time, by the tokens of the text (the lexer does not recurse). It stops counting where it is too deep. */
function deepest(text: string): number {
  /** Columns at which block collections that are open begin. */
  const columns: number[] = [];
  let flow = 0;
  let column = 0;
  /** Of what may be a key. */
  let keyAt: number | undefined;
  let most = 0;
  const open = (at: number): void => {
    while ((columns.at(-1) ?? -1) > at) columns.pop();
    if (columns.at(-1) !== at) columns.push(at);
  };
  let isScalar = false;
  for (const lexeme of new Lexer().lex(text)) {
    // (A plain scalar is announced by a token of its own.)
    const type: string | null = isScalar ? 'text' : CST.tokenType(lexeme);
    isScalar = type === 'scalar';
    switch (type) {
      case 'flow-seq-start':
      case 'flow-map-start':
        keyAt ??= column;
        flow++;
        break;
      case 'flow-seq-end':
      case 'flow-map-end':
        flow = Math.max(0, flow - 1);
        break;
      case 'flow-error-end':
        flow = 0;
        continue;
      case 'scalar':
      case 'doc-mode':
      case 'byte-order-mark':
        continue;
      case 'space':
      case 'comment':
        break;
      case 'newline':
        keyAt = undefined;
        break;
      case 'seq-item-ind':
      case 'explicit-key-ind':
        if (flow === 0) open(column);
        keyAt = undefined;
        break;
      case 'map-value-ind':
        if (flow === 0) open(keyAt ?? column);
        keyAt = undefined;
        break;
      default:
        keyAt ??= column;
    }
    most = Math.max(most, flow + columns.length);
    if (most > TOO_DEEP) return most;
    const end = lexeme.lastIndexOf('\n');
    column = end < 0 ? column + lexeme.length : lexeme.length - end - 1;
  }
  return most;
}

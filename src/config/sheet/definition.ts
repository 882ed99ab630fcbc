import { isDeepStrictEqual } from 'node:util';
import { isRecord } from '../schema-check.js';
import type { SheetColumn } from './columns.js';

/** What stands at a column's place of a definition; undefined where nothing does, or where that is further columns' to say. */
export function valueAt(definition: unknown, { path, marksBlock }: SheetColumn): unknown {
  const value = path.reduce<unknown>((from, key) => (isRecord(from) ? from[key] : undefined), definition);
  if (!isRecord(value)) return value;
  if (marksBlock === true) return true;
  // A feedback has columns of its own; a driver's block has none.
  return path.join('.') === 'write.verify' ? undefined : value;
}

export interface CellValue {
  readonly column: SheetColumn;
  readonly value: unknown;
}

/** A clash between two cells of one row: the one to complain at, and why. */
export interface Clash {
  readonly column: SheetColumn;
  readonly message: string;
}

/**
 * A definition with some cells put into it. What has no cell stays; `row` holds all cells of the row, for blocks of which
 * one column says that they are there and others what is in them.
 */
export function edited(before: unknown, changed: readonly CellValue[], row: readonly CellValue[]): { readonly definition: Readonly<Record<string, unknown>>; readonly clashes: readonly Clash[] } {
  const definition = structuredClone(isRecord(before) ? before : {});
  const clashes: Clash[] = [];
  for (const { column, value } of row) {
    const inside = row.find(({ column: { path }, value: its }) => its !== undefined && path.length > column.path.length && column.path.every((key, index) => path[index] === key));
    if (inside === undefined) continue;
    const isGone = value === false || (value === undefined && valueAt(before, column) !== undefined);
    if (column.marksBlock === true && isGone) clashes.push({ column, message: `says that there is no \`${column.title}\`, and \`${inside.column.title}\` has a value: empty both, or write true` });
    if (column.marksBlock !== true && value !== undefined) clashes.push({ column, message: `\`${column.title}\` and \`${inside.column.title}\` exclude each other: empty one of them` });
  }
  // A block before its keys.
  for (const cell of [...changed].sort((a, b) => a.column.path.length - b.column.path.length)) put(definition, cell);
  return { definition: isDeepStrictEqual(definition, before) ? (before as typeof definition) : definition, clashes };
}

function put(definition: Record<string, unknown>, { column, value }: CellValue): void {
  const { path, marksBlock } = column;
  const holders: Record<string, unknown>[] = [definition];
  for (const key of path.slice(0, -1)) {
    const holder = holders.at(-1) ?? definition;
    if (!isRecord(holder[key])) {
      if (value === undefined) return;
      holder[key] = {};
    }
    holders.push(holder[key] as Record<string, unknown>);
  }
  const key = path.at(-1) ?? '';
  const holder = holders.at(-1) ?? definition;
  if (value === undefined) {
    // Not a block that further columns have filled: emptying those empties it.
    if (!isRecord(holder[key]) || marksBlock === true || column.path.length === 1) Reflect.deleteProperty(holder, key);
    prune(definition, path.slice(0, -1));
  } else if (marksBlock !== true || value !== true || !isRecord(holder[key])) {
    holder[key] = value;
  }
}

/** A block that was emptied: `write` is still there, a feedback without keys is none. */
function prune(definition: Record<string, unknown>, path: readonly string[]): void {
  for (let length = path.length; length > 0; length--) {
    const keys = path.slice(0, length);
    const last = keys.pop() ?? '';
    const holder = keys.reduce<unknown>((from, key) => (isRecord(from) ? from[key] : undefined), definition);
    if (!isRecord(holder) || !isRecord(holder[last]) || Object.keys(holder[last]).length > 0) return;
    if (length > 1) Reflect.deleteProperty(holder, last);
    else holder[last] = true;
  }
}

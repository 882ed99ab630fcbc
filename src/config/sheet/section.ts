import type { SheetSection } from '../../contract/index.js';
import { isRecord } from '../schema-check.js';
import { madePoints, type MadePoint } from '../templates.js';

/** A section as named definitions; of a list the names are places, from 0. */
export type Definitions = ReadonlyMap<string, unknown>;

export function definitionsOf(document: Readonly<Record<string, unknown>>, section: SheetSection): Definitions {
  const block = document[section];
  if (Array.isArray(block)) return new Map(block.map((entry: unknown, index) => [String(index), entry]));
  return new Map(isRecord(block) ? Object.entries(block) : []);
}

/** Points that templates make and nobody has written: they have rows of their own behind the others. */
export function madeOf(document: Readonly<Record<string, unknown>>, section: SheetSection): ReadonlyMap<string, MadePoint> {
  if (section !== 'points') return new Map();
  const written = definitionsOf(document, section);
  return new Map([...madePoints(document)].filter(([name]) => !written.has(name)));
}

import { isDeepStrictEqual } from 'node:util';
import { isRecord } from './schema-check.js';

/** Keys that stand in place of others; `null` takes a key away, a block changes the block that is there: a JSON merge patch (RFC 7396). */
export type Differences = Readonly<Record<string, unknown>>;

/** `base` with what is different put into it. */
export function withDifferences(base: unknown, differences: Differences): Readonly<Record<string, unknown>> {
  // A block that stands for nothing but its defaults is written `true`.
  const merged: Record<string, unknown> = { ...(isRecord(base) ? base : {}) };
  for (const [key, value] of Object.entries(differences)) {
    if (value === null) Reflect.deleteProperty(merged, key);
    else merged[key] = isRecord(value) ? withDifferences(merged[key], value) : value;
  }
  return merged;
}

/** What makes `wanted` of `base`; undefined where nothing does. */
export function differencesOf(base: Readonly<Record<string, unknown>>, wanted: Readonly<Record<string, unknown>>): Differences | undefined {
  const found: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(base), ...Object.keys(wanted)])) {
    const [before, after] = [base[key], wanted[key]];
    if (isDeepStrictEqual(before, after)) continue;
    found[key] = after === undefined ? null : isRecord(before) && isRecord(after) ? differencesOf(before, after) : after;
  }
  return Object.keys(found).length === 0 ? undefined : found;
}

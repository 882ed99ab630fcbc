import { createHash } from 'node:crypto';
import { isRecord } from './schema-check.js';

/**
 * What the site means, as 16 hexadecimal digits: comments, layout and the order of keys within a block do
 * not count. The order of points does, because it gives them their ids; so `sections` names them as lists
 * of [name, block], after templates are expanded.
 */
export function revisionOf(sections: unknown): string {
  return createHash('sha256').update(JSON.stringify(canonical(sections))).digest('hex').slice(0, 16);
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, canonical(value[key])]));
}

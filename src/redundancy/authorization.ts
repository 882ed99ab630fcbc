import type { PairAuthorization } from '../contract/index.js';

/** `driver/modbus-tcp@1.0`. */
type Entry = string;

/**
 * R3: whether both nodes are entitled to run the same modules in the same versions. `theirs` is what the other node said
 * last; undefined while it has said nothing (or is of a version that does not).
 */
export function authorizationOf(own: { readonly id: string; readonly modules: readonly Entry[] }, theirs: { readonly id: string; readonly modules: readonly Entry[] } | undefined): PairAuthorization {
  if (theirs === undefined) return { state: 'unknown', differences: [] };
  const mine = split(own.modules);
  const other = split(theirs.modules);
  const differences = [...new Set([...mine.keys(), ...other.keys()])].sort().flatMap((name) => {
    const [a, b] = [mine.get(name), other.get(name)];
    if (a === b) return [];
    if (a === undefined) return [`${name}: only node ${theirs.id} may run it (${b ?? ''})`];
    return [b === undefined ? `${name}: only node ${own.id} may run it (${a})` : `${name}: ${a} on node ${own.id}, ${b} on node ${theirs.id}`];
  });
  return { state: differences.length === 0 ? 'match' : 'mismatch', differences };
}

function split(modules: readonly Entry[]): Map<string, string> {
  return new Map(modules.map((entry): [string, string] => {
    const at = entry.lastIndexOf('@');
    return [entry.slice(0, at), entry.slice(at + 1)];
  }));
}

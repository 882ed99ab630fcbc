import type { DocumentProblems } from './problem-list.js';

const notation = /^[\p{L}\p{N}_][\p{L}\p{N}_ .:/+-]*$/u;

/** Names of points, devices and the like: no wildcard, no braces, nothing that a path or a log could not show. */
export function checkName(name: string, what: string, problems: DocumentProblems): boolean {
  const fits = notation.test(name) && !name.endsWith(' ') && name.length <= 120;
  if (!fits) problems.keyError('CONFIG_INVALID', `\`${name}\` cannot name a ${what}: letters, digits and . _ - : / + or inner blanks, at most 120`, []);
  return fits;
}

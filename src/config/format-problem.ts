import type { Problem } from '../contract/index.js';

/** One line for people and for editors that jump to `file:line:column`. */
export function formatProblem(problem: Problem): string {
  const { file, line, column, severity, code, path, message } = problem;
  return `${file}:${line}:${column} ${severity} ${code}${path === '' ? '' : ` ${path}`}: ${message}`;
}

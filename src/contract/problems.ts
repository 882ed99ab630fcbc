import type { ErrorCode } from './error-codes.js';

/** One thing that is wrong with a document, with the place to look. Lines and columns count from 1. */
export interface Problem {
  readonly code: ErrorCode;
  readonly message: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** As people write it: `points.AHU1.SaT.at`. */
  readonly path: string;
  readonly severity: 'error' | 'warning';
}

/** Collects what is wrong below one place of a document. */
export interface Problems {
  error(code: ErrorCode, message: string, path?: readonly (string | number)[]): void;
  warning(code: ErrorCode, message: string, path?: readonly (string | number)[]): void;
  /** The same collector, one or more steps further down. */
  at(...path: readonly (string | number)[]): Problems;
}

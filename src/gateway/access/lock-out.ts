/** Wrong passwords for one user. */
export interface Failures {
  readonly count: number;
  readonly firstMs: number;
}

const FREE_TRIES = 5;
const WITHIN_MS = 15 * 60_000;
export const LOCKED_MS = 5 * 60_000;

/**
 * After five wrong passwords within a quarter of an hour a user is locked for five minutes. Not for longer: otherwise
 * whoever knows the operators' names could keep them all out.
 */
export function failed(before: Failures | undefined, nowMs: number): { readonly failures: Failures | undefined; readonly lockedUntilMs: number | undefined } {
  const recent = before !== undefined && nowMs - before.firstMs < WITHIN_MS ? before : { count: 0, firstMs: nowMs };
  const failures = { ...recent, count: recent.count + 1 };
  if (failures.count < FREE_TRIES) return { failures, lockedUntilMs: undefined };
  return { failures: undefined, lockedUntilMs: nowMs + LOCKED_MS };
}

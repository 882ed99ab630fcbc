import { z } from 'zod';

const unitMs = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const notation = /^(\d+(?:\.\d+)?)(ms|s|min|h|d)$/;

/**
 * Reads a duration as people write it: `250ms`, `1s`, `1.5h`, `5min`, `2d`. Milliseconds, rounded to whole
 * ones; undefined for anything else, a number without a unit included.
 */
export function parseDuration(text: string): number | undefined {
  const match = notation.exec(text);
  if (match === null) return undefined;
  return Math.round(Number(match[1]) * unitMs[match[2] as keyof typeof unitMs]);
}

/** A duration as people write it, in the largest unit that gives a whole number. */
export function formatDuration(ms: number): string {
  const [unit, size] = Object.entries(unitMs).reverse().find(([, unitSize]) => ms % unitSize === 0) ?? ['ms', 1];
  return `${Math.round(ms / size)}${unit}`;
}

const hint = 'a duration with its unit: 250ms, 1s, 5min, 2h or 1d';

/** A duration, kept as it was written. For keys that are read again later; see {@link durationMs}. */
export const durationText = z.string({ error: hint }).refine((text) => parseDuration(text) !== undefined, { error: hint });

/** A duration, turned into milliseconds. */
export const durationMs = durationText.transform((text) => parseDuration(text) ?? 0);

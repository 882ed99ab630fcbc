import { z } from 'zod';
import { durationMs, sizeBytes, type HistorySettings, type PointDefinition, type TrendDefinition } from '../contract/index.js';
import { readExpression } from './expression.js';
import { suggestion } from './nearest.js';
import type { DocumentProblems } from './problem-list.js';
import { check } from './schema-check.js';
import { matcher } from './wildcard.js';

const minIntervalMs = 100;

/** Keys of a trend. */
export const trendShape = {
  points: z.array(z.string().min(1)).min(1),
  mode: z.enum(['change', 'interval', 'triggered']).default('change'),
  deadband: z.number().min(0).optional(),
  every: durationMs.optional(),
  when: z.string().min(1).optional(),
  atLeastEvery: durationMs.optional(),
  keep: durationMs.default(3 * 365 * 86_400_000),
};
const shape = z.strictObject(trendShape);

const historyShape = z.strictObject({ maxSize: sizeBytes.default(10e9) });
const LEAST_BYTES = 10e6;

/** `history:`, what all trends together may take. */
export function readHistory(raw: unknown, problems: DocumentProblems): HistorySettings | undefined {
  const history = check(historyShape, raw ?? {}, problems);
  if (history === undefined) return undefined;
  if (history.maxSize < LEAST_BYTES) problems.error('CONFIG_INVALID', 'must be at least 10MB', ['maxSize']);
  return { maxBytes: history.maxSize };
}

/**
 * Reads the entries of `trends:`. A point is recorded by the first entry that names it, so that a wildcard
 * may follow the exceptions from it. `points` holds every name, undefined for those with a mistake.
 */
export function readTrends(entries: readonly unknown[], points: ReadonlyMap<string, PointDefinition | undefined>, problems: DocumentProblems): TrendDefinition[] {
  const taken = new Set<number>();
  return entries.flatMap((raw, index) => {
    const here = problems.at(index);
    const trend = check(shape, raw, here);
    if (trend === undefined) return [];
    const { mode, deadband, every, atLeastEvery, when } = trend;
    const wrong = mode === 'change' ? { every, when } : { deadband, atLeastEvery, ...(mode === 'interval' ? { when } : {}) };
    for (const [key, value] of Object.entries(wrong)) {
      if (value !== undefined) here.keyError('CONFIG_INVALID', `\`${key}\` has no meaning in mode ${mode}`, [key]);
    }
    if (mode === 'interval' && every === undefined) here.error('CONFIG_INVALID', '`every` is missing: mode interval needs it', ['every']);
    if (mode === 'triggered' && when === undefined) here.error('CONFIG_INVALID', '`when` is missing: mode triggered needs it', ['when']);
    const expression = mode === 'triggered' && when !== undefined ? readExpression(when, points, here.at('when')) : undefined;
    for (const [key, value] of Object.entries({ every, atLeastEvery })) {
      if (value !== undefined && value < minIntervalMs) here.error('CONFIG_INVALID', `must be at least ${minIntervalMs}ms`, [key]);
    }
    const named = namedPoints(trend.points, points, here);
    const ids = named.filter((id) => !taken.has(id));
    for (const id of ids) taken.add(id);
    if (ids.length === 0 && named.length > 0) here.warning('CONFIG_CLASH', 'records nothing: entries before it record all of its points');
    return [{ points: ids, mode, deadband: deadband ?? 0, everyMs: (mode === 'change' ? atLeastEvery : every) ?? 0, keepMs: trend.keep, ...(expression === undefined || when === undefined ? {} : { when: { expression, text: when } }) }];
  });
}

function namedPoints(patterns: readonly string[], points: ReadonlyMap<string, PointDefinition | undefined>, problems: DocumentProblems): number[] {
  const ids = new Set<number>();
  for (const [index, pattern] of patterns.entries()) {
    if (!pattern.includes('*')) {
      if (!points.has(pattern)) problems.error('CONFIG_REFERENCE', `there is no point \`${pattern}\`${suggestion(pattern, points.keys())}`, ['points', index]);
      const point = points.get(pattern);
      if (point?.kind === 'text') problems.error('CONFIG_INVALID', 'a text cannot be recorded as a trend', ['points', index]);
      if (point !== undefined) ids.add(point.id);
      continue;
    }
    const matches = matcher(pattern);
    const names = [...points.keys()].filter(matches);
    if (names.length === 0) problems.warning('CONFIG_REFERENCE', `no point matches \`${pattern}\``, ['points', index]);
    for (const name of names) {
      const point = points.get(name);
      if (point !== undefined && point.kind !== 'text') ids.add(point.id);
    }
  }
  return [...ids].sort((a, b) => a - b);
}

import { pipeline, Readable } from 'node:stream';
import { stringify, type Stringifier } from 'csv-stringify';
import { formatQuality, type PointDefinition } from '../contract/index.js';
import { followed } from './followed.js';
import type { ActivityHandle, NodeApi } from './node-api.js';
import { wireValue } from './wire.js';

export interface CsvRange {
  readonly fromMs: number;
  readonly toMs: number;
  /** Aggregates of stretches this long; undefined for the samples as they were recorded. */
  readonly everyMs: number | undefined;
  readonly separator: ',' | ';';
}

const PAGE = 10_000;

/**
 * History as a spreadsheet reads it: UTF-8 with a byte-order mark, times in ISO 8601 UTC; with `;` numbers have a decimal
 * comma. Made page by page while it is sent, so that years take no more memory than a page.
 */
export function historyCsv(api: NodeApi, points: readonly PointDefinition[], range: CsvRange, reader: { readonly by?: string }): Stringifier {
  const csv = stringify({ bom: true, delimiter: range.separator, header: true, columns: range.everyMs === undefined ? ['point', 'time', 'value', 'unit', 'quality'] : ['point', 'time', 'mean', 'min', 'max', 'sum', 'count', 'coverage', 'unit'] });
  const activity = api.activities.begin({ kind: 'export', subject: 'history', ...reader, step: 'write-rows' });
  const rows = Readable.from(followed(range.everyMs === undefined ? samples(api, points, range, activity) : buckets(api, points, range, range.everyMs, activity), activity));
  return pipeline(rows, csv, () => undefined);
}

async function* samples(api: NodeApi, points: readonly PointDefinition[], { fromMs, toMs, separator }: CsvRange, activity: ActivityHandle): AsyncGenerator<readonly unknown[]> {
  for (const [index, { name, kind, unit = '' }] of points.entries()) {
    // What lies before the first sample is no work: it does not count.
    let firstMs = fromMs;
    for (let nextMs = fromMs; ; ) {
      const page = await api.history({ point: name, fromMs: nextMs, toMs, limit: PAGE });
      if (nextMs === fromMs) firstMs = page[0]?.timeMs ?? toMs;
      for (const { timeMs, value, quality } of page) yield [text(name), new Date(timeMs).toISOString(), cell(wireValue(kind, value), separator), text(unit), formatQuality(quality)];
      const isLast = page.length < PAGE;
      const stretchMs = Math.max(1, toMs - firstMs);
      const reachedMs = isLast ? toMs : (page.at(-1)?.timeMs ?? toMs);
      activity.report({ step: 'write-rows', done: Math.round(stretchMs * index + reachedMs - firstMs), total: Math.round(stretchMs * points.length), unit: 'ms' });
      if (isLast) break;
      nextMs = reachedMs + 1;
    }
  }
}

async function* buckets(api: NodeApi, points: readonly PointDefinition[], { fromMs, toMs, separator }: CsvRange, everyMs: number, activity: ActivityHandle): AsyncGenerator<readonly unknown[]> {
  for (const [done, { name, unit = '' }] of points.entries()) {
    activity.report({ step: 'write-rows', done, total: points.length, unit: 'points' });
    for (const bucket of await api.aggregates({ point: name, fromMs, toMs, everyMs })) {
      const figures = [bucket.mean, bucket.min, bucket.max, bucket.sum, bucket.count, bucket.coverage].map((figure) => cell(figure ?? null, separator));
      yield [text(name), new Date(bucket.startMs).toISOString(), ...figures, text(unit)];
    }
  }
}

function cell(value: number | boolean | string | null, separator: ',' | ';'): number | string {
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'string') return text(value);
  return separator === ';' ? String(value).replace('.', ',') : value;
}

/** What a spreadsheet would take for a formula becomes a text: a point may be called `=cmd()`. (Numbers may begin with a minus.) */
function text(words: string): string {
  return /^[=+\-@\t\r]/.test(words) ? `'${words}` : words;
}

import { Readable } from 'node:stream';
import { stringify, type Stringifier } from 'csv-stringify';
import { formatQuality, type PointDefinition } from '../contract/index.js';
import type { NodeApi } from './node-api.js';
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
export function historyCsv(api: NodeApi, points: readonly PointDefinition[], range: CsvRange): Stringifier {
  const csv = stringify({ bom: true, delimiter: range.separator, header: true, columns: range.everyMs === undefined ? ['point', 'time', 'value', 'unit', 'quality'] : ['point', 'time', 'mean', 'min', 'max', 'sum', 'count', 'coverage', 'unit'] });
  return Readable.from(range.everyMs === undefined ? samples(api, points, range) : buckets(api, points, range, range.everyMs)).pipe(csv);
}

async function* samples(api: NodeApi, points: readonly PointDefinition[], { fromMs, toMs, separator }: CsvRange): AsyncGenerator<readonly unknown[]> {
  for (const { name, kind, unit = '' } of points) {
    for (let nextMs = fromMs; ; ) {
      const page = await api.history({ point: name, fromMs: nextMs, toMs, limit: PAGE });
      for (const { timeMs, value, quality } of page) yield [text(name), new Date(timeMs).toISOString(), cell(wireValue(kind, value), separator), text(unit), formatQuality(quality)];
      if (page.length < PAGE) break;
      nextMs = (page.at(-1)?.timeMs ?? toMs) + 1;
    }
  }
}

async function* buckets(api: NodeApi, points: readonly PointDefinition[], { fromMs, toMs, separator }: CsvRange, everyMs: number): AsyncGenerator<readonly unknown[]> {
  for (const { name, unit = '' } of points) {
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

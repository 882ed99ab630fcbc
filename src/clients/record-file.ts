import { pipeline, Readable } from 'node:stream';
import { stringify } from 'csv-stringify';
import type { FastifyReply } from 'fastify';
import { followed } from './followed.js';
import type { ActivityHandle } from './node-api.js';

/** More than a record keeps; who wants less says `limit`. */
export const MOST_FILE_ROWS = 1_000_000;

export interface RecordFile {
  readonly rows: AsyncIterable<object>;
  readonly format: 'jsonl' | 'csv';
  /** Of the CSV. */
  readonly columns: readonly string[];
  /** Without its ending. */
  readonly name: string;
  /** Ends with the rows, or with who reads them. */
  readonly activity: ActivityHandle;
}

/** A record as a file, UTF-8: made row by row while it is sent, so that years take no more memory than a page. CSV begins with a byte-order mark, as spreadsheets want it. */
export function sendRecord(reply: FastifyReply, { rows, format, columns, name, activity }: RecordFile): FastifyReply {
  const told = followed(rows, activity, (done) => activity.report({ step: 'write-rows', done, unit: 'rows' }));
  const file = format === 'csv' ? pipeline(Readable.from(told), stringify({ header: true, columns: [...columns], bom: true, escape_formulas: true }), () => undefined) : Readable.from(lines(told));
  return reply
    .type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson')
    .header('content-disposition', `attachment; filename="${name}.${format}"`)
    .send(file);
}

async function* lines(rows: AsyncIterable<object>): AsyncGenerator<string> {
  for await (const row of rows) yield `${JSON.stringify(row)}\n`;
}

/** A record that is read in pages, newest first: `read` gives one, and where the next one begins (undefined: there is none). */
export async function* paged<T, At>(from: At | undefined, read: (limit: number, from: At | undefined) => Promise<{ readonly rows: readonly T[]; readonly next?: At | undefined }>): AsyncGenerator<T> {
  for (let at = from; ; ) {
    const { rows, next } = await read(PAGE, at);
    yield* rows;
    if (next === undefined) return;
    at = next;
  }
}

/** The first of those that fit, as they are written. */
export async function* written<T>(rows: AsyncIterable<T>, limit: number, as: (row: T) => object, fits: (row: T) => boolean = () => true): AsyncGenerator<object> {
  let left = limit;
  for await (const row of rows) {
    if (!fits(row)) continue;
    if (left-- === 0) return;
    yield as(row);
  }
}

const PAGE = 1_000;

import { createHash, type Hash } from 'node:crypto';
import type { Database } from '../database.js';
import type { Columns } from './columns.js';
import { isPointBeyond, pointAfter } from './exchange.js';
import type { History } from './history.js';

/** Samples of a point within one aligned window, as a digest: [start of the window, number of samples, digest]. */
export type WindowDigest = [startMs: number, count: number, digest: string];
export type PointDigest = [point: string, windows: WindowDigest[]];

export interface DigestRequest {
  /** Begins after this point, in the order of keys. */
  readonly after?: string | undefined;
  /** Ends with this point, whatever it takes; without it, after about {@link PAGE_SAMPLES}. */
  readonly upTo?: string | undefined;
  /** This point alone. */
  readonly only?: string | undefined;
  /** First moment that counts for a point: what retention may have taken already does not. */
  readonly fromMs: (point: string) => number;
  readonly toMs: number;
}

/** Windows are days, UTC: the same on every node. */
const WINDOW_MS = 86_400_000;
const PAGE_SAMPLES = 50_000;
const PAGE_POINTS = 500;

/**
 * What is stored of [fromMs, toMs], as digests of decoded samples by (point, source time): two nodes hold the same samples
 * where these are equal, however their blocks are cut. Without `next` that was the last point.
 */
export async function digestPage(history: History, db: Database, { after = '', upTo, only, fromMs, toMs }: DigestRequest): Promise<{ points: PointDigest[]; next?: string }> {
  if (only !== undefined) return { points: [[only, await windowsOf(history, only, fromMs(only), toMs)]] };
  const points: PointDigest[] = [];
  let samples = 0;
  for (let point = await pointAfter(history, db, after); point !== undefined; point = await pointAfter(history, db, point)) {
    if (upTo !== undefined && isPointBeyond(point, upTo)) break;
    const windows = await windowsOf(history, point, fromMs(point), toMs);
    samples += windows.reduce((sum, [, count]) => sum + count, 0);
    points.push([point, windows]);
    if (upTo === undefined && (samples >= PAGE_SAMPLES || points.length >= PAGE_POINTS)) return { points, next: point };
  }
  return { points };
}

async function windowsOf(history: History, point: string, fromMs: number, toMs: number): Promise<WindowDigest[]> {
  const windows: WindowDigest[] = [];
  let open: { readonly startMs: number; count: number; readonly hash: Hash } | undefined;
  const close = (): void => {
    if (open !== undefined) windows.push([open.startMs, open.count, open.hash.digest('hex').slice(0, 16)]);
  };
  for await (const columns of history.columns(point, fromMs, toMs)) {
    for (let row = 0; row < columns.length; ) {
      const startMs = Math.floor((columns.times[row] as number) / WINDOW_MS) * WINDOW_MS;
      let end = row + 1;
      while (end < columns.length && (columns.times[end] as number) < startMs + WINDOW_MS) end++;
      if (open?.startMs !== startMs) {
        close();
        open = { startMs, count: 0, hash: createHash('sha256') };
      }
      open.count += end - row;
      open.hash.update(bytesOf(columns, row, end));
      row = end;
    }
  }
  close();
  return windows;
}

/** Rows as bytes that say the same on every machine. */
function bytesOf(columns: Columns, from: number, to: number): Buffer {
  const bytes = Buffer.alloc((to - from) * 17);
  const texts: Buffer[] = [];
  let at = 0;
  for (let row = from; row < to; row++, at += 17) {
    const value = columns.value(row);
    bytes.writeDoubleLE(columns.times[row] as number, at);
    bytes.writeDoubleLE(typeof value === 'number' && !Number.isNaN(value) ? value : NaN, at + 8);
    bytes.writeUInt8(columns.qualities[row] as number, at + 16);
    if (typeof value !== 'number') texts.push(Buffer.from(`${typeof value}:${value.toString()}\0`));
  }
  return texts.length === 0 ? bytes : Buffer.concat([bytes, ...texts]);
}

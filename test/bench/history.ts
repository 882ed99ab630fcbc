import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClassicLevel } from 'classic-level';
import { GOOD, SampleBuilder, silentLog, type PointDefinition, type SampleBatch } from '../../src/contract/index.js';
import { EMPTY_BATCH, encodeFrame, PointTable, PairState, type Frame } from '../../src/image/index.js';
import { Aggregator, openLevel, Store } from '../../src/store/index.js';
import type { BenchOptions } from './main.js';

const START_MS = Date.UTC(2025, 0, 1);
const MINUTE_MS = 60_000;
const YEAR_POINTS = 10;
const YEAR_MINUTES = 365 * 24 * 60;
const HOUR_MS = 3_600_000;

/**
 * Ticks of one sample for each of `points` points, each tick a frame that is synced to disk before the next one begins,
 * and a year of minutes of ten points, of which one is asked for as hourly aggregates. Beside it the same ticks and the same
 * question with SQLite (Python's own module, `executemany`, a commit for each tick with `synchronous=FULL`).
 * Series: sensors in tenths, in hundredths sent as 32-bit floats, in noisy doubles, and counters.
 */
export async function historyBench({ points, cycles, log }: BenchOptions): Promise<Record<string, unknown>> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-history-'));
  try {
    const ticks = Math.max(50, Math.round(1_500_000 / points));
    const [rates, peers]: [number[], number[]] = [[], []];
    for (let cycle = 0; cycle < cycles; cycle++) {
      rates.push(await writeTicks(join(folder, `ticks-${String(cycle)}`), points, ticks));
      const peer = sqlite(['ticks', join(folder, `ticks-${String(cycle)}.db`), String(points), String(Math.ceil(ticks / 10))]);
      if (peer !== undefined) peers.push(peer.rate ?? NaN);
      log(`round ${String(cycle + 1)}: ${String(Math.round((rates.at(-1) ?? 0) / 1_000))} k samples/s, SQLite ${String(Math.round((peers.at(-1) ?? 0) / 1_000))} k`);
    }
    const year = await yearOfMinutes(join(folder, 'year'), cycles);
    const peer = sqlite(['year', join(folder, 'year.db'), String(YEAR_POINTS), String(YEAR_MINUTES)]);
    log(`a year of minutes: ${year.bytesPerSample.toFixed(2)} bytes a sample, ${year.yearQueryMs.toFixed(1)} ms by the hour; SQLite ${String(peer?.bytes?.toFixed(1))} bytes, ${String(peer?.queryMs?.toFixed(0))} ms`);
    const rate = median(rates);
    return {
      points,
      samplesPerSecond: Math.round(rate),
      ...year,
      sqliteSamplesPerSecond: peers.length === 0 ? null : Math.round(median(peers)),
      sqliteBytesPerSample: peer?.bytes ?? null,
      sqliteYearQueryMs: peer?.queryMs ?? null,
      vsSqlite: peers.length === 0 ? null : rate / median(peers),
      yearQueryVsSqlite: peer?.queryMs === undefined ? null : peer.queryMs / year.yearQueryMs,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Samples a second, each tick durable before the next one. */
async function writeTicks(folder: string, points: number, ticks: number): Promise<number> {
  const { store, table, close } = await openStore(folder, points);
  const batches = Array.from({ length: ticks }, (_, tick) => tickOf(tick, points, 1_000));
  const startMs = performance.now();
  for (const [tick, samples] of batches.entries()) {
    const frame = frameOf(tick + 1, table, samples);
    store.append(frame, encodeFrame(frame));
    await store.whenDurable(frame.seq);
  }
  const seconds = (performance.now() - startMs) / 1_000;
  await close();
  return (points * ticks) / seconds;
}

async function yearOfMinutes(folder: string, rounds: number): Promise<{ bytesPerSample: number; yearQueryMs: number }> {
  const { store, table, db, state, close } = await openStore(folder, YEAR_POINTS);
  const perFrame = 60;
  for (let minute = 0; minute < YEAR_MINUTES; minute += perFrame) {
    const builder = new SampleBuilder(YEAR_POINTS * perFrame);
    for (let row = 0; row < perFrame; row++) {
      for (let point = 0; point < YEAR_POINTS; point++) builder.add(point, valueOf(point, minute + row), GOOD, START_MS + (minute + row) * MINUTE_MS);
    }
    const frame = frameOf(minute / perFrame + 1, table, builder.take());
    store.append(frame, encodeFrame(frame));
    if (minute % (perFrame * 100) === 0) await store.whenDurable(frame.seq);
  }
  await store.checkpoint(state);
  const level = db as ClassicLevel;
  await level.compactRange('h!', 'h~');
  const bytes = await level.approximateSize('h!', 'h~');
  const times: number[] = [];
  for (let round = 0; round < Math.max(5, rounds * 3); round++) {
    const startMs = performance.now();
    const aggregator = new Aggregator(START_MS, START_MS + YEAR_MINUTES * MINUTE_MS, HOUR_MS);
    for await (const columns of store.history.columns('P3', START_MS, START_MS + YEAR_MINUTES * MINUTE_MS)) aggregator.feed(columns);
    const buckets = aggregator.finish(START_MS + YEAR_MINUTES * MINUTE_MS);
    times.push(performance.now() - startMs);
    if (buckets.length !== 365 * 24 || buckets.some(({ count }) => count !== 60)) throw new Error('the answer is wrong');
  }
  await close();
  return { bytesPerSample: bytes / (YEAR_POINTS * YEAR_MINUTES), yearQueryMs: median(times) };
}

async function openStore(folder: string, points: number): Promise<{ store: Store; table: PointTable; state: PairState; db: unknown; close: () => Promise<void> }> {
  const db = await openLevel(folder);
  const table = new PointTable('bench', Array.from({ length: points }, (_, id): PointDefinition => ({ id, name: `P${String(id)}`, kind: 'number', device: 'd', poll: 'normal' })));
  const store = new Store({ db, table, log: silentLog, journalBytes: 128 << 20 });
  const state = new PairState(table);
  await store.load(state);
  return { store, table, state, db, close: async () => store.close() };
}

function tickOf(tick: number, points: number, everyMs: number): SampleBatch {
  const builder = new SampleBuilder(points);
  for (let point = 0; point < points; point++) builder.add(point, valueOf(point, tick), GOOD, START_MS + tick * everyMs);
  return builder.take();
}

/** The same in sqlite-peer.py. */
function valueOf(point: number, tick: number): number {
  const wave = 21 + 3 * Math.sin(tick / 240 + point) + 0.3 * Math.sin(tick * 1.7 + point * 2);
  switch (point % 4) {
    case 0:
      return Math.round(wave * 10) / 10;
    case 1:
      return Math.fround(Math.round(wave * 100) / 100);
    case 2:
      return Math.floor(tick * 1.3) + point;
    default:
      return point % 8 === 3 ? Math.round(wave * 100) / 100 : wave;
  }
}

function frameOf(seq: number, table: PointTable, samples: SampleBatch): Frame {
  return { epoch: { number: 1, node: 'A', nonce: 'aa' }, seq, fromSeq: seq, revision: table.revision, pairTimeMs: START_MS + seq * 1_000, values: EMPTY_BATCH, samples, puts: [], logs: [] };
}

/** What the Python program prints; undefined where there is no Python. */
function sqlite(args: readonly string[]): { rate?: number; bytes?: number; queryMs?: number } | undefined {
  const script = new URL('../../../test/bench/sqlite-peer.py', import.meta.url).pathname;
  for (const python of ['/usr/bin/python3', 'python3']) {
    const run = spawnSync(python, [script, ...args], { encoding: 'utf8' });
    if (run.status === 0) return JSON.parse(run.stdout) as { rate?: number; bytes?: number; queryMs?: number };
  }
  return undefined;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Subject } from 'rxjs';
import { GOOD, SampleBuilder, type PointDefinition, type SampleBatch } from '../../src/contract/index.js';
import { encodeFrame, PairState, PointTable, Publisher } from '../../src/image/index.js';
import { realClock, realTimers } from '../../src/platform/time.js';
import type { BenchOptions } from './main.js';

const BATCH = 1_000;
const UPDATES = 5_000_000;

/**
 * Random updates in batches of 1,000 through ingest → frame → bytes and three subscribers, against the peer that
 * does the same work on a Map of objects (as MEASURED.md, section 1, has it), in the same run.
 */
export async function imageBench({ points, cycles, log }: BenchOptions): Promise<Record<string, unknown>> {
  const names = Array.from({ length: points }, (_, id) => `P${String(id)}`);
  const batches = makeBatches(points);
  const empty = settledMemory();
  const table = new PointTable('0', names.map((name, id): PointDefinition => ({ id, name, kind: 'number', device: 'd', poll: 'normal' })));
  const withTable = settledMemory();
  const state = new PairState(table);
  const withImage = settledMemory();

  const { rss } = process.memoryUsage();
  const publisher = new Publisher({ state, clock: realClock, timers: realTimers, pairTime: () => Date.now(), frameMs: 20 });
  publisher.open({ number: 1, node: 'A', nonce: '0' });
  let seen = 0;
  let bytes = 0;
  publisher.frames$.subscribe((frame) => (bytes += encodeFrame(frame).length));
  for (let consumer = 0; consumer < 2; consumer++) publisher.frames$.subscribe((frame) => (seen += frame.values.length));

  let stallNs = 0;
  const rates: number[] = [];
  const peers: number[] = [];
  for (let cycle = 0; cycle < cycles; cycle++) {
    const stalls = monitorEventLoopDelay({ resolution: 5 });
    stalls.enable();
    rates.push(await drive((batch) => publisher.ingest(batch), batches, () => publisher.cut()));
    stalls.disable();
    stallNs = Math.max(stallNs, stalls.max);
    peers.push(await drivePeer(names, batches));
    log(`round ${String(cycle + 1)}: ${(1_000 / (rates.at(-1) ?? NaN)).toFixed(1)} M updates/s of CPU; Map of objects ${(1_000 / (peers.at(-1) ?? NaN)).toFixed(1)} M`);
  }
  const nsPerUpdate = median(rates);
  return {
    points,
    updatesPerSecond: Math.round(1e9 / nsPerUpdate),
    nsPerUpdate: round(nsPerUpdate),
    nsPerUpdateMapOfObjects: round(median(peers)),
    vsMapOfObjects: round(median(peers) / nsPerUpdate),
    bytesPerPoint: round((withImage - withTable) / points),
    bytesPerPointWithNames: round((withImage - empty) / points),
    rssBytes: rss,
    loopStallMaxMs: round(stallNs / 1e6),
    frames: state.position.seq,
    rowsInFrames: seen / 2,
    bytesEncoded: bytes,
  };
}

function makeBatches(points: number): SampleBatch[] {
  const builder = new SampleBuilder(BATCH);
  return Array.from({ length: 500 }, (_, index) => {
    for (let row = 0; row < BATCH; row++) builder.add(Math.floor(Math.random() * points), Math.random() * 100, GOOD, 1_700_000_000_000 + index);
    return builder.take();
  });
}

/** CPU nanoseconds an update, whole process. The event loop turns after each tenth of a second's worth, as it would. */
async function drive(ingest: (batch: SampleBatch) => void, batches: readonly SampleBatch[], end: () => void): Promise<number> {
  const start = process.cpuUsage();
  for (let done = 0, index = 0; done < UPDATES; done += BATCH, index++) {
    ingest(batches[index % batches.length] as SampleBatch);
    // Every value differs from the last round's, or nothing would be news.
    if (index % batches.length === batches.length - 1) for (const batch of batches) for (let row = 0; row < batch.length; row++) batch.values[row] = (batch.values[row] as number) + 1;
    if (index % 20 === 19) await new Promise((turn) => setImmediate(turn));
  }
  end();
  const { user, system } = process.cpuUsage(start);
  return ((user + system) * 1_000) / UPDATES;
}

interface Cell {
  value: number;
  quality: number;
  time: number;
}

/** The same work as most gateways do it: a Map from name to object, changed names in a Set, a frame of objects as JSON each 20 ms. */
async function drivePeer(names: readonly string[], batches: readonly SampleBatch[]): Promise<number> {
  const image = new Map<string, Cell>(names.map((name) => [name, { value: NaN, quality: 0, time: 0 }]));
  let dirty = new Set<string>();
  let cutMs = performance.now();
  let bytes = 0;
  const frames = new Subject<readonly { name: string; cell: Cell }[]>();
  frames.subscribe((frame) => (bytes += JSON.stringify(frame).length));
  frames.subscribe((frame) => (bytes += frame.length));
  frames.subscribe((frame) => (bytes += frame.length));
  const cut = (): void => {
    cutMs = performance.now();
    frames.next([...dirty].map((name) => ({ name, cell: image.get(name) as Cell })));
    dirty = new Set();
  };
  return drive((batch) => {
    for (let row = 0; row < batch.length; row++) {
      const name = names[batch.points[row] as number] as string;
      image.set(name, { value: batch.values[row] as number, quality: batch.qualities[row] as number, time: batch.times[row] as number });
      dirty.add(name);
    }
    if (performance.now() - cutMs >= 20) cut();
  }, batches, cut);
}

/** Bytes that are really held: garbage is collected first. */
function settledMemory(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}


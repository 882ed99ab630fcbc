import assert from 'node:assert/strict';
import { MemoryLevel } from 'memory-level';
import { GOOD, SampleBuilder } from '../../src/contract/index.js';
import { EMPTY_BATCH } from '../../src/image/index.js';
import type { Database, PointDigest } from '../../src/store/index.js';
import { append, frameOf, openStore, type Opened } from './rig.js';

const DAY_MS = 86_400_000;
const EVERY_MS = 600_000;

/** Three days of two points, in frames of so many samples; one sample of P0 says something else where `odd`. */
async function stored(samplesPerFrame: number, checkpointEach: number, odd = false): Promise<Opened> {
  const db: unknown = new MemoryLevel<string, Buffer>({ keyEncoding: 'utf8', valueEncoding: 'buffer' });
  const opened = await openStore(db as Database);
  const total = (3 * DAY_MS) / EVERY_MS;
  for (let n = 0, seq = 1; n < total; n += samplesPerFrame, seq++) {
    const samples = new SampleBuilder();
    for (let row = n; row < Math.min(total, n + samplesPerFrame); row++) {
      for (const point of [0, 1]) samples.add(point, row % 17 === 0 ? NaN : row + (odd && point === 0 && row === 200 ? 1 : 0), GOOD, row * EVERY_MS);
    }
    append(opened, frameOf(seq, { values: EMPTY_BATCH, samples: samples.take(), puts: [], logs: [] }));
    if (seq % checkpointEach === 0) await opened.store.checkpoint(opened.state);
  }
  await opened.store.settle();
  return opened;
}

const digests = async ({ store }: Opened, fromMs = 0, toMs = 1e15): Promise<PointDigest[]> => (await store.historyDigests({ fromMs: () => fromMs, toMs })).points;

describe('digests of history', () => {
  it('are equal where the samples are, however blocks and checkpoints lie', async () => {
    const one = await digests(await stored(10, 3));
    assert.deepEqual(one, await digests(await stored(97, 1_000)));
    assert.equal(one.length, 2);
    assert.deepEqual(one[0]?.[1].map(([startMs, count]) => [startMs, count]), [[0, 144], [DAY_MS, 144], [2 * DAY_MS, 144]]);
  });

  it('tell the point and the day in which one sample differs', async () => {
    const [one, other] = [await digests(await stored(10, 3)), await digests(await stored(10, 3, true))];
    assert.deepEqual(one[1], other[1]);
    assert.deepEqual(one[0]?.[1].map((window, row) => window[2] === other[0]?.[1][row]?.[2]), [true, false, true]);
  });

  it('are of a range of time, of one point, or of the points up to one', async () => {
    const opened = await stored(10, 3);
    const [name, second] = (await digests(opened)).map(([point]) => point);
    assert.deepEqual((await digests(opened, DAY_MS, 2 * DAY_MS - 1))[0]?.[1].map(([startMs]) => startMs), [DAY_MS]);
    const part = async (request: { only?: string; upTo?: string; after?: string }): Promise<string[]> => (await opened.store.historyDigests({ ...request, fromMs: () => 0, toMs: 1e15 })).points.map(([point]) => point);
    assert.deepEqual(await part({ only: second! }), [second]);
    assert.deepEqual(await part({ upTo: name! }), [name]);
    assert.deepEqual(await part({ after: name! }), [second]);
  });
});

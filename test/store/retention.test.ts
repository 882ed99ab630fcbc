import assert from 'node:assert/strict';
import { GOOD, SampleBuilder } from '../../src/contract/index.js';
import { EMPTY_BATCH } from '../../src/image/index.js';
import { append, frameOf, openFolder, temporaryFolder, type Opened } from './rig.js';

const HOUR_MS = 3_600_000;

/** T1 each minute for ten days: blocks of 256 minutes. */
describe('retention of history', function () {
  this.timeout(30_000);
  let folder: ReturnType<typeof temporaryFolder>;
  let opened: Opened;
  const minutes = 10 * 24 * 60;
  const nowMs = minutes * 60_000;

  beforeEach(async () => {
    folder = temporaryFolder();
    opened = await openFolder(folder.path);
    for (let minute = 0; minute < minutes; minute += 240) {
      const samples = new SampleBuilder();
      // Noise that does not compress, so that ten days take some room.
      for (let at = minute; at < minute + 240; at++) samples.add(0, Math.sin(at) * 1e6, GOOD, at * 60_000);
      append(opened, frameOf(minute / 240 + 1, { values: EMPTY_BATCH, samples: samples.take(), puts: [], logs: [] }));
    }
    await opened.store.checkpoint(opened.state);
    // LevelDB knows the size of its files only: a restart puts what is in memory there.
    await opened.store.close();
    opened = await openFolder(folder.path);
  });
  afterEach(async () => {
    await opened.store.close();
    folder.remove();
  });

  const first = async (): Promise<number> => (await opened.store.history.query('T1', 0, nowMs, 1))[0]?.timeMs ?? NaN;
  const count = async (): Promise<number> => (await opened.store.history.query('T1', 0, nowMs, 1e6)).length;

  it('forgets whole blocks that are older than the trend keeps, and nothing younger', async () => {
    const keepMs = 72 * HOUR_MS;
    const dropped = await opened.store.prune({ keepMs: () => keepMs, orphanKeepMs: 0, maxBytes: 1e12 }, nowMs);
    assert.ok(dropped > 30, String(dropped));
    const oldest = await first();
    assert.ok(oldest <= nowMs - keepMs && oldest > nowMs - keepMs - 256 * 60_000, `${String((nowMs - oldest) / HOUR_MS)} hours`);
    assert.equal(await count(), minutes - oldest / 60_000);
    assert.equal(await opened.store.prune({ keepMs: () => keepMs, orphanKeepMs: 0, maxBytes: 1e12 }, nowMs), 0);
  });

  it('keeps what no trend records any more as long as was said', async () => {
    await opened.store.prune({ keepMs: () => undefined, orphanKeepMs: 200 * 24 * HOUR_MS, maxBytes: 1e12 }, nowMs);
    assert.equal(await count(), minutes);
  });

  it('forgets the oldest days when all of it takes too much room', async () => {
    assert.equal(await first(), 0);
    await opened.store.prune({ keepMs: () => 1e15, orphanKeepMs: 1e15, maxBytes: 60_000 }, nowMs);
    const oldest = await first();
    assert.ok(oldest > 2 * 24 * HOUR_MS && oldest < 8 * 24 * HOUR_MS, `${String(oldest / HOUR_MS)} hours were forgotten`);
  });

  it('tells the sample that is in force at a time', async () => {
    assert.equal((await opened.store.history.inForce('T1', 90_000))?.timeMs, 60_000);
    assert.equal((await opened.store.history.inForce('T1', nowMs + HOUR_MS))?.timeMs, nowMs - 60_000);
    assert.equal(await opened.store.history.inForce('T1', -1), undefined);
    assert.equal(await opened.store.history.inForce('T2', nowMs), undefined);
  });
});

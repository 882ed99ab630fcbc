import assert from 'node:assert/strict';
import { EMPTY_BATCH } from '../../src/image/index.js';
import { SampleBuilder } from '../../src/contract/index.js';
import { append, frameOf, openFolder, temporaryFolder, type Opened } from './rig.js';

/** Block size is 256: what follows crosses its border, with and without a checkpoint, with and without a restart. */
describe('history', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let opened: Opened;

  beforeEach(async () => {
    folder = temporaryFolder();
    opened = await openFolder(folder.path);
  });

  afterEach(async () => {
    await opened.store.close();
    folder.remove();
  });

  async function fill(from: number, to: number): Promise<void> {
    for (let seq = from; seq <= to; seq++) append(opened, frameOf(seq, { values: EMPTY_BATCH, puts: [], logs: [] }));
    await opened.store.whenDurable(to);
  }

  async function restart(): Promise<void> {
    await opened.store.close();
    opened = await openFolder(folder.path);
  }

  async function assertHolds(from: number, to: number): Promise<void> {
    const samples = await opened.store.history.query('T1', from * 1_000, to * 1_000, 10_000);
    assert.deepEqual(samples.map((sample) => sample.timeMs / 1_000), Array.from({ length: to - from + 1 }, (_, i) => from + i));
    assert.ok(samples.every((sample) => sample.value === sample.timeMs / 100));
  }

  it('finds what is in open and in closed blocks', async () => {
    await fill(1, 600);
    await assertHolds(1, 600);
    await assertHolds(250, 260);
    await assertHolds(256, 257);
    await assertHolds(520, 530);
  });

  it('is the same after restarts and checkpoints, without twins', async () => {
    await fill(1, 300);
    await restart();
    await assertHolds(1, 300);
    await fill(301, 400);
    await opened.store.checkpoint(opened.state);
    await fill(401, 600);
    await restart();
    await assertHolds(1, 600);
    await fill(601, 700);
    await opened.store.checkpoint(opened.state);
    await restart();
    await fill(701, 1_000);
    await restart();
    await assertHolds(1, 1_000);
    for (const from of [100, 256, 257, 300, 301, 399, 400, 401, 512, 513, 600, 601, 656, 657, 700, 701, 956]) await assertHolds(from, Math.min(1_000, from + 30));
  });

  it('keeps texts, and gives the oldest first up to the limit', async () => {
    await fill(1, 40);
    const texts = await opened.store.history.query('Text', 0, 99_000, 3);
    assert.deepEqual(texts.map((sample) => sample.value), ['text 5', 'text 10', 'text 15']);
    assert.deepEqual(await opened.store.history.query('T2', 0, 99_000, 3), []);
  });

  it('finds a sample that came late', async () => {
    await fill(1, 10);
    const late = new SampleBuilder();
    late.add(0, 45, 0, 4_500);
    append(opened, frameOf(11, { values: EMPTY_BATCH, samples: late.take(), puts: [], logs: [] }));
    await opened.store.whenDurable(11);
    await restart();
    const samples = await opened.store.history.query('T1', 4_000, 5_000, 10);
    assert.deepEqual(samples.map((sample) => sample.value), [40, 45, 50]);
  });
});

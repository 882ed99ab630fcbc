import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isTandemError } from '../../src/contract/index.js';
import { encodeFrame, PointTable } from '../../src/image/index.js';
import { openLevel } from '../../src/store/index.js';
import { contentOf } from '../redundancy/fingerprint.js';
import { append, frameOf, openFolder, POINTS, snapshot, temporaryFolder, type Opened } from './rig.js';

describe('store on LevelDB', () => {
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

  async function reopen(options: Parameters<typeof openFolder>[1] = {}): Promise<void> {
    await opened.store.close();
    opened = await openFolder(folder.path, options);
  }

  async function filled(to: number, from = 1): Promise<void> {
    for (let seq = from; seq <= to; seq++) append(opened, frameOf(seq));
    await opened.store.whenDurable(to);
  }

  it('brings back what was appended, values, keys and position', async () => {
    await filled(50);
    const before = contentOf(opened.state);
    await reopen();
    assert.equal(opened.damaged, undefined);
    assert.equal(contentOf(opened.state), before);
    assert.equal(opened.store.durableSeq, 50);
  });

  it('goes on from a checkpoint and what came after it', async () => {
    await filled(30);
    await opened.store.checkpoint(opened.state);
    await filled(45, 31);
    const before = contentOf(opened.state);
    await reopen();
    assert.equal(contentOf(opened.state), before);
    assert.equal(opened.store.journalFloor, 1, 'a small journal is kept for those who resume');
  });

  it('takes a checkpoint in turns, as of the frame at which it began, while others come and while a snapshot takes its place', async () => {
    let meanwhile: () => void = () => undefined;
    let turns = 0;
    const breathe = async (): Promise<void> => {
      turns++;
      meanwhile();
    };
    await reopen({ journalBytes: 100, breathe });
    append(opened, frameOf(1, { puts: Array.from({ length: 1_600 }, (_, number) => ({ key: `command/${number}`, value: { number } })) }));
    await filled(10, 2);
    let seq = 10;
    // Changes keys that are encoded already and keys that are not.
    meanwhile = (): void => append(opened, frameOf(++seq, { puts: [{ key: 'command/0', value: seq }, { key: 'command/1599', value: seq }] }));
    await opened.store.checkpoint(opened.state);
    assert.ok(turns >= 3 && seq >= 13, `${turns} turns`);
    assert.ok(opened.store.journalFloor >= 10, 'what the checkpoint does not stand for is kept');
    meanwhile = (): void => undefined;
    await opened.store.whenDurable(seq);
    const before = contentOf(opened.state);
    await reopen({ breathe });
    assert.equal(contentOf(opened.state), before);
    // A snapshot of the other node in its midst: the checkpoint is not the pair's any more.
    let replacing: Promise<void> | undefined;
    meanwhile = (): void => {
      if (replacing !== undefined) return;
      const frame = snapshot(100, { epoch: { number: 2, node: 'B', nonce: 'bb' } });
      opened.state.apply(frame);
      replacing = opened.store.replace(frame, encodeFrame(frame), 0, 'bb');
    };
    await opened.store.checkpoint(opened.state);
    await replacing;
    assert.ok(replacing !== undefined);
    const after = contentOf(opened.state);
    await reopen();
    assert.equal(contentOf(opened.state), after);
    assert.equal(opened.state.position.seq, 100);
  });

  it('lets go of journal beyond its size at a checkpoint, from the oldest on', async () => {
    await reopen({ journalBytes: 2_000 });
    await filled(100);
    await opened.store.checkpoint(opened.state);
    const floor = opened.store.journalFloor;
    assert.ok(floor > 50 && floor <= 100, `floor ${floor}`);
    const kept: number[] = [];
    for await (const frame of opened.store.frames(0, 100)) kept.push(frame.seq);
    assert.deepEqual(kept, Array.from({ length: 101 - floor }, (_, i) => floor + i));
    await reopen();
    assert.equal(opened.state.position.seq, 100);
    assert.equal(opened.store.journalFloor, floor);
  });

  it('reads frames back by range, in order', async () => {
    await filled(20);
    const seqs: number[] = [];
    for await (const frame of opened.store.frames(5, 9)) seqs.push(frame.seq);
    assert.deepEqual(seqs, [6, 7, 8, 9]);
  });

  it('takes a snapshot in place of everything and sets the parted tail aside', async () => {
    await filled(20);
    const given = snapshot(18, { epoch: { number: 2, node: 'B', nonce: 'bb' } });
    opened.state.apply(given);
    await opened.store.replace(given, encodeFrame(given), 15, 'fork');
    assert.equal(opened.store.durableSeq, 18);
    assert.equal(await opened.store.aside.count(), 5);
    append(opened, frameOf(19, { epoch: given.epoch }));
    await opened.store.whenDurable(19);
    const before = contentOf(opened.state);
    await reopen();
    assert.equal(opened.damaged, undefined);
    assert.equal(contentOf(opened.state), before);
    assert.equal(await opened.store.aside.count(), 5);
    const aside = await opened.store.aside.frames('fork', 0, 100);
    assert.deepEqual(aside.map((frame) => frame.seq), [16, 17, 18, 19, 20]);
  });

  it('keeps frames that are appended while a snapshot is on its way to disk', async () => {
    await filled(20);
    const given = snapshot(30);
    opened.state.apply(given);
    const replacing = opened.store.replace(given, encodeFrame(given), 20, 'fork');
    assert.ok(opened.store.durableSeq <= 20);
    for (let seq = 31; seq <= 40; seq++) append(opened, frameOf(seq));
    await replacing;
    await opened.store.whenDurable(40);
    assert.equal(opened.store.journalFloor, 31);
    const before = contentOf(opened.state);
    await reopen();
    assert.equal(opened.damaged, undefined);
    assert.equal(contentOf(opened.state), before);
    assert.equal(await opened.store.aside.count(), 0);
  });

  it('does not mix what a busy disk still has to take with what follows a snapshot under the same numbers', async () => {
    await filled(20);
    const apart = Array.from({ length: 20 }, (_, index) => frameOf(21 + index));
    for (const frame of apart) append(opened, frame);
    const told: number[] = [];
    opened.store.durable$.subscribe((seq) => told.push(seq));
    const epoch = { number: 2, node: 'B', nonce: 'bb' };
    const given = snapshot(30, { epoch });
    opened.state.apply(given);
    const replacing = opened.store.replace(given, encodeFrame(given), 20, 'fork');
    for (let seq = 31; seq <= 40; seq++) append(opened, frameOf(seq, { epoch, logs: [] }));
    let isHeld = false;
    const held = opened.store.whenDurable(40).then(() => (isHeld = true));
    await replacing;
    assert.ok(!isHeld, 'what was written apart under that number is not meant');
    await held;
    assert.ok(told.every((seq) => seq >= 30), `nothing of the other line is acknowledged: ${told.join(' ')}`);
    const aside = await opened.store.aside.frames('fork', 0, 100);
    assert.deepEqual(aside.map(({ seq, logs }) => [seq, logs[0]?.id]), apart.map(({ seq, logs }) => [seq, logs[0]?.id]));
    await reopen();
    assert.equal(opened.damaged, undefined);
    assert.deepEqual([opened.state.position.seq, opened.state.position.epoch.nonce, opened.store.journalFloor], [40, 'bb', 31]);
  });

  it('lists log entries of a kind, newest first, also past 9 and 15', async () => {
    await filled(40);
    const logs = await opened.store.logs('audit', 35);
    assert.deepEqual(logs.map((entry) => (entry.data as { seq: number }).seq), Array.from({ length: 35 }, (_, i) => 40 - i));
    assert.deepEqual(await opened.store.logs('alarm', 10), []);
  });

  it('remembers marks', async () => {
    assert.equal(await opened.store.readMark('mark'), undefined);
    await opened.store.writeMark('mark', 'alone');
    await reopen();
    assert.equal(await opened.store.readMark('mark'), 'alone');
  });

  it('says who holds the folder', async () => {
    await assert.rejects(openLevel(folder.path), (error) => isTandemError(error, 'DATA_LOCKED'));
  });

  it('does not take a folder that cannot be written for one that another process holds', async () => {
    // What a disk that can only be read comes to: LOCK cannot be opened. (Root may write wherever the mode forbids it.)
    const unusable = join(folder.path, 'unusable');
    mkdirSync(join(unusable, 'LOCK'), { recursive: true });
    await assert.rejects(openLevel(unusable), (error) => isTandemError(error, 'STORE_FAILED') && error.message.includes(unusable));
    writeFileSync(join(folder.path, 'file'), '');
    await assert.rejects(openLevel(join(folder.path, 'file', 'db')), (error) => isTandemError(error, 'STORE_FAILED'));
  });

  for (const [what, spoil] of [
    ['is cut short', (file: string) => truncateSync(file, 100)],
    ['is missing', (file: string) => rmSync(file)],
  ] as const) {
    it(`says what to do where a file of the database ${what}`, async () => {
      await filled(500);
      await reopen(); // LevelDB makes a table of its log
      await opened.store.close();
      const largest = readdirSync(folder.path).filter((name) => name.endsWith('.ldb')).map((name) => join(folder.path, name)).sort((a, b) => statSync(b).size - statSync(a).size)[0];
      assert.ok(largest !== undefined);
      spoil(largest);
      await assert.rejects(openFolder(folder.path), (error) => isTandemError(error, 'STORE_FAILED') && error.message.includes('move the folder `db` away') && error.message.includes('.ldb'));
      rmSync(folder.path, { recursive: true }); // as it says
      opened = await openFolder(folder.path);
    });
  }

  it('reads an older configuration in terms of the present one', async () => {
    await filled(12);
    await opened.store.checkpoint(opened.state);
    await filled(15, 13);
    const renumbered = new PointTable('rev2', [
      { ...POINTS[2]!, id: 0 },
      { ...POINTS[0]!, id: 1, name: 'New' },
      { ...POINTS[0]!, id: 2 },
    ]);
    await reopen({ table: renumbered });
    assert.equal(opened.damaged, undefined);
    assert.equal(opened.state.image.value(2), 150);
    assert.equal(opened.state.image.value(0), 'text 15');
    assert.ok(Number.isNaN(opened.state.image.value(1)));
    assert.equal(opened.state.keyed.get('k/0'), 15);
    append(opened, { ...frameOf(16), revision: 'rev2' });
    await opened.store.whenDurable(16);
    await reopen({ table: renumbered });
    assert.equal(opened.state.position.seq, 16);
    assert.equal((await opened.store.history.query('T1', 0, 99_000, 100)).length, 15);
  });

  describe('with a byte of its checkpoint flipped', () => {
    const CHECKPOINT = 'c!image';
    const flip = (bytes: Buffer): number => (bytes[60] = (bytes[60] ?? 0) ^ 4);

    /** A checkpoint that stands for 90 frames, a journal that does not reach back to them, and ten frames more. */
    async function truncated(...keys: readonly string[]): Promise<string> {
      await reopen({ journalBytes: 2_000 });
      await filled(90);
      await opened.store.checkpoint(opened.state);
      assert.ok(opened.store.journalFloor > 50);
      await filled(100, 91);
      const before = contentOf(opened.state);
      await opened.store.close();
      for (const key of keys) await damage(folder.path, key, flip);
      opened = await openFolder(folder.path);
      return before;
    }

    it('has everything from the other copy, says so once, and is whole after that', async () => {
      const before = await truncated(CHECKPOINT);
      assert.equal(opened.damaged, undefined);
      assert.match(opened.repaired ?? '', /checkpoint/);
      assert.equal(contentOf(opened.state), before);
      await reopen();
      assert.equal(opened.repaired, undefined);
      assert.equal(contentOf(opened.state), before);
    });

    it('has everything from the journal, where that reaches back to the beginning', async () => {
      await filled(30);
      await opened.store.checkpoint(opened.state);
      await filled(40, 31);
      const before = contentOf(opened.state);
      await opened.store.close();
      for (const key of [CHECKPOINT, 'z!image']) await damage(folder.path, key, flip);
      opened = await openFolder(folder.path);
      assert.equal(opened.damaged, undefined);
      assert.equal(contentOf(opened.state), before);
    });

    it('sets the journal aside, where both copies are damaged, and drops none of it', async () => {
      await truncated(CHECKPOINT, 'z!image');
      assert.match(opened.damaged ?? '', /checkpoint/);
      assert.equal(opened.state.position.seq, 0);
      const [fork = ''] = await opened.store.aside.forks();
      const aside = await opened.store.aside.frames(fork, 0, 1_000);
      assert.deepEqual([aside.at(0)?.seq === undefined ? 0 : aside.length, aside.at(-1)?.seq], [100 - (aside.at(0)?.seq ?? 0) + 1, 100]);
    });

    it('does without a damaged row of the journal that the checkpoint stands for', async () => {
      await filled(30);
      await opened.store.checkpoint(opened.state);
      await filled(40, 31);
      const before = contentOf(opened.state);
      await opened.store.close();
      await damage(folder.path, 'j!0000000000000c', flip);
      opened = await openFolder(folder.path);
      assert.equal(opened.damaged, undefined);
      assert.equal(contentOf(opened.state), before);
      assert.equal(opened.store.journalFloor, 13);
    });
  });

  for (const [what, harm, reaches] of [
    ['a damaged row', async (path: string) => damage(path, 'j!0000000000000c', (bytes) => (bytes[20] = (bytes[20] ?? 0) ^ 1)), 11],
    ['a row that is cut short', async (path: string) => damage(path, 'j!0000000000000c', (bytes) => bytes.subarray(0, 30)), 11],
    ['a gap', async (path: string) => damage(path, 'j!0000000000000c', () => undefined), 11],
    ['a damaged last row', async (path: string) => damage(path, 'j!00000000000014', (bytes) => (bytes[5] = (bytes[5] ?? 0) ^ 255)), 19],
  ] as const) {
    it(`keeps what is good before ${what}, says so, and is whole after that`, async () => {
      await filled(20);
      await opened.store.close();
      await harm(folder.path);
      opened = await openFolder(folder.path);
      assert.match(opened.damaged ?? '', /journal/);
      assert.equal(opened.state.position.seq, reaches);
      // What lies beyond is not thrown away: it is merged when the pair is together again.
      const [fork] = await opened.store.aside.forks();
      const aside = fork === undefined ? [] : await opened.store.aside.frames(fork, 0, 100);
      assert.deepEqual(aside.map(({ seq }) => seq), Array.from({ length: Math.max(0, 20 - reaches - 1) }, (_, i) => reaches + 2 + i));
      append(opened, frameOf(reaches + 1));
      await opened.store.whenDurable(reaches + 1);
      await reopen();
      assert.equal(opened.damaged, undefined);
      assert.equal(opened.state.position.seq, reaches + 1);
    });
  }
});

/** Changes one row of a closed store; undefined from `change` deletes it, a number means that it was changed in place. */
async function damage(path: string, key: string, change: (bytes: Buffer) => Buffer | Uint8Array | number | undefined): Promise<void> {
  const db = await openLevel(path);
  const bytes = await db.get(key);
  assert.ok(bytes !== undefined, key);
  const changed = change(bytes);
  if (changed === undefined) await db.del(key);
  else await db.put(key, typeof changed === 'number' ? bytes : Buffer.from(changed));
  await db.close();
}

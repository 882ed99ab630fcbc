import assert from 'node:assert/strict';
import { isTandemError } from '../../src/contract/index.js';
import { encodeFrame } from '../../src/image/index.js';
import type { Database } from '../../src/store/index.js';
import { SimulatedDisk } from '../../simulators/disk/index.js';
import { seededRandom, VirtualClock } from '../../simulators/virtual-time/index.js';
import { append, frameOf, openStore, snapshot, type Opened } from './rig.js';

interface Machine {
  readonly time: VirtualClock;
  readonly disk: SimulatedDisk;
  opened: Opened;
}

async function open(time: VirtualClock, disk: SimulatedDisk): Promise<Opened> {
  const db: unknown = await disk.open(time);
  return time.advanceWhile(openStore(db as Database), 10_000);
}

async function machine(seed = 1): Promise<Machine> {
  const time = new VirtualClock();
  const disk = new SimulatedDisk(seededRandom(seed));
  return { time, disk, opened: await open(time, disk) };
}

describe('store and fsync', () => {
  it('syncs what gathers during one sync in the next one', async () => {
    const { time, disk, opened } = await machine();
    disk.syncMs = 10;
    const before = disk.syncs;
    const durable: number[] = [];
    opened.store.durable$.subscribe((seq) => void durable.push(seq));
    for (let seq = 1; seq <= 100; seq++) {
      append(opened, frameOf(seq));
      await time.advance(1);
    }
    await time.advance(20);
    assert.ok(disk.syncs - before <= 12, `${disk.syncs - before} syncs for 100 frames`);
    assert.equal(durable.at(-1), 100);
    assert.deepEqual(durable, [...durable].sort((a, b) => a - b));
  });

  it('resolves a wait when its own frame is on disk, in order', async () => {
    const { time, disk, opened } = await machine();
    disk.syncMs = 10;
    const done: number[] = [];
    for (let seq = 1; seq <= 5; seq++) {
      append(opened, frameOf(seq));
      opened.store.whenDurable(seq).then(
        () => void done.push(seq),
        () => undefined,
      );
      await time.advance(4);
    }
    assert.deepEqual(done, [1, 2, 3], 'the next sync was for all that had gathered');
    await time.advance(20);
    assert.deepEqual(done, [1, 2, 3, 4, 5]);
  });

  it('has after any death of the process or the machine what it said to be durable, and no gap', async () => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = seededRandom(`deaths ${seed}`);
      const rig = await machine(seed);
      const { time, disk } = rig;
      let seq = 0;
      for (let life = 0; life < 5; life++) {
        disk.syncMs = 1 + random.below(10);
        const { store } = rig.opened;
        for (let i = random.below(40); i > 0; i--) {
          append(rig.opened, frameOf(++seq));
          await time.advance(random.below(5));
          if (random.next() < 0.05) store.checkpoint(rig.opened.state).catch(() => undefined);
        }
        const promised = store.durableSeq;
        disk.crash(random.next() < 0.5 ? 'process' : 'machine');
        rig.opened = await open(time, disk);
        assert.equal(rig.opened.damaged, undefined, `seed ${seed}`);
        const { seq: held } = rig.opened.state.position;
        assert.ok(held >= promised && held <= seq, `seed ${seed}: ${held} of ${promised} to ${seq}`);
        seq = held;
      }
    }
  });

  it('replaces everything or nothing', async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const { time, disk, opened } = await machine(seed);
      for (let seq = 1; seq <= 20; seq++) append(opened, frameOf(seq));
      await time.advance(50);
      disk.syncMs = 10;
      const given = snapshot(18, { epoch: { number: 2, node: 'B', nonce: 'bb' } });
      opened.store.replace(given, encodeFrame(given), 15, 'fork').catch(() => undefined);
      await time.advance(seed % 12);
      disk.crash('machine');
      const after = await open(time, disk);
      assert.equal(after.damaged, undefined);
      const { position } = after.state;
      const aside = await after.store.aside.count();
      assert.ok((position.epoch.number === 1 && position.seq === 20 && aside === 0) || (position.epoch.number === 2 && position.seq === 18 && aside === 5), `seed ${seed}: epoch ${position.epoch.number}, frame ${position.seq}, ${aside} aside`);
    }
  });
});

describe('store on a disk that fails', () => {
  for (const [what, write] of [
    ['an append', (opened: Opened) => append(opened, frameOf(2))],
    ['a mark', (opened: Opened) => void opened.store.writeMark('mark', 'alone').catch(() => undefined)],
    ['a snapshot', (opened: Opened) => void opened.store.replace(snapshot(9), encodeFrame(snapshot(9)), 1, 'f').catch(() => undefined)],
    ['a checkpoint', (opened: Opened) => void opened.store.checkpoint(opened.state).catch(() => undefined)],
  ] as const) {
    it(`ends with STORE_FAILED at ${what} and never tries again`, async () => {
      const { time, disk, opened } = await machine();
      append(opened, frameOf(1));
      await time.advance(20);
      const { store } = opened;
      const failures: string[] = [];
      store.failed$.subscribe((error) => void failures.push(error.code));
      disk.failSync();
      const waiting = store.whenDurable(2).then(
        () => 'durable',
        (error: unknown) => (isTandemError(error) ? error.code : 'other'),
      );
      write(opened);
      await time.advance(20);
      assert.deepEqual(failures, ['STORE_FAILED']);
      assert.equal(await waiting, 'STORE_FAILED');
      disk.heal();
      const synced = disk.syncs;
      append(opened, frameOf(opened.state.position.seq + 1));
      await assert.rejects(time.advanceWhile(store.writeMark('mark', 'paired'), 1_000), (error) => isTandemError(error, 'STORE_FAILED'));
      await time.advance(100);
      assert.equal(disk.syncs, synced);
      await assert.rejects(store.whenDurable(99), (error) => isTandemError(error, 'STORE_FAILED'));
      assert.equal(failures.length, 1);
    });
  }
});

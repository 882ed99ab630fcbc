import assert from 'node:assert/strict';
import { isTandemError, type Epoch, type EpochEntry } from '../../src/contract/index.js';
import { commonSeqOf, KeyedState, PairState, PointTable, Publisher, standingOf, type Frame } from '../../src/image/index.js';
import { VirtualClock } from '../../simulators/virtual-time/index.js';
import { batchOf, plainFrame, POINTS } from './frames.js';

const table = new PointTable('r', POINTS);

describe('keyed state', () => {
  it('remembers the frame of each change, deletions too, and lives without what was deleted', () => {
    const keyed = new KeyedState();
    keyed.apply([{ key: 'a', value: 1 }, { key: 'b', value: 0 }], 1);
    keyed.apply([{ key: 'a', value: null }, { key: 'c', value: false, seq: 2 }], 3);
    assert.deepEqual([...keyed.entries('')], [['b', 0], ['c', false]]);
    assert.equal(keyed.get('a'), undefined);
    assert.deepEqual(keyed.changedSince(1), [{ key: 'a', value: null, seq: 3 }, { key: 'c', value: false, seq: 2 }]);
  });

  it('says from where on it can tell everything, once tombstones are gone', () => {
    const keyed = new KeyedState();
    keyed.apply([{ key: 'a', value: 1 }, { key: 'b', value: 1 }], 1);
    keyed.apply([{ key: 'a', value: null }], 2);
    keyed.apply([{ key: 'b', value: null }], 5);
    keyed.dropTombstones(4);
    assert.equal(keyed.tombstoneFloor, 2);
    assert.deepEqual(keyed.changedSince(0), [{ key: 'b', value: null, seq: 5 }]);
  });

  it('asks one family only, and tells what came to live again after it was gone as the last', () => {
    const keyed = new KeyedState();
    keyed.apply([{ key: 'x/1', value: 1 }, { key: 'x/2', value: 2 }, { key: 'y/1', value: 3 }], 1);
    keyed.apply([{ key: 'x/1', value: null }, { key: 'y/1', value: null }], 2);
    assert.deepEqual(keyed.changedSince(0, 'x/'), [{ key: 'x/2', value: 2, seq: 1 }, { key: 'x/1', value: null, seq: 2 }]);
    keyed.apply([{ key: 'x/1', value: 4 }], 3);
    assert.deepEqual([...keyed.entries('x/')], [['x/2', 2], ['x/1', 4]]);
    assert.deepEqual(keyed.changedSince(0).map(({ key }) => key), ['x/2', 'y/1', 'x/1'], 'a snapshot has the order of the family');
  });

  it('finds values by a field, whatever happens to them', () => {
    const keyed = new KeyedState();
    const of = (name: string): string[] => [...keyed.entriesWith('x/', 'point', name)].map(([key]) => key);
    keyed.apply([{ key: 'x/1', value: { point: 'P' } }, { key: 'y/1', value: { point: 'P' } }], 1);
    assert.deepEqual(of('P'), ['x/1'], 'made from what is there');
    keyed.apply([{ key: 'x/2', value: { point: 'P' } }, { key: 'x/3', value: 7 }], 2);
    keyed.apply([{ key: 'x/1', value: { point: 'Q' } }], 3);
    assert.deepEqual([of('P'), of('Q'), of('R')], [['x/2'], ['x/1'], []]);
    keyed.apply([{ key: 'x/2', value: null }], 4);
    assert.deepEqual(of('P'), []);
    keyed.clear(4);
    assert.deepEqual(of('Q'), []);
    keyed.apply([{ key: 'x/9', value: { point: 'Q' } }], 5);
    assert.deepEqual(of('Q'), ['x/9']);
  });

  it('keeps only so many tombstones, and says from where on it can tell everything', () => {
    const keyed = new KeyedState();
    const many = 12_000;
    for (let seq = 1; seq <= many; seq++) keyed.apply([{ key: `command/${seq}`, value: 1 }, { key: `command/${seq - 1}`, value: null }], seq);
    keyed.dropTombstones(0);
    assert.equal(keyed.tombstoneFloor, many - 10_000);
    assert.equal(keyed.changedSince(keyed.tombstoneFloor).filter(({ value }) => value === null).length, 10_000);
    assert.deepEqual([...keyed.entries('command/')].map(([key]) => key), [`command/${many}`]);
  });
});

const e1: EpochEntry = { number: 1, node: 'A', nonce: 'a1', firstSeq: 1, cause: 'start', owedToMain: false };
const e2: EpochEntry = { ...e1, number: 2, node: 'B', nonce: 'b2', firstSeq: 11 };
const e4: EpochEntry = { ...e1, number: 4, nonce: 'a4', firstSeq: 21 };
const epochs = [e1, e2, e4];

describe('what a position means', () => {
  const other: Epoch = { number: 2, node: 'C', nonce: 'c2' };
  for (const [told, epoch, seq, expected] of [
    ['nothing yet', { number: 0, node: '', nonce: '' }, 0, 'inside'],
    ['the present epoch', e4, 30, 'inside'],
    ['frames of the present epoch that were never made', e4, 31, 'diverged 30'],
    ['an old epoch, up to its end', e2, 20, 'inside'],
    ['an old epoch, past its end', e2, 21, 'diverged 20'],
    ['an epoch of the same number by another node', other, 15, 'diverged 10'],
    ['an epoch between that is not known', { ...other, number: 3 }, 25, 'diverged 20'],
    ['a newer epoch', { ...other, number: 5 }, 25, 'ahead'],
    ['an epoch with another nonce', { ...e4, nonce: 'zz' }, 25, 'diverged 20'],
  ] as const) {
    it(`${told}: ${expected}`, () => {
      const standing = standingOf({ epoch, seq }, epochs, 30);
      assert.equal(standing.kind === 'diverged' ? `diverged ${standing.commonSeq}` : standing.kind, expected);
    });
  }

  it('finds where two histories parted', () => {
    const fork: EpochEntry = { ...e2, number: 3, nonce: 'b3', firstSeq: 16 };
    assert.equal(commonSeqOf(epochs, 30, [e1, e2, fork], 25), 15);
    assert.equal(commonSeqOf(epochs, 30, [e1], 8), 8);
    assert.equal(commonSeqOf(epochs, 30, [e1], 14), 10);
    assert.equal(commonSeqOf(epochs, 30, epochs, 25), 25);
    assert.equal(commonSeqOf(epochs, 30, [{ ...e1, nonce: 'x' }], 9), 0);
    assert.equal(commonSeqOf([], 0, epochs, 30), 0);
  });
});

describe('pair state', () => {
  it('refuses a gap and another configuration, passes over what it has, and takes a snapshot for everything', () => {
    const state = new PairState(table);
    state.apply(plainFrame({ seq: 1, values: [[0, 1, 0, 1]], puts: [{ key: 'a', value: 1 }] }));
    assert.throws(() => state.apply(plainFrame({ seq: 3 })), (error) => isTandemError(error, 'LINK_MALFORMED'));
    assert.throws(() => state.apply({ ...plainFrame({ seq: 2 }), revision: 'other' }), (error) => isTandemError(error, 'LINK_REVISION'));
    state.apply(plainFrame({ seq: 1, values: [[0, 99, 0, 1]] }));
    assert.equal(state.image.value(0), 1);
    state.apply({ ...plainFrame({ seq: 9, values: [[1, 2, 0, 9]] }), snapshot: true });
    assert.ok(Number.isNaN(state.image.value(0)), 'no phantom is left');
    assert.equal(state.keyed.get('a'), undefined);
    assert.equal(state.position.seq, 9);
  });
});

interface PublisherRig {
  readonly time: VirtualClock;
  readonly publisher: Publisher;
  readonly frames: (Frame & { atMs: number })[];
}

function publishing(): PublisherRig {
  const time = new VirtualClock();
  const state = new PairState(table);
  const publisher = new Publisher({ state, clock: time, timers: time, pairTime: () => time.wallMs(), frameMs: 20 });
  const frames: PublisherRig['frames'] = [];
  publisher.frames$.subscribe((frame) => void frames.push({ ...frame, atMs: time.monotonicMs() }));
  return { time, publisher, frames };
}

const epoch: Epoch = { number: 1, node: 'A', nonce: 'n' };

describe('publisher', () => {
  it('frames a value and the record that it caused together', async () => {
    const { time, publisher, frames } = publishing();
    publisher.open(epoch);
    publisher.drafts$.subscribe((draft) => {
      if (draft.changes.length > 0) draft.put('alarm/x', 'high');
      if (draft.changes.length > 0) draft.log('alarm', { to: 'high' });
    });
    publisher.ingest(batchOf([[0, 50, 0, 1]]));
    await time.settle();
    assert.equal(frames.length, 1);
    assert.equal(frames[0]?.values.length, 1);
    assert.deepEqual(frames[0].puts, [{ key: 'alarm/x', value: 'high' }]);
    assert.match(frames[0].logs[0]?.id ?? '', /^1\.1\.0/);
  });

  it('frames at once when it is quiet, and with everything that came in the same turn', async () => {
    const { time, publisher, frames } = publishing();
    publisher.open(epoch);
    await time.advance(100);
    publisher.ingest(batchOf([[0, 1, 0, 1]]));
    publisher.ingest(batchOf([[1, 2, 0, 1]]));
    await time.settle();
    assert.deepEqual(frames.map((frame) => [frame.atMs, frame.values.length]), [[100, 2]]);
  });

  it('frames the answers of one scan a few milliseconds apart, and at the end of it nothing waits', async () => {
    const { time, publisher, frames } = publishing();
    publisher.open(epoch);
    await time.advance(1_000);
    for (let i = 0; i < 20; i++) {
      publisher.ingest(batchOf([[0, i, 0, i]]));
      await time.advance(1);
    }
    await time.advance(100);
    assert.deepEqual(frames.map((frame) => [frame.atMs - 1_000, frame.values.values[0]]), [[0, 0], [5, 4], [10, 9], [15, 14], [20, 19]]);
  });

  it('frames no more often than every 20 ms when it is busy, but for the first few, and keeps nothing longer', async () => {
    const { time, publisher, frames } = publishing();
    publisher.open(epoch);
    for (let i = 0; i < 500; i++) {
      publisher.ingest(batchOf([[0, i, 0, i]]));
      await time.advance(1);
    }
    assert.ok(frames.length >= 30 && frames.length <= 32, `${frames.length} frames in half a second`);
    const last = frames.slice(-10).map(({ atMs }) => atMs);
    last.forEach((atMs, i) => assert.equal(atMs, (last[0] as number) + 20 * i));
    await time.advance(20);
    assert.equal(frames.at(-1)?.values.values[0], 499);
    frames.forEach((frame, i) => assert.equal(frame.seq, i + 1));
  });

  it('frames a record at once, busy or not', async () => {
    const { time, publisher, frames } = publishing();
    publisher.open(epoch);
    publisher.record([{ key: 'a', value: 1 }]);
    publisher.ingest(batchOf([[0, 1, 0, 1]]));
    assert.equal(publisher.record([{ key: 'a', value: 2 }]), 2);
    assert.equal(frames[1]?.values.length, 1, 'with what was pending');
    await time.advance(100);
    assert.equal(frames.length, 2);
  });

  it('frames nothing before it is opened and nothing after it is closed', async () => {
    const { time, publisher, frames } = publishing();
    publisher.ingest(batchOf([[0, 1, 0, 1]]));
    assert.throws(() => publisher.record([{ key: 'a', value: 1 }]), (error) => isTandemError(error, 'FENCED'), 'nobody may take it for written');
    await time.advance(100);
    publisher.open(epoch);
    assert.equal(publisher.record([]), 0, 'what came before is not taken in');
    publisher.ingest(batchOf([[0, 1, 0, 1]]));
    publisher.record([]);
    publisher.ingest(batchOf([[0, 2, 0, 1]]));
    publisher.ingest(batchOf([[1, 2, 0, 1]]));
    publisher.close();
    publisher.tick();
    assert.throws(() => publisher.record([{ key: 'a', value: 3 }]), (error) => isTandemError(error, 'FENCED'));
    await time.advance(100);
    assert.equal(frames.length, 1);
  });

  it('never lets pair time go back', async () => {
    const { time, publisher, frames } = publishing();
    publisher.open(epoch);
    publisher.record([{ key: 'a', value: 1 }]);
    time.stepWall(-60_000);
    publisher.record([{ key: 'a', value: 2 }]);
    assert.ok((frames[1]?.pairTimeMs ?? 0) >= (frames[0]?.pairTimeMs ?? Infinity));
    await time.settle();
  });
});

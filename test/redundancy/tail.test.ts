import assert from 'node:assert/strict';
import { PairState, PointTable, Publisher, type LogEntry } from '../../src/image/index.js';
import { mergeTail, type TailMergerOptions, type TailMessage } from '../../src/redundancy/tail.js';
import { VirtualClock } from '../../simulators/virtual-time/index.js';

const FORK = '0a0b0c0d';

function piece(upTo: number, ...ids: string[]): TailMessage {
  return { type: 'tail', fork: FORK, upTo, logs: ids.map((id) => ({ id, kind: 'alarm', timeMs: 1, data: {} })), samples: [], commands: [] };
}

describe('merge of a tail', () => {
  const told: string[] = [];
  let state: PairState;
  let publisher: Publisher;
  const confirmed: number[] = [];
  const confirm = async (seq: number): Promise<void> => void confirmed.push(seq);

  beforeEach(() => {
    told.length = confirmed.length = 0;
    const time = new VirtualClock();
    state = new PairState(new PointTable('r', []));
    publisher = new Publisher({ state, clock: time, timers: time, pairTime: () => 1_000, frameMs: 20 });
    publisher.frames$.subscribe(({ logs }) => told.push(...logs.map(({ id }: LogEntry) => id)));
    publisher.open({ number: 2, node: 'A', nonce: 'aa' });
  });

  it('takes a piece in once, also when control moves before its node could forget it', async () => {
    assert.equal(await mergeTail(piece(64, '1.5.0.bb', '1.6.0.bb'), { known: onDisk(), state, publisher, confirm }), 2);
    publisher.close();
    // Whoever recorded it becomes active, finds it on its disk, and looks at no disk for what is known.
    publisher.open({ number: 3, node: 'B', nonce: 'cc' });
    assert.equal(await mergeTail(piece(64, '1.5.0.bb', '1.6.0.bb'), { state, publisher, confirm }), 0);
    assert.equal(await mergeTail(piece(70, '1.65.0.bb'), { state, publisher, confirm }), 1, 'the next piece of the same tail');
    assert.deepEqual(told, ['1.5.0.bb', '1.6.0.bb', '1.65.0.bb']);
    assert.equal(confirmed.length, 3, 'what is forgotten is on both disks, taken in now or before');
  });

  it('takes a piece in once that comes on two connections at a time', async () => {
    const known = onDisk();
    const merged = await Promise.all([1, 2].map(async () => mergeTail(piece(64, '1.5.0.bb'), { known, state, publisher, confirm })));
    assert.deepEqual(merged, [1, 0]);
    assert.deepEqual(told, ['1.5.0.bb']);
  });

  it('lists so many commands only, the newest, and says how many it does not', async () => {
    const commands = (from: number): TailMessage['commands'] => Array.from({ length: 3_000 }, (_, i) => ({ key: `command/c${from + i}`, value: { point: 'P', value: i, priority: 8, by: 'x', state: 'done', timeMs: from + i } }));
    const notes: string[] = [];
    const note = (what: string, evidence: string): void => void notes.push(`${what}: ${evidence}`);
    await mergeTail({ ...piece(64), commands: commands(3_000) }, { state, publisher, confirm, note });
    assert.deepEqual(notes, []);
    await mergeTail({ ...piece(128), commands: commands(0) }, { state, publisher, confirm, note });
    const listed = [...state.keyed.entries('conflict/')].map(([key]) => Number(key.slice('conflict/c'.length)));
    assert.deepEqual([listed.length, Math.min(...listed)], [5_000, 1_000], 'the older tail came later, and is older all the same');
    assert.match(notes.join(), /^conflicts no longer listed: 1000 of the oldest/);
  });

  it('remembers of so many tails only how far they are merged', async () => {
    for (let fork = 0; fork < 40; fork++) await mergeTail({ ...piece(64, `1.${fork}.0.bb`), fork: String(fork) }, { state, publisher, confirm });
    assert.equal([...state.keyed.entries('merged/')].length, 32);
  });
});

/** A disk on which nothing of it is yet. */
function onDisk(): NonNullable<TailMergerOptions['known']> {
  return { hasLog: async () => false };
}

import assert from 'node:assert/strict';
import { Subject } from 'rxjs';
import { silentLog, type Epoch } from '../../src/contract/index.js';
import { EMPTY_BATCH, encodeFrame, epochKey, PairState, PointTable, type Frame } from '../../src/image/index.js';
import { Follower, type FollowerOptions } from '../../src/redundancy/follower.js';
import type { Journal } from '../../src/redundancy/journal.js';
import type { LinkMessage } from '../../src/redundancy/link-messages.js';
import { seededRandom } from '../../simulators/virtual-time/index.js';
import { POINTS } from './world.js';

const first: Epoch = { number: 1, node: 'A', nonce: 'aa' };
const second: Epoch = { number: 2, node: 'B', nonce: 'bb' };

function frame(epoch: Epoch, seq: number, over: Partial<Frame> = {}): Frame {
  return { epoch, seq, fromSeq: seq, revision: 'r', pairTimeMs: 0, values: EMPTY_BATCH, samples: EMPTY_BATCH, puts: [], logs: [], ...over };
}

function opening(epoch: Epoch, firstSeq: number): { key: string; value: { number: number; node: string; nonce: string; firstSeq: number; cause: string; owedToMain: boolean } } {
  return { key: epochKey(epoch.number), value: { ...epoch, firstSeq, cause: 'start', owedToMain: false } };
}

/** A follower that holds frames 1 to 20 of the first epoch, and what it says. */
function rig(follows: Epoch, heardSeq = 20, more: Partial<FollowerOptions> = {}): { follower: Follower; sent: LinkMessage[]; durable: Subject<number>; state: PairState; replaced: () => void } {
  const state = new PairState(new PointTable('r', POINTS));
  state.apply(frame(first, 1, { puts: [opening(first, 1)] }));
  for (let seq = 2; seq <= 20; seq++) state.apply(frame(first, seq));
  const durable = new Subject<number>();
  const sent: LinkMessage[] = [];
  let replaced = (): void => undefined;
  const journal: Journal = {
    durableSeq: 20,
    durable$: durable,
    journalFloorWithin: () => 1,
    journalFloor: 1,
    append: () => undefined,
    whenDurable: async () => undefined,
    logs: async () => [],
    replace: async () => new Promise<void>((resolve) => (replaced = resolve)),
    frames: async function* () {
      yield* [];
    },
    records: async function* () {
      yield* [];
    },
    writeMark: async () => undefined,
    aside: { forks: async () => [], frames: async () => [], drop: async () => undefined },
    historyPage: async () => ({ pieces: [] }),
    addHistory: async () => 0,
    logPage: async () => ({ entries: [] }),
    addLogs: async () => 0,
    hasLog: async () => false,
  };
  const follower = new Follower({
    state,
    journal,
    epoch: follows,
    random: seededRandom(1),
    nowMs: () => 5_000,
    heardSeq: () => heardSeq,
    log: silentLog,
    send: (message) => void sent.push(message),
    mayCount: () => true,
    canDecline: () => true,
    later: () => undefined,
    writeMark: async () => undefined,
    onBroken: (error) => assert.fail(String(error)),
    onInSync: () => undefined,
    onParted: () => undefined,
    owes: () => ({ what: 'history-owed', value: null }),
    lacks: () => ({ what: 'history-gap', value: null }),
    ...more,
  });
  follower.begin();
  return { follower, sent, durable, state, replaced: () => replaced() };
}

const acks = (sent: readonly LinkMessage[]): LinkMessage[] => sent.filter((message) => message.type === 'ack');

describe('follower', () => {
  it('acknowledges nothing of its own tail before it has anything of the epoch that it follows', async () => {
    const { follower, sent, durable, replaced } = rig(second);
    durable.next(20);
    assert.deepEqual(acks(sent), [], 'frames 11 to 20 are not those of the active');
    follower.diverged(10);
    follower.receive(encodeFrame(frame(second, 12, { snapshot: true, puts: [opening(first, 1), opening(second, 11)] })));
    durable.next(20);
    assert.ok(acks(sent).every((ack) => ack.type === 'ack' && ack.durable === 0), 'the snapshot is not on disk yet');
    replaced();
    await new Promise((resolve) => void setImmediate(resolve));
    assert.deepEqual(acks(sent).at(-1), { type: 'ack', applied: 12, durable: 12 });
  });

  it('tells how far it is: frame by frame, or what becomes of the snapshot; nothing once it has caught up', async () => {
    const counted = rig(first, 25);
    counted.follower.receive(encodeFrame(frame(first, 21)));
    assert.deepEqual(counted.follower.progress, { step: 'catch-up', done: 1, total: 5, unit: 'frames', sinceMs: 5_000 });
    counted.follower.receive(encodeFrame(frame(first, 25, { fromSeq: 22 })));
    assert.equal(counted.follower.progress, undefined);
    counted.follower.receive(encodeFrame(frame(first, 26)));
    assert.equal(counted.follower.progress, undefined, 'live frames are no work');

    const whole = rig(second, 12);
    whole.follower.diverged(10);
    assert.deepEqual(whole.follower.progress, { step: 'snapshot-receive', sinceMs: 5_000 });
    whole.follower.receive(encodeFrame(frame(second, 12, { snapshot: true, puts: [opening(first, 1), opening(second, 11)] })));
    assert.deepEqual(whole.follower.progress, { step: 'snapshot-store', sinceMs: 5_000 });
    whole.replaced();
    await new Promise((resolve) => void setImmediate(resolve));
    assert.equal(whole.follower.progress, undefined);
  });

  it('that does not count itself tells the active, or looks again where that is too old to be told, unless it has been taken out', async () => {
    let isSlow = true;
    let inSync = false;
    const later: (() => Promise<void>)[] = [];
    const options = { mayCount: () => !isSlow, onInSync: (is: boolean) => void (inSync = is), later: (work: () => Promise<void>) => void later.push(work) };
    const told = rig(first, 20, options);
    await told.follower.admit(first);
    assert.deepEqual([told.sent.at(-1)?.type, later.length], ['left-set', 0]);

    const untold = rig(first, 20, { ...options, canDecline: () => false });
    await untold.follower.admit(first);
    assert.deepEqual([untold.sent.at(-1)?.type, inSync, later.length], ['ack', false, 1]);
    await later.shift()?.();
    assert.equal(later.length, 1, 'the link is as slow as before');
    isSlow = false;
    await later.shift()?.();
    assert.deepEqual([untold.sent.at(-1)?.type, inSync, later.length], ['in-set-ok', true, 0]);

    await untold.follower.leave(first);
    assert.deepEqual([inSync, later.length], [false, 1]);
    await untold.follower.expelled();
    await later.shift()?.();
    assert.deepEqual([inSync, later.length], [false, 0], 'the active has taken it out since: it asks');
  });

  it('says at once what it holds when it holds everything already', () => {
    const { sent } = rig(first);
    assert.deepEqual(sent.map((message) => message.type), ['follow', 'ack']);
  });
});

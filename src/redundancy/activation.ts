import { messageOf, TandemError, type Epoch, type EpochCause, type EpochEntry } from '../contract/index.js';
import { epochKey, epochToJson } from '../image/index.js';
import type { PairParts } from './pair-parts.js';

export interface Promotion {
  readonly cause: EpochCause;
  readonly owedToMain: boolean;
  readonly stale: boolean;
  /** Highest epoch that anybody spoke of. */
  readonly heardEpoch: number;
  /** What this node noted while it could not write to the pair's journal. */
  readonly events: readonly object[];
}

/** Rule 1: the epoch is on disk before the first effect. */
export async function activate({ options, sync, heartbeat, noticeStall, step }: PairParts, { cause, owedToMain, stale, heardEpoch, events }: Promotion): Promise<void> {
  const { state, node, publisher, pairClock, journal, random } = options;
  sync.endFollowing();
  pairClock.observe(state.pairTimeMs);
  const number = Math.max(heardEpoch, state.position.epoch.number) + 1;
  const epoch: Epoch = { number, node: node.id, nonce: random.hex(4) };
  const entry: EpochEntry = { ...epoch, firstSeq: state.position.seq + 1, cause, owedToMain };
  publisher.open(epoch);
  const evidence = events.map((event) => ({ kind: 'redundancy', data: { ...event } }));
  const seq = publisher.record([{ key: epochKey(number), value: epochToJson(entry) }], [...evidence, { kind: 'redundancy', data: { what: 'activated', epoch: number, node: node.id, cause, stale } }]);
  await Promise.all([journal.whenDurable(seq), sync.writeMark('alone')]);
  // The disk's answer may be the first thing that this node hears after a freeze.
  noticeStall();
  step({ kind: 'promoted', nextBeat: heartbeat.nextBeat });
}

/** Rule 10. Once `yield` is sent there is no way back but a promotion. */
export async function handOver({ options, link, sync, step }: PairParts, cause: EpochCause): Promise<void> {
  const { publisher, journal, state, quiesce, settings } = options;
  let last = state.position;
  try {
    await quiesce();
    do {
      publisher.cut();
      last = state.position;
      await journal.whenDurable(last.seq);
      // The order of the link is not enough: a slow standby is fed from the journal, and `yield` would overtake.
      await sync.whenHeld(last.seq, settings.failoverTimeMs);
    } while (publisher.cut() !== last.seq);
    if (!link.up) throw new TandemError('SWITCH_REFUSED', 'the link went down');
    publisher.close();
    link.send({ type: 'yield', epoch: last.epoch, lastSeq: last.seq, cause });
  } catch (error) {
    step({ kind: 'handover-failed', reason: messageOf(error) });
    return;
  }
  step({ kind: 'yield-sent' });
}

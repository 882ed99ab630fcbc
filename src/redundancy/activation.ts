import { isTandemError, messageOf, TandemError, type Epoch, type EpochCause, type EpochEntry } from '../contract/index.js';
import { epochKey, epochToJson, type PairState, type Put } from '../image/index.js';
import { putConfiguration } from './documents.js';
import { MOVES_KEY, recentMoves } from './moves.js';
import type { PairParts } from './pair-parts.js';
import { WITNESS_KEY } from './witness-seat.js';

export interface Promotion {
  readonly cause: EpochCause;
  readonly owedToMain: boolean;
  readonly stale: boolean;
  /** The witness is not in force any more. */
  readonly disarm?: true;
  /** What this node noted while it could not write to the pair's journal. */
  readonly events: readonly object[];
}

/** Pair time from which on this pair's commands are known to be its latest: kept when a node goes active on what may be old (rule 3). */
export const STALE_SINCE = 'stale-since';

/** As {@link STALE_SINCE} is kept; before everything where the pair has never gone on with what may be old. */
export function staleSince({ keyed }: Pick<PairState, 'keyed'>): number {
  const since = keyed.get(STALE_SINCE);
  return typeof since === 'number' ? since : -Infinity;
}

/** Rule 1: the epoch is on disk before the first effect. */
export async function activate({ options, sync, heartbeat, noticeStall, step, highestEpoch }: PairParts, { cause, owedToMain, stale, disarm, events }: Promotion): Promise<void> {
  const { state, node, publisher, pairClock, journal, random } = options;
  sync.endFollowing();
  pairClock.lead(state.pairTimeMs);
  const number = Math.max(highestEpoch(), state.position.epoch.number) + 1;
  const epoch: Epoch = { number, node: node.id, nonce: random.hex(4) };
  const entry: EpochEntry = { ...epoch, firstSeq: state.position.seq + 1, cause, owedToMain };
  publisher.open(epoch);
  const evidence: { kind: string; data: Record<string, string | number> }[] = events.map((event) => ({ kind: 'redundancy', data: { ...event } }));
  const puts: Put[] = [{ key: epochKey(number), value: epochToJson(entry) }];
  if (disarm === true) puts.push({ key: WITNESS_KEY, value: 'disarmed' });
  if (stale) puts.push({ key: STALE_SINCE, value: pairClock.now() });
  const replacement = options.configuration?.replacement?.();
  if (replacement !== undefined) {
    // In the frame that opens the epoch: there is none of its revision before.
    puts.push(...putConfiguration(state.keyed, replacement));
    const { number: to, revision, origin } = replacement;
    evidence.push({ kind: 'configuration', data: { number: to, revision, how: origin.how, node: node.id, by: origin.user, comment: origin.comment } });
  }
  const moves = recentMoves(state.keyed.get(MOVES_KEY), pairClock.now());
  if (cause === 'recovery' || cause === 'field') puts.push({ key: MOVES_KEY, value: [...moves, Math.round(pairClock.now())] });
  const seq = publisher.record(puts, [...evidence, { kind: 'redundancy', data: { what: 'activated', epoch: number, node: node.id, cause, stale } }]);
  // The mark says that this node may start alone again. What it went active on may be old: that must be on the disk before (story 291).
  if (stale) await journal.whenDurable(seq);
  await Promise.all([journal.whenDurable(seq), sync.writeMark('alone')]);
  // The disk's answer may be the first thing that this node hears after a freeze.
  noticeStall();
  step({ kind: 'promoted', nextBeat: heartbeat.nextBeat });
  // Fenced: the promotion was called off, or the role is gone again; the tails stay for the next time.
  await sync.mergeOwnTails().catch((error: unknown) => {
    if (!isTandemError(error, 'FENCED')) throw error;
  });
}

/** Rule 10. Once `yield` is sent there is no way back but a promotion. */
export async function handOver({ options, link, sync, step, role, witness }: PairParts, cause: EpochCause): Promise<void> {
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
    // Given up meanwhile, because it took too long: this node is active again, or somebody else is.
    if (role().role !== 'yielding') return;
    publisher.close();
    witness?.release();
    link.send({ type: 'yield', epoch: last.epoch, lastSeq: last.seq, cause });
  } catch (error) {
    step({ kind: 'handover-failed', reason: messageOf(error) });
    return;
  }
  step({ kind: 'yield-sent' });
}

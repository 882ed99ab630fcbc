import type { EpochEntry } from '../contract/index.js';
import { EMPTY_BATCH, type Frame, type Json, type OlderTail, type PairState, type Put, type StoredMark } from '../image/index.js';
import { CONFIGURATION_HISTORY } from './documents.js';
import { LATE_KEY, oldestSince } from './late-samples.js';

/** What can be said of such a part before the snapshot takes the place of the state, and has to be. */
export interface OwnPast {
  readonly epochs: readonly EpochEntry[];
  readonly lastSeq: number;
  readonly journalFloor: number;
  readonly puts: readonly Put[];
  readonly late: Json | undefined;
  readonly frame: Pick<Frame, 'epoch' | 'revision' | 'pairTimeMs'>;
}

export function ownPast(state: PairState, journalFloor: number): OwnPast {
  return {
    epochs: state.epochs(),
    lastSeq: state.position.seq,
    journalFloor,
    puts: ['command/', CONFIGURATION_HISTORY].flatMap((family) => state.keyed.changedSince(0, family)).filter(({ key, seq = 0 }) => seq < journalFloor && (key.startsWith('command/') || key.startsWith(CONFIGURATION_HISTORY))),
    late: state.keyed.get(LATE_KEY),
    frame: { epoch: state.position.epoch, revision: state.table.revision, pairTimeMs: state.pairTimeMs },
  };
}

/**
 * Rule 9 for a split that outlasted a journal. Where it is that of the node that yields, commands and configurations come from keyed state,
 * as the frames that brought them, and are offered with the tail; journal entries and samples lie on its disk as all others do, and the other node is
 * told from when on to fetch them. Commands that keyed state does not hold any more are in the audit only, and counted.
 * `lacks`: it is (also) that of the node that goes on, so that this one has to fetch from when they parted, and not from its own last frame.
 */
export function olderTail(past: OwnPast, commonSeq: number, lacks: boolean, told: { readonly owes: (fromMs: number, forgottenCommands: number) => StoredMark; readonly lacks: (fromMs: number) => StoredMark }): OlderTail | undefined {
  const { epochs, lastSeq, journalFloor, late, frame } = past;
  const owes = journalFloor > commonSeq + 1;
  if (lastSeq <= commonSeq || !(owes || lacks)) return undefined;
  const apart = past.puts.filter(({ seq = 0 }) => seq > commonSeq);
  const bySeq = new Map<number, Put[]>();
  for (const put of apart) {
    const { seq = 0, value } = put;
    if (value !== null) bySeq.set(seq, [...(bySeq.get(seq) ?? []), put]);
  }
  const forgotten = apart.filter(({ key, value }) => value === null && key.startsWith('command/')).length;
  return {
    epochs,
    frames: [...bySeq].sort(([a], [b]) => a - b).map(([seq, puts]) => ({ ...frame, seq, fromSeq: seq, values: EMPTY_BATCH, samples: EMPTY_BATCH, puts, logs: [] })),
    marks: (commonMs) => [...(owes ? [told.owes(oldestSince(late, commonMs), forgotten)] : []), ...(lacks ? [told.lacks(commonMs)] : [])],
  };
}

import { messageOf } from '../contract/index.js';
import { decodeFrame, EMPTY_TABLE, encodeFrame, type Frame, type PairState } from '../image/index.js';
import { checkpointRows, readCheckpoint } from './checkpoint.js';
import type { Database, Operation } from './database.js';
import type { History } from './history/history.js';
import type { JournalRows } from './journal-rows.js';
import { asideKey, below, markKey, seqOfJournalKey } from './keys.js';
import type { Revisions } from './revisions.js';

/** Where what is found goes. */
interface Parts {
  readonly db: Database;
  readonly history: History;
  readonly rows: JournalRows;
  readonly revisions: Revisions;
}

export interface Loaded {
  /** The node holds less than it once acknowledged. */
  readonly damaged?: string;
  /** Something was damaged, and everything is there all the same. */
  readonly repaired?: string;
  /** Samples of frames that no block on the disk holds yet. */
  readonly blocks: readonly Operation[];
  readonly repairs: readonly Operation[];
}

/**
 * Fills `state` from checkpoint and journal, each frame under the configuration that it was written under, then puts
 * `state` under its own table again; one that began with {@link EMPTY_TABLE} keeps that of the last frame. What can be
 * read beyond a damage is set aside, and the mark says `following` from then on: this node holds less than it has acknowledged.
 */
export async function load(state: PairState, { db, history, rows, revisions }: Parts): Promise<Loaded> {
  const present = state.table;
  const under = async (revision: string): Promise<void> => {
    if (state.table.revision !== revision) state.retable(await revisions.of(revision));
  };
  let damaged: string | undefined;
  await history.load();
  const checkpoint = await readCheckpoint(db);
  if (checkpoint.frame !== undefined) {
    await under(checkpoint.frame.revision);
    state.apply(checkpoint.frame);
  } else if (checkpoint.damaged.length > 0) damaged = `checkpoint: ${checkpoint.damaged.join('; ')}`;
  const repaired = checkpoint.damaged.map((text) => `checkpoint: ${text}`);
  const repairs: Operation[] = checkpoint.frame !== undefined && checkpoint.damaged.length > 0 ? checkpointRows(encodeFrame(checkpoint.frame)) : [];
  const blocks: Operation[] = [];
  let aside: string | undefined;
  try {
    for await (const [key, bytes] of db.iterator(below('j!'))) {
      let frame: Frame | undefined;
      try {
        frame = decodeFrame(bytes);
        // A checkpoint that is gone, and the journal reaches back to the very beginning.
        if (damaged?.startsWith('checkpoint') === true && rows.floor === undefined && aside === undefined && frame.fromSeq === 1) damaged = undefined;
        if (damaged === undefined) {
          if (frame.seq > state.position.seq) {
            await under(frame.revision);
            state.apply(frame);
            // Blocks filled again here are written again with the same samples; a query drops the twins.
            blocks.push(...history.add(frame.samples, state.table));
          }
          rows.note(frame, bytes.length);
          continue;
        }
      } catch (error) {
        const seq = seqOfJournalKey(key);
        if (seq <= state.position.seq) {
          // The checkpoint knows what it said; what lies below is of no use to a follower any more.
          repaired.push(`journal at frame ${seq}: ${messageOf(error)}`);
          repairs.push(...rows.dropAll(), { type: 'del', key });
          continue;
        }
        damaged ??= `journal after frame ${state.position.seq}: ${messageOf(error)}`;
      }
      repairs.push({ type: 'del', key });
      if (frame === undefined || frame.seq <= state.position.seq) continue;
      aside ??= `${frame.epoch.nonce}-${frame.seq}`;
      repairs.push({ type: 'put', key: asideKey(aside, frame.seq), value: bytes });
    }
  } catch (error) {
    // The database itself cannot read on.
    damaged ??= `journal after frame ${state.position.seq}: ${messageOf(error)}`;
  }
  // In one batch with what hides the damage from the next start: that one would take the old mark for its word (story 100697).
  if (damaged !== undefined) repairs.push({ type: 'put', key: markKey('mark'), value: Buffer.from(JSON.stringify('following')) });
  if (present !== EMPTY_TABLE) state.retable(present);
  revisions.enter(state.table);
  return {
    blocks,
    repairs,
    ...(damaged === undefined ? {} : { damaged }),
    ...(damaged !== undefined || repaired.length === 0 ? {} : { repaired: repaired.join('; ') }),
  };
}

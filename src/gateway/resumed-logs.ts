import { seqInLine, type LogEntry, type PairState } from '../image/index.js';
import type { Store } from '../store/index.js';

/**
 * Log entries after `fromSeq` up to `toSeq` as the journal has them, frame by frame, for a client that goes on where it was.
 * @throws RangeError where the journal has let go of them meanwhile
 */
export async function* logsBetween(store: Store, state: PairState, fromSeq: number, toSeq: number): AsyncGenerator<readonly LogEntry[]> {
  if (fromSeq >= toSeq) return;
  await store.whenDurable(toSeq);
  if (fromSeq + 1 < store.journalFloor) throw new RangeError(`the journal does not reach back to frame ${fromSeq} any more`);
  const epochs = state.epochs();
  // A merged frame may begin before: what it says of that time has been told.
  for await (const frame of store.frames(fromSeq, toSeq)) yield frame.fromSeq > fromSeq ? frame.logs : frame.logs.filter(({ id }) => (seqInLine(id, epochs) ?? Infinity) > fromSeq);
}

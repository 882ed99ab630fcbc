import type { EpochEntry } from '../contract/index.js';
import { encodeFrame, seqInLine, type LogEntry, type OlderTail } from '../image/index.js';
import type { Database, Operation } from './database.js';
import { asideKey, below, logKey, markKey } from './keys.js';

export async function olderTailRows(db: Database, { epochs, frames, marks }: OlderTail, commonSeq: number, nonce: string): Promise<Operation[]> {
  const written = marks(await lastInCommon(db, epochs, commonSeq));
  return [
    ...frames.map((frame): Operation => ({ type: 'put', key: asideKey(nonce, frame.seq), value: encodeFrame(frame) })),
    ...written.map(({ what, value }): Operation => ({ type: 'put', key: markKey(what), value: Buffer.from(JSON.stringify(value)) })),
  ];
}

/** Of each kind the newest entry tells; retention may have left none. */
async function lastInCommon(db: Database, epochs: readonly EpochEntry[], commonSeq: number): Promise<number> {
  let newestMs = 0;
  for await (const kind of kinds(db)) {
    for (const { number } of [...epochs].reverse()) {
      const found = await newestOf(db, kind, number, epochs, commonSeq);
      if (found === undefined) continue;
      newestMs = Math.max(newestMs, found);
      break;
    }
  }
  return newestMs;
}

async function newestOf(db: Database, kind: string, epoch: number, epochs: readonly EpochEntry[], commonSeq: number): Promise<number | undefined> {
  for await (const bytes of db.values({ gte: logKey(kind, `${epoch}.0.0.`), lt: logKey(kind, `${epoch}.${commonSeq + 1}.0.`), reverse: true })) {
    const { id, timeMs } = JSON.parse(bytes.toString('utf8')) as LogEntry;
    // What was written apart and has been merged has the clock of another line.
    if (seqInLine(id, epochs) !== undefined) return timeMs;
  }
  return undefined;
}

async function* kinds(db: Database): AsyncGenerator<string> {
  const all = below('l!');
  let { gte } = all;
  for (;;) {
    const [key] = await db.keys({ gte, lt: all.lt, limit: 1 }).all();
    const kind = key?.split('!')[1];
    if (kind === undefined) return;
    yield kind;
    gte = below(`l!${kind}!`).lt;
  }
}

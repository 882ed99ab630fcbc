import { Subject, type Observable } from 'rxjs';
import { TandemError, messageOf, type Log } from '../contract/index.js';
import { decodeFrame, EMPTY_BATCH, EMPTY_TABLE, encodeFrame, encodeInTurns, type Frame, type Json, type LogEntry, type OlderTail, type PairState, type PointTable } from '../image/index.js';
import { checkpointRows, readCheckpoint } from './checkpoint.js';
import { DURABLY, type Database, type Operation } from './database.js';
import { digestPage, type DigestRequest, type PointDigest } from './history/digest.js';
import { operationsFor, pageOf, type Cursor, type Piece } from './history/exchange.js';
import { EventLog } from './event-log.js';
import { History } from './history/history.js';
import { prune, type RetentionRules } from './history/retention.js';
import { LineQueue } from './line-queue.js';
import { logPage } from './log-page.js';
import { olderTailRows } from './older-tail.js';
import { asideKey, below, journalKey, logKey, markKey, namesKey } from './keys.js';
import { remapFrame } from './remap.js';
import { snapshotOf } from './snapshot.js';
import { decodeTable, encodeTable } from './table-row.js';

export interface StoreOptions {
  readonly db: Database;
  readonly table: PointTable;
  readonly log: Log;
  /** Journal kept below the checkpoint, for followers and clients that resume. */
  readonly journalBytes: number;
  /** Lets the event loop turn while something long is prepared; without it that is done in one go. */
  readonly breathe?: () => Promise<void>;
}

/**
 * The disk of a node: journal, checkpoint, history, logs. Writes are grouped: while one batch is being synced
 * the next one gathers, so that a busy node pays for one fsync per turn and not per frame. A write that fails
 * is never retried: whether an fsync that failed has lost what it was for cannot be known.
 */
export class Store {
  readonly history: History;
  /** Decisions of this node with their evidence. */
  readonly events: EventLog;
  private readonly durable = new Subject<number>();
  private readonly failures = new Subject<TandemError>();
  private queue = new LineQueue(0);
  /** Bytes of frames in the write under way. */
  private writingBytes = 0;
  /** Snapshots that are on their way to disk: what follows them waits. */
  private swaps = 0;
  private durableUpTo = 0;
  private writing: Promise<void> | undefined;
  private broken: TandemError | undefined;
  private rows: { seq: number; bytes: number; revision: string }[] = [];
  private journalSize = 0;
  private sinceCheckpoint = 0;
  /** How often a snapshot took the place of everything. */
  private replaced = 0;
  /** Of revisions that frames in the store are of. */
  private readonly tables = new Map<string, PointTable>();
  private table: PointTable;
  /** Goes to disk together with the first frame that needs it. */
  private tableRows: Operation[] = [];

  constructor(private readonly options: StoreOptions) {
    this.table = options.table;
    this.events = new EventLog(options.db, options.log);
    this.history = new History(options.db);
  }

  /** Last frame that is synced to disk. */
  get durableSeq(): number {
    return this.durableUpTo;
  }

  get durable$(): Observable<number> {
    return this.durable;
  }

  /** At most one: the store takes nothing more after it. */
  get failed$(): Observable<TandemError> {
    return this.failures;
  }

  /** First frame that the journal still holds. */
  get journalFloor(): number {
    return this.rows[0]?.seq ?? this.queue.seq + 1;
  }

  /** Bytes of frames that are not on the disk yet: what a slow disk keeps in memory. */
  get unwrittenBytes(): number {
    return this.queue.bytes + this.writingBytes;
  }

  /** Bytes of journal since the last checkpoint; a reason to take the next one. */
  get bytesSinceCheckpoint(): number {
    return this.sinceCheckpoint;
  }

  /**
   * Fills `state` from checkpoint and journal, each frame under the configuration that it was written under, then puts
   * `state` under its own table again; one that began with {@link EMPTY_TABLE} keeps that of the last frame.
   *
   * `repaired`: something was damaged, and everything is there all the same. `damaged`: the node holds less than it once
   * acknowledged and must not count itself in sync; what can still be read beyond the damage is set aside, to be merged
   * like any other tail that is not part of the pair's history.
   */
  async load(state: PairState): Promise<{ damaged?: string; repaired?: string }> {
    const { db } = this.options;
    const present = state.table;
    const under = async (revision: string): Promise<void> => {
      if (state.table.revision !== revision) state.retable(await this.tableOf(revision));
    };
    let damaged: string | undefined;
    await this.history.load();
    const checkpoint = await readCheckpoint(db);
    if (checkpoint.frame !== undefined) {
      await under(checkpoint.frame.revision);
      state.apply(checkpoint.frame);
    } else if (checkpoint.damaged.length > 0) damaged = `checkpoint: ${checkpoint.damaged.join('; ')}`;
    const repaired = checkpoint.damaged.map((text) => `checkpoint: ${text}`);
    const operations: Operation[] = checkpoint.frame !== undefined && checkpoint.damaged.length > 0 ? checkpointRows(encodeFrame(checkpoint.frame)) : [];
    let aside: string | undefined;
    try {
      for await (const [key, bytes] of db.iterator(below('j!'))) {
        let frame: Frame | undefined;
        try {
          frame = decodeFrame(bytes);
          // A checkpoint that is gone, and the journal reaches back to the very beginning.
          if (damaged?.startsWith('checkpoint') === true && this.rows.length === 0 && aside === undefined && frame.fromSeq === 1) damaged = undefined;
          if (damaged === undefined) {
            if (frame.seq > state.position.seq) {
              await under(frame.revision);
              state.apply(frame);
              // Blocks filled again here are written again with the same samples; a query drops the twins.
              this.queue.operations.push(...this.history.add(frame.samples, state.table));
            }
            this.note(frame, bytes.length);
            continue;
          }
        } catch (error) {
          if (seqOf(key) <= state.position.seq) {
            // The checkpoint knows what it said; what lies below is of no use to a follower any more.
            repaired.push(`journal at frame ${seqOf(key)}: ${messageOf(error)}`);
            operations.push(...this.rows.splice(0).map(({ seq }): Operation => ({ type: 'del', key: journalKey(seq) })), { type: 'del', key });
            this.journalSize = 0;
            continue;
          }
          damaged ??= `journal after frame ${state.position.seq}: ${messageOf(error)}`;
        }
        operations.push({ type: 'del', key });
        if (frame === undefined || frame.seq <= state.position.seq) continue;
        aside ??= `${frame.epoch.nonce}-${frame.seq}`;
        operations.push({ type: 'put', key: asideKey(aside, frame.seq), value: bytes });
      }
    } catch (error) {
      // The database itself cannot read on.
      damaged ??= `journal after frame ${state.position.seq}: ${messageOf(error)}`;
    }
    if (present !== EMPTY_TABLE) state.retable(present);
    this.retable(state.table);
    this.queue.seq = this.durableUpTo = state.position.seq;
    const blocks = this.queue.operations.splice(0);
    await db.batch([...this.tableRows.splice(0), ...blocks, ...operations], DURABLY);
    this.history.landed(blocks);
    if (damaged !== undefined) return { damaged };
    return repaired.length === 0 ? {} : { repaired: repaired.join('; ') };
  }

  /** Frames that are appended from now on are of this table; what it says goes to disk with the first of them. */
  retable(table: PointTable): void {
    this.table = table;
    if (table === EMPTY_TABLE) return;
    this.tables.set(table.revision, table);
    this.tableRows.push({ type: 'put', key: namesKey(table.revision), value: encodeTable(table) });
  }

  /** Queues a frame. {@link whenDurable} tells when it is on disk. */
  append(frame: Frame, bytes: Buffer): void {
    if (this.broken !== undefined) return;
    const { queue } = this;
    queue.operations.push(...this.tableRows.splice(0), { type: 'put', key: journalKey(frame.seq), value: bytes });
    queue.operations.push(...frame.logs.map(logRow), ...this.history.add(frame.samples, this.table));
    queue.seq = frame.seq;
    queue.bytes += bytes.length;
    this.sinceCheckpoint += bytes.length;
    this.note(frame, bytes.length);
    this.write();
  }

  /** Resolves when every frame up to `seq` is synced to disk; rejects with STORE_FAILED. */
  async whenDurable(seq: number): Promise<void> {
    this.mustBeSound();
    if (seq <= this.durableUpTo) return;
    return new Promise((resolve, reject) => this.queue.waiters.push({ seq, resolve, reject }));
  }

  /**
   * Takes a snapshot frame in place of everything, in one atomic batch. Frames after `commonSeq` that this node
   * holds and the pair does not are set aside, not dropped (rule 9); `older` is what is left of those that the journal has let go of.
   */
  async replace(frame: Frame, bytes: Buffer, commonSeq: number, nonce: string, older?: OlderTail): Promise<void> {
    this.mustBeSound();
    // From this instant on frames follow the snapshot, whatever the disk is still busy with: written before it, they would take
    // the place of frames of the same numbers that are to be set aside, and be swept away by it (story 7602).
    const former = this.queue;
    this.queue = new LineQueue(frame.seq);
    this.queue.takeWaiters(former);
    this.swaps++;
    this.replaced++;
    this.rows = [];
    this.journalSize = this.sinceCheckpoint = 0;
    this.durableUpTo = Math.min(this.durableUpTo, commonSeq);
    try {
      while (this.writing !== undefined) await this.writing;
      this.mustBeSound();
      this.writing = this.flush(former).then(async () => this.swap(frame, bytes, commonSeq, nonce, older)).finally(() => (this.writing = undefined));
      await this.writing;
    } finally {
      this.swaps--;
      this.write();
    }
    this.mustBeSound();
  }

  private async swap(frame: Frame, bytes: Buffer, commonSeq: number, nonce: string, older?: OlderTail): Promise<void> {
    if (this.broken !== undefined) return;
    const operations: Operation[] = [...this.tableRows.splice(0), ...checkpointRows(bytes), ...frame.logs.map(logRow), ...this.history.add(frame.samples, this.table), ...[...this.history.flush()].flat()];
    try {
      for await (const [key, row] of this.options.db.iterator(below('j!'))) {
        const seq = seqOf(key);
        if (seq > commonSeq) operations.push({ type: 'put', key: asideKey(nonce, seq), value: row });
        operations.push({ type: 'del', key });
      }
      if (older !== undefined) operations.push(...(await olderTailRows(this.options.db, older, commonSeq, nonce)));
      await this.options.db.batch(operations, DURABLY);
    } catch (cause) {
      this.fail(cause);
      return;
    }
    this.history.landed(operations);
    this.durableUpTo = frame.seq;
    this.queue.resolve(frame.seq);
    this.durable.next(frame.seq);
  }

  /** Writes the state as one frame and lets go of journal beyond the size to keep. */
  async checkpoint(state: PairState): Promise<void> {
    this.sinceCheckpoint = 0;
    const tableKeys = await this.options.db.keys(below(namesKey(''))).all();
    const hasAside = (await this.asideCount()) > 0;
    const { replaced, table } = this;
    const image = snapshotOf(state);
    const bytes = await encodeInTurns(image, this.options.breathe ?? (async () => undefined));
    // The samples first, a slice at a time: no journal row goes, and no checkpoint stands for it, before they are there.
    for (const slice of this.history.flush()) {
      this.queue.operations.push(...slice);
      this.write();
      await this.settle();
    }
    // A snapshot or another configuration has come meanwhile: this image is not the pair's any more.
    if (replaced !== this.replaced || table !== this.table) return;
    // From here on in one go: what is appended meanwhile must not slip between what belongs together.
    const operations: Operation[] = [...this.tableRows.splice(0), ...checkpointRows(bytes)];
    let drop = 0;
    while (this.journalSize > this.options.journalBytes && (this.rows[drop]?.seq ?? Infinity) < image.seq) {
      const row = this.rows[drop++];
      this.journalSize -= row?.bytes ?? 0;
      operations.push({ type: 'del', key: journalKey(row?.seq ?? 0) });
    }
    this.rows.splice(0, drop);
    if (!hasAside) operations.push(...this.forgetTables(tableKeys));
    this.queue.operations.push(...operations);
    this.write();
    await this.settle();
  }

  /** Frames after `fromSeq` up to `toSeq`, oldest first. They must be durable already. */
  async *frames(fromSeq: number, toSeq: number): AsyncGenerator<Frame> {
    for await (const bytes of this.options.db.values({ gt: journalKey(fromSeq), lte: journalKey(toSeq) })) yield decodeFrame(bytes);
  }

  /** Log entries of a kind, newest first; only those before an entry, where one is named. */
  async logs(kind: string, limit: number, before?: string): Promise<LogEntry[]> {
    const entries: LogEntry[] = [];
    const range = below(`l!${kind}!`);
    for await (const bytes of this.options.db.values({ gte: range.gte, lt: before === undefined ? range.lt : logKey(kind, before), reverse: true, limit })) entries.push(JSON.parse(bytes.toString('utf8')) as LogEntry);
    return entries;
  }

  /** Log entries of a kind, newest first, older than the one with the id `before`. What is written meanwhile may be missing. */
  async *logEntries(kind: string, before?: string): AsyncGenerator<LogEntry> {
    const { gte, lt } = below(`l!${kind}!`);
    for await (const bytes of this.options.db.values({ gte, lt: before === undefined ? lt : logKey(kind, before), reverse: true })) yield JSON.parse(bytes.toString('utf8')) as LogEntry;
  }

  /** Frames set aside because the pair's history does not contain them. */
  async asideCount(): Promise<number> {
    return (await this.options.db.keys(below('x!')).all()).length;
  }

  /** The tails that were set aside, by the nonce under which they lie. */
  async asideForks(): Promise<string[]> {
    const keys = await this.options.db.keys(below('x!')).all();
    return [...new Set(keys.map((key) => key.split('!')[1] ?? ''))];
  }

  /** Frames of one tail after `afterSeq`, oldest first, as the present configuration says them. */
  async asideFrames(fork: string, afterSeq: number, limit: number): Promise<Frame[]> {
    const frames: Frame[] = [];
    const range = { gt: asideKey(fork, afterSeq), lt: below(`x!${fork}!`).lt, limit };
    for await (const bytes of this.options.db.values(range)) {
      frames.push(await this.inPresentTerms(decodeFrame(bytes)));
    }
    return frames;
  }

  /** Log entries and trend samples of the frames after `fromSeq` up to `toSeq`, as the present configuration says them. */
  async *records(fromSeq: number, toSeq: number): AsyncGenerator<Frame> {
    for await (const frame of this.frames(fromSeq, toSeq)) {
      // Values and keys may be of points and definitions that are gone; what matters of them is in the state.
      yield this.inPresentTerms({ ...frame, values: EMPTY_BATCH, puts: [] });
    }
  }

  /** Forgets a tail; it has been merged, and both nodes hold it. */
  async dropAside(fork: string): Promise<void> {
    const keys = await this.options.db.keys(below(`x!${fork}!`)).all();
    await this.options.db.batch(keys.map((key): Operation => ({ type: 'del', key })), DURABLY);
  }

  /** See {@link pageOf}. */
  async historyPage(cursor: Cursor | undefined, fromMs: number, toMs: number, bytes: number): Promise<{ pieces: readonly Piece[]; next?: Cursor }> {
    return pageOf(this.history, this.options.db, cursor, fromMs, toMs, bytes);
  }

  /** See {@link digestPage}. */
  async historyDigests(request: DigestRequest): Promise<{ points: PointDigest[]; next?: string }> {
    return digestPage(this.history, this.options.db, request);
  }

  /** Stores those of the samples that are not there yet; durable when it resolves. @throws STORE_CORRUPT, STORE_FAILED */
  async addHistory(pieces: readonly Piece[]): Promise<number> {
    this.mustBeSound();
    const { operations, added } = await operationsFor(this.history, this.options.db, pieces);
    try {
      if (operations.length > 0) await this.options.db.batch(operations, DURABLY);
    } catch (cause) {
      this.fail(cause);
      this.mustBeSound();
    }
    return added;
  }

  /** See {@link prune}. */
  async prune(rules: RetentionRules, nowMs: number): Promise<number> {
    return prune(this.options.db, rules, nowMs);
  }

  /** See {@link logPage}. */
  async logPage(before: string | undefined, fromMs: number, toMs: number, bytes: number): Promise<{ entries: LogEntry[]; next?: string }> {
    return logPage(this.options.db, before, fromMs, toMs, bytes);
  }

  /** Stores those of the entries that are not there yet; durable when it resolves with their number. @throws STORE_FAILED */
  async addLogs(entries: readonly LogEntry[]): Promise<number> {
    this.mustBeSound();
    const missing: LogEntry[] = [];
    for (const entry of entries) if (!(await this.hasLog(entry.kind, entry.id))) missing.push(entry);
    try {
      if (missing.length > 0) await this.options.db.batch(missing.map(logRow), DURABLY);
    } catch (cause) {
      this.fail(cause);
      this.mustBeSound();
    }
    return missing.length;
  }

  async hasLog(kind: string, id: string): Promise<boolean> {
    return (await this.options.db.get(logKey(kind, id))) !== undefined;
  }

  async readMark(what: string): Promise<Json | undefined> {
    const bytes = await this.options.db.get(markKey(what));
    return bytes === undefined ? undefined : (JSON.parse(bytes.toString('utf8')) as Json);
  }

  /** Durable when it resolves. */
  async writeMark(what: string, value: Json): Promise<void> {
    this.mustBeSound();
    try {
      await this.options.db.put(markKey(what), Buffer.from(JSON.stringify(value)), DURABLY);
    } catch (cause) {
      this.fail(cause);
      this.mustBeSound();
    }
  }

  /** Resolves when nothing is queued any more. */
  async settle(): Promise<void> {
    while (this.writing !== undefined) await this.writing;
  }

  async close(): Promise<void> {
    await this.settle();
    await this.events.settle();
    await this.options.db.close();
  }

  private async inPresentTerms(frame: Frame): Promise<Frame> {
    return frame.revision === this.table.revision ? frame : remapFrame(frame, await this.tableOf(frame.revision), this.table);
  }

  /** What is known of the points of a revision, in id order. */
  private async tableOf(revision: string): Promise<PointTable> {
    const known = this.tables.get(revision);
    if (known !== undefined) return known;
    const table = decodeTable(revision, await this.options.db.get(namesKey(revision)));
    this.tables.set(revision, table);
    return table;
  }

  /** Tables that no frame in the store is of any more. (While a tail lies aside, all are kept: it may be of any.) */
  private forgetTables(keys: readonly string[]): Operation[] {
    const needed = new Set([this.table.revision]);
    for (const { revision } of this.rows) needed.add(revision);
    for (const revision of this.tables.keys()) if (!needed.has(revision)) this.tables.delete(revision);
    return keys.filter((key) => !needed.has(key.slice(namesKey('').length))).map((key) => ({ type: 'del', key }));
  }

  private note({ seq, revision }: Frame, bytes: number): void {
    this.rows.push({ seq, bytes, revision });
    this.journalSize += bytes;
  }

  private write(): void {
    if (this.writing !== undefined || this.broken !== undefined || this.swaps > 0 || this.queue.operations.length === 0) return;
    this.writing = this.flush(this.queue).finally(() => {
      this.writing = undefined;
      // What came in the last turn of the loop.
      this.write();
    });
  }

  private async flush(queue: LineQueue): Promise<void> {
    while (queue.operations.length > 0 && this.broken === undefined) {
      const { operations, seq } = queue;
      queue.operations = [];
      this.writingBytes = queue.bytes;
      queue.bytes = 0;
      try {
        await this.options.db.batch(operations, DURABLY);
      } catch (cause) {
        this.fail(cause, queue);
        return;
      }
      this.writingBytes = 0;
      this.history.landed(operations);
      queue.resolve(seq);
      // A snapshot has come: what this frame is called is not what it is called in the pair's history.
      if (queue !== this.queue) continue;
      this.durableUpTo = seq;
      this.durable.next(seq);
    }
  }

  private mustBeSound(): void {
    if (this.broken !== undefined) throw this.broken;
  }

  private fail(cause: unknown, queue = this.queue): void {
    if (this.broken !== undefined) return;
    this.broken = new TandemError('STORE_FAILED', `the disk refused a write (${messageOf(cause)}); free space or replace it, then start the node again`, { cause });
    for (const waiter of [...queue.waiters.splice(0), ...this.queue.waiters.splice(0)]) waiter.reject(this.broken);
    this.failures.next(this.broken);
  }
}

/** The frame that a row of the journal is of. */
function seqOf(key: string): number {
  return Number.parseInt(key.slice(2), 16);
}

function logRow(entry: LogEntry): Operation {
  return { type: 'put', key: logKey(entry.kind, entry.id), value: Buffer.from(JSON.stringify(entry)) };
}

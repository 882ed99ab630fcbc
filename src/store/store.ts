import { Subject, type Observable } from 'rxjs';
import { TandemError, isTandemError, messageOf, type Log } from '../contract/index.js';
import { decodeFrame, EMPTY_BATCH, encodeInTurns, type Frame, type Json, type LogEntry, type OlderTail, type PairState, type PointTable } from '../image/index.js';
import { AsideTails } from './aside.js';
import { checkpointRows } from './checkpoint.js';
import { DURABLY, type Database, type Operation } from './database.js';
import { digestPage, type DigestRequest, type PointDigest } from './history/digest.js';
import { operationsFor, pageOf, type Cursor, type Piece } from './history/exchange.js';
import { EventLog } from './event-log.js';
import { History } from './history/history.js';
import { prune, type RetentionRules } from './history/retention.js';
import { JournalRows } from './journal-rows.js';
import { asideKey, below, journalKey, markKey, seqOfJournalKey } from './keys.js';
import { LineQueue } from './line-queue.js';
import { load } from './load.js';
import { logPage } from './log-page.js';
import { WAY_OUT } from './open-level.js';
import { hasLog, logRow, logRows } from './log-rows.js';
import { olderTailRows } from './older-tail.js';
import { Revisions } from './revisions.js';
import { snapshotOf } from './snapshot.js';

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
  readonly aside: AsideTails;
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
  private readonly rows = new JournalRows();
  private sinceCheckpoint = 0;
  /** How often a snapshot took the place of everything. */
  private replaced = 0;
  private readonly revisions: Revisions;

  constructor(private readonly options: StoreOptions) {
    this.revisions = new Revisions(options.db, options.table);
    this.aside = new AsideTails(options.db, this.revisions);
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
    return this.rows.floor ?? this.queue.seq + 1;
  }

  /** First of the newest frames of the journal that are `bytes` at the most. */
  journalFloorWithin(bytes: number): number {
    return this.rows.floorWithin(bytes) ?? this.queue.seq + 1;
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
   * Fills `state` from checkpoint and journal: see {@link load}.
   *
   * `repaired`: something was damaged, and everything is there all the same. `damaged`: the node holds less than it once
   * acknowledged and must not count itself in sync; what can still be read beyond the damage is set aside, to be merged
   * like any other tail that is not part of the pair's history.
   *
   * @throws STORE_FAILED where the database cannot be read or written at all; it is closed then
   */
  async load(state: PairState): Promise<{ damaged?: string; repaired?: string }> {
    const { db } = this.options;
    try {
      const { blocks, repairs, ...found } = await load(state, { db, history: this.history, rows: this.rows, revisions: this.revisions });
      this.queue.seq = this.durableUpTo = state.position.seq;
      await db.batch([...this.revisions.takeRows(), ...blocks, ...repairs], DURABLY);
      this.history.landed(blocks);
      return found;
    } catch (cause) {
      await db.close();
      throw isTandemError(cause) ? cause : new TandemError('STORE_FAILED', `the stored state cannot be read: ${messageOf(cause)}; ${WAY_OUT}`, { cause });
    }
  }

  /** Frames that are appended from now on are of this table. */
  retable(table: PointTable): void {
    this.revisions.enter(table);
  }

  /** Queues a frame. {@link whenDurable} tells when it is on disk. */
  append(frame: Frame, bytes: Buffer): void {
    if (this.broken !== undefined) return;
    const { queue } = this;
    queue.operations.push(...this.revisions.takeRows(), { type: 'put', key: journalKey(frame.seq), value: bytes });
    queue.operations.push(...frame.logs.map(logRow), ...this.history.add(frame.samples, this.revisions.table));
    queue.seq = frame.seq;
    queue.bytes += bytes.length;
    this.sinceCheckpoint += bytes.length;
    this.rows.note(frame, bytes.length);
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
    this.rows.clear();
    this.sinceCheckpoint = 0;
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
    const operations: Operation[] = [...this.revisions.takeRows(), ...checkpointRows(bytes), ...frame.logs.map(logRow), ...this.history.add(frame.samples, this.revisions.table), ...[...this.history.flush()].flat()];
    try {
      for await (const [key, row] of this.options.db.iterator(below('j!'))) {
        const seq = seqOfJournalKey(key);
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
    const tableKeys = await this.revisions.keys();
    // While a tail lies aside, all tables are kept: it may be of any.
    const hasAside = (await this.aside.count()) > 0;
    const { replaced, revisions: { table } } = this;
    const image = snapshotOf(state);
    const bytes = await encodeInTurns(image, this.options.breathe ?? (async () => undefined));
    // The samples first, a slice at a time: no journal row goes, and no checkpoint stands for it, before they are there.
    for (const slice of this.history.flush()) {
      this.queue.operations.push(...slice);
      this.write();
      await this.settle();
    }
    // A snapshot or another configuration has come meanwhile: this image is not the pair's any more.
    if (replaced !== this.replaced || table !== this.revisions.table) return;
    // From here on in one go: what is appended meanwhile must not slip between what belongs together.
    const operations: Operation[] = [...this.revisions.takeRows(), ...checkpointRows(bytes), ...this.rows.dropDownTo(this.options.journalBytes, image.seq)];
    if (!hasAside) operations.push(...this.revisions.forget(tableKeys, this.rows.revisions()));
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
    for await (const entry of logRows(this.options.db, kind, before, limit)) entries.push(entry);
    return entries;
  }

  /** See {@link logRows}. */
  logEntries(kind: string, before?: string): AsyncGenerator<LogEntry> {
    return logRows(this.options.db, kind, before);
  }

  /** Log entries and trend samples of the frames after `fromSeq` up to `toSeq`, as the present configuration says them. */
  async *records(fromSeq: number, toSeq: number): AsyncGenerator<Frame> {
    for await (const frame of this.frames(fromSeq, toSeq)) {
      // Values and keys may be of points and definitions that are gone; what matters of them is in the state.
      yield this.revisions.inPresentTerms({ ...frame, values: EMPTY_BATCH, puts: [] });
    }
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
    await this.put(operations);
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
    await this.put(missing.map(logRow));
    return missing.length;
  }

  async hasLog(kind: string, id: string): Promise<boolean> {
    return hasLog(this.options.db, kind, id);
  }

  async readMark(what: string): Promise<Json | undefined> {
    const bytes = await this.options.db.get(markKey(what));
    return bytes === undefined ? undefined : (JSON.parse(bytes.toString('utf8')) as Json);
  }

  /** Durable when it resolves. */
  async writeMark(what: string, value: Json): Promise<void> {
    this.mustBeSound();
    await this.put([{ type: 'put', key: markKey(what), value: Buffer.from(JSON.stringify(value)) }]);
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

  /** Beside the line of frames; durable when it resolves. @throws STORE_FAILED */
  private async put(operations: Operation[]): Promise<void> {
    if (operations.length === 0) return;
    try {
      await this.options.db.batch(operations, DURABLY);
    } catch (cause) {
      this.fail(cause);
      this.mustBeSound();
    }
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

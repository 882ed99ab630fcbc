import { sameEpoch, type ActivityProgress, type Epoch, type Log, type Position, type Timers } from '../contract/index.js';
import { commonSeqOf, encodeInTurns, FrameMerger, hasAdopted, standingOf, type EpochStart, type Frame, type PairState } from '../image/index.js';
import type { Journal } from './journal.js';
import type { LinkMessage } from './link-messages.js';

export interface LeaderOptions {
  readonly state: PairState;
  readonly journal: Journal;
  readonly timers: Timers;
  /** Monotonic. */
  readonly nowMs: () => number;
  readonly log: Log;
  readonly epoch: Epoch;
  readonly send: (message: LinkMessage) => void;
  readonly sendFrame: (bytes: Uint8Array) => void;
  readonly bufferedBytes: () => number;
  /** Frames what is pending, so that the image may be read as of the returned frame. */
  readonly cut: () => number;
  /** The state as one frame that replaces. */
  readonly snapshot: () => Frame;
  /** The follower holds everything and has been told that it counts; or it does not count any more. */
  readonly onInSync: (inSync: boolean) => void;
  readonly onAck: (applied: number) => void;
  /** Durable when it resolves. */
  readonly writeMark: (mark: 'paired' | 'alone') => Promise<void>;
  /** It only reads: nothing ever waits for it, and it may never take over (rule 4). */
  readonly neverCounts?: true;
}

/** What became of a wait for the follower's disk. */
export type Held = 'held' | 'lost';

/** Above this the link is full: live frames stop, and the follower is fed from the journal in merged frames. */
const FULL_BYTES = 1 << 20;
const DRAINED_BYTES = 1 << 18;
const BACKLOG_BYTES = 8 << 20;
/** What the follower may have got and not have on its disk: a slow disk there must not fill its memory. */
const UNHELD_BYTES = 16 << 20;
const CHUNK_FRAMES = 256;
/** {@link FrameMerger.weight} of a merged frame. */
const CHUNK_WEIGHT = 100_000;
/** Journal of which a snapshot brings entries and samples; what lies before is fetched page by page, behind the live frames. */
const SNAPSHOT_JOURNAL_BYTES = 16 << 20;
/** When a follower that took itself out is asked again. */
const ASK_AGAIN_MS = 1_000;

/** What the active does for one follower, from its `follow` until it goes: catch-up, live frames, the in-sync set. */
export class Leader {
  applied = 0;
  durable = 0;
  private live = false;
  private ended = false;
  private sentSeq = 0;
  private backlog: { seq: number; bytes: Uint8Array }[] = [];
  private backlogBytes = 0;
  private backlogFrom = Infinity;
  /** Sent, and not known to be on the follower's disk. */
  private readonly unheld: { seq: number; bytes: number }[] = [];
  private unheldBytes = 0;
  private admitSeq = Infinity;
  /** What the follower was behind by when it began, or fell behind; since when. */
  private missing: { readonly fromSeq: number; readonly sinceMs: number } | undefined;
  /** Who has this on disk was not left behind any more. */
  private caughtUpSeq = Infinity;
  private making = false;
  private snapshot: { readonly seq: number; readonly bytes: number } | undefined;
  private asked = false;
  private inSet = false;
  private waiters: { seq: number; done: (outcome: Held) => void }[] = [];

  constructor(private readonly options: LeaderOptions) {}

  get inSync(): boolean {
    return this.inSet;
  }

  /** Whether the follower may count itself in sync: from the moment that it is asked, not from its answer on. */
  get counts(): boolean {
    return this.asked;
  }

  get lagFrames(): number {
    return Math.max(0, this.options.state.position.seq - this.applied);
  }

  /** How far it is with what the follower was missing; undefined once that has all of it. */
  get progress(): (ActivityProgress & { readonly sinceMs: number }) | undefined {
    const { missing, snapshot, options } = this;
    if (this.ended || missing === undefined) return undefined;
    const { sinceMs, fromSeq } = missing;
    if (this.making) return { step: 'snapshot-make', sinceMs };
    if (snapshot !== undefined && this.durable < snapshot.seq) {
      const left = Math.min(snapshot.bytes, options.bufferedBytes());
      return left > 0 ? { step: 'snapshot-send', done: snapshot.bytes - left, total: snapshot.bytes, unit: 'bytes', sinceMs } : { step: 'snapshot-store', sinceMs };
    }
    const total = options.state.position.seq - fromSeq;
    if (total <= 0) return { step: 'catch-up', sinceMs };
    return { step: 'catch-up', done: Math.min(total, Math.max(0, this.applied - fromSeq)), total, unit: 'frames', sinceMs };
  }

  /** Begins to feed a follower that holds everything up to `position`; `epochs` are the activations that it knows of. */
  async follow(position: Position, epochs: readonly EpochStart[] = []): Promise<void> {
    const { state, journal, send, log } = this.options;
    const standing = standingOf(position, state.epochs(), state.position.seq);
    this.missing = { fromSeq: position.seq, sinceMs: this.options.nowMs() };
    const reachable = standing.kind === 'inside' && position.seq + 1 >= journal.journalFloor && position.seq >= state.keyed.tombstoneFloor;
    if (reachable) {
      log.info(`the standby resumes after frame ${position.seq}`);
      this.sentSeq = position.seq;
    } else {
      // An epoch that is not known here does not tell where the two parted: the numbers of forks say nothing of each other.
      const commonSeq = standing.kind === 'inside' ? position.seq : commonSeqOf(epochs, position.seq, state.epochs(), state.position.seq);
      log.info(`the standby gets a snapshot: its frame ${position.seq} is ${standing.kind === 'inside' ? 'older than the journal' : standing.kind}`);
      const journalFrom = journal.journalFloorWithin(SNAPSHOT_JOURNAL_BYTES);
      const isShort = commonSeq + 1 < journalFrom;
      send({ type: 'diverged', commonSeq, ...(isShort ? { journalFrom } : {}) });
      await this.sendSnapshot(commonSeq, isShort);
    }
    await this.catchUp();
  }

  /** The state once more, with what the journal has of entries and samples after `afterSeq`. */
  async sendAgain(afterSeq: number): Promise<void> {
    this.live = false;
    this.missing = { fromSeq: this.applied, sinceMs: this.options.nowMs() };
    await this.sendSnapshot(afterSeq, true);
    await this.catchUp();
  }

  /** A frame that has just been cut. */
  publish(frame: Frame, bytes: Uint8Array): void {
    if (this.ended) return;
    if (this.live && this.options.bufferedBytes() < FULL_BYTES && this.unheldBytes < UNHELD_BYTES) {
      this.send(frame.seq, bytes);
      return;
    }
    if (this.live) {
      this.live = false;
      this.missing = { fromSeq: this.applied, sinceMs: this.options.nowMs() };
      this.options.log.warn(`the standby is slow: ${this.options.bufferedBytes()} bytes wait for it, ${this.unheldBytes} for its disk; feeding it merged frames`);
      void this.catchUp();
    }
    if (this.backlog.length === 0) this.backlogFrom = frame.seq;
    this.backlog.push({ seq: frame.seq, bytes });
    this.backlogBytes += bytes.length;
    while (this.backlogBytes > BACKLOG_BYTES) {
      this.backlogBytes -= this.backlog.shift()?.bytes.length ?? 0;
      this.backlogFrom = this.backlog[0]?.seq ?? Infinity;
    }
  }

  acknowledged(applied: number, durable: number): void {
    this.applied = Math.max(this.applied, applied);
    this.durable = Math.max(this.durable, durable);
    while ((this.unheld[0]?.seq ?? Infinity) <= this.durable) this.unheldBytes -= this.unheld.shift()?.bytes ?? 0;
    if (this.live && this.durable >= this.caughtUpSeq) this.missing = undefined;
    this.options.onAck(this.applied);
    this.admit();
    const due = this.waiters.filter((waiter) => waiter.seq <= this.durable);
    if (due.length === 0) return;
    this.waiters = this.waiters.filter((waiter) => waiter.seq > this.durable);
    for (const waiter of due) waiter.done('held');
  }

  /** The follower has it on disk that it counts. */
  admitted(epoch: Epoch): void {
    if (this.ended || this.inSet || !this.asked || !sameEpoch(epoch, this.options.epoch)) return;
    this.inSet = true;
    this.options.onInSync(true);
  }

  /** Resolves when the follower has `seq` on disk, or is gone; the caller bounds the wait. */
  async whenDurable(seq: number): Promise<Held> {
    if (seq <= this.durable) return 'held';
    if (this.ended) return 'lost';
    return new Promise((done) => this.waiters.push({ seq, done }));
  }

  /**
   * Takes a follower that does not keep up out of the in-sync set, durably: only then may the active confirm
   * alone (rule 4). The follower comes back by catching up.
   */
  async expel(): Promise<void> {
    if (!this.asked) return;
    const { inSet } = this;
    this.inSet = this.asked = false;
    // Not asked again before the mark is written.
    this.admitSeq = Infinity;
    this.options.send({ type: 'out-of-set', epoch: this.options.epoch });
    if (inSet) this.options.onInSync(false);
    await this.options.writeMark('alone');
    this.admitSeq = this.sentSeq;
  }

  /** The follower has taken itself out. It is told all the same: a question that is under way must not take it in again. */
  async left(epoch: Epoch): Promise<void> {
    if (this.ended || !this.asked || !sameEpoch(epoch, this.options.epoch)) return;
    await this.expel();
    // In quiet nothing is acknowledged that would remind of it.
    this.options.timers.after(ASK_AGAIN_MS, () => this.admit());
  }

  end(): void {
    this.ended = true;
    this.backlog = [];
    for (const { done } of this.waiters.splice(0)) done('lost');
  }

  /**
   * The state in place of everything, with the logs and trend samples after `afterSeq` as far as the newest of the journal has them. Where
   * that does not reach back so far, and the follower does not know it, it is told: the rest it has to fetch.
   */
  private async sendSnapshot(afterSeq: number, isTold = false): Promise<void> {
    const { cut, snapshot, journal } = this.options;
    this.making = true;
    cut();
    const frame = snapshot();
    await journal.whenDurable(frame.seq);
    const since = new FrameMerger();
    for await (const past of journal.records(Math.max(afterSeq, journal.journalFloorWithin(SNAPSHOT_JOURNAL_BYTES) - 1), frame.seq)) {
      // A follower that comes and goes must not leave one of these behind each time.
      if (this.isEnded()) return;
      since.add(past);
    }
    const past = since.isEmpty ? undefined : since.take();
    const bytes = await this.encode(past === undefined ? frame : { ...frame, logs: past.logs, samples: past.samples });
    if (this.isEnded()) return;
    const journalFrom = past?.fromSeq ?? frame.seq + 1;
    if (!isTold && journalFrom > afterSeq + 1) this.options.send({ type: 'diverged', commonSeq: afterSeq, journalFrom });
    this.send(frame.seq, bytes);
    this.making = false;
    this.snapshot = { seq: frame.seq, bytes: this.options.bufferedBytes() };
  }

  /** Feeds from the journal until what is left is in the backlog, then goes live in one synchronous step. */
  private async catchUp(): Promise<void> {
    const { state, journal, timers, bufferedBytes } = this.options;
    for (;;) {
      while ((bufferedBytes() > DRAINED_BYTES || this.waitsForDisk) && !this.ended) await new Promise<void>((resolve) => timers.after(5, resolve));
      if (this.ended) return;
      const target = state.position.seq;
      if (this.sentSeq >= target || this.backlogFrom <= this.sentSeq + 1) break;
      if (this.sentSeq + 1 < journal.journalFloor) {
        await this.sendSnapshot(this.sentSeq);
        continue;
      }
      await journal.whenDurable(target);
      const chunk = await this.chunk(target);
      if (this.isEnded()) return;
      if (chunk === undefined) {
        // Frames of an older configuration, or a hole: what the journal cannot tell, a snapshot can.
        await this.sendSnapshot(this.sentSeq);
        continue;
      }
      const bytes = await this.encode(chunk);
      if (this.isEnded()) return;
      this.send(chunk.seq, bytes);
    }
    for (const { seq, bytes } of this.backlog) {
      if (seq <= this.sentSeq) continue;
      this.send(seq, bytes);
    }
    this.backlog = [];
    this.backlogBytes = 0;
    this.backlogFrom = Infinity;
    this.live = true;
    this.caughtUpSeq = this.sentSeq;
    if (this.durable >= this.caughtUpSeq) this.missing = undefined;
    if (!this.asked) this.admitSeq = this.sentSeq;
    this.admit();
  }

  /** What follows in the journal, up to `target` at the most, as one frame; undefined where the journal does not tell. */
  private async chunk(target: number): Promise<Frame | undefined> {
    const { state, journal } = this.options;
    const merger = new FrameMerger();
    let frames = 0;
    let standsAlone = false;
    for await (const frame of journal.frames(this.sentSeq, target)) {
      if (this.isEnded() || frame.revision !== state.table.revision) break;
      // Entries that were taken over have no place within a merged frame, and a client may resume in the midst of one.
      const isAdopting = hasAdopted(frame);
      if (frames > 0 && (isAdopting || standsAlone)) break;
      standsAlone = isAdopting;
      merger.add(frame);
      frames++;
      if (frames >= CHUNK_FRAMES || merger.weight >= CHUNK_WEIGHT) break;
    }
    return merger.isEmpty ? undefined : merger.take();
  }

  /** In short turns: what waits for the event loop meanwhile are the beats by which this node is known to live. */
  private async encode(frame: Frame): Promise<Buffer> {
    return encodeInTurns(frame, async () => new Promise<void>((resolve) => this.options.timers.afterIo(resolve)));
  }

  private send(seq: number, bytes: Uint8Array): void {
    this.options.sendFrame(bytes);
    this.sentSeq = seq;
    this.unheld.push({ seq, bytes: bytes.length });
    this.unheldBytes += bytes.length;
  }

  /** A follower that has not got to this epoch yet acknowledges nothing, so nothing is waited for. */
  private get waitsForDisk(): boolean {
    return this.applied > 0 && this.unheldBytes > UNHELD_BYTES / 2;
  }

  private isEnded(): boolean {
    return this.ended;
  }

  /**
   * Asks a follower that has caught up to count itself in sync. The mark goes to disk first: from the moment
   * that the follower counts itself, it may take over, and this node must not start alone again.
   */
  private admit(): void {
    if (this.options.neverCounts === true || !this.live || this.asked || this.ended || this.durable < this.admitSeq) return;
    this.asked = true;
    this.options.writeMark('paired').then(
      () => {
        if (!this.ended && this.asked) this.options.send({ type: 'in-set', epoch: this.options.epoch, seq: this.sentSeq });
      },
      (error: unknown) => this.options.log.error('the mark could not be written', error),
    );
  }
}

import { Subject, type Observable } from 'rxjs';
import { TandemError, type ActivityProgress, type Clock, type Epoch, type Log, type Position, type Random, type Timer, type Timers } from '../contract/index.js';
import { encodeFrame, type EpochStart, type Frame, type Json, type PairState, type Publisher } from '../image/index.js';
import type { DbSync } from './db-sync.js';
import { Follower } from './follower.js';
import { HistoryFill } from './history-fill.js';
import { LATE_KEY, oldestSince } from './late-samples.js';
import type { Journal } from './journal.js';
import { Leader } from './leader.js';
import type { LinkMessage } from './link-messages.js';
import type { Link } from './link.js';
import { OwedHistory } from './owed-history.js';
import type { PairClock } from './pair-clock.js';
import type { Mark } from './role-machine.js';
import { mergeTail, passTails, TailSender, type TailMessage } from './tail.js';
import { Visibility } from './visibility.js';

/** How long a frame waits for a slow standby before clients see it all the same. */
const VISIBLE_PATIENCE_MS = 250;
/** When a standby that did not count itself looks again, where the active node cannot be told to ask. */
const DECLINED_MS = 1_000;

export interface SyncOptions {
  readonly state: PairState;
  readonly publisher: Publisher;
  readonly journal: Journal;
  readonly pairClock: Pick<PairClock, 'part'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
  readonly confirmWaitMs: number;
  readonly historyGap?: Json | undefined;
  readonly historyOwed?: Json | undefined;
  readonly snapshot: () => Frame;
  /** Whether this node may still act, waiting out a passing doubt. */
  readonly mayAct: () => Promise<boolean>;
  /** Whether this node may confirm alone: where a witness is in force, once that knows so (rule 4). */
  readonly mayConfirmAlone: () => Promise<boolean>;
  readonly onInSync: (inSync: boolean) => void;
  /** Frame up to which the other node has come, as its last beat says. */
  readonly heardSeq: () => number;
  /** The stream from the active cannot be used: the connection has to be made anew. */
  readonly onBroken: () => void;
  readonly note: (what: string, evidence: string) => void;
  readonly dbSync: DbSync;
  /** Who else gets each frame that this node cuts. */
  readonly alsoTo?: (frame: Frame, bytes: Uint8Array) => void;
  /** It is never in sync, and fetches what it misses as soon as it follows. */
  readonly onlyReads?: boolean;
  /** On a standby: whether the link is fast enough that it would hear in time that it does not count any more. */
  readonly hearsInTime: () => boolean;
}

/** How frames get to the other node and what is known to be held there. Who is active is none of its business. */
export class Sync {
  private readonly applied = new Subject<Frame>();
  private readonly visibility: Visibility;
  private readonly fill: HistoryFill;
  private readonly owed: OwedHistory;
  private leader: Leader | undefined;
  private follower: Follower | undefined;
  private following: Epoch | undefined;
  private tail: TailSender | undefined;
  private markWritten: Promise<void> = Promise.resolve();
  private apart = false;

  constructor(
    private readonly options: SyncOptions,
    private readonly link: Link,
  ) {
    this.visibility = new Visibility(options.clock, options.timers, VISIBLE_PATIENCE_MS);
    this.visibility.begin(options.state.position.seq);
    const { journal, timers, log, note, state } = options;
    this.owed = new OwedHistory({ knows: (type) => link.knows(type), send: (message) => link.send(message), writeMark: async (what, value) => journal.writeMark(what, value), note }, options.historyOwed);
    this.fill = new HistoryFill(
      { history: journal, timers, log, note, owed: this.owed, pairTime: () => state.pairTimeMs, oldestSince: (sinceMs) => oldestSince(state.keyed.get(LATE_KEY), sinceMs), allowed: () => !options.dbSync.isOff, send: (message) => link.send(message), writeMark: async (what, value) => journal.writeMark(what, value), nowMs: () => options.clock.monotonicMs() },
      options.historyGap,
    );
    options.publisher.frames$.subscribe((frame) => this.publish(frame));
  }

  /** Each frame that this node cut or applied, at once. */
  get frames$(): Observable<Frame> {
    return this.applied;
  }

  /** Each frame as clients may see it. */
  get visible$(): Observable<Frame> {
    return this.visibility.visible$;
  }

  async whenVisible(seq: number): Promise<void> {
    return this.visibility.whenVisible(seq);
  }

  get standbyLag(): number {
    return this.leader?.lagFrames ?? 0;
  }

  /** Whether the standby may count itself in sync: confirmations have to wait for it. */
  get standbyCounts(): boolean {
    return this.leader?.counts === true;
  }

  /** Something has been confirmed since no standby is in sync: the other node does not hold it. */
  get confirmedApart(): boolean {
    return this.apart;
  }

  /** How far the standby is brought up to date, on either node; undefined while it misses nothing. */
  get progress(): (ActivityProgress & { readonly sinceMs: number }) | undefined {
    return this.leader?.progress ?? this.follower?.progress;
  }

  /** Whether this node is the one that is brought up to date. */
  get isFollowing(): boolean {
    return this.follower !== undefined;
  }

  /** The same as {@link historyFill}, while pages are really asked for. */
  get filling(): HistoryFill['filling'] {
    return this.fill.filling;
  }

  /** History that is still being fetched from the other node; undefined when nothing is missing. */
  get historyFill(): HistoryFill['progress'] {
    return this.fill.progress;
  }

  /** History and journal entries since then are to be fetched from the other node. */
  fetchHistory(fromMs: number): void {
    this.run(this.fill.fetch(fromMs));
  }

  receiveFrame(bytes: Uint8Array): void {
    this.follower?.receive(bytes);
  }

  /** Takes the messages that are about frames; false for those of the control of the pair. */
  receive(message: LinkMessage): boolean {
    switch (message.type) {
      case 'ack':
        this.leader?.acknowledged(message.applied, message.durable);
        return true;
      case 'diverged':
        // Before the snapshot goes to disk: what it does not bring has to be asked for, whatever happens in between.
        this.fill.missing(this.options.state.pairTimeMs, message.journalFrom !== undefined);
        this.follower?.diverged(message.commonSeq, message.journalFrom);
        return true;
      case 'in-set':
        this.run(this.follower?.admit(message.epoch));
        return true;
      case 'in-set-ok':
        this.leader?.admitted(message.epoch);
        return true;
      case 'out-of-set':
        this.run(this.follower?.expelled());
        return true;
      case 'left-set':
        this.run(this.leader?.left(message.epoch));
        return true;
      case 'tail':
        this.run(this.merge(message));
        return true;
      case 'tail-merged':
        this.tail?.merged();
        return true;
      default:
        return this.fill.receive(message);
    }
  }

  /**
   * Resolves when `seq` is on this disk and, while a standby is in sync, on its disk too. A standby that does not
   * answer in time is first taken out of the set, durably (rule 4); the confirmation then says `unprotected`.
   *
   * What both disks hold is confirmed even if the role goes meanwhile, as it does in every planned hand-over: the standby
   * acknowledges frames of this node's own epoch only, so that whoever leads next, from either disk, goes on from a state that
   * has it. What this node holds alone stands on its lease.
   * @throws STORE_FAILED, FENCED where this node lost its role meanwhile, and it is not known that the other node holds this
   */
  async confirm(seq: number): Promise<'protected' | 'unprotected'> {
    const { journal, confirmWaitMs, mayAct } = this.options;
    await journal.whenDurable(seq);
    const { leader } = this;
    if (leader?.counts === true) {
      const outcome = await this.withDeadline(confirmWaitMs, leader.whenDurable(seq));
      if (outcome === 'late' && leader === this.leader) {
        this.options.note('standby taken out of the in-sync set', `frame ${seq} was not acknowledged within ${confirmWaitMs} ms`);
        await leader.expel();
      }
      if (outcome === 'held') return 'protected';
    }
    await this.markWritten;
    if (!(await this.options.mayConfirmAlone())) throw new TandemError('FENCED', 'neither the standby nor the witness holds this: ask for the outcome when one of them is back');
    if (!(await mayAct())) throw new TandemError('FENCED', 'this node gave up its role before the command was confirmed; ask the other node for the outcome');
    this.apart = true;
    return 'unprotected';
  }

  /** Resolves when the standby has `seq` on disk. @throws SWITCH_REFUSED when it is gone or takes longer */
  async whenHeld(seq: number, waitMs: number): Promise<void> {
    const { leader } = this;
    const outcome = leader === undefined ? 'lost' : await this.withDeadline(waitMs, leader.whenDurable(seq));
    if (outcome !== 'held') throw new TandemError('SWITCH_REFUSED', outcome === 'late' ? `the standby did not hold frame ${seq} within ${waitMs} ms` : 'the standby is gone');
  }

  /** Begins to feed a follower that has asked for it. */
  lead(position: Position, epochs?: readonly EpochStart[]): void {
    this.dropFollower();
    const { state, journal, timers, clock, log, publisher, snapshot, dbSync } = this.options;
    const leader = (this.leader = new Leader({
      state,
      journal,
      timers,
      nowMs: () => clock.monotonicMs(),
      log: log.child('leader'),
      epoch: state.position.epoch,
      send: (message) => this.link.send(message),
      sendFrame: (bytes) => this.link.sendFrame(dbSync.outgoing(bytes)),
      bufferedBytes: () => this.link.bufferedBytes,
      cut: () => publisher.cut(),
      snapshot,
      onInSync: (inSync) => {
        this.options.note(inSync ? 'standby in sync' : 'standby not in sync', `at frame ${state.position.seq}`);
        if (!inSync) this.visibility.releaseAll();
        else this.apart = false;
        this.fillWhile(inSync);
        this.options.onInSync(inSync);
      },
      onAck: (applied) => this.visibility.acknowledge(applied),
      writeMark: async (mark) => this.writeMark(mark),
    }));
    dbSync.leads(leader, position.seq);
    this.run(leader.follow(position, epochs).then(() => dbSync.caughtUp(leader)));
  }

  /** The follower is gone: from here on this node confirms alone, once that is on disk. */
  dropFollower(): void {
    const { leader } = this;
    if (leader === undefined) return;
    this.leader = undefined;
    this.fill.stop();
    if (leader.counts) this.run(this.writeMark('alone'));
    leader.end();
    this.visibility.releaseAll();
    if (leader.inSync) this.options.onInSync(false);
  }

  /** This node leads no more; its follower keeps what it has. */
  endLeading(): void {
    this.leader?.end();
    this.leader = undefined;
    this.visibility.releaseAll();
  }

  follows(epoch: Epoch): boolean {
    return this.follower !== undefined && this.following?.nonce === epoch.nonce;
  }

  /** Follows the active node's stream of `epoch`, from where this node stands. */
  follow(epoch: Epoch): void {
    if (this.follows(epoch)) return;
    this.endFollowing();
    this.following = epoch;
    this.apart = false;
    const { state, journal, pairClock, random, clock, log, note, onInSync, onBroken, heardSeq } = this.options;
    this.follower = new Follower({
      state,
      journal,
      epoch,
      random,
      nowMs: () => clock.monotonicMs(),
      heardSeq,
      log: log.child('follower'),
      send: (message) => this.link.send(message),
      onBroken: (error) => {
        log.error('the stream of frames broke off; connecting again', error);
        this.endFollowing();
        onBroken();
      },
      writeMark: async (mark) => this.writeMark(mark),
      mayCount: () => this.options.hearsInTime(),
      canDecline: () => this.link.knows('left-set'),
      later: (work) => void this.options.timers.after(DECLINED_MS, () => this.run(work())),
      onInSync: (inSync) => {
        this.fillWhile(inSync);
        onInSync(inSync);
        this.tail?.end();
        this.tail = inSync ? new TailSender({ aside: journal.aside, state, log: log.child('tail'), send: (message) => this.link.send(message), sendsDocuments: this.link.knows('configuration-check') }) : undefined;
        this.run(this.tail?.run());
      },
      onParted: ({ commonSeq, lastSeq }) => {
        pairClock.part();
        note('own frames set aside', `frames ${commonSeq + 1} to ${lastSeq} are not part of the pair's history`);
      },
      owes: (fromMs, forgotten) => this.owed.owe(fromMs, forgotten),
      lacks: (fromMs) => this.fill.missing(fromMs, true),
    });
    this.follower.applied$.subscribe((frame) => {
      this.applied.next(frame);
      this.visibility.add(frame, false);
      // Behind a snapshot only: what comes then is of points that are known here.
      if (this.options.onlyReads === true && frame.snapshot !== true) this.fill.start();
    });
    this.follower.begin();
  }

  /** On a standby whose link is too slow to hear in time that it has been taken out: it takes itself out, and says so. */
  leaveSet(why: string): void {
    const { follower, following } = this;
    if (follower === undefined || following === undefined) return;
    this.options.note('does not count itself in sync', why);
    this.run(follower.leave(following));
  }

  endFollowing(): void {
    this.fill.stop();
    this.follower?.end();
    this.tail?.end();
    this.tail = undefined;
    this.follower = undefined;
    this.following = undefined;
  }

  /**
   * Takes in what this node itself recorded apart, where it became active before it could tell the other one: the
   * other may have been lost before, or may be behind. Call when the role is active.
   */
  async mergeOwnTails(): Promise<void> {
    const { journal, state, publisher, log, note } = this.options;
    await passTails({ aside: journal.aside, state, log, sendsDocuments: true }, async (piece) => {
      // Its log entries lie on this disk already, and only here.
      const merged = await mergeTail(piece, { state, publisher, confirm: async (seq) => this.confirm(seq), note });
      if (merged > 0) note('merged what this node recorded apart', `${merged} records of tail ${piece.fork}`);
      return true;
    });
  }

  /** Takes in what the standby recorded apart, and says so once both nodes hold it. */
  private async merge(message: TailMessage): Promise<void> {
    if (this.leader === undefined) return;
    const { state, publisher, journal, note } = this.options;
    const merged = await mergeTail(message, { known: journal, state, publisher, confirm: async (seq) => this.confirm(seq), note });
    if (merged > 0) note('merged what the standby recorded apart', `${merged} records of tail ${message.fork}`);
    this.link.send({ type: 'tail-merged', fork: message.fork, upTo: message.upTo });
  }

  /** Marks are written in order; {@link confirm} waits for the last one before it confirms alone. */
  async writeMark(mark: Mark): Promise<void> {
    this.markWritten = this.markWritten.then(async () => this.options.journal.writeMark('mark', mark));
    return this.markWritten;
  }

  private fillWhile(inSync: boolean): void {
    if (inSync) this.fill.start();
    else this.fill.stop();
  }

  private publish(frame: Frame): void {
    const bytes = encodeFrame(frame);
    // To the standby first: what is in its memory survives this process.
    this.leader?.publish(frame, bytes);
    this.options.alsoTo?.(frame, bytes);
    this.options.journal.append(frame, bytes);
    this.applied.next(frame);
    this.visibility.add(frame, this.leader?.inSync === true);
  }

  private async withDeadline<T>(waitMs: number, work: Promise<T>): Promise<T | 'late'> {
    let timer: Timer | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = this.options.timers.after(waitMs, () => resolve('late'));
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      timer?.cancel();
    }
  }

  private run(work: Promise<unknown> | undefined): void {
    work?.catch((error: unknown) => this.options.log.error('sync', error));
  }
}

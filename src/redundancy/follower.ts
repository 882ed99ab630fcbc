import { Subject, type Observable, type Subscription } from 'rxjs';
import { sameEpoch, TandemError, type ActivityProgress, type Epoch, type Log, type Random } from '../contract/index.js';
import { commonSeqOf, decodeFrame, type Frame, type PairState, type StoredMark } from '../image/index.js';
import type { Journal } from './journal.js';
import type { LinkMessage } from './link-messages.js';
import { olderTail, ownPast } from './older-tail.js';

export interface FollowerOptions {
  readonly state: PairState;
  readonly journal: Journal;
  /** Of the active that it follows. */
  readonly epoch: Epoch;
  readonly random: Random;
  /** Monotonic. */
  readonly nowMs: () => number;
  /** Frame up to which the active node has come, as its last beat says. */
  readonly heardSeq: () => number;
  readonly log: Log;
  readonly send: (message: LinkMessage) => void;
  /** The stream cannot be followed any further: begin again with a new connection. */
  readonly onBroken: (error: unknown) => void;
  /** In order with all other marks; durable when it resolves. */
  readonly writeMark: (mark: 'paired' | 'following') => Promise<void>;
  /** Whether this node would hear in time that it does not count any more. */
  readonly mayCount: () => boolean;
  /** Whether the active node is of a version that can be told that this one does not count itself. */
  readonly canDecline: () => boolean;
  /** Does it in a while. */
  readonly later: (work: () => Promise<void>) => void;
  readonly onInSync: (inSync: boolean) => void;
  readonly onParted: (frames: { commonSeq: number; lastSeq: number }) => void;
  /** What this node recorded apart from then on, pair time, and its journal has not any more: the other node has to fetch it. */
  readonly owes: (fromMs: number, forgottenCommands: number) => StoredMark;
  /** What the active node recorded apart from then on, and its journal has not any more. */
  readonly lacks: (fromMs: number) => StoredMark;
}

/** Activations that a standby tells the active of; histories that parted before the oldest of them are sent whole. */
const TOLD_EPOCHS = 100;

/** What a standby does: apply the active's frames, store them, say so. It runs none of the functions. */
export class Follower {
  private readonly appliedFrames = new Subject<Frame>();
  private replacing: Promise<void> | undefined;
  private inbox: Uint8Array[] = [];
  private ended = false;
  /** Counts the times that it was taken in or out. */
  private turn = 0;
  /** What this node was behind by when it began, or was taken out; since when. */
  private missing: { readonly fromSeq: number; readonly sinceMs: number } | undefined;
  private awaitsSnapshot = false;
  /** The snapshot that is to come does not bring all of the active node's journal entries and samples since histories parted. */
  private lacks = false;
  private readonly subscription: Subscription;

  constructor(private readonly options: FollowerOptions) {
    this.subscription = options.journal.durable$.subscribe(() => this.acknowledge());
  }

  /** Each frame as it is applied. */
  get applied$(): Observable<Frame> {
    return this.appliedFrames;
  }

  /** How far it is with what it was missing; undefined once it has all of it. */
  get progress(): (ActivityProgress & { readonly sinceMs: number }) | undefined {
    const { missing, options } = this;
    if (this.ended || missing === undefined) return undefined;
    const { sinceMs, fromSeq } = missing;
    if (this.awaitsSnapshot) return { step: 'snapshot-receive', sinceMs };
    if (this.replacing !== undefined) return { step: 'snapshot-store', sinceMs };
    const total = options.heardSeq() - fromSeq;
    // Nothing that is known of; what has parted is told before its snapshot.
    if (total <= 0) return undefined;
    return { step: 'catch-up', done: Math.min(total, Math.max(0, options.state.position.seq - fromSeq)), total, unit: 'frames', sinceMs };
  }

  begin(): void {
    this.options.onInSync(false);
    this.misses();
    // Whatever it was before: from here on it may be overtaken, and must not start alone by right.
    this.options.writeMark('following').catch((error: unknown) => this.options.log.error('the mark could not be written', error));
    const { state } = this.options;
    this.options.send({ type: 'follow', position: state.position, epochs: state.epochs().slice(-TOLD_EPOCHS).map(({ number, node, nonce, firstSeq }) => ({ number, node, nonce, firstSeq })) });
    this.acknowledge();
  }

  diverged(commonSeq: number, journalFrom?: number): void {
    this.awaitsSnapshot = true;
    this.lacks = journalFrom !== undefined;
    this.options.log.info(`the active node has other frames after ${commonSeq}; a snapshot follows`);
  }

  /** @throws LINK_MALFORMED, LINK_REVISION */
  receive(bytes: Uint8Array): void {
    if (this.ended) return;
    if (this.replacing !== undefined) this.inbox.push(bytes);
    else this.apply(bytes);
  }

  /** The active counts this node; from now on it may take over. */
  async admit(epoch: Epoch): Promise<void> {
    if (!this.options.mayCount()) {
      this.decline(epoch);
      return;
    }
    const turn = ++this.turn;
    await this.options.writeMark('paired');
    this.missing = undefined;
    // Taken out again while the mark was being written.
    if (this.ended || turn !== this.turn) return;
    this.options.onInSync(true);
    this.options.send({ type: 'in-set-ok', epoch });
  }

  /** It takes itself out, and says so. */
  async leave(epoch: Epoch): Promise<void> {
    const out = this.expelled();
    this.decline(epoch);
    return out;
  }

  /** An active node of an older version cannot be told. It goes on counting this one, and will not ask again: this one does. */
  private decline(epoch: Epoch): void {
    const { turn } = this;
    if (this.options.canDecline()) this.options.send({ type: 'left-set', epoch });
    else this.options.later(async () => (this.ended || turn !== this.turn ? undefined : this.admit(epoch)));
  }

  async expelled(): Promise<void> {
    this.turn += 1;
    this.misses();
    this.catchesUp();
    this.options.onInSync(false);
    await this.options.writeMark('following');
  }

  end(): void {
    this.ended = true;
    this.subscription.unsubscribe();
  }

  private apply(bytes: Uint8Array): void {
    const { state, journal } = this.options;
    const frame = decodeFrame(bytes);
    if (frame.epoch.number < state.position.epoch.number) {
      throw new TandemError('LINK_MALFORMED', `frame ${frame.seq} is of epoch ${frame.epoch.number}, this node has seen ${state.position.epoch.number}`);
    }
    // The journal keeps the bytes; a view of the socket's memory would keep far more.
    const copy = Buffer.from(bytes);
    if (frame.snapshot === true) {
      this.awaitsSnapshot = false;
      const past = ownPast(state, journal.journalFloor);
      state.apply(frame);
      // The active knows this node's last position only, and not where its own epochs began; the snapshot tells.
      const commonSeq = commonSeqOf(past.epochs, past.lastSeq, state.epochs(), frame.seq);
      if (past.lastSeq > commonSeq) this.options.onParted({ commonSeq, lastSeq: past.lastSeq });
      this.replacing = journal.replace(frame, copy, commonSeq, this.options.random.hex(4), olderTail(past, commonSeq, this.lacks, this.options)).then(
        () => this.replaced(),
        (error: unknown) => this.options.onBroken(error),
      );
    } else {
      if (frame.seq <= state.position.seq) return;
      state.apply(frame);
      journal.append(frame, copy);
    }
    this.catchesUp();
    this.appliedFrames.next(frame);
    this.acknowledge();
  }

  private misses(): void {
    this.missing = { fromSeq: this.options.state.position.seq, sinceMs: this.options.nowMs() };
  }

  private catchesUp(): void {
    if (this.replacing === undefined && this.options.state.position.seq >= this.options.heardSeq()) this.missing = undefined;
  }

  private replaced(): void {
    this.replacing = undefined;
    this.misses();
    this.catchesUp();
    try {
      for (const bytes of this.inbox.splice(0)) this.receive(bytes);
    } catch (error) {
      this.options.onBroken(error);
    }
    this.acknowledge();
  }

  private acknowledge(): void {
    if (this.ended) return;
    const { state, journal, send, epoch } = this.options;
    // Until the active's own epoch has arrived, frames held here may be of a tail that has parted: the same numbers,
    // and not the same frames. Taken for an acknowledgement they would protect what nobody holds.
    if (!sameEpoch(state.position.epoch, epoch)) return;
    // While a snapshot is being written the disk holds an older history: nothing of the new one is durable.
    send({ type: 'ack', applied: state.position.seq, durable: this.replacing === undefined ? Math.min(journal.durableSeq, state.position.seq) : 0 });
  }
}

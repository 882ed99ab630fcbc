import { decodeFrame, EMPTY_BATCH, encodeFrame, type PairState } from '../image/index.js';
import type { Journal } from './journal.js';
import type { Leader } from './leader.js';
import type { LinkMessage } from './link-messages.js';
import type { Rows } from './rows.js';

export interface DbSyncOptions {
  readonly rows: Rows;
  readonly state: PairState;
  readonly journal: Journal;
  readonly send: (message: LinkMessage) => void;
  readonly note: (what: string, evidence: string) => void;
  readonly run: (work: Promise<unknown>) => void;
  /** History and journal entries since that pair time come from the other node, page by page. */
  readonly fetch: (fromMs: number) => void;
}

/**
 * The setting `DB sync` (R14): off on either node, the standby gets values and keyed state and neither journal entries
 * nor trend samples. It remembers from which frame on; once both have it on again, the active sends what its journal has of them,
 * and what lies before that is fetched from its store.
 */
export class DbSync {
  private theirs = { on: true, missingAfter: undefined as number | undefined };
  private leader: Leader | undefined;
  private liveOnly = false;

  constructor(private readonly options: DbSyncOptions) {}

  /** The partner is there, or the own setting has changed. */
  tell(): void {
    const { rows, send } = this.options;
    const { missingAfter } = rows;
    send({ type: 'db-sync', on: rows.dbSync, ...(missingAfter === undefined ? {} : { missingAfter }) });
    this.settle();
  }

  /** A new partner: nothing is known of it until it tells. */
  forget(): void {
    this.theirs = { on: true, missingAfter: undefined };
    this.leader = undefined;
  }

  /** The active begins to feed a follower that stands at `seq`. */
  leads(leader: Leader, seq: number): void {
    this.leader = leader;
    this.liveOnly = false;
    if (this.isOff) this.settle(seq);
  }

  /** The follower has been fed so far that only new frames are left. */
  caughtUp(leader: Leader): void {
    if (leader === this.leader) this.settle();
  }

  /** What leaves for the standby. */
  outgoing(bytes: Uint8Array): Uint8Array {
    return this.liveOnly ? encodeFrame({ ...decodeFrame(bytes), logs: [], samples: EMPTY_BATCH }) : bytes;
  }

  get isOff(): boolean {
    return !this.options.rows.dbSync || !this.theirs.on;
  }

  /** False for messages that are about something else. */
  receive(message: LinkMessage): boolean {
    const { rows, journal, state, run, note } = this.options;
    switch (message.type) {
      case 'db-sync':
        this.theirs = { on: message.on, missingAfter: message.missingAfter };
        this.settle();
        return true;
      case 'live-only':
        if (rows.missingAfter === undefined) rows.noteMissing({ after: message.after, sinceMs: state.pairTimeMs });
        note('live state only', `no journal entries and no history after frame ${message.after} (DB sync is off)`);
        return true;
      case 'history-complete': {
        const { missingAfter, missingSinceMs = 0 } = rows;
        if (missingAfter === undefined) return true;
        const isWhole = message.from <= missingAfter + 1;
        run(
          journal.whenDurable(state.position.seq).then(() => {
            // What is to be fetched is on the disk as such before this is forgotten.
            if (!isWhole) this.options.fetch(missingSinceMs);
            rows.noteMissing(undefined);
            if (isWhole) note('history is complete again', `from frame ${missingAfter + 1} on`);
            else note('history is being fetched', `frames ${missingAfter + 1} to ${message.from - 1} are no longer in the active node's journal`);
          }),
        );
        return true;
      }
      default:
        return false;
    }
  }

  private settle(seq = this.options.state.position.seq): void {
    const { leader } = this;
    if (leader === undefined) return;
    const { send, run, journal } = this.options;
    if (this.isOff) {
      if (this.liveOnly) return;
      this.liveOnly = true;
      send({ type: 'live-only', after: seq });
      this.theirs = { ...this.theirs, missingAfter: this.theirs.missingAfter ?? seq };
      return;
    }
    this.liveOnly = false;
    this.fetchOwn();
    const { missingAfter } = this.theirs;
    if (missingAfter === undefined) return;
    this.theirs = { ...this.theirs, missingAfter: undefined };
    const from = Math.max(missingAfter + 1, journal.journalFloor);
    run(leader.sendAgain(missingAfter).then(() => send({ type: 'history-complete', from })));
  }

  /** The node that went without became active meanwhile: nobody sends it anything, so it asks. */
  private fetchOwn(): void {
    const { rows, fetch, note } = this.options;
    const { missingAfter, missingSinceMs = 0 } = rows;
    if (missingAfter === undefined) return;
    fetch(missingSinceMs);
    rows.noteMissing(undefined);
    note('history is being fetched', `this node went without from frame ${missingAfter + 1} on, as the standby`);
  }
}

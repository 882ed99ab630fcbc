import type { Json, StoredMark } from '../image/index.js';
import type { LinkMessage } from './link-messages.js';

const MARK = 'history-owed';

export interface OwedHistoryOptions {
  /** Whether the other node is there, and of a version that can be told. */
  readonly knows: (type: LinkMessage['type']) => boolean;
  readonly send: (message: LinkMessage) => void;
  readonly writeMark: (what: string, value: Json) => Promise<void>;
  readonly note: (what: string, evidence: string) => void;
}

/**
 * Journal entries and samples that this node recorded apart for longer than its journal reaches back: they stay in its own
 * store, and the other node is told to fetch them. On disk from the snapshot on that took the place of this node's state until the other
 * node has it on its disk that they are missing there; one of an older version is told once it has been upgraded.
 */
export class OwedHistory {
  private fromMs: number | undefined;
  private isNoted = false;

  constructor(
    private readonly options: OwedHistoryOptions,
    stored: Json | undefined,
  ) {
    // Written by this class, to this disk.
    if (typeof stored === 'number') this.fromMs = stored;
  }

  /** Returns the mark that has to go to disk together with the snapshot. */
  owe(fromMs: number, forgottenCommands: number): StoredMark {
    this.fromMs = Math.min(this.fromMs ?? Infinity, fromMs);
    const commands = forgottenCommands === 0 ? '' : `; ${forgottenCommands} commands of then are remembered in the audit only, and not listed as conflicts`;
    this.options.note('history of a split to be handed over', `recorded apart since ${new Date(fromMs).toISOString()}, and no longer in the journal${commands}`);
    return { what: MARK, value: this.fromMs };
  }

  /** The nodes are in sync. */
  tell(): void {
    const { fromMs, options } = this;
    if (fromMs === undefined) return;
    if (options.knows('history-owed')) options.send({ type: 'history-owed', fromMs });
    else if (!this.isNoted) options.note('history of a split waits', `the other node is of a version that cannot fetch what was recorded here apart since ${new Date(fromMs).toISOString()}; it is told once it has been upgraded`);
    this.isNoted = true;
  }

  async known(fromMs: number): Promise<void> {
    // More has come to it meanwhile: that is told the next time.
    if (this.fromMs === undefined || fromMs > this.fromMs) return;
    this.fromMs = undefined;
    await this.options.writeMark(MARK, null);
  }
}

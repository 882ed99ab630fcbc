import type { Operation } from './database.js';

interface Waiter {
  readonly seq: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** What waits for the disk, all of one line of frames, and who waits for it. */
export class LineQueue {
  operations: Operation[] = [];
  /** Of frames. */
  bytes = 0;
  waiters: Waiter[] = [];

  /** `seq`: last frame in it, or before it. */
  constructor(public seq: number) {}

  /** Frames that the former line does not have: whoever waits for them waits for those of this one. */
  takeWaiters(former: LineQueue): void {
    this.waiters = former.waiters.filter(({ seq }) => seq > former.seq);
    former.waiters = former.waiters.filter(({ seq }) => seq <= former.seq);
  }

  resolve(upToSeq: number): void {
    const due = this.waiters.filter(({ seq }) => seq <= upToSeq);
    if (due.length > 0) this.waiters = this.waiters.filter(({ seq }) => seq > upToSeq);
    for (const waiter of due) waiter.resolve();
  }
}

import { Subject, type Observable } from 'rxjs';
import type { Clock, Timer, Timers } from '../contract/index.js';
import type { Frame } from '../image/index.js';

/**
 * Holds a frame back from clients until the standby has applied it too (rule 5), so that a client which has
 * seen it can resume on the other node. A standby that is slow delays clients by `patienceMs` at the most.
 */
export class Visibility {
  private readonly visible = new Subject<Frame>();
  private waiting: { frame: Frame; dueMs: number }[] = [];
  private upTo = 0;
  private acknowledged = 0;
  private timer: Timer | undefined;
  /** A subscriber may cause the next frame: it waits its turn. */
  private releasing = false;
  private waiters: { seq: number; resolve: () => void }[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly timers: Timers,
    private readonly patienceMs: number,
  ) {}

  get visible$(): Observable<Frame> {
    return this.visible;
  }

  /** Frames up to `seq` were visible before this node's present run. */
  begin(seq: number): void {
    this.waiting = [];
    this.upTo = seq;
  }

  /** A new frame; `held` says that somebody's acknowledgement is waited for. */
  add(frame: Frame, held: boolean): void {
    this.waiting.push({ frame, dueMs: held ? this.clock.monotonicMs() + this.patienceMs : 0 });
    this.flush();
  }

  /** Everything up to `seq` may be seen. */
  acknowledge(seq: number): void {
    this.acknowledged = Math.max(this.acknowledged, seq);
    this.flush();
  }

  /** Nobody is waited for any more. */
  releaseAll(): void {
    this.acknowledge(this.waiting.at(-1)?.frame.seq ?? 0);
  }

  async whenVisible(seq: number): Promise<void> {
    if (seq <= this.upTo) return;
    return new Promise((resolve) => this.waiters.push({ seq, resolve }));
  }

  private flush(): void {
    if (this.releasing) return;
    this.releasing = true;
    const now = this.clock.monotonicMs();
    for (let next = this.waiting[0]; next !== undefined && (next.frame.seq <= this.acknowledged || next.dueMs <= now); next = this.waiting[0]) {
      this.waiting.shift();
      this.release(next.frame);
    }
    this.releasing = false;
    this.timer?.cancel();
    this.timer = undefined;
    const next = this.waiting[0];
    if (next !== undefined) this.timer = this.timers.after(Math.max(1, next.dueMs - now), () => this.flush());
  }

  private release(frame: Frame): void {
    this.upTo = frame.seq;
    this.visible.next(frame);
    if (this.waiters.length === 0) return;
    const due = this.waiters.filter((waiter) => waiter.seq <= this.upTo);
    this.waiters = this.waiters.filter((waiter) => waiter.seq > this.upTo);
    for (const waiter of due) waiter.resolve();
  }
}

import type { Clock, Timer, Timers } from '../../src/contract/index.js';
import type { VirtualClock } from './virtual-clock.js';

export interface NodeClockOptions {
  /** How far this machine's wall clock is ahead of the world's. */
  readonly wallOffsetMs?: number;
}

/**
 * The clock of one simulated machine. Frozen, its timers wait while monotonic and wall time go on, as for a
 * process that was stopped or a virtual machine that was paused; thawed, all that came due runs at once, in order.
 */
export class NodeClock implements Clock, Timers {
  private offsetMs: number;
  /** This machine's milliseconds for each of the world's, and what that has added up to. */
  private rate = 1;
  private rateSinceMs = 0;
  private aheadMs = 0;
  private state: 'running' | 'frozen' | 'halted' = 'running';
  private readonly timers = new Set<Timer>();
  private late: (() => void)[] = [];

  constructor(
    private readonly world: VirtualClock,
    options: NodeClockOptions,
  ) {
    this.offsetMs = options.wallOffsetMs ?? 0;
  }

  wallMs(): number {
    return this.world.wallMs() + this.ahead() + this.offsetMs;
  }

  /** How long the machine was paused with its monotonic clock: the boot clock counts it. */
  pauseMs = 0;

  bootMs(): number {
    return this.world.monotonicMs() + this.pauseMs;
  }

  monotonicMs(): number {
    return this.world.monotonicMs() + this.ahead();
  }

  /** From here on both clocks of this machine run at `rate` of true time (1.0001: 100 ppm fast). Timers that are set keep their time. */
  setRate(rate: number): void {
    this.aheadMs = this.ahead();
    this.rateSinceMs = this.world.monotonicMs();
    this.rate = rate;
  }

  stepWall(byMs: number): void {
    this.offsetMs += byMs;
  }

  /** Timers of this machine that are still set. */
  get pending(): number {
    return this.timers.size;
  }

  /** Whether threads beside the main one get on. */
  threadsRun = true;

  get isRunning(): boolean {
    return this.state === 'running';
  }

  after(delayMs: number, run: () => void): Timer {
    return this.track((fire) => this.world.after(delayMs / this.rate, fire), run, true);
  }

  every(periodMs: number, run: () => void): Timer {
    return this.track((fire) => this.world.every(periodMs / this.rate, fire), run, false);
  }

  afterIo(run: () => void): void {
    this.world.afterIo(() => this.enter(run));
  }

  /** Runs `run` as this machine: now, when it is thawed, or never when it was halted. For what the network delivers. */
  enter(run: () => void): void {
    if (this.state === 'running') run();
    else if (this.state === 'frozen') this.late.push(run);
  }

  /** `main thread`: other threads of the process go on. */
  freeze(what: 'process' | 'main thread' = 'process'): void {
    if (this.state !== 'running') return;
    this.state = 'frozen';
    this.threadsRun = what === 'main thread';
  }

  thaw(): void {
    if (this.state !== 'frozen') return;
    this.state = 'running';
    this.threadsRun = true;
    const late = this.late;
    this.late = [];
    for (const run of late) this.world.after(0, () => this.enter(run));
  }

  /** Nothing of this machine ever runs again. */
  halt(): void {
    this.state = 'halted';
    this.threadsRun = false;
    for (const timer of this.timers) timer.cancel();
    this.timers.clear();
    this.late = [];
  }

  private ahead(): number {
    return this.rate === 1 ? this.aheadMs : this.aheadMs + (this.world.monotonicMs() - this.rateSinceMs) * (this.rate - 1);
  }

  private track(set: (fire: () => void) => Timer, run: () => void, once: boolean): Timer {
    if (this.state === 'halted') return { cancel: () => undefined };
    let cancelled = false;
    let waiting = false;
    const fire = (): void => {
      if (once) this.timers.delete(timer);
      // A period that passes several times during a freeze fires once after it, as setInterval does.
      if (waiting) return;
      waiting = true;
      this.enter(() => {
        waiting = false;
        if (!cancelled) run();
      });
    };
    const inner = set(fire);
    const timer: Timer = {
      cancel: () => {
        cancelled = true;
        this.timers.delete(timer);
        inner.cancel();
      },
    };
    this.timers.add(timer);
    return timer;
  }
}

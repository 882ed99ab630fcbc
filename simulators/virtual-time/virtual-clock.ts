import type { Clock, Timer, Timers } from '../../src/contract/index.js';
import { NodeClock, type NodeClockOptions } from './node-clock.js';
import { EventQueue, type QueuedEvent } from './event-queue.js';

/** 2026-01-05 08:00 UTC, a Monday: where virtual wall clocks start unless told otherwise. */
export const VIRTUAL_START_MS = Date.UTC(2026, 0, 5, 8);

/** After so many the process looks after what else it has to do. */
const EVENTS_PER_TURN = 1_000;

/** More events than this in one instant is a loop that never lets time pass. */
const MOST_PER_INSTANT = 100_000;

/**
 * Time that passes when a test says so. Events run one by one in the order (due, asked for), and between two
 * of them every promise that can go on has gone on, so a run is a function of its inputs and of nothing else.
 *
 *     const time = new VirtualClock();
 *     const gateway = createGateway(..., { clock: time, timers: time });
 *     await time.advance(5_000);
 *
 * Each simulated machine gets a {@link node} clock of its own, with its own wall clock, that can be frozen
 * (a stalled process) or halted (a killed one).
 */
export class VirtualClock implements Clock, Timers {
  private nowMs = 0;
  private wallOffsetMs: number;
  private readonly queue = new EventQueue();
  private readonly io: QueuedEvent[] = [];
  private advancing = false;
  private ran = 0;
  private instant = 0;
  /** Called after each event, before what it set off goes on: where a simulation looks whether all is still well. */
  onEvent: (() => void) | undefined;

  private readonly dry: (() => void) | undefined;

  /** `inProcess`: nothing in this world waits for real files, sockets or threads, so that promises can be run dry on the spot. */
  constructor(options: { startMs?: number; inProcess?: boolean } = {}) {
    this.wallOffsetMs = options.startMs ?? VIRTUAL_START_MS;
    this.dry = options.inProcess === true ? runDry : undefined;
  }

  wallMs(): number {
    return this.nowMs + this.wallOffsetMs;
  }

  monotonicMs(): number {
    return this.nowMs;
  }

  /** Moves the wall clock, as an operator or a time server would; monotonic time goes on as before. */
  stepWall(byMs: number): void {
    this.wallOffsetMs += byMs;
  }

  /** Timers that are still set, for "nothing is left behind" checks. */
  get pending(): number {
    return this.queue.size + this.io.filter((event) => !event.cancelled).length;
  }

  /** Events run since the beginning: two runs of one seed must agree in it. */
  get eventCount(): number {
    return this.ran;
  }

  after(delayMs: number, run: () => void): Timer {
    return this.queue.add(this.nowMs + Math.max(0, delayMs), run);
  }

  every(periodMs: number, run: () => void): Timer {
    if (!(periodMs > 0)) throw new RangeError(`a period of ${periodMs} ms never lets time pass`);
    let dueMs = this.nowMs + periodMs;
    const tick = (): void => {
      dueMs += periodMs;
      // Set before it runs, so that `run` may cancel it.
      current = this.queue.add(dueMs, tick);
      run();
    };
    let current = this.queue.add(dueMs, tick);
    return { cancel: () => current.cancel() };
  }

  /** Runs after all that is due now, deliveries of the simulated network among it, and before time goes on. */
  afterIo(run: () => void): void {
    this.io.push(this.queue.detached(this.nowMs, run));
  }

  /** A machine of its own in this world. */
  node(options: NodeClockOptions = {}): NodeClock {
    return new NodeClock(this, options);
  }

  /** Lets everything happen that can happen without time going on. */
  async settle(): Promise<void> {
    await this.advance(0);
  }

  /** Lets `ms` pass. What an event throws rejects this promise, and the rest waits for the next call. */
  async advance(ms: number): Promise<void> {
    await this.run(this.nowMs + ms, () => false);
  }

  /** Lets time pass until `done`, asked after every event; fails after `limitMs`. Returns how long it took. */
  async advanceUntil(done: () => boolean, limitMs: number): Promise<number> {
    const startMs = this.nowMs;
    if (await this.run(startMs + limitMs, done)) return this.nowMs - startMs;
    throw new RangeError(`still not so after ${limitMs} ms of virtual time: ${done.toString()}`);
  }

  /** As {@link advance}, to a result: lets time pass until `promise` is settled, and gives what it gave. */
  async advanceWhile<T>(promise: Promise<T>, limitMs: number): Promise<T> {
    let settled = false;
    const mark = (): void => void (settled = true);
    promise.then(mark, mark);
    await this.advanceUntil(() => settled, limitMs);
    return promise;
  }

  private async run(untilMs: number, done: () => boolean): Promise<boolean> {
    if (this.advancing) throw new RangeError('time is advancing already: await the call before this one');
    this.advancing = true;
    try {
      this.instant = 0;
      for (;;) {
        const outcome = this.dry === undefined ? (await drained(), this.one(untilMs, done)) : await this.many(untilMs, done, this.dry);
        if (outcome !== undefined) return outcome;
      }
    } finally {
      this.advancing = false;
    }
  }

  /** Many events from within one turn of Node's loop, which is what costs most of an event. */
  private async many(untilMs: number, done: () => boolean, dry: () => void): Promise<boolean | undefined> {
    return new Promise((resolve, reject) => {
      setImmediate(() => {
        try {
          let outcome: boolean | undefined;
          for (let left = EVENTS_PER_TURN; outcome === undefined && left > 0; left--) {
            dry();
            outcome = this.one(untilMs, done);
          }
          resolve(outcome);
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
    });
  }

  /** The next event. Undefined while there is more to do; else whether it is `done`. */
  private one(untilMs: number, done: () => boolean): boolean | undefined {
    if (done()) return true;
    const event = this.next(untilMs);
    if (event === undefined) {
      this.nowMs = Math.max(this.nowMs, untilMs);
      return done();
    }
    if (event.dueMs > this.nowMs) {
      this.nowMs = event.dueMs;
      this.instant = 0;
    }
    if (++this.instant > MOST_PER_INSTANT) throw new RangeError(`time stands still at ${this.nowMs} ms: events set off events without end`);
    this.ran++;
    event.run();
    this.onEvent?.();
    return undefined;
  }

  private next(untilMs: number): QueuedEvent | undefined {
    const due = this.queue.peek();
    if (due !== undefined && due.dueMs <= this.nowMs) return this.queue.take();
    for (;;) {
      const waiting = this.io.shift();
      if (waiting === undefined) break;
      if (!waiting.cancelled) return waiting;
    }
    return due !== undefined && due.dueMs <= untilMs ? this.queue.take() : undefined;
  }
}

/** Resolves when the microtasks, however deep their chains, and the ticks of Node have run dry. */
function drained(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** What Node does at the end of each turn: microtasks and ticks until none is left. Not documented; without it a turn is made. */
const { _tickCallback: runDry } = process as unknown as { readonly _tickCallback?: () => void };

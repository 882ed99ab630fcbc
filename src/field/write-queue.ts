import { messageOf, TandemError, type Clock, type Driver, type PointValue, type Timers } from '../contract/index.js';

/** Writes that may wait for one device; more are refused, because they would be late anyway. */
export const MOST_WAITING_WRITES = 256;

/** Time that the driver gets past its deadline to say itself what went wrong. */
const GRACE_MS = 250;

export interface QueuedWrite {
  readonly point: number;
  readonly value: PointValue | null;
  readonly priority: number;
  readonly timeoutMs: number;
}

export interface WriteQueueOptions {
  readonly device: string;
  readonly clock: Clock;
  readonly timers: Timers;
  /** The right to write from now on; what it returns says whether it still holds. */
  readonly lease: () => () => boolean;
  readonly driver: () => Driver | undefined;
}

interface Waiting {
  readonly start: () => void;
  readonly refuse: (error: TandemError) => void;
}

/**
 * The writes of one device. Those of one point go out one after the other, in the order in which they came;
 * those of different points go to the driver together, which puts them before its reads.
 */
export class WriteQueue {
  /** By point: what waits behind the write under way. A key is there while a write is under way. */
  private readonly lanes = new Map<number, Waiting[]>();
  private waiting = 0;

  constructor(private readonly options: WriteQueueOptions) {}

  get waitingCount(): number {
    return this.waiting;
  }

  write(request: QueuedWrite): Promise<void> {
    const { clock, timers, device } = this.options;
    const lane = this.lanes.get(request.point);
    if (lane !== undefined && this.waiting >= MOST_WAITING_WRITES) {
      return Promise.reject(new TandemError('FIELD_REJECTED', `${MOST_WAITING_WRITES} writes wait for ${device} already`));
    }
    const deadlineMs = clock.monotonicMs() + request.timeoutMs;
    return new Promise((resolve, reject) => {
      if (lane === undefined) {
        this.lanes.set(request.point, []);
        this.run(request, deadlineMs, resolve, reject);
        return;
      }
      const leave = (): void => {
        this.waiting--;
        timer.cancel();
      };
      const waiting: Waiting = {
        start: () => {
          leave();
          this.run(request, deadlineMs, resolve, reject);
        },
        refuse: (error) => {
          leave();
          reject(error);
        },
      };
      const timer = timers.after(request.timeoutMs, () => {
        lane.splice(lane.indexOf(waiting), 1);
        waiting.refuse(new TandemError('FIELD_TIMEOUT', `an earlier write to the same point of ${device} took all of ${request.timeoutMs} ms`));
      });
      this.waiting++;
      lane.push(waiting);
    });
  }

  /** Refuses all that wait. What is under way ends by itself: its permit is gone, or its driver stops. */
  refuseWaiting(error: TandemError): void {
    for (const lane of this.lanes.values()) for (const waiting of lane.splice(0)) waiting.refuse(error);
  }

  private run(request: QueuedWrite, deadlineMs: number, resolve: () => void, reject: (error: unknown) => void): void {
    const { clock, timers, device } = this.options;
    let over = false;
    const timer = timers.after(Math.max(0, deadlineMs - clock.monotonicMs()) + GRACE_MS, () => {
      over = true;
      reject(new TandemError('FIELD_TIMEOUT', `${device} did not confirm the write within ${request.timeoutMs} ms`));
    });
    // A write that was reported as failed must not leave any more; hence `over` is part of the permit.
    const lease = this.options.lease();
    const permit = (): boolean => !over && lease();
    this.send(request, deadlineMs, permit)
      .then(resolve, reject)
      .finally(() => {
        over = true;
        timer.cancel();
        // The next one starts when this one has ended in the driver, even if its caller has given up: order is kept.
        const next = this.lanes.get(request.point)?.shift();
        if (next === undefined) this.lanes.delete(request.point);
        else next.start();
      })
      .catch(reject);
  }

  private async send(request: QueuedWrite, deadlineMs: number, permit: () => boolean): Promise<void> {
    const { clock, device } = this.options;
    const driver = this.options.driver();
    if (driver === undefined) throw new TandemError('FIELD_CLOSED', `${device} is not connected now`);
    if (!permit()) throw new TandemError('FENCED', `this node may not write to ${device} now`);
    const timeoutMs = deadlineMs - clock.monotonicMs();
    if (timeoutMs <= 0) throw new TandemError('FIELD_TIMEOUT', `no time was left to write to ${device}`);
    try {
      await driver.write({ point: request.point, value: request.value, priority: request.priority, timeoutMs, permit });
    } catch (error) {
      throw error instanceof TandemError ? error : new TandemError('FIELD_REJECTED', `${device}: ${messageOf(error)}`, { cause: error });
    }
  }
}

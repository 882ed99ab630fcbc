/**
 * A device that restarts while it answers: it says so itself (clause 19.3), or it says I-Am though nobody here asked.
 * What it forgot is set up again soon, but not more often than it can bear: others' Who-Is cause I-Ams too.
 */
import { Subject } from 'rxjs';
import type { DeviceRestart, DriverHost, Timer } from '../../src/contract/index.js';

const THROTTLE_MS = 30_000;

export class Restarts {
  readonly restarts$ = new Subject<DeviceRestart>();
  private timer: Timer | undefined;
  private lastMs = -Infinity;
  /** One of those that wait for the timer is certain. */
  private certain = false;

  constructor(private readonly host: Pick<DriverHost, 'clock' | 'timers'>) {}

  noticed(certain: boolean): void {
    this.certain ||= certain;
    if (this.timer !== undefined) return;
    const waitMs = Math.max(0, this.lastMs + THROTTLE_MS - this.host.clock.monotonicMs());
    this.timer = this.host.timers.after(waitMs, () => {
      this.lastMs = this.host.clock.monotonicMs();
      const restart = { certain: this.certain };
      this.cancel();
      this.restarts$.next(restart);
    });
  }

  /** The device does not answer, or is not ours any more: when it is back everything is set up anyway. */
  cancel(): void {
    this.timer?.cancel();
    this.timer = undefined;
    this.certain = false;
  }
}

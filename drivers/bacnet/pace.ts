/** Turns that are at least some time apart, in the order in which they were asked for. */
import type { Clock, Timers } from '../../src/contract/index.js';

export class Pace {
  private nextMs = -Infinity;

  constructor(private readonly time: { readonly clock: Clock; readonly timers: Timers }, private readonly gapMs: number) {}

  async turn(): Promise<void> {
    const now = this.time.clock.monotonicMs();
    const atMs = Math.max(now, this.nextMs);
    this.nextMs = atMs + this.gapMs;
    if (atMs > now) await new Promise<void>((resolve) => void this.time.timers.after(atMs - now, resolve));
  }
}

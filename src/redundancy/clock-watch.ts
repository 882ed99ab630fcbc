import type { Clock } from '../contract/index.js';

/** A boot clock of whole seconds is read to this. */
const GRAIN_MS = 1_500;

/**
 * Compares the clocks of this machine with each other (R28): one that was paused with everything on it feels no gap in
 * its monotonic clock; the boot clock, or the wall clock, tells.
 */
export class ClockWatch {
  private boot: number | undefined;
  private wall: number;

  constructor(private readonly clock: Clock) {
    this.wall = clock.wallMs() - clock.monotonicMs();
    this.boot = bootOffset(clock);
  }

  /** How long the machine stood still since the last look without the monotonic clock's noticing, by the boot clock; 0 for not. */
  pausedMs(): number {
    const boot = bootOffset(this.clock);
    const gap = boot === undefined || this.boot === undefined ? 0 : boot - this.boot;
    if (Math.abs(gap) > GRAIN_MS) this.boot = boot;
    return gap > GRAIN_MS ? gap : 0;
  }

  /** How far the wall clock has jumped since the last look: set by somebody, or the machine was paused; 0 for not. */
  wallJumpMs(): number {
    const wall = this.clock.wallMs() - this.clock.monotonicMs();
    const jump = wall - this.wall;
    this.wall = wall;
    return Math.abs(jump) > GRAIN_MS ? jump : 0;
  }
}

function bootOffset(clock: Clock): number | undefined {
  return clock.bootMs === undefined ? undefined : clock.bootMs() - clock.monotonicMs();
}

import type { Clock } from '../contract/index.js';

/** Fastest correction towards the wall clock: 5 % of the time that passes. */
const SLEW = 0.05;

/**
 * Pair time (rule 11): milliseconds since 1970 that both nodes agree on. It advances monotonically, is carried in
 * frames and heartbeats, and slews to the wall clock of whoever is active, so that a clock set by an hour
 * neither repeats nor skips a deadline.
 */
export class PairClock {
  private atMs: number | undefined;
  private atMonotonicMs = 0;

  constructor(private readonly clock: Clock) {}

  /** Pair time now. */
  now(): number {
    const monotonic = this.clock.monotonicMs();
    const wall = this.clock.wallMs();
    if (this.atMs === undefined) {
      this.atMs = wall;
    } else {
      const elapsed = Math.max(0, monotonic - this.atMonotonicMs);
      const free = this.atMs + elapsed;
      const correction = Math.max(-SLEW * elapsed, Math.min(SLEW * elapsed, wall - free));
      this.atMs = free + correction;
    }
    this.atMonotonicMs = monotonic;
    return this.atMs;
  }

  /** Takes over the time of the active node, or of the last frame on disk. Never goes back. */
  observe(pairTimeMs: number): void {
    const monotonic = this.clock.monotonicMs();
    const free = this.atMs === undefined ? pairTimeMs : this.atMs + Math.max(0, monotonic - this.atMonotonicMs);
    this.atMs = Math.max(free, pairTimeMs);
    this.atMonotonicMs = monotonic;
  }
}

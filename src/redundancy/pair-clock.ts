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
  private leastMs = 0;
  /** What {@link now} tells is nobody's but this node's: of its wall clock, or of a history that the pair does not go on with. */
  private isOwn = false;

  constructor(private readonly clock: Clock) {}

  /** Pair time now. */
  now(): number {
    const monotonic = this.clock.monotonicMs();
    const wall = this.clock.wallMs();
    if (this.atMs === undefined) {
      this.atMs = Math.max(wall, this.leastMs);
      this.isOwn = true;
    } else {
      const elapsed = Math.max(0, monotonic - this.atMonotonicMs);
      const free = this.atMs + elapsed;
      const correction = Math.max(-SLEW * elapsed, Math.min(SLEW * elapsed, wall - free));
      this.atMs = free + correction;
    }
    this.atMonotonicMs = monotonic;
    return this.atMs;
  }

  /**
   * Begins after the last frame on disk. Nobody knows how long ago that was: without an active node to ask, the
   * wall clock tells, at once and not by slewing; 0 for a node that holds nothing yet.
   */
  restore(pairTimeMs: number): void {
    this.leastMs = pairTimeMs;
  }

  /**
   * This node is active from now on: its time is the pair's, and goes on from here when another node takes over. Where no
   * active node has told it the time, its wall clock does, and not the last frame, which may be of long ago.
   */
  lead(pairTimeMs: number): void {
    this.atMs = Math.max(this.now(), pairTimeMs);
    this.isOwn = false;
  }

  /** The pair goes on with another history than this node's: the time of whoever is active counts, even if it is earlier. */
  part(): void {
    this.isOwn = true;
    this.leastMs = 0;
  }

  /**
   * Takes over the time of the active node. Never goes back once it has, but for {@link part}. What it loses on the way here
   * is the shortest delay of all messages and not that of this one: the time that has passed since that one counts.
   */
  observe(pairTimeMs: number): void {
    // No news of now.
    if (pairTimeMs <= this.leastMs) return;
    const monotonic = this.clock.monotonicMs();
    const free = this.atMs === undefined || this.isOwn ? pairTimeMs : this.atMs + Math.max(0, monotonic - this.atMonotonicMs);
    this.isOwn = false;
    this.atMs = Math.max(free, pairTimeMs);
    this.atMonotonicMs = monotonic;
  }
}

/** Measurements that are kept; the one with the shortest way is believed. */
const KEPT = 8;

/** One exchange, wall clocks in milliseconds: sent and answered here (t1, t4), heard and answered there (t2, t3). */
export interface Exchange {
  readonly sentMs: number;
  readonly heardMs: number;
  readonly answeredMs: number;
  readonly receivedMs: number;
}

/**
 * How far the other node's wall clock is ahead (R33), from heartbeats as NTP does it (RFC 5905, section 8): the offset
 * of the exchange that took least time. Nothing is decided by it.
 */
export class ClockSkew {
  private readonly measured: { readonly offsetMs: number; readonly roundTripMs: number }[] = [];

  add({ sentMs, heardMs, answeredMs, receivedMs }: Exchange): void {
    this.measured.push({ offsetMs: (heardMs - sentMs + (answeredMs - receivedMs)) / 2, roundTripMs: receivedMs - sentMs - (answeredMs - heardMs) });
    if (this.measured.length > KEPT) this.measured.shift();
  }

  /** A clock was set, or another node is there: begins anew. */
  clear(): void {
    this.measured.length = 0;
  }

  /** Milliseconds, positive where the other one is ahead; undefined until something was measured. */
  get ms(): number | undefined {
    if (this.measured.length === 0) return undefined;
    return this.measured.reduce((best, next) => (next.roundTripMs < best.roundTripMs ? next : best)).offsetMs;
  }
}

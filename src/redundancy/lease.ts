import type { Clock } from '../contract/index.js';

/**
 * The right to have effects (rule 2): lasts a little longer than the last proof that this node is awake and active,
 * and no longer than the last echo supports it where a witness is in force.
 */
export class Lease {
  private renewedMs: number | undefined;
  private open = false;
  private supportedUntilMs = Infinity;

  constructor(
    private readonly clock: Clock,
    private lengthMs: number,
  ) {}

  /** Other settings are in force. */
  setLength(ms: number): void {
    this.lengthMs = ms;
  }

  /** How long the event loop has not turned, where that is longer than the lease; else 0. Ask before {@link renew}. */
  stalledMs(): number {
    const gap = this.renewedMs === undefined ? 0 : this.clock.monotonicMs() - this.renewedMs;
    return gap > this.lengthMs ? gap : 0;
  }

  /** The event loop has turned; `mayAct` is the role machine's word. */
  renew(mayAct: boolean): void {
    this.renewedMs = this.clock.monotonicMs();
    this.open = mayAct;
  }

  /** What the other node's and the witness's echoes allow, monotonic milliseconds. */
  support(untilMs: number): void {
    this.supportedUntilMs = untilMs;
  }

  close(): void {
    this.open = false;
  }

  /** Whether this node may have effects at this very instant: asked synchronously beside each one. */
  permits(): boolean {
    const now = this.clock.monotonicMs();
    return this.open && this.renewedMs !== undefined && now - this.renewedMs <= this.lengthMs && now < this.supportedUntilMs;
  }
}

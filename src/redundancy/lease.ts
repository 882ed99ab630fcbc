import type { Clock } from '../contract/index.js';

/** The right to have effects (rule 2): lasts a little longer than the last proof that this node is awake and active. */
export class Lease {
  private renewedMs: number | undefined;
  private open = false;

  constructor(
    private readonly clock: Clock,
    private readonly lengthMs: number,
  ) {}

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

  close(): void {
    this.open = false;
  }

  /** Whether this node may have effects at this very instant: asked synchronously beside each one. */
  permits(): boolean {
    return this.open && this.renewedMs !== undefined && this.clock.monotonicMs() - this.renewedMs <= this.lengthMs;
  }
}

/** Requests to one peer, and the invoke ids that are free for it: 256 for each peer, and each rests after use. */
import type { Clock, Timer } from '../../src/contract/index.js';
import type { Peer } from './npdu.js';
import type { SegmentAck } from './segments.js';

interface Rest {
  readonly untilMs: number;
  /** Said again to a device that repeats the end of its segmented answer. */
  readonly ack: SegmentAck | undefined;
}

export class PeerLink<Transaction> {
  readonly live = new Map<number, Transaction>();
  readonly waiting: Transaction[] = [];
  /** Set while requests wait for an id to come out of its rest. */
  wake: Timer | undefined;
  private readonly resting = new Map<number, Rest>();
  private nextId = 0;

  constructor(readonly peer: Peer, readonly key: string, private readonly clock: Clock) {}

  rest(id: number, forMs: number, ack?: SegmentAck): void {
    this.resting.set(id, { untilMs: this.clock.monotonicMs() + forMs, ack });
  }

  /** The last acknowledgement under an id that rests. */
  lastAck(id: number): SegmentAck | undefined {
    return this.resting.get(id)?.ack;
  }

  /** An id, or after how many milliseconds the first one comes out of its rest. */
  freeId(): { readonly id: number } | { readonly afterMs: number } {
    const now = this.clock.monotonicMs();
    let earliest = Infinity;
    for (let tried = 0; tried < 256; tried++) {
      const id = (this.nextId + tried) & 0xff;
      const restsUntil = this.resting.get(id)?.untilMs;
      if (restsUntil !== undefined && restsUntil > now) {
        earliest = Math.min(earliest, restsUntil);
      } else if (!this.live.has(id)) {
        this.resting.delete(id);
        this.nextId = (id + 1) & 0xff;
        return { id };
      }
    }
    return { afterMs: earliest - now };
  }
}

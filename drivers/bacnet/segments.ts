/**
 * Segmentation (ANSI/ASHRAE 135 clauses 5.2 and 5.4): one message cut into segments, and one put together
 * again. Both only decide; timers and datagrams are the transaction layer's. Sequence numbers count modulo 256.
 */

/** Segments on their way that we take, and propose, before an acknowledgement is due. */
export const WINDOW = 16;
/** A peer that proposes another window is aborted (5.4.4.2, 5.4.5.1). */
export const isWindow = (window: number): boolean => window >= 1 && window <= 127;
/** A longer answer is refused: nobody may make us hold more than 1.5 MB. */
const MOST_SEGMENTS = 1_024;

export interface Segment {
  readonly sequence: number;
  /** Proposed by its sender. */
  readonly window: number;
  readonly more: boolean;
}

export interface SegmentAck {
  readonly negative: boolean;
  readonly sequence: number;
  readonly window: number;
}

/** A message that is being received. */
export class IncomingSegments {
  complete = false;
  private readonly parts: Uint8Array[] = [];
  private window = 1;
  /** Segments since the last acknowledgement. */
  private unacknowledged = 0;
  /** How many there were when a gap was last complained about: one complaint for each gap, or every segment behind it causes one. */
  private complainedAt = -1;

  /** What to say of it; undefined says nothing. */
  accept(segment: Segment, body: Uint8Array): SegmentAck | undefined {
    const ahead = (segment.sequence - this.parts.length) & 0xff;
    if (ahead === 0 && !this.complete) return this.append(segment, body);
    if (ahead < 0x80 && !this.complete) {
      if (this.complainedAt === this.parts.length) return undefined;
      this.complainedAt = this.parts.length;
      this.unacknowledged = 0;
      return this.last(true);
    }
    // Had already. Its sender repeats the whole window if the acknowledgement of its last segment was lost.
    return ahead === 0xff && this.unacknowledged === 0 ? this.last() : undefined;
  }

  /** The acknowledgement of what is there: for a sender that has fallen silent. */
  last(negative = false): SegmentAck {
    return { negative, sequence: (this.parts.length - 1) & 0xff, window: this.window };
  }

  get empty(): boolean {
    return this.parts.length === 0;
  }

  get tooLong(): boolean {
    return this.parts.length > MOST_SEGMENTS;
  }

  take(): Uint8Array {
    return Buffer.concat(this.parts);
  }

  private append({ window, more }: Segment, body: Uint8Array): SegmentAck | undefined {
    this.parts.push(Uint8Array.from(body)); // the datagram's memory is not ours
    this.window = Math.min(WINDOW, Math.max(1, window));
    this.complete = !more;
    this.unacknowledged++;
    // The first one is acknowledged alone: with it the window is agreed.
    if (more && this.parts.length > 1 && this.unacknowledged < this.window) return undefined;
    this.unacknowledged = 0;
    return this.last();
  }
}

/** A message that is being sent. */
export class OutgoingSegments {
  /** First segment that the other side has not acknowledged. */
  private base = 0;
  private window = 1;
  /** Base of the window that was last repeated on a complaint: a peer may complain of one gap many times. */
  private repeatedAt = -1;

  constructor(private readonly body: Uint8Array, private readonly size: number) {}

  get count(): number {
    return Math.ceil(this.body.length / this.size);
  }

  get done(): boolean {
    return this.base >= this.count;
  }

  /** The segments that may be on their way now. */
  current(): { readonly segment: Segment; readonly part: Uint8Array }[] {
    const end = Math.min(this.count, this.base + this.window);
    return Array.from({ length: Math.max(0, end - this.base) }, (_, row) => {
      const at = this.base + row;
      return { segment: { sequence: at & 0xff, window: WINDOW, more: at < this.count - 1 }, part: this.body.subarray(at * this.size, (at + 1) * this.size) };
    });
  }

  /** True if {@link current} is to be sent (again); false for an acknowledgement that says nothing new. */
  acknowledge({ negative, sequence, window }: SegmentAck): boolean {
    const ahead = (sequence - this.base) & 0xff;
    if (ahead < Math.min(this.window, this.count - this.base)) {
      this.base += ahead + 1;
      this.window = Math.min(127, Math.max(1, window));
      if (negative) this.repeatedAt = this.base;
      return !this.done;
    }
    if (!negative || ahead !== 0xff || this.repeatedAt === this.base) return false;
    this.repeatedAt = this.base; // nothing of this window came
    return true;
  }
}

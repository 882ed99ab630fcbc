import type { Clock } from '../contract/index.js';
import { limits } from './limits.js';

/** Whether what comes from a client may have waited while this node did not run: `long` is longer than anybody waits. */
export type Waited = 'no' | 'perhaps' | 'long';

/** When something came. */
export interface Arrival {
  readonly waited: Waited;
  readonly beat: number;
}

/**
 * Whether this node was there all the time (it may have been frozen, or its machine suspended), as its own heartbeats tell.
 *
 * What came meanwhile waits in the kernel, connections as well as bytes, and is read bit by bit after the node has woken: a loop
 * takes one waiting connection a turn. So what comes after a late heartbeat counts as having waited, until one was on time.
 */
export class Presence {
  private beatMs: number;
  private beats = 0;
  private settling: Waited = 'no';
  private lastLate: Record<Exclude<Waited, 'no'>, number> = { perhaps: 0, long: 0 };

  constructor(private readonly clock: Clock) {
    this.beatMs = clock.monotonicMs();
  }

  /** The heartbeats begin: what came before was not waited for. */
  begin(): void {
    this.beatMs = this.clock.monotonicMs();
  }

  /** A heartbeat. For how many milliseconds there was none, where that was too long for whoever was connected. */
  beat(): number | undefined {
    const gapMs = this.gapMs();
    const late = ofGap(gapMs);
    this.beats++;
    this.beatMs += gapMs;
    this.settling = late === 'no' ? 'no' : later(late, this.settling);
    if (late !== 'no') this.lastLate = { perhaps: this.beats, long: late === 'long' ? this.beats : this.lastLate.long };
    return late === 'long' ? gapMs : undefined;
  }

  /** Away for so long that whoever was connected has given up, and no heartbeat since. */
  get wasAway(): boolean {
    return ofGap(this.gapMs()) === 'long';
  }

  /** Something comes now. */
  arrival(): Arrival {
    return { waited: later(this.settling, ofGap(this.gapMs())), beat: this.beats };
  }

  /** Whether what came then may have waited, before it was read or since. */
  waited({ waited, beat }: Arrival): Waited {
    const since = this.lastLate.long > beat ? 'long' : this.lastLate.perhaps > beat ? 'perhaps' : 'no';
    return later(later(waited, since), ofGap(this.gapMs()));
  }

  private gapMs(): number {
    return this.clock.monotonicMs() - this.beatMs;
  }
}

function ofGap(gapMs: number): Waited {
  return gapMs > limits.awayBeats * limits.heartbeatMs ? 'long' : gapMs > limits.lateBeats * limits.heartbeatMs ? 'perhaps' : 'no';
}

const order: readonly Waited[] = ['no', 'perhaps', 'long'];

function later(one: Waited, other: Waited): Waited {
  return order.indexOf(one) > order.indexOf(other) ? one : other;
}

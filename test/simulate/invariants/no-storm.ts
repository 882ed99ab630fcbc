import type { SimWorld } from '../world.js';
import type { Invariant } from './invariant.js';

/** A busy pair has a few hundred events in a second. */
const MOST_PER_SECOND = 30_000;

/** Whatever goes wrong, the nodes do not set each other off without end. */
export class NoStorm implements Invariant {
  private sinceMs = 0;
  private before = 0;

  step(world: SimWorld): void {
    const { eventCount } = world.time;
    if (world.nowMs - this.sinceMs >= 1_000) {
      this.sinceMs = world.nowMs;
      this.before = eventCount;
    } else if (eventCount - this.before > MOST_PER_SECOND) {
      // Ends the story: it would never get any further.
      throw new RangeError(`a storm: ${eventCount - this.before} events within ${Math.round(world.nowMs - this.sinceMs)} ms`);
    }
  }
}

import type { RedundancyEvent } from '../contract/index.js';

const KEPT = 50;

/** The last decisions with their evidence (R34): shown at once, written to the pair's journal as soon as there is one to write to. */
export class EventRecord {
  private readonly events: RedundancyEvent[] = [];
  private unwritten: RedundancyEvent[] = [];

  /** `written`: the caller has put it into a frame; else it waits for {@link takeUnwritten}. */
  add(event: RedundancyEvent, written: boolean): void {
    this.events.push(event);
    if (this.events.length > KEPT) this.events.shift();
    if (written) return;
    this.unwritten.push(event);
    if (this.unwritten.length > KEPT) this.unwritten.shift();
  }

  /** What a node noted while it could not write: goes into the first frame of its activation. */
  takeUnwritten(): RedundancyEvent[] {
    return this.unwritten.splice(0);
  }

  newestFirst(): RedundancyEvent[] {
    return [...this.events].reverse();
  }
}

import type { Channel } from '../contract/index.js';

/** Connections of which nobody knows yet whose they are. Each ends by itself after a while; more at a time are nobody's partner. */
export const MOST_STRANGERS = 64;

/** Cuts off whoever has been silent for longest: a partner says who it is at once, and calls again. */
export function makeRoom(strangers: ReadonlySet<{ readonly channel: Channel }>): void {
  let over = strangers.size - MOST_STRANGERS;
  for (const { channel } of strangers) {
    if (over-- <= 0) return;
    channel.destroy();
  }
}

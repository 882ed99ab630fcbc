import type { Behaviour } from './behaviour.js';

/** Takes everything and neither does nor answers anything: a unit that is dead, a device that hangs. */
export function hang(): Behaviour {
  return { deaf: true };
}

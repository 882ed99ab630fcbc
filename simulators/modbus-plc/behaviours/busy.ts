import type { Behaviour } from './behaviour.js';

/** Exception 6, "server device busy": to be asked again later. */
export function busy(): Behaviour {
  return { refusal: 6 };
}

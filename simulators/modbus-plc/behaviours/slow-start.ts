import type { Behaviour } from './behaviour.js';

/** Neither does nor answers anything for a while after the PLC was started, as a controller that boots. */
export function slowStart({ forMs }: { readonly forMs: number }): Behaviour {
  return { deaf: true, applies: (sinceStartMs) => sinceStartMs < forMs };
}

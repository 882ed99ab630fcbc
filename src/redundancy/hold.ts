import type { HoldStatus } from '../contract/index.js';
import type { Json } from '../image/index.js';

/** Keyed state: automatic switching is suspended (R37); both nodes know, and a takeover changes nothing about it. */
export const HOLD_KEY = 'redundancy/hold';

/** The hold that is in force at `pairTimeMs`, if any. */
export function holdAt(stored: Json | undefined, pairTimeMs: number): HoldStatus | undefined {
  if (stored === undefined || stored === null) return undefined;
  const hold = stored as unknown as HoldStatus;
  return pairTimeMs < hold.untilMs ? hold : undefined;
}

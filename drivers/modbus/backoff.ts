const FIRST_MS = 100;
/** A device that returns is to be read within a second; two or three attempts a second cost a network nothing. */
const LONGEST_MS = 500;

/**
 * How long to wait before attempt number `attempt` (0 the first) to connect again. Doubles to a limit; between
 * half and all of it by chance, so that gateways that lost one switch together do not return together.
 */
export function reconnectDelayMs(attempt: number, chance: number): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 16));
  return longest * (0.5 + chance / 2);
}

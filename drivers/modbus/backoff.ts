const FIRST_MS = 100;
const LONGEST_MS = 4_000;

/**
 * How long to wait before attempt number `attempt` (0 the first) to connect again. Doubles to a limit; between
 * half and all of it by chance, so that gateways that lost one switch together do not return together.
 */
export function reconnectDelayMs(attempt: number, chance: number): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 16));
  return longest * (0.5 + chance / 2);
}

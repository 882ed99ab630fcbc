import type { SessionRecord } from './records.js';

const HOUR_MS = 3_600_000;
/** A session ends so long after its last use, and so long after it began whatever its use. */
const IDLE_MS = 12 * HOUR_MS;
const LONGEST_MS = 7 * 24 * HOUR_MS;
/** How exactly its last use is recorded: each time is a record on both nodes. */
const SEEN_EVERY_MS = 10 * 60_000;

/** In pair time, so that neither a failover nor a step of a clock ends or prolongs a session. */
export function endOf({ seenMs, createdMs }: SessionRecord): number {
  return Math.min(seenMs + IDLE_MS, createdMs + LONGEST_MS);
}

export function isWorthRecording({ seenMs }: SessionRecord, nowMs: number): boolean {
  return nowMs - seenMs >= SEEN_EVERY_MS;
}

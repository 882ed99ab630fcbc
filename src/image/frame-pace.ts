/** How closely frames may follow each other, milliseconds. */
export interface PaceRules {
  /** Least distance of two frames on average, however long the load lasts. */
  readonly frameMs: number;
  /** Least distance of two frames after quiet, as long as what was saved up then lasts. */
  readonly quickMs: number;
  /** Frames that quiet saves up. */
  readonly burst: number;
}

export interface PaceState {
  readonly lastCutMs: number;
  /** When the frames so far would all have been cut at the average distance. */
  readonly evenMs: number;
}

export const UNPACED: PaceState = { lastCutMs: -Infinity, evenMs: -Infinity };

/**
 * When the next frame may be cut. A scan of one device is a burst: its answers come within some tens of milliseconds, once
 * each second, and the last of them should not wait for a distance that is meant for a node that is busy all the time.
 * So the average is bounded, and the distance of single frames only by `quickMs`.
 */
export function nextCutMs({ frameMs, quickMs, burst }: PaceRules, { lastCutMs, evenMs }: PaceState): number {
  return Math.max(lastCutMs + Math.min(quickMs, frameMs), evenMs - burst * frameMs);
}

/** A frame was cut, be it for the sake of a record that never waits: nothing waits longer than `frameMs` after it. */
export function paced({ frameMs, burst }: PaceRules, { evenMs }: PaceState, nowMs: number): PaceState {
  return { lastCutMs: nowMs, evenMs: Math.min(Math.max(evenMs, nowMs), nowMs + burst * frameMs) + frameMs };
}

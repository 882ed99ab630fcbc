import { formatEpoch } from '../../../src/contract/index.js';
import type { Frame } from '../../../src/image/index.js';
import type { SimNode } from '../sim-node.js';
import type { SimWorld } from '../world.js';
import type { Invariant } from './invariant.js';

/** Fastest correction of pair time, with room for the clock's own rate; and what a frame may wait before it is cut. */
const SLEW = 0.06;
const GRAIN_MS = 50;

/**
 * Of (e) and rule 11: pair time advances monotonically and slews to the wall clock. While one node is active it keeps
 * within 5 % of the time that passes, however its wall clock is set, so that no entry is passed twice or passed over.
 */
export class PairTime implements Invariant {
  private last: { readonly epoch: string; readonly pairTimeMs: number; readonly atMs: number } | undefined;

  frame(world: SimWorld, node: SimNode, frame: Frame): void {
    if (frame.epoch.node !== node.id || frame.snapshot === true || node.role !== 'active') return;
    const epoch = formatEpoch(frame.epoch);
    const { pairTimeMs } = frame;
    if (this.last?.epoch === epoch) {
      const passedMs = world.nowMs - this.last.atMs;
      const movedMs = pairTimeMs - this.last.pairTimeMs;
      if (movedMs < passedMs * (1 - SLEW) - GRAIN_MS || movedMs > passedMs * (1 + SLEW) + GRAIN_MS) {
        world.wrong('e', `pair time moved by ${Math.round(movedMs)} ms within ${Math.round(passedMs)} ms, with frame ${frame.seq} of epoch ${epoch}`);
      }
    }
    this.last = { epoch, pairTimeMs, atMs: world.nowMs };
  }
}

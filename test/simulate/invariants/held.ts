import type { Frame } from '../../../src/image/index.js';
import { HOLD_KEY, holdAt } from '../../../src/redundancy/hold.js';
import { TIMING } from '../site.js';
import type { SimNode } from '../sim-node.js';
import type { SimWorld } from '../world.js';
import type { Invariant } from './invariant.js';

/** R37: while a node knows of a hold it does not become active by itself: not by a takeover, and not by a hand-over that nobody asked for. */
export class Held implements Invariant {
  /** Since when each hold is known to a node, by what it says. */
  private readonly since = new Map<string, number>();

  frame(world: SimWorld, node: SimNode, frame: Frame): void {
    for (const { key, value } of frame.puts) if (key === HOLD_KEY && value !== null) this.since.set(`${node.id} ${JSON.stringify(value)}`, world.nowMs);
    if (frame.epoch.node !== node.id || frame.snapshot === true) return;
    const activated = frame.logs.find(({ kind, data }) => kind === 'redundancy' && (data as { what?: string }).what === 'activated')?.data as { cause?: string; epoch?: number; node?: string } | undefined;
    if (activated?.epoch !== frame.epoch.number || activated.node !== node.id || !['failover', 'recovery', 'field'].includes(activated.cause ?? '')) return;
    const stored = node.gateway?.state.keyed.get(HOLD_KEY);
    const hold = holdAt(stored, frame.pairTimeMs);
    if (hold === undefined) return;
    // A move that had begun when the person asked goes on.
    const sinceMs = this.since.get(`${node.id} ${JSON.stringify(stored)}`) ?? -Infinity;
    if (world.nowMs - sinceMs > 2 * TIMING.failoverTimeMs) world.wrong('R37', `${node.id} becomes active (${activated.cause ?? ''}) while switching is held`);
  }
}

import { formatEpoch } from '../../../src/contract/index.js';
import type { Frame } from '../../../src/image/index.js';
import type { SimNode } from '../sim-node.js';
import type { FieldWrite, PlcName } from '../plant.js';
import type { SimWorld } from '../world.js';
import type { Invariant } from './invariant.js';

/** Deadline of one write (site document, `writeTimeout`): what an old epoch sent may arrive that much later. */
const WRITE_FLIGHT_MS = 2_000;

/**
 * (a) "with a witness, at most one node has effects at any instant, and at a device epochs never interleave within the
 * stated write flight; (b) without one, that holds outside a declared split".
 */
export class OneActive implements Invariant {
  private bothSince: number | undefined;
  /** By device: the epochs that have written there, in that order, each with its first write. */
  private readonly writers = new Map<PlcName, { epoch: string; sinceMs: number }[]>();
  private readonly epochs = new Map<string, string>();

  step(world: SimWorld): void {
    if (!world.a.mayAct || !world.b.mayAct) {
      this.bothSince = undefined;
      return;
    }
    if (this.bothSince !== undefined || world.isSplit) return;
    this.bothSince = world.nowMs;
    world.wrong('b', 'both nodes may act');
  }

  frame(_world: SimWorld, node: SimNode, { epoch }: Frame): void {
    if (epoch.node === node.id) this.epochs.set(node.id, formatEpoch(epoch));
  }

  fieldWrite(world: SimWorld, write: FieldWrite): void {
    const epoch = this.epochs.get(write.from) ?? `of ${write.from}, which has never been active`;
    let writers = this.writers.get(write.device);
    if (writers === undefined) this.writers.set(write.device, (writers = []));
    const newest = writers.at(-1);
    if (newest?.epoch === epoch) return;
    if (!writers.some((writer) => writer.epoch === epoch)) {
      writers.push({ epoch, sinceMs: world.nowMs });
    } else if (newest !== undefined && world.nowMs - newest.sinceMs > WRITE_FLIGHT_MS && !world.isSplit) {
      world.wrong('b', `${write.device} was written by epoch ${epoch}, ${Math.round(world.nowMs - newest.sinceMs)} ms after epoch ${newest.epoch} had begun to write there`);
    }
  }
}

import { formatEpoch } from '../../../src/contract/index.js';
import type { Frame } from '../../../src/image/index.js';
import type { SimNode } from '../sim-node.js';
import type { FieldWrite, PlcName } from '../plant.js';
import type { SimWorld } from '../world.js';
import type { Invariant } from './invariant.js';

/**
 * The stated write flight: deadline of one write (site document, `writeTimeout`), by which a device has what was sent. A
 * path that is cut stretches it: the kernel of a node that was killed repeats what it was given until the path heals
 * (story 280). Such a write counts by when it was sent; that was before the newer epoch had begun to write there.
 */
const WRITE_FLIGHT_MS = 2_000;

interface Writer {
  readonly epoch: string;
  readonly sinceMs: number;
  /** It began in a declared split. */
  readonly apart: boolean;
}

/**
 * (a) "with a witness, at most one node has effects at any instant, and at a device epochs never interleave within the
 * stated write flight; (b) without one, that holds outside a declared split".
 */
export class OneActive implements Invariant {
  private bothSince: number | undefined;
  /** By device: the epochs that have written there, in that order, each with its first write. */
  private readonly writers = new Map<PlcName, Writer[]>();
  /** When the nodes began to talk, the last time that they did. */
  private metMs = 0;
  private areTalking = false;
  /** By node: the highest of its epochs that has written anywhere (rule 1: on disk before the first effect). */
  private readonly numbers = new Map<string, { number: number; epoch: string }>();
  private readonly epochs = new Map<string, string>();

  step(world: SimWorld): void {
    const areTalking = world.a.isConnected && world.b.isConnected;
    if (areTalking && !this.areTalking) this.metMs = world.nowMs;
    this.areTalking = areTalking;
    if (!world.a.mayAct || !world.b.mayAct) {
      this.bothSince = undefined;
      return;
    }
    if (this.bothSince !== undefined || world.isSplit) return;
    if (world.isStrangled) {
      world.strangled();
      return;
    }
    this.bothSince = world.nowMs;
    world.wrong(world.isWitnessed ? 'a' : 'b', `both nodes may act${world.isWitnessed ? ', and the witness is in force' : ''}`);
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
    const number = Number.parseInt(epoch, 10);
    const before = this.numbers.get(write.from);
    if (before !== undefined && before.epoch !== epoch && number <= before.number && !writers.some((writer) => writer.epoch === epoch)) {
      world.wrong('b', `${write.device} was written by epoch ${epoch} after epoch ${before.epoch} of the same node had written: it was not on its disk`);
    }
    if (before === undefined || number > before.number) this.numbers.set(write.from, { number, epoch });
    if (!writers.some((writer) => writer.epoch === epoch)) {
      writers.push({ epoch, sinceMs: world.nowMs, apart: world.isSplit });
      return;
    }
    if (newest === undefined || world.isSplit) return;
    // What began in a split ends it for the other node only once they have talked.
    const sinceMs = newest.apart ? Math.max(newest.sinceMs, this.metMs) : newest.sinceMs;
    if (newest.apart && this.metMs < newest.sinceMs) return;
    // The higher number goes on as it is once they have met: the other one began late, forced on what was old, and ends with the split (story 304043).
    if (newest.apart && number > Number.parseInt(newest.epoch, 10)) {
      writers.push(...writers.splice(writers.findIndex((writer) => writer.epoch === epoch), 1).map((writer) => ({ ...writer, sinceMs: world.nowMs, apart: false })));
      return;
    }
    const { repeatedOfMs } = write;
    if (repeatedOfMs !== undefined && repeatedOfMs <= sinceMs) {
      world.count('(write that a kernel repeated after the next epoch had begun)');
      return;
    }
    if (world.nowMs - sinceMs > WRITE_FLIGHT_MS) world.wrong(world.isWitnessed ? 'a' : 'b', `${write.device} was written by epoch ${epoch}, ${Math.round(world.nowMs - newest.sinceMs)} ms after epoch ${newest.epoch} had begun to write there`);
  }
}

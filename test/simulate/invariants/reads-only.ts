import { sameEpoch } from '../../../src/contract/index.js';
import { contentOf } from '../../redundancy/fingerprint.js';
import type { FieldWrite } from '../plant.js';
import { ADDRESSES } from '../site.js';
import type { SimWorld } from '../world.js';
import type { Invariant } from './invariant.js';

const LOOK_MS = 1_000;

/**
 * R36: a third node holds what the pair holds at equal positions (g), is never active, touches no device, and follows
 * whoever leads once all is mended.
 */
export class ReadsOnly implements Invariant {
  private lookedMs = 0;
  private wasWrong = false;

  step(world: SimWorld): void {
    const { reader } = world;
    if (reader === undefined || this.wasWrong) return;
    if (reader.mayAct || reader.role === 'active' || reader.role === 'yielding') this.say(world, `${reader.id} only reads and is ${reader.role}`);
    if (world.nowMs - this.lookedMs >= LOOK_MS && this.look(world)) this.lookedMs = world.nowMs;
  }

  fieldWrite(world: SimWorld, { from, device }: FieldWrite): void {
    if (from === ADDRESSES.C) this.say(world, `${device} was written by the node that only reads`);
  }

  async end(world: SimWorld): Promise<void> {
    if (world.reader !== undefined && !this.look(world)) this.say(world, 'the node that only reads does not stand where the pair stands though nothing is going on');
  }

  /** False where it stands at the position of neither. */
  private look(world: SimWorld): boolean {
    const own = world.reader?.gateway?.state;
    const of = world.nodes.map(({ gateway }) => gateway?.state).find((state) => own !== undefined && state?.position.seq === own.position.seq && sameEpoch(state.position.epoch, own.position.epoch) && state.image.pending === 0);
    if (own === undefined || of === undefined) return false;
    if (contentOf(own) !== contentOf(of)) this.say(world, `the node that only reads differs from the pair at frame ${own.position.seq}`);
    return true;
  }

  private say(world: SimWorld, what: string): void {
    this.wasWrong = true;
    world.wrong('R36', what);
  }
}

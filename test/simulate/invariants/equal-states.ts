import { sameEpoch, type Epoch } from '../../../src/contract/index.js';
import { contentOf } from '../../redundancy/fingerprint.js';
import type { Frame } from '../../../src/image/index.js';
import type { SimNode } from '../sim-node.js';
import type { SimWorld } from '../world.js';
import type { Invariant } from './invariant.js';

const LOOK_MS = 1_000;
const WHOLE_EVERY = 20;

/**
 * (g) "both states hash equal at equal (epoch, seq)". Each second what has changed since the two were equal last, and
 * everything after a start or a snapshot, now and then, and in the end.
 */
export class EqualStates implements Invariant {
  private lookedMs = 0;
  private wasWrong = false;
  /** Where the two were equal last, in whole. */
  private equal: { readonly epoch: Epoch; readonly seq: number } | undefined;
  private looks = 0;

  begun(): void {
    this.equal = undefined;
  }

  frame(_world: SimWorld, _node: SimNode, { snapshot }: Frame): void {
    if (snapshot === true) this.equal = undefined;
  }

  step(world: SimWorld): void {
    if (world.nowMs - this.lookedMs < LOOK_MS || this.wasWrong) return;
    if (this.look(world, ++this.looks % WHOLE_EVERY === 0)) this.lookedMs = world.nowMs;
  }

  async end(world: SimWorld): Promise<void> {
    if (!this.look(world, true)) world.wrong('g', 'the nodes do not stand at one position though nothing is going on');
  }

  /** False where the two do not stand at one position, or one has values that are in no frame yet. */
  private look(world: SimWorld, whole: boolean): boolean {
    const [a, b] = world.nodes.map((node) => node.gateway?.state);
    if (a === undefined || b?.position.seq !== a.position.seq || !sameEpoch(a.position.epoch, b.position.epoch)) return false;
    if (a.image.pending > 0 || b.image.pending > 0) return false;
    // Another epoch may have begun below what was compared last.
    const since = whole || this.equal === undefined || !sameEpoch(this.equal.epoch, a.position.epoch) ? 0 : this.equal.seq;
    this.equal = a.position;
    const [left, right] = [contentOf(a, since), contentOf(b, since)];
    if (left !== right) {
      this.wasWrong = true;
      world.wrong('g', `the nodes differ at frame ${a.position.seq}: ${differences(left, right)}`);
    }
    return true;
  }
}

function differences(a: string, b: string): string {
  const [left, right] = [new Set(a.split('\n')), new Set(b.split('\n'))];
  return [...[...left].filter((line) => !right.has(line)).map((line) => `A: ${line}`), ...[...right].filter((line) => !left.has(line)).map((line) => `B: ${line}`)].slice(0, 6).join(' | ');
}

import { sameEpoch } from '../../../src/contract/index.js';
import { contentOf } from '../../redundancy/fingerprint.js';
import type { SimWorld } from '../world.js';
import type { Invariant } from './invariant.js';

const LOOK_MS = 1_000;

/** (g) "both states hash equal at equal (epoch, seq)". */
export class EqualStates implements Invariant {
  private lookedMs = 0;
  private wasWrong = false;

  step(world: SimWorld): void {
    if (world.nowMs - this.lookedMs < LOOK_MS || this.wasWrong) return;
    if (this.look(world)) this.lookedMs = world.nowMs;
  }

  async end(world: SimWorld): Promise<void> {
    if (!this.look(world)) world.wrong('g', 'the nodes do not stand at one position though nothing is going on');
  }

  /** False where the two do not stand at one position, or one has values that are in no frame yet. */
  private look(world: SimWorld): boolean {
    const [a, b] = world.nodes.map((node) => node.gateway?.state);
    if (a === undefined || b?.position.seq !== a.position.seq || !sameEpoch(a.position.epoch, b.position.epoch)) return false;
    if (a.image.pending > 0 || b.image.pending > 0) return false;
    const [left, right] = [contentOf(a), contentOf(b)];
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

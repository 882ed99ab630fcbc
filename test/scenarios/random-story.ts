import { comparePositions } from '../../src/image/index.js';
import type { Position } from '../../src/contract/index.js';
import { seededRandom, type SeededRandom } from '../../simulators/virtual-time/index.js';
import { contentOf } from '../redundancy/fingerprint.js';
import type { TestNode } from '../redundancy/node.js';
import { WITNESSED, World } from '../redundancy/world.js';

/** A split is declared from the cut on until this long after its healing: both may have been told to go on. */
const SPLIT_AFTERMATH_MS = 6_000;
const LOOK_MS = 10;

type Move = 'kill' | 'power' | 'freeze' | 'cut' | 'one-way' | 'slow-disk' | 'slow-link' | 'switch' | 'restart' | 'stop' | 'checkpoint' | 'nothing' | 'witness-kill' | 'witness-power' | 'witness-freeze' | 'witness-cut';
const MOVES: readonly Move[] = ['kill', 'power', 'freeze', 'cut', 'one-way', 'slow-disk', 'slow-link', 'switch', 'restart', 'stop', 'checkpoint', 'nothing'];
const WITNESS_MOVES: readonly Move[] = ['witness-kill', 'witness-power', 'witness-freeze', 'witness-cut'];

/**
 * One story from a seed: a pair at work, and whatever can go wrong going wrong at random, alone and together. All
 * the while four things must hold, and in the end, when everything is whole again, a fifth:
 *
 * 1. a record that was confirmed as protected is never lost;
 * 2. outside of declared splits at most one node may have effects; with a witness in force there is no split to declare;
 * 3. a position goes back by a snapshot only, and a restart brings back what was durable;
 * 4. nothing that a node does throws;
 * 5. exactly one node is active, the other in sync with it, and both hold the same.
 */
export class RandomStory {
  readonly world: World;
  readonly moves: string[] = [];
  protectedCount = 0;
  private readonly random: SeededRandom;
  private readonly confirmed = new Map<string, number>();
  private readonly repairs = new Set<() => void>();
  private splitUntilMs = 0;
  private cuts = 0;
  private written = 0;
  private safety: boolean;
  private readonly witnessed: boolean;
  private wrong: string[] = [];
  private readonly starting = new Set<TestNode>();
  private readonly stopping = new Set<TestNode>();

  constructor(seed: number) {
    this.random = seededRandom(`story ${seed}`);
    this.safety = this.random.next() < 0.5;
    this.witnessed = this.random.next() < 0.5;
    this.world = new World({
      seed,
      journalBytes: this.random.next() < 0.3 ? 20_000 : 64 << 20,
      settings: { ...(this.witnessed ? WITNESSED : {}), withoutWitness: this.safety ? 'prefer-safety' : 'prefer-availability', recovery: this.random.next() < 0.3 ? 'automatic' : 'manual' },
    });
  }

  /** Plays for `ms` of virtual time, then mends everything and waits for the happy end. Throws what went wrong. */
  async play(ms: number): Promise<void> {
    const { world } = this;
    if (this.witnessed) await world.wait(world.witness.start());
    for (const node of world.nodes) this.boot(node);
    const looking = world.time.every(LOOK_MS, () => this.look());
    const working = world.time.every(60, () => this.work());
    const endMs = world.time.monotonicMs() + ms;
    while (world.time.monotonicMs() < endMs && this.wrong.length === 0) {
      await world.time.advance(200 + this.random.below(6_000));
      this.move();
    }
    for (const repair of [...this.repairs]) repair();
    working.cancel();
    await world.until(() => this.stopping.size === 0, 60_000).catch(() => this.wrong.push('4: a clean stop never ends'));
    for (const repair of [...this.repairs]) repair();
    if (this.witnessed) await world.wait(world.witness.start());
    for (const node of world.nodes) this.boot(node);
    await world.until(() => this.wrong.length > 0 || world.nodes.some((node) => node.isInSync && world.other(node).role === 'standby'), 120_000).catch(() => {
      this.wrong.push(`5: never in sync again: ${world.nodes.map((node) => `${node.id} ${node.role}`).join(', ')}`);
    });
    await world.time.advance(2_000);
    looking.cancel();
    if (this.wrong.length === 0) this.checkEnd();
    if (this.wrong.length > 0) throw new Error([...this.wrong, 'after:', ...this.moves, ...world.errors.slice(-10)].join('\n  '));
  }

  private checkEnd(): void {
    const { world } = this;
    if (world.nodes.filter((node) => node.role === 'active').length !== 1) {
      this.wrong.push(`5: ${world.nodes.map((node) => `${node.id} ${node.role}`).join(', ')}`);
      return;
    }
    const [a, b] = world.nodes.map((node) => contentOf(node.state));
    if (a !== b) this.wrong.push(`5: the nodes differ:\n${differences(a ?? '', b ?? '')}`);
    const { keyed } = world.active().state;
    for (const [key, value] of this.confirmed) if (keyed.get(key) !== value) this.wrong.push(`1: ${key} was confirmed as protected and is ${JSON.stringify(keyed.get(key))}`);
  }

  // ---- what the pair does ---------------------------------------------------------------------------

  private boot(node: TestNode): void {
    if (node.life !== undefined || this.starting.has(node) || this.stopping.has(node)) return;
    this.starting.add(node);
    const before = node.durable;
    this.run(
      node.start().then(() => {
        this.starting.delete(node);
        if (node.life === undefined) return;
        const { loaded, damaged } = node.running;
        if (damaged !== undefined) this.wrong.push(`3: ${node.id} found its store damaged: ${damaged}`);
        if (before !== undefined && comparePositions(loaded, before) < 0) this.wrong.push(`3: ${node.id} had frame ${before.seq} of epoch ${before.epoch.number} on disk and came back at ${loaded.seq} of ${loaded.epoch.number}`);
        this.follow(node);
      }),
    );
  }

  private follow(node: TestNode): void {
    let at: Position = node.running.loaded;
    node.pair.sync.frames$.subscribe((frame) => {
      if (frame.snapshot !== true && (frame.seq <= at.seq || frame.epoch.number < at.epoch.number)) {
        this.wrong.push(`3: ${node.id} went from ${at.epoch.number}/${at.seq} to ${frame.epoch.number}/${frame.seq} without a snapshot`);
      }
      at = { epoch: frame.epoch, seq: frame.seq };
    });
  }

  /** Values as they come and, now and then, something that a person wants confirmed. */
  private work(): void {
    for (const node of this.world.nodes) {
      if (node.role !== 'active' || node.isFrozen || this.stopping.has(node)) continue;
      node.ingest([this.random.below(11), this.random.below(1_000) / 8]);
      if (this.random.next() < 0.1) node.put(`k/${this.random.below(8)}`, this.random.next() < 0.2 ? null : ++this.written);
      if (this.random.next() > 0.25) continue;
      const value = ++this.written;
      const key = `c/${value}`;
      this.run(
        node.confirmed(key, value).then(
          (held) => {
            if (held !== 'protected') return;
            this.world.trace(`${node.id} ${key} is protected`);
            this.confirmed.set(key, value);
            this.protectedCount++;
          },
          // Fenced, or its disk has failed: nobody was told anything.
          () => undefined,
        ),
      );
    }
  }

  private look(): void {
    const { world } = this;
    const allowed = world.nodes.filter((node) => node.permitted && !node.isFrozen);
    const declared = !this.safety && !this.isArmed() && (this.cuts > 0 || world.time.monotonicMs() < this.splitUntilMs);
    if (allowed.length > 1 && !declared && this.wrong.length === 0) this.wrong.push(`2: both nodes may act at ${world.time.monotonicMs()} ms`);
    for (const node of world.nodes) {
      if (node.life !== undefined) node.durable = node.durablePosition();
    }
  }

  /** Both nodes know that the witness decides. */
  private isArmed(): boolean {
    return this.witnessed && this.world.nodes.every((node) => node.life === undefined || node.state.keyed.get('redundancy/witness') === 'armed');
  }

  // ---- what goes wrong ------------------------------------------------------------------------------

  private move(): void {
    const { world, random } = this;
    const moves = this.witnessed ? [...MOVES, ...WITNESS_MOVES] : MOVES;
    const move = moves[random.below(moves.length)] as Move;
    const node = world.nodes[random.below(2)] as TestNode;
    const forMs = 50 + random.below(random.next() < 0.5 ? 1_500 : 12_000);
    if (this.make(move, node, forMs)) {
      this.moves.push(`${world.time.monotonicMs()} ms: ${move} ${node.id} ${forMs} ms`);
      world.trace(`-------- ${move} ${node.id} ${forMs} ms`);
    }
  }

  private make(move: Move, node: TestNode, forMs: number): boolean {
    const { world } = this;
    const other = world.other(node);
    switch (move) {
      case 'kill':
      case 'power':
        if (node.life === undefined) return false;
        if (move === 'kill') node.kill();
        else node.powerOff();
        this.stopping.delete(node);
        this.undo(forMs, () => this.boot(node));
        return true;
      case 'restart':
        this.boot(node);
        return true;
      case 'stop':
        if (node.life === undefined || node.isFrozen || this.stopping.has(node)) return false;
        this.stopping.add(node);
        this.run(
          node.stop().then(
            () => {
              this.stopping.delete(node);
              this.undo(forMs, () => this.boot(node));
            },
            () => this.stopping.delete(node),
          ),
        );
        return true;
      case 'freeze':
        if (node.life === undefined) return false;
        node.freeze();
        this.undo(forMs, () => node.thaw());
        return true;
      case 'cut':
      case 'one-way': {
        this.cuts++;
        const there = world.net.path(node.address, other.address);
        const back = world.net.path(other.address, node.address);
        there.cut();
        if (move === 'cut') back.cut();
        this.undo(forMs, () => {
          this.splitUntilMs = world.time.monotonicMs() + SPLIT_AFTERMATH_MS;
          if (--this.cuts > 0) return;
          there.heal();
          back.heal();
        });
        return true;
      }
      case 'slow-disk':
        node.disk.syncMs = 20 + this.random.below(1_500);
        this.undo(forMs, () => (node.disk.syncMs = 1));
        return true;
      case 'slow-link': {
        const path = world.net.path(node.address, other.address);
        path.bytesPerMs = 5;
        path.jitterMs = 60;
        this.undo(forMs, () => {
          path.bytesPerMs = Infinity;
          path.jitterMs = 0.5;
        });
        return true;
      }
      case 'switch':
        if (node.life === undefined || node.isFrozen) return false;
        this.run(node.pair.switchOver('story', '').catch(() => undefined));
        return true;
      case 'checkpoint':
        if (node.life === undefined || node.isFrozen) return false;
        this.run(node.checkpoint());
        return true;
      case 'witness-kill':
      case 'witness-power':
        if (!world.witness.isRunning) return false;
        if (move === 'witness-kill') world.witness.kill();
        else world.witness.powerOff();
        this.undo(forMs, () => this.run(world.witness.start()));
        return true;
      case 'witness-freeze':
        world.witness.freeze();
        this.undo(forMs, () => world.witness.thaw());
        return true;
      case 'witness-cut':
        world.net.cut(node.address, world.witness.address);
        this.undo(forMs, () => world.net.heal(node.address, world.witness.address));
        return true;
      case 'nothing':
        return true;
    }
  }

  private undo(afterMs: number, how: () => void): void {
    const once = (): void => {
      if (this.repairs.delete(once)) how();
    };
    this.repairs.add(once);
    this.world.time.after(afterMs, once);
  }

  private run(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.wrong.push(`4: ${String(error)}`));
  }
}

function differences(a: string, b: string): string {
  const left = new Set(a.split('\n'));
  const right = new Set(b.split('\n'));
  return [...[...left].filter((line) => !right.has(line)).map((line) => `A ${line}`), ...[...right].filter((line) => !left.has(line)).map((line) => `B ${line}`)].slice(0, 12).join('\n');
}

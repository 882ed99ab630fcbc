import assert from 'node:assert/strict';
import { leaseMs, stepRole, initialRoleState, type Mark, type RoleEffect, type RoleInput, type RoleState } from '../../src/redundancy/index.js';
import { seededRandom, type SeededRandom } from '../../simulators/virtual-time/index.js';
import { SETTINGS } from './world.js';

const settings = { ...SETTINGS, withoutWitness: 'prefer-safety' } as const;
const TICK_MS = 50;

type Message = { readonly kind: 'status'; readonly input: RoleInput } | { readonly kind: 'prepare' | 'ready' | 'yield' | 'goodbye' | 'ask' | 'count' };

interface Sent {
  readonly dueMs: number;
  readonly message: Message;
}

/** What survives of a node: its mark and how far it has got. Frames are one number, passed on with every status. */
interface Disk {
  mark: Mark;
  epoch: number;
  seq: number;
}

/** A role machine with just enough around it: an ordered link with any delay, a disk that knows the mark, effects that take time. */
class Node {
  state: RoleState;
  alive = true;
  busy: { readonly dueMs: number; readonly effect: RoleEffect } | undefined;
  inbox: Sent[] = [];
  following = 0;
  probeDueMs: number | undefined;

  constructor(
    readonly mode: 'main' | 'backup',
    readonly disk: Disk,
    nowMs: number,
  ) {
    this.state = initialRoleState(disk.mark, disk, false, nowMs);
  }
}

/** Two role machines, a link that delays and breaks, and deaths; nobody is frozen, so that the policy alone decides. */
class Couple {
  nowMs = 0;
  cut = false;
  up = false;
  readonly told: string[] = [];
  private readonly nodes: Node[];

  constructor(private readonly random: SeededRandom) {
    this.nodes = [new Node('main', { mark: 'following', epoch: 0, seq: 0 }, 0), new Node('backup', { mark: 'following', epoch: 0, seq: 0 }, 0)];
  }

  get actives(): number {
    return this.nodes.filter((node) => node.alive && node.state.role === 'active').length;
  }

  run(): void {
    this.nowMs += TICK_MS;
    this.chance();
    if (!this.up && !this.cut && this.nodes.every((node) => node.alive) && this.random.next() < 0.3) this.connect();
    for (const node of this.nodes) if (node.alive) this.turn(node);
  }

  private turn(node: Node): void {
    const other = this.other(node);
    while (!this.cut && node.inbox[0] !== undefined && node.inbox[0].dueMs <= this.nowMs) this.receive(node, node.inbox.shift()!.message);
    if (node.busy !== undefined && node.busy.dueMs <= this.nowMs) this.done(node, node.busy.effect);
    if (node.probeDueMs !== undefined && node.probeDueMs <= this.nowMs) {
      node.probeDueMs = undefined;
      this.step(node, { kind: 'probe', refusedEverywhere: !this.cut && !other.alive });
    }
    if (node.state.role === 'active' && this.random.next() < 0.5) node.disk.seq += 1;
    this.step(node, { kind: 'progress', progress: { epoch: node.disk.epoch, seq: node.disk.seq } });
    this.step(node, { kind: 'tick' });
    if (this.nowMs % 250 === 0) this.status(node);
  }

  private status(node: Node): void {
    const { epoch, seq } = node.disk;
    this.send(node, { kind: 'status', input: { kind: 'peer-seen', role: node.state.role, mode: node.mode, progress: { epoch, seq }, echo: 0 } });
  }

  private receive(node: Node, message: Message): void {
    switch (message.kind) {
      case 'status': {
        this.step(node, message.input);
        if (message.input.kind !== 'peer-seen' || message.input.role !== 'active' || node.state.role !== 'standby' || node.state.promoting) return;
        // Follows: holds what the active held when it spoke, and is asked to count itself.
        const { epoch, seq } = message.input.progress;
        if (epoch < node.disk.epoch) return;
        Object.assign(node.disk, { epoch, seq });
        if (node.following === epoch) return;
        node.following = epoch;
        node.disk.mark = 'following';
        this.step(node, { kind: 'sync', inSync: false });
        this.send(node, { kind: 'ask' });
        return;
      }
      case 'ask':
        if (node.state.role !== 'active') return;
        node.disk.mark = 'paired';
        this.send(node, { kind: 'count' });
        this.step(node, { kind: 'sync', inSync: true });
        return;
      case 'count':
        if (node.state.role !== 'standby') return;
        node.disk.mark = 'paired';
        this.step(node, { kind: 'sync', inSync: true });
        return;
      case 'prepare':
        if (node.state.role === 'standby' && node.state.inSync) this.send(node, { kind: 'ready' });
        return;
      case 'ready':
        this.step(node, { kind: 'peer-ready' });
        return;
      case 'yield':
        this.step(node, { kind: 'yielded', cause: 'switch' });
        return;
      case 'goodbye':
        this.down(node, { kind: 'peer-goodbye' });
    }
  }

  private step(node: Node, input: RoleInput): void {
    const { state, effects } = stepRole(node.state, input, this.nowMs, { mode: node.mode, settings });
    const wasInSync = node.state.role === 'active' && node.state.inSync;
    node.state = state;
    // As Sync does it: an active without its standby is alone, on disk, before it confirms anything.
    if (wasInSync && state.role === 'active' && !state.inSync) node.disk.mark = 'alone';
    for (const effect of effects) this.perform(node, effect);
  }

  private perform(node: Node, effect: RoleEffect): void {
    switch (effect.kind) {
      case 'promote':
        // Known to the other one with the next status, long before it is on disk.
        node.disk.epoch = Math.max(node.disk.epoch, node.state.peer.progress.epoch) + 1;
        node.busy = { dueMs: this.nowMs + TICK_MS * (1 + this.random.below(30)), effect };
        return;
      case 'yield':
        node.busy = { dueMs: this.nowMs + TICK_MS * (1 + this.random.below(30)), effect };
        return;
      case 'probe':
        node.probeDueMs ??= this.nowMs + TICK_MS * this.random.below(4);
        return;
      case 'drop-link':
        this.break();
        return;
      case 'prepare-handover':
        this.send(node, { kind: 'prepare' });
        return;
      case 'ask-witness':
        throw new Error('there is no witness in this world');
      case 'demote':
      case 'event':
    }
  }

  private done(node: Node, effect: RoleEffect): void {
    node.busy = undefined;
    if (effect.kind === 'promote') {
      if (!node.state.promoting) return;
      node.disk.mark = 'alone';
      this.step(node, { kind: 'progress', progress: { epoch: node.disk.epoch, seq: node.disk.seq } });
      this.step(node, { kind: 'promoted', nextBeat: 0 });
      this.status(node);
    } else if (node.state.role === 'yielding') {
      if (!this.up || this.cut) {
        this.step(node, { kind: 'handover-failed', reason: 'the link is down' });
        return;
      }
      this.status(node);
      this.send(node, { kind: 'yield' });
      this.step(node, { kind: 'yield-sent' });
    }
  }

  /** Whatever can go wrong goes wrong now and then. */
  private chance(): void {
    const { random } = this;
    const node = this.nodes[random.below(2)]!;
    const dice = random.next();
    if (dice < 0.004) {
      this.cut = !this.cut;
      this.told.push(`${this.nowMs} ${this.cut ? 'cut' : 'healed'}`);
    } else if (dice < 0.006 && node.alive) {
      this.told.push(`${this.nowMs} ${node.mode} killed as ${node.state.role}`);
      this.die(node, 'link-closed');
    } else if (dice < 0.008 && node.alive && node.state.role !== 'yielding' && node.busy === undefined) {
      this.told.push(`${this.nowMs} ${node.mode} stopped as ${node.state.role}`);
      this.die(node, 'peer-goodbye');
    } else if (dice < 0.02 && !node.alive) {
      this.told.push(`${this.nowMs} ${node.mode} started, ${node.disk.mark} at ${node.disk.epoch}/${node.disk.seq}`);
      this.nodes[this.nodes.indexOf(node)] = new Node(node.mode, node.disk, this.nowMs);
    } else if (dice < 0.024 && node.alive) this.step(node, { kind: 'switch', by: 'chance' });
  }

  private die(node: Node, how: 'link-closed' | 'peer-goodbye'): void {
    node.alive = false;
    node.inbox = [];
    if (!this.up) return;
    this.up = false;
    const other = this.other(node);
    if (!other.alive) return;
    // What was on its way arrives first; through a cut nothing does, and the end of the connection is seen as silence.
    if (this.cut) return;
    for (const { message } of other.inbox.splice(0)) this.receive(other, message);
    this.down(other, { kind: how });
  }

  private down(node: Node, input: RoleInput): void {
    if (node.state.handover !== undefined && node.state.role === 'active') this.step(node, { kind: 'handover-failed', reason: 'link down' });
    this.step(node, input);
  }

  private connect(): void {
    this.up = true;
    for (const node of this.nodes) Object.assign(node, { inbox: [], following: 0 });
    for (const node of this.nodes) this.status(node);
  }

  /** One side has destroyed the connection; the other one sees it closed, unless the cable is cut. */
  private break(): void {
    if (!this.up) return;
    this.up = false;
    for (const node of this.nodes) {
      node.inbox = [];
      if (node.alive && node.state.peer.link === 'up' && !this.cut) this.down(node, { kind: 'link-closed' });
    }
  }

  private send(from: Node, message: Message): void {
    if (!this.up) return;
    const to = this.other(from);
    const last = to.inbox.at(-1)?.dueMs ?? 0;
    to.inbox.push({ dueMs: Math.max(last, this.nowMs + this.random.below(100)), message });
  }

  private other(node: Node): Node {
    return this.nodes.find((one) => one !== node)!;
  }
}

describe('two role machines under prefer-safety', function () {
  this.timeout(120_000);

  it('are never both active, whatever breaks in whatever order', () => {
    let activations = 0;
    for (let seed = 1; seed <= 400; seed++) {
      const couple = new Couple(seededRandom(`couple ${seed}`));
      let before = 0;
      for (let i = 0; i < 4_000; i++) {
        couple.run();
        if (before === 0 && couple.actives === 1) activations += 1;
        before = couple.actives;
        assert.ok(before <= 1, `seed ${seed}, ${couple.nowMs} ms: both are active\n${couple.told.join('\n')}`);
      }
    }
    assert.ok(activations > 1_000, `${activations} activations: the stories are worth something`);
  });

  it('have a lease that ends before the other one may act', () => {
    assert.ok(leaseMs(settings) < settings.pingRateMs * settings.missedPings);
  });
});

import type { WireAlarm, WireRow } from '../../src/contract/index.js';
import type { FakeDesk } from './fake-desk.js';
import { FakeNode, type Act } from './fake-node.js';
import { FakePlant, type PointSeed } from './fake-plant.js';
import type { PairFacts } from './fake-status.js';

/** Two fake nodes with one plant; A is active first. */
export class FakePair {
  readonly plant: FakePlant;
  readonly facts: PairFacts;
  readonly #urls: Record<string, string> = {};
  readonly #nodes = new Map<string, FakeNode>();
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(extraPoints = 0, odd: readonly PointSeed[] = []) {
    this.plant = new FakePlant(extraPoints, odd);
    this.facts = {
      urls: this.#urls,
      active: 'A',
      epoch: 12,
      cause: 'recovery',
      canSwitch: true,
      handBackInMs: undefined,
      down: new Set(),
      events: [
        { timeMs: Date.now() - 5_400_000, node: 'A', what: 'went active (epoch 12)', evidence: 'stable for 5 min after its return; B pushed its state up to frame 88', cause: 'recovery' },
        { timeMs: Date.now() - 5_705_000, node: 'A', what: 'in sync', evidence: 'resumed at frame 41 of epoch 11' },
        { timeMs: Date.now() - 6_100_000, node: 'B', what: 'went active (epoch 11)', evidence: '3 pings missed, link, second path and HTTP port refused', cause: 'failover' },
      ],
    };
  }

  async start(): Promise<void> {
    for (const id of ['A', 'B']) {
      const node = new FakeNode(id, this.facts, this.plant, (at, path, body) => this.#act(at, path, body), (rows, alarms) => this.publish(rows, alarms));
      this.#nodes.set(id, node);
      this.#urls[id] = await node.listen();
    }
    this.#timers.push(
      setInterval(() => this.publish(this.plant.wander(), []), 100),
      setInterval(() => this.#nodes.forEach((node) => node.beat()), 500),
    );
  }

  async stop(): Promise<void> {
    this.#timers.forEach(clearInterval);
    await Promise.all([...this.#nodes.values()].map((node) => node.close()));
  }

  url(id: string): string {
    return this.#urls[id] ?? '';
  }

  /** What node `id` tells and keeps of certificates and partners. */
  desk(id: string): FakeDesk {
    const node = this.#nodes.get(id);
    if (node === undefined) throw new Error(`node ${id} is gone`);
    return node.desk;
  }

  publish(rows: readonly WireRow[], alarms: readonly WireAlarm[]): void {
    for (const node of this.#nodes.values()) node.publish(rows, alarms);
  }

  switchOver(evidence: string): void {
    this.#activate(this.facts.active === 'A' ? 'B' : 'A', 'switch', evidence);
    for (const node of this.#nodes.values()) node.roleChanged();
  }

  /** The node is gone, as by pulling its plug; the other one takes over where it was the active one, unless told not to. */
  async kill(id: string, takeover = true): Promise<void> {
    const node = this.#nodes.get(id);
    this.#nodes.delete(id);
    this.facts.down.add(id);
    await node?.close();
    if (this.facts.active !== id) return;
    if (!takeover) {
      this.facts.active = '';
      return;
    }
    this.#activate(id === 'A' ? 'B' : 'A', 'failover', `node ${id} refused every path`);
    for (const other of this.#nodes.values()) other.roleChanged();
  }

  /** Requests of the redundancy page, as the real node takes or refuses them. */
  #act(at: string, path: string, body: Readonly<Record<string, unknown>>): ReturnType<Act> {
    const accepted = { body: { accepted: true } };
    switch (path) {
      case 'redundancy/switch':
        this.switchOver(`switched by an operator: ${String(body.reason)}`);
        return accepted;
      case 'redundancy/force':
        this.#activate(at, 'arbitration', `forced: ${String(body.reason)}`);
        for (const node of this.#nodes.values()) node.roleChanged();
        return accepted;
      case 'redundancy/hold':
      case 'redundancy/release':
      case 'redundancy/drill':
        if (this.facts.active !== at) return { status: 503, body: { code: 'NOT_ACTIVE', detail: 'this node is not active' } };
        return this.#maintain(path, body);
      default:
        return { status: 404, body: { code: 'NOT_FOUND', detail: path } };
    }
  }

  #maintain(path: string, body: Readonly<Record<string, unknown>>): ReturnType<Act> {
    if (path === 'redundancy/drill') {
      this.facts.drill = { id: 'd1', by: '127.0.0.1', home: 'A', phase: 'away', startedMs: Date.now(), gapsMs: [], probes: {} };
    } else this.facts.hold = path === 'redundancy/release' ? undefined : { by: '127.0.0.1', reason: String(body.reason), untilMs: Date.now() + (body.for === '2h' ? 7_200_000 : 1_800_000) };
    return { body: { accepted: true } };
  }

  #activate(id: string, cause: PairFacts['cause'], evidence: string): void {
    this.facts.active = id;
    this.facts.epoch++;
    this.facts.cause = cause;
    this.facts.events.unshift({ timeMs: Date.now(), node: id, what: `went active (epoch ${String(this.facts.epoch)})`, evidence, cause });
  }
}

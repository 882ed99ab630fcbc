import { messageOf, type Log, type PointDefinition, type RedundancySettings } from '../../src/contract/index.js';
import { PointTable } from '../../src/image/index.js';
import { SimulatedNetwork } from '../../simulators/network/index.js';
import { seededRandom, VirtualClock, type SeededRandom } from '../../simulators/virtual-time/index.js';
import { TestNode } from './node.js';
import { TestWitness } from './witness.js';

export const SETTINGS: RedundancySettings = {
  recovery: 'manual',
  recoveryHoldMs: 5_000,
  maxHandBacksPerHour: 3,
  activity: 'hot',
  compareHoldMs: 10_000,
  pingRateMs: 250,
  missedPings: 3,
  failoverTimeMs: 1_000,
  connectionWaitMs: 3_000,
  staleWaitMs: 20_000,
  withoutWitness: 'prefer-availability',
  confirmWaitMs: 1_000,
  clockSkewLimitMs: 2_000,
  arbitration: 'field',
  drillEveryMs: 0,
  retryCount: 10,
  httpConnectTimeoutMs: 750,
  webSocketTimeoutMs: 1_000,
};

export const WITNESS_AT = { host: '10.0.0.3', port: 7100 } as const;
export const WITNESS_SECRET = 'of the three';

/** Settings of a pair with a witness. */
export const WITNESSED: Partial<RedundancySettings> = {
  withoutWitness: 'prefer-safety',
  witness: { ...WITNESS_AT, leaseMs: 500, promiseMs: 800, longestWriteMs: 250, disarmAfterMs: 20_000 },
};

export const POINTS: readonly PointDefinition[] = Array.from({ length: 12 }, (_, id) => ({
  id,
  name: `P${id}`,
  kind: id === 11 ? 'text' : 'number',
  device: 'D',
  poll: 'normal',
}));

export interface WorldOptions {
  readonly seed?: number;
  readonly secondPath?: boolean;
  readonly settings?: Partial<RedundancySettings>;
  /** The node that goes on where both were active; without it the policy of the settings decides. */
  readonly survivor?: 'A' | 'B';
  readonly points?: readonly PointDefinition[];
  /** Journal kept below a checkpoint. */
  readonly journalBytes?: number;
}

/** Two whole pairs of one site, each with its machine, its disk and its end of the network, on virtual time. */
export class World {
  readonly time = new VirtualClock();
  readonly random: SeededRandom;
  readonly net: SimulatedNetwork;
  readonly settings: RedundancySettings;
  readonly table: PointTable;
  /** Configurations that both nodes can run, by revision. */
  readonly tables = new Map<string, PointTable>();
  readonly journalBytes: number;
  /** The third machine, where the settings name one. */
  readonly witness: TestWitness;
  /** The nodes have a second, dedicated heartbeat path. */
  readonly secondPath: boolean;
  readonly a: TestNode;
  readonly b: TestNode;
  /** Registers of a PLC that both nodes reach, by node; `reached` says who does. */
  readonly plc = { values: new Map<string, number>(), reached: new Set(['A', 'B']) };
  /** What the nodes logged as errors, for a failing test to show. */
  readonly errors: string[] = [];

  constructor(options: WorldOptions = {}) {
    this.random = seededRandom(options.seed ?? 1);
    this.net = new SimulatedNetwork(this.time, this.random.fork('network'));
    this.settings = { ...SETTINGS, ...(options.survivor === undefined ? {} : { arbitration: 'priority' }), ...options.settings };
    this.table = new PointTable('0123456789abcdef', options.points ?? POINTS);
    this.tables.set(this.table.revision, this.table);
    this.journalBytes = options.journalBytes ?? 64 << 20;
    this.secondPath = options.secondPath === true;
    this.witness = new TestWitness(this, WITNESS_AT.host);
    this.a = new TestNode(this, 'A', 'main', '10.0.0.1', '10.0.0.2');
    this.b = new TestNode(this, 'B', 'backup', '10.0.0.2', '10.0.0.1');
    for (const node of this.nodes) node.priority = options.survivor === undefined ? undefined : options.survivor === node.id ? 1 : 2;
  }

  get nodes(): readonly [TestNode, TestNode] {
    return [this.a, this.b];
  }

  other(node: TestNode): TestNode {
    return node === this.a ? this.b : this.a;
  }

  cut(): void {
    this.net.cut(this.a.address, this.b.address);
  }

  heal(): void {
    this.net.heal(this.a.address, this.b.address);
  }

  /** Both started from nothing, A active, B in sync. */
  async inSync(): Promise<this> {
    if (this.settings.witness !== undefined) await this.wait(this.witness.start());
    await this.time.advanceWhile(Promise.all([this.a.start(), this.b.start()]), 10_000);
    await this.untilInSync();
    if (this.settings.witness !== undefined) await this.until(() => this.nodes.every((node) => node.state.keyed.get('redundancy/witness') === 'armed'));
    return this;
  }

  async untilInSync(limitMs = 30_000): Promise<TestNode> {
    await this.time.advanceUntil(() => this.nodes.some((node) => node.isInSync && this.other(node).role === 'standby'), limitMs);
    return this.active();
  }

  async until(done: () => boolean, limitMs = 30_000): Promise<number> {
    return this.time.advanceUntil(done, limitMs);
  }

  async wait<T>(work: Promise<T>, limitMs = 30_000): Promise<T> {
    return this.time.advanceWhile(work, limitMs);
  }

  /** Until nothing that `node` recorded apart lies aside any more. */
  async untilMerged(node: TestNode, limitMs = 30_000): Promise<void> {
    const deadline = this.time.monotonicMs() + limitMs;
    while ((await this.wait(node.running.store.aside.count())) > 0) {
      if (this.time.monotonicMs() > deadline) throw new Error(`${node.id} has not been merged; ${this.errors.join('; ')}`);
      await this.time.advance(20);
    }
  }

  active(): TestNode {
    const active = this.nodes.filter((node) => node.role === 'active');
    if (active.length !== 1) throw new Error(`${active.length} nodes are active; ${this.errors.join('; ')}`);
    return active[0] as TestNode;
  }

  log(node: string): Log {
    const log: Log = {
      debug: () => undefined,
      info: (text) => this.trace(`${node} ${text}`),
      warn: (text) => this.trace(`${node} warn ${text}`),
      error: (text, cause) => {
        this.errors.push(`${node} at ${this.time.monotonicMs()} ms: ${text}: ${messageOf(cause)}`);
        this.trace(`${node} ERROR ${text}: ${messageOf(cause)}`);
      },
      child: () => log,
    };
    return log;
  }

  /** With TANDEM_TRACE set, everything that the nodes say, with its time. */
  trace(text: string): void {
    if (process.env.TANDEM_TRACE !== undefined) console.log(this.time.monotonicMs().toFixed(1).padStart(10), text);
  }
}

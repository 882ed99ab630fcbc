import type { Frame } from '../../src/image/index.js';
import type { Programs } from '../../src/functions/index.js';
import type { Gateway } from '../../src/gateway.js';
import type { Messenger, SiteConfig } from '../../src/contract/index.js';
import type { Operation } from '../../simulators/disk/index.js';
import { SimulatedNetwork } from '../../simulators/network/index.js';
import { seededRandom, VirtualClock, type SeededRandom } from '../../simulators/virtual-time/index.js';
import type { Invariant } from './invariants/invariant.js';
import { Plant } from './plant.js';
import { SimClient, type Confirmed } from './sim-client.js';
import { SimScreen } from './sim-screen.js';
import { SimNode, type Life } from './sim-node.js';
import { SimWitness } from './sim-witness.js';
import { ADDRESSES, siteOf, type SiteOptions } from './site.js';
import { Transcript } from './transcript.js';

export interface WorldOptions extends SiteOptions {
  readonly seed: number | string;
  readonly clients: number;
  readonly journal?: { readonly keptBytes: number; readonly checkpointBytes: number; readonly strainedBytes?: number };
  readonly invariants: readonly Invariant[];
  /** The nodes have a second, dedicated heartbeat path. */
  readonly secondPath?: boolean;
  /** The configuration can be changed while the pair runs. */
  readonly editable?: boolean;
  /** A third node, which only reads (R36). */
  readonly reader?: boolean;
  /** The journal is so short that history is fetched page by page. */
  readonly fetchesHistory?: boolean;
  /** Both nodes begin with the link's protocol before this one. */
  readonly older?: boolean;
  /** In place of the site of all stories; then nothing happens in the plant by itself. */
  readonly site?: SiteConfig;
  /** Where mails and webhooks arrive. */
  readonly messenger?: Messenger;
  /** The engines for control programs, where the site has any. */
  readonly programs?: Readonly<Record<'A' | 'B', Programs>>;
}

/** A pair of this size says some 2 kB a second, more when something happens. */
const STRANGLED_BYTES_PER_MS = 6;
/** A split is declared from the cut on until this long after its healing: both may have been told to go on. */
const SPLIT_AFTERMATH_MS = 6_000;
const MOST_WRONGS = 12;
/** Where src/redundancy/witness-seat.ts keeps whether the witness is in force. */
const WITNESS_KEY = 'redundancy/witness';

/** Two whole gateways, their disks, the field, the clients and the network between them all, on one virtual time. */
export class SimWorld {
  readonly time: VirtualClock;
  readonly random: SeededRandom;
  readonly net: SimulatedNetwork;
  /** As the story begins. */
  readonly site: SiteConfig;
  readonly siteOptions: SiteOptions;
  /** Changes of the configuration that were tried, and the revisions of those that were confirmed as on both nodes. */
  edits = 0;
  readonly confirmedEdits: string[] = [];
  readonly transcript: Transcript;
  readonly plant: Plant;
  readonly a: SimNode;
  readonly b: SimNode;
  /** Where the site has one. */
  readonly witness: SimWitness | undefined;
  /** R36, where the story has one. */
  readonly reader: SimNode | undefined;
  readonly clients: readonly SimClient[];
  /** Shows what the third node tells, and asks for nothing. */
  readonly readerScreen: SimScreen | undefined;
  /** Things that happened of which there is a report, by their names. */
  readonly counts = new Map<string, number>();
  /** What should never have happened. */
  readonly wrongs: string[] = [];
  private splits = 0;
  private splitUntilMs = -1;
  private isApart = false;
  private apartUntilMs = -1;
  private values = 0;

  constructor(readonly options: WorldOptions) {
    this.time = new VirtualClock({ startMs: options.startMs, inProcess: true });
    this.random = seededRandom(`simulation ${options.seed}`);
    this.transcript = new Transcript(() => this.time.monotonicMs());
    this.net = new SimulatedNetwork(this.time, this.random.fork('network'));
    this.siteOptions = { startMs: options.startMs, recovery: options.recovery, policy: options.policy, witness: options.witness === true, longLease: options.witness === true && options.longLease === true, ...(options.arbitration === undefined ? {} : { arbitration: options.arbitration }), ...(options.fieldMoves === true ? { fieldMoves: true } : {}) };
    this.site = options.site ?? siteOf(this.siteOptions);
    this.witness = options.witness === true ? new SimWitness(this) : undefined;
    this.plant = new Plant(this);
    this.plant.onWrite = (write) => this.each((invariant) => invariant.fieldWrite?.(this, write));
    this.a = new SimNode(this, 'A');
    this.b = new SimNode(this, 'B');
    for (const node of this.nodes) node.disk.onDurable = (operations) => this.durable(node, operations);
    this.clients = Array.from({ length: options.clients }, (_, index) => new SimClient(this, index + 1));
    this.reader = options.reader === true ? new SimNode(this, 'C') : undefined;
    this.readerScreen = options.reader === true ? new SimScreen(this, { who: 'client of the reader', address: ADDRESSES.client.replace(/1$/, '9'), ids: 'r', nodes: ['C'], readFrom: 'any' }) : undefined;
    const watching = options.invariants.filter((invariant) => 'step' in invariant);
    this.time.onEvent = () => {
      this.noteTalk();
      for (const invariant of watching) invariant.step?.(this);
    };
  }

  get nodes(): readonly [SimNode, SimNode] {
    return [this.a, this.b];
  }

  get screens(): readonly SimScreen[] {
    return this.readerScreen === undefined ? this.clients : [...this.clients, this.readerScreen];
  }

  get nowMs(): number {
    return this.time.monotonicMs();
  }

  other(node: SimNode): SimNode {
    return node === this.a ? this.b : this.a;
  }

  async start(): Promise<void> {
    await this.plant.start();
    this.witness?.start();
    for (const node of this.nodes) node.start();
    this.reader?.start();
    for (const screen of this.screens) screen.start();
  }

  say(who: string, what: string): void {
    this.transcript.say(who, what);
  }

  count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  /** An invariant does not hold. `rule` is its letter in docs/simulation.md. */
  wrong(rule: string, what: string): void {
    if (this.wrongs.length >= MOST_WRONGS) return;
    this.wrongs.push(`(${rule}) at ${(this.nowMs / 1_000).toFixed(3)}: ${what}`);
    this.say('WRONG', `(${rule}) ${what}`);
  }

  get active(): SimNode | undefined {
    const active = this.nodes.filter((node) => node.role === 'active');
    return active.length === 1 ? active[0] : undefined;
  }

  /** One node is active and the other holds all that it holds. */
  get isWhole(): boolean {
    return this.nodes.some((node) => node.isInSync && this.other(node).role === 'standby');
  }

  /** The third node, where there is one, follows whoever is active. */
  get isReadBy(): boolean {
    return this.reader === undefined || this.active?.gateway?.pair.status().readers?.some(({ following, lagFrames }) => following && lagFrames < 50) === true;
  }

  // ---- splits -------------------------------------------------------------------------------------

  /** The nodes cannot talk from here on. Without a witness, and where availability is preferred, both may then be active. */
  beginSplit(): void {
    this.splits++;
  }

  endSplit(): void {
    this.splits--;
    this.splitUntilMs = this.nowMs + SPLIT_AFTERMATH_MS;
  }

  /** A person makes a node active, whatever the other one does: until the two have talked that is for the person to answer. */
  forced(node: SimNode): void {
    if (this.witness?.isUp === true && this.isWitnessed && node.gateway?.pair.status().witness?.reachable === true) return;
    this.isApart = true;
  }

  /** Signs of life wait behind what a link cannot carry; without a witness that is a split, which nobody tells from a cut (story 4449). */
  get isStrangled(): boolean {
    const { net, a, b } = this;
    return this.options.policy === 'prefer-availability' && !this.isWitnessed && Math.min(net.path(a.address, b.address).bytesPerMs, net.path(b.address, a.address).bytesPerMs) < STRANGLED_BYTES_PER_MS;
  }

  /** Both lead behind such a link: a split until the two have talked. */
  strangled(): void {
    this.count('(both active behind a link that carried less than it had to)');
    this.isApart = true;
  }

  private noteTalk(): void {
    if (!this.isApart || !this.a.isConnected || !this.b.isConnected) return;
    this.isApart = false;
    this.apartUntilMs = this.nowMs + SPLIT_AFTERMATH_MS;
  }

  /** Somebody still holds the way between the nodes cut. */
  get isCut(): boolean {
    return this.splits > 0;
  }

  get isSplit(): boolean {
    const byPolicy = this.options.policy === 'prefer-availability' && (this.splits > 0 || this.nowMs < this.splitUntilMs);
    return (byPolicy || this.isApart || this.nowMs < this.apartUntilMs) && !this.isWitnessed;
  }

  /** Every node that runs knows the witness to be in force: then nothing excuses two of them. */
  get isWitnessed(): boolean {
    if (this.witness === undefined) return false;
    return this.nodes.every(({ gateway }) => {
      const arming = gateway?.state.keyed.get(WITNESS_KEY) ?? (gateway?.state.position.seq === 0 ? 'armed' : 'disarmed');
      return gateway === undefined || arming === 'armed' || arming === 'arming';
    });
  }

  // ---- what invariants hear -----------------------------------------------------------------------

  nextValue(): number {
    // A device that lies is wrong in the last bit: it must not show what somebody else has asked for (stories 8176, 18424).
    return 10_000 + 2 * ++this.values;
  }

  commanded(point: string, value: number): void {
    this.each((invariant) => invariant.commanded?.(this, point, value));
  }

  confirmed(confirmed: Confirmed): void {
    this.each((invariant) => invariant.confirmed?.(this, confirmed));
  }

  begun(node: SimNode, life: Life, gateway: Gateway): void {
    // What only reads is looked at by reads-only.
    if (node === this.reader) return;
    this.each((invariant) => invariant.begun?.(this, node, gateway));
    gateway.pair.sync.frames$.subscribe((frame) => {
      if (node.life === life) this.frame(node, frame);
    });
  }

  ending(node: SimNode, life: Life): void {
    if (node === this.reader) return;
    this.each((invariant) => invariant.ending?.(this, node, life));
  }

  /** Whatever invariants say in the end, when the story is over and everything should be well. */
  async checkEnd(): Promise<void> {
    for (const invariant of this.options.invariants) await invariant.end?.(this);
  }

  private frame(node: SimNode, frame: Frame): void {
    this.each((invariant) => invariant.frame?.(this, node, frame));
  }

  private durable(node: SimNode, operations: readonly Operation[]): void {
    this.each((invariant) => invariant.durable?.(this, node, operations));
  }

  private each(call: (invariant: Invariant) => void): void {
    for (const invariant of this.options.invariants) call(invariant);
  }
}

import type { Arbitration } from '../../src/contract/index.js';
import { seededRandom, type SeededRandom } from '../../simulators/virtual-time/index.js';
import { directedFaults } from './directed-faults.js';
import { faults, mendNetwork, type Fault, type FaultContext } from './faults.js';
import { allInvariants } from './invariants/index.js';
import { harshFaults, secondPathFaults, versionFaults, witnessFaults } from './more-faults.js';
import { fieldFaults, journalFaults, peopleFaults, readerFaults } from './option-faults.js';
import { TIMING } from './site.js';
import type { SimNode } from './sim-node.js';
import { SimWorld } from './world.js';

export interface StoryResult {
  readonly seed: number;
  readonly wrongs: readonly string[];
  readonly faults: Readonly<Record<string, number>>;
  readonly simulatedMs: number;
  readonly events: number;
  readonly confirmed: number;
  readonly digest: string;
  readonly transcript: string;
}

/** What there is beside two nodes of one version on one link. */
export interface Shape {
  readonly witness: boolean;
  readonly secondPath: boolean;
  readonly older: boolean;
  /** Leases longer than the silence after which a standby asks: what promises are for. */
  readonly longLease?: boolean;
  /** Faults that come in pairs, in the order in which they hurt most. */
  readonly harsh?: boolean;
  /** A directed story: nothing goes wrong but these, again and again. Names of faults of any kind (directed-faults.ts has more). */
  readonly only?: readonly string[];
  /** The configuration is a document of the pair, and can be changed while it runs. */
  readonly editable?: boolean;
  /** A third node, which only reads. */
  readonly reader?: boolean;
  /** A person who forces a node and holds switching. */
  readonly people?: boolean;
  /** Who goes on after a split, where not by the field. */
  readonly arbitration?: Arbitration;
  /** Control moves after four seconds to whoever reaches more of the field. */
  readonly fieldMoves?: boolean;
  /** A journal of some ten seconds. */
  readonly shortJournal?: boolean;
}

/** Two nodes on one link. */
export const PLAIN: Shape = { witness: false, secondPath: false, older: false };

/**
 * Drawn apart from the story itself, so that the stories of plain pairs do not change with what can be added to them; and
 * what came later from a stream of its own again, so that half of all stories stay what they were.
 */
export function shapeOf(seed: number): Shape {
  const random = seededRandom(`shape ${seed}`);
  const shape: Shape = { witness: random.next() < 0.4, secondPath: random.next() < 0.2, older: random.next() < 0.15, longLease: random.next() < 0.4, harsh: random.next() < 0.4 };
  const { reader, ...options } = optionsOf(seed);
  const shortJournal = seededRandom(`journal ${seed}`).next() < 0.1;
  // The version before does not know such nodes, and refuses them; nor can it be asked for journal entries.
  return { ...shape, ...options, ...(reader === true && !shape.older && { reader }), ...(shortJournal && !shape.older && { shortJournal }) };
}

const POLICIES = ['longest-active', 'main', 'priority'] as const;

function optionsOf(seed: number): Partial<Shape> {
  const random = seededRandom(`options ${seed}`);
  const [reader, people, fieldMoves, arbitration] = [random.next() < 0.12, random.next() < 0.15, random.next() < 0.12, random.next() < 0.15 ? POLICIES[random.below(3)] : undefined];
  return { ...(reader && { reader }), ...(people && { people }), ...(fieldMoves && { fieldMoves }), ...(arbitration === undefined ? {} : { arbitration }) };
}

/** Nights in which Berlin's clocks change, a quarter of an hour before they do. */
const SPRING_MS = Date.UTC(2026, 2, 29, 0, 58);
const AUTUMN_MS = Date.UTC(2026, 9, 25, 0, 58);
const MONDAY_MS = Date.UTC(2026, 0, 5, 8);

/** What a busy pair frames in about ten seconds. */
const SHORT_JOURNAL = { keptBytes: 12_000, checkpointBytes: 4_000 };

const LEAST_FAULTS = 10;
/** Once all is mended: a restart, the longest wait of a node that may be stale, a synchronization, and a hand-back. */
const WELL_WITHIN_MS = 2_000 + TIMING.staleWaitMs + TIMING.connectionWaitMs + 30_000;
const QUIET_MS = 12_000;

/**
 * One story from a seed. Safety: for so many minutes the pair works while at least ten things go wrong, alone and
 * together. Liveness: everything is mended, and within a stated bound one node is active, the other in sync with it,
 * and all that the invariants say of the end holds.
 */
export async function playStory(seed: number, minutes: number, shape: Shape = shapeOf(seed)): Promise<StoryResult> {
  const random = seededRandom(`story ${seed}`);
  const startMs = random.next() < 0.15 ? (random.next() < 0.5 ? SPRING_MS : AUTUMN_MS) : MONDAY_MS;
  const world = new SimWorld({
    seed,
    startMs,
    policy: random.next() < 0.5 ? 'prefer-availability' : 'prefer-safety',
    recovery: random.next() < 0.4 ? 'automatic' : 'manual',
    clients: 1 + random.below(2),
    // Checkpoints often, or as seldom as on a real site.
    ...(random.next() < 0.4 ? { journal: { keptBytes: 64 << 20, checkpointBytes: 8_000 } } : {}),
    ...(shape.shortJournal === true ? { journal: SHORT_JOURNAL, fetchesHistory: true } : {}),
    ...shape,
    invariants: allInvariants(),
  });
  const story = new Story(world, random, minutes * 60_000, faultsOf(shape));
  if (shape.witness) world.count('(story with a witness)');
  if (shape.secondPath) world.count('(story with a second path)');
  if (shape.older) world.count('(story with two versions)');
  if (shape.reader === true) world.count('(story with a node for reading)');
  if (shape.people === true) world.count('(story with a person who forces and holds)');
  if (shape.fieldMoves === true) world.count('(story in which the field moves control)');
  if (shape.shortJournal === true) world.count('(story with a short journal)');
  if (shape.arbitration !== undefined) world.count(`(story with arbitration: ${shape.arbitration})`);
  if (startMs !== MONDAY_MS) world.count('DST night');
  await story.play();
  return {
    seed,
    wrongs: world.wrongs,
    faults: Object.fromEntries(world.counts),
    simulatedMs: world.nowMs,
    events: world.time.eventCount,
    confirmed: world.clients.reduce((sum, client) => sum + client.confirmed.length, 0),
    digest: world.transcript.digest,
    transcript: world.transcript.text,
  };
}

type Faults = readonly (readonly [name: string, fault: Fault])[];

/** Of what can happen to any pair, and as likely of what can happen to this one only. */
function faultsOf({ witness, secondPath, older, harsh, reader, people, fieldMoves, shortJournal, only }: Shape): { any: Faults; own: Faults } {
  if (only !== undefined) {
    const all: Record<string, Fault> = { ...faults, ...witnessFaults, ...secondPathFaults, ...versionFaults, ...harshFaults, ...readerFaults, ...peopleFaults, ...fieldFaults, ...journalFaults, ...directedFaults };
    return { any: Object.entries(all).filter(([name]) => only.includes(name)), own: [] };
  }
  return {
    any: Object.entries(faults),
    own: [...(witness ? Object.entries(witnessFaults) : []), ...(secondPath ? Object.entries(secondPathFaults) : []), ...(older ? Object.entries(versionFaults) : []), ...(harsh === true ? Object.entries(harshFaults) : []), ...(reader === true ? Object.entries(readerFaults) : []), ...(people === true ? Object.entries(peopleFaults) : []), ...(fieldMoves === true ? Object.entries(fieldFaults) : []), ...(shortJournal === true ? Object.entries(journalFaults) : [])],
  };
}

class Story {
  private readonly repairs = new Set<() => void>();

  constructor(
    private readonly world: SimWorld,
    private readonly random: SeededRandom,
    private readonly lengthMs: number,
    private readonly faults: ReturnType<typeof faultsOf>,
  ) {}

  async play(): Promise<void> {
    const { world, lengthMs } = this;
    const { policy, recovery, journal, clients, witness, secondPath, older, reader, fieldMoves, arbitration } = world.options;
    const more = [witness === true ? ', witness' : '', secondPath === true ? ', second path' : '', older === true ? ', older version' : '', reader === true ? ', a node for reading' : '', fieldMoves === true ? ', moved by the field' : '', arbitration === undefined ? '' : `, arbitration ${arbitration}`].join('');
    world.say('story', `${policy}, recovery ${recovery}, ${clients} clients, ${journal === undefined ? 'no' : 'frequent'} checkpoints${more}, ${new Date(world.options.startMs).toISOString()}`);
    try {
      await world.start();
      await this.goWrong(lengthMs);
      if (world.wrongs.length === 0) await this.getWell();
      if (world.wrongs.length === 0) await world.time.advanceWhile(world.checkEnd(), 60_000);
    } catch (error) {
      world.wrong('thrown', error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
  }

  private async goWrong(lengthMs: number): Promise<void> {
    const { world, random } = this;
    const { time } = world;
    await time.advance(3_000 + random.below(3_000));
    // At least ten, and about one in eight seconds; in clumps, because it is the second one that hurts.
    const dues = Array.from({ length: Math.max(LEAST_FAULTS, Math.round(lengthMs / 8_000)) }, () => random.next() * (lengthMs - 6_000)).sort((x, y) => x - y);
    const beganMs = world.nowMs;
    for (const dueMs of dues) {
      const waitMs = random.next() < 0.3 ? random.below(400) : beganMs + dueMs - world.nowMs;
      if (waitMs > 0) await time.advance(waitMs);
      if (world.wrongs.length > 0) return;
      this.oneFault();
    }
    await time.advance(Math.max(0, lengthMs - world.nowMs));
  }

  private oneFault(): void {
    const { world, random } = this;
    for (let tries = 0; tries < 10; tries++) {
      const { any, own } = this.faults;
      const from = own.length > 0 && random.next() < 0.4 ? own : any;
      const [name = '', fault] = from[random.below(from.length)] ?? [];
      const node = world.nodes[random.below(2)] ?? world.a;
      const context: FaultContext = {
        world,
        random,
        node,
        other: world.other(node),
        forMs: 50 + random.below(random.next() < 0.5 ? 1_500 : 15_000),
        undo: (afterMs, how) => this.undo(afterMs, how),
        count: (what) => world.count(what),
      };
      world.say('fault', `${name} (${node.id}, ${context.forMs} ms)`);
      const happened = fault?.(context) === true;
      if (happened) {
        world.count(name);
        return;
      }
      world.say('fault', `${name} cannot happen now`);
    }
  }

  private async getWell(): Promise<void> {
    const { world } = this;
    const { time } = world;
    world.say('story', 'everything is mended');
    while (this.repairs.size > 0) for (const repair of [...this.repairs]) repair();
    for (const node of [...world.nodes, ...(world.reader === undefined ? [] : [world.reader])]) {
      node.disk.free();
      node.disk.syncMs = 1;
    }
    mendNetwork(world);
    for (const plc of Object.values(world.plant.plcs)) plc.faults.clear();
    for (const client of world.clients) client.rest();
    const startedMs = world.nowMs;
    while (!world.isWhole || !world.isReadBy || world.nowMs - startedMs < QUIET_MS) {
      if (world.nowMs - startedMs > WELL_WITHIN_MS + QUIET_MS) {
        world.wrong('i', `not whole ${Math.round(world.nowMs - startedMs)} ms after everything was mended: ${world.nodes.map((node) => `${node.id} is ${node.role}`).join(', ')}${world.isReadBy ? '' : ', and the third node does not read'}`);
        return;
      }
      if (world.wrongs.length > 0) return;
      world.witness?.start();
      for (const node of world.nodes) if (!node.isUp) node.start();
      world.reader?.start();
      await time.advance(500);
      while (this.repairs.size > 0) for (const repair of [...this.repairs]) repair();
    }
    // The building goes on, so nothing is ever quite still: stop it, and let what is under way arrive.
    world.plant.rest();
    await time.advance(8_000);
    // Interval trends go on: a frame may be on its way this very moment.
    const seqOf = ({ gateway }: SimNode): number | undefined => gateway?.state.position.seq;
    // Control may go back to the main in the last moment, and a node for reading has to find it there (story 308495).
    const areEqual = (): boolean => [world.b, ...(world.reader === undefined ? [] : [world.reader])].every((node) => seqOf(node) === seqOf(world.a));
    for (let tries = 0; tries < 5; tries++) {
      await time.advanceUntil(areEqual, 2_000).catch(() => undefined);
      const seq = seqOf(world.a);
      await time.advance(100);
      // Nor is one of this instant, which is on no disk yet (story 15352).
      if (areEqual() && seqOf(world.a) === seq) return;
    }
  }

  private undo(afterMs: number, how: () => void): void {
    const once = (): void => {
      if (this.repairs.delete(once)) how();
    };
    this.repairs.add(once);
    this.world.time.after(afterMs, once);
  }
}

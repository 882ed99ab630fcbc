import type { FaultKind as PlcFault } from '../../simulators/modbus-plc/index.js';
import { sameEpoch } from '../../src/contract/index.js';
import type { SeededRandom } from '../../simulators/virtual-time/index.js';
import { ADDRESSES, SECOND } from './site.js';
import type { SimNode } from './sim-node.js';
import type { SimWorld } from './world.js';

/** Something that goes wrong. Returns whether it could happen now; what is to be mended is left with `story.undo`. */
export type Fault = (story: FaultContext) => boolean;

export interface FaultContext {
  readonly world: SimWorld;
  readonly random: SeededRandom;
  /** Whom it hits, by chance. */
  readonly node: SimNode;
  readonly other: SimNode;
  /** How long it lasts, by chance. */
  readonly forMs: number;
  /** Mends it after a while, or when everything is mended. */
  readonly undo: (afterMs: number, how: () => void) => void;
  /** Counts an effect that is a fault of its own kind. */
  readonly count: (what: string) => void;
}

/** Every fault, by the name under which it is counted. */
export const faults = {
  kill: ({ node, forMs, undo }) => {
    if (!node.isUp) return false;
    node.kill();
    undo(forMs, () => node.start());
    return true;
  },
  'clean stop': ({ node, forMs, undo }) => {
    if (node.gateway === undefined || node.isFrozen) return false;
    node.stop();
    undo(forMs + 1_000, () => node.start());
    return true;
  },
  'power loss': (context) => {
    if (!context.node.isUp) return false;
    powerOff(context);
    return true;
  },
  freeze: ({ world, node, random, undo }) => {
    if (!node.isUp || node.isFrozen) return false;
    const forMs = random.next() < 0.5 ? 100 + random.below(2_000) : 1_000 + random.below(59_000);
    node.freeze();
    world.say('fault', `${node.id} is frozen for ${forMs} ms`);
    undo(forMs, () => node.thaw());
    return true;
  },
  /** Long enough for the other one to take over. */
  'freeze of the active': ({ world, random, undo }) => {
    const { active } = world;
    if (active === undefined || active.isFrozen) return false;
    const forMs = 800 + random.below(8_000);
    active.freeze();
    world.say('fault', `${active.id} is frozen for ${forMs} ms`);
    undo(forMs, () => active.thaw());
    return true;
  },
  /** The standby stands still for about as long as silence may last. */
  'freeze of the standby': ({ world, random, undo }) => {
    const standby = world.active === undefined ? undefined : world.other(world.active);
    if (standby === undefined || !standby.isUp || standby.isFrozen) return false;
    const forMs = 500 + random.below(3_000);
    standby.freeze();
    world.say('fault', `${standby.id} is frozen for ${forMs} ms`);
    undo(forMs, () => standby.thaw());
    return true;
  },
  'cut link': (context) => cutLink(context, 'both'),
  'one-way cut': (context) => cutLink(context, 'one'),
  'half-open link': ({ world, node, other, undo }) => {
    if (node.life === undefined || node.life.host.forgetConnectionsTo(other.address) === 0) return false;
    world.beginSplit();
    // A cut that ended meanwhile was left for this to mend (story 314876).
    undo(100, () => {
      world.endSplit();
      heal(world);
    });
    return true;
  },
  'flapping link': ({ world, node, other, random, undo }) => {
    let atMs = 0;
    for (let times = 4 + random.below(8); times > 0; times--) {
      const downMs = 50 + random.below(900);
      world.time.after(atMs, () => {
        world.beginSplit();
        world.net.cut(node.address, other.address);
        undo(downMs, () => {
          world.endSplit();
          heal(world);
        });
      });
      atMs += downMs + 50 + random.below(900);
    }
    return true;
  },
  delay: ({ world, node, other, random, forMs, undo }) => {
    const path = world.net.path(node.address, other.address);
    path.latencyMs = 20 + random.below(230);
    undo(forMs, () => (path.latencyMs = 0.5));
    return true;
  },
  'reordered answers': (context) => plcFault(context, { kind: 'delay', delayMs: 50 + context.random.below(400) }),
  'duplicated answers': (context) => plcFault(context, { kind: 'duplicate' }),
  'slow link': (context) => {
    slowLink(context);
    return true;
  },
  'slow disk': ({ node, random, forMs, undo }) => {
    node.disk.syncMs = 20 + random.below(1_500);
    undo(forMs, () => (node.disk.syncMs = 1));
    return true;
  },
  /** A link that carries next to nothing for a while, until the node that is ahead loses its power. */
  'slow peer, then power loss': (context) => {
    const { world, random, undo } = context;
    const { active } = world;
    if (active === undefined) return false;
    slowLink({ ...context, node: active, other: world.other(active), forMs: 30_000 }, 2 + random.below(4));
    undo(4_000 + random.below(16_000), () => powerOff({ ...context, node: active }));
    return true;
  },
  'device path cut': ({ world, node, random, forMs, undo }) => {
    const plc = random.next() < 0.5 ? ADDRESSES.plc1 : ADDRESSES.plc2;
    world.net.cut(node.address, plc);
    undo(forMs, () => world.net.heal(node.address, plc));
    return true;
  },
  'device fault': (context) => {
    const kinds: readonly PlcFault[] = [{ kind: 'hang' }, { kind: 'drop' }, { kind: 'reset' }, { kind: 'exception', code: 6 }, { kind: 'garbage' }, { kind: 'wrong-transaction' }, { kind: 'cut-short' }, { kind: 'wrong-echo' }];
    return plcFault(context, kinds[context.random.below(kinds.length)] ?? { kind: 'hang' });
  },
  'clock jump': ({ world, node, random }) => {
    const byMs = (random.next() < 0.5 ? -1 : 1) * random.below(3_600_000);
    node.stepWall(byMs);
    world.say('fault', `the clock of ${node.id} jumps by ${Math.round(byMs / 1_000)} s`);
    return true;
  },
  'clock drift': ({ node, random }) => {
    node.setRate(1 + (random.next() - 0.5) * 4e-4);
    return true;
  },
  'full disk': ({ node, forMs, undo }) => {
    node.disk.fill();
    undo(forMs, () => node.disk.free());
    return true;
  },
  'failed sync': ({ node }) => {
    if (!node.isUp) return false;
    node.disk.failSync();
    return true;
  },
  /** The power goes while the last row is being written: it is there, and damaged. Only where the other node holds it too. */
  'torn write': (context) => {
    const { node, other, world } = context;
    if (!node.isUp || !other.isInSync || node.role !== 'standby' || !holdsSameEpoch(node, other)) return false;
    const lastOf = (keys: Iterable<string>): string | undefined => [...keys].filter((key) => key.startsWith('j!')).sort().at(-1);
    // On its disk, which may be slow: what is only in its memory goes with its power (story 13178).
    if ((lastOf(other.disk.rows.keys()) ?? '') < (lastOf(node.disk.rows.keys()) ?? '')) return false;
    powerOff(context);
    node.disk.damage((rows) => {
      const last = lastOf(rows.keys());
      const bytes = last === undefined ? undefined : rows.get(last);
      if (last !== undefined && bytes !== undefined) rows.set(last, Buffer.concat([bytes.subarray(0, bytes.length >> 1), Buffer.alloc(bytes.length - (bytes.length >> 1))]));
    });
    node.isDamaged = true;
    world.say('fault', `the last row on the disk of ${node.id} is torn`);
    return true;
  },
  switch: ({ world, node }) => {
    if (node.gateway === undefined || node.isFrozen) return false;
    pressSwitch(world, node);
    return true;
  },
  'crash during hand-over': ({ world, random, undo }) => {
    const { active } = world;
    if (active?.isInSync !== true) return false;
    pressSwitch(world, active);
    const victim = random.next() < 0.5 ? active : world.other(active);
    world.time.after(random.below(120), () => {
      if (!victim.isUp) return;
      if (random.next() < 0.5) victim.kill();
      else victim.powerOff();
      undo(500 + random.below(6_000), () => victim.start());
    });
    return true;
  },
  'crash during sync': ({ world, node, random, undo }) => {
    if (!node.isUp) return false;
    node.kill();
    undo(500 + random.below(3_000), () => {
      node.start();
      world.time.after(random.below(1_000), () => {
        node.kill();
        undo(500 + random.below(3_000), () => node.start());
      });
    });
    return true;
  },
  'both restart': ({ world, random, undo }) => {
    for (const node of world.nodes) {
      if (node.isUp) node.kill();
      undo(200 + random.below(8_000), () => node.start());
    }
    return true;
  },
  /** The mains of the building, while the standby's disk is busy; one node comes back much later. */
  'slow disk, then power loss of both': ({ world, random, count, undo }) => {
    const { active } = world;
    if (active === undefined) return false;
    const standby = world.other(active);
    standby.disk.syncMs = 200 + random.below(800);
    world.time.after(2_000 + random.below(4_000), () => {
      for (const node of world.nodes) {
        if (node.powerOff() > 0) count('lost write');
        node.disk.syncMs = 1;
      }
      const first = random.next() < 0.7 ? standby : world.other(standby);
      undo(500 + random.below(3_000), () => first.start());
      undo(1_000 + random.below(40_000), () => world.other(first).start());
    });
    return true;
  },
  'stale node first': ({ node, other, random, undo }) => {
    if (!node.isUp || !other.isUp) return false;
    node.kill();
    undo(5_000 + random.below(10_000), () => {
      if (other.isUp) other.kill();
      node.start();
      // Sometimes long enough for the stale one to be allowed, by policy, to start alone.
      undo(random.next() < 0.7 ? 1_000 + random.below(15_000) : 25_000, () => other.start());
    });
    return true;
  },
} satisfies Record<string, Fault>;


/** Everything between the nodes and the field as it should be. */
export function mendNetwork(world: SimWorld): void {
  heal(world);
  for (const node of world.nodes) for (const other of [ADDRESSES.plc1, ADDRESSES.plc2, ADDRESSES.W]) world.net.heal(node.address, other);
  world.net.heal(SECOND.A, SECOND.B);
  for (const node of world.nodes) world.net.heal(ADDRESSES.C, node.address);
}

function heal(world: SimWorld): void {
  if (!world.isCut) world.net.heal(world.a.address, world.b.address);
}

function cutLink({ world, node, other, forMs, undo }: FaultContext, how: 'both' | 'one'): boolean {
  world.beginSplit();
  world.net.path(node.address, other.address).cut();
  if (how === 'both') world.net.path(other.address, node.address).cut();
  world.say('fault', `no way from ${node.id} to ${other.id}${how === 'both' ? ' and back' : ''}`);
  undo(forMs, () => {
    world.endSplit();
    heal(world);
    world.say('fault', `the way between the nodes is mended`);
  });
  return true;
}

function slowLink({ world, node, other, random, forMs, undo }: FaultContext, bytesPerMs = 5 + random.below(50)): void {
  const path = world.net.path(node.address, other.address);
  path.bytesPerMs = bytesPerMs;
  path.jitterMs = 60;
  undo(forMs, () => {
    path.bytesPerMs = Infinity;
    path.jitterMs = 0.5;
  });
}

/** One that is frozen may not know that it was overtaken (story 1569). */
function holdsSameEpoch(node: SimNode, other: SimNode): boolean {
  const [own, theirs] = [node.gateway?.state.position.epoch, other.gateway?.state.position.epoch];
  return own !== undefined && theirs !== undefined && sameEpoch(own, theirs);
}

function powerOff({ node, forMs, undo, count }: FaultContext): void {
  if (!node.isUp) return;
  if (node.powerOff() > 0) count('lost write');
  undo(forMs, () => node.start());
}

function plcFault({ world, random, forMs, undo }: FaultContext, fault: PlcFault): boolean {
  const plc = random.next() < 0.7 ? world.plant.plcs.plc1 : world.plant.plcs.plc2;
  undo(Math.min(forMs, 6_000), plc.faults.inject(fault));
  return true;
}

function pressSwitch(world: SimWorld, node: SimNode): void {
  node.gateway?.pair.switchOver('operator', '').catch((error: unknown) => world.say(node.id, `does not switch: ${error instanceof Error ? error.message : String(error)}`));
}

import { messageOf } from '../../src/contract/index.js';
import type { Fault, FaultContext } from './faults.js';
import { ADDRESSES } from './site.js';
import type { SimNode } from './sim-node.js';

/** What can go wrong, or be done, only where there is a third node, a person with more than Switch, a field that differs, or a short journal. */

export const readerFaults = {
  'reader killed': ({ world: { reader }, forMs, undo }) => {
    if (reader?.isUp !== true) return false;
    reader.kill();
    undo(forMs, () => reader.start());
    return true;
  },
  'reader loses its power': ({ world: { reader }, forMs, undo }) => {
    if (reader?.isUp !== true) return false;
    reader.powerOff();
    undo(forMs, () => reader.start());
    return true;
  },
  'reader frozen': ({ world: { reader }, forMs, undo }) => {
    if (reader?.isUp !== true || reader.isFrozen) return false;
    reader.freeze();
    undo(forMs, () => reader.thaw());
    return true;
  },
  'reader cut off': ({ world, node, random, forMs, undo }) => {
    const from = random.next() < 0.5 ? [node] : world.nodes;
    for (const { address } of from) {
      world.net.cut(ADDRESSES.C, address);
      undo(forMs, () => world.net.heal(ADDRESSES.C, address));
    }
    return true;
  },
  'slow disk of the reader': ({ world: { reader }, random, forMs, undo }) => {
    if (reader === undefined) return false;
    reader.disk.syncMs = 20 + random.below(1_500);
    undo(forMs, () => (reader.disk.syncMs = 1));
    return true;
  },
} satisfies Record<string, Fault>;

export const peopleFaults = {
  /** Somebody works on the plant: nothing switches by itself. */
  hold: ({ world, random, undo }) => {
    const { active } = world;
    if (active?.gateway === undefined || active.isFrozen) return false;
    const forMs = 2_000 + random.below(18_000);
    active.gateway.pair.control.hold('operator', '', forMs).catch((error: unknown) => world.say(active.id, `is not held: ${messageOf(error)}`));
    if (random.next() < 0.4) undo(random.below(forMs), () => void world.active?.gateway?.pair.control.release('operator').catch((error: unknown) => world.say('person', `no release: ${messageOf(error)}`)));
    return true;
  },
  'hold, then loss of the active': ({ world, random, undo }) => {
    const { active } = world;
    if (active?.isInSync !== true) return false;
    active.gateway?.pair.control.hold('operator', '', 5_000 + random.below(10_000)).catch((error: unknown) => world.say(active.id, `is not held: ${messageOf(error)}`));
    world.time.after(random.below(1_500), () => {
      if (random.next() < 0.5) active.kill();
      else active.powerOff();
      undo(1_000 + random.below(12_000), () => active.start());
    });
    return true;
  },
  /** Somebody who sees that a node does nothing, and not why. */
  force: ({ world, node, other }) => force({ world }, node.gateway === undefined || node.isFrozen ? other : node),
  /** What it is for: the other node is dead, and by policy nobody would take over. */
  'loss of the active, then force': (context) => {
    const { world, random, undo } = context;
    const { active } = world;
    if (active === undefined) return false;
    const heir = world.other(active);
    if (random.next() < 0.5) active.kill();
    else active.powerOff();
    undo(6_000 + random.below(14_000), () => active.start());
    world.time.after(random.below(4_000), () => void force(context, heir));
    return true;
  },
  /** What it is not for: the other node lives, and only the link is cut. */
  'cut link, then force': (context) => {
    const { world, random, undo } = context;
    const { active } = world;
    if (active === undefined) return false;
    const heir = world.other(active);
    world.beginSplit();
    world.net.cut(active.address, heir.address);
    undo(1_000 + random.below(10_000), () => {
      world.endSplit();
      if (!world.isCut) world.net.heal(active.address, heir.address);
    });
    world.time.after(random.below(3_000), () => void force(context, heir));
    return true;
  },
  'freeze of the active, then force of both': (context) => {
    const { world, random, undo } = context;
    const { active } = world;
    if (active === undefined || active.isFrozen) return false;
    active.freeze();
    const forMs = 700 + random.below(6_000);
    undo(forMs, () => active.thaw());
    world.time.after(random.below(forMs), () => void force(context, world.other(active)));
    world.time.after(forMs + random.below(1_500), () => void force(context, active));
    return true;
  },
} satisfies Record<string, Fault>;

export const fieldFaults = {
  /** Long enough for control to move. */
  'active loses its devices': ({ world, random, undo }) => {
    const { active } = world;
    if (active === undefined) return false;
    world.net.cut(active.address, ADDRESSES.plc1);
    undo(5_000 + random.below(12_000), () => world.net.heal(active.address, ADDRESSES.plc1));
    return true;
  },
  'standby loses its devices': ({ world, random, undo }) => {
    const { active } = world;
    if (active === undefined) return false;
    const { address } = world.other(active);
    world.net.cut(address, ADDRESSES.plc1);
    undo(5_000 + random.below(12_000), () => world.net.heal(address, ADDRESSES.plc1));
    return true;
  },
  'devices lost by the one, then by the other': ({ world, node, other, random, undo }) => {
    for (const [index, { address }] of [node, other].entries()) {
      world.time.after(index * (4_000 + random.below(6_000)), () => {
        world.net.cut(address, ADDRESSES.plc1);
        undo(6_000 + random.below(5_000), () => world.net.heal(address, ADDRESSES.plc1));
      });
    }
    return true;
  },
} satisfies Record<string, Fault>;

export const journalFaults = {
  /** The journal does not reach back to where it was. */
  'standby away beyond the journal': ({ world, random, undo }) => {
    const { active } = world;
    if (active === undefined) return false;
    const standby = world.other(active);
    if (!standby.isUp) return false;
    if (random.next() < 0.5) standby.kill();
    else standby.powerOff();
    undo(8_000 + random.below(12_000), () => standby.start());
    return true;
  },
  /** It is sent a snapshot, and what fetches the rest is gone in the midst of it. */
  'standby away beyond the journal, then loss of one of the two': ({ world, random, undo }) => {
    const { active } = world;
    if (active?.isInSync !== true) return false;
    const standby = world.other(active);
    standby.kill();
    undo(8_000 + random.below(6_000), () => {
      standby.start();
      const lost = random.next() < 0.5 ? active : standby;
      world.time.after(200 + random.below(2_000), () => {
        if (!lost.isUp) return;
        lost.kill();
        undo(1_000 + random.below(8_000), () => lost.start());
      });
    });
    return true;
  },
} satisfies Record<string, Fault>;

function force({ world }: Pick<FaultContext, 'world'>, node: SimNode): boolean {
  const { gateway } = node;
  if (gateway === undefined || node.isFrozen) return false;
  world.forced(node);
  gateway.pair.control.force('operator', '').catch((error: unknown) => world.say(node.id, `is not forced: ${messageOf(error)}`));
  return true;
}

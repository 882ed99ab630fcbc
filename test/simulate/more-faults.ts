import { PULSE, SECOND } from './site.js';
import type { Fault, FaultContext } from './faults.js';

/** What can go wrong only where there is a third machine, a second path, or two versions of the program. */

export const witnessFaults = {
  'witness killed': ({ world, forMs, undo }) => {
    if (world.witness?.isUp !== true) return false;
    world.witness.kill();
    undo(forMs, () => world.witness?.start());
    return true;
  },
  'witness power loss': ({ world, forMs, undo }) => {
    if (world.witness?.isUp !== true) return false;
    world.witness.powerOff();
    undo(forMs, () => world.witness?.start());
    return true;
  },
  /** It forgets what it promised a moment ago, while one node does not reach it. */
  'witness restarts beside a cut': (context) => {
    const { world, node, random, undo } = context;
    if (world.witness?.isUp !== true) return false;
    cutWitness(context, [node.address]);
    world.witness.kill();
    undo(random.below(600), () => world.witness?.start());
    if (random.next() < 0.5) cutNodes(context);
    return true;
  },
  /** Long enough for the pair to agree to do without it. */
  'witness away for long': ({ world, random, undo }) => {
    if (world.witness?.isUp !== true) return false;
    world.witness.powerOff();
    undo(9_000 + random.below(12_000), () => world.witness?.start());
    return true;
  },
  'witness frozen': ({ world, random, undo }) => {
    if (world.witness?.isUp !== true) return false;
    world.witness.freeze();
    undo(100 + random.below(random.next() < 0.5 ? 2_000 : 20_000), () => world.witness?.thaw());
    return true;
  },
  'witness cut off from one node': (context) => {
    cutWitness(context, [context.node.address]);
    return true;
  },
  'witness cut off from both': (context) => {
    cutWitness(context, [context.node.address, context.other.address]);
    return true;
  },
  /** Each of the three is one by one reached by nobody. */
  'three apart': (context) => {
    cutWitness(context, [context.node.address, context.other.address]);
    cutNodes(context);
    return true;
  },
  'one node cut off from both others': (context) => {
    cutWitness(context, [context.node.address]);
    cutNodes(context);
    return true;
  },
  /** The nodes reach the witness and not each other; then the one that leads loses it as well. */
  'cut link, then witness cut off from the active': (context) => {
    const { world, random } = context;
    cutNodes(context);
    world.time.after(200 + random.below(2_500), () => {
      if (world.active !== undefined) cutWitness(context, [world.active.address]);
    });
    return true;
  },
  /** The link is cut, the witness alone supports the active one, and forgets that while the active does not see it. */
  'cut link, then the witness restarts unseen by the active': (context) => {
    const { world, random, undo } = context;
    if (world.witness?.isUp !== true) return false;
    cutNodes({ ...context, forMs: 6_000 + context.forMs });
    // Before the active tells the witness that it goes on alone.
    world.time.after(550 + random.below(350), () => {
      const { active } = world;
      if (active === undefined || world.witness?.isUp !== true) return;
      cutWitness(context, [active.address]);
      world.witness.kill();
      undo(random.below(150), () => world.witness?.start());
    });
    return true;
  },
  /** The standby alone supports the active one, and then hears nothing of it any more. */
  'witness cut off from the active, then cut link': (context) => {
    const { world, random } = context;
    const { active } = world;
    if (active === undefined) return false;
    cutWitness({ ...context, forMs: 5_000 + context.forMs }, [active.address]);
    world.time.after(1_200 + random.below(2_000), () => cutNodes(context));
    return true;
  },
  /** Whoever took over from a frozen node is gone when that one goes on. */
  'freeze of the active, then loss of its heir': (context) => {
    const { world, random, undo } = context;
    const { active } = world;
    if (active === undefined || active.isFrozen) return false;
    const heir = world.other(active);
    active.freeze();
    const lossMs = 1_500 + random.below(2_000);
    world.time.after(lossMs, () => heir.powerOff());
    undo(lossMs + 800 + random.below(2_000), () => active.thaw());
    undo(lossMs + 6_000 + random.below(6_000), () => heir.start());
    return true;
  },
  'witness disk fails': ({ world }) => {
    if (world.witness?.isUp !== true) return false;
    world.witness.failDisk();
    return true;
  },
  /** As far as the two clocks of a lease and a promise may run apart (ρ, src/config/witness-settings.ts). */
  'clocks run apart': ({ world, node, other, random }) => {
    node.setRate(1 - random.next() * 9e-4);
    other.setRate(1 + random.next() * 9e-4);
    world.witness?.setRate(1 + (random.next() - 0.5) * 1.8e-3);
    return true;
  },
} satisfies Record<string, Fault>;

export const secondPathFaults = {
  'second path cut': ({ world, forMs, undo }) => {
    world.net.cut(SECOND.A, SECOND.B);
    undo(forMs, () => world.net.heal(SECOND.A, SECOND.B));
    return true;
  },
  'both paths cut': (context) => {
    context.world.net.cut(SECOND.A, SECOND.B);
    context.undo(context.forMs, () => context.world.net.heal(SECOND.A, SECOND.B));
    cutNodes(context);
    return true;
  },
  /** The main thread stands still, and the thread that carries heartbeats goes on. */
  'active hangs': ({ world, random, undo }) => {
    const { active } = world;
    if (active === undefined || active.isFrozen) return false;
    active.freeze('main thread');
    undo(500 + random.below(5_000), () => active.thaw());
    return true;
  },
} satisfies Record<string, Fault>;

export const versionFaults = {
  /** One node is stopped and started with the other version: an upgrade, or its withdrawal. */
  'version changed': ({ world, node, undo }) => {
    if (node.gateway === undefined || node.isFrozen) return false;
    node.isOlder = !node.isOlder;
    world.say('fault', `${node.id} gets the ${node.isOlder ? 'older' : 'newer'} version`);
    node.stop();
    undo(1_500, () => node.start());
    return true;
  },
} satisfies Record<string, Fault>;

/** Two things in the order in which they hurt most. */
export const harshFaults = {
  /** Nobody else has what is confirmed, and the disk is busy. */
  'alone with a slow disk, then power loss': ({ world, random, undo }) => {
    const { active } = world;
    if (active === undefined) return false;
    const standby = world.other(active);
    standby.kill();
    undo(6_000 + random.below(4_000), () => standby.start());
    active.disk.syncMs = 300 + random.below(900);
    world.time.after(1_500 + random.below(3_000), () => {
      active.powerOff();
      active.disk.syncMs = 1;
      undo(500 + random.below(2_000), () => active.start());
    });
    return true;
  },
  /** The activation itself is not on the disk yet. */
  'takeover on a slow disk, then power loss': ({ world, random, undo }) => {
    const { active } = world;
    if (active?.isInSync !== true) return false;
    const heir = world.other(active);
    heir.disk.syncMs = 400 + random.below(1_000);
    world.time.after(random.below(500), () => active.kill());
    world.time.after(700 + random.below(1_500), () => {
      heir.powerOff();
      heir.disk.syncMs = 1;
      undo(300 + random.below(1_000), () => heir.start());
    });
    undo(12_000 + random.below(4_000), () => active.start());
    return true;
  },
  /** The standby has been told that it does not count, and lacks what was confirmed since. */
  'slow link, then kill of the active': ({ world, random, undo }) => {
    const { active } = world;
    if (active?.isInSync !== true) return false;
    const path = world.net.path(active.address, world.other(active).address);
    path.bytesPerMs = 4 + random.below(4);
    const lossMs = 2_500 + random.below(6_000);
    world.time.after(lossMs, () => active.kill());
    undo(lossMs + 100, () => (path.bytesPerMs = Infinity));
    undo(lossMs + 3_000 + random.below(8_000), () => active.start());
    return true;
  },
  /** Commands that may not be repeated, one over the other, and their outcomes are lost. */
  'pulses, then kill of the active': ({ world, random, undo }) => {
    const { active } = world;
    if (active?.isInSync !== true) return false;
    const path = world.net.path(active.address, world.other(active).address);
    path.latencyMs = 100 + random.below(150);
    for (let times = 0; times < 4; times++) world.time.after(times * 10, () => void world.clients[times % world.clients.length]?.write(PULSE));
    world.time.after(path.latencyMs + 5 + random.below(60), () => active.kill());
    undo(1_500, () => (path.latencyMs = 0.5));
    undo(2_000 + random.below(6_000), () => active.start());
    return true;
  },
  /** A standby dies while a command is on its way, and is the first to come back, long after. */
  'stale node first, with a command under way': ({ world, random, undo }) => {
    const { active } = world;
    if (active?.isInSync !== true) return false;
    const stale = world.other(active);
    const mend = world.plant.plcs.plc1.faults.inject({ kind: 'delay', delayMs: 400 });
    undo(2_000, mend);
    world.time.after(200 + random.below(1_200), () => stale.kill());
    world.time.after(9_000 + random.below(3_000), () => {
      active.kill();
      undo(100, () => stale.start());
      undo(26_000, () => active.start());
    });
    return true;
  },
} satisfies Record<string, Fault>;

function cutWitness({ world, forMs, undo }: FaultContext, from: readonly string[]): void {
  const { witness } = world;
  if (witness === undefined) return;
  for (const address of from) {
    world.net.cut(address, witness.address);
    undo(forMs, () => world.net.heal(address, witness.address));
  }
}

function cutNodes({ world, node, other, forMs, undo }: FaultContext): void {
  world.beginSplit();
  world.net.cut(node.address, other.address);
  undo(forMs, () => {
    world.endSplit();
    if (!world.isCut) world.net.heal(node.address, other.address);
  });
}

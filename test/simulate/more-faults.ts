import { SECOND } from './site.js';
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

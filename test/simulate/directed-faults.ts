import { messageOf } from '../../src/contract/index.js';
import type { Fault, FaultContext } from './faults.js';
import { editedText, LINK_PORT, PULSE, PULSE_REGISTER } from './site.js';
import type { SimWorld } from './world.js';

/**
 * What is drawn in directed stories only ({@link Shape.only}): faults in the order in which they hurt a single guard, again and
 * again, so that the first stories show whether it is there.
 */
export const directedFaults = {
  /** What the standby has acknowledged and not on its disk is gone, and it alone comes back. */
  'power loss of both, and only a standby with a slow disk comes back': (context) => {
    const { world, random, undo } = context;
    const { active } = world;
    if (active?.isInSync !== true) return false;
    const standby = world.other(active);
    standby.disk.syncMs = 900;
    for (let times = 0; times < 5; times++) world.time.after(100 + times * 150, () => void world.clients[0]?.write('Sp1'));
    world.time.after(750 + random.below(200), () => {
      for (const node of world.nodes) node.powerOff();
      standby.disk.syncMs = 1;
    });
    undo(1_500, () => standby.start());
    undo(28_000, () => active.start());
    return true;
  },
  /** The one that yields is told of nothing any more, and may think better of it. */
  'hand-over, and the link is cut in the midst of it': (context) => {
    const { world, random } = context;
    const { active } = world;
    if (active?.isInSync !== true) return false;
    void active.gateway?.pair.switchOver('operator', '').catch(() => undefined);
    world.time.after(2 + random.below(20), () => cutFor(context, 8_000));
    return true;
  },
  /** The standby lags, is told late that it does not count, and then is all there is: without what was under way to it. */
  'link as late as can be, then lost with the active': (context) => {
    const { world, random, undo } = context;
    const { active } = world;
    if (active?.isInSync !== true) return false;
    const path = world.net.path(active.address, world.other(active).address);
    let isOver = false;
    // Little by little: a beat that comes much later than the one before it would look like silence.
    for (let step = 1; step <= 13; step++) {
      world.time.after(step * 300, () => {
        if (!isOver) path.latencyMs = step * 200;
      });
    }
    for (let times = 0; times < 8; times++) world.time.after(4_500 + times * 400, () => void world.clients[0]?.write('Sp2'));
    world.time.after(6_500 + random.below(2_000), () => {
      if (isOver) return;
      path.cut();
      active.powerOff();
      path.latencyMs = 0.5;
    });
    undo(9_000, () => {
      isOver = true;
      path.latencyMs = 0.5;
      if (!world.isCut) path.heal();
    });
    undo(14_000 + random.below(4_000), () => active.start());
    return true;
  },
  /** Three lives by right or by policy, none of which knows of the next: the last one has a command in doubt that the second has overtaken. */
  'command under way, and the other node leads as possibly stale and is lost before this one is back': (context) => {
    const { world, random, undo } = context;
    const { active } = world;
    if (active?.isInSync !== true) return false;
    const standby = world.other(active);
    const { plc1 } = world.plant.plcs;
    standby.kill();
    world.time.after(2_000, () => {
      const mend = plc1.faults.inject({ kind: 'delay', delayMs: 400 });
      void world.clients[0]?.write('Sp1');
      world.time.after(150 + random.below(200), () => {
        active.kill();
        mend();
        standby.start();
      });
    });
    // By policy after twenty seconds, and with whatever is asked of it.
    for (let times = 0; times < 3; times++) world.time.after(26_000 + times * 700, () => void world.clients[0]?.write('Sp1'));
    undo(30_000, () => {
      standby.kill();
      active.start();
    });
    undo(40_000, () => standby.start());
    return true;
  },
  /** It hears nothing for just too long, drops the link, confirms alone and is gone before the standby's first question is there. */
  'active drops a slow link, and is lost before it can be asked': (context) => {
    const { world, random, undo } = context;
    const { active } = world;
    if (active?.isInSync !== true) return false;
    const standby = world.other(active);
    const [there, back] = [world.net.path(active.address, standby.address), world.net.path(standby.address, active.address)];
    for (const path of [there, back]) path.latencyMs = 60;
    let isOver = false;
    const mend = (): void => {
      isOver = true;
      for (const path of [there, back]) path.latencyMs = 0.5;
      if (!world.isCut) back.heal();
    };
    undo(2_500, mend);
    undo(10_000 + random.below(3_000), () => active.start());
    world.time.after(1_500, () => {
      if (isOver) return;
      back.cut();
      world.time.after(560, () => void world.clients[0]?.write('Sp1'));
      world.time.after(600, () => void world.clients[0]?.write('Sp1'));
      const watch = (): void => {
        if (isOver || active.isConnected) {
          if (!isOver) world.time.after(1, watch);
          return;
        }
        if (!world.isCut) back.heal();
        world.time.after(100, () => active.kill());
      };
      world.time.after(600, watch);
    });
    return true;
  },
  /** The device has got it and takes it back by itself, as pulses are; nobody has heard that it arrived. */
  'pulse arrives, and the active is lost before it knows': ({ world, undo }) => {
    const { active } = world;
    if (active?.isInSync !== true) return false;
    const { plc1 } = world.plant.plcs;
    const address = PULSE_REGISTER;
    const forget = plc1.onWrite((write) => {
      if (write.address !== address || !active.isUp) return;
      forget();
      active.powerOff();
      world.time.after(1, () => plc1.unit().set('hr', address, [0, 0]));
    });
    undo(1_500, forget);
    undo(4_000, () => active.start());
    void world.clients[0]?.write(PULSE);
    return true;
  },
  /** What the standby has missed was written under one configuration and goes on under another. */
  'configuration changed while the standby is away': ({ world, random, undo }) => {
    const { active } = world;
    if (active?.isInSync !== true) return false;
    const standby = world.other(active);
    standby.kill();
    world.time.after(1_200 + random.below(1_500), () => changeConfiguration(world));
    undo(3_500 + random.below(1_500), () => standby.start());
    return true;
  },
  /** It comes into force on both at one frame, or on neither. */
  'configuration changed, and one node is lost': ({ world, random, undo }) => {
    const { active } = world;
    if (active?.isInSync !== true) return false;
    changeConfiguration(world);
    const lost = world.nodes[random.below(2)] ?? active;
    world.time.after(random.below(60), () => lost.kill());
    undo(4_000, () => lost.start());
    return true;
  },
  /** Both lead, by policy, until neither journal reaches back to where they parted. */
  'cut link, for longer than a journal reaches back': (context) => {
    if (context.world.isCut) return false;
    cutFor(context, 20_000 + context.random.below(8_000));
    return true;
  },
  /** Both live, and reach each other on every other path: a refusal is not death. */
  'firewall refuses the link of a living node': ({ world, random, undo }) => {
    const { active } = world;
    if (active?.isInSync !== true || active.life === undefined) return false;
    const standby = world.other(active);
    const ways = [[active, standby], [standby, active]] as const;
    world.beginSplit();
    for (const [from, to] of ways) world.net.refuse(from.address, { host: to.address, port: LINK_PORT });
    active.life.host.resetConnectionsTo(standby.address);
    undo(3_000 + random.below(6_000), () => {
      world.endSplit();
      for (const [from, to] of ways) world.net.allow(from.address, { host: to.address, port: LINK_PORT });
    });
    return true;
  },
} satisfies Record<string, Fault>;

/** A person puts another order of the points into force. */
function changeConfiguration(world: SimWorld): void {
  const { active } = world;
  const configuration = active?.life?.api?.configuration;
  const revision = active?.gateway?.state.table.revision;
  if (configuration === undefined || revision === undefined) return;
  const edit = ++world.edits;
  configuration.apply(editedText(world.siteOptions, edit), { by: 'engineer', comment: '', expected: revision }).then(
    ({ number, held, revision: edited }) => {
      world.say('person', `configuration ${number} is in force: ${held}`);
      if (held === 'protected') world.confirmedEdits.push(edited);
    },
    (error: unknown) => world.say('person', `configuration not changed: ${messageOf(error)}`),
  );
}

function cutFor({ world, node, other, undo }: FaultContext, forMs: number): void {
  world.beginSplit();
  world.net.cut(node.address, other.address);
  undo(forMs, () => {
    world.endSplit();
    if (!world.isCut) world.net.heal(node.address, other.address);
  });
}

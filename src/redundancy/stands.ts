import type { Stand } from './arbitration.js';
import type { LinkMessage } from './link-messages.js';
import type { PairParts } from './pair-parts.js';
import { reachedWeight, type DeviceReach } from './reach.js';

/** What two nodes that are both active say to each other, once each on a connection (R21). */
export class Stands {
  private own: Stand | undefined;
  private theirs: Stand | undefined;
  private activeSinceMs = 0;

  constructor(
    private readonly parts: () => PairParts,
    private readonly reach: (() => readonly DeviceReach[]) | undefined,
  ) {}

  /** This node has become active. */
  activated(): void {
    this.activeSinceMs = this.parts().options.clock.monotonicMs();
    this.say();
  }

  /** A new connection: whoever is active speaks first of all. */
  connected(): void {
    this.own = this.theirs = undefined;
    this.say();
  }

  /** False for messages that are about something else. */
  receive(message: LinkMessage): boolean {
    if (message.type !== 'stand') return false;
    this.theirs = message.stand;
    this.compare();
    return true;
  }

  private say(): void {
    const { noticeStall, role, link, options, sync } = this.parts();
    // What was frozen may hear of the other one before it looks at the clock.
    noticeStall();
    if (role().role !== 'active' || !link.up) return;
    const { node, settings, state, clock } = options;
    this.own = {
      epoch: state.position.epoch.number,
      mode: node.mode,
      suspect: role().suspect !== undefined,
      confirmed: sync.confirmedApart,
      reach: reachedWeight(this.reach?.() ?? []),
      activeMs: Math.round(clock.monotonicMs() - this.activeSinceMs),
      priority: node.priority ?? (node.mode === 'main' ? 1 : 2),
      policy: settings.arbitration,
    };
    link.send({ type: 'stand', stand: this.own });
    this.compare();
  }

  private compare(): void {
    if (this.own !== undefined && this.theirs !== undefined) this.parts().step({ kind: 'stands', own: this.own, peer: this.theirs });
  }
}

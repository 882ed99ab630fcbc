import { activate, handOver } from './activation.js';
import type { Drill } from './drill.js';
import type { EventRecord } from './event-record.js';
import { peerPaths } from './pair-link.js';
import type { PairParts } from './pair-parts.js';
import type { Partner } from './partner.js';
import { refusedEverywhere } from './probe.js';
import type { Readers } from './readers.js';
import type { RoleEffect } from './role-machine.js';

export interface EffectParts {
  readonly partner: Partner;
  readonly readers: Readers;
  readonly drill: Drill;
  readonly record: EventRecord;
  readonly peerUrl: () => string | undefined;
}

/** Carries out what the role machine decides, in the order that the replication rules demand. */
export class RoleEffects {
  private probing = false;
  private stale = false;
  private unheard = false;

  constructor(
    private readonly parts: PairParts,
    private readonly more: EffectParts,
  ) {}

  /** The present activation began without knowing what the other node did last (R39). */
  get startedStale(): boolean {
    return this.stale;
  }

  /** The present activation began at the start of the process, before anything was heard of the other node. */
  get startedUnheard(): boolean {
    return this.unheard;
  }

  perform(effect: RoleEffect): void {
    const { options, sync, link, note, role, run, witness, exchange, verifier } = this.parts;
    const { readers, drill, record } = this.more;
    switch (effect.kind) {
      case 'event':
        return note(effect.what, effect.evidence, effect.cause);
      case 'promote':
        this.stale = effect.stale;
        // A witness in force would know of an epoch of the other node's.
        this.unheard = effect.cause === 'start' && options.node.mode !== 'independent' && this.more.partner.connections === 0 && role().arming !== 'armed';
        return run(activate(this.parts, { ...effect, events: record.takeUnwritten() }));
      case 'demote':
        this.stale = false;
        this.unheard = false;
        options.publisher.close();
        readers.endLeading();
        return sync.endLeading();
      case 'probe':
        return run(this.probe());
      case 'ask-witness':
        return witness?.claim(effect.dead, effect.beyondSet);
      case 'drop-link':
        // In order, and so heard before the connection ends: a probe would come a round trip later, when this node may be gone.
        if (sync.standbyCounts) link.send({ type: 'dropped' });
        // Nobody tells of a connection that this node ends by itself.
        exchange?.reset();
        verifier.lapse('the other node was disconnected');
        sync.dropFollower();
        sync.endFollowing();
        return link.drop();
      case 'prepare-handover':
        return link.send({ type: 'prepare', cause: effect.cause });
      case 'yield':
        drill.leaving();
        return run(handOver(this.parts, effect.cause));
    }
  }

  private async probe(): Promise<void> {
    if (this.probing) return;
    this.probing = true;
    const { options, step } = this.parts;
    const { partner } = this.more;
    const { connections } = partner;
    const refused = await refusedEverywhere(options.network, options.timers, peerPaths(options, this.more.peerUrl()), options.settings.httpConnectTimeoutMs);
    this.probing = false;
    // What was asked about one connection says nothing about the one that came after it.
    if (connections === partner.connections) step({ kind: 'probe', refusedEverywhere: refused });
  }
}

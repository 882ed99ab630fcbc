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

  constructor(
    private readonly parts: PairParts,
    private readonly more: EffectParts,
  ) {}

  /** The present activation began without knowing what the other node did last (R39). */
  get startedStale(): boolean {
    return this.stale;
  }

  perform(effect: RoleEffect): void {
    const { options, sync, link, note, run, witness, exchange, verifier } = this.parts;
    const { readers, drill, record } = this.more;
    switch (effect.kind) {
      case 'event':
        return note(effect.what, effect.evidence, effect.cause);
      case 'promote':
        this.stale = effect.stale;
        return run(activate(this.parts, { ...effect, events: record.takeUnwritten() }));
      case 'demote':
        this.stale = false;
        options.publisher.close();
        readers.endLeading();
        return sync.endLeading();
      case 'probe':
        return run(this.probe());
      case 'ask-witness':
        return witness?.claim(effect.dead, effect.beyondSet);
      case 'drop-link':
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

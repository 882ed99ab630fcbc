import type { HoldStatus, PairAuthorization, RedundancyStatus, SystemAlarm } from '../contract/index.js';
import { authorizationOf } from './authorization.js';
import type { Drill } from './drill.js';
import type { EventRecord } from './event-record.js';
import { HOLD_KEY, holdAt } from './hold.js';
import type { PairParts } from './pair-parts.js';
import type { Partner } from './partner.js';
import type { Readers } from './readers.js';
import type { Registers } from './registers.js';
import { describePair, describeTrust } from './status.js';
import { pairAlarms } from './system-alarms.js';
import { CONFLICTS } from './tail.js';

/** What only the view of a pair needs to know of it. */
export interface ViewParts {
  readonly partner: Partner;
  readonly readers: Readers;
  readonly drill: Drill;
  readonly record: EventRecord;
  readonly registers: () => Registers | undefined;
  readonly startedStale: () => boolean;
  /** Why this node may not become active by itself. */
  readonly barred: () => string | undefined;
  readonly peerUrl: () => string | undefined;
}

/** What a person sees of the pair at this node, and what needs one. It changes nothing. */
export class PairView {
  constructor(
    private readonly parts: PairParts,
    private readonly more: ViewParts,
  ) {}

  status(): RedundancyStatus {
    const { options, role, sync, exchange, witness, secondPath, fieldWatch, comparisonWatch, rows, link } = this.parts;
    const { partner, readers, drill, record, registers, startedStale, barred, peerUrl } = this.more;
    const { node, site, state, settings, clock, trust, live } = options;
    const common = describePair({
      site,
      node,
      settings,
      revision: state.table.revision,
      role: role(),
      peer: partner.greeting,
      peerUrl: peerUrl() ?? '',
      epoch: state.epochs().at(-1),
      seq: state.position.seq,
      standbyLag: sync.standbyLag,
      historyFill: sync.historyFill,
      nowMs: clock.monotonicMs(),
      configurationRefusal: exchange?.reason,
      events: record.newestFirst(),
      witness: witness?.status(),
      hold: this.hold(),
      secondPath: secondPath?.state,
      registers: registers()?.state,
      clockSkewMs: this.clockSkewMs(),
      pairTime: this.pairTime(),
      drill: drill.report,
      startedStale: startedStale(),
      malformedMessages: link.malformedCount,
    });
    const reading = readers.status();
    const onlyStandby = fieldWatch.balance?.devices;
    const field = node.mode === 'independent' ? {} : { arbitration: settings.arbitration, ...(settings.fieldSwitch === undefined ? {} : { fieldSwitch: { ...settings.fieldSwitch, ...(onlyStandby === undefined ? {} : { onlyStandby }) } }) };
    const waiting = live?.waiting ?? [];
    const comparison = comparisonWatch.found;
    return { ...common, ...field, ...(waiting.length === 0 ? {} : { settingsWaiting: waiting }), ...(comparison === undefined ? {} : { comparison }), ...(reading.length === 0 ? {} : { readers: reading }), conflicts: this.conflicts(), ...describeTrust(node, trust, barred(), this.authorization(), rows.alarms()) };
  }

  /** What needs a person, as the active node sees it. */
  systemAlarms(): SystemAlarm[] {
    const { options, role, witness, secondPath, rows, comparisonWatch } = this.parts;
    const { settings, node, trust } = options;
    const membership = describeTrust(node, trust, this.more.barred(), this.authorization(), rows.alarms()).alarms ?? [];
    return pairAlarms({
      settings,
      isPair: node.mode !== 'independent',
      role: role(),
      witness,
      hold: this.hold(),
      startedStale: this.more.startedStale(),
      secondPath: secondPath?.state,
      registers: this.more.registers()?.state,
      clockSkewMs: this.clockSkewMs(),
      conflicts: this.conflicts(),
      comparison: comparisonWatch.found,
      more: membership.length === 0 ? [] : [{ name: 'trust', priority: 2, message: membership.join('; ') }],
    });
  }

  /** Automatic switching is suspended, as the replicated state says. */
  hold(): HoldStatus | undefined {
    const { state, pairClock } = this.parts.options;
    const stored = state.keyed.get(HOLD_KEY);
    return stored === undefined ? undefined : holdAt(stored, pairClock.now());
  }

  private conflicts(): number {
    return [...this.parts.options.state.keyed.entries(CONFLICTS)].length;
  }

  private authorization(): PairAuthorization {
    const { id, modules } = this.parts.options.node;
    const theirs = this.more.partner.greeting;
    return authorizationOf({ id, modules: modules ?? [] }, modules === undefined || theirs?.modules === undefined ? undefined : { id: theirs.node, modules: theirs.modules });
  }

  private pairTime(): NonNullable<RedundancyStatus['pairTime']> {
    const { pairClock, clock } = this.parts.options;
    const nowMs = pairClock.now();
    return { nowMs: Math.round(nowMs), aheadOfWallMs: Math.round(nowMs - clock.wallMs()) };
  }

  private clockSkewMs(): number | undefined {
    const { heartbeat, role } = this.parts;
    const { ms } = heartbeat.skew;
    return ms === undefined || role().peer.link === 'down' ? undefined : Math.round(ms);
  }
}

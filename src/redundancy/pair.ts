import { BehaviorSubject, distinctUntilChanged, type Observable } from 'rxjs';
import { TandemError, type Endpoint, type EpochCause, type HoldStatus, type NodeHealth, type PairAuthorization, type RedundancySettings, type RedundancyStatus, type Role, type SystemAlarm, type Timer } from '../contract/index.js';
import { activate, handOver } from './activation.js';
import { Admission } from './admission.js';
import { authorizationOf } from './authorization.js';
import { DbSync } from './db-sync.js';
import { ClockWatch } from './clock-watch.js';
import { CONFIGURATION_CURRENT } from './documents.js';
import { Drill } from './drill.js';
import { ConfigurationExchange } from './configuration-exchange.js';
import { EventRecord } from './event-record.js';
import { FieldWatch } from './field-watch.js';
import { Heartbeat } from './heartbeat.js';
import { Lease } from './lease.js';
import { Link } from './link.js';
import type { PairOptions } from './pair-options.js';
import { partnerEndpoint, progressOf, type PairParts } from './pair-parts.js';
import { Partner } from './partner.js';
import { PartnerDesk } from './partner-desk.js';
import { endpointOf, refusedEverywhere } from './probe.js';
import { initialRoleState, stepRole, switchRefusal, type RoleEffect, type RoleInput, type RoleState } from './role-machine.js';
import { Readers } from './readers.js';
import { Registers } from './registers.js';
import { Rows } from './rows.js';
import { supportedUntilMs } from './role-claim.js';
import { HOLD_KEY, holdAt } from './hold.js';
import { MOVES_KEY, recentMoves } from './moves.js';
import { PairControl } from './pair-control.js';
import { secondPathOf, type SecondPath } from './second-path.js';
import { pairAlarms } from './system-alarms.js';
import { describePair, describeTrust } from './status.js';
import { Verifier } from './verify/verifier.js';
import { WitnessSeat } from './witness-seat.js';
import { Stands } from './stands.js';
import { SwitchRequests } from './switch-requests.js';
import { Sync } from './sync.js';
import { CONFLICTS } from './tail.js';
import { leaseMs, slowLinkMs, slowRedialMs, tickMs } from './timing.js';

/**
 * Runs the role machine on real inputs: the link (partner.ts), the clock, the disk. What it decides is in
 * role-machine.ts; here its effects are carried out, in the order that the replication rules demand.
 */
export class Pair {
  readonly sync: Sync;
  /** Documents between the nodes; undefined where the configuration is fixed. */
  readonly exchange: ConfigurationExchange | undefined;
  private readonly parts: PairParts;
  private readonly link: Link;
  private readonly partner: Partner;
  private readonly heartbeat: Heartbeat;
  private readonly witness: WitnessSeat | undefined;
  private readonly secondPath: SecondPath | undefined;
  private readonly clocks: ClockWatch;
  private readonly lease: Lease;
  private readonly roles = new BehaviorSubject<Role>('starting');
  private readonly switches: SwitchRequests;
  private readonly record = new EventRecord();
  private readonly rows: Rows;
  private readonly readers: Readers;
  private registers: Registers | undefined;
  /** The partner table. */
  readonly desk: PartnerDesk;
  /** Compares the two nodes (R16). */
  readonly verifier: Verifier;
  private readonly stands: Stands;
  private readonly fieldWatch: FieldWatch;
  private role: RoleState;
  private timersOn: { readonly tick: Timer; readonly beat: Timer; readonly registers: Timer | undefined } | undefined;
  private settingsTurn = 0;
  private probing = false;
  private stopped = false;
  private startedStale = false;
  readonly control: PairControl;
  private readonly drill: Drill;

  constructor(private readonly options: PairOptions) {
    const { state, node, clock, timers, settings } = options;
    const last = state.epochs().at(-1);
    const keepsControl = last?.node === node.id && !last.owedToMain && last.cause !== 'start';
    this.role = initialRoleState(options.mark, progressOf(state), keepsControl, clock.monotonicMs());
    this.lease = new Lease(clock, leaseMs(settings));
    this.switches = new SwitchRequests({ ...options, send: (message) => this.link.send(message) });
    const run = (work: Promise<unknown>): void => this.run(work);
    const note = (what: string, evidence: string): void => this.note(what, evidence);
    this.rows = new Rows({ node: node.id, partner: node.partner?.symbol ?? '', stored: options.rows, write: async (rows) => options.journal.writeMark('rows', rows), run });
    this.partner = new Partner(() => this.parts, this.switches);
    this.link = new Link(
      {
        transport: options.transport,
        timers,
        log: options.log.child('link'),
        listen: node.mode === 'reader' ? undefined : node.link,
        dial: node.mode === 'main' ? undefined : partnerEndpoint(node),
        dialToo: partnerEndpoint({ ...(node.otherPartner === undefined ? {} : { partner: node.otherPartner }) }),
        get connectTimeoutMs() {
          return settings.webSocketTimeoutMs;
        },
        get redialMs() {
          return settings.pingRateMs;
        },
        get retryCount() {
          return settings.retryCount;
        },
        get slowRedialMs() {
          return slowRedialMs(settings);
        },
        gate: new Admission(options.trust, () => this.rows.away, { site: options.site, partner: node.partner }),
        hello: () => this.heartbeat.hello(),
      },
      this.partner,
      () => this.readers,
    );
    this.readers = new Readers({ ...options, log: options.log.child('readers'), isActive: () => this.role.role === 'active', note });
    const { witness } = settings;
    this.witness = witness === undefined || node.mode === 'independent' || node.mode === 'reader' ? undefined : new WitnessSeat(witness, options.witnessSecret ?? '', () => this.parts, options);
    this.clocks = new ClockWatch(clock);
    this.secondPath = secondPathOf(options, () => this.role.role, (role) => this.step({ kind: 'peer-alive', role }));
    this.registers = this.registersOf(settings);
    this.heartbeat = new Heartbeat({ ...options, role: () => this.role, reachesWitness: () => this.witness?.reachable === true, onPromise: () => this.step({ kind: 'promised' }) }, this.link);
    const dbSync = new DbSync({ rows: this.rows, state, journal: options.journal, send: (message) => this.link.send(message), note, run, fetch: (fromMs) => this.sync.fetchHistory(fromMs) });
    this.sync = new Sync(
      {
        ...options,
        get confirmWaitMs() {
          return settings.confirmWaitMs;
        },
        mayAct: async () => this.mayAct(),
        mayConfirmAlone: async () => this.witness?.knowsAlone(settings.failoverTimeMs) ?? true,
        onInSync: (inSync) => this.step({ kind: 'sync', inSync }),
        onBroken: () => {
          this.link.drop();
          this.step({ kind: 'link-closed' });
        },
        note,
        dbSync,
        alsoTo: (frame, bytes) => this.readers.publish(frame, bytes),
        hearsInTime: () => this.heartbeat.unansweredMs <= slowLinkMs(settings),
      },
      this.link,
    );
    this.sync.frames$.subscribe(({ puts }) => {
      if (puts.some(({ key }) => key === CONFIGURATION_CURRENT)) this.verifier.lapse('another configuration is in force');
    });
    options.trust?.attach({ onChange: () => this.link.recheck(), note });
    this.stands = new Stands(() => this.parts, options.reach);
    this.fieldWatch = new FieldWatch(() => this.parts, options.reach);
    this.verifier = new Verifier({ parts: () => this.parts, inspector: options.inspector, peerUrl: () => this.peerUrl });
    this.desk = new PartnerDesk({ options, link: this.link, rows: this.rows, dbSync, role: () => this.role, note, verifier: this.verifier });
    this.exchange =
      options.configuration === undefined
        ? undefined
        : new ConfigurationExchange({ ...options, reader: options.configuration, send: (message) => this.link.send(message), note: (what, evidence) => this.note(what, evidence) });
    this.parts = {
      options,
      exchange: this.exchange,
      verifier: this.verifier,
      stands: this.stands,
      fieldWatch: this.fieldWatch,
      link: this.link,
      sync: this.sync,
      heartbeat: this.heartbeat,
      rows: this.rows,
      dbSync,
      witness: this.witness,
      secondPath: this.secondPath,
      role: () => this.role,
      step: (input) => this.step(input),
      noticeStall: () => this.noticeStall(),
      note: (what, evidence, cause) => this.note(what, evidence, cause),
      peerId: () => this.partner.greeting?.node ?? node.partner?.symbol ?? '',
      highestEpoch: () => this.partner.heardEpoch,
      hearEpoch: (epoch) => {
        this.partner.heardEpoch = Math.max(this.partner.heardEpoch, epoch);
      },
      run: (work) => this.run(work),
    };
    this.drill = new Drill(this.parts, () => settings.drillEveryMs, async (kind, limit) => options.journal.logs(kind, limit));
    this.control = new PairControl(this.parts, this.drill);
  }

  /** Emits the present role at once. */
  get role$(): Observable<Role> {
    return this.roles.pipe(distinctUntilChanged());
  }

  get currentRole(): Role {
    return this.roles.value;
  }

  /** Asked synchronously beside every effect. */
  readonly permit = (): boolean => this.lease.permits();

  /** Whether effects are allowed, waiting out a freeze that turns out to have harmed nothing. False once the role is lost. */
  async mayAct(): Promise<boolean> {
    const { settings, timers, clock } = this.options;
    const deadline = clock.monotonicMs() + settings.failoverTimeMs;
    while (!this.lease.permits()) {
      if (this.role.role !== 'active' || clock.monotonicMs() > deadline) return false;
      await new Promise<void>((resolve) => timers.after(tickMs(settings), resolve));
    }
    return true;
  }

  /** Console address of the other node; the last one known while it is away. */
  get peerUrl(): string | undefined {
    return this.partner.greeting?.url ?? this.options.lastPeerUrl;
  }

  /** @throws PORT_IN_USE */
  async start(): Promise<void> {
    const { settings, timers, node } = this.options;
    if (node.mode !== 'independent') await this.link.start();
    this.lease.renew(false);
    await this.secondPath?.start();
    this.witness?.start();
    this.startTimers(settings.pingRateMs);
    this.options.live?.asked$.subscribe(() => timers.after(0, () => this.takeSettings()));
    this.tick();
  }

  /** A clean stop: everything is flushed, then the peer is told. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.timersOn?.tick.cancel();
    this.timersOn?.registers?.cancel();
    this.lease.close();
    if (this.role.role === 'active') {
      this.roles.next('yielding');
      await this.options.quiesce();
      this.options.publisher.cut();
      await this.options.journal.whenDurable(this.options.state.position.seq).catch(() => undefined);
    }
    // Until here it says that it lives: what it still has to do may take longer than the heartbeat budget.
    this.timersOn?.beat.cancel();
    this.options.publisher.close();
    this.witness?.release();
    await this.link.stop();
    this.witness?.stop();
    await this.secondPath?.stop();
    this.sync.endFollowing();
    this.sync.endLeading();
  }

  /** Hands control over, from whichever node. @throws SWITCH_REFUSED */
  async switchOver(by: string, reason: string): Promise<void> {
    if (this.role.role === 'active') {
      const refusal = switchRefusal(this.role);
      if (refusal !== undefined) throw new TandemError('SWITCH_REFUSED', `cannot switch: ${refusal}`);
      this.step({ kind: 'switch', by: reason === '' ? by : `${by}: ${reason}` });
      return;
    }
    if (!this.link.up) throw new TandemError('SWITCH_REFUSED', 'cannot switch: the active node is not connected');
    const refusal = await this.switches.ask(by, reason, this.options.settings.failoverTimeMs);
    if (refusal !== undefined) throw new TandemError('SWITCH_REFUSED', `cannot switch: ${refusal}`);
  }

  /** Whether the other node surely has nothing that only an active one has: it says so itself, or no process of it is there. */
  async otherHasLetGo(): Promise<boolean> {
    const { node, network, settings } = this.options;
    const { peer } = this.role;
    if (node.mode === 'independent') return true;
    if (peer.link === 'up') return peer.role === 'standby' || peer.role === 'starting';
    return refusedEverywhere(network, this.peerPaths(), settings.httpConnectTimeoutMs);
  }

  /** What the other node says of its own condition, while it is connected. */
  get peerHealth(): NodeHealth | undefined {
    return this.link.up ? this.partner.health : undefined;
  }

  /** Agreed version of the link's protocol; 0 while the other node is away. */
  get linkVersion(): number {
    return this.link.version;
  }

  status(): RedundancyStatus {
    const { node, site, state, settings, clock } = this.options;
    const { trust } = this.options;
    const common = describePair({
      site,
      node,
      settings,
      revision: state.table.revision,
      role: this.role,
      peer: this.partner.greeting,
      peerUrl: this.peerUrl ?? '',
      epoch: state.epochs().at(-1),
      seq: state.position.seq,
      standbyLag: this.sync.standbyLag,
      historyFill: this.sync.historyFill,
      nowMs: clock.monotonicMs(),
      configurationRefusal: this.exchange?.reason,
      events: this.record.newestFirst(),
      witness: this.witness?.status(),
      hold: this.hold(),
      secondPath: this.secondPath?.state,
      registers: this.registers?.state,
      clockSkewMs: this.clockSkewMs(),
      drill: this.drill.report,
      startedStale: this.startedStale,
      malformedMessages: this.link.malformedCount,
    });
    const readers = this.readers.status();
    const onlyStandby = this.fieldWatch.balance?.devices;
    const field = node.mode === 'independent' ? {} : { arbitration: settings.arbitration, ...(settings.fieldSwitch === undefined ? {} : { fieldSwitch: { ...settings.fieldSwitch, ...(onlyStandby === undefined ? {} : { onlyStandby }) } }) };
    const waiting = this.options.live?.waiting ?? [];
    return { ...common, ...field, ...(waiting.length === 0 ? {} : { settingsWaiting: waiting }), ...(readers.length === 0 ? {} : { readers }), conflicts: [...state.keyed.entries(CONFLICTS)].length, ...describeTrust(node, trust, this.barred, this.authorization, this.rows.alarms()) };
  }

  private get authorization(): PairAuthorization {
    const { id, modules } = this.options.node;
    const theirs = this.partner.greeting;
    return authorizationOf({ id, modules: modules ?? [] }, modules === undefined || theirs?.modules === undefined ? undefined : { id: theirs.node, modules: theirs.modules });
  }

  /** This activation began without knowing what the other node did last (R39). */
  get isStale(): boolean {
    return this.startedStale;
  }

  /** What needs a person; empty unless this node is active. */
  systemAlarms(): SystemAlarm[] {
    const { settings, node, trust } = this.options;
    const membership = describeTrust(node, trust, this.barred, this.authorization, this.rows.alarms()).alarms ?? [];
    return pairAlarms({ settings, isPair: node.mode !== 'independent', role: this.role, witness: this.witness, hold: this.hold(), startedStale: this.startedStale, secondPath: this.secondPath?.state, registers: this.registers?.state, clockSkewMs: this.clockSkewMs(), conflicts: [...this.options.state.keyed.entries(CONFLICTS)].length, more: membership.length === 0 ? [] : [{ name: 'trust', priority: 2, message: membership.join('; ') }] });
  }

  private clockSkewMs(): number | undefined {
    const { ms } = this.heartbeat.skew;
    return ms === undefined || this.role.peer.link === 'down' ? undefined : Math.round(ms);
  }

  private hold(): HoldStatus | undefined {
    const stored = this.options.state.keyed.get(HOLD_KEY);
    return stored === undefined ? undefined : holdAt(stored, this.options.pairClock.now());
  }

  private startTimers(beatMs: number): void {
    const { settings, timers } = this.options;
    for (const timer of Object.values(this.timersOn ?? {})) timer?.cancel();
    this.timersOn = {
      tick: timers.every(tickMs({ ...settings, pingRateMs: beatMs }), () => this.tick()),
      beat: timers.every(beatMs, () => this.beat()),
      registers: this.registers === undefined ? undefined : timers.every(settings.registers?.everyMs ?? beatMs, () => this.registers?.beat()),
    };
  }

  private registersOf({ registers }: RedundancySettings): Registers | undefined {
    const { options } = this;
    if (registers === undefined || options.registers === undefined || (options.node.mode !== 'main' && options.node.mode !== 'backup')) return undefined;
    return new Registers({ ...options.registers, everyMs: registers.everyMs, clock: options.clock, log: options.log.child('registers'), role: () => this.role.role, onAlive: (role) => this.step({ kind: 'peer-alive', role }) });
  }

  /** Another configuration is in force, whose frame has been cut or applied. */
  private takeSettings(): void {
    const { live, settings } = this.options;
    if (live === undefined || this.stopped) return;
    const before = { ...settings };
    const changes = live.take();
    if (live.waiting.length > 0) this.note('settings that wait', `from the next start of this node on: ${live.waiting.join(', ')}`);
    if (changes.length === 0) return;
    this.note('settings changed', changes.join('; '));
    if (JSON.stringify(before.registers) !== JSON.stringify(settings.registers)) this.registers = this.registersOf(settings);
    this.step({ kind: 'settings' });
    this.run(this.changePace(before));
    if (before.pingRateMs !== settings.pingRateMs) this.run(this.secondPath?.reopen());
  }

  /** Shorter at once, longer only when the other node has the configuration too: until then it goes by the shorter budget. */
  private async changePace(before: RedundancySettings): Promise<void> {
    const { settings, state } = this.options;
    const turn = ++this.settingsTurn;
    this.lease.setLength(Math.min(leaseMs(before), leaseMs(settings)));
    this.startTimers(Math.min(before.pingRateMs, settings.pingRateMs));
    if (this.role.role === 'active') await this.sync.confirm(state.position.seq).catch(() => undefined);
    if (turn !== this.settingsTurn || this.stopped) return;
    this.lease.setLength(leaseMs(settings));
    this.startTimers(settings.pingRateMs);
  }

  private tick(): void {
    this.noticeStall();
    this.lease.renew(this.actsByRole());
    this.options.trust?.tick();
    this.step({ kind: 'tick' });
  }

  private beat(): void {
    this.heartbeat.send();
    if (this.options.node.mode !== 'reader') this.readers.tell(this.heartbeat.word());
    this.secondPath?.beat();
    this.witness?.beat();
    this.fieldWatch.beat();
    if (!this.stopped) this.drill.beat();
  }

  private noticeStall(): void {
    const wallJumpMs = this.clocks.wallJumpMs();
    // A clock that somebody set looks the same as a machine that was paused: an active asks before it acts.
    const doubtMs = this.role.role === 'active' && wallJumpMs !== 0 ? Math.abs(wallJumpMs) : 0;
    const stalledMs = Math.max(this.lease.stalledMs(), this.clocks.pausedMs(), doubtMs);
    if (stalledMs > 0) this.step({ kind: 'stalled', ms: stalledMs, nextBeat: this.heartbeat.nextBeat });
  }

  /** Why this node may not become active by itself. */
  get barred(): string | undefined {
    const { node, trust } = this.options;
    if (node.mode === 'reader') return 'it only reads';
    if (node.mode === 'backup' && trust?.hasPartner === false) return 'no connection with a main has been approved';
    // Whoever was active alone goes on, also after it has started again: who is away promotes nobody, and darkens nothing.
    if (this.role.mark === 'alone') return undefined;
    return this.rows.away ?? (this.rows.peerAway ? 'the other node has been taken out of the pair' : undefined);
  }

  private actsByRole(): boolean {
    return this.role.role === 'active' && this.role.suspect === undefined;
  }

  private step(input: RoleInput): void {
    const { settings, node, clock } = this.options;
    // A promotion that was under way ends with the node.
    if (this.stopped) return;
    const before = this.role.role;
    const { state, effects } = stepRole({ ...this.role, ...this.replicated() }, input, clock.monotonicMs(), { mode: node.mode, settings, barred: this.barred, alsoSilent: this.registers?.state === 'still' ? ', and its register in the PLC stands still' : '' });
    this.role = state;
    this.lease.support(supportedUntilMs(state));
    // The lease follows the role at once; it opens again only by a tick.
    if (!this.actsByRole()) this.lease.close();
    // Functions and clients hear of a lost role before anything else happens.
    if (state.role !== before) this.changed();
    for (const effect of effects) this.perform(effect);
  }

  /** What the role machine has to know of the replicated state. */
  private replicated(): Pick<RoleState, 'progress' | 'arming' | 'recentMoves' | 'held'> {
    const { state, pairClock } = this.options;
    return {
      progress: progressOf(state),
      held: this.hold() !== undefined,
      arming: this.witness?.arming ?? 'disarmed',
      recentMoves: state.keyed.get(MOVES_KEY) === undefined ? 0 : recentMoves(state.keyed.get(MOVES_KEY), pairClock.now()).length,
    };
  }

  private changed(): void {
    if (this.role.role === 'active') this.lease.renew(this.actsByRole());
    this.options.log.info(`role is now ${this.role.role}`);
    this.roles.next(this.role.role);
    this.fieldWatch.forget();
    if (this.role.role === 'active') this.stands.activated();
    this.verifier.lapse(`node ${this.options.node.id} is ${this.role.role}`);
    this.beat();
  }

  private perform(effect: RoleEffect): void {
    switch (effect.kind) {
      case 'event':
        return this.note(effect.what, effect.evidence, effect.cause);
      case 'promote':
        this.startedStale = effect.stale;
        return this.run(activate(this.parts, { ...effect, events: this.record.takeUnwritten() }));
      case 'demote':
        this.startedStale = false;
        this.options.publisher.close();
        this.readers.endLeading();
        return this.sync.endLeading();
      case 'probe':
        return this.run(this.probe());
      case 'ask-witness':
        return this.witness?.claim(effect.dead, effect.beyondSet);
      case 'drop-link':
        this.sync.dropFollower();
        this.sync.endFollowing();
        return this.link.drop();
      case 'prepare-handover':
        return this.link.send({ type: 'prepare', cause: effect.cause });
      case 'yield':
        this.drill.leaving();
        return this.run(handOver(this.parts, effect.cause));
    }
  }

  private async probe(): Promise<void> {
    if (this.probing) return;
    this.probing = true;
    const { connections } = this.partner;
    const refused = await refusedEverywhere(this.options.network, this.peerPaths(), this.options.settings.httpConnectTimeoutMs);
    this.probing = false;
    // What was asked about one connection says nothing about the one that came after it.
    if (connections === this.partner.connections) this.step({ kind: 'probe', refusedEverywhere: refused });
  }

  private peerPaths(): Endpoint[] {
    return [partnerEndpoint(this.options.node), this.options.node.partner?.secondPath, endpointOf(this.peerUrl)].filter((path) => path !== undefined);
  }

  private note(what: string, evidence: string, cause?: EpochCause): void {
    const { clock, node, log, publisher } = this.options;
    const event = { timeMs: clock.wallMs(), node: node.id, what, evidence, ...(cause === undefined ? {} : { cause }) };
    log.info(`${what}: ${evidence}`);
    this.options.keepEvent?.(event);
    const canWrite = this.roles.value === 'active' && this.role.role === 'active';
    this.record.add(event, canWrite);
    if (canWrite) publisher.record([], [{ kind: 'redundancy', data: event }]);
  }

  private run(work: Promise<unknown> | undefined): void {
    work?.catch((error: unknown) => this.options.log.error('redundancy', error));
  }
}

import { BehaviorSubject, distinctUntilChanged, type Observable } from 'rxjs';
import { TandemError, type EpochCause, type NodeHealth, type RedundancyStatus, type Role, type SystemAlarm, type Work } from '../contract/index.js';
import { ClockWatch } from './clock-watch.js';
import { ComparisonWatch } from './comparison-watch.js';
import { ConfigurationExchange } from './configuration-exchange.js';
import { DbSync } from './db-sync.js';
import { CONFIGURATION_CURRENT } from './documents.js';
import { Drill } from './drill.js';
import { EventRecord } from './event-record.js';
import { FieldWatch } from './field-watch.js';
import { Heartbeat } from './heartbeat.js';
import { Lease } from './lease.js';
import { Link } from './link.js';
import { MOVES_KEY, recentMoves } from './moves.js';
import { Pace } from './pace.js';
import { PairControl } from './pair-control.js';
import { linkOptions, peerPaths } from './pair-link.js';
import type { PairOptions } from './pair-options.js';
import { progressOf, type PairParts } from './pair-parts.js';
import { PairView } from './pair-view.js';
import { pairWork } from './pair-work.js';
import { PartnerDesk } from './partner-desk.js';
import { Partner } from './partner.js';
import { refusedEverywhere } from './probe.js';
import { Readers } from './readers.js';
import { registersOf, type Registers } from './registers.js';
import { supportedUntilMs } from './role-claim.js';
import { RoleEffects } from './role-effects.js';
import { initialRoleState, stepRole, switchRefusal, type RoleInput, type RoleState } from './role-machine.js';
import { Rows } from './rows.js';
import { secondPathOf, type SecondPath } from './second-path.js';
import { isInSync } from './status.js';
import { Stands } from './stands.js';
import { SwitchRequests } from './switch-requests.js';
import { Sync } from './sync.js';
import { leaseMs, slowLinkMs, tickMs } from './timing.js';
import { Verifier } from './verify/verifier.js';
import { WitnessSeat } from './witness-seat.js';

/**
 * Runs the role machine on real inputs: the link (partner.ts), the clock, the disk. What it decides is in
 * role-machine.ts, what that does in role-effects.ts; what is done again and again in pace.ts, what a person sees of it
 * in pair-view.ts.
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
  private readonly comparisonWatch: ComparisonWatch;
  private role: RoleState;
  private stopped = false;
  readonly control: PairControl;
  private readonly drill: Drill;
  private readonly view: PairView;
  private readonly effects: RoleEffects;
  private readonly pace: Pace;

  constructor(private readonly options: PairOptions) {
    const { state, node, clock, settings } = options;
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
      linkOptions(options, () => this.rows.away, () => this.heartbeat.hello()),
      this.partner,
      () => this.readers,
    );
    this.readers = new Readers({ ...options, log: options.log.child('readers'), isActive: () => this.role.role === 'active', note });
    const { witness } = settings;
    this.witness = witness === undefined || node.mode === 'independent' || node.mode === 'reader' ? undefined : new WitnessSeat(witness, options.witnessSecret ?? '', () => this.parts, options);
    this.clocks = new ClockWatch(clock);
    this.secondPath = secondPathOf(options, () => this.role.role, (role) => this.step({ kind: 'peer-alive', role }));
    const registers = (): Registers | undefined => registersOf(options, () => this.role.role, (role) => this.step({ kind: 'peer-alive', role }));
    this.registers = registers();
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
        heardSeq: () => this.role.peer.progress.seq,
        onBroken: () => {
          this.exchange?.reset();
          this.link.drop();
          this.step({ kind: 'link-closed' });
        },
        note,
        dbSync,
        onlyReads: node.mode === 'reader',
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
    this.comparisonWatch = new ComparisonWatch(() => this.parts, options.comparison);
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
      comparisonWatch: this.comparisonWatch,
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
    const { partner, readers, drill, record } = this;
    this.effects = new RoleEffects(this.parts, { partner, readers, drill, record, peerUrl: () => this.peerUrl });
    this.view = new PairView(this.parts, { partner, readers, drill, record, registers: () => this.registers, startedStale: () => this.effects.startedStale, barred: () => this.barred, peerUrl: () => this.peerUrl });
    this.pace = new Pace(this.parts, {
      lease: this.lease,
      tick: () => this.tick(),
      beat: () => this.beat(),
      registers: () => this.registers,
      renewRegisters: () => {
        this.registers = registers();
      },
    });
  }

  /** Emits the present role at once. */
  get role$(): Observable<Role> {
    return this.roles.pipe(distinctUntilChanged());
  }

  get currentRole(): Role {
    return this.roles.value;
  }

  /** A standby that holds what the active holds, and hears it: its image is the pair's. */
  get isInSync(): boolean {
    return isInSync(this.role);
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
    const { node } = this.options;
    if (node.mode !== 'independent') await this.link.start();
    this.lease.renew(false);
    await this.secondPath?.start();
    this.witness?.start();
    this.pace.start();
    this.tick();
  }

  /** A clean stop: everything is flushed, then the peer is told. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.pace.stop();
    this.lease.close();
    if (this.role.role === 'active') {
      this.roles.next('yielding');
      await this.options.quiesce();
      this.options.publisher.cut();
      await this.options.journal.whenDurable(this.options.state.position.seq).catch(() => undefined);
    }
    // Until here it says that it lives: what it still has to do may take longer than the heartbeat budget.
    this.pace.fallSilent();
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
    const { node, network, timers, settings } = this.options;
    const { peer } = this.role;
    if (node.mode === 'independent') return true;
    if (peer.link === 'up') return peer.role === 'standby' || peer.role === 'starting';
    return refusedEverywhere(network, timers, peerPaths(this.options, this.peerUrl), settings.httpConnectTimeoutMs);
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
    return this.view.status();
  }

  /** What the pair is at that takes its time. */
  work(): readonly Work[] {
    return pairWork(this.parts);
  }

  /** What needs a person; empty unless this node is active. */
  systemAlarms(): SystemAlarm[] {
    return this.view.systemAlarms();
  }

  /** This activation began without knowing what the other node did last (R39). */
  get isStale(): boolean {
    return this.effects.startedStale;
  }

  /** This activation began at the start of the process, by right, without a word of the other node: which may have led since this one did. */
  get isUnheard(): boolean {
    return this.effects.startedUnheard;
  }

  private tick(): void {
    this.noticeStall();
    this.lease.renew(this.actsByRole());
    this.options.trust?.tick();
    if (this.link.hasHeardBytes()) this.partner.onBytes();
    this.step({ kind: 'tick' });
  }

  private beat(): void {
    this.heartbeat.send();
    if (this.options.node.mode !== 'reader') this.readers.tell(this.heartbeat.word());
    this.secondPath?.beat();
    this.witness?.beat();
    this.fieldWatch.beat();
    this.comparisonWatch.beat();
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
    for (const effect of effects) this.effects.perform(effect);
  }

  /** What the role machine has to know of the replicated state. */
  private replicated(): Pick<RoleState, 'progress' | 'arming' | 'recentMoves' | 'held'> {
    const { state, pairClock } = this.options;
    return {
      progress: progressOf(state),
      held: this.view.hold() !== undefined,
      arming: this.witness?.arming ?? 'disarmed',
      recentMoves: state.keyed.get(MOVES_KEY) === undefined ? 0 : recentMoves(state.keyed.get(MOVES_KEY), pairClock.now()).length,
    };
  }

  private changed(): void {
    if (this.role.role === 'active') this.lease.renew(this.actsByRole());
    this.options.log.info(`role is now ${this.role.role}`);
    this.roles.next(this.role.role);
    this.fieldWatch.forget();
    this.comparisonWatch.forget();
    if (this.role.role === 'active') this.stands.activated();
    this.verifier.lapse(`node ${this.options.node.id} is ${this.role.role}`);
    this.beat();
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

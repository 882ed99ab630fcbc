import { BehaviorSubject, distinctUntilChanged, type Observable } from 'rxjs';
import {
  messageOf,
  TandemError,
  type Endpoint,
  type Epoch,
  type EpochCause,
  type EpochEntry,
  type RedundancyStatus,
  type Role,
  type Timer,
} from '../contract/index.js';
import { epochKey, epochToJson, type PairState } from '../image/index.js';
import { EventRecord } from './event-record.js';
import { Lease } from './lease.js';
import { LINK_PROTOCOL, type LinkHello, type LinkMessage, type LinkStatus } from './link-messages.js';
import { Link } from './link.js';
import type { PairOptions } from './pair-options.js';
import { endpointOf, refusedEverywhere } from './probe.js';
import { initialRoleState, stepRole, switchRefusal, type RoleEffect, type RoleInput, type RoleState } from './role-machine.js';
import { describePair } from './status.js';
import { SwitchRequests } from './switch-requests.js';
import { Sync } from './sync.js';
import { detectionBudgetMs, leaseMs, tickMs } from './timing.js';

/**
 * Runs the role machine on real inputs: the link, the clock, the disk. What it decides is in role-machine.ts;
 * here its effects are carried out, in the order that the replication rules demand.
 */
export class Pair {
  readonly sync: Sync;
  private readonly link: Link;
  private readonly lease: Lease;
  private readonly roles = new BehaviorSubject<Role>('starting');
  private readonly switches: SwitchRequests;
  private readonly record = new EventRecord();
  private role: RoleState;
  private peer: LinkHello | undefined;
  private timersOn: Timer[] = [];
  private probing = false;
  private beat = 0;
  private peerBeat = 0;
  private heardEpoch = 0;
  private stopped = false;

  constructor(private readonly options: PairOptions) {
    const { state, node, clock, timers, settings } = options;
    const last = state.epochs().at(-1);
    const keepsControl = last?.node === node.id && !last.owedToMain && last.cause !== 'start';
    this.role = initialRoleState(options.mark, progressOf(state), keepsControl, clock.monotonicMs());
    this.lease = new Lease(clock, leaseMs(settings));
    this.link = new Link(
      {
        transport: options.transport,
        timers,
        log: options.log.child('link'),
        listen: node.link,
        dial: node.mode === 'backup' ? this.partner() : undefined,
        connectTimeoutMs: Math.max(settings.failoverTimeMs, 500),
        redialMs: settings.pingRateMs,
        hello: () => this.hello(),
      },
      {
        onUp: (hello) => this.onUp(hello),
        onMessage: (message) => this.onMessage(message),
        onFrame: (bytes) => {
          this.step({ kind: 'peer-heard' });
          this.sync.receiveFrame(bytes);
        },
        onRefused: (reason, of) => this.onRefused(reason, of),
        onDown: (how) => this.onDown(how),
      },
    );
    this.switches = new SwitchRequests({ ...options, send: (message) => this.link.send(message) });
    this.sync = new Sync(
      {
        ...options,
        confirmWaitMs: settings.confirmWaitMs,
        mayAct: async () => this.mayAct(),
        onInSync: (inSync) => this.step({ kind: 'sync', inSync }),
        onBroken: () => {
          this.link.drop();
          this.step({ kind: 'link-closed' });
        },
        note: (what, evidence) => this.note(what, evidence),
      },
      this.link,
    );
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
    return this.peer?.url ?? this.options.lastPeerUrl;
  }

  /** @throws PORT_IN_USE */
  async start(): Promise<void> {
    const { settings, timers, node } = this.options;
    if (node.mode !== 'independent') await this.link.start();
    this.lease.renew(false);
    this.timersOn = [timers.every(tickMs(settings), () => this.tick()), timers.every(settings.pingRateMs, () => this.sendStatus())];
    this.tick();
  }

  /** A clean stop: everything is flushed, then the peer is told. */
  async stop(): Promise<void> {
    this.stopped = true;
    for (const timer of this.timersOn.splice(0)) timer.cancel();
    this.lease.close();
    if (this.role.role === 'active') {
      this.roles.next('yielding');
      await this.options.quiesce();
      this.options.publisher.cut();
      await this.options.journal.whenDurable(this.options.state.position.seq).catch(() => undefined);
    }
    this.options.publisher.close();
    await this.link.stop();
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

  status(): RedundancyStatus {
    const { node, site, state, settings, clock } = this.options;
    return describePair({
      site,
      node,
      settings,
      revision: state.table.revision,
      role: this.role,
      peer: this.peer,
      peerUrl: this.peerUrl ?? '',
      epoch: state.epochs().at(-1),
      seq: state.position.seq,
      standbyLag: this.sync.standbyLag,
      nowMs: clock.monotonicMs(),
      events: this.record.newestFirst(),
    });
  }

  // ---- inputs -------------------------------------------------------------------------------------

  private tick(): void {
    this.noticeStall();
    this.lease.renew(this.actsByRole());
    this.step({ kind: 'tick' });
  }

  private noticeStall(): void {
    const stalledMs = this.lease.stalledMs();
    if (stalledMs > 0) this.step({ kind: 'stalled', ms: stalledMs, nextBeat: this.beat + 1 });
  }

  private actsByRole(): boolean {
    return this.role.role === 'active' && this.role.suspect === undefined;
  }

  private onUp(hello: LinkHello): void {
    this.peer = hello;
    if (hello.url !== this.options.lastPeerUrl) this.run(this.options.journal.writeMark('peerUrl', hello.url));
    this.peerBeat = 0;
    this.note('link up', `node ${hello.node} (${hello.mode}) is ${hello.role}`);
    this.seen(hello.role, hello.position.epoch.number, hello.position.seq, 0);
    this.sendStatus();
    if (hello.role === 'active') this.follow(hello.position.epoch);
  }

  private onRefused(reason: string, of?: LinkHello): void {
    if (this.role.peer.refused !== reason) this.note('the other node is refused', reason);
    this.sync.dropFollower();
    this.step({ kind: 'peer-refused', reason, ...(of === undefined ? {} : { peer: { role: of.role, progress: { epoch: of.position.epoch.number, seq: of.position.seq } } }) });
  }

  private onDown(how: 'closed' | 'goodbye'): void {
    this.note('link down', how === 'goodbye' ? 'the other node said goodbye' : 'the connection closed');
    this.sync.dropFollower();
    this.sync.endFollowing();
    if (this.role.handover !== undefined && this.role.role === 'active') this.step({ kind: 'handover-failed', reason: 'the link went down' });
    this.step({ kind: how === 'goodbye' ? 'peer-goodbye' : 'link-closed' });
  }

  private onMessage(message: LinkMessage): void {
    this.step({ kind: 'peer-heard' });
    if (this.sync.receive(message)) return;
    switch (message.type) {
      case 'status':
        return this.onStatus(message);
      case 'follow':
        if (this.role.role === 'active') this.sync.lead(message.position);
        return;
      case 'prepare': {
        const ready = this.role.role === 'standby' && this.role.inSync;
        this.link.send(ready ? { type: 'ready' } : { type: 'not-ready', reason: 'the standby is not in sync' }); return;
      }
      case 'ready':
        return this.step({ kind: 'peer-ready' });
      case 'not-ready':
        return this.step({ kind: 'handover-failed', reason: message.reason });
      case 'yield':
        this.heardEpoch = Math.max(this.heardEpoch, message.epoch.number);
        if (this.options.state.position.seq !== message.lastSeq) this.options.log.error(`control was handed over at frame ${message.lastSeq}, this node holds ${this.options.state.position.seq}`);
        return this.step({ kind: 'yielded', cause: message.cause });
      case 'switch-request': {
        const refusal = switchRefusal(this.role);
        this.link.send({ type: 'switch-result', id: message.id, ...(refusal === undefined ? {} : { refusal }) });
        if (refusal === undefined) this.step({ kind: 'switch', by: `${message.by} at the standby: ${message.reason}` });
        return;
      }
      case 'switch-result':
        return this.switches.answered(message.id, message.refusal);
      default:
        // The link keeps greetings to itself; the rest is about frames.
        return;
    }
  }

  private onStatus(status: LinkStatus): void {
    this.peerBeat = status.beat;
    this.seen(status.role, status.position.epoch.number, status.position.seq, status.echo);
    if (status.role !== 'active') return;
    if (this.role.role === 'standby') this.options.pairClock.observe(status.pairTimeMs);
    this.follow(status.position.epoch);
  }

  private seen(role: Role, epoch: number, seq: number, echo: number): void {
    this.heardEpoch = Math.max(this.heardEpoch, epoch);
    this.step({ kind: 'peer-seen', role, mode: this.peer?.mode ?? 'independent', progress: { epoch, seq }, echo });
  }

  private step(input: RoleInput): void {
    const { settings, node, clock } = this.options;
    // A promotion that was under way ends with the node.
    if (this.stopped) return;
    const before = this.role.role;
    const { state, effects } = stepRole({ ...this.role, progress: progressOf(this.options.state) }, input, clock.monotonicMs(), { mode: node.mode, settings });
    this.role = state;
    // The lease follows the role at once; it opens again only by a tick.
    if (!this.actsByRole()) this.lease.close();
    // Functions and clients hear of a lost role before anything else happens.
    if (state.role !== before) this.changed();
    for (const effect of effects) this.perform(effect);
  }

  private changed(): void {
    if (this.role.role === 'active') this.lease.renew(this.actsByRole());
    this.options.log.info(`role is now ${this.role.role}`);
    this.roles.next(this.role.role);
    this.sendStatus();
  }

  // ---- effects ------------------------------------------------------------------------------------

  private perform(effect: RoleEffect): void {
    switch (effect.kind) {
      case 'event':
        return this.note(effect.what, effect.evidence, effect.cause);
      case 'promote':
        return this.run(this.promote(effect.cause, effect.owedToMain, effect.stale));
      case 'demote':
        this.options.publisher.close();
        return this.sync.endLeading();
      case 'probe':
        return this.run(this.probe());
      case 'drop-link':
        this.sync.dropFollower();
        this.sync.endFollowing();
        return this.link.drop();
      case 'prepare-handover':
        return this.link.send({ type: 'prepare', cause: effect.cause });
      case 'yield':
        return this.run(this.yieldControl(effect.cause));
    }
  }

  /** Rule 1: the epoch is on disk before the first effect. */
  private async promote(cause: EpochCause, owedToMain: boolean, stale: boolean): Promise<void> {
    const { state, node, publisher, pairClock, journal, random } = this.options;
    this.sync.endFollowing();
    pairClock.observe(state.pairTimeMs);
    const number = Math.max(this.heardEpoch, state.position.epoch.number) + 1;
    const epoch: Epoch = { number, node: node.id, nonce: random.hex(4) };
    const entry: EpochEntry = { ...epoch, firstSeq: state.position.seq + 1, cause, owedToMain };
    publisher.open(epoch);
    const evidence = this.record.takeUnwritten().map((event) => ({ kind: 'redundancy', data: { ...event } }));
    const seq = publisher.record([{ key: epochKey(number), value: epochToJson(entry) }], [...evidence, { kind: 'redundancy', data: { what: 'activated', epoch: number, node: node.id, cause, stale } }]);
    await Promise.all([journal.whenDurable(seq), this.sync.writeMark('alone')]);
    // The disk's answer may be the first thing that this node hears after a freeze.
    this.noticeStall();
    this.step({ kind: 'promoted', nextBeat: this.beat + 1 });
  }

  private async probe(): Promise<void> {
    if (this.probing) return;
    this.probing = true;
    const paths = [this.partner(), endpointOf(this.peerUrl)].filter((path) => path !== undefined);
    const refused = await refusedEverywhere(this.options.network, paths, detectionBudgetMs(this.options.settings));
    this.probing = false;
    this.step({ kind: 'probe', refusedEverywhere: refused });
  }

  /** Rule 10. Once `yield` is sent there is no way back but a promotion. */
  private async yieldControl(cause: EpochCause): Promise<void> {
    const { publisher, journal, state, quiesce } = this.options;
    let last = state.position;
    try {
      await quiesce();
      do {
        publisher.cut();
        last = state.position;
        await journal.whenDurable(last.seq);
        // The order of the link is not enough: a slow standby is fed from the journal, and `yield` would overtake.
        await this.sync.whenHeld(last.seq, this.options.settings.failoverTimeMs);
      } while (publisher.cut() !== last.seq);
      if (!this.link.up) throw new TandemError('SWITCH_REFUSED', 'the link went down');
      publisher.close();
      this.link.send({ type: 'yield', epoch: last.epoch, lastSeq: last.seq, cause });
    } catch (error) {
      this.step({ kind: 'handover-failed', reason: messageOf(error) }); return;
    }
    this.step({ kind: 'yield-sent' });
  }

  // ---- helpers ------------------------------------------------------------------------------------

  private sendStatus(): void {
    if (!this.link.up) return;
    this.beat += 1;
    const { state, pairClock } = this.options;
    this.link.send({ type: 'status', beat: this.beat, echo: this.peerBeat, role: this.role.role, position: state.position, pairTimeMs: pairClock.now() });
  }

  private hello(): LinkHello {
    const { site, node, state } = this.options;
    return { type: 'hello', least: LINK_PROTOCOL.least, most: LINK_PROTOCOL.most, site, revision: state.table.revision, node: node.id, mode: node.mode, url: node.url, role: this.role.role, position: state.position };
  }

  private partner(): Endpoint | undefined {
    const { partner } = this.options.node;
    return partner === undefined ? undefined : { host: partner.address, port: partner.port };
  }

  private follow(epoch: Epoch): void {
    if (this.role.role === 'standby' && !this.role.promoting) this.sync.follow(epoch);
  }

  private note(what: string, evidence: string, cause?: EpochCause): void {
    const { clock, node, log, publisher } = this.options;
    const event = { timeMs: clock.wallMs(), node: node.id, what, evidence, ...(cause === undefined ? {} : { cause }) };
    log.info(`${what}: ${evidence}`);
    const canWrite = this.roles.value === 'active' && this.role.role === 'active';
    this.record.add(event, canWrite);
    if (canWrite) publisher.record([], [{ kind: 'redundancy', data: event }]);
  }

  private run(work: Promise<unknown> | undefined): void {
    work?.catch((error: unknown) => this.options.log.error('redundancy', error));
  }
}

function progressOf(state: PairState): { epoch: number; seq: number } {
  return { epoch: state.position.epoch.number, seq: state.position.seq };
}

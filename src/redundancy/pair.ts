import { BehaviorSubject, distinctUntilChanged, Subject, type Observable } from 'rxjs';
import {
  messageOf,
  TandemError,
  type Clock,
  type Endpoint,
  type Epoch,
  type EpochCause,
  type EpochEntry,
  type LinkTransport,
  type Log,
  type Network,
  type NodeConfig,
  type Random,
  type RedundancyEvent,
  type RedundancySettings,
  type RedundancyStatus,
  type Role,
  type Timer,
  type Timers,
} from '../contract/index.js';
import { encodeFrame, epochKey, epochToJson, type Frame, type PairState, type Publisher } from '../image/index.js';
import { Follower } from './follower.js';
import type { Journal } from './journal.js';
import { Leader } from './leader.js';
import { Lease } from './lease.js';
import { LINK_PROTOCOL, type LinkHello, type LinkMessage, type LinkStatus } from './link-messages.js';
import { Link } from './link.js';
import type { PairClock } from './pair-clock.js';
import { refusedEverywhere } from './probe.js';
import { initialRoleState, stepRole, switchRefusal, type Mark, type RoleEffect, type RoleInput, type RoleState } from './role-machine.js';
import { ownState, peerState } from './status.js';
import { detectionBudgetMs, leaseMs, tickMs, worstDetectionMs } from './timing.js';
import { Visibility } from './visibility.js';

export interface PairOptions {
  readonly site: string;
  readonly node: NodeConfig;
  readonly settings: RedundancySettings;
  readonly state: PairState;
  readonly publisher: Publisher;
  readonly pairClock: PairClock;
  readonly journal: Journal;
  readonly mark: Mark;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly network: Network;
  readonly transport: LinkTransport;
  readonly log: Log;
  /** The state as one frame that replaces. */
  readonly snapshot: () => Frame;
  /** Stops functions and writes and closes exclusive connections; control is given away after it. */
  readonly quiesce: () => Promise<void>;
}

/** How long a frame waits for a slow standby before clients see it all the same. */
const VISIBLE_PATIENCE_MS = 250;
const EVENTS_SHOWN = 50;

/**
 * Runs the role machine on real inputs: the link, the clock, the disk. What it decides is in role-machine.ts;
 * here its effects are carried out, in the order that the replication rules demand.
 */
export class Pair {
  private readonly link: Link;
  private readonly lease: Lease;
  private readonly visibility: Visibility;
  private readonly roles = new BehaviorSubject<Role>('starting');
  private readonly applied = new Subject<Frame>();
  private readonly switches = new Map<string, (refusal: string | undefined) => void>();
  private readonly events: RedundancyEvent[] = [];
  private unrecorded: RedundancyEvent[] = [];
  private role: RoleState;
  private leader: Leader | undefined;
  private follower: Follower | undefined;
  private following: Epoch | undefined;
  private peer: LinkHello | undefined;
  private epoch: EpochEntry | undefined;
  private timersOn: Timer[] = [];
  private probing = false;
  private beat = 0;
  private peerBeat = 0;
  private heardEpoch = 0;

  constructor(private readonly options: PairOptions) {
    const { state, node, clock, timers, settings } = options;
    const last = state.epochs().at(-1);
    this.epoch = last;
    const keepsControl = last?.node === node.id && !last.owedToMain && last.cause !== 'start';
    this.role = initialRoleState(options.mark, progressOf(state), keepsControl, clock.monotonicMs());
    this.lease = new Lease(clock, leaseMs(settings));
    this.visibility = new Visibility(clock, timers, VISIBLE_PATIENCE_MS);
    this.visibility.begin(state.position.seq);
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
        onFrame: (bytes) => this.follower?.receive(bytes),
        onRefused: (reason) => this.onRefused(reason),
        onDown: (how) => this.onDown(how),
      },
    );
    options.publisher.frames$.subscribe((frame) => this.publish(frame));
  }

  /** Emits the present role at once. */
  get role$(): Observable<Role> {
    return this.roles.pipe(distinctUntilChanged());
  }

  get currentRole(): Role {
    return this.roles.value;
  }

  /** Each frame that this node applied or cut, at once; on a standby the only way to learn of change. */
  get frames$(): Observable<Frame> {
    return this.applied;
  }

  get visible$(): Observable<Frame> {
    return this.visibility.visible$;
  }

  get visibleSeq(): number {
    return this.visibility.visibleSeq;
  }

  async whenVisible(seq: number): Promise<void> {
    return this.visibility.whenVisible(seq);
  }

  /** Asked synchronously beside every effect. */
  readonly permit = (): boolean => this.lease.permits();

  get peerUrl(): string | undefined {
    return this.peer?.url;
  }

  get epochNumber(): number {
    return this.options.state.position.epoch.number;
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
    this.follower?.end();
    this.leader?.end();
  }

  /**
   * Resolves when `seq` is on this disk and, while a standby is in sync, on its disk too. A standby that does not
   * answer in time is first taken out of the set, durably (rule 4); the confirmation then says `unprotected`.
   * @throws STORE_FAILED, FENCED where this node lost its role meanwhile
   */
  async confirm(seq: number): Promise<'protected' | 'unprotected'> {
    const { journal, timers, settings } = this.options;
    await journal.whenDurable(seq);
    const { leader } = this;
    let held: 'protected' | 'unprotected' = 'unprotected';
    if (leader?.inSync === true) {
      let timer: Timer | undefined;
      const late = new Promise<'late'>((resolve) => {
        timer = timers.after(settings.confirmWaitMs, () => resolve('late'));
      });
      const outcome = await Promise.race([leader.whenDurable(seq), leader.whenLost, late]);
      timer?.cancel();
      if (outcome === 'late' && leader === this.leader) {
        this.note('standby taken out of the in-sync set', `frame ${seq} was not acknowledged within ${settings.confirmWaitMs} ms`);
        await leader.expel();
      }
      if (outcome === undefined) held = 'protected';
      else await this.markWritten;
    }
    if (!this.lease.permits()) throw new TandemError('FENCED', 'this node gave up its role before the command was confirmed; ask the other node for the outcome');
    return held;
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
    const id = this.options.random.hex(8);
    const refusal = await new Promise<string | undefined>((resolve) => {
      this.switches.set(id, resolve);
      this.options.timers.after(this.options.settings.failoverTimeMs, () => resolve('the active node did not answer'));
      this.link.send({ type: 'switch-request', id, by, reason });
    });
    this.switches.delete(id);
    if (refusal !== undefined) throw new TandemError('SWITCH_REFUSED', `cannot switch: ${refusal}`);
  }

  status(): RedundancyStatus {
    const { node, site, state, settings, clock } = this.options;
    const { role } = this;
    const active = role.role === 'active';
    const refusal = active ? switchRefusal(role) : this.link.up && role.inSync && role.peer.role === 'active' ? undefined : 'this node is not in sync with an active node';
    return {
      site,
      revision: state.table.revision,
      self: { id: node.id, mode: node.mode, role: role.role, state: ownState(role.role), consoleUrl: node.url },
      ...(node.mode === 'independent'
        ? {}
        : {
            peer: {
              id: this.peer?.node ?? node.partner?.symbol ?? '',
              mode: this.peer?.mode ?? (node.mode === 'main' ? 'backup' : 'main'),
              role: role.peer.link === 'up' ? role.peer.role : 'unknown',
              state: peerState(role.peer, node.mode, role.role),
              consoleUrl: this.peer?.url ?? '',
            },
          }),
      epoch: this.epoch ?? null,
      seq: state.position.seq,
      sync: {
        state: this.syncState(),
        lagFrames: active ? (this.leader?.lagFrames ?? 0) : Math.max(0, role.peer.progress.seq - state.position.seq),
        ...(role.peer.refused === undefined ? {} : { reason: role.peer.refused }),
      },
      protected: active ? role.inSync : role.inSync && role.peer.link === 'up',
      canSwitch: refusal === undefined,
      ...(refusal === undefined ? {} : { switchRefusal: refusal }),
      recovery: {
        mode: settings.recovery,
        ...(role.handBackDueMs === undefined ? {} : { handBackInMs: Math.max(0, Math.round(role.handBackDueMs - clock.monotonicMs())) }),
      },
      worstDetectionMs: worstDetectionMs(settings),
      events: [...this.events].reverse(),
    };
  }

  private syncState(): RedundancyStatus['sync']['state'] {
    if (this.options.node.mode === 'independent') return 'none';
    if (this.role.peer.refused !== undefined) return 'refused';
    if (this.role.peer.link === 'down') return 'connecting';
    return this.role.inSync ? 'in-sync' : 'synchronizing';
  }

  // ---- inputs -------------------------------------------------------------------------------------

  private tick(): void {
    const stalledMs = this.lease.stalledMs();
    if (stalledMs > 0) this.step({ kind: 'stalled', ms: stalledMs, nextBeat: this.beat + 1 });
    this.lease.renew(this.mayAct());
    this.step({ kind: 'progress', progress: progressOf(this.options.state) });
    this.step({ kind: 'tick' });
  }

  private mayAct(): boolean {
    return this.role.role === 'active' && this.role.suspect === undefined;
  }

  private onUp(hello: LinkHello): void {
    this.peer = hello;
    this.peerBeat = 0;
    this.note('link up', `node ${hello.node} (${hello.mode}) is ${hello.role}`);
    this.seen(hello.role, hello.position.epoch.number, hello.position.seq, 0);
    this.sendStatus();
    if (hello.role === 'active') this.follow(hello.position.epoch);
  }

  private onRefused(reason: string): void {
    if (this.role.peer.refused !== reason) this.note('the other node is refused', reason);
    this.lostFollower();
    this.step({ kind: 'peer-refused', reason });
  }

  private onDown(how: 'closed' | 'goodbye'): void {
    this.note('link down', how === 'goodbye' ? 'the other node said goodbye' : 'the connection closed');
    this.lostFollower();
    this.endFollowing();
    if (this.role.handover !== undefined && this.role.role === 'active') this.step({ kind: 'handover-failed', reason: 'the link went down' });
    this.step({ kind: how === 'goodbye' ? 'peer-goodbye' : 'link-closed' });
  }

  private onMessage(message: LinkMessage): void {
    switch (message.type) {
      case 'status':
        { this.onStatus(message); return; }
      case 'follow':
        { this.lead(message.position); return; }
      case 'ack':
        return this.leader?.acknowledged(message.applied, message.durable);
      case 'diverged':
        return this.follower?.diverged(message.commonSeq);
      case 'in-set':
        { this.run(this.follower?.admit(message.epoch)); return; }
      case 'in-set-ok':
        return this.leader?.admitted(message.epoch);
      case 'out-of-set':
        { this.run(this.follower?.expelled()); return; }
      case 'prepare': {
        const ready = this.role.role === 'standby' && this.role.inSync;
        this.link.send(ready ? { type: 'ready' } : { type: 'not-ready', reason: 'the standby is not in sync' }); return;
      }
      case 'ready':
        { this.step({ kind: 'peer-ready' }); return; }
      case 'not-ready':
        { this.step({ kind: 'handover-failed', reason: message.reason }); return; }
      case 'yield':
        this.heardEpoch = Math.max(this.heardEpoch, message.epoch.number);
        if (this.options.state.position.seq !== message.lastSeq) this.options.log.error(`control was handed over at frame ${message.lastSeq}, this node holds ${this.options.state.position.seq}`);
        { this.step({ kind: 'yielded', cause: message.cause }); return; }
      case 'switch-request': {
        const refusal = switchRefusal(this.role);
        this.link.send({ type: 'switch-result', id: message.id, ...(refusal === undefined ? {} : { refusal }) });
        if (refusal === undefined) this.step({ kind: 'switch', by: `${message.by} at the standby: ${message.reason}` });
        return;
      }
      case 'switch-result':
        return this.switches.get(message.id)?.(message.refusal);
      case 'hello':
      case 'refuse':
      case 'goodbye':
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
    const before = this.role.role;
    const { state, effects } = stepRole(this.role, input, clock.monotonicMs(), { mode: node.mode, settings });
    this.role = state;
    // The lease follows the role at once; it opens again only by a tick.
    if (!this.mayAct()) this.lease.close();
    // Functions and clients hear of a lost role before anything else happens.
    if (state.role !== before) this.changed();
    for (const effect of effects) this.perform(effect);
  }

  private changed(): void {
    if (this.role.role === 'active') this.lease.renew(this.mayAct());
    this.options.log.info(`role is now ${this.role.role}`);
    this.roles.next(this.role.role);
    this.sendStatus();
  }

  // ---- effects ------------------------------------------------------------------------------------

  private perform(effect: RoleEffect): void {
    switch (effect.kind) {
      case 'event':
        { this.note(effect.what, effect.evidence); return; }
      case 'promote':
        { this.run(this.promote(effect.cause, effect.owedToMain, effect.stale)); return; }
      case 'demote':
        this.options.publisher.close();
        this.leader?.end();
        this.leader = undefined;
        { this.visibility.releaseAll(); return; }
      case 'probe':
        { this.run(this.probe()); return; }
      case 'drop-link':
        this.lostFollower();
        this.endFollowing();
        { this.link.drop(); return; }
      case 'prepare-handover':
        { this.link.send({ type: 'prepare', cause: effect.cause }); return; }
      case 'yield':
        { this.run(this.yieldControl(effect.cause)); return; }
    }
  }

  /** Rule 1: the epoch is on disk before the first effect. */
  private async promote(cause: EpochCause, owedToMain: boolean, stale: boolean): Promise<void> {
    const { state, node, publisher, pairClock, journal, random } = this.options;
    this.endFollowing();
    pairClock.observe(state.pairTimeMs);
    const number = Math.max(this.heardEpoch, state.position.epoch.number) + 1;
    const epoch: Epoch = { number, node: node.id, nonce: random.hex(4) };
    const entry: EpochEntry = { ...epoch, firstSeq: state.position.seq + 1, cause, owedToMain };
    this.epoch = entry;
    publisher.open(epoch);
    const evidence = this.unrecorded.splice(0).map((event) => ({ kind: 'redundancy', data: { ...event } }));
    const seq = publisher.record([{ key: epochKey(number), value: epochToJson(entry) }], [...evidence, { kind: 'redundancy', data: { what: 'activated', epoch: number, node: node.id, cause, stale } }]);
    await Promise.all([journal.whenDurable(seq), journal.writeMark('mark', 'alone')]);
    this.step({ kind: 'promoted' });
  }

  private async probe(): Promise<void> {
    if (this.probing) return;
    this.probing = true;
    const paths = [this.partner(), endpointOf(this.peer?.url)].filter((path) => path !== undefined);
    const refused = await refusedEverywhere(this.options.network, paths, detectionBudgetMs(this.options.settings));
    this.probing = false;
    this.step({ kind: 'probe', refusedEverywhere: refused });
  }

  /** Rule 10. Once `yield` is sent there is no way back but a promotion. */
  private async yieldControl(cause: EpochCause): Promise<void> {
    const { publisher, journal, state, quiesce } = this.options;
    try {
      await quiesce();
      publisher.cut();
      const last = state.position;
      await journal.whenDurable(last.seq);
      if (!this.link.up) throw new TandemError('SWITCH_REFUSED', 'the link went down');
      publisher.close();
      this.link.send({ type: 'yield', epoch: last.epoch, lastSeq: last.seq, cause });
    } catch (error) {
      this.step({ kind: 'handover-failed', reason: messageOf(error) }); return;
    }
    this.step({ kind: 'yield-sent' });
  }

  private publish(frame: Frame): void {
    const bytes = encodeFrame(frame);
    // To the standby first: what is in its memory survives this process.
    this.leader?.publish(frame, bytes);
    this.options.journal.append(frame, bytes);
    this.applied.next(frame);
    this.visibility.add(frame, this.leader?.inSync === true);
  }

  private lead(position: Parameters<Leader['follow']>[0]): void {
    if (this.role.role !== 'active') return;
    this.lostFollower();
    const { state, journal, timers, log, publisher, snapshot } = this.options;
    const leader = new Leader({
      state,
      journal,
      timers,
      log: log.child('leader'),
      epoch: state.position.epoch,
      send: (message) => this.link.send(message),
      sendFrame: (bytes) => this.link.sendFrame(bytes),
      bufferedBytes: () => this.link.bufferedBytes,
      cut: () => publisher.cut(),
      snapshot,
      onInSync: (inSync) => this.inSync(inSync),
      onAck: (applied) => this.visibility.acknowledge(applied),
      writeMark: async (mark) => this.writeMark(mark),
    });
    this.leader = leader;
    this.run(leader.follow(position));
  }

  private inSync(inSync: boolean): void {
    this.note(inSync ? 'standby in sync' : 'standby not in sync', `at frame ${this.options.state.position.seq}`);
    if (!inSync) this.visibility.releaseAll();
    this.step({ kind: 'sync', inSync });
  }

  private lostFollower(): void {
    const { leader } = this;
    if (leader === undefined) return;
    this.leader = undefined;
    if (leader.inSync) this.run(this.writeMark('alone'));
    leader.end();
    this.visibility.releaseAll();
    if (leader.inSync) this.step({ kind: 'sync', inSync: false });
  }

  private markWritten: Promise<void> = Promise.resolve();

  /** Marks are written in order; {@link confirm} waits for the last one before it confirms alone. */
  private async writeMark(mark: Mark): Promise<void> {
    this.markWritten = this.markWritten.then(async () => this.options.journal.writeMark('mark', mark));
    return this.markWritten;
  }

  private follow(epoch: Epoch): void {
    if (this.role.role !== 'standby' || this.role.promoting) return;
    if (this.follower !== undefined && this.following?.nonce === epoch.nonce) return;
    this.endFollowing();
    this.following = epoch;
    const { state, journal, random, log } = this.options;
    this.follower = new Follower({
      state,
      journal,
      random,
      log: log.child('follower'),
      send: (message) => this.link.send(message),
      onBroken: (error) => {
        log.error('the stream of frames broke off; connecting again', error);
        this.endFollowing();
        this.link.drop();
        this.step({ kind: 'link-closed' });
      },
      onInSync: (inSync) => this.step({ kind: 'sync', inSync }),
      onParted: ({ commonSeq, lastSeq }) => this.note('own frames set aside', `frames ${commonSeq + 1} to ${lastSeq} are not part of the pair's history`),
    });
    this.follower.applied$.subscribe((frame) => {
      this.epoch = state.epochs().at(-1);
      this.applied.next(frame);
      this.visibility.add(frame, false);
    });
    this.follower.begin();
  }

  private endFollowing(): void {
    this.follower?.end();
    this.follower = undefined;
    this.following = undefined;
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

  private note(what: string, evidence: string): void {
    const { clock, node, log, publisher } = this.options;
    const event: RedundancyEvent = { timeMs: clock.wallMs(), node: node.id, what, evidence };
    log.info(`${what}: ${evidence}`);
    this.events.push(event);
    if (this.events.length > EVENTS_SHOWN) this.events.shift();
    if (this.roles.value === 'active' && this.role.role === 'active') publisher.record([], [{ kind: 'redundancy', data: { ...event } }]);
    else if (this.unrecorded.push(event) > EVENTS_SHOWN) this.unrecorded.shift();
  }

  private run(work: Promise<unknown> | undefined): void {
    work?.catch((error: unknown) => this.options.log.error('redundancy', error));
  }
}

function progressOf(state: PairState): { epoch: number; seq: number } {
  return { epoch: state.position.epoch.number, seq: state.position.seq };
}

function endpointOf(url: string | undefined): Endpoint | undefined {
  if (url === undefined || url === '') return undefined;
  const { hostname, port, protocol } = new URL(url);
  return { host: hostname, port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port) };
}

import { Subject, type Observable } from 'rxjs';
import {
  COMMUNICATION_LOST, messageOf, SampleBuilder, TandemError,
  type Clock, type DeviceAcknowledgement, type DeviceDefinition, type DeviceEventReport, type DeviceLog, type DeviceRestart, type DeviceScheduleEdit, type DeviceSchedules, type Driver, type DriverModule, type IdentityEntry, type Log, type Network, type PointValue,
  type PollClass, type PollingSettings, type PriorityView, type Random, type SampleBatch, type Timer, type Timers,
} from '../contract/index.js';
import { Cycles } from './cycles.js';
import type { DeviceActivity, DeviceStatus } from './device-status.js';
import { DriverSession } from './driver-session.js';
import { HostCounters } from './host-counters.js';
import { IDLE_PLAN, stepPlan, withoutPoll, type PlanActivity, type PlanEffect, type PlanInput, type PlanRules } from './poll-plan.js';
import { Renumbered } from './renumbered.js';
import type { SharedResources } from './shared-resources.js';
import type { Staleness } from './staleness.js';
import { WriteQueue, type QueuedWrite } from './write-queue.js';

export interface DeviceHostOptions {
  readonly device: DeviceDefinition;
  readonly module: DriverModule;
  readonly polling: PollingSettings;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
  readonly network: Network;
  readonly permit: () => boolean;
  readonly shared: SharedResources;
  readonly facts?: () => ReadonlyMap<string, PointValue>;
  readonly staleness: Staleness;
  /** Whether this node has more to do than it can: nothing is polled then. */
  readonly strained?: () => boolean;
  /** Of a device by the same name that is being closed: this one opens after it. */
  readonly predecessor?: Promise<void>;
}

/** How soon a poll that was put off is looked at again. */
const STRAIN_LOOK_MS = 50;

/** One device: carries out its poll plan, keeps its driver in step with the role, and lets samples through while active. */
export class DeviceHost {
  readonly name: string;
  readonly counters = new HostCounters();
  private readonly cycles: Cycles;
  private readonly rules: PlanRules;
  private readonly queue: WriteQueue;
  private readonly batches = new Subject<SampleBatch>();
  private readonly collected = new Subject<SampleBatch>();
  private readonly statuses = new Subject<DeviceStatus>();
  private readonly reports = new Subject<DeviceEventReport>();
  private readonly restarts = new Subject<DeviceRestart>();
  private plan = IDLE_PLAN;
  private session: DriverSession | undefined;
  private wanted: DeviceActivity = 'silent';
  /** How often this device has become active. */
  private activation = 0;
  private renew = false;
  private reconciling = false;
  private settled: Promise<void> = Promise.resolve();
  private wake: Timer | undefined;
  private online = false;
  private lastError: string | undefined;
  /** Counters of the driver's former lives. */
  private former: Record<string, number> = {};
  /** The device as the configuration in force has it; the driver knows it by `options.device`. */
  private present: DeviceDefinition;
  private staleness: Staleness;
  private renumbered: Renumbered | undefined;
  private predecessor: Promise<void> | undefined;

  constructor(private readonly options: DeviceHostOptions) {
    const { device, polling, clock, timers } = options;
    this.name = device.name;
    this.present = device;
    this.staleness = options.staleness;
    this.predecessor = options.predecessor;
    this.cycles = new Cycles(polling.periodMs);
    this.rules = { classes: (['fast', 'normal', 'slow'] as const).filter((name) => device.points.some((point) => point.poll === name)), periodMs: polling.periodMs };
    this.queue = new WriteQueue({
      device: device.name, clock, timers,
      lease: () => this.lease(),
      driver: () => this.session?.usable,
    });
  }

  /** Batches of an active device; never ends and never fails. */
  get samples$(): Observable<SampleBatch> {
    return this.batches;
  }

  /** What a standby reads of a device that it compares; never ends and never fails. */
  get collected$(): Observable<SampleBatch> {
    return this.collected;
  }

  /** What an active device reports of its own accord; never ends and never fails. */
  get events$(): Observable<DeviceEventReport> {
    return this.reports;
  }

  /** Restarts that an active device tells of while it is online; never ends and never fails. */
  get restarts$(): Observable<DeviceRestart> {
    return this.restarts;
  }

  get changes$(): Observable<DeviceStatus> {
    return this.statuses;
  }

  get device(): DeviceDefinition {
    return this.present;
  }

  /** Goes on under another configuration in which this device is the same but for the ids of its points. */
  adopt(device: DeviceDefinition, staleness: Staleness): void {
    const { device: own, clock } = this.options;
    this.present = device;
    this.staleness = staleness;
    const isSame = device.points.every((point, index) => point.id === own.points[index]?.id);
    this.renumbered = isSame ? undefined : new Renumbered(own, device);
    if (this.wanted === 'active' && this.online) staleness.watch(device.points, clock.monotonicMs());
  }

  /** Takes effect at once where effects are concerned; resolves when the connection is as wanted. */
  setActivity(activity: DeviceActivity): Promise<void> {
    const before = this.wanted;
    if (activity !== before) {
      this.wanted = activity;
      if (activity === 'active') {
        this.activation++;
        this.staleness.watch(this.present.points, this.options.clock.monotonicMs());
      } else {
        this.staleness.ignore(this.present.points);
        this.queue.refuseWaiting(new TandemError('NOT_ACTIVE', 'this node is not active any more'));
      }
    }
    const settled = this.settle();
    if (activity !== before) this.changed();
    return settled;
  }

  status(): DeviceStatus {
    const { device } = this.options;
    return {
      name: device.name,
      driver: device.driver,
      activity: this.wanted,
      online: this.online,
      ...(this.lastError === undefined ? {} : { lastError: this.lastError }),
      points: device.points.length,
      cycles: this.cycles.list(),
      counters: { ...added(this.former, this.session?.counters() ?? {}), ...this.counters.toRecord() },
    };
  }

  /** Whether it answers this node; `unknown` where it is not asked, or has not answered yet. Cheap enough to be asked each second. */
  get reach(): 'reachable' | 'unreachable' | 'unknown' {
    if (this.wanted === 'silent' || this.wanted === 'listen' || this.rules.classes.length === 0) return 'unknown';
    if (this.online) return 'reachable';
    return this.counters.failedPolls === 0 ? 'unknown' : 'unreachable';
  }

  async write(request: QueuedWrite): Promise<void> {
    this.counters.writes++;
    try {
      await this.queue.write({ ...request, point: this.driverId(request.point) });
    } catch (error) {
      this.counters.failedWrites++;
      throw error;
    }
  }

  async read(point: number): Promise<PointValue> {
    return this.driver().read(this.driverId(point));
  }

  /** A register that is this node's own: no role is needed to write it, only a connection. */
  async writeOwn(request: QueuedWrite): Promise<void> {
    await this.driver().write({ ...request, point: this.driverId(request.point), permit: () => this.wanted === 'active' || this.wanted === 'collect' });
  }

  async acknowledge(request: Omit<DeviceAcknowledgement, 'permit'>): Promise<void> {
    const driver = this.driver();
    if (driver.acknowledge === undefined) throw new TandemError('FIELD_REJECTED', `${this.name} has no alarms of its own`);
    await driver.acknowledge({ ...request, permit: this.lease() });
  }

  /** Points of the present configuration whose past the device can tell. */
  loggedPoints(): readonly number[] {
    return (this.session?.usable?.loggedPoints ?? []).map((id) => this.renumbered?.point(id) ?? id);
  }

  schedules(): DeviceSchedules {
    const { schedules } = this.driver();
    if (schedules === undefined) throw new TandemError('SCHEDULE_UNKNOWN', `${this.name} has no schedules of its own`);
    return schedules;
  }

  async writeSchedule(object: string, edit: DeviceScheduleEdit): Promise<void> {
    await this.schedules().write(object, edit, { timeoutMs: this.device.writeTimeoutMs, permit: this.lease() });
  }

  async readLog(point: number, fromMs: number, toMs: number): Promise<DeviceLog> {
    const driver = this.driver();
    if (driver.readLog === undefined) throw new TandemError('FIELD_REJECTED', `${this.name} has no logs of its own`);
    return driver.readLog(this.driverId(point), fromMs, toMs);
  }

  /** The right to have effects from now on, of this activation only: nothing must outlive it, not even into the next one. */
  private lease(): () => boolean {
    const { activation } = this;
    return () => this.wanted === 'active' && this.activation === activation && this.options.permit();
  }

  private driver(): Driver {
    const driver = this.session?.usable;
    if (driver === undefined) throw new TandemError('FIELD_CLOSED', `${this.name} is not connected now`);
    return driver;
  }

  private driverId(point: number): number {
    return this.renumbered?.driver(point) ?? point;
  }

  /** Asks the device what it is. */
  async identify(): Promise<readonly IdentityEntry[]> {
    const driver = this.driver();
    if (driver.identify === undefined) throw new TandemError('DEVICE_NO_IDENTIFICATION', `devices of driver ${this.device.driver} do not say what they are`);
    return driver.identify();
  }

  async readPriorities(point: number): Promise<PriorityView> {
    const driver = this.driver();
    if (driver.readPriorities === undefined) throw new TandemError('POINT_NO_PRIORITIES', `points of ${this.name} have no priority array`);
    return driver.readPriorities(this.driverId(point));
  }

  private settle(): Promise<void> {
    if (!this.reconciling) this.settled = this.reconcile();
    return this.settled;
  }

  /** Brings the driver to what is wanted, one step at a time, however often that changes meanwhile. */
  private async reconcile(): Promise<void> {
    this.reconciling = true;
    try {
      for (;;) {
        const { session, wanted } = this;
        if (session !== undefined && (wanted === 'silent' || this.renew)) await this.close(session);
        else if (wanted === 'silent') return;
        else if (this.predecessor !== undefined) await this.afterPredecessor();
        else if (session === undefined && this.options.shared.isClosing) await this.options.shared.closed();
        else if (session === undefined) this.open(wanted);
        else if (session.activity !== wanted) session.setActivity(wanted);
        else return;
        if (this.session !== undefined) this.step({ type: 'activity', activity: this.planned() });
      }
    } finally {
      this.reconciling = false;
    }
  }

  private planned(): PlanActivity {
    const { wanted } = this;
    if (wanted === 'collect' && this.present.compare === true) return 'compare';
    return wanted === 'active' || wanted === 'collect' ? wanted : 'idle';
  }

  private async afterPredecessor(): Promise<void> {
    await this.predecessor;
    this.predecessor = undefined;
  }

  private open(activity: 'active' | 'collect' | 'listen'): void {
    const { device, module, clock, timers, random, network, shared, facts } = this.options;
    const log = this.options.log.child(device.name);
    const host = { device: device.name, clock, timers, random, log, network, ...(facts === undefined ? {} : { facts }), permit: () => this.wanted === 'active' && this.options.permit(), shared: <T extends { close(): Promise<void> }>(key: string, make: () => T) => shared.use(key, device.name, make) };
    this.session = new DriverSession(device.name, module, host, device.settings, device.points, activity, {
      samples: (batch) => this.receive(batch),
      event: (report) => {
        if (this.wanted === 'active') this.reports.next(this.renumbered?.report(report) ?? report);
      },
      restarted: (restart) => {
        if (this.wanted === 'active' && this.online) this.restarts.next(restart);
      },
      fault: (what, error) => {
        this.counters.driverFaults++;
        this.lastError = messageOf(error);
        log.error(`driver ${device.driver}: ${what}: ${messageOf(error)}`, error);
      },
    });
  }

  private async close(session: DriverSession): Promise<void> {
    // A driver that failed is replaced, and its device stays backed off; one that is silenced starts anew.
    this.plan = this.renew && this.wanted !== 'silent' ? withoutPoll(this.plan) : IDLE_PLAN;
    this.renew = false;
    this.wake?.cancel();
    await session.close();
    this.former = added(this.former, session.counters());
    this.session = undefined;
    await this.options.shared.release(this.name);
    this.setOnline(false);
  }

  private receive(batch: SampleBatch): void {
    this.counters.samples += batch.length;
    if (this.wanted !== 'active') {
      if (this.wanted === 'collect' && this.present.compare === true) this.collected.next(this.renumbered?.present(batch) ?? batch);
      else this.counters.droppedSamples += batch.length;
      return;
    }
    const known = this.renumbered?.present(batch) ?? batch;
    this.staleness.confirm(known, this.options.clock.monotonicMs());
    this.batches.next(known);
  }

  private step(input: PlanInput): void {
    // Each step that leaves nothing under way says when the next one is due.
    this.wake?.cancel();
    const { state, effects } = stepPlan(this.rules, this.plan, input, this.options.clock.monotonicMs());
    this.plan = state;
    for (const effect of effects) this.carryOut(effect);
  }

  private carryOut(effect: PlanEffect): void {
    switch (effect.do) {
      case 'poll':
        this.counters.longestWaitMs = Math.max(this.counters.longestWaitMs, effect.lateMs);
        void this.poll(effect.pollClass);
        return;
      case 'wake':
        this.wake = this.options.timers.after(effect.atMs - this.options.clock.monotonicMs(), () => this.step({ type: 'tick' }));
        return;
      case 'lost':
        this.markLost();
        return;
      case 'found':
        this.options.log.info(`${this.name} answers again`);
        return;
      case 'overrun':
        this.counters.overruns++;
        this.counters.missedPeriods += effect.missed;
        this.cycles.overran(effect.pollClass, effect.missed);
        return;
    }
  }

  private async poll(pollClass: PollClass): Promise<void> {
    const { session } = this;
    if (session === undefined) return;
    if (session.hasFailed && session.hasPolled) {
      this.renew = true;
      await this.settle();
      return;
    }
    const { clock, random, strained } = this.options;
    if (strained?.() === true) {
      this.counters.delayedPolls++;
      while (strained() && !session.isClosed) await this.pause(STRAIN_LOOK_MS);
      if (session.isClosed) return;
    }
    this.counters.polls++;
    const startMs = clock.monotonicMs();
    // A standby asks at a pace of its own.
    if (this.wanted === 'active') this.cycles.began(pollClass, startMs);
    const result = await session.poll(pollClass);
    // The driver was stopped meanwhile: this answer belongs to a life that is over.
    if (session.isClosed) return;
    this.counters.lastPollMs = clock.monotonicMs() - startMs;
    this.counters.longestPollMs = Math.max(this.counters.longestPollMs, this.counters.lastPollMs);
    if (this.wanted === 'active') this.cycles.ended(pollClass, startMs + this.counters.lastPollMs);
    if (!result.reachable || this.wanted !== 'active') this.cycles.broke();
    if (result.reachable) {
      this.lastError = undefined;
    } else {
      this.counters.failedPolls++;
      this.lastError = result.error ?? this.lastError ?? 'no answer';
    }
    this.step({ type: 'polled', reachable: result.reachable, chance: random.next(), paced: result.paced === true });
    this.setOnline(result.reachable);
  }

  private async pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.options.timers.after(delayMs, resolve));
  }

  /** One batch for the whole device: values stay, quality says that they are not to be trusted. */
  private markLost(): void {
    const { clock, log } = this.options;
    const { points } = this.present;
    log.warn(`${this.name} does not answer: ${this.lastError ?? ''}`);
    if (this.wanted !== 'active') return;
    this.staleness.ignore(points);
    const builder = new SampleBuilder(points.length);
    for (const point of points) builder.add(point.id, NaN, COMMUNICATION_LOST, clock.wallMs());
    if (builder.length > 0) this.batches.next(builder.take());
  }

  private setOnline(online: boolean): void {
    if (online === this.online) return;
    this.online = online;
    this.changed();
  }

  private changed(): void {
    this.statuses.next(this.status());
  }
}

function added(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): Record<string, number> {
  const sum: Record<string, number> = { ...a };
  for (const [name, value] of Object.entries(b)) sum[name] = (sum[name] ?? 0) + value;
  return sum;
}

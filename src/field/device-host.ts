import { Subject, type Observable } from 'rxjs';
import {
  COMMUNICATION_LOST, messageOf, SampleBuilder, TandemError,
  type Clock, type DeviceDefinition, type DeviceEventReport, type DeviceRestart, type DriverModule, type Log, type Network, type PointValue, type PollingSettings, type Random, type SampleBatch, type Timers,
} from '../contract/index.js';
import { DevicePoller } from './device-poller.js';
import { DeviceRequests } from './device-requests.js';
import type { DeviceActivity, DeviceStatus } from './device-status.js';
import { DriverSession } from './driver-session.js';
import { HostCounters } from './host-counters.js';
import type { PlanActivity } from './poll-plan.js';
import { Renumbered } from './renumbered.js';
import type { SharedResources } from './shared-resources.js';
import type { Staleness } from './staleness.js';
import { WriteQueue } from './write-queue.js';

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

/** One device: keeps its driver in step with the role, and lets samples through while active. */
export class DeviceHost {
  readonly name: string;
  readonly counters = new HostCounters();
  /** What it can be asked beside its polls. */
  readonly requests: DeviceRequests;
  private readonly poller: DevicePoller;
  private readonly queue: WriteQueue;
  private readonly batches = new Subject<SampleBatch>();
  private readonly collected = new Subject<SampleBatch>();
  private readonly statuses = new Subject<DeviceStatus>();
  private readonly reports = new Subject<DeviceEventReport>();
  private readonly restarts = new Subject<DeviceRestart>();
  private session: DriverSession | undefined;
  private wanted: DeviceActivity = 'silent';
  /** How often this device has become active. */
  private activation = 0;
  private renew = false;
  private reconciling = false;
  private settled: Promise<void> = Promise.resolve();
  private online = false;
  /** Counters of the driver's former lives. */
  private former: Record<string, number> = {};
  /** The device as the configuration in force has it; the driver knows it by `options.device`. */
  private present: DeviceDefinition;
  private staleness: Staleness;
  private renumbered: Renumbered | undefined;
  private predecessor: Promise<void> | undefined;

  constructor(private readonly options: DeviceHostOptions) {
    const { device, polling, clock, timers, random, log } = options;
    this.name = device.name;
    this.present = device;
    this.staleness = options.staleness;
    this.predecessor = options.predecessor;
    this.poller = new DevicePoller({
      device, polling, clock, timers, random, log,
      counters: this.counters,
      strained: options.strained,
      session: () => this.session,
      isActive: () => this.wanted === 'active',
      renew: async () => {
        this.renew = true;
        await this.settle();
      },
      answered: (reachable) => this.setOnline(reachable),
      lost: (lastError) => this.markLost(lastError),
    });
    this.queue = new WriteQueue({
      device: device.name, clock, timers,
      lease: () => this.lease(),
      driver: () => this.session?.usable,
    });
    this.requests = new DeviceRequests({
      counters: this.counters,
      queue: this.queue,
      device: () => this.present,
      driver: () => this.session?.usable,
      toDriver: (point) => this.renumbered?.driver(point) ?? point,
      fromDriver: (id) => this.renumbered?.point(id) ?? id,
      lease: () => this.lease(),
      isConnected: () => this.wanted === 'active' || this.wanted === 'collect',
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
    const { cycles, lastError } = this.poller;
    return {
      name: device.name,
      driver: device.driver,
      activity: this.wanted,
      online: this.online,
      ...(lastError === undefined ? {} : { lastError }),
      points: device.points.length,
      cycles: cycles.list(),
      counters: { ...added(this.former, this.session?.counters() ?? {}), ...this.counters.toRecord() },
    };
  }

  /** Whether it answers this node; `unknown` where it is not asked, or has not answered yet. Cheap enough to be asked each second. */
  get reach(): 'reachable' | 'unreachable' | 'unknown' {
    if (this.wanted === 'silent' || this.wanted === 'listen' || !this.poller.hasPolls) return 'unknown';
    if (this.online) return 'reachable';
    return this.counters.failedPolls === 0 ? 'unknown' : 'unreachable';
  }

  /** The right to have effects from now on, of this activation only: nothing must outlive it, not even into the next one. */
  private lease(): () => boolean {
    const { activation } = this;
    return () => this.wanted === 'active' && this.activation === activation && this.options.permit();
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
        if (this.session !== undefined) this.poller.setActivity(this.planned());
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
        this.poller.failed(messageOf(error));
        log.error(`driver ${device.driver}: ${what}: ${messageOf(error)}`, error);
      },
    });
  }

  private async close(session: DriverSession): Promise<void> {
    this.poller.stop(this.renew && this.wanted !== 'silent');
    this.renew = false;
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

  /** One batch for the whole device: values stay, quality says that they are not to be trusted. */
  private markLost(lastError: string): void {
    const { clock, log } = this.options;
    const { points } = this.present;
    log.warn(`${this.name} does not answer: ${lastError}`);
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

import { isDeepStrictEqual } from 'node:util';
import { Subject, type Observable, type Subscription } from 'rxjs';
import {
  TandemError,
  type Clock, type DeviceAcknowledgement, type DeviceDefinition, type DeviceEventReport, type DeviceLog, type DeviceRestart, type DeviceScheduleEdit, type DeviceSchedules, type DiscoveryEvent, type DiscoveryRequest, type DriverDiscovery, type DriverModule, type IdentityEntry, type Log, type Network,
  type PointDefinition, type PointValue, type PollingSettings, type PriorityView, type Random, type SampleBatch, type SharedResource, type Timer, type Timers,
} from '../contract/index.js';
import { DeviceHost } from './device-host.js';
import type { DeviceActivity, DeviceStatus } from './device-status.js';
import { awaitFeedback } from './feedback.js';
import { SharedResources } from './shared-resources.js';
import { Staleness } from './staleness.js';

/** How often points are looked through for those that nobody has confirmed. */
const STALE_SCAN_MS = 1_000;

export type FieldRole = 'active' | 'standby' | 'stopped';

export interface FieldOptions {
  readonly devices: readonly DeviceDefinition[];
  readonly modules: readonly DriverModule[];
  readonly polling: PollingSettings;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
  readonly network: Network;
  /** Whether this node may have effects at this very moment (the lease). Asked again right before bytes leave. */
  readonly permit: () => boolean;
  /** What the gateway knows of itself. */
  readonly facts?: () => ReadonlyMap<string, PointValue>;
  /** Whether what was polled already is more than this node can deal with. Polls wait meanwhile; writes do not. */
  readonly strained?: () => boolean;
}

export interface FieldWrite {
  readonly point: number;
  /** null relinquishes, where the driver has priorities. */
  readonly value: PointValue | null;
  /** The point's own priority where it is left out. */
  readonly priority?: number;
}

export interface FieldWriteOptions {
  readonly timeoutMs?: number;
  /** The device has taken the value; a feedback point may still be waited for. */
  readonly onTaken?: () => void;
  /** That the device has taken it is enough: a feedback point is not waited for. */
  readonly proof?: 'taken';
}

/** What a device reports of its own accord. */
export interface FieldEvent {
  readonly device: string;
  readonly report: DeviceEventReport;
}

/** A device that has restarted while it was there. */
export interface FieldRestart extends DeviceRestart {
  readonly device: string;
}

interface Place {
  readonly host: DeviceHost;
  readonly device: DeviceDefinition;
  readonly point: PointDefinition;
  readonly hasPriorities: boolean;
}

/** All devices of a node, and what they may do in its present role. */
export class Field {
  private readonly batches = new Subject<SampleBatch>();
  private readonly collected = new Subject<SampleBatch>();
  private readonly statuses = new Subject<DeviceStatus>();
  private readonly events = new Subject<FieldEvent>();
  private readonly restarts = new Subject<FieldRestart>();
  private readonly shared: SharedResources;
  private hosts: readonly DeviceHost[] = [];
  private places = new Map<number, Place>();
  private readonly subscriptions = new Map<DeviceHost, Subscription>();
  private staleness: Staleness;
  private role: FieldRole = 'stopped';
  private staleScan: Timer | undefined;
  private polling: PollingSettings | undefined;
  private discoveries = 0;

  /** @throws CONFIG_REFERENCE for a device whose driver is not among the modules. */
  constructor(private readonly options: FieldOptions) {
    this.shared = new SharedResources(options.log);
    this.staleness = new Staleness([], options.polling.periodMs);
    // There are none before them, so there is nothing to wait for.
    void this.install(options.devices, options.polling);
  }

  /** Batches of all devices. Nothing flows unless the role is `active`, and it never ends nor fails. */
  get samples$(): Observable<SampleBatch> {
    return this.batches;
  }

  /** What a standby reads of the devices that it compares (R10, `hot`): it goes nowhere else. Never ends nor fails. */
  get collected$(): Observable<SampleBatch> {
    return this.collected;
  }

  /** A device's status each time that its activity or its being online changes. */
  get deviceChanges$(): Observable<DeviceStatus> {
    return this.statuses;
  }

  /** What devices report of their own accord. As the samples: only while active, never ends nor fails. */
  get events$(): Observable<FieldEvent> {
    return this.events;
  }

  /** Devices that have restarted without having been lost. Only while active, never ends nor fails. */
  get restarts$(): Observable<FieldRestart> {
    return this.restarts;
  }

  /**
   * Another configuration is in force: at once, samples and writes go by its point ids. Devices that have not changed go
   * on as they are; the others are closed, then opened anew. Resolves when all are as their role wants them.
   */
  async reconfigure(devices: readonly DeviceDefinition[], polling: PollingSettings): Promise<void> {
    const closing = this.install(devices, polling);
    await this.setRole(this.role);
    await Promise.all(closing);
  }

  /**
   * Effects follow the role at once: in no other role than `active` does a sample or a write pass. Resolves
   * when every device is as its role wants it; those that must be silent have no connection left then.
   */
  async setRole(role: FieldRole): Promise<void> {
    this.role = role;
    this.staleScan?.cancel();
    this.staleScan = role === 'active' ? this.options.timers.every(STALE_SCAN_MS, () => this.scan()) : undefined;
    // Silence first: a device that is still held for nothing keeps the other node out.
    const wanted = this.hosts.map((host) => ({ host, activity: activityIn(role, host.device) }));
    const silent = wanted.filter(({ activity }) => activity === 'silent');
    const others = wanted.filter(({ activity }) => activity !== 'silent');
    await Promise.all([...silent, ...others].map(({ host, activity }) => host.setActivity(activity)));
  }

  /**
   * Writes one value; resolves once it is verified as the point's rules say. Writes to one point keep their order.
   * Rejects with NOT_ACTIVE, FENCED, POINT_UNKNOWN, POINT_READ_ONLY, VALUE_INVALID or a FIELD_… code.
   */
  async write(request: FieldWrite, options: FieldWriteOptions = {}): Promise<void> {
    const { host, device, point, hasPriorities } = this.place(request.point);
    if (point.write === undefined) throw new TandemError('POINT_READ_ONLY', `${point.name} cannot be written`);
    if (request.value === null && !hasPriorities) throw new TandemError('VALUE_INVALID', `${point.name} cannot be relinquished: ${device.driver} has no priorities`);
    this.mustBeActive();
    if (!this.options.permit()) throw new TandemError('FENCED', 'this node may not write now: it has to hear from its peer first');
    await host.requests.write({ point: point.id, value: request.value, priority: request.priority ?? point.write.priority, timeoutMs: options.timeoutMs ?? device.writeTimeoutMs });
    options.onTaken?.();
    const { verify } = point.write;
    // A slot that is given up leaves a value that nobody here has named.
    if (typeof verify !== 'object' || request.value === null || options.proof === 'taken') return;
    const { clock, timers } = this.options;
    await awaitFeedback({ clock, timers, read: async () => this.read(this.idOf(verify.point)) }, verify, request.value);
  }

  /**
   * Writes this node's heartbeat register, whatever its role: the one thing that a standby writes (R26). Nobody has an
   * effect by it. Rejects with POINT_UNKNOWN or a FIELD_… code.
   */
  async beatRegister(id: number, value: number): Promise<void> {
    const { host, device, point } = this.place(id);
    await host.requests.writeOwn({ point: id, value, priority: point.write?.priority ?? 16, timeoutMs: device.writeTimeoutMs });
  }

  /** Reads a heartbeat register from its device now, whatever the role. Rejects with POINT_UNKNOWN or a FIELD_… code. */
  async readRegister(id: number): Promise<PointValue> {
    return this.place(id).host.requests.read(id);
  }

  /** Reads what became of a write: the point, or the one that is its feedback. */
  async readOutcome(id: number): Promise<PointValue> {
    const verify = this.place(id).point.write?.verify;
    return this.read(typeof verify === 'object' ? this.idOf(verify.point) : id);
  }

  /** Reads one point from its device now. */
  async read(id: number): Promise<PointValue> {
    return this.within(this.place(id), (host) => host.requests.read(id));
  }

  /** Reads from its device now who commands a point. Rejects with POINT_NO_PRIORITIES where nobody can. */
  async readPriorities(id: number): Promise<PriorityView> {
    return this.within(this.place(id), (host) => host.requests.readPriorities(id));
  }

  /**
   * Acknowledges a transition at the device that reported it. Rejects with NOT_ACTIVE, FENCED, FIELD_CLOSED or another FIELD_… code.
   */
  async acknowledge(name: string, request: Omit<DeviceAcknowledgement, 'permit' | 'timeoutMs'>): Promise<void> {
    const host = this.hostNamed(name);
    this.mustMayAct();
    await host.requests.acknowledge({ ...request, timeoutMs: host.device.writeTimeoutMs });
  }

  /** Asks a device what it is. Rejects with NOT_ACTIVE, DEVICE_UNKNOWN, DEVICE_NO_IDENTIFICATION or a FIELD_… code. */
  async identify(name: string): Promise<readonly IdentityEntry[]> {
    const host = this.hosts.find((candidate) => candidate.name === name);
    if (host === undefined) throw new TandemError('DEVICE_UNKNOWN', `there is no device ${name}`);
    this.mustBeActive();
    return host.requests.identify();
  }

  /**
   * Looks for devices with a driver's discovery, on the sockets that its devices use, while this node is active: nothing
   * leaves once the role is another. Throws NOT_ACTIVE, CONFIG_REFERENCE; rejects with a FIELD_… code.
   */
  discover(module: DriverModule, request: DiscoveryRequest): AsyncIterable<DiscoveryEvent> {
    const { discovery } = module;
    if (discovery === undefined) throw new TandemError('CONFIG_REFERENCE', `the driver ${module.kind} cannot look for devices`);
    this.mustBeActive();
    return this.discoverWith(discovery, request, `discovery ${String(++this.discoveries)}`);
  }

  private async *discoverWith(discovery: DriverDiscovery, request: DiscoveryRequest, user: string): AsyncGenerator<DiscoveryEvent> {
    const { clock, timers, random, log, network } = this.options;
    const shared = <T extends SharedResource>(key: string, make: () => T): T => this.shared.use(key, user, make);
    try {
      for await (const event of discovery.run({ device: user, clock, timers, random, network, log: log.child(user), shared }, request)) {
        this.mustBeActive();
        yield event;
      }
    } finally {
      await this.shared.release(user);
    }
  }

  /** Points of a device whose past it can tell itself. */
  loggedPoints(name: string): readonly number[] {
    return this.hosts.find((host) => host.name === name)?.requests.loggedPoints() ?? [];
  }

  /** Schedules that a device runs itself, as far as this node may ask and write now. Throws NOT_ACTIVE, SCHEDULE_UNKNOWN, FIELD_CLOSED. */
  schedules(name: string): Pick<DeviceSchedules, 'list' | 'read'> & { write(object: string, edit: DeviceScheduleEdit): Promise<void> } {
    const host = this.hosts.find((candidate) => candidate.name === name);
    if (host === undefined) throw new TandemError('SCHEDULE_UNKNOWN', `there is no device ${name}`);
    this.mustBeActive();
    const schedules = host.requests.schedules();
    return {
      list: async () => schedules.list(),
      read: async (object) => schedules.read(object),
      write: async (object, edit) => {
        this.mustMayAct();
        await host.requests.writeSchedule(object, edit);
      },
    };
  }

  /** What the device logged of a point; as long as it takes. Rejects with NOT_ACTIVE or a FIELD_… code. */
  async readLog(id: number, fromMs: number, toMs: number): Promise<DeviceLog> {
    const { host } = this.place(id);
    this.mustBeActive();
    return host.requests.readLog(id, fromMs, toMs);
  }

  devices(): readonly DeviceStatus[] {
    return this.hosts.map((host) => host.status());
  }

  /** What this node reaches of the field in its present role, with the weight of each device. */
  reach(): { readonly name: string; readonly weight: number; readonly state: 'reachable' | 'unreachable' | 'unknown' }[] {
    return this.hosts.map((host) => ({ name: host.name, weight: host.device.weight ?? 1, state: host.reach }));
  }

  /** Rejects with FIELD_TIMEOUT where the device takes longer than a write may. */
  private async within<T>({ host, device, point }: Place, read: (host: DeviceHost) => Promise<T>): Promise<T> {
    this.mustBeActive();
    return new Promise((resolve, reject) => {
      const timer = this.options.timers.after(device.writeTimeoutMs, () => reject(new TandemError('FIELD_TIMEOUT', `${point.name} was not read within ${device.writeTimeoutMs} ms`)));
      read(host).then(resolve, reject).finally(() => timer.cancel()).catch(reject);
    });
  }

  /** Makes the devices of a configuration, keeping those that are there already; returns the end of those that are not any more. */
  private install(devices: readonly DeviceDefinition[], polling: PollingSettings): readonly Promise<void>[] {
    const { modules } = this.options;
    const samePolling = isDeepStrictEqual(polling, this.polling);
    this.polling = polling;
    this.staleness = new Staleness(devices.flatMap((device) => device.points), polling.periodMs);
    const former = new Map(this.hosts.map((host) => [host.name, host]));
    const places = new Map<number, Place>();
    const ends: Promise<void>[] = [];
    this.hosts = devices.map((device) => {
      const module = modules.find((candidate) => candidate.kind === device.driver);
      if (module === undefined) throw new TandemError('CONFIG_REFERENCE', `device ${device.name} needs the driver ${device.driver}, which is not installed`);
      const old = former.get(device.name);
      let host: DeviceHost;
      if (old !== undefined && samePolling && isSameDevice(old.device, device)) {
        former.delete(device.name);
        old.adopt(device, this.staleness);
        host = old;
      } else {
        const predecessor = old === undefined ? undefined : this.retire(old);
        former.delete(device.name);
        if (predecessor !== undefined) ends.push(predecessor);
        host = new DeviceHost({ ...this.options, polling, device, module, shared: this.shared, staleness: this.staleness, ...(predecessor === undefined ? {} : { predecessor }) });
        this.subscriptions.set(host, this.subscribeTo(host));
      }
      for (const point of device.points) places.set(point.id, { host, device, point, hasPriorities: module.capabilities.priorities });
      return host;
    });
    this.places = places;
    return [...ends, ...[...former.values()].map((host) => this.retire(host))];
  }

  private subscribeTo(host: DeviceHost): Subscription {
    const subscription = host.samples$.subscribe((batch) => this.batches.next(batch));
    subscription.add(host.collected$.subscribe((batch) => this.collected.next(batch)));
    subscription.add(host.changes$.subscribe((status) => this.statuses.next(status)));
    subscription.add(host.events$.subscribe((report) => this.events.next({ device: host.name, report })));
    subscription.add(host.restarts$.subscribe((restart) => this.restarts.next({ ...restart, device: host.name })));
    return subscription;
  }

  /** Nothing comes from it any more; resolves when it has no connection left. */
  private async retire(host: DeviceHost): Promise<void> {
    this.subscriptions.get(host)?.unsubscribe();
    this.subscriptions.delete(host);
    await host.setActivity('silent');
  }

  private mustBeActive(): void {
    if (this.role !== 'active') throw new TandemError('NOT_ACTIVE', 'this node is not active; the other one may be');
  }

  private mustMayAct(): void {
    this.mustBeActive();
    if (!this.options.permit()) throw new TandemError('FENCED', 'this node may not act now: it has to hear from its peer first');
  }

  private hostNamed(name: string): DeviceHost {
    const host = this.hosts.find((candidate) => candidate.name === name);
    if (host === undefined) throw new TandemError('FIELD_CLOSED', `there is no device ${name}`);
    return host;
  }

  private idOf(name: string): number {
    for (const [id, { point }] of this.places) if (point.name === name) return id;
    throw new TandemError('POINT_UNKNOWN', `no device has point ${name}`);
  }

  private place(id: number): Place {
    const place = this.places.get(id);
    if (place === undefined) throw new TandemError('POINT_UNKNOWN', `no device has point ${id}`);
    return place;
  }

  private scan(): void {
    const { clock } = this.options;
    const batch = this.staleness.scan(clock.monotonicMs(), clock.wallMs());
    if (batch !== undefined) this.batches.next(batch);
  }
}

function activityIn(role: FieldRole, device: DeviceDefinition | undefined): DeviceActivity {
  if (role === 'active') return 'active';
  return role === 'standby' ? (device?.standby ?? 'silent') : 'silent';
}

/** The ids of points belong to the configuration and not to the device. */
function isSameDevice(a: DeviceDefinition, b: DeviceDefinition): boolean {
  const plain = (device: DeviceDefinition): unknown => ({ ...device, points: device.points.map((point) => ({ ...point, id: 0 })) });
  return isDeepStrictEqual(plain(a), plain(b));
}

/** One BACnet device: polls, notifications and writes, put together. */
import { Subject } from 'rxjs';
import {
  isTandemError, messageOf, SampleBuilder, TandemError,
  type DeviceAcknowledgement, type DeviceLog, type Driver, type DriverHost, type DriverPoint, type PointValue, type PollClass, type PollResult, type PriorityView, type Quality, type SampleBatch, type WriteRequest,
} from '../../src/contract/index.js';
import { AlarmClient } from './alarm-client.js';
import type { BacnetAddress, BacnetDevice } from './config.js';
import { Contact } from './contact.js';
import { Counters } from './counters.js';
import { CovSubscriptions } from './cov.js';
import { DeviceClock, learnClock } from './device-clock.js';
import type { EventNotification } from './event-codec.js';
import { peerKey, type Peer } from './npdu.js';
import { Property } from './object-types.js';
import { isFault, sampleOf, toPointValue } from './point-value.js';
import { readPriorities } from './priorities.js';
import { Reader, type ReadSink } from './reader.js';
import { flagged, learn, Reliabilities } from './reliability.js';
import { Restarts } from './restarts.js';
import { sameObject, type CovNotification, type IAm } from './services.js';
import type { Listener } from './transport.js';
import type { ObjectId } from './values.js';
import { readTrendLog } from './trend-log.js';
import { ScheduleClient } from './schedule.js';
import { TimeSync } from './time-sync.js';
import { Writer } from './writer.js';

type Point = DriverPoint<BacnetAddress>;
type Activity = 'active' | 'collect' | 'listen';

/** An answer older than this is no evidence that the device lives. */
const EVIDENCE_MS = 10_000;

/** What is known of one point between polls. */
interface PointState {
  readonly point: Point;
  /** Monotonic, last read over the wire. */
  readAt: number;
  /** The last that the device said of it. */
  last?: { readonly value: PointValue; readonly quality: Quality; readonly timeMs: number };
  /** Value of the last notification, to compare what is read with. */
  notified?: PointValue | undefined;
  /** The driver's count of notifications when the last one for this point came. */
  notifiedTick: number;
}

export class BacnetDriver implements Driver, Listener {
  readonly samples$ = new Subject<SampleBatch>();
  private readonly tally = new Counters();
  private readonly contact: Contact;
  private readonly reader: Reader;
  private readonly writer: Writer;
  private readonly reliabilities = new Reliabilities();
  private readonly cov: CovSubscriptions;
  private readonly alarms: AlarmClient;
  private readonly clock: DeviceClock;
  private readonly timeSync: TimeSync;
  private readonly restarts: Restarts;
  readonly schedules: ScheduleClient;
  readonly loggedPoints: readonly number[];
  private readonly states = new Map<number, PointState>();
  private readonly builder = new SampleBuilder();
  private activity: Activity | undefined;
  private tick = 0;
  private flushing = false;

  constructor(private readonly host: DriverHost, private readonly settings: BacnetDevice, points: readonly Point[]) {
    for (const point of points) this.states.set(point.id, { point, readAt: -Infinity, notifiedTick: 0 });
    this.contact = new Contact(host, settings, this.tally);
    this.reader = new Reader(host.clock, this.contact, settings, this.tally, this.reliabilities);
    this.writer = new Writer(host, settings, this.contact);
    this.cov = new CovSubscriptions(host, settings, this.contact, this.tally, points, (of, property, notification) => this.onNotification(of, property, notification));
    this.clock = new DeviceClock(settings.timezone);
    this.restarts = new Restarts(host);
    this.restarts.restarts$.subscribe(() => {
      this.cov.restarted();
      this.alarms.suspend();
    });
    this.timeSync = new TimeSync(host, settings, this.contact, this.tally, this.clock);
    this.schedules = new ScheduleClient(this.contact, settings.instance);
    this.loggedPoints = points.filter(({ address }) => address.trendLog !== undefined).map(({ id }) => id);
    const shown = (object: ObjectId): number | undefined => points.find(({ address }) => address.property === Property.presentValue && sameObject(address.object, object))?.id;
    this.alarms = new AlarmClient(host, settings, this.contact, this.tally, this.clock, shown);
  }

  get events$(): AlarmClient['events$'] {
    return this.alarms.events$;
  }

  get restarts$(): Restarts['restarts$'] {
    return this.restarts.restarts$;
  }

  get device(): number {
    return this.settings.instance;
  }

  start(activity: Activity): void {
    this.activity = activity;
    this.alarms.setActive(activity === 'active');
    this.timeSync.setActive(activity === 'active');
    this.contact.reopen();
    const transport = this.contact.attach();
    transport.listen(this);
    transport.open().catch(() => undefined); // the first poll says so
  }

  setActivity(activity: Activity): void {
    const wasActive = this.activity === 'active';
    this.activity = activity;
    this.alarms.setActive(activity === 'active');
    this.timeSync.setActive(activity === 'active');
    if (activity !== 'active') this.restarts.cancel();
    if (wasActive && activity !== 'active') this.cov.cancelAll();
  }

  async stop(): Promise<void> {
    if (this.activity === undefined) return;
    if (this.activity === 'active') this.cov.cancelAll();
    this.activity = undefined;
    this.restarts.cancel();
    this.alarms.setActive(false);
    this.timeSync.setActive(false);
    this.contact.attach().unlisten(this);
    this.contact.close();
    this.builder.take();
  }

  async poll(pollClass: PollClass): Promise<PollResult> {
    if (this.activity === undefined || this.activity === 'listen') {
      return { reachable: false, points: 0, error: this.activity === 'listen' ? 'the standby listens only' : 'the driver is not started' };
    }
    const now = this.host.clock.monotonicMs();
    const ofClass = [...this.states.values()].filter((state) => state.point.poll === pollClass);
    const due = ofClass.filter((state) => this.isDue(state, now)).map((state) => state.point);
    try {
      if (due.length > 0) await this.reader.read(due, this.sink(now));
      else if (now - this.contact.lastAnswerMs > EVIDENCE_MS && !(await this.contact.alive())) throw new TandemError('FIELD_TIMEOUT', `device ${this.settings.instance} does not answer`);
      this.confirm(ofClass, now);
      if (this.isActive()) {
        this.cov.resume();
        this.alarms.resume();
      }
      return { reachable: true, points: due.length };
    } catch (error) {
      this.contact.forget();
      this.reader.reset();
      this.restarts.cancel();
      this.cov.suspend();
      this.alarms.suspend();
      this.flush();
      if (!isTandemError(error)) this.host.log.error(`poll of device ${this.settings.instance}`, error);
      return { reachable: false, points: due.length, error: messageOf(error) };
    }
  }

  async write(request: WriteRequest): Promise<void> {
    this.mustRun();
    await this.writer.write(this.pointOf(request.point), request);
  }

  async read(point: number): Promise<PointValue> {
    this.mustRun();
    const { address, name } = this.pointOf(point);
    const value = toPointValue(address.encoding, await this.contact.readProperty({ object: address.object, property: address.property }));
    if (value === undefined) throw new TandemError('FIELD_MALFORMED', `${name} is not ${address.encoding}`);
    return value;
  }

  async readPriorities(point: number): Promise<PriorityView> {
    this.mustRun();
    return readPriorities(this.contact, this.pointOf(point));
  }

  async readLog(point: number, fromMs: number, toMs: number): Promise<DeviceLog> {
    this.mustRun();
    const { address, name } = this.pointOf(point);
    if (address.trendLog === undefined) throw new TandemError('FIELD_REJECTED', `${name} has no trend log`);
    if (!this.clock.isKnown) await learnClock(this.contact, this.clock, this.settings.instance, this.host.clock.wallMs());
    return readTrendLog(this.contact, address.trendLog, address, this.clock, fromMs, toMs);
  }

  async acknowledge(acknowledgement: DeviceAcknowledgement): Promise<void> {
    this.mustRun();
    await this.alarms.acknowledge(acknowledgement);
  }

  counters(): Readonly<Record<string, number>> {
    const line = Object.entries(this.contact.lineCounters()).map(([what, count]) => [`line.${what}`, count] as const);
    return { ...this.tally.all(), ...Object.fromEntries(line) };
  }

  onIAm(_iAm: IAm, peer: Peer, asked: boolean): void {
    if (this.contact.onIAm(peer) || asked) return;
    this.noticeRestart(peer, false);
  }

  onRestart(peer: Peer): void {
    this.noticeRestart(peer, true);
  }

  onCov(notification: CovNotification, peer: Peer): boolean {
    return this.cov.receive(notification, peer);
  }

  onEvent(notification: EventNotification, peer: Peer, taken: () => void): boolean {
    return this.alarms.receive(notification, peer, taken);
  }

  /** Only the device itself may speak for itself. */
  private noticeRestart(peer: Peer, certain: boolean): void {
    const known = this.contact.peer;
    if (this.isActive() && known !== undefined && peerKey(known) === peerKey(peer)) this.restarts.noticed(certain);
  }

  /** Separate, because the activity may change while a poll waits. */
  private isActive(): boolean {
    return this.activity === 'active';
  }

  private mustRun(): void {
    if (this.activity === undefined) throw new TandemError('FIELD_CLOSED', 'the driver is not started');
  }

  /** What a subscription covers is still read now and then: an unconfirmed notification may get lost. */
  private isDue(state: PointState, now: number): boolean {
    return !this.cov.covers(state.point.id) || now - state.readAt >= this.settings.covLifetimeMs / 2;
  }

  /**
   * What was not read because its changes are told: unchanged, says a subscription with evidence on a device
   * that has just answered. The host takes points that no sample confirms for stale.
   */
  private confirm(ofClass: readonly PointState[], now: number): void {
    for (const { point, last, readAt } of ofClass) {
      if (last !== undefined && readAt !== now && this.cov.covers(point.id)) this.builder.add(point.id, last.value, last.quality, last.timeMs);
    }
    this.flush();
  }

  private sink(now: number): ReadSink {
    const asked = this.tick;
    const timeMs = this.host.clock.wallMs();
    return {
      value: (point, value, quality) => this.onRead(point, value, quality, { asked, now, timeMs }),
      flush: () => this.flush(),
    };
  }

  private onRead(point: Point, value: PointValue, quality: Quality, { asked, now, timeMs }: { asked: number; now: number; timeMs: number }): void {
    const state = this.states.get(point.id);
    if (state === undefined) return;
    // A notification that came after the question may be newer than the answer: the next poll asks again.
    if (state.notifiedTick > asked) {
      this.tally.count('overtakenReads');
      return;
    }
    state.readAt = now;
    // An analog may differ by less than the increment; a state that differs was a change we were not told.
    if (state.notified !== undefined && state.notified !== value && this.cov.covers(point.id) && isDiscrete(point)) {
      this.tally.count('covMissed');
      this.cov.distrust(point.id);
    }
    state.notified = undefined;
    this.add(state, value, quality, timeMs);
  }

  private add(state: PointState, value: PointValue, quality: Quality, timeMs: number): void {
    state.last = { value, quality, timeMs };
    this.builder.add(state.point.id, value, quality, timeMs);
  }

  private onNotification(points: readonly Point[], property: number, notification: CovNotification): void {
    const values = notification.values.find((entry) => entry.property === property && entry.index === undefined)?.values;
    if (values === undefined) {
      this.tally.count('malformed');
      return;
    }
    const isPresent = property === Property.presentValue;
    const flags = isPresent ? notification.values.find((entry) => entry.property === Property.statusFlags)?.values : undefined;
    const told = isPresent ? this.reliabilities.of(notification.object) : undefined;
    const reliability = notification.values.find((entry) => entry.property === Property.reliability);
    const isToAsk = told !== undefined && reliability === undefined && flags !== undefined && flagged(told, isFault(flags));
    if (told !== undefined && reliability !== undefined) learn(told, reliability, isFault(flags), this.host.clock.monotonicMs());
    this.tally.count('covNotifications');
    this.tick++;
    for (const point of points) {
      const state = this.states.get(point.id);
      if (state === undefined) continue;
      const { value, quality } = sampleOf(point.address.encoding, values, flags, told?.code);
      if (isToAsk) state.readAt = -Infinity; // the next poll asks why
      state.notified = value;
      state.notifiedTick = this.tick;
      this.add(state, value, quality, this.host.clock.wallMs());
    }
    if (this.flushing) return;
    this.flushing = true; // one batch for what the socket holds now
    this.host.timers.afterIo(() => {
      this.flushing = false;
      this.flush();
    });
  }

  private flush(): void {
    if (this.activity !== undefined && this.builder.length > 0) this.samples$.next(this.builder.take());
  }

  private pointOf(id: number): Point {
    const state = this.states.get(id);
    if (state === undefined) throw new TandemError('POINT_UNKNOWN', `device ${this.settings.instance} has no point ${id}`);
    return state.point;
  }
}

function isDiscrete(point: Point): boolean {
  return point.kind === 'boolean' || point.kind === 'enum';
}

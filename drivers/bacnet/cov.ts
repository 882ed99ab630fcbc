/**
 * COV subscriptions of one device (ANSI/ASHRAE 135 clauses 13.1, 13.7 and 13.14): unconfirmed notifications,
 * finite lifetimes, renewed about half-way. A subscription covers its points only while there is evidence:
 * the device granted it, it has not run out, and a notification came since it was last granted (every grant
 * is followed by one). Without evidence the points are polled, so nothing hangs on a device's good behaviour.
 */
import type { DriverHost, DriverPoint, Timer } from '../../src/contract/index.js';
import { ConfirmedService } from './apdu.js';
import type { BacnetAddress, BacnetDevice } from './config.js';
import type { Contact } from './contact.js';
import type { Counters } from './counters.js';
import { peerKey, type Peer } from './npdu.js';
import { Property } from './object-types.js';
import { ErrorCode, refusalOf, type Refusal } from './refusal.js';
import { encodeSubscribeCov, type CovNotification } from './services.js';
import type { ObjectId } from './values.js';

/** The same after a restart of ours, so that the device renews our subscriptions instead of doubling them. */
const PROCESS_ID = 1;
const GRACE_MS = 10_000;
const RETRY_MS = 30_000;
/** A device that has no space, or does not do COV for an object, is asked again after this. */
const REFUSED_MS = 30 * 60_000;
const RESTART_THROTTLE_MS = 30_000;

interface Subscription {
  readonly object: ObjectId;
  readonly points: readonly DriverPoint<BacnetAddress>[];
  state: 'idle' | 'asking' | 'granted' | 'refused';
  /** Monotonic: when the last grant was asked for, when it ends, when the device was last heard on it. */
  askedAt: number;
  expiresAt: number;
  heardAt: number;
  dueAt: number;
  /** Counts {@link CovSubscriptions.lapse}, so that a grant asked for before does not count after. */
  lapses: number;
  /** The object's own COV_Increment has been compared with what the points want. */
  checked: boolean;
}

export class CovSubscriptions {
  private readonly byObject = new Map<string, Subscription>();
  private readonly byPoint = new Map<number, Subscription>();
  private running = false;
  private asking = false;
  private timer: Timer | undefined;
  private restartedAt = -Infinity;
  private restartTimer: Timer | undefined;

  constructor(
    private readonly host: DriverHost,
    private readonly device: BacnetDevice,
    private readonly contact: Contact,
    private readonly counters: Counters,
    points: readonly DriverPoint<BacnetAddress>[],
    private readonly onNotification: (points: readonly DriverPoint<BacnetAddress>[], notification: CovNotification) => void,
  ) {
    const objects = new Map<string, DriverPoint<BacnetAddress>[]>();
    for (const point of points) {
      if (!device.cov || point.address.property !== Property.presentValue) continue;
      const key = objectKey(point.address.object);
      objects.set(key, [...(objects.get(key) ?? []), point]);
    }
    for (const [key, of] of objects) {
      const object = of[0]?.address.object;
      if (object === undefined) continue;
      const subscription: Subscription = { object, points: of, state: 'idle', askedAt: -Infinity, expiresAt: -Infinity, heardAt: -Infinity, dueAt: -Infinity, lapses: 0, checked: false };
      this.byObject.set(key, subscription);
      for (const point of of) this.byPoint.set(point.id, subscription);
    }
  }

  /** True while changes of the point are known to reach us. */
  covers(point: number): boolean {
    const subscription = this.byPoint.get(point);
    return this.running && subscription !== undefined && isLive(subscription, this.host.clock.monotonicMs());
  }

  /** The device answers and this node is active: subscribe what is due, and keep it up. */
  resume(): void {
    if (this.running || this.byObject.size === 0) return;
    this.running = true;
    void this.pump();
  }

  /** No renewals any more; points are polled. What the device still holds runs out by itself. */
  suspend(): void {
    this.running = false;
    this.timer?.cancel();
    this.restartTimer?.cancel();
    this.restartTimer = undefined;
    for (const subscription of this.byObject.values()) this.lapse(subscription);
  }

  /** The device may have restarted and forgotten us. Others' Who-Is cause I-Ams too, hence the throttle. */
  restarted(): void {
    if (!this.running || this.restartTimer !== undefined) return;
    const waitMs = Math.max(0, this.restartedAt + RESTART_THROTTLE_MS - this.host.clock.monotonicMs());
    this.restartTimer = this.host.timers.after(waitMs, () => {
      this.restartTimer = undefined;
      this.restartedAt = this.host.clock.monotonicMs();
      this.counters.count('resubscriptions');
      for (const subscription of this.byObject.values()) this.lapse(subscription);
      void this.pump();
    });
  }

  /** A value read differs from what was notified: the device tells us no changes any more. */
  distrust(point: number): void {
    const subscription = this.byPoint.get(point);
    if (subscription === undefined || !this.running) return;
    this.lapse(subscription);
    void this.pump();
  }

  /** Cancels what the device holds, without waiting for its answers. */
  cancelAll(): void {
    for (const subscription of this.byObject.values()) {
      if (subscription.state !== 'granted') continue;
      this.contact.mention(ConfirmedService.subscribeCov, encodeSubscribeCov(PROCESS_ID, subscription.object));
    }
    this.suspend();
  }

  /** True if it is for one of ours; only the asked device may notify. */
  receive(notification: CovNotification, from: Peer): boolean {
    const { peer } = this.contact;
    const subscription = this.byObject.get(objectKey(notification.object));
    if (!this.running || peer === undefined || peerKey(peer) !== peerKey(from)) return false;
    if (notification.processId !== PROCESS_ID || subscription === undefined || (subscription.state !== 'granted' && subscription.state !== 'asking')) return false;
    subscription.heardAt = this.host.clock.monotonicMs();
    this.onNotification(subscription.points, notification);
    return true;
  }

  /** One request at a time, so that subscribing hundreds of points does not hold up polls and writes. */
  private async pump(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    this.timer?.cancel();
    for (;;) {
      const next = this.earliest();
      if (!this.running || next === undefined || next.dueAt > this.host.clock.monotonicMs()) break;
      await this.subscribe(next);
    }
    this.asking = false;
    const next = this.earliest();
    if (!this.running || next === undefined) return;
    this.timer = this.host.timers.after(Math.max(0, next.dueAt - this.host.clock.monotonicMs()), () => void this.pump());
  }

  private earliest(): Subscription | undefined {
    let earliest: Subscription | undefined;
    for (const subscription of this.byObject.values()) {
      if (earliest === undefined || subscription.dueAt < earliest.dueAt) earliest = subscription;
    }
    return earliest;
  }

  private async subscribe(subscription: Subscription): Promise<void> {
    const now = this.host.clock.monotonicMs();
    const { covLifetimeMs } = this.device;
    const { lapses } = subscription;
    const renewal = subscription.state === 'granted';
    try {
      if (await this.isTooCoarse(subscription)) {
        this.refuse(subscription, now);
        return;
      }
      if (!renewal) subscription.state = 'asking';
      const lifetimeS = Math.ceil(covLifetimeMs / 1000);
      await this.contact.request(ConfirmedService.subscribeCov, encodeSubscribeCov(PROCESS_ID, subscription.object, { confirmed: false, lifetimeS }));
      if (subscription.lapses !== lapses) return;
      this.counters.count(renewal ? 'covRenewals' : 'covSubscriptions');
      Object.assign(subscription, { state: 'granted', askedAt: now, expiresAt: now + covLifetimeMs, dueAt: now + covLifetimeMs * (0.45 + 0.1 * this.host.random.next()) });
    } catch (error) {
      const refusal = refusalOf(error);
      if (subscription.lapses !== lapses) return;
      if (refusal !== undefined) {
        this.onRefusal(subscription, refusal, now);
        return;
      }
      // No answer: a grant that still runs is kept; a first one is asked for again.
      if (!renewal) subscription.state = 'idle';
      subscription.dueAt = now + Math.min(RETRY_MS, covLifetimeMs / 8) * (0.9 + 0.2 * this.host.random.next());
    }
  }

  /** True if the object notifies of larger changes only than its points want to see. */
  private async isTooCoarse(subscription: Subscription): Promise<boolean> {
    const wanted = Math.min(...subscription.points.map((point) => (point.address.encoding === 'real' && point.cov !== undefined ? point.cov : Infinity)));
    if (subscription.checked || wanted === Infinity) return false;
    try {
      const [increment] = await this.contact.readProperty({ object: subscription.object, property: Property.covIncrement });
      if (increment?.type === 'real' && increment.value > Math.fround(wanted)) return true;
    } catch (error) {
      if (refusalOf(error) === undefined) throw error;
    }
    subscription.checked = true;
    return false;
  }

  private onRefusal(subscription: Subscription, refusal: Refusal, now: number): void {
    this.refuse(subscription, now);
    // No space, or no COV at all: holds for the whole device, so the others need not ask for now.
    const noCov = refusal.kind === 'reject' || (refusal.kind === 'error' && refusal.errorCode === ErrorCode.noSpaceToAddListElement);
    if (!noCov) return;
    for (const other of this.byObject.values()) if (other.state === 'idle') this.refuse(other, now);
  }

  private refuse(subscription: Subscription, now: number): void {
    this.counters.count('covRefused');
    Object.assign(subscription, { state: 'refused', expiresAt: -Infinity, dueAt: now + REFUSED_MS * (0.9 + 0.2 * this.host.random.next()) });
  }

  private lapse(subscription: Subscription): void {
    Object.assign(subscription, { state: 'idle', expiresAt: -Infinity, heardAt: -Infinity, dueAt: -Infinity, lapses: subscription.lapses + 1 });
  }
}

function isLive(subscription: Subscription, now: number): boolean {
  if (subscription.state !== 'granted' || now >= subscription.expiresAt || subscription.heardAt === -Infinity) return false;
  return subscription.heardAt >= subscription.askedAt || now - subscription.askedAt < GRACE_MS;
}

function objectKey(object: ObjectId): string {
  return `${object.type}:${object.instance}`;
}

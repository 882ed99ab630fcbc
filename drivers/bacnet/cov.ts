/**
 * COV subscriptions of one device (ANSI/ASHRAE 135 clauses 13.1, 13.7, 13.14 and 13.15): finite lifetimes,
 * renewed about half-way. A subscription covers its points only while there is evidence: the device granted
 * it, it has not run out, and a notification came since it was last granted (every grant is followed by one).
 * Without evidence the points are polled, so nothing hangs on a device's good behaviour.
 */
import type { DriverHost, DriverPoint, Timer } from '../../src/contract/index.js';
import { ConfirmedService, ServiceSupported } from './apdu.js';
import type { BacnetAddress, BacnetDevice } from './config.js';
import type { Contact } from './contact.js';
import type { Counters } from './counters.js';
import { isLive, isOfPresentValue, keyOf, lapse, subscriptionsFor, type Subscription } from './cov-subscription.js';
import { peerKey, type Peer } from './npdu.js';
import { Property } from './object-types.js';
import { Pace } from './pace.js';
import { ErrorCode, refusalOf, type Refusal } from './refusal.js';
import { encodeSubscribeCov, encodeSubscribeCovProperty, type CovNotification } from './services.js';

/** The same after a restart of ours, so that the device renews our subscriptions instead of doubling them. */
const PROCESS_ID = 1;
const RETRY_MS = 30_000;
/** A device that does not do COV for an object, or had no space twice, is asked again after this. */
const REFUSED_MS = 30 * 60_000;
/** Between subscriptions of one device: after a takeover all are due at once. */
const PACE_MS = 20;

export class CovSubscriptions {
  private readonly all: readonly Subscription[];
  private readonly byKey: ReadonlyMap<string, Subscription>;
  private readonly byPoint = new Map<number, Subscription>();
  private running = false;
  private asking = false;
  private timer: Timer | undefined;
  private readonly pace: Pace;

  constructor(
    private readonly host: DriverHost,
    private readonly device: BacnetDevice,
    private readonly contact: Contact,
    private readonly counters: Counters,
    points: readonly DriverPoint<BacnetAddress>[],
    private readonly onNotification: (points: readonly DriverPoint<BacnetAddress>[], property: number, notification: CovNotification) => void,
  ) {
    this.pace = new Pace(host, PACE_MS);
    this.all = device.cov ? subscriptionsFor(points) : [];
    this.byKey = new Map(this.all.map((subscription) => [keyOf(subscription.object, subscription.property), subscription]));
    for (const subscription of this.all) for (const point of subscription.points) this.byPoint.set(point.id, subscription);
  }

  /** True while changes of the point are known to reach us. */
  covers(point: number): boolean {
    const subscription = this.byPoint.get(point);
    return this.running && subscription !== undefined && isLive(subscription, this.host.clock.monotonicMs());
  }

  /** The device answers and this node is active: subscribe what is due, and keep it up. */
  resume(): void {
    if (this.running || this.all.length === 0) return;
    this.running = true;
    void this.pump();
  }

  /** No renewals any more; points are polled. What the device still holds runs out by itself. */
  suspend(): void {
    this.running = false;
    this.timer?.cancel();
    for (const subscription of this.all) lapse(subscription);
  }

  /** The device may have restarted and forgotten us. */
  restarted(): void {
    if (!this.running) return;
    this.counters.count('resubscriptions');
    for (const subscription of this.all) lapse(subscription);
    void this.pump();
  }

  /** A value read differs from what was notified: the device tells us no changes any more. */
  distrust(point: number): void {
    const subscription = this.byPoint.get(point);
    if (subscription === undefined || !this.running) return;
    lapse(subscription);
    void this.pump();
  }

  /** Cancels what the device holds, without waiting for its answers. */
  cancelAll(): void {
    for (const { state, byProperty, object, property } of this.all) {
      if (state !== 'granted') continue;
      if (byProperty === true) this.contact.mention(ConfirmedService.subscribeCovProperty, encodeSubscribeCovProperty(PROCESS_ID, object, property));
      else this.contact.mention(ConfirmedService.subscribeCov, encodeSubscribeCov(PROCESS_ID, object));
    }
    this.suspend();
  }

  /** True if it is for one of ours; only the asked device may notify. */
  receive(notification: CovNotification, from: Peer): boolean {
    const { peer } = this.contact;
    if (!this.running || peer === undefined || notification.processId !== PROCESS_ID || peerKey(peer) !== peerKey(from)) return false;
    let wanted = false;
    for (const { property, index } of notification.values) {
      const subscription = index === undefined ? this.byKey.get(keyOf(notification.object, property)) : undefined;
      if (subscription === undefined || (subscription.state !== 'granted' && subscription.state !== 'asking')) continue;
      wanted = true;
      subscription.heardAt = this.host.clock.monotonicMs();
      this.onNotification(subscription.points, property, notification);
    }
    return wanted;
  }

  /** One request at a time and not too many a second, so that subscribing hundreds of points does not hold up polls and writes. */
  private async pump(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    this.timer?.cancel();
    let waitMs = Infinity;
    for (;;) {
      const now = this.host.clock.monotonicMs();
      const next = this.next(now);
      waitMs = next === undefined ? Infinity : next.dueAt - now;
      if (!this.running || next === undefined || waitMs > 0) break;
      await this.turn();
      if (this.isRunning()) await this.subscribe(next);
    }
    this.asking = false;
    if (this.running && waitMs < Infinity) this.timer = this.host.timers.after(Math.max(0, waitMs), () => void this.pump());
  }

  private async turn(): Promise<void> {
    await this.pace.turn();
    await this.contact.subscriptionTurn();
  }

  /** Of those that are due the most important one; else the one that is due first. */
  private next(now: number): Subscription | undefined {
    let best: Subscription | undefined;
    for (const candidate of this.all) {
      if (best === undefined) best = candidate;
      else if (candidate.dueAt <= now && best.dueAt <= now ? candidate.rank < best.rank : candidate.dueAt < best.dueAt) best = candidate;
    }
    return best;
  }

  /** Separate, because it may change while a request waits. */
  private isRunning(): boolean {
    return this.running;
  }

  private async subscribe(subscription: Subscription): Promise<void> {
    const now = this.host.clock.monotonicMs();
    const { covLifetimeMs } = this.device;
    const { lapses } = subscription;
    const renewal = subscription.state === 'granted';
    try {
      if (!(await this.decide(subscription))) {
        this.refuse(subscription, now, REFUSED_MS);
        return;
      }
      if (!renewal) subscription.state = 'asking';
      await this.ask(subscription);
      if (subscription.lapses !== lapses) return;
      this.counters.count(renewal ? 'covRenewals' : 'covSubscriptions');
      Object.assign(subscription, { state: 'granted', refusals: 0, askedAt: now, expiresAt: now + covLifetimeMs, dueAt: now + covLifetimeMs * (0.45 + 0.1 * this.host.random.next()) });
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

  private async ask({ object, property, increment, byProperty }: Subscription): Promise<void> {
    const terms = { confirmed: this.device.covConfirmed, lifetimeS: Math.ceil(this.device.covLifetimeMs / 1000) };
    if (byProperty === true) {
      await this.contact.request(ConfirmedService.subscribeCovProperty, encodeSubscribeCovProperty(PROCESS_ID, object, property, { ...terms, ...(increment !== undefined && { increment: Math.fround(increment) }) }));
    } else {
      await this.contact.request(ConfirmedService.subscribeCov, encodeSubscribeCov(PROCESS_ID, object, terms));
    }
  }

  /**
   * How it is to be had; false if not at all. SubscribeCOVProperty brings the points' own increment and properties
   * other than the present value, where the device has it; else the object's own COV_Increment must be fine enough.
   */
  private async decide(subscription: Subscription): Promise<boolean> {
    const { increment, byProperty } = subscription;
    const present = isOfPresentValue(subscription);
    if (byProperty === undefined) subscription.byProperty = (increment !== undefined || !present) && (await this.contact.executes(ServiceSupported.subscribeCovProperty));
    if (subscription.byProperty === true) return true;
    return present && !(await this.isTooCoarse(subscription));
  }

  /** True if the object notifies of larger changes only than its points want to see. */
  private async isTooCoarse(subscription: Subscription): Promise<boolean> {
    const { increment: wanted, object, checked } = subscription;
    if (checked || wanted === undefined) return false;
    try {
      const [increment] = await this.contact.readProperty({ object, property: Property.covIncrement });
      if (increment !== undefined && 'value' in increment && typeof increment.value === 'number' && increment.value > Math.fround(wanted)) return true;
    } catch (error) {
      if (refusalOf(error) === undefined) throw error;
    }
    subscription.checked = true;
    return false;
  }

  private onRefusal(subscription: Subscription, refusal: Refusal, now: number): void {
    const noSpace = refusal.kind === 'error' && refusal.errorCode === ErrorCode.noSpaceToAddListElement;
    if (subscription.byProperty === true && !noSpace) {
      // Not this property, or not by this service whatever its list of services says: the plain way, if there is one.
      subscription.byProperty = false;
      if (isOfPresentValue(subscription)) {
        if (subscription.state === 'asking') subscription.state = 'idle';
        subscription.dueAt = now;
        return;
      }
    }
    // What another node or a former life of ours holds runs out within a lifetime; so long this one waits, once.
    const waitMs = (noSpace && subscription.refusals === 0 ? Math.min(REFUSED_MS, 1.1 * this.device.covLifetimeMs) : REFUSED_MS) * (0.95 + 0.1 * this.host.random.next());
    this.refuse(subscription, now, waitMs);
    // No space, or no COV at all: holds for the whole device, so the others need not ask for now.
    if (!noSpace && refusal.kind !== 'reject') return;
    for (const other of this.all) if (other.state === 'idle' || (other.state === 'refused' && other.dueAt <= now)) this.refuse(other, now, waitMs);
  }

  /** Those refused together are due together, or chance would give a free slot to the wrong one. */
  private refuse(subscription: Subscription, now: number, waitMs: number): void {
    this.counters.count('covRefused');
    Object.assign(subscription, { state: 'refused', refusals: subscription.refusals + 1, expiresAt: -Infinity, dueAt: now + waitMs });
  }
}

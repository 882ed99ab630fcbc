/** COV subscriptions that a virtual device holds (clauses 13.1 and 13.14). */
import type { Address, Clock } from '../../src/contract/index.js';
import type { Route } from './frames.js';
import type { VirtualObject } from './objects.js';
import { WireWriter } from './wire.js';

export interface CovSubscriber {
  readonly to: Address;
  readonly route?: Route | undefined;
  readonly processId: number;
  readonly object: VirtualObject;
  readonly property: number;
  /** By SubscribeCOVProperty, with the increment of the subscriber's own where it gave one. */
  readonly byProperty: boolean;
  readonly increment: number | undefined;
  readonly confirmed: boolean;
  /** Monotonic; Infinity for a subscription without end. */
  readonly endsMs: number;
  lastValue: unknown;
  lastFlags: string;
}

export class Subscriptions {
  private readonly held = new Map<string, CovSubscriber>();
  private readonly byObject = new Map<VirtualObject, Map<string, CovSubscriber>>();

  constructor(private readonly clock: Clock) {}

  get size(): number {
    this.expire();
    return this.held.size;
  }

  /** Those that run, to look at. */
  all(): readonly CovSubscriber[] {
    this.expire();
    return [...this.held.values()];
  }

  has(subscriber: CovSubscriber): boolean {
    this.expire();
    return this.held.has(keyOf(subscriber));
  }

  put(subscriber: CovSubscriber): void {
    const key = keyOf(subscriber);
    this.held.set(key, subscriber);
    const of = this.byObject.get(subscriber.object) ?? new Map<string, CovSubscriber>();
    this.byObject.set(subscriber.object, of.set(key, subscriber));
  }

  remove(subscriber: Key): void {
    const key = keyOf(subscriber);
    this.held.delete(key);
    this.byObject.get(subscriber.object)?.delete(key);
  }

  clear(): void {
    this.held.clear();
    this.byObject.clear();
  }

  /** Seconds that are left, 0 for ever. */
  remainingS(subscriber: CovSubscriber): number {
    return subscriber.endsMs === Infinity ? 0 : Math.max(1, Math.round((subscriber.endsMs - this.clock.monotonicMs()) / 1000));
  }

  /** BACnetCOVSubscription, as Active_COV_Subscriptions shows it. */
  encoded(subscriber: CovSubscriber): Buffer {
    const { to, route, processId, object, property, confirmed, increment } = subscriber;
    const writer = new WireWriter().open(0).open(0).open(1);
    const mac = route === undefined ? Buffer.from([...to.host.split('.').map(Number), to.port >> 8, to.port & 255]) : Buffer.from(route.mac, 'hex');
    writer.value({ tag: 2, value: route?.network ?? 0 }).value({ tag: 6, value: mac }).close(1).close(0).contextUnsigned(1, processId).close(0);
    writer.open(1).contextObject(0, object.id).contextUnsigned(1, property).close(1).contextRaw(2, Buffer.from([Number(confirmed)])).contextUnsigned(3, this.remainingS(subscriber));
    const octets = Buffer.alloc(4);
    octets.writeFloatBE(increment ?? 0);
    return increment === undefined ? writer.done() : writer.contextRaw(4, octets).done();
  }

  /** Those who must hear of `object` now; they are taken as told. */
  changed(object: VirtualObject): CovSubscriber[] {
    const of = this.byObject.get(object);
    if (of === undefined || of.size === 0) return [];
    const now = this.clock.monotonicMs();
    const flags = object.statusFlags().join();
    return [...of.values()].filter((subscriber) => {
      if (subscriber.endsMs <= now) return false;
      const { lastValue, property, increment = property === 85 ? object.covIncrement : 0 } = subscriber;
      const value = property === 85 ? object.presentValue : object.read(property)[0]?.value;
      const moved = typeof value === 'number' && typeof lastValue === 'number' ? value !== lastValue && Math.abs(value - lastValue) >= increment : value !== lastValue;
      if (!moved && subscriber.lastFlags === flags) return false;
      Object.assign(subscriber, { lastValue: value, lastFlags: flags });
      return true;
    });
  }

  private expire(): void {
    const now = this.clock.monotonicMs();
    for (const subscriber of this.held.values()) if (subscriber.endsMs <= now) this.remove(subscriber);
  }
}

type Key = Pick<CovSubscriber, 'to' | 'route' | 'processId' | 'object' | 'property' | 'byProperty'>;

function keyOf({ to, route, processId, object, property, byProperty }: Key): string {
  return `${to.host}:${to.port}/${route === undefined ? '' : `${route.network}:${route.mac}/`}${processId}/${object.id.type}:${object.id.instance}${byProperty ? `/${property}` : ''}`;
}

/** COV subscriptions that a virtual device holds (clauses 13.1 and 13.14). */
import type { Address, Clock } from '../../src/contract/index.js';
import type { Route } from './frames.js';
import type { VirtualObject } from './objects.js';

export interface CovSubscriber {
  readonly to: Address;
  readonly route?: Route | undefined;
  readonly processId: number;
  readonly object: VirtualObject;
  readonly confirmed: boolean;
  /** Monotonic; Infinity for a subscription without end. */
  readonly endsMs: number;
  lastValue: number | string;
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

  remove(subscriber: Pick<CovSubscriber, 'to' | 'processId' | 'object'>): void {
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

  /** Those who must hear of `object` now; they are taken as told. */
  changed(object: VirtualObject): CovSubscriber[] {
    const of = this.byObject.get(object);
    if (of === undefined || of.size === 0) return [];
    const now = this.clock.monotonicMs();
    const flags = object.statusFlags().join();
    const value = object.presentValue;
    return [...of.values()].filter((subscriber) => {
      if (subscriber.endsMs <= now) return false;
      const { lastValue } = subscriber;
      const moved = typeof value === 'number' && typeof lastValue === 'number' ? value !== lastValue && Math.abs(value - lastValue) >= object.covIncrement : value !== lastValue;
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

function keyOf({ to, processId, object }: Pick<CovSubscriber, 'to' | 'processId' | 'object'>): string {
  return `${to.host}:${to.port}/${processId}/${object.id.type}:${object.id.instance}`;
}

/** What is subscribed of one device, and in which order: one subscription for each object, or for one property of it. */
import type { DriverPoint } from '../../src/contract/index.js';
import type { BacnetAddress } from './config.js';
import { Property } from './object-types.js';
import type { ObjectId } from './values.js';

type Point = DriverPoint<BacnetAddress>;

export interface Subscription {
  readonly object: ObjectId;
  readonly property: number;
  readonly points: readonly Point[];
  /** Smallest change that a point of it wants to see; undefined where none says. */
  readonly increment: number | undefined;
  /** Lower ones are asked for first. */
  readonly rank: number;
  state: 'idle' | 'asking' | 'granted' | 'refused';
  /** Monotonic: when the last grant was asked for, when it ends, when the device was last heard on it. */
  askedAt: number;
  expiresAt: number;
  heardAt: number;
  dueAt: number;
  /** Counts how often it lapsed, so that a grant asked for before does not count after. */
  lapses: number;
  /** Refusals in a row. */
  refusals: number;
  /** The object's own COV_Increment has been compared with what the points want. */
  checked: boolean;
  /** Granted by SubscribeCOVProperty; undefined while not decided. */
  byProperty: boolean | undefined;
}

/** A renewal that no notification followed covers for so long. */
const GRACE_MS = 10_000;
/** Where no `covPriority` says: alarms, then by poll class. */
const RANKS = { alarmed: 4, fast: 6, normal: 8, slow: 10 } as const;

export function subscriptionsFor(points: readonly Point[]): Subscription[] {
  const groups = new Map<string, Point[]>();
  for (const point of points) {
    const key = keyOf(point.address.object, point.address.property);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [point]);
    else group.push(point);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [subscriptionOf(first.address, group)];
  });
}

export function keyOf(object: ObjectId, property: number): string {
  return `${object.type}:${object.instance}:${property}`;
}

/** True while there is evidence that changes are told. */
export function isLive(subscription: Subscription, now: number): boolean {
  if (subscription.state !== 'granted' || now >= subscription.expiresAt || subscription.heardAt === -Infinity) return false;
  return subscription.heardAt >= subscription.askedAt || now - subscription.askedAt < GRACE_MS;
}

/** Present values can be had by SubscribeCOV too, everything else by SubscribeCOVProperty only. */
export function isOfPresentValue({ property }: Subscription): boolean {
  return property === Property.presentValue;
}

export function lapse(subscription: Subscription): void {
  Object.assign(subscription, { state: 'idle', expiresAt: -Infinity, heardAt: -Infinity, dueAt: -Infinity, lapses: subscription.lapses + 1, byProperty: undefined });
}

function subscriptionOf({ object, property }: BacnetAddress, points: readonly Point[]): Subscription {
  const wanted = points.flatMap(({ cov, kind }) => (cov === undefined || kind !== 'number' ? [] : [cov]));
  return {
    object, property, points,
    increment: wanted.length === 0 ? undefined : Math.min(...wanted),
    rank: Math.min(...points.map(({ address, alarmed, poll }) => address.covPriority ?? (alarmed === true ? RANKS.alarmed : RANKS[poll]))),
    state: 'idle', askedAt: -Infinity, expiresAt: -Infinity, heardAt: -Infinity, dueAt: -Infinity, lapses: 0, refusals: 0, checked: false, byProperty: undefined,
  };
}

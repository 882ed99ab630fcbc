/** COV of a virtual device (clauses 13.1, 13.7, 13.14, 13.15): takes subscriptions and tells of changes, until a confirmed one is acknowledged. */
import type { Address, Timer } from '../../src/contract/index.js';
import type { DeviceFaults } from './faults.js';
import type { Route } from './frames.js';
import { faults as fault, type VirtualObject } from './objects.js';
import type { DeviceWorld } from './options.js';
import { covNotification, parseSubscribeCov, parseSubscribeCovProperty } from './services.js';
import type { CovSubscriber, Subscriptions } from './subscriptions.js';
import type { ObjectId } from './wire.js';

export interface NotifierOptions {
  readonly world: DeviceWorld;
  readonly instance: number;
  readonly faults: DeviceFaults;
  readonly subscriptions: Subscriptions;
  readonly maxApdu: number;
  find(object: ObjectId): VirtualObject;
  transmit(apdu: Buffer, to: Address, how: { expectingReply: boolean; to?: Route | undefined }): void;
}

/** Number_Of_APDU_Retries and APDU_Timeout of the device object. */
const RETRIES = 3;
const TIMEOUT_MS = 3_000;
const PRESENT_VALUE = 85;
const STATUS_FLAGS = 111;
/** How a confirmed request says which APDU its sender takes (20.1.2.5). */
const apduSizes = [50, 128, 206, 480, 1024, 1476];

export class Notifier {
  private invokeId = 0;
  /** Confirmed notifications that nobody has acknowledged yet, by invoke id. */
  private readonly unanswered = new Map<number, { readonly timer: Timer; readonly done: ((type: number | undefined) => void) | undefined }>();

  constructor(private readonly options: NotifierOptions) {}

  /** SubscribeCOV (5) or SubscribeCOVProperty (28). */
  subscribe(service: number, body: Buffer, to: Address, route: Route | undefined): void {
    const { world, faults, subscriptions } = this.options;
    const spec = service === 5 ? { ...parseSubscribeCov(body), property: PRESENT_VALUE, increment: undefined } : parseSubscribeCovProperty(body);
    const { processId, terms, property, increment } = spec;
    const object = this.options.find(spec.object);
    const kind = { to, route, processId, object, property, byProperty: service === 28 };
    if (terms === undefined) {
      subscriptions.remove(kind);
      return;
    }
    if (object.read(property).length !== 1) throw service === 28 ? fault.notCovProperty() : fault.notCov();
    const subscriber: CovSubscriber = {
      ...kind, confirmed: terms.confirmed, increment,
      endsMs: terms.lifetimeS === 0 ? Infinity : world.clock.monotonicMs() + terms.lifetimeS * 1000,
      lastValue: object.read(property)[0]?.value, lastFlags: object.statusFlags().join(),
    };
    if (!subscriptions.has(subscriber) && subscriptions.size >= faults.covSpace) throw fault.noSpaceToSubscribe();
    subscriptions.put(subscriber);
    world.timers.after(0, () => this.notify(subscriber)); // the acknowledgement goes first
  }

  changed(object: VirtualObject): void {
    for (const subscriber of this.options.subscriptions.changed(object)) this.notify(subscriber);
  }

  /** An answer of a type of APDU to one of ours. */
  answered(invokeId: number, type: number): void {
    const waiting = this.unanswered.get(invokeId);
    waiting?.timer.cancel();
    this.unanswered.delete(invokeId);
    waiting?.done?.(type);
  }

  close(): void {
    for (const { timer } of this.unanswered.values()) timer.cancel();
    this.unanswered.clear();
  }

  /** Sends a notification of any service; `done` hears the type of the answer, undefined where none came. */
  send(confirmed: boolean, service: number, body: Buffer, to: Address, route: Route | undefined, done?: (type: number | undefined) => void): void {
    if (!confirmed) {
      this.options.transmit(Buffer.concat([Buffer.from([0x10, service]), body]), to, { expectingReply: false, to: route });
      return;
    }
    this.invokeId = (this.invokeId + 1) & 255;
    this.attempt(this.invokeId, Buffer.concat([Buffer.from([0, Math.max(0, apduSizes.findLastIndex((size) => size <= this.options.maxApdu)), this.invokeId, service]), body]), { to, route, done }, RETRIES);
  }

  private notify(subscriber: CovSubscriber): void {
    const { instance, subscriptions } = this.options;
    const { processId, object, property, confirmed, to, route } = subscriber;
    const told = subscriber.byProperty ? [property, STATUS_FLAGS] : object.covProperties();
    const values = told.map((each) => ({ property: each, values: object.read(each) }));
    const body = covNotification({ processId, device: instance, object: object.id, remainingS: subscriptions.remainingS(subscriber), values });
    this.send(confirmed, confirmed ? 1 : 2, body, to, route);
  }

  private attempt(id: number, apdu: Buffer, where: { to: Address; route: Route | undefined; done: ((type: number | undefined) => void) | undefined }, left: number): void {
    this.unanswered.get(id)?.timer.cancel();
    this.options.transmit(apdu, where.to, { expectingReply: true, to: where.route });
    const timer = this.options.world.timers.after(TIMEOUT_MS, () => {
      if (left > 0) {
        this.attempt(id, apdu, where, left - 1);
      } else {
        this.unanswered.delete(id);
        where.done?.(undefined);
      }
    });
    this.unanswered.set(id, { timer, done: where.done });
  }
}

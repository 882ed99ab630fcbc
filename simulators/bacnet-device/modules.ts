/** What a virtual device has besides objects with a present value: alarms, logs, schedules, a clock. One module each. */
import type { Address, Clock, Random, Timers } from '../../src/contract/index.js';
import type { Route } from './frames.js';
import type { VirtualObject } from './objects.js';
import type { ObjectId, WireValue } from './wire.js';

/** An object of a module, with properties of any shape. */
export interface ModuleObject {
  readonly id: ObjectId;
  properties(): number[];
  /** Those that an object of its type may lack (clause 12). */
  optional(): readonly number[];
  /** Throws PropertyFault. */
  read(property: number, index?: number): WireValue[];
  /** `raw` is what stood between the tags of the value. Throws PropertyFault. */
  write(property: number, raw: Buffer, index?: number): void;
  /** Undefined for what is no list. */
  list(property: number): ListView | undefined;
}

/** A property that is a list, as ReadRange, AddListElement and RemoveListElement see it. */
export interface ListView {
  /** Each as encoded. */
  readonly elements: readonly Buffer[];
  /** Elements of `raw`. Throws PropertyFault or WireError. */
  readonly parse: (raw: Buffer) => readonly Buffer[];
}

export interface DeviceModule {
  /** Confirmed services that it executes, with their names for counting. */
  readonly services: Readonly<Record<number, string>>;
  objects(): Iterable<ModuleObject>;
  /** Body of the ComplexACK; undefined for a SimpleACK. Throws PropertyFault. */
  serve?(service: number, body: Buffer, client: { readonly maxApdu: number }): Buffer | undefined;
  /** An unconfirmed service. */
  hear?(service: number, body: Buffer): void;
  close?(): void;
}

/** What a module may do with its device. */
export interface ModuleWorld {
  readonly instance: number;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  /** Local time of the device, as if it were UTC. */
  readonly localMs: () => number;
  readonly find: (object: ObjectId) => VirtualObject;
  /** A list of any object, and how to replace it. Throws PropertyFault. */
  readonly list: (object: ObjectId, property: number) => ListView & { replace(elements: readonly Buffer[]): void };
  /** Commands the present value of an object of this device, as its own program does; null relinquishes. What the object does not take is left. */
  readonly command: (object: ObjectId, value: WireValue, priority: number) => void;
  /** Sends an APDU; the answer to a confirmed request comes to `answered` with its type, undefined when there is none. */
  readonly notify: (confirmed: boolean, service: number, body: Buffer, to: Address, route: Route | undefined, answered?: (type: number | undefined) => void) => void;
}

/** What a module adds to an object with a present value. */
export interface Facet {
  readonly properties: readonly number[];
  readonly inAlarm: boolean;
  read(property: number, index?: number): WireValue[] | undefined;
  /** False where it is none of its properties. */
  write(property: number, value: WireValue): boolean;
}

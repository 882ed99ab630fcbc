/** A notification class: who is told what, with which priority, and what has to be acknowledged (12.21). */
import type { ListView, ModuleObject } from './modules.js';
import { faults, indexed, PropertyFault } from './objects.js';
import { RAW, WireReader, type ObjectId, type WireValue } from './wire.js';

export interface NotificationClassOptions {
  readonly instance: number;
  readonly name?: string;
  /** To-offnormal, to-fault, to-normal; 0 (most urgent) … 255. */
  readonly priorities?: readonly [number, number, number];
  readonly ackRequired?: readonly [boolean, boolean, boolean];
}

export type Recipient = { readonly device: number } | { readonly host: string; readonly port: number; readonly network: number };

export interface Destination {
  readonly recipient: Recipient;
  readonly processId: number;
  readonly confirmed: boolean;
  readonly transitions: readonly boolean[];
  readonly raw: Buffer;
}

export class NotificationClass implements ModuleObject {
  readonly id: ObjectId;
  readonly priorities: readonly [number, number, number];
  readonly ackRequired: readonly [boolean, boolean, boolean];
  private readonly name: string;
  destinations: Destination[] = [];
  /** How often the list was written: it lives in flash. */
  listWrites = 0;

  constructor(options: NotificationClassOptions) {
    this.id = { type: 15, instance: options.instance };
    this.name = options.name ?? `NC-${options.instance}`;
    this.priorities = options.priorities ?? [127, 64, 200];
    this.ackRequired = options.ackRequired ?? [true, true, false];
  }

  properties(): number[] {
    return [75, 77, 79, 17, 86, 1, 102];
  }

  optional(): readonly number[] {
    return [];
  }

  list(property: number): ListView | undefined {
    if (property !== 102) return undefined;
    return { elements: this.destinations.map(({ raw }) => raw), parse: (raw) => readDestinations(raw).map((entry) => entry.raw) };
  }

  read(property: number, index?: number): WireValue[] {
    if (property === 86) return indexed(this.priorities.map((value) => ({ tag: 2, value })), index);
    const values = this.plain(property);
    if (index !== undefined) throw faults.notAnArray();
    return values;
  }

  private plain(property: number): WireValue[] {
    switch (property) {
      case 75: return [{ tag: 12, value: this.id }];
      case 77: return [{ tag: 7, value: this.name }];
      case 79: return [{ tag: 9, value: 15 }];
      case 17: return [{ tag: 2, value: this.id.instance }];
      case 1: return [{ tag: 8, value: this.ackRequired }];
      case 102: return this.destinations.map(({ raw }) => ({ tag: RAW, value: raw }));
      default: throw faults.unknownProperty();
    }
  }

  write(property: number, raw: Buffer, index?: number): void {
    if (property !== 102) throw faults.writeAccessDenied();
    if (index !== undefined) throw faults.notAnArray();
    this.destinations = readDestinations(raw);
    this.listWrites++;
  }
}

function readDestinations(raw: Buffer): Destination[] {
  const reader = new WireReader(raw);
  const entries: Destination[] = [];
  while (reader.left > 0) {
    const from = raw.length - reader.left;
    const [days, begin, end] = [reader.value(), reader.value(), reader.value()];
    const recipient = readRecipient(reader);
    const [processId, confirmed, transitions] = [reader.value(), reader.value(), reader.value()];
    if (days.tag !== 8 || begin.tag !== 11 || end.tag !== 11 || processId.tag !== 2 || confirmed.tag !== 1 || transitions.tag !== 8) throw new PropertyFault(2, 9);
    entries.push({ recipient, processId: Number(processId.value), confirmed: confirmed.value === true, transitions: transitions.value as readonly boolean[], raw: raw.subarray(from, raw.length - reader.left) });
  }
  return entries;
}

function readRecipient(reader: WireReader): Recipient {
  if (reader.isContext(0)) return { device: reader.contextObject(0).instance };
  const inner = new WireReader(reader.enclosed(1));
  const [network, mac] = [inner.value(), inner.value()];
  inner.end();
  if (network.tag !== 2 || !Buffer.isBuffer(mac.value) || mac.value.length !== 6) throw new PropertyFault(2, 9);
  return { network: Number(network.value), host: [...mac.value.subarray(0, 4)].join('.'), port: mac.value.readUInt16BE(4) };
}

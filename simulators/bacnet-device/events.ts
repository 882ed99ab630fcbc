/** Alarms of a virtual device: sources, notification classes, notifications, summary and acknowledgement (clause 13). */
import type { Address } from '../../src/contract/index.js';
import { dateTimeOctets } from './local-time.js';
import { EventSource, transitionOf, type AlarmOptions, type Transition } from './event-source.js';
import type { DeviceModule, ModuleObject, ModuleWorld } from './modules.js';
import { NotificationClass, type Destination, type NotificationClassOptions } from './notification-class.js';
import { faults, PropertyFault, type VirtualObject } from './objects.js';
import { nameOf } from './options.js';
import { WireError, WireReader, WireWriter, type ObjectId } from './wire.js';

/** An acknowledgement that was accepted. */
export interface AckEntry {
  readonly object: string;
  readonly processId: number;
  readonly state: number;
  readonly source: string;
}

const outOfRange = 5;
const changeOfState = 1;
const ackNotification = 2;
const services = 5;

export class VirtualEvents implements DeviceModule {
  readonly services = { 0: 'acknowledgeAlarm', 8: 'addListElement', 9: 'removeListElement', 29: 'getEventInformation' };
  readonly acks: AckEntry[] = [];
  /** Notifications that left, and those that a recipient has confirmed, by address. */
  readonly sent: { readonly to: string; readonly object: string; readonly state: number }[] = [];
  readonly confirmedBy: string[] = [];
  /** Where devices that are recipients by instance were heard. */
  private readonly bindings = new Map<number, Address>();
  private readonly sources = new Map<VirtualObject, EventSource>();
  private readonly classes = new Map<number, NotificationClass>();

  constructor(private readonly world: ModuleWorld) {}

  objects(): Iterable<ModuleObject> {
    return this.classes.values();
  }

  addNotificationClass(options: NotificationClassOptions): NotificationClass {
    const added = new NotificationClass(options);
    this.classes.set(options.instance, added);
    return added;
  }

  notificationClass(instance: number): NotificationClass {
    const found = this.classes.get(instance);
    if (found === undefined) throw new Error(`no notification class ${instance}`);
    return found;
  }

  watch(object: VirtualObject, options: AlarmOptions): EventSource {
    const source = new EventSource(object, options, this.world.timers, this.world.localMs, (of, transition) => this.onTransition(of, transition));
    this.sources.set(object, source);
    object.facet = source;
    source.evaluate();
    return source;
  }

  /** When an object (`AI:1`) last went to-offnormal 0, to-fault 1 or to-normal 2; local time as if it were UTC. */
  stampMs(object: string, transition: 0 | 1 | 2): number | undefined {
    for (const [{ id }, source] of this.sources) if (nameOf(id) === object) return source.stamps[transition];
    return undefined;
  }

  changed(object: VirtualObject): void {
    this.sources.get(object)?.evaluate();
  }

  bind(device: number, at: Address): void {
    this.bindings.set(device, at);
  }

  serve(service: number, body: Buffer, { maxApdu }: { readonly maxApdu: number }): Buffer | undefined {
    if (service === 29) return this.summary(body, maxApdu);
    if (service === 0) this.acknowledge(body);
    else this.changeList(body, service === 8);
    return undefined;
  }

  close(): void {
    for (const source of this.sources.values()) source.stop();
  }

  private onTransition(source: EventSource, transition: Transition): void {
    const at = transitionOf(transition.to);
    const of = this.classes.get(source.options.notificationClass);
    source.acked[at] = of?.ackRequired[at] !== true;
    this.tell(source, { ...transition, at, notifyType: source.options.notifyType ?? 0 });
  }

  private tell(source: EventSource, what: Transition & { at: 0 | 1 | 2; notifyType: number }): void {
    const of = this.classes.get(source.options.notificationClass);
    for (const destination of of?.destinations ?? []) {
      if (destination.transitions[what.at] !== true) continue;
      const to = this.addressOf(destination);
      if (to === undefined) continue;
      const key = `${to.host}:${to.port}`;
      this.sent.push({ to: key, object: nameOf(source.object.id), state: what.to });
      const { confirmed, processId } = destination;
      this.world.notify(confirmed, confirmed ? 2 : 3, notification(this.world.instance, source, of, processId, what), to, undefined, (type) => {
        if (type === 2) this.confirmedBy.push(key);
      });
    }
  }

  private addressOf({ recipient }: Destination): Address | undefined {
    return 'device' in recipient ? this.bindings.get(recipient.device) : { host: recipient.host, port: recipient.port };
  }

  /** 13.5: the transition to that state has to have exactly that stamp. */
  private acknowledge(body: Buffer): void {
    const reader = new WireReader(body);
    const processId = reader.contextUnsigned(0);
    const object = reader.contextObject(1);
    const state = reader.contextUnsigned(2);
    const stamp = reader.enclosed(3);
    const by = reader.contextRaw(4).subarray(1).toString('utf8');
    const at = new WireReader(reader.enclosed(5));
    reader.end();
    if (at.left === 0) throw new WireError('the time of the acknowledgement is due');
    const source = this.sources.get(this.world.find(object));
    if (source === undefined) throw faults.noAlarmConfigured();
    const transition = transitionOf(state);
    if (!source.stampOctets(transition).equals(stamp)) throw new PropertyFault(services, 14);
    if (source.reached[transition] !== state) throw new PropertyFault(services, 73);
    this.acks.push({ object: nameOf(object), processId, state, source: by });
    const isNew = source.acked[transition] !== true;
    source.acked[transition] = true;
    if (isNew) this.tell(source, { from: state, to: state, atMs: this.world.localMs(), at: transition, notifyType: ackNotification });
  }

  /** 13.12: as many as fit, and whether there are more. */
  private summary(body: Buffer, maxApdu: number): Buffer {
    const reader = new WireReader(body);
    const last = reader.left > 0 ? reader.contextObject(0) : undefined;
    reader.end();
    const open = [...this.sources.values()].filter((source) => source.inAlarm || source.acked.includes(false));
    const from = last === undefined ? 0 : open.findIndex(({ object }) => sameObject(object.id, last)) + 1;
    const writer = new WireWriter().open(0);
    let next = from;
    for (; next < open.length && writer.done().length + summaryOctets < maxApdu - 8; next++) writeSummary(writer, open[next], this.classes);
    return writer.close(0).contextUnsigned(1, next < open.length ? 1 : 0).done();
  }

  /** AddListElement and RemoveListElement, 15.1 and 15.2. */
  private changeList(body: Buffer, isAdded: boolean): void {
    const reader = new WireReader(body);
    const object = reader.contextObject(0);
    const property = reader.contextUnsigned(1);
    if (reader.isContext(2)) throw faults.notAnArray();
    const elements = reader.enclosed(3);
    reader.end();
    const list = this.world.list(object, property);
    const named = list.parse(elements);
    const has = (of: readonly Buffer[], element: Buffer): boolean => of.some((each) => each.equals(element));
    if (isAdded) {
      list.replace([...list.elements, ...named.filter((element) => !has(list.elements, element))]);
      return;
    }
    const missing = named.findIndex((element) => !has(list.elements, element));
    if (missing >= 0) throw Object.assign(faults.listElementNotFound(), { firstFailed: missing + 1 });
    list.replace(list.elements.filter((element) => !has(named, element)));
  }
}

/** At most, of one event summary. */
const summaryOctets = 80;

function writeSummary(writer: WireWriter, source: EventSource | undefined, classes: ReadonlyMap<number, NotificationClass>): void {
  if (source === undefined) return;
  writer.contextObject(0, source.object.id).contextUnsigned(1, source.state).contextRaw(2, bits(source.acked)).open(3);
  for (const transition of [0, 1, 2]) writer.raw(source.stampOctets(transition));
  writer.close(3).contextUnsigned(4, source.options.notifyType ?? 0).contextRaw(5, bits([true, true, true])).open(6);
  for (const value of classes.get(source.options.notificationClass)?.priorities ?? [255, 255, 255]) writer.value({ tag: 2, value });
  writer.close(6);
}

/** 13.8 */
function notification(device: number, source: EventSource, of: NotificationClass | undefined, processId: number, { from, to, atMs, at, notifyType }: Transition & { at: 0 | 1 | 2; notifyType: number }): Buffer {
  const { object, options } = source;
  const isState = options.alarmValues !== undefined;
  const writer = new WireWriter()
    .contextUnsigned(0, processId).contextObject(1, { type: 8, instance: device }).contextObject(2, object.id)
    .open(3).open(2).raw(dateTimeOctets(atMs)).close(2).close(3)
    .contextUnsigned(4, options.notificationClass).contextUnsigned(5, of?.priorities[at] ?? 255).contextUnsigned(6, isState ? changeOfState : outOfRange)
    .contextUnsigned(8, notifyType);
  if (notifyType === ackNotification) return writer.contextUnsigned(11, to).done();
  writer.contextUnsigned(9, of?.ackRequired[at] === true ? 1 : 0).contextUnsigned(10, from).contextUnsigned(11, to).open(12);
  const value = Number(object.presentValue);
  const flags = bits(object.statusFlags());
  if (isState) {
    writer.open(1).open(0).contextUnsigned(object.id.type >= 13 ? 11 : 1, value).close(0).contextRaw(1, flags).close(1);
  } else {
    const limit = to === 4 || (to === 0 && from === 4) ? source.low : source.high;
    writer.open(5).contextRaw(0, real(value)).contextRaw(1, flags).contextRaw(2, real(options.deadband ?? 0)).contextRaw(3, real(limit ?? 0)).close(5);
  }
  return writer.close(12).done();
}

function real(value: number): Buffer {
  const octets = Buffer.alloc(4);
  octets.writeFloatBE(value);
  return octets;
}

function bits(value: readonly boolean[]): Buffer {
  return Buffer.from([8 - value.length, value.reduce((octet, bit, at) => octet | (bit ? 128 >> at : 0), 0)]);
}

function sameObject(a: ObjectId, b: ObjectId): boolean {
  return a.type === b.type && a.instance === b.instance;
}

/** A BACnet/IP device that is not there: objects, priorities, COV and faults, on an address of its own. */
import type { Address, Timer, UdpSocket } from '../../src/contract/index.js';
import type { DeviceFacts } from './device-object.js';
import { VirtualEvents } from './events.js';
import type { AlarmOptions } from './event-source.js';
import { damaged, noFaults, nonsense, type DeviceFaults } from './faults.js';
import { buildFrame, parseApdu, parseFrame, type ConfirmedRequest, type Frame, type Request, type Route } from './frames.js';
import { ObjectTable } from './object-table.js';
import { PropertyFault, type VirtualObject, type ObjectOptions } from './objects.js';
import { LocalTime } from './local-time.js';
import type { DeviceModule, ModuleWorld } from './modules.js';
import { linkAnswer, noSuchNetwork, routerAnswer } from './link-layer.js';
import { VirtualManagement } from './management.js';
import { covNotification, iAm, parseWhoHas, parseWhoIs, parseWriteProperty, parseWritePropertyMultiple, readProperty, readPropertyMultiple, type ReadSpec } from './services.js';
import { Notifier } from './notifier.js';
import { errorPdu, nameOf, segmentationCodes, type DeviceOptions, type DeviceWorld, type WriteEntry } from './options.js';
import { Segmentation } from './segmentation.js';
import { Subscriptions } from './subscriptions.js';
import { VirtualSchedules } from './schedule.js';
import { VirtualTrendLogs, type TrendLogOptions, type VirtualTrendLog } from './trend-log.js';
import { CharacterSetFault, RequestFault, WireReader, WireWriter, type ObjectId, type WireValue } from './wire.js';

/** Lists of the device object. */
const ACTIVE_COV = 152;
const ADDRESS_BINDING = 30;

const services: Readonly<Record<number, string>> = { 5: 'subscribeCov', 12: 'readProperty', 14: 'readPropertyMultiple', 15: 'writeProperty', 16: 'writePropertyMultiple', 28: 'subscribeCovProperty' };


export class VirtualBacnetDevice {
  readonly faults: DeviceFaults = noFaults();
  readonly writes: WriteEntry[] = [];
  /** Datagrams that no correct client sends, with why. */
  readonly complaints: string[] = [];
  onWrite: ((entry: WriteEntry) => void) | undefined;
  readonly subscriptions: Subscriptions;
  private readonly segmentation: Segmentation;
  private readonly objects: ObjectTable;
  private readonly requests = new Map<string, Record<string, number>>();
  private readonly sockets: UdpSocket[] = [];
  private broadcastTo: Address | undefined;
  private restarting: Timer | undefined;
  private readonly notifier: Notifier;
  readonly time: LocalTime;
  readonly events: VirtualEvents;
  readonly trendLogs: VirtualTrendLogs;
  readonly schedules: VirtualSchedules;
  readonly management: VirtualManagement;
  private readonly modules: readonly DeviceModule[];

  constructor(private readonly world: DeviceWorld, private readonly options: DeviceOptions) {
    this.subscriptions = new Subscriptions(world.clock);
    this.objects = new ObjectTable({
      instance: options.instance, modules: () => this.modules, facts: () => this.facts(),
      written: (object, { property, priority }, value, remote) => this.written(object, { property, priority, value: value.value, remote }),
    });
    this.notifier = new Notifier({
      world, instance: options.instance, faults: this.faults, subscriptions: this.subscriptions,
      find: (object) => this.objects.findForCov(object),
      transmit: (apdu, to, how) => {
        if (this.management.mode === 'enabled') this.transmit(apdu, to, how);
      },
      maxApdu: options.maxApdu ?? 1476,
    });
    this.time = new LocalTime(world.clock);
    const parts: ModuleWorld = {
      ...world, instance: options.instance, localMs: () => this.time.localMs(), find: (object) => this.objects.find(object),
      list: (object, property) => this.objects.list(object, property),
      command: (object, value, priority) => this.command(object, value, priority),
      notify: (...notice) => this.notifier.send(...notice),
    };
    this.events = new VirtualEvents(parts);
    this.trendLogs = new VirtualTrendLogs(parts);
    this.schedules = new VirtualSchedules(parts);
    this.management = new VirtualManagement(world.timers, options.password, (cold) => this.restart(cold));
    this.modules = [this.time, this.events, this.trendLogs, this.schedules, this.management];
    this.segmentation = new Segmentation(world.timers, options.window ?? 8, (apdu, { at, route }, expectingReply) => this.transmit(apdu, at, { to: route, expectingReply }));
  }

  addObject(options: ObjectOptions): VirtualObject {
    return this.objects.add(options);
  }

  /** `object` as `AI:1`. */
  object(object: string): VirtualObject {
    return this.objects.named(object);
  }

  /** Gives `object` an alarm of its own (intrinsic reporting). */
  watch(object: string, options: AlarmOptions): void {
    this.events.watch(this.object(object), options);
  }

  /** Logs the present value of `object`. */
  log(object: string, options: TrendLogOptions): VirtualTrendLog {
    return this.trendLogs.add(options, this.object(object));
  }

  /** What the building does to it; subscribers hear of it. */
  setPresentValue(object: string, value: number | string): void {
    const target = this.object(object);
    target.presentValue = value;
    this.changed(target);
  }

  /** Status_Flags of one object; subscribers hear of it. */
  setFlags(object: string, flags: { fault?: boolean; overridden?: boolean; outOfService?: boolean }): void {
    const target = this.object(object);
    Object.assign(target, flags);
    this.changed(target);
  }

  /** BACnetReliability of one object; the fault flag goes with it, as it has to. */
  setReliability(object: string, reliability: number): void {
    this.object(object).reliability = reliability;
    this.setFlags(object, { fault: reliability !== 0 });
  }

  /** Where it is heard. `broadcast`: where this network's broadcasts go; without it only unicast is heard. */
  async listen(host: string, port: number, broadcast?: Address): Promise<Address> {
    const socket = await this.world.network.openUdp({ host, port, broadcast: true, reuseAddress: false }, (data, from) => this.receive(data, from));
    this.sockets.push(socket);
    if (broadcast !== undefined) {
      this.broadcastTo = broadcast;
      this.sockets.push(await this.world.network.openUdp({ ...broadcast, broadcast: true, reuseAddress: true }, (data, from) => this.receive(data, from)));
    }
    return socket.local;
  }

  /** As one of many that share a socket for broadcasts: what that socket hears goes to the returned function. */
  hears(broadcast: Address): (data: Uint8Array, from: Address) => void {
    this.broadcastTo = broadcast;
    return (data, from) => this.receive(data, from);
  }

  async close(): Promise<void> {
    this.restarting?.cancel();
    this.subscriptions.clear();
    for (const module of this.modules) module.close?.();
    this.segmentation.close();
    this.notifier.close();
    await Promise.all(this.sockets.splice(0).map((socket) => socket.close()));
  }

  /** Power fails and returns: subscriptions are forgotten, and with `cold` what was commanded, too; it says I-Am. */
  restart(cold = false): void {
    this.subscriptions.clear();
    if (cold) for (const object of this.objects.values()) object.forgetCommands();
    for (const to of this.broadcastTo === undefined ? [...this.clients.values()] : [this.broadcastTo]) {
      this.sendIAm(to, this.broadcastTo !== undefined);
    }
  }

  /** A device with a bad power supply: restarts each `periodMs` until it is closed. */
  restartEvery(periodMs: number, cold = false): void {
    this.restarting?.cancel();
    this.restarting = this.world.timers.every(periodMs, () => this.restart(cold));
  }

  /** As its Restart_Notification_Recipients (clause 19.3) would hear it. */
  announceRestart(recipients: readonly Address[]): void {
    const { instance } = this.options;
    const values = [
      { property: 112, values: [{ tag: 9, value: 0 }] },
      { property: 196, values: [{ tag: 9, value: 1 }] }, // coldstart
    ];
    const body = covNotification({ processId: 0, device: instance, object: { type: 8, instance }, remainingS: 0, values });
    for (const to of recipients) this.transmit(Buffer.concat([Buffer.from([0x10, 2]), body]), to, { broadcast: to.host === this.broadcastTo?.host });
  }

  /** How often `remote` (address) asked for each service; all remotes together without it. */
  requestCounts(remote?: string): Record<string, number> {
    const total: Record<string, number> = {};
    for (const [host, counts] of this.requests) {
      if (remote !== undefined && host !== remote) continue;
      for (const [service, count] of Object.entries(counts)) total[service] = (total[service] ?? 0) + count;
    }
    return total;
  }

  private readonly clients = new Map<string, Address>();

  private receive(data: Uint8Array, from: Address): void {
    const { silent, drop } = this.faults;
    if (silent || (drop > 0 && this.world.random.next() < drop)) return;
    const link = linkAnswer(data);
    if (link !== undefined) {
      if (link !== 'ignore') this.sockets[0]?.send(link, from);
      return;
    }
    try {
      const frame = parseFrame(Buffer.from(data));
      const { route } = this.options;
      if (frame.networkMessage) {
        if (frame.destination === undefined) this.asRouter(frame.apdu, from, frame.forwardedFrom !== undefined);
        return;
      }
      const to = frame.destination;
      if (to !== undefined && frame.hopCount === 0) throw new Error('a routed message with hop count 0');
      const forAll = to?.network === 0xffff;
      if (!forAll && to !== undefined && route !== undefined && to.network !== route.network && !frame.broadcast) {
        this.sockets[0]?.send(noSuchNetwork(to.network), from);
        return;
      }
      // A MAC of no octets is everybody on that network (6.2.2.2).
      if (!forAll && (to?.network !== route?.network || (to?.mac !== '' && to?.mac !== route?.mac))) return;
      this.handle(parseApdu(frame.apdu), frame, frame.forwardedFrom ?? from);
    } catch (error) {
      this.complaints.push(`${error instanceof Error ? error.message : String(error)}: ${Buffer.from(data).toString('hex')}`);
    }
  }

  /** Behind a router it is that router too: it says so to who asks for its network (6.4.1). */
  private asRouter(message: Buffer, from: Address, isFar: boolean): void {
    const { route } = this.options;
    const toAll = this.broadcastTo !== undefined && !isFar;
    const answer = route && routerAnswer(message, route, toAll);
    if (answer !== undefined) this.sockets[0]?.send(answer, toAll ? (this.broadcastTo ?? from) : from);
  }

  private handle(request: Request, frame: Frame, from: Address): void {
    const forMany = frame.broadcast || frame.destination?.network === 0xffff || frame.destination?.mac === '';
    if (request.kind === 'unconfirmed') {
      if (this.management.mode === 'disabled') return;
      for (const module of this.modules) module.hear?.(request.service, request.body);
      if (request.service === 0) this.events.bind(boundDevice(request.body), from);
      if (request.service === 7) this.whoHas(request.body, from, frame.source);
      if (request.service !== 8) return;
      this.count(from, 'whoIs');
      const { low, high } = parseWhoIs(request.body);
      if (this.options.instance >= low && this.options.instance <= high) this.sendIAm(from, false, frame.source);
    } else if (forMany) {
      return; // a confirmed request is for one device (5.1)
    } else if (request.kind === 'confirmed') {
      if (!this.management.hears(request.service)) return;
      this.clients.set(`${from.host}:${from.port}`, from);
      this.confirmed(request, frame, from);
    } else if (request.kind === 'segment-ack') {
      this.segmentation.acknowledged({ at: from, route: frame.source }, request);
    } else if (request.kind === 'answer') {
      this.notifier.answered(request.invokeId, request.type);
    } else {
      this.segmentation.aborted({ at: from, route: frame.source }, request.invokeId);
    }
  }

  private confirmed(request: ConfirmedRequest, frame: Frame, from: Address): void {
    const client = { at: from, route: frame.source };
    const whole = this.takesSegments || request.segment === undefined ? this.segmentation.collect(client, request) : undefined;
    if (whole === undefined) {
      if (!this.takesSegments) this.reply(Buffer.from([0x71, request.invokeId, 4]), from, frame.source);
      return;
    }
    if (this.segmentation.isAnswering(client, whole)) return;
    this.count(from, services[whole.service] ?? this.moduleOf(whole.service)?.services[whole.service] ?? String(whole.service));
    const apdu = this.answer(whole, frame, from);
    const limit = Math.min(whole.maxApdu, this.options.maxApdu ?? 1476);
    const { segmentation = 'none' } = this.options;
    if (apdu.length <= limit) this.reply(apdu, from, frame.source);
    else if (whole.maxSegments === 0 || (segmentation !== 'both' && segmentation !== 'transmit')) this.reply(Buffer.from([0x71, whole.invokeId, 4]), from, frame.source);
    else if (Math.ceil((apdu.length - 3) / (limit - 5)) > whole.maxSegments) this.reply(Buffer.from([0x71, whole.invokeId, 1]), from, frame.source);
    else this.segmentation.answer(client, whole, apdu.subarray(3), limit);
  }

  private get takesSegments(): boolean {
    return this.options.segmentation === 'both' || this.options.segmentation === 'receive';
  }

  private answer(request: ConfirmedRequest, frame: Frame, from: Address): Buffer {
    const { invokeId, service } = request;
    const { abort, reject, error, unknownServices, hiddenServices } = this.faults;
    const id = this.faults.wrongInvokeId ? (invokeId + 1) & 255 : invokeId;
    if (abort !== undefined) return Buffer.from([0x71, id, abort]);
    if (reject !== undefined) return Buffer.from([0x60, id, reject]);
    if (error !== undefined) return errorPdu(id, service, error);
    if ((services[service] === undefined && this.moduleOf(service) === undefined) || unknownServices.has(service) || hiddenServices.has(service)) return Buffer.from([0x60, id, 9]);
    try {
      const ack = this.serve(request, frame, from);
      if (ack === undefined) return Buffer.from([0x20, id, service]);
      return Buffer.concat([Buffer.from([0x30, id, service]), ack]);
    } catch (cause) {
      if (cause instanceof PropertyFault) return errorPdu(id, service, cause);
      if (cause instanceof CharacterSetFault) return errorPdu(id, service, { errorClass: 2, errorCode: 41 });
      this.complaints.push(`${String(cause)}: ${request.body.toString('hex')}`);
      return Buffer.from([0x60, id, cause instanceof RequestFault ? cause.reason : 4]); // invalid tag
    }
  }

  /** Body of the ComplexACK; undefined for a SimpleACK. */
  private serve({ service, body, maxApdu }: ConfirmedRequest, frame: Frame, from: Address): Buffer | undefined {
    const module = this.moduleOf(service);
    if (module?.serve !== undefined) return module.serve(service, body, { maxApdu: Math.min(maxApdu, this.options.maxApdu ?? 1476) });
    const read = (spec: ReadSpec): WireValue[] => this.objects.read(spec.object, spec.property, spec.index);
    switch (service) {
      case 12: return readProperty(body, read, (object) => this.objects.answeredAs(object));
      case 14: return readPropertyMultiple(body, read, (object, which) => this.objects.meant(object, which), (object) => this.objects.answeredAs(object));
      case 15: { this.objects.write(parseWriteProperty(body), from.host); return; }
      case 16: { this.objects.writeAll(parseWritePropertyMultiple(body), from.host); return; }
      default: { this.notifier.subscribe(service, body, from, frame.source); return; }
    }
  }

  private facts(): DeviceFacts {
    const { instance, name = `device-${instance}`, maxApdu = 1476, segmentation = 'none' } = this.options;
    return {
      instance, name, maxApdu, segmentation: segmentationCodes[segmentation], databaseRevision: 1, unknownServices: this.faults.unknownServices,
      objects: this.objects.ids(), moduleServices: this.modules.flatMap((module) => Object.keys(module.services).map(Number)),
      covSubscriptions: () => this.covList(), list: (property) => (property === ACTIVE_COV ? this.covList() : property === ADDRESS_BINDING ? [] : undefined),
      time: (of) => this.time.read(of),
    };
  }

  private covList(): Buffer[] {
    return this.subscriptions.all().map((subscriber) => this.subscriptions.encoded(subscriber));
  }

  private written(object: VirtualObject, what: Pick<WriteEntry, 'property' | 'priority' | 'value' | 'remote'>): void {
    const entry: WriteEntry = { timeMs: this.world.clock.wallMs(), object: nameOf(object.id), ...what };
    this.writes.push(entry);
    this.onWrite?.(entry);
    this.changed(object);
  }

  /** By a program of its own, a schedule: subscribers hear of it, and nobody has written. */
  private command(object: ObjectId, value: WireValue, priority: number): void {
    try {
      const target = this.objects.find(object);
      target.write(85, undefined, value, priority);
      this.changed(target);
    } catch (error) {
      if (!(error instanceof PropertyFault)) throw error;
    }
  }

  private changed(object: VirtualObject): void {
    this.events.changed(object);
    this.notifier.changed(object);
  }

  private moduleOf(service: number): DeviceModule | undefined {
    return this.modules.find((module) => module.services[service] !== undefined);
  }

  /** 16.9: by identifier or by name. */
  private whoHas(body: Buffer, from: Address, route: Route | undefined): void {
    this.count(from, 'whoHas');
    const asked = parseWhoHas(body);
    const { instance } = this.options;
    if (instance < asked.low || instance > asked.high) return;
    const self = { type: 8, instance };
    const named = (object: ObjectId): unknown => this.objects.read(object, 77)[0]?.value;
    const found = [self, ...this.objects.ids()]
      .find((object) => ('name' in asked ? named(object) === asked.name : object.type === asked.object.type && object.instance === asked.object.instance));
    if (found === undefined) return;
    const iHave = new WireWriter().value({ tag: 12, value: self }).value({ tag: 12, value: found }).value({ tag: 7, value: String(named(found)) }).done();
    this.transmit(Buffer.concat([Buffer.from([0x10, 1]), iHave]), from, { to: route });
  }

  private sendIAm(to: Address, broadcast: boolean, route?: Route): void {
    const body = iAm(this.options.instance, this.options.maxApdu ?? 1476, segmentationCodes[this.options.segmentation ?? 'none']);
    this.transmit(Buffer.concat([Buffer.from([0x10, 0]), body]), to, { broadcast, to: route });
  }

  private reply(apdu: Buffer, to: Address, route: Route | undefined): void {
    const { delayMs, duplicate } = this.faults;
    const send = (): void => this.transmit(apdu, to, { to: route });
    if (delayMs > 0) this.world.timers.after(delayMs, send);
    else send();
    if (duplicate > 0 && this.world.random.next() < duplicate) send();
  }

  private transmit(apdu: Buffer, to: Address, how: { broadcast?: boolean; expectingReply?: boolean; to?: Route | undefined }): void {
    const { silent, drop, garbage, damage } = this.faults;
    if (silent || (drop > 0 && this.world.random.next() < drop)) return;
    const frame = buildFrame(apdu, { ...how, from: this.options.route });
    const { random } = this.world;
    this.sockets[0]?.send(garbage ? nonsense(frame.length, random) : damage ? damaged(frame, random) : frame, to);
  }

  private count(from: Address, service: string): void {
    const counts = this.requests.get(from.host) ?? {};
    counts[service] = (counts[service] ?? 0) + 1;
    this.requests.set(from.host, counts);
  }
}

/** The instance that an I-Am names; whoever is not able to say it is nobody. */
function boundDevice(body: Buffer): number {
  const { value } = new WireReader(body).value();
  return typeof value === 'object' && value !== null && 'instance' in value ? value.instance : -1;
}

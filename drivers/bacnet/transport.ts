/**
 * The BACnet/IP sockets of this node on one line, shared by all devices of the line: one socket for unicast,
 * and one more for broadcasts, because on Linux a socket bound to an address hears none. The unicast port is
 * never shared with another process: the last one to bind it would take all its traffic.
 */
import { messageOf, TandemError, type Address, type DriverHost, type SharedResource, type UdpSocket } from '../../src/contract/index.js';
import { AlarmService, NoticeService } from './alarm-services.js';
import { ConfirmedService, decodeApdu, encodeReject, encodeSimpleAck, encodeUnconfirmed, RejectReason, UnconfirmedService, type Apdu } from './apdu.js';
import { Counters } from './counters.js';
import { EventInbox, type EventListener } from './event-inbox.js';
import { ForeignRegistration } from './foreign-registration.js';
import { IncomingRequests } from './incoming-requests.js';
import { decodeDatagram, decodeResult, decodeRouterMessage, encodeRefusal, encodeWhoIsRouter, encodeGlobalBroadcast, encodeUnicast, type Datagram, type Peer } from './npdu.js';
import { OwnDevice } from './own-device.js';
import { Pace } from './pace.js';
import { addressesOf, plugKey, type Plug } from './plug.js';
import { Property } from './object-types.js';
import { decodeCovNotification, decodeIAm, encodeWhoIs, type CovNotification, type IAm } from './services.js';
import { Transactions } from './transactions.js';

/** What a device hears that it did not ask for. `peer` has been checked by nobody. */
export interface Listener extends EventListener {
  readonly device: number;
  /** `asked`: a Who-Is of ours that it fits was sent a moment ago. */
  onIAm(iAm: IAm, peer: Peer, asked: boolean): void;
  /** True if the notification is for a subscription of this listener. */
  onCov(notification: CovNotification, peer: Peer): boolean;
  /** The device says of itself that it has restarted (clause 19.3). */
  onRestart(peer: Peer): void;
}

/** Tries to open a socket that cannot be opened are this far apart. */
const REOPEN_MS = 2_000;
/** Between subscriptions on one line: after a takeover thousands are due at once. */
const COV_PACE_MS = 4;
/** An I-Am that comes so long after a Who-Is of ours is its answer: behind a router and an MS/TP bus it takes its time. */
const ANSWER_MS = 10_000;

const discoveryServices: readonly number[] = [UnconfirmedService.iAm, UnconfirmedService.whoIs, UnconfirmedService.whoHas];

export class Transport implements SharedResource {
  readonly counters = new Counters();
  readonly transactions: Transactions;
  readonly covPace: Pace;
  private readonly listeners = new Map<number, Set<Listener>>();
  private readonly curious = new Set<(iAm: IAm, peer: Peer) => void>();
  private readonly own: OwnDevice | undefined;
  private asked: { readonly low: number; readonly high: number; readonly untilMs: number }[] = [];
  private readonly wantedNetworks = new Set<number>();
  private readonly routers = new Map<number, Address>();
  private readonly events: EventInbox;
  private readonly incoming: IncomingRequests;
  private registration: ForeignRegistration | undefined;
  private unicast: UdpSocket | undefined;
  private broadcast: UdpSocket | undefined;
  private broadcastTo = '255.255.255.255';
  /** Addresses that broadcasts of our own come back from. */
  private ownHosts: ReadonlySet<string> = new Set();
  private opening: Promise<void> | undefined;
  private failed: { atMs: number; error: TandemError } | undefined;
  private closed = false;
  private claimed: string | undefined;

  constructor(private readonly host: Pick<DriverHost, 'clock' | 'timers' | 'network' | 'log' | 'random'>, readonly plug: Plug) {
    this.covPace = new Pace(host, COV_PACE_MS);
    this.incoming = new IncomingRequests(host.timers, this.counters, (apdu, peer) => this.trySend(apdu, peer));
    this.own = plug.deviceInstance === undefined ? undefined : new OwnDevice(plug.deviceInstance);
    this.events = new EventInbox({ timers: host.timers, log: host.log, counters: this.counters }, (device) => this.listeners.get(device) ?? [], (apdu, peer) => this.trySend(apdu, peer));
    this.transactions = new Transactions(host, (apdu, peer, expectingReply) => this.sendApdu(apdu, peer, expectingReply), this.counters);
  }

  /** Resolves when the sockets are open; rejects with FIELD_UNREACHABLE where the address cannot be bound. */
  open(): Promise<void> {
    if (this.closed) return Promise.reject(new TandemError('FIELD_CLOSED', 'the BACnet line was closed'));
    if (this.failed !== undefined && this.host.clock.monotonicMs() - this.failed.atMs < REOPEN_MS) return Promise.reject(this.failed.error);
    return (this.opening ??= this.openSockets());
  }

  /** Where we are heard; undefined until open. */
  get local(): Address | undefined {
    return this.unicast?.local;
  }

  listen(listener: Listener): void {
    const listeners = this.listeners.get(listener.device) ?? new Set();
    this.listeners.set(listener.device, listeners.add(listener));
  }

  unlisten(listener: Listener): void {
    const listeners = this.listeners.get(listener.device);
    listeners?.delete(listener);
    if (listeners?.size === 0) this.listeners.delete(listener.device);
  }

  /** Hears every I-Am until the returned function is called. */
  hearIAms(heard: (iAm: IAm, peer: Peer) => void): () => void {
    this.curious.add(heard);
    return () => this.curious.delete(heard);
  }

  /** Who-Is limited to device instances `low` … `high`, to everyone (`to` absent, all networks) or to one address. */
  whoIs(low: number, high: number, to?: Address): void {
    const apdu = encodeUnconfirmed(UnconfirmedService.whoIs, encodeWhoIs(low, high));
    this.counters.count('whoIs');
    const now = this.host.clock.monotonicMs();
    this.asked = [...this.asked.filter(({ untilMs }) => untilMs > now), { low, high, untilMs: now + ANSWER_MS }];
    try {
      const { bbmd } = this.plug;
      if (to === undefined) this.unicast?.send(encodeGlobalBroadcast(apdu), { host: this.broadcastTo, port: this.plug.linePort });
      if (to === undefined && bbmd !== undefined) this.unicast?.send(encodeGlobalBroadcast(apdu, true), bbmd);
      if (to !== undefined) this.unicast?.send(encodeUnicast(apdu, undefined, false), to);
    } catch {
      this.counters.count('sendFailures');
    }
  }

  /** Asks who leads to a network (6.4.1); {@link routerTo} has the answer a little later. */
  whoIsRouter(network: number): void {
    this.wantedNetworks.add(network);
    try {
      const { bbmd, linePort } = this.plug;
      this.unicast?.send(encodeWhoIsRouter(network), { host: this.broadcastTo, port: linePort });
      if (bbmd !== undefined) this.unicast?.send(encodeWhoIsRouter(network, true), bbmd);
    } catch {
      this.counters.count('sendFailures');
    }
  }

  /** The router that last said that it leads to `network`. */
  routerTo(network: number): Address | undefined {
    return this.routers.get(network);
  }

  /** An unconfirmed request, without waiting for anything: to one device, or to everybody on all networks. */
  notice(apdu: Uint8Array, to?: Peer): void {
    const { linePort, bbmd } = this.plug;
    try {
      if (to !== undefined) {
        this.sendApdu(apdu, to, false);
        return;
      }
      this.unicast?.send(encodeGlobalBroadcast(apdu), { host: this.broadcastTo, port: linePort });
      if (bbmd !== undefined) this.unicast?.send(encodeGlobalBroadcast(apdu, true), bbmd);
    } catch {
      this.counters.count('sendFailures');
    }
  }

  /** True for the first of the line's devices that says so: what is done once for all of them. */
  claim(what: string): boolean {
    if (this.claimed === what) return false;
    this.claimed = what;
    return true;
  }

  async close(): Promise<void> {
    this.closed = true;
    this.transactions.close();
    this.incoming.close();
    this.events.close();
    this.registration?.stop();
    await this.opening?.catch(() => undefined);
    await Promise.all([this.unicast?.close(), this.broadcast?.close()]);
  }

  private async openSockets(): Promise<void> {
    const { port, linePort } = this.plug;
    let at = { address: this.plug.address, broadcast: '' };
    try {
      at = addressesOf(this.plug, this.host.network);
      this.broadcastTo = at.broadcast;
      this.unicast = await this.host.network.openUdp({ host: at.address, port, broadcast: true, reuseAddress: false }, (data, from) => this.receive(data, from));
    } catch (cause) {
      this.opening = undefined;
      const error = new TandemError('FIELD_UNREACHABLE', `cannot open BACnet/IP at ${this.plug.interface ?? at.address}:${port}: ${messageOf(cause)}`, { cause });
      this.failed = { atMs: this.host.clock.monotonicMs(), error };
      throw error;
    }
    this.failed = undefined;
    const { address, broadcast } = at;
    const own = this.unicast.local;
    this.ownHosts = own.host === '0.0.0.0' ? new Set(this.host.network.interfaces?.().map((card) => card.address)) : new Set([own.host]);
    const { bbmd } = this.plug;
    if (bbmd !== undefined && !this.closed) {
      this.registration = new ForeignRegistration(this.host, bbmd, this.counters, (data) => this.unicast?.send(data, bbmd));
      this.registration.start();
    }
    if (address === '0.0.0.0' && this.unicast.local.port === linePort) return; // that socket hears broadcasts itself
    try {
      this.broadcast = await this.host.network.openUdp({ host: broadcast, port: linePort, broadcast: true, reuseAddress: true }, (data, from) => this.receive(data, from));
    } catch (cause) {
      // Windows cannot bind a broadcast address, and there the first socket hears broadcasts.
      this.host.log.info(`no socket of its own for broadcasts at ${broadcast}:${linePort}: ${messageOf(cause)}`);
    }
  }

  private sendApdu(apdu: Uint8Array, peer: Peer, expectingReply: boolean): void {
    if (this.unicast === undefined) throw new TandemError('FIELD_UNREACHABLE', 'the BACnet line is not open');
    this.unicast.send(encodeUnicast(apdu, peer.route, expectingReply), { host: peer.host, port: peer.port });
  }

  /** For answers that leave later than the question came: the line may be closed by then. */
  private trySend(apdu: Uint8Array, peer: Peer): void {
    try {
      if (!this.closed) this.sendApdu(apdu, peer, false);
    } catch {
      this.counters.count('sendFailures');
    }
  }

  private receive(data: Uint8Array, from: Address): void {
    const local = this.unicast?.local;
    if (this.closed || (from.port === local?.port && this.ownHosts.has(from.host))) return; // our own broadcast
    try {
      const datagram = decodeDatagram(data);
      if (datagram === undefined) {
        const result = decodeResult(data);
        if (result !== undefined && this.registration?.onResult(result, from) === true) return;
        if (!this.refuse(data, from) && !this.onRouter(data, from)) this.counters.count('ignored');
        return;
      }
      this.dispatch(decodeApdu(datagram.apdu), datagram, from);
    } catch {
      this.counters.count('malformed');
    }
  }

  /** This node is no BBMD, and as a device says so to who takes it for one (annex J.2). */
  private refuse(data: Uint8Array, from: Address): boolean {
    const refusal = encodeRefusal(data);
    if (refusal === undefined) return false;
    this.counters.count('ignored');
    if (this.own !== undefined) this.unicast?.send(refusal, from);
    return true;
  }

  /** A router that says which networks it leads to (6.4.3), or not; as with an I-Am, what it claims is tried, not believed. */
  private onRouter(data: Uint8Array, from: Address): boolean {
    const said = decodeRouterMessage(data);
    if (said === undefined) return false;
    if (said.kind === 'rejects') {
      this.counters.count('routerRejections');
      this.transactions.rejected(from, said.network, said.reason);
      return true;
    }
    this.counters.count('routerAnnouncements');
    for (const network of said.networks) if (this.wantedNetworks.has(network)) this.routers.set(network, from);
    return true;
  }

  private dispatch(apdu: Apdu, datagram: Datagram, from: Address): void {
    // Only discovery may speak for somebody else's address: an I-Am is checked by asking there, Who-Is and Who-Has get a few octets.
    const speaks = apdu.type === 'unconfirmed' && discoveryServices.includes(apdu.service);
    const at = speaks ? (datagram.forwardedFrom ?? from) : from;
    const peer: Peer = { host: at.host, port: at.port, ...(datagram.source && { route: datagram.source }) };
    if (apdu.type === 'unconfirmed') this.hear(apdu, peer, datagram.broadcast);
    else if (datagram.broadcast) this.counters.count('ignored');
    else if (apdu.type === 'confirmed') this.answer(apdu, peer);
    else if (apdu.type !== 'abort' || apdu.byServer || !this.incoming.aborted(apdu.invokeId, peer)) this.transactions.receive(apdu, peer);
  }

  private hear(apdu: Extract<Apdu, { type: 'unconfirmed' }>, peer: Peer, broadcast: boolean): void {
    if (apdu.service === UnconfirmedService.iAm) {
      const iAm = decodeIAm(apdu.body);
      const now = this.host.clock.monotonicMs();
      const asked = this.asked.some(({ low, high, untilMs }) => untilMs > now && iAm.device >= low && iAm.device <= high);
      for (const listener of this.listeners.get(iAm.device) ?? []) listener.onIAm(iAm, peer, asked);
      for (const heard of this.curious) heard(iAm, peer);
    } else if (apdu.service === UnconfirmedService.whoIs) {
      const iAm = this.own?.onWhoIs(apdu.body);
      if (iAm !== undefined) this.sendApdu(iAm, peer, false);
    } else if (apdu.service === UnconfirmedService.whoHas) {
      const iHave = this.own?.onWhoHas(apdu.body);
      if (iHave !== undefined) this.sendApdu(iHave, peer, false);
    } else if (apdu.service === UnconfirmedService.unconfirmedCovNotification) {
      this.notify(apdu.body, peer, broadcast);
    } else if (apdu.service === NoticeService.unconfirmedEventNotification) {
      this.events.unconfirmed(apdu.body, peer);
    }
  }

  private answer(piece: Extract<Apdu, { type: 'confirmed' }>, peer: Peer): void {
    const apdu = this.incoming.collect(piece, peer);
    if (apdu === undefined) return;
    if (this.own?.executes(apdu.service) === true) {
      this.sendApdu(this.own.answer(apdu.service, apdu.invokeId, apdu.body, apdu.accepts), peer, false);
      return;
    }
    if (apdu.service === AlarmService.confirmedEventNotification) {
      this.events.confirmed(apdu.invokeId, apdu.body, peer);
      return;
    }
    if (apdu.service !== ConfirmedService.confirmedCovNotification) {
      this.counters.count('ignored');
      this.sendApdu(encodeReject(apdu.invokeId, RejectReason.unrecognizedService), peer, false);
      return;
    }
    // Acknowledged even when nobody here subscribed (after our restart), or the device repeats it for ever.
    try {
      this.notify(apdu.body, peer, false);
    } catch (error) {
      this.sendApdu(encodeReject(apdu.invokeId, RejectReason.invalidTag), peer, false);
      throw error;
    }
    this.sendApdu(encodeSimpleAck(apdu.invokeId, apdu.service), peer, false);
  }

  private notify(body: Uint8Array, peer: Peer, broadcast: boolean): void {
    const notification = decodeCovNotification(body);
    // Restarts are told to everybody; changes are told to who asked, so a broadcast one is nobody's.
    if (isRestart(notification)) {
      this.counters.count('restartNotifications');
      for (const listener of this.listeners.get(notification.device) ?? []) listener.onRestart(peer);
      return;
    }
    if (broadcast) return;
    let wanted = false;
    for (const listener of this.listeners.get(notification.device) ?? []) wanted = listener.onCov(notification, peer) || wanted;
    if (!wanted) this.counters.count('strayNotifications');
  }
}

/** Process 0, the device itself, with the reason of its last restart. */
function isRestart({ processId, object, device, values }: CovNotification): boolean {
  return processId === 0 && object.type === 8 && object.instance === device && values.some(({ property }) => property === Property.lastRestartReason);
}

/** The transport of `plug`, made by the first device that asks. */
export function sharedTransport(host: DriverHost, plug: Plug): Transport {
  return host.shared(plugKey(plug), () => new Transport(host, plug));
}


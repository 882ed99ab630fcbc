/**
 * Where one device is and what it takes: found by its configured address or by Who-Is, identified by
 * reading its device object, asked through the line's transactions, forgotten when it stops answering.
 */
import { messageOf, TandemError, type DriverHost, type Timer } from '../../src/contract/index.js';
import { ConfirmedService, MAX_APDU, REQUEST_HEADER } from './apdu.js';
import type { BacnetDevice } from './config.js';
import type { Counters } from './counters.js';
import { peerKey, type Peer } from './npdu.js';
import { Property } from './object-types.js';
import { ErrorCode, refusalOf } from './refusal.js';
import { decodeReadPropertyAck, encodeReadProperty, type PropertyReference } from './services.js';
import type { RequestOptions } from './transactions.js';
import { sharedTransport, type Transport } from './transport.js';
import type { BacnetValue } from './values.js';

const DEVICE_OBJECT = 8;
/** The least that every device takes (20.1.2.5 lists it as 50); 480 is what nearly all take at least. */
const MODEST_APDU = 480;

export class Contact {
  /** Octets of the largest APDU that may pass either way. */
  maxApdu = MODEST_APDU;
  /** That it takes requests in segments; asked for when the first one does not fit otherwise. */
  private takesSegments: boolean | undefined;
  /** Protocol_Services_Supported; asked for when somebody wants to know. */
  private services: readonly boolean[] | undefined;
  /** When the device last answered a request of ours; monotonic. */
  lastAnswerMs = -Infinity;
  private transport: Transport | undefined;
  /** Which of its fixed addresses is in use, or is to be tried. */
  private path = 0;
  private known: Peer | undefined;
  private searching: { resolve(found: Peer | undefined): void } | undefined;
  private finding: Promise<Peer> | undefined;
  private closed = false;

  constructor(private readonly host: DriverHost, private readonly device: BacnetDevice, private readonly counters: Counters) {}

  /** The device, where it is known; undefined until {@link find} has resolved. */
  get peer(): Peer | undefined {
    return this.known;
  }

  /** Opens nothing before the first call. Rejects with FIELD_UNREACHABLE, FIELD_TIMEOUT or FIELD_CLOSED. */
  find(): Promise<Peer> {
    if (this.closed) return Promise.reject(new TandemError('FIELD_CLOSED', 'the device was closed'));
    if (this.known !== undefined) return Promise.resolve(this.known);
    return (this.finding ??= this.search().finally(() => {
      this.finding = undefined;
    }));
  }

  /** The device does not answer any more; it may have another address when it comes back. */
  forget(): void {
    if (this.known !== undefined) this.otherPath();
    this.known = undefined;
    this.takesSegments = undefined;
    this.services = undefined;
  }

  attach(): Transport {
    return (this.transport ??= sharedTransport(this.host, this.device.plug));
  }

  /** True while an I-Am is the answer to a question of ours. */
  onIAm(peer: Peer): boolean {
    const { route } = this.device;
    if (this.searching === undefined) return false;
    if (route !== undefined && (peer.route?.network !== route.network || peer.route.mac !== route.mac)) return false;
    this.searching.resolve(peer);
    return true;
  }

  async request(service: number, body: Uint8Array, options: Partial<RequestOptions> = {}): Promise<Uint8Array> {
    const peer = await this.find();
    const fits = REQUEST_HEADER + body.length <= this.maxApdu;
    if (!fits) this.takesSegments ??= await this.askForSegmentation(peer);
    return this.ask(peer, service, body, { maxApdu: this.maxApdu, takesSegments: this.takesSegments === true, ...options });
  }

  async readProperty(reference: PropertyReference, options: Partial<RequestOptions> = {}): Promise<readonly BacnetValue[]> {
    return decodeReadPropertyAck(await this.request(ConfirmedService.readProperty, encodeReadProperty(reference), options), reference);
  }

  /** True if the device object answers, with whatever it says. */
  async alive(): Promise<boolean> {
    try {
      await this.readProperty({ object: { type: DEVICE_OBJECT, instance: this.device.instance }, property: Property.systemStatus });
      return true;
    } catch (error) {
      return refusalOf(error) !== undefined;
    }
  }

  /** Whether it says that it executes a service; `bit` of BACnetServicesSupported. */
  async executes(bit: number): Promise<boolean> {
    if (this.services === undefined) {
      try {
        const [value] = await this.readProperty({ object: { type: DEVICE_OBJECT, instance: this.device.instance }, property: Property.protocolServicesSupported });
        this.services = value?.type === 'bits' ? value.value : [];
      } catch (error) {
        if (refusalOf(error) === undefined) throw error;
        this.services = [];
      }
    }
    return this.services[bit] === true;
  }

  /** Waits until the line may bear one more subscription. */
  async subscriptionTurn(): Promise<void> {
    await this.transport?.covPace.turn();
  }

  /** Counters of the line, shared with its other devices. */
  lineCounters(): Readonly<Record<string, number>> {
    return this.transport?.counters.all() ?? {};
  }

  /** Asks once, at once, for what nobody waits for; it outlives {@link close}. */
  mention(service: number, body: Uint8Array): void {
    const { timeoutMs, maxInFlight } = this.device;
    if (this.known === undefined) return;
    this.transport?.transactions.request(this.known, service, body, { timeoutMs, retries: 0, maxInFlight, owner: {}, counters: this.counters }).catch(() => undefined);
  }

  reopen(): void {
    this.closed = false;
  }

  /** Settles everything; nothing is asked until {@link reopen}. */
  close(): void {
    this.closed = true;
    this.known = undefined;
    this.searching?.resolve(undefined);
    this.transport?.transactions.cancel(this);
    this.transport = undefined; // the host may close it, and give another one next time
  }

  private async search(): Promise<Peer> {
    await this.attach().open();
    const peer = this.device.paths.length === 0 ? await this.discover() : await this.onPath();
    if (this.device.paths.length === 0) await this.identify(peer);
    if (this.closed) throw new TandemError('FIELD_CLOSED', 'the device was closed');
    this.known = peer;
    return peer;
  }

  /** The first of its fixed addresses where it answers as itself, in turn; the one that was lost last comes last. */
  private async onPath(): Promise<Peer> {
    const { paths, route } = this.device;
    for (let tried = 1; ; tried++) {
      const { host, port } = paths[this.path % paths.length] ?? { host: '', port: 0 };
      const peer = { host, port, ...(route && { route }) };
      try {
        await this.identify(peer);
        return peer;
      } catch (error) {
        if (tried === paths.length || this.closed) throw error;
        this.otherPath();
      }
    }
  }

  private otherPath(): void {
    this.path++;
    if (this.device.paths.length > 1) this.counters.count('pathSwitches');
  }

  /** Who-Is limited to the instance, repeated; the first I-Am wins. */
  private async discover(): Promise<Peer> {
    const { instance, timeoutMs, retries, route } = this.device;
    let timer: Timer | undefined;
    try {
      const found = await new Promise<Peer | undefined>((resolve) => {
        this.searching = { resolve };
        const ask = (left: number): void => {
          this.transport?.whoIs(instance, instance);
          if (route !== undefined) this.transport?.whoIsRouter(route.network);
          timer = this.host.timers.after(timeoutMs, () => (left > 0 ? ask(left - 1) : resolve(this.behindRouter())));
        };
        ask(retries);
      });
      if (this.closed) throw new TandemError('FIELD_CLOSED', 'the device was closed');
      if (found === undefined) throw new TandemError('FIELD_UNREACHABLE', `no device ${instance} answers Who-Is; give its host if it is on another subnet`);
      return found;
    } finally {
      timer?.cancel();
      this.searching = undefined;
    }
  }

  /** An MS/TP slave answers no Who-Is; its router is known all the same. */
  private behindRouter(): Peer | undefined {
    const { route } = this.device;
    const router = route && this.transport?.routerTo(route.network);
    return route && router && { host: router.host, port: router.port, route };
  }

  /** Proves that the device with our instance is there, and learns its largest APDU. */
  private async identify(peer: Peer): Promise<void> {
    const { instance, maxApdu: limit = MAX_APDU } = this.device;
    const reference = { object: { type: DEVICE_OBJECT, instance }, property: Property.maxApduLengthAccepted };
    let accepted = MODEST_APDU;
    try {
      const [value] = decodeReadPropertyAck(await this.ask(peer, ConfirmedService.readProperty, encodeReadProperty(reference)), reference);
      if (value?.type === 'unsigned' && value.value >= 50) accepted = value.value;
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal?.kind === 'error' && refusal.errorCode === ErrorCode.unknownObject) {
        throw new TandemError('FIELD_UNREACHABLE', `${peerKey(peer)} answers, but is not device ${instance}`, { cause: error });
      }
      if (refusal === undefined) throw error;
      this.host.log.info(`device ${instance} does not tell its max-APDU, ${MODEST_APDU} is taken: ${messageOf(error)}`);
    }
    this.maxApdu = Math.min(accepted, limit, MAX_APDU);
  }

  /** Segmentation_Supported (12.11.20): 0 both, 1 transmit, 2 receive, 3 none. */
  private async askForSegmentation(peer: Peer): Promise<boolean> {
    const reference = { object: { type: DEVICE_OBJECT, instance: this.device.instance }, property: Property.segmentationSupported };
    try {
      const [value] = decodeReadPropertyAck(await this.ask(peer, ConfirmedService.readProperty, encodeReadProperty(reference)), reference);
      return value?.type === 'enumerated' && (value.value === 0 || value.value === 2);
    } catch (error) {
      if (refusalOf(error) === undefined) throw error;
      return false;
    }
  }

  private async ask(peer: Peer, service: number, body: Uint8Array, options: Partial<RequestOptions> = {}): Promise<Uint8Array> {
    const { timeoutMs, retries, maxInFlight, maxApdu: accepts = MAX_APDU } = this.device;
    const { transport } = this;
    if (transport === undefined || this.closed) throw new TandemError('FIELD_CLOSED', 'the device was closed');
    await transport.open();
    try {
      const answer = await transport.transactions.request(peer, service, body, { timeoutMs, retries, maxInFlight, accepts, owner: this, counters: this.counters, ...options });
      this.lastAnswerMs = this.host.clock.monotonicMs();
      return answer;
    } catch (error) {
      if (refusalOf(error) !== undefined) this.lastAnswerMs = this.host.clock.monotonicMs();
      throw error;
    }
  }
}

/**
 * Event notifications that reach this node. A confirmed one is answered when its device's driver says that it is
 * taken, not before; a device that repeats it meanwhile means the same one.
 */
import { messageOf, type Log, type Timer, type Timers } from '../../src/contract/index.js';
import { AlarmError, AlarmService, SERVICES_CLASS } from './alarm-services.js';
import { encodeError, encodeReject, encodeSimpleAck, RejectReason } from './apdu.js';
import type { Counters } from './counters.js';
import { decodeEventNotification, type EventNotification } from './event-codec.js';
import { peerKey, type Peer } from './npdu.js';

/** Who hears events of the device `device`. */
export interface EventListener {
  /** False where it is none of its own. Calls `taken` when the event may be confirmed, now or later, or never. */
  onEvent(notification: EventNotification, peer: Peer, taken: () => void): boolean;
}

/** A notification that was not taken by then is the device's to repeat: its next attempt counts anew. */
const HELD_MS = 30_000;

export class EventInbox {
  private readonly held = new Map<string, Timer>();

  constructor(
    private readonly parts: { readonly timers: Timers; readonly log: Log; readonly counters: Counters },
    private readonly listenersOf: (device: number) => Iterable<EventListener>,
    private readonly answer: (apdu: Uint8Array, peer: Peer) => void,
  ) {}

  unconfirmed(body: Uint8Array, peer: Peer): void {
    if (!this.offer(decodeEventNotification(body), peer, () => undefined)) this.parts.counters.count('strayEvents');
  }

  confirmed(invokeId: number, body: Uint8Array, peer: Peer): void {
    const service = AlarmService.confirmedEventNotification;
    const key = `${peerKey(peer)}/${invokeId}`;
    if (this.held.has(key)) return;
    let notification: EventNotification;
    try {
      notification = decodeEventNotification(body);
    } catch (error) {
      this.parts.counters.count('malformed');
      this.parts.log.warn(`an event of ${peerKey(peer)} cannot be read: ${messageOf(error)}`);
      this.answer(encodeReject(invokeId, RejectReason.invalidTag), peer);
      return;
    }
    this.held.set(key, this.parts.timers.after(HELD_MS, () => this.held.delete(key)));
    const taken = (): void => {
      if (this.release(key)) this.answer(encodeSimpleAck(invokeId, service), peer);
    };
    if (this.offer(notification, peer, taken)) return;
    // Nobody here knows the device: an acknowledgement would make it believe that somebody has seen its alarm.
    this.parts.counters.count('strayEvents');
    if (this.release(key)) this.answer(encodeError(invokeId, service, SERVICES_CLASS, AlarmError.serviceRequestDenied), peer);
  }

  close(): void {
    for (const timer of this.held.values()) timer.cancel();
    this.held.clear();
  }

  private offer(notification: EventNotification, peer: Peer, taken: () => void): boolean {
    let known = false;
    for (const listener of this.listenersOf(notification.device)) known = listener.onEvent(notification, peer, taken) || known;
    return known;
  }

  private release(key: string): boolean {
    this.held.get(key)?.cancel();
    return this.held.delete(key);
  }
}

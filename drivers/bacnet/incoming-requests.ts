/**
 * Confirmed requests to this node that come in segments (ANSI/ASHRAE 135 clause 5.4.5), put together by peer and invoke
 * id. What stays unfinished is dropped; so is more at a time than an honest building sends.
 */
import type { Timer, Timers } from '../../src/contract/index.js';
import { AbortReason, encodeAbort, encodeSegmentAck, type Apdu } from './apdu.js';
import type { Counters } from './counters.js';
import { peerKey, type Peer } from './npdu.js';
import { IncomingSegments, isWindow } from './segments.js';

type Confirmed = Extract<Apdu, { type: 'confirmed' }>;

interface Pieces {
  readonly service: number;
  readonly segments: IncomingSegments;
  timer: Timer;
}

/** Four times the segment timeout of 2 s that most devices have (5.4.1, T_seg). */
const SILENCE_MS = 8_000;
const MOST_AT_ONCE = 64;

export class IncomingRequests {
  private readonly open = new Map<string, Pieces>();

  constructor(
    private readonly timers: Timers,
    private readonly counters: Counters,
    private readonly send: (apdu: Uint8Array, peer: Peer) => void,
  ) {}

  /** The whole request, where `apdu` is one or completes one. */
  collect(apdu: Confirmed, peer: Peer): Confirmed | undefined {
    const { segment, invokeId, service } = apdu;
    if (segment === undefined) return apdu;
    const key = keyOf(peer, invokeId);
    let pieces = this.open.get(key);
    if (pieces !== undefined && pieces.service !== service) {
      this.refuse(key, invokeId, peer, AbortReason.invalidApduInThisState);
      return undefined;
    }
    if (pieces === undefined) {
      if (segment.sequence !== 0) {
        this.counters.count('ignored'); // the rest of one that was finished or given up
        return undefined;
      }
      if (!isWindow(segment.window)) {
        this.refuse(key, invokeId, peer, AbortReason.windowSizeOutOfRange);
        return undefined;
      }
      if (this.open.size >= MOST_AT_ONCE) {
        this.refuse(key, invokeId, peer, AbortReason.outOfResources);
        return undefined;
      }
      pieces = { service, segments: new IncomingSegments(), timer: { cancel: () => undefined } };
      this.open.set(key, pieces);
    }
    const { segments } = pieces;
    pieces.timer.cancel();
    const ack = segments.accept(segment, apdu.body);
    if (ack !== undefined) this.send(encodeSegmentAck(invokeId, ack, true), peer);
    if (segments.tooLong) {
      this.refuse(key, invokeId, peer, AbortReason.bufferOverflow);
      return undefined;
    }
    pieces.timer = this.timers.after(SILENCE_MS, () => this.drop(key));
    if (!segments.complete) return undefined;
    this.drop(key);
    return { type: 'confirmed', invokeId, service, accepts: apdu.accepts, body: segments.take() };
  }

  /** The client gives one up; false if there was none. */
  aborted(invokeId: number, peer: Peer): boolean {
    return this.drop(keyOf(peer, invokeId));
  }

  close(): void {
    for (const key of [...this.open.keys()]) this.drop(key);
  }

  private refuse(key: string, invokeId: number, peer: Peer, reason: number): void {
    this.drop(key);
    this.counters.count('ignored');
    this.send(encodeAbort(invokeId, reason, true), peer);
  }

  private drop(key: string): boolean {
    this.open.get(key)?.timer.cancel();
    return this.open.delete(key);
  }
}

function keyOf(peer: Peer, invokeId: number): string {
  return `${peerKey(peer)}/${invokeId}`;
}

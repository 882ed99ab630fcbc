/**
 * Confirmed requests, client side (ANSI/ASHRAE 135 clause 5.4.4). Invoke ids are kept per peer, so that no
 * answer can reach the caller of another device; an answer counts only from the asked peer, for a live id,
 * and for the service that was asked. An id rests after use, longer where a late answer may still come.
 * Segments of requests and answers are kept with their transaction, so per peer and id.
 */
import { TandemError, type Address, type Clock, type Timer, type Timers } from '../../src/contract/index.js';
import { AbortReason, encodeAbort, encodeConfirmed, encodeSegmentAck, MAX_APDU, REQUEST_HEADER, SEGMENT_HEADER, type Apdu } from './apdu.js';
import type { Counters } from './counters.js';
import { peerKey, type Peer } from './npdu.js';
import { PeerLink } from './peer-link.js';
import { refused, refusedBy } from './refusal.js';
import { IncomingSegments, isWindow, OutgoingSegments, type Segment, type SegmentAck } from './segments.js';

export interface RequestOptions {
  /** For each attempt, from the moment its datagram leaves. */
  readonly timeoutMs: number;
  /** Attempts after the first. */
  readonly retries: number;
  /** Requests to one peer at a time. */
  readonly maxInFlight: number;
  /** Whose it is; see {@link Transactions.cancel}. */
  readonly owner: object;
  readonly counters: Counters;
  /** Before those that wait already (writes). */
  readonly urgent?: boolean;
  /** Bound on everything: waiting, attempts. Milliseconds from the call. */
  readonly totalMs?: number;
  /** Asked right before each datagram leaves; false rejects with FENCED, or with FIELD_TIMEOUT where the whole request may have arrived before. */
  readonly permit?: () => boolean;
  /** Octets of the largest APDU that the peer takes; what is longer leaves in segments, if it takes them. */
  readonly maxApdu?: number;
  readonly takesSegments?: boolean;
  /** Octets of the largest APDU that may come back. */
  readonly accepts?: number;
}

interface Transaction extends RequestOptions {
  readonly link: Link;
  readonly service: number;
  readonly body: Uint8Array;
  readonly resolve: (body: Uint8Array) => void;
  readonly reject: (error: TandemError) => void;
  /** Undefined while it waits. */
  invokeId?: number;
  attempts: number;
  attemptTimer?: Timer;
  totalTimer?: Timer;
  /** The request, where it leaves in segments. */
  outgoing?: OutgoingSegments | undefined;
  /** The answer, where it comes in segments. */
  incoming?: IncomingSegments | undefined;
  /** Silences in a row that were broken by repeating a window or an acknowledgement. */
  nudges: number;
}

type Link = PeerLink<Transaction>;

/** Reasons of a router that rejects a message (6.4.4). */
const NO_WAY = 1;
const TOO_LONG = 4;
/** An answer on its way twice over a LAN arrives within this. */
const REST_MS = 250;
/** A window, or the acknowledgement of one, is repeated so often before the whole request is. */
const MOST_REPEATS = 3;

export class Transactions {
  private readonly links = new Map<string, Link>();
  private closed = false;

  /** `send` hands a datagram to the network at once or throws. */
  constructor(
    private readonly time: { clock: Clock; timers: Timers },
    private readonly send: (apdu: Uint8Array, peer: Peer, expectingReply: boolean) => void,
    private readonly counters: Counters,
  ) {}

  /** Body of the ComplexACK, empty for a SimpleACK. Rejects with a FIELD_… error or FENCED; always settles. */
  request(peer: Peer, service: number, body: Uint8Array, options: RequestOptions): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (this.closed) {
        reject(closedError());
        return;
      }
      const link = this.linkOf(peer);
      const transaction: Transaction = { ...options, link, service, body, resolve, reject, attempts: 0, nudges: 0 };
      if (options.totalMs !== undefined) transaction.totalTimer = this.time.timers.after(options.totalMs, () => this.giveUp(transaction));
      const behind = link.waiting.findIndex((other) => other.urgent !== true);
      link.waiting.splice(options.urgent === true && behind >= 0 ? behind : link.waiting.length, 0, transaction);
      this.pump(link);
    });
  }

  /** Takes an APDU of `peer` that is an answer. */
  receive(apdu: Exclude<Apdu, { type: 'confirmed' | 'unconfirmed' }>, peer: Peer): void {
    const link = this.links.get(peerKey(peer));
    const transaction = link?.live.get(apdu.invokeId);
    const foreign = (apdu.type === 'abort' || apdu.type === 'segment-ack') && !apdu.byServer;
    if (transaction === undefined || foreign || ('service' in apdu && apdu.service !== transaction.service)) {
      this.counters.count('strayAnswers');
      const ack = link?.lastAck(apdu.invokeId);
      if (apdu.type === 'complex-ack' && apdu.segment !== undefined && ack !== undefined) this.trySend(encodeSegmentAck(apdu.invokeId, ack), peer, false);
      return;
    }
    switch (apdu.type) {
      case 'simple-ack':
        this.settle(transaction, true, () => transaction.resolve(new Uint8Array()));
        break;
      case 'complex-ack':
        if (apdu.segment === undefined) this.settle(transaction, true, () => transaction.resolve(apdu.body));
        else this.assemble(transaction, apdu.segment, apdu.body);
        break;
      case 'segment-ack':
        if (transaction.outgoing?.acknowledge(apdu) === true) this.progress(transaction, apdu.invokeId);
        else if (transaction.outgoing?.done === true) this.await(transaction, apdu.invokeId);
        break;
      case 'error':
        this.fail(transaction, true, refusedBy(apdu.body));
        break;
      case 'reject':
      case 'abort':
        this.fail(transaction, true, refused({ kind: apdu.type, reason: apdu.reason }));
        break;
    }
  }

  /** A router refuses to carry messages to `network` (6.4.4): what is on its way there fails at once. */
  rejected(router: Address, network: number, reason: number): void {
    const isFinal = reason === NO_WAY || reason === TOO_LONG;
    for (const { peer, live } of this.links.values()) {
      if (!isFinal || peer.route?.network !== network || peer.host !== router.host || peer.port !== router.port) continue;
      for (const transaction of [...live.values()]) {
        const why = reason === TOO_LONG ? refused({ kind: 'abort', reason: AbortReason.apduTooLong }) : new TandemError('FIELD_UNREACHABLE', `the router at ${router.host}:${router.port} knows no way to network ${network}`);
        this.fail(transaction, false, why);
      }
    }
  }

  /** Rejects everything of `owner` with FIELD_CLOSED. */
  cancel(owner: object): void {
    for (const link of this.links.values()) {
      for (const transaction of [...link.waiting, ...link.live.values()]) {
        if (transaction.owner === owner) this.fail(transaction, false, closedError());
      }
    }
  }

  close(): void {
    this.closed = true;
    for (const link of this.links.values()) {
      link.wake?.cancel();
      for (const transaction of [...link.waiting, ...link.live.values()]) this.fail(transaction, false, closedError());
    }
  }

  private linkOf(peer: Peer): Link {
    const key = peerKey(peer);
    let link = this.links.get(key);
    if (link === undefined) {
      link = new PeerLink<Transaction>(peer, key, this.time.clock);
      this.links.set(key, link);
    }
    return link;
  }

  private pump(link: Link): void {
    for (;;) {
      const next = link.waiting[0];
      if (next === undefined || link.live.size >= next.maxInFlight) return;
      const free = link.freeId();
      if ('afterMs' in free) {
        if (free.afterMs < Infinity) this.wakeAfter(link, free.afterMs);
        return;
      }
      link.waiting.shift();
      next.invokeId = free.id;
      link.live.set(free.id, next);
      this.attempt(next, free.id);
    }
  }

  /** All ids rest or are in use: on with the first that comes out of its rest. */
  private wakeAfter(link: Link, delayMs: number): void {
    link.wake ??= this.time.timers.after(delayMs, () => {
      link.wake = undefined;
      this.pump(link);
    });
  }

  private attempt(transaction: Transaction, id: number): void {
    const { body, maxApdu = MAX_APDU, takesSegments = false } = transaction;
    const whole = REQUEST_HEADER + body.length <= maxApdu;
    if (!whole && !takesSegments) {
      // As the abort that the device would answer; nothing is sent.
      this.fail(transaction, true, refused({ kind: 'abort', reason: AbortReason.segmentationNotSupported }));
      return;
    }
    transaction.attempts++;
    transaction.nudges = 0;
    transaction.incoming = undefined;
    transaction.outgoing = whole ? undefined : new OutgoingSegments(body, maxApdu - SEGMENT_HEADER);
    if (!this.emit(transaction, id)) return;
    transaction.counters.count(transaction.attempts === 1 ? 'requests' : 'retries');
    this.await(transaction, id);
  }

  /** Sends the request, or the segments of it that are due; false if that is not permitted any more. */
  private emit(transaction: Transaction, id: number): boolean {
    const { service, body, accepts = MAX_APDU, outgoing, link } = transaction;
    const header = { invokeId: id, service, accepts };
    const apdus = outgoing === undefined ? [encodeConfirmed(header, body)] : outgoing.current().map(({ segment, part }) => encodeConfirmed({ ...header, segment }, part));
    for (const apdu of apdus) {
      if (transaction.permit?.() === false) {
        // FENCED says that nothing has been sent, and so that the next node may begin. What would be repeated may have arrived.
        const isRepeat = transaction.attempts > 1 || transaction.nudges > 0;
        this.fail(transaction, false, isRepeat ? new TandemError('FIELD_TIMEOUT', 'the device has not answered, and this node may ask no more') : new TandemError('FENCED', 'this node may have no effects any more; no more was sent'));
        return false;
      }
      this.trySend(apdu, link.peer, true);
    }
    return true;
  }

  private await(transaction: Transaction, id: number): void {
    transaction.attemptTimer?.cancel();
    transaction.attemptTimer = this.time.timers.after(transaction.timeoutMs, () => this.onSilence(transaction, id));
  }

  private onSilence(transaction: Transaction, id: number): void {
    const { incoming, outgoing, attempts, retries } = transaction;
    const amidst = incoming !== undefined || outgoing?.done === false;
    // Where repeating does not help, the two sides have lost each other (an acknowledgement and the answer lost, say).
    if (!amidst || transaction.nudges >= MOST_REPEATS) {
      if (amidst) this.trySend(encodeAbort(id, AbortReason.tsmTimeout, false), transaction.link.peer, false);
      if (attempts <= retries) this.attempt(transaction, id);
      else this.giveUp(transaction);
      return;
    }
    transaction.nudges++;
    transaction.counters.count('segmentNudges');
    if (incoming !== undefined) this.acknowledge(transaction, id, incoming.last());
    else if (!this.emit(transaction, id)) return;
    this.await(transaction, id);
  }

  /** The device has taken segments of the request: the next ones. */
  private progress(transaction: Transaction, id: number): void {
    transaction.nudges = 0;
    if (this.emit(transaction, id)) this.await(transaction, id);
  }

  private assemble(transaction: Transaction, segment: Segment, body: Uint8Array): void {
    const { invokeId: id, incoming = new IncomingSegments() } = transaction;
    if (id === undefined || (incoming.empty && segment.sequence !== 0)) {
      this.counters.count('strayAnswers'); // the end of an answer that we gave up: the device is to begin anew
      if (id !== undefined) this.trySend(encodeAbort(id, AbortReason.invalidApduInThisState, false), transaction.link.peer, false);
      return;
    }
    if (incoming.empty && !isWindow(segment.window)) {
      this.abort(transaction, id, AbortReason.windowSizeOutOfRange);
      return;
    }
    transaction.incoming = incoming;
    transaction.nudges = 0;
    const ack = incoming.accept(segment, body);
    if (ack !== undefined) this.acknowledge(transaction, id, ack);
    if (incoming.complete) {
      this.settle(transaction, true, () => transaction.resolve(incoming.take()));
    } else if (incoming.tooLong) {
      this.abort(transaction, id, AbortReason.bufferOverflow);
    } else {
      this.await(transaction, id);
    }
  }

  /** An answer that cannot be taken: asking again would bring the same. */
  private abort(transaction: Transaction, id: number, reason: number): void {
    this.trySend(encodeAbort(id, reason, false), transaction.link.peer, false);
    this.fail(transaction, true, refused({ kind: 'abort', reason }));
  }

  private acknowledge(transaction: Transaction, id: number, ack: SegmentAck): void {
    if (ack.negative) transaction.counters.count('segmentsMissed');
    this.trySend(encodeSegmentAck(id, ack), transaction.link.peer, false);
  }

  /** A datagram that the kernel refuses is as lost as one that the network drops. */
  private trySend(apdu: Uint8Array, peer: Peer, expectingReply: boolean): void {
    try {
      this.send(apdu, peer, expectingReply);
    } catch {
      this.counters.count('sendFailures');
    }
  }

  private giveUp(transaction: Transaction): void {
    transaction.counters.count('timeouts');
    const waited = transaction.attempts === 0 ? 'could not be asked in time' : `did not answer ${transaction.attempts} attempt(s)`;
    this.fail(transaction, false, new TandemError('FIELD_TIMEOUT', `the device at ${transaction.link.key} ${waited}`));
  }

  private fail(transaction: Transaction, answered: boolean, error: TandemError): void {
    this.settle(transaction, answered, () => transaction.reject(error));
  }

  private settle(transaction: Transaction, answered: boolean, settle: () => void): void {
    const { link, invokeId } = transaction;
    transaction.attemptTimer?.cancel();
    transaction.totalTimer?.cancel();
    if (invokeId === undefined) {
      const at = link.waiting.indexOf(transaction);
      if (at >= 0) link.waiting.splice(at, 1);
    } else {
      link.live.delete(invokeId);
      // After a retry, or unanswered, an answer to another attempt may still be on its way.
      const restMs = answered && transaction.attempts <= 1 && transaction.incoming === undefined ? REST_MS : Math.max(REST_MS, 2 * transaction.timeoutMs);
      if (transaction.attempts > 0) link.rest(invokeId, restMs, transaction.incoming?.last());
    }
    settle();
    if (!this.closed) this.pump(link);
  }
}

function closedError(): TandemError {
  return new TandemError('FIELD_CLOSED', 'the device was closed');
}

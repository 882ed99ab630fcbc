/**
 * Confirmed requests, client side (ANSI/ASHRAE 135 clause 5.4.4). Invoke ids are kept per peer, so that no
 * answer can reach the caller of another device; an answer counts only from the asked peer, for a live id,
 * and for the service that was asked. An id rests after use, longer where a late answer may still come.
 */
import { TandemError, type Clock, type Timer, type Timers } from '../../src/contract/index.js';
import { AbortReason, encodeAbort, encodeConfirmed, type Apdu } from './apdu.js';
import type { Counters } from './counters.js';
import { peerKey, type Peer } from './npdu.js';
import { refused } from './refusal.js';
import { decodeError } from './services.js';

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
  /** Asked right before each datagram leaves; false rejects with FENCED. */
  readonly permit?: () => boolean;
}

interface Transaction extends RequestOptions {
  readonly link: PeerLink;
  readonly service: number;
  readonly body: Uint8Array;
  readonly resolve: (body: Uint8Array) => void;
  readonly reject: (error: TandemError) => void;
  /** Undefined while it waits. */
  invokeId?: number;
  attempts: number;
  attemptTimer?: Timer;
  totalTimer?: Timer;
}

interface PeerLink {
  readonly peer: Peer;
  readonly key: string;
  readonly live: Map<number, Transaction>;
  readonly waiting: Transaction[];
  /** Ids that rest, with the end of their rest. */
  readonly resting: Map<number, number>;
  nextId: number;
  /** Set while requests wait for an id to come out of its rest. */
  wake?: Timer | undefined;
}

/** An answer on its way twice over a LAN arrives within this. */
const REST_MS = 250;

export class Transactions {
  private readonly links = new Map<string, PeerLink>();
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
      const transaction: Transaction = { ...options, link, service, body, resolve, reject, attempts: 0 };
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
    const foreign = apdu.type === 'segment-ack' || (apdu.type === 'abort' && !apdu.byServer);
    if (transaction === undefined || foreign || ('service' in apdu && apdu.service !== transaction.service)) {
      this.counters.count('strayAnswers');
      return;
    }
    switch (apdu.type) {
      case 'simple-ack':
        this.settle(transaction, true, () => transaction.resolve(new Uint8Array()));
        break;
      case 'complex-ack':
        if (!apdu.segmented) {
          this.settle(transaction, true, () => transaction.resolve(apdu.body));
        } else {
          // The request said that we take no segments; told as the abort that a correct device would have sent.
          this.trySend(encodeAbort(apdu.invokeId, AbortReason.segmentationNotSupported, false), peer, false);
          this.fail(transaction, true, refused({ kind: 'abort', reason: AbortReason.segmentationNotSupported }));
        }
        break;
      case 'error':
        this.fail(transaction, true, errorOf(apdu.body));
        break;
      case 'reject':
      case 'abort':
        this.fail(transaction, true, refused({ kind: apdu.type, reason: apdu.reason }));
        break;
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

  private linkOf(peer: Peer): PeerLink {
    const key = peerKey(peer);
    let link = this.links.get(key);
    if (link === undefined) {
      link = { peer, key, live: new Map(), waiting: [], resting: new Map(), nextId: 0 };
      this.links.set(key, link);
    }
    return link;
  }

  private pump(link: PeerLink): void {
    for (;;) {
      const next = link.waiting[0];
      if (next === undefined || link.live.size >= next.maxInFlight) return;
      const id = this.freeId(link);
      if (id === undefined) return; // one that comes out of its rest pumps again
      link.waiting.shift();
      next.invokeId = id;
      link.live.set(id, next);
      this.attempt(next, id);
    }
  }

  private attempt(transaction: Transaction, id: number): void {
    if (transaction.permit?.() === false) {
      this.fail(transaction, false, new TandemError('FENCED', 'this node may have no effects any more; nothing was sent'));
      return;
    }
    transaction.attempts++;
    transaction.counters.count(transaction.attempts === 1 ? 'requests' : 'retries');
    transaction.attemptTimer = this.time.timers.after(transaction.timeoutMs, () => {
      if (transaction.attempts <= transaction.retries) this.attempt(transaction, id);
      else this.giveUp(transaction);
    });
    this.trySend(encodeConfirmed(id, transaction.service, transaction.body), transaction.link.peer, true);
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
      const restMs = answered && transaction.attempts <= 1 ? REST_MS : Math.max(REST_MS, 2 * transaction.timeoutMs);
      if (transaction.attempts > 0) link.resting.set(invokeId, this.time.clock.monotonicMs() + restMs);
    }
    settle();
    if (!this.closed) this.pump(link);
  }

  private freeId(link: PeerLink): number | undefined {
    const now = this.time.clock.monotonicMs();
    let earliest = Infinity;
    for (let tried = 0; tried < 256; tried++) {
      const id = (link.nextId + tried) & 0xff;
      const restsUntil = link.resting.get(id);
      if (restsUntil !== undefined && restsUntil > now) {
        earliest = Math.min(earliest, restsUntil);
      } else if (!link.live.has(id)) {
        link.resting.delete(id);
        link.nextId = (id + 1) & 0xff;
        return id;
      }
    }
    if (earliest < Infinity) {
      link.wake ??= this.time.timers.after(earliest - now, () => {
        link.wake = undefined;
        this.pump(link);
      });
    }
    return undefined;
  }
}

function errorOf(body: Uint8Array): TandemError {
  try {
    return refused({ kind: 'error', ...decodeError(body) });
  } catch (error) {
    return error instanceof TandemError ? error : new TandemError('FIELD_MALFORMED', 'the error of the device is malformed', { cause: error });
  }
}

function closedError(): TandemError {
  return new TandemError('FIELD_CLOSED', 'the device was closed');
}

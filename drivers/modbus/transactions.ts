import type { Clock, Timer, Timers } from '../../src/contract/clock.js';
import { TandemError } from '../../src/contract/errors.js';
import { exceptionError, type LinkAnswer, type LinkCounters, type LinkRequest } from './link.js';
import { encodeMbap, MbapReader, type MbapFrame } from './mbap.js';
import { judge } from './pdu.js';

/** A request with the promise that waits for it. */
export interface Pending {
  readonly request: LinkRequest;
  resolve(answer: LinkAnswer): void;
  reject(error: TandemError): void;
}

interface Outstanding {
  readonly pending: Pending;
  readonly deadlineMs: number;
}

export interface TransactionEvents {
  /** The device spoke sense: a good answer or an exception. */
  answered(): void;
  /** A place is free for the next request. */
  freed(): void;
  /** The connection is of no use any more. */
  broken(reason: string): void;
}

const IDS = 0x1_0000;
/** Ids of requests that timed out stay reserved, so that a late answer is never taken for another; past this the connection goes. */
const MAX_ABANDONED = 256;
/** Timeouts in a row without a word from the device: the connection may be half open, a new one shows it. */
const MAX_SILENT = 3;

/**
 * The requests in flight on one connection. Ids are 16 bits, in turn, and never reused while a request or a
 * late answer may still hold them. One timer serves all deadlines.
 */
export class Transactions {
  private readonly reader = new MbapReader();
  private readonly outstanding = new Map<number, Outstanding>();
  private readonly abandoned = new Set<number>();
  private nextId: number;
  private issued = 0;
  private silent = 0;
  private timer: Timer | undefined;
  private timerDueMs = Infinity;

  constructor(
    private readonly given: { readonly clock: Clock; readonly timers: Timers; readonly counters: LinkCounters; readonly firstId: number },
    private readonly events: TransactionEvents,
  ) {
    this.nextId = given.firstId & (IDS - 1);
  }

  get inFlight(): number {
    return this.outstanding.size;
  }

  /** Registers a request and returns its frame, to be written at once. */
  begin(pending: Pending): Uint8Array {
    while (this.outstanding.has(this.nextId) || this.abandoned.has(this.nextId)) this.skip();
    const id = this.nextId;
    this.skip();
    const deadlineMs = this.given.clock.monotonicMs() + pending.request.timeoutMs;
    this.outstanding.set(id, { pending, deadlineMs });
    this.given.counters.requests++;
    if (deadlineMs < this.timerDueMs) this.arm(deadlineMs);
    return encodeMbap(id, pending.request.unit, pending.request.pdu);
  }

  receive(data: Uint8Array): void {
    const frames = this.reader.push(data);
    if (typeof frames === 'string') {
      this.given.counters.brokenStreams++;
      this.events.broken(frames);
      return;
    }
    for (const frame of frames) this.settle(frame);
  }

  /** The connection is gone: everything in flight fails. */
  close(error: TandemError): void {
    this.timer?.cancel();
    this.timer = undefined;
    const left = [...this.outstanding.values()];
    this.outstanding.clear();
    for (const { pending } of left) pending.reject(error);
  }

  private settle(frame: MbapFrame): void {
    const { counters, clock } = this.given;
    const entry = this.outstanding.get(frame.transaction);
    if (entry === undefined) {
      counters[this.strayKind(frame.transaction)]++;
      return;
    }
    this.outstanding.delete(frame.transaction);
    const { request } = entry.pending;
    if (frame.unit !== request.unit) {
      counters.foreign++;
      this.refuse(frame.transaction, entry.pending, `unit ${frame.unit} answered instead of ${request.unit}`);
      return;
    }
    const verdict = judge(request.pdu, frame.pdu);
    switch (verdict.kind) {
      case 'malformed':
        counters.malformed++;
        this.refuse(frame.transaction, entry.pending, verdict.reason);
        return;
      case 'mismatch':
        counters.mismatches++;
        entry.pending.reject(new TandemError('FIELD_NOT_VERIFIED', verdict.reason));
        break;
      case 'exception':
        counters.exceptions++;
        this.spoke();
        entry.pending.reject(exceptionError(verdict.code));
        break;
      case 'good':
        counters.answers++;
        this.spoke();
        entry.pending.resolve({ pdu: frame.pdu, timeMs: clock.wallMs() });
        break;
    }
    this.events.freed();
  }

  /** A false answer used the id up, but the true one may still come. */
  private refuse(id: number, pending: Pending, reason: string): void {
    pending.reject(new TandemError('FIELD_MALFORMED', `the answer does not fit the request: ${reason}`));
    this.abandon(id);
    this.events.freed();
  }

  private strayKind(id: number): 'late' | 'duplicates' | 'foreign' {
    if (this.abandoned.delete(id)) return 'late';
    const age = (this.nextId - 1 - id) & (IDS - 1);
    return age < this.issued ? 'duplicates' : 'foreign';
  }

  private spoke(): void {
    this.silent = 0;
    this.events.answered();
  }

  private expire(): void {
    this.timer = undefined;
    this.timerDueMs = Infinity;
    const now = this.given.clock.monotonicMs();
    let broken: string | undefined;
    let next = Infinity;
    for (const [id, { pending, deadlineMs }] of this.outstanding) {
      if (deadlineMs > now) {
        next = Math.min(next, deadlineMs);
        continue;
      }
      this.outstanding.delete(id);
      this.given.counters.timeouts++;
      this.abandon(id);
      pending.reject(new TandemError('FIELD_TIMEOUT', `no answer within ${pending.request.timeoutMs} ms`));
      // A write that nobody waits for any more must not take effect minutes later.
      if (pending.request.permit !== undefined) broken = 'a write was not answered';
      if (++this.silent >= MAX_SILENT) broken = `${this.silent} requests in a row were not answered`;
      if (this.reader.pending > 0) broken = 'a frame did not come whole';
    }
    if (this.abandoned.size > MAX_ABANDONED) broken = 'too many requests were not answered';
    if (next < Infinity) this.arm(next);
    if (broken === undefined) this.events.freed();
    else this.events.broken(broken);
  }

  private arm(dueMs: number): void {
    this.timer?.cancel();
    this.timerDueMs = dueMs;
    this.timer = this.given.timers.after(Math.max(0, dueMs - this.given.clock.monotonicMs()), () => this.expire());
  }

  private abandon(id: number): void {
    this.abandoned.add(id);
  }

  private skip(): void {
    this.nextId = (this.nextId + 1) & (IDS - 1);
    this.issued = Math.min(IDS - 1, this.issued + 1);
  }
}

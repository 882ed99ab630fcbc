import type { Clock, Timer, Timers } from '../../src/contract/clock.js';
import { TandemError } from '../../src/contract/errors.js';
import { exceptionError, type LinkAnswer, type LinkOutcome, type LinkRequest } from './link.js';
import { MbapReader, type MbapFrame, type MbapWriter } from './mbap.js';
import { judge } from './pdu.js';
import type { UnitLink } from './unit-link.js';

/** A request, whose it is and who waits for it. */
export interface Pending {
  readonly link: UnitLink;
  readonly unit: number;
  readonly urgent: boolean;
  readonly request: LinkRequest;
  outcome: LinkOutcome;
  /** Set when it leaves. */
  deadlineMs: number;
  /** Set when its answer has come; it is told once the next requests have left. */
  result: LinkAnswer | TandemError | undefined;
}

export interface TransactionEvents {
  /** A unit spoke sense: a good answer or an exception. */
  answered(unit: number): void;
  /** A unit did not answer within its timeout. Returns why the connection is of no use any more, if it is. */
  silent(unit: number, timeoutMs: number): string | undefined;
  /** The answer to nothing that was asked; `link` where it is known whose request it belonged to. */
  stray(kind: 'late' | 'duplicates' | 'foreign', unit: number, link: UnitLink | undefined): void;
  /** Places are free for the next requests. */
  freed(): void;
  /** What comes on the connection is no Modbus. */
  nonsense(reason: string): void;
  /** The connection is of no use any more. */
  broken(reason: string): void;
}

const IDS = 0x1_0000;
/** Ids of requests that timed out stay reserved, so that a late answer is never taken for another; past this the connection goes. */
const MAX_ABANDONED = 256;
/** What is left to an outcome whose owner has gone. */
const NOBODY: LinkOutcome = { resolve: () => undefined, reject: () => undefined };

/**
 * The requests in flight on one connection. Ids are 16 bits, in turn, and never reused while a request or a
 * late answer may still hold them. One timer serves all deadlines.
 */
export class Transactions {
  private readonly reader = new MbapReader();
  private readonly outstanding = new Map<number, Pending>();
  private readonly abandoned = new Map<number, UnitLink>();
  /** Outcomes that are told once the next requests have left: they decode while the device works. */
  private settled: Pending[] = [];
  private nextId: number;
  private issued = 0;
  private timer: Timer | undefined;
  private timerDueMs = Infinity;

  constructor(
    private readonly given: { readonly clock: Clock; readonly timers: Timers; readonly firstId: number },
    private readonly events: TransactionEvents,
  ) {
    this.nextId = given.firstId & (IDS - 1);
  }

  get inFlight(): number {
    return this.outstanding.size;
  }

  /** Bytes of an answer have come, but not all of it. */
  get isMidFrame(): boolean {
    return this.reader.pending > 0;
  }

  /** Registers a request and adds its frame to those that are to be written at once. */
  begin(pending: Pending, nowMs: number, frames: MbapWriter): void {
    while (this.outstanding.has(this.nextId) || this.abandoned.has(this.nextId)) this.skip();
    const id = this.nextId;
    this.skip();
    const deadlineMs = nowMs + pending.request.timeoutMs;
    pending.deadlineMs = deadlineMs;
    this.outstanding.set(id, pending);
    pending.link.counters.requests++;
    if (deadlineMs < this.timerDueMs) this.arm(deadlineMs);
    frames.add(id, pending.unit, pending.request.pdu);
  }

  receive(data: Uint8Array): void {
    const frames = this.reader.push(data);
    if (typeof frames === 'string') {
      this.events.nonsense(frames);
      return;
    }
    const timeMs = this.given.clock.wallMs();
    for (const frame of frames) this.settle(frame, timeMs);
    if (this.settled.length === 0) return;
    const { settled } = this;
    this.settled = [];
    this.events.freed();
    for (const { outcome, result } of settled) {
      if (result instanceof TandemError) outcome.reject(result);
      else if (result !== undefined) outcome.resolve(result);
    }
  }

  /** Nobody waits for what `link` has asked any more. */
  forsake(link: UnitLink, error: TandemError): void {
    for (const pending of this.outstanding.values()) {
      if (pending.link !== link) continue;
      const { outcome } = pending;
      pending.outcome = NOBODY;
      outcome.reject(error);
    }
  }

  /** The connection is gone: everything in flight fails. */
  close(error: TandemError): void {
    this.timer?.cancel();
    this.timer = undefined;
    const left = [...this.outstanding.values()];
    this.outstanding.clear();
    for (const { outcome } of left) outcome.reject(error);
  }

  private settle(frame: MbapFrame, timeMs: number): void {
    const pending = this.outstanding.get(frame.transaction);
    if (pending === undefined) {
      this.stray(frame);
      return;
    }
    this.outstanding.delete(frame.transaction);
    const { counters } = pending.link;
    if (frame.unit !== pending.unit) {
      counters.foreign++;
      this.refuse(frame.transaction, pending, `unit ${frame.unit} answered instead of ${pending.unit}`);
      return;
    }
    const verdict = judge(pending.request.pdu, frame.pdu);
    switch (verdict.kind) {
      case 'malformed':
        counters.malformed++;
        this.refuse(frame.transaction, pending, verdict.reason);
        return;
      case 'mismatch':
        counters.mismatches++;
        this.tell(pending, new TandemError('FIELD_NOT_VERIFIED', verdict.reason));
        return;
      case 'exception':
        counters.exceptions++;
        this.events.answered(pending.unit);
        this.tell(pending, exceptionError(verdict.code));
        return;
      case 'good':
        counters.answers++;
        this.events.answered(pending.unit);
        this.tell(pending, { pdu: frame.pdu, timeMs });
        return;
    }
  }

  /** A false answer used the id up, but the true one may still come. */
  private refuse(id: number, pending: Pending, reason: string): void {
    this.abandoned.set(id, pending.link);
    this.tell(pending, new TandemError('FIELD_MALFORMED', `the answer does not fit the request: ${reason}`));
  }

  private tell(pending: Pending, result: LinkAnswer | TandemError): void {
    pending.result = result;
    this.settled.push(pending);
  }

  private stray({ transaction, unit }: MbapFrame): void {
    const link = this.abandoned.get(transaction);
    if (link !== undefined) {
      this.abandoned.delete(transaction);
      this.events.stray('late', unit, link);
      return;
    }
    const age = (this.nextId - 1 - transaction) & (IDS - 1);
    this.events.stray(age < this.issued ? 'duplicates' : 'foreign', unit, undefined);
  }

  private expire(): void {
    this.timer = undefined;
    this.timerDueMs = Infinity;
    const now = this.given.clock.monotonicMs();
    let broken: string | undefined;
    let next = Infinity;
    const expired: Pending[] = [];
    for (const [id, pending] of this.outstanding) {
      if (pending.deadlineMs > now) {
        next = Math.min(next, pending.deadlineMs);
        continue;
      }
      this.outstanding.delete(id);
      this.abandoned.set(id, pending.link);
      expired.push(pending);
      pending.link.counters.timeouts++;
      // A write that nobody waits for any more must not take effect minutes later.
      if (pending.request.permit !== undefined) broken = 'a write was not answered';
      broken = this.events.silent(pending.unit, pending.request.timeoutMs) ?? broken;
    }
    if (this.isMidFrame && expired.length > 0) broken = 'a frame did not come whole';
    if (this.abandoned.size > MAX_ABANDONED) broken = 'too many requests were not answered';
    if (next < Infinity) this.arm(next);
    for (const { outcome, request } of expired) outcome.reject(new TandemError('FIELD_TIMEOUT', `no answer within ${request.timeoutMs} ms`));
    if (broken === undefined) this.events.freed();
    else this.events.broken(broken);
  }

  private arm(dueMs: number): void {
    this.timer?.cancel();
    this.timerDueMs = dueMs;
    this.timer = this.given.timers.after(Math.max(0, dueMs - this.given.clock.monotonicMs()), () => this.expire());
  }

  private skip(): void {
    this.nextId = (this.nextId + 1) & (IDS - 1);
    this.issued = Math.min(IDS - 1, this.issued + 1);
  }
}

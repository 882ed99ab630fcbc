import type { Timer } from '../../src/contract/clock.js';
import type { SharedResource } from '../../src/contract/driver.js';
import { TandemError } from '../../src/contract/errors.js';
import type { TcpConnection } from '../../src/contract/network.js';
import { Exchange, join, type EchoState } from './bus-exchange.js';
import { BusWire, type BusSettings } from './bus-wire.js';
import { Debts, narrowed } from './debts.js';
import { exceptionError, once, WITHDRAWN, type ChannelHost, type LinkAnswer, type LinkOutcome, type LinkRequest } from './link.js';
import { answerLength, exceptionCode, isEchoed, judge } from './pdu.js';
import { probeOf, refusalOf, type UnderWay, type Waiting } from './bus-request.js';
import type { Channel, UnitLink } from './unit-link.js';
import { UnitQueue } from './unit-queue.js';

/** Longest pause inside a frame: USB adapters and TCP gateways pass bytes on in pieces, up to 16 ms apart and more. */
const GAP_MS = 50;
/** Requests in a row without sense from anybody: the way itself may be dead, a new connection shows it. */
const MAX_SILENT = 8;
const NOTHING = new Uint8Array(0);

/** Exceptions to a read that was made longer than was wanted, which may be about what was added. */
const refusesWide: readonly number[] = [exceptionCode.illegalAddress, exceptionCode.illegalValue];

/** A line that all its units share: one request at a time, silence between frames, nobody's answer taken for another's. */
export class Bus implements Channel, SharedResource {
  private readonly queue = new UnitQueue<Waiting>();
  private readonly members = new Set<UnitLink>();
  private readonly wire: BusWire;
  private readonly debts = new Debts();
  private underWay: UnderWay | undefined;
  private echo: EchoState = { heard: undefined };
  private idle: Uint8Array = new Uint8Array(0);
  private lastByteMs = -Infinity;
  private gap: Timer | undefined;
  private wake: Timer | undefined;
  private silent = 0;

  constructor(private readonly host: ChannelHost, private readonly settings: BusSettings) {
    this.wire = new BusWire(host, settings, {
      opened: () => {
        this.echo = { heard: undefined };
        this.silent = 0;
        this.count('connects');
        this.pump();
      },
      data: (data) => this.receive(data),
      lost: (wasOpen, reason) => this.lost(wasOpen, reason),
    });
  }

  get away(): TandemError | undefined {
    return this.wire.away;
  }

  figures(): Readonly<Record<string, number>> {
    return this.wire.figures();
  }

  join(link: UnitLink): void {
    this.members.add(link);
    this.wire.start();
  }

  /** Resolves when nothing of this link is on the line; with the last one the connection goes. */
  async leave(link: UnitLink): Promise<void> {
    this.members.delete(link);
    const error = new TandemError('FIELD_CLOSED', 'the driver has been stopped');
    for (const waiting of this.queue.remove((entry) => entry.link === link)) waiting.reject(error);
    // What is on the line stays there until it is answered, or its answer would be taken for another's.
    if (this.underWay?.waiting.link === link) this.underWay.waiting.reject(error);
    if (this.members.size === 0) await this.close();
  }

  async close(): Promise<void> {
    this.drop(new TandemError('FIELD_CLOSED', 'the driver has been stopped'));
    for (const waiting of this.queue.remove(() => true)) waiting.reject(new TandemError('FIELD_CLOSED', 'the driver has been stopped'));
    this.wake?.cancel();
    await this.wire.stop();
  }

  submit(link: UnitLink, request: LinkRequest, outcome: LinkOutcome): void {
    if (this.away !== undefined) {
      outcome.reject(this.away);
      return;
    }
    this.queue.add({ unit: request.unit, urgent: request.urgent, link, request, ...once(outcome) });
    this.pump();
  }

  withdraw(owner: object): void {
    for (const waiting of this.queue.remove(({ request }) => request.owner === owner)) waiting.reject(WITHDRAWN);
  }

  /** Sends the next request, once the line has been silent long enough. */
  private pump(): void {
    const { connection } = this.wire;
    if (connection === undefined || this.underWay !== undefined) return;
    this.wake?.cancel();
    const nowMs = this.host.clock.monotonicMs();
    for (;;) {
      const quietMs = this.lastByteMs + this.settings.quietMs - nowMs;
      if (this.queue.length > 0 && quietMs > 0) {
        this.wake = this.host.timers.after(quietMs, () => this.pump());
        return;
      }
      const next = this.queue.next(nowMs);
      if ('wakeAtMs' in next) {
        if (next.wakeAtMs < Infinity) this.wake = this.host.timers.after(next.wakeAtMs - nowMs, () => this.pump());
        return;
      }
      if (isEchoed(next.request.pdu) && this.echo.heard === undefined) {
        this.probe(next, connection);
        return;
      }
      const refusal = refusalOf(next, connection, this.host.clock.monotonicMs());
      if (refusal === undefined) {
        this.send(next, connection);
        return;
      }
      next.reject(refusal);
    }
  }

  /** Reads what is to be written first: whether the line echoes must be known before an echo may count as an answer. */
  private probe(write: Waiting, connection: TcpConnection): void {
    const request = probeOf(write);
    const again = (): void => {
      this.queue.add(write);
      this.pump();
    };
    this.send({
      ...write,
      request,
      resolve: again,
      // An exception answers the question as well.
      reject: (error) => (this.echo.heard === undefined ? write.reject(new TandemError('FIELD_UNREACHABLE', `the write was not sent: ${error.message}`, { cause: error })) : again()),
    }, connection);
  }

  private send(waiting: Waiting, connection: TcpConnection): void {
    const { clock, timers } = this.host;
    const { framing, charMs } = this.settings;
    // What lay on the line before belongs to nobody.
    this.strayIdle();
    const nowMs = clock.monotonicMs();
    const { unit, request } = waiting;
    const wide = this.debts.owes(unit, request.pdu, nowMs) ? this.debts.widened(unit, request.pdu, request.spare, nowMs) : undefined;
    const asked = wide ?? request.pdu;
    const exchange = new Exchange(framing, { unit, pdu: asked }, this.echo, { stray: (data) => this.stray(data) });
    const wireMs = charMs * (exchange.frame.length + framing.wireLength(answerLength(asked) ?? 0));
    const waitMs = request.timeoutMs + wireMs;
    const isDoubtful = this.debts.owes(unit, asked, nowMs);
    this.underWay = { waiting, asked, isWide: wide !== undefined, isDoubtful, exchange, deadlineMs: nowMs + waitMs, deadline: timers.after(waitMs, () => this.expire()) };
    waiting.link.counters.requests++;
    connection.write(exchange.frame);
  }

  private receive(data: Uint8Array): void {
    this.lastByteMs = this.host.clock.monotonicMs();
    const { underWay } = this;
    if (underWay === undefined) this.idle = join(this.idle, data);
    else this.search(underWay, data);
    this.gap?.cancel();
    if (this.idle.length > 0 || this.underWay?.exchange.pending === true) this.gap = this.host.timers.after(GAP_MS, () => this.fellSilent());
  }

  /** Looks for the answer; two that came in one piece are looked at one after the other. */
  private search(underWay: UnderWay, data: Uint8Array): void {
    for (let pdu = underWay.exchange.receive(data); pdu !== undefined; pdu = underWay.exchange.receive(NOTHING)) {
      if (this.isLate(underWay, pdu)) continue;
      if (underWay.isDoubtful) {
        this.weigh(underWay, pdu);
        if (this.underWay === underWay) continue;
      } else {
        this.idle = underWay.exchange.takeRest();
        this.settle(underWay, { pdu, timeMs: this.host.clock.wallMs() });
      }
      return;
    }
  }

  /** An answer from the right unit that does not fit what was asked, and is owed since before. */
  private isLate({ waiting, asked }: UnderWay, pdu: Uint8Array): boolean {
    const { kind } = judge(asked, pdu);
    if (kind === 'good' || kind === 'exception') return false;
    if (!this.debts.settle(waiting.unit, pdu, this.host.clock.monotonicMs())) return false;
    waiting.link.counters.late++;
    return true;
  }

  /** What fits may be the answer, or one that is owed: it counts unless another one follows it in its time. */
  private weigh(underWay: UnderWay, pdu: Uint8Array): void {
    const { candidate, waiting } = underWay;
    if (candidate === undefined || Buffer.compare(candidate.pdu, pdu) === 0) {
      underWay.candidate ??= { pdu, timeMs: this.host.clock.wallMs() };
      return;
    }
    // One is the late answer, and nothing in it says which.
    this.debts.settle(waiting.unit, pdu, this.host.clock.monotonicMs());
    waiting.link.counters.late++;
    this.idle = underWay.exchange.takeRest();
    this.refuse(underWay, 'it came together with one that was late');
  }

  private settle(underWay: UnderWay, answer: LinkAnswer): void {
    const { waiting, asked, isWide } = underWay;
    const { counters } = waiting.link;
    const verdict = judge(asked, answer.pdu);
    if (verdict.kind === 'malformed') {
      this.refuse(underWay, verdict.reason);
      return;
    }
    this.finish(underWay);
    this.silent = 0;
    this.queue.answered(waiting.unit);
    this.debts.spoke(waiting.unit, this.lastByteMs);
    // Nothing else came in the whole of its time.
    if (underWay.isDoubtful) this.debts.forgive(waiting.unit, asked);
    switch (verdict.kind) {
      case 'good':
        counters.answers++;
        if (isWide) this.debts.wideAnswered(waiting.unit);
        waiting.resolve(isWide ? { ...answer, pdu: narrowed(answer.pdu, waiting.request.pdu) } : answer);
        break;
      case 'exception':
        counters.exceptions++;
        if (isWide && refusesWide.includes(verdict.code)) {
          this.debts.wideRefused(waiting.unit, this.host.clock.monotonicMs());
          this.queue.add(waiting);
        } else waiting.reject(exceptionError(verdict.code));
        break;
      case 'mismatch':
        counters.mismatches++;
        waiting.reject(new TandemError('FIELD_NOT_VERIFIED', verdict.reason));
        break;
    }
    this.pump();
  }

  private refuse(underWay: UnderWay, reason: string): void {
    const { waiting, deadlineMs } = underWay;
    waiting.link.counters.malformed++;
    this.finish(underWay);
    // The right answer may still come: nothing else is asked of that unit until its time is over.
    this.queue.hold(waiting.unit, deadlineMs);
    waiting.reject(new TandemError('FIELD_MALFORMED', `the answer does not fit the request: ${reason}`));
    this.afterFailure();
  }

  private expire(): void {
    const { underWay } = this;
    if (underWay === undefined) return;
    const { candidate } = underWay;
    if (candidate !== undefined) {
      // Timers run before sockets are read: after a stall the second answer may lie there already.
      this.host.timers.afterIo(() => {
        if (this.underWay === underWay) this.settle(underWay, candidate);
      });
      return;
    }
    const { waiting } = underWay;
    this.finish(underWay);
    waiting.link.counters.timeouts++;
    this.debts.add(waiting.unit, underWay.asked, this.host.clock.monotonicMs(), waiting.request.timeoutMs, underWay.isWide);
    this.queue.silent(waiting.unit, this.host.clock.monotonicMs(), waiting.request.timeoutMs);
    waiting.reject(new TandemError('FIELD_TIMEOUT', `no answer within ${waiting.request.timeoutMs} ms`));
    this.afterFailure();
  }

  private afterFailure(): void {
    if ((this.wire.connection?.bufferedBytes ?? 0) > 0) this.wire.cut('it does not take what is sent to it');
    else if (++this.silent >= MAX_SILENT && this.settings.keepsOpen !== true) this.wire.cut(`${this.silent} requests in a row were not answered`);
    else this.pump();
  }

  /** Nothing more has come for a while, so what lies there is all there is. */
  private fellSilent(): void {
    const { underWay } = this;
    if (underWay === undefined) {
      this.strayIdle();
      this.pump();
      return;
    }
    const heard = underWay.exchange.judgeSilence();
    if (heard === 'nothing' || underWay.candidate !== undefined) return;
    if (heard === 'nonsense') this.refuse(underWay, 'its check sum is wrong');
    else if (heard.unit !== underWay.waiting.unit) this.strayFrame(heard.unit, heard.pdu);
    else if (!this.isLate(underWay, heard.pdu)) {
      const verdict = judge(underWay.asked, heard.pdu);
      this.refuse(underWay, verdict.kind === 'malformed' ? verdict.reason : 'it is of another length');
    }
  }

  private strayIdle(): void {
    const { idle } = this;
    this.idle = new Uint8Array(0);
    if (idle.length > 0) this.stray(idle);
  }

  private stray(data: Uint8Array): void {
    const frame = this.settings.framing.whole(data);
    if (frame === undefined) this.count('noise');
    else this.strayFrame(frame.unit, frame.pdu);
  }

  private strayFrame(unit: number, pdu: Uint8Array): void {
    const link = [...this.members].find((member) => member.unit === unit);
    if (link === undefined) {
      this.count('foreign');
      return;
    }
    const nowMs = this.host.clock.monotonicMs();
    if (!this.debts.settle(unit, pdu, nowMs)) {
      link.counters.duplicates++;
      return;
    }
    link.counters.late++;
    if (!this.debts.any(unit, nowMs)) this.queue.settled(unit);
  }

  private finish(underWay: UnderWay): void {
    underWay.deadline.cancel();
    this.gap?.cancel();
    this.underWay = undefined;
  }

  private drop(error: TandemError): void {
    const { underWay } = this;
    if (underWay === undefined) return;
    this.finish(underWay);
    underWay.waiting.reject(error);
  }

  private lost(wasOpen: boolean, reason: string): void {
    this.count(wasOpen ? 'connectionsLost' : 'connectFailures');
    this.drop(new TandemError('FIELD_CLOSED', `the connection to ${this.settings.name} was lost (${reason})`));
    const { away } = this;
    if (away !== undefined) for (const waiting of this.queue.remove(() => true)) waiting.reject(away);
  }

  /** What concerns the line as a whole is counted at each of its units. */
  private count(counter: 'connects' | 'connectFailures' | 'connectionsLost' | 'foreign' | 'noise'): void {
    for (const link of this.members) link.counters[counter]++;
  }
}

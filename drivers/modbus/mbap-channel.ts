import type { Timer } from '../../src/contract/clock.js';
import type { SharedResource } from '../../src/contract/driver.js';
import { TandemError } from '../../src/contract/errors.js';
import type { TcpConnection, TcpTarget } from '../../src/contract/network.js';
import { reconnectDelayMs } from './backoff.js';
import { WITHDRAWN, type ChannelHost, type LinkOutcome, type LinkRequest } from './link.js';
import { MbapWriter } from './mbap.js';
import { Paths } from './paths.js';
import { Transactions, type Pending } from './transactions.js';
import type { Channel, UnitLink } from './unit-link.js';
import { UnitQueue } from './unit-queue.js';

/** One attempt to be connected, from connecting to closed. */
interface Session {
  readonly target: TcpTarget;
  connection: TcpConnection | undefined;
  readonly transactions: Transactions;
  open: boolean;
  /** The device has said something sensible on it. */
  answered: boolean;
  whenClosed: (() => void) | undefined;
}

/** Timeouts in a row without a word from anybody: the connection may be half open, a new one shows it. */
const MAX_SILENT = 3;

/**
 * A connection with bounded pipelining, shared by all units behind one address. While connected, connecting, or about
 * to return to a device that answered a moment ago, requests queue; while it is known to be away they fail at once.
 */
export class MbapChannel implements Channel, SharedResource {
  private readonly queue = new UnitQueue<Pending>();
  private readonly members = new Set<UnitLink>();
  private readonly frames = new MbapWriter();
  private readonly paths: Paths<TcpTarget>;
  private maxInFlight = 1;
  private running = false;
  private session: Session | undefined;
  /** Every connection whose end has not been reported yet, those that were given up included. */
  private readonly live = new Set<Session>();
  private retry: Timer | undefined;
  private wake: Timer | undefined;
  private awayError: TandemError | undefined;
  private silent = 0;
  private readonly silentUnits = new Set<number>();

  /** `targets`: the ways to the device, tried in turn. `keepsOpen`: silence is expected, as in a search for units. */
  constructor(private readonly host: ChannelHost, targets: readonly [TcpTarget, ...TcpTarget[]], private readonly keepsOpen = false) {
    this.paths = new Paths(targets);
  }

  get away(): TandemError | undefined {
    return this.awayError;
  }

  figures(): Readonly<Record<string, number>> {
    return this.paths.figures();
  }

  join(link: UnitLink): void {
    this.members.add(link);
    this.maxInFlight = Math.min(...Array.from(this.members, ({ maxInFlight }) => maxInFlight));
    if (this.running) return;
    this.running = true;
    this.paths.answered();
    this.awayError = undefined;
    this.connect();
  }

  async leave(link: UnitLink): Promise<void> {
    this.members.delete(link);
    const error = new TandemError('FIELD_CLOSED', 'the driver has been stopped');
    this.reject((entry) => entry.link === link, error);
    if (this.members.size === 0) await this.close();
    else this.session?.transactions.forsake(link, error);
  }

  async close(): Promise<void> {
    if (!this.running) return;
    this.running = false;
    this.retry?.cancel();
    this.wake?.cancel();
    const error = new TandemError('FIELD_CLOSED', 'the driver has been stopped');
    this.session?.transactions.close(error);
    this.session = undefined;
    this.reject(() => true, error);
    await Promise.all([...this.live].map((session) => new Promise<void>((resolve) => {
      session.whenClosed = resolve;
      session.connection?.destroy();
    })));
  }

  submit(link: UnitLink, request: LinkRequest, outcome: LinkOutcome): void {
    if (this.awayError !== undefined) {
      outcome.reject(this.awayError);
      return;
    }
    this.queue.add({ link, unit: request.unit, urgent: request.urgent, request, outcome, deadlineMs: 0, result: undefined });
    this.pump();
  }

  withdraw(owner: object): void {
    this.reject(({ request }) => request.owner === owner, WITHDRAWN);
  }

  private connect(): void {
    const { clock, timers, random } = this.host;
    const session: Session = {
      target: this.paths.current,
      connection: undefined,
      open: false,
      answered: false,
      whenClosed: undefined,
      transactions: new Transactions({ clock, timers, firstId: Math.floor(random.next() * 0x1_0000) }, {
        answered: (unit) => {
          session.answered = true;
          this.paths.answered();
          this.silent = 0;
          if (this.silentUnits.size > 0) this.spokeAgain(unit);
        },
        silent: (unit, timeoutMs) => this.fellSilent(unit, timeoutMs),
        stray: (kind, unit, link) => this.stray(kind, unit, link),
        freed: () => this.pump(),
        nonsense: (reason) => {
          this.count('brokenStreams');
          this.cut(session, reason);
        },
        broken: (reason) => this.cut(session, reason),
      }),
    };
    this.session = session;
    this.live.add(session);
    session.connection = this.host.network.connectTcp(session.target, {
      onOpen: () => {
        if (this.session !== session) return;
        session.open = true;
        this.silent = 0;
        if (this.awayError !== undefined || this.paths.hasChanged) this.host.log.info(`connected to ${nameOf(session.target)}`);
        this.awayError = undefined;
        this.paths.connected();
        this.count('connects');
        this.pump();
      },
      onData: (data) => {
        if (this.session === session) session.transactions.receive(data);
      },
      onClose: (reason) => {
        this.live.delete(session);
        session.whenClosed?.();
        if (this.session === session) this.lost(session, reason);
      },
    });
    this.pump();
  }

  private cut(session: Session, reason: string): void {
    if (this.session !== session || session.connection === undefined) return;
    const { connection } = session;
    this.lost(session, reason);
    // A reset takes back what the kernel still holds; an orderly end would deliver it.
    if (connection.reset === undefined) connection.destroy();
    else connection.reset();
  }

  private lost(session: Session, reason: string): void {
    const where = nameOf(session.target);
    this.session = undefined;
    this.host.log.debug(() => `no connection to ${where} any more: ${reason}`);
    this.count(session.open ? 'connectionsLost' : 'connectFailures');
    const isAway = this.paths.lost(session.answered);
    if (isAway) {
      if (this.awayError === undefined) this.host.log.warn(`${where} is away: ${reason}`);
      this.awayError = session.open
        ? new TandemError('FIELD_UNREACHABLE', `${where} accepts the connection but does not answer (${reason})`)
        : new TandemError('FIELD_UNREACHABLE', `cannot connect to ${where} (${reason})`);
    }
    if (session.open) session.transactions.close(new TandemError('FIELD_CLOSED', `the connection to ${where} was lost (${reason})`));
    if (this.awayError !== undefined && isAway) this.reject(() => true, this.awayError);
    if (!this.running) return;
    this.retry = this.host.timers.after(reconnectDelayMs(this.paths.nextAttempt(), this.host.random.next()), () => {
      this.retry = undefined;
      this.connect();
    });
  }

  /** Fills the connection up to maxInFlight: urgent ones first, then the units in turn. Leaves in one piece. */
  private pump(): void {
    const { session } = this;
    if (session?.connection === undefined || !session.open) return;
    const { connection, transactions } = session;
    let refused: (readonly [Pending, TandemError])[] | undefined;
    const nowMs = this.queue.length > 0 ? this.host.clock.monotonicMs() : 0;
    while (this.queue.length > 0 && transactions.inFlight < this.maxInFlight) {
      const pending = this.queue.next(nowMs);
      if ('wakeAtMs' in pending) {
        this.wakeAt(pending.wakeAtMs - nowMs);
        break;
      }
      const refusal = this.refusal(pending, connection, nowMs);
      if (refusal === undefined) transactions.begin(pending, nowMs, this.frames);
      else (refused ??= []).push([pending, refusal]);
    }
    const frames = this.frames.take();
    if (frames !== undefined) connection.write(frames);
    if (refused !== undefined) for (const [{ outcome }, error] of refused) outcome.reject(error);
  }

  private wakeAt(delayMs: number): void {
    this.wake?.cancel();
    this.wake = this.host.timers.after(delayMs, () => this.pump());
  }

  /** Why a request must not leave now. Nothing but other frames may come between this and the write. */
  private refusal({ request, link }: Pending, connection: TcpConnection, nowMs: number): TandemError | undefined {
    if (request.expiresAtMs !== undefined && nowMs >= request.expiresAtMs) {
      link.counters.expired++;
      return new TandemError('FIELD_TIMEOUT', 'the time for it was over before it could be sent');
    }
    if (request.permit === undefined) return undefined;
    // Behind bytes that wait in this process it would leave at a time that nobody gave a permit for.
    if (connection.bufferedBytes > 0) return new TandemError('FIELD_UNREACHABLE', 'the device does not take what is sent to it');
    if (request.permit()) return undefined;
    link.counters.fenced++;
    return new TandemError('FENCED', 'this node may not write to the field');
  }

  /** A dead unit costs its neighbours a timeout each time it is asked, so beside others it is asked less. */
  private fellSilent(unit: number, timeoutMs: number): string | undefined {
    this.silentUnits.add(unit);
    const shared = this.units > 1;
    if (shared) this.queue.silent(unit, this.host.clock.monotonicMs(), timeoutMs, 0);
    // One unit that is dead says nothing of the connection that its neighbours use.
    if (++this.silent < MAX_SILENT || this.keepsOpen || (shared && this.silentUnits.size < 2)) return undefined;
    return `${this.silent} requests in a row were not answered`;
  }

  private spokeAgain(unit: number): void {
    if (this.silentUnits.delete(unit)) this.queue.answered(unit);
  }

  private stray(kind: 'late' | 'duplicates' | 'foreign', unit: number, owner: UnitLink | undefined): void {
    if (owner !== undefined) {
      owner.counters[kind]++;
      return;
    }
    const ofUnit = [...this.members].filter((link) => link.unit === unit);
    for (const link of ofUnit.length > 0 ? ofUnit : this.members) link.counters[kind]++;
  }

  private get units(): number {
    return new Set(Array.from(this.members, ({ unit }) => unit)).size;
  }

  private reject(which: (entry: Pending) => boolean, error: TandemError): void {
    if (this.queue.length === 0) return;
    for (const { outcome } of this.queue.remove(which)) outcome.reject(error);
  }

  /** What concerns the connection as a whole is counted at each of its units. */
  private count(counter: 'connects' | 'connectFailures' | 'connectionsLost' | 'brokenStreams'): void {
    for (const link of this.members) link.counters[counter]++;
  }
}

function nameOf({ host, port }: TcpTarget): string {
  return `${host}:${port}`;
}

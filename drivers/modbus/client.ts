import type { Timer } from '../../src/contract/clock.js';
import type { DriverHost } from '../../src/contract/driver.js';
import { TandemError } from '../../src/contract/errors.js';
import type { TcpConnection, TcpTarget } from '../../src/contract/network.js';
import { reconnectDelayMs } from './backoff.js';
import { newLinkCounters, type LinkAnswer, type LinkRequest, type ModbusLink } from './link.js';
import { Transactions, type Pending } from './transactions.js';


/** One attempt to be connected, from connecting to closed. */
interface Session {
  connection: TcpConnection | undefined;
  readonly transactions: Transactions;
  open: boolean;
  /** The device has said something sensible on it. */
  answered: boolean;
  whenClosed: (() => void) | undefined;
}

/**
 * Modbus TCP with bounded pipelining. While connected, connecting, or about to return to a device that
 * answered a moment ago, requests queue; while the device is known to be away they fail at once.
 */
export class MbapClient implements ModbusLink {
  readonly counters = newLinkCounters();
  private readonly urgent: Pending[] = [];
  private readonly normal: Pending[] = [];
  private running = false;
  private session: Session | undefined;
  /** Every connection whose end has not been reported yet, those that were given up included. */
  private readonly live = new Set<Session>();
  private retry: Timer | undefined;
  private attempt = 0;
  private awayError: TandemError | undefined;

  constructor(private readonly host: DriverHost, private readonly target: TcpTarget, private readonly maxInFlight: number) {}

  get away(): TandemError | undefined {
    return this.awayError;
  }

  private get where(): string {
    return `${this.target.host}:${this.target.port}`;
  }

  start(): void {
    if (this.running) return;
    this.running = true;
    this.attempt = 0;
    this.awayError = undefined;
    this.connect();
  }

  async stop(): Promise<void> {
    if (!this.running) return;
    this.running = false;
    this.retry?.cancel();
    this.retry = undefined;
    const error = new TandemError('FIELD_CLOSED', 'the driver has been stopped');
    this.session?.transactions.close(error);
    this.session = undefined;
    this.rejectQueued(error);
    await Promise.all([...this.live].map((session) => new Promise<void>((resolve) => {
      session.whenClosed = resolve;
      session.connection?.destroy();
    })));
  }

  request(request: LinkRequest): Promise<LinkAnswer> {
    if (!this.running) return Promise.reject(new TandemError('FIELD_CLOSED', 'the driver is not running'));
    if (this.awayError !== undefined) return Promise.reject(this.awayError);
    return new Promise((resolve, reject) => {
      (request.urgent ? this.urgent : this.normal).push({ request, resolve, reject });
      this.pump();
    });
  }

  private connect(): void {
    const { clock, timers, random } = this.host;
    const session: Session = {
      connection: undefined,
      open: false,
      answered: false,
      whenClosed: undefined,
      transactions: new Transactions({ clock, timers, counters: this.counters, firstId: Math.floor(random.next() * 0x1_0000) }, {
        answered: () => {
          session.answered = true;
          this.attempt = 0;
        },
        freed: () => this.pump(),
        broken: (reason) => this.cut(session, reason),
      }),
    };
    this.session = session;
    this.live.add(session);
    session.connection = this.host.network.connectTcp(this.target, {
      onOpen: () => {
        if (this.session !== session) return;
        session.open = true;
        if (this.awayError !== undefined) this.host.log.info(`connected to ${this.where} again`);
        this.awayError = undefined;
        this.counters.connects++;
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
    const { where } = this;
    this.session = undefined;
    this.host.log.debug(() => `no connection to ${where} any more: ${reason}`);
    if (session.open) {
      this.counters.connectionsLost++;
      session.transactions.close(new TandemError('FIELD_CLOSED', `the connection to ${where} was lost (${reason})`));
    } else {
      this.counters.connectFailures++;
    }
    if (!session.answered) {
      if (this.awayError === undefined) this.host.log.warn(`${where} is away: ${reason}`);
      this.awayError = session.open
        ? new TandemError('FIELD_UNREACHABLE', `${where} accepts the connection but does not answer (${reason})`)
        : new TandemError('FIELD_UNREACHABLE', `cannot connect to ${where} (${reason})`);
      this.rejectQueued(this.awayError);
    }
    this.retry = this.host.timers.after(reconnectDelayMs(this.attempt++, this.host.random.next()), () => {
      this.retry = undefined;
      this.connect();
    });
  }

  /** Fills the connection up to maxInFlight, urgent ones first. */
  private pump(): void {
    const { session } = this;
    if (session?.connection === undefined || !session.open) return;
    while (this.session === session && session.transactions.inFlight < this.maxInFlight) {
      const pending = this.urgent.shift() ?? this.normal.shift();
      if (pending === undefined) return;
      const refusal = this.refusal(pending.request, session.connection);
      if (refusal === undefined) session.connection.write(session.transactions.begin(pending));
      else pending.reject(refusal);
    }
  }

  /** Why a request must not leave now. Nothing may come between this and the write. */
  private refusal(request: LinkRequest, connection: TcpConnection): TandemError | undefined {
    if (request.expiresAtMs !== undefined && this.host.clock.monotonicMs() >= request.expiresAtMs) {
      this.counters.expired++;
      return new TandemError('FIELD_TIMEOUT', 'the time for it was over before it could be sent');
    }
    if (request.permit === undefined) return undefined;
    // Behind bytes that wait in this process it would leave at a time that nobody gave a permit for.
    if (connection.bufferedBytes > 0) return new TandemError('FIELD_UNREACHABLE', 'the device does not take what is sent to it');
    if (request.permit()) return undefined;
    this.counters.fenced++;
    return new TandemError('FENCED', 'this node may not write to the field');
  }

  private rejectQueued(error: TandemError): void {
    for (const pending of [...this.urgent.splice(0), ...this.normal.splice(0)]) pending.reject(error);
  }
}

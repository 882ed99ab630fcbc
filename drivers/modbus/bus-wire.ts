import type { Timer } from '../../src/contract/clock.js';
import { TandemError } from '../../src/contract/errors.js';
import type { TcpConnection, TcpEvents } from '../../src/contract/network.js';
import { reconnectDelayMs } from './backoff.js';
import type { Framing } from './framing.js';
import type { ChannelHost } from './link.js';
import { Paths } from './paths.js';

export type OpenWay = (host: ChannelHost, events: TcpEvents) => TcpConnection;

export interface BusSettings {
  /** As people know it: `/dev/ttyUSB0`, `10.0.0.5:4001`. */
  readonly name: string;
  readonly framing: Framing;
  /** Opens a serial port or a connection; the ways to one bus, tried in turn. */
  readonly open: readonly [OpenWay, ...OpenWay[]];
  /** Time of one character on the wire; 0 where it is not known. */
  readonly charMs: number;
  /** Silence between two frames. */
  readonly quietMs: number;
  /** Silence of everybody is expected, as in a search for units. */
  readonly keepsOpen?: true;
}

export interface WireEvents {
  opened(): void;
  data(data: Uint8Array): void;
  lost(wasOpen: boolean, reason: string): void;
}

/** The connection of a bus: opened, kept open, opened again after ever longer pauses. */
export class BusWire {
  private running = false;
  private current: { connection: TcpConnection | undefined; open: boolean; heard: boolean } | undefined;
  private readonly closing = new Set<Promise<void>>();
  private retry: Timer | undefined;
  private readonly paths: Paths<OpenWay>;
  private awayError: TandemError | undefined;
  private whenClosed = new Map<object, () => void>();

  constructor(private readonly host: ChannelHost, private readonly settings: BusSettings, private readonly events: WireEvents) {
    this.paths = new Paths(settings.open);
  }

  /** The open connection. */
  get connection(): TcpConnection | undefined {
    return this.current?.open === true ? this.current.connection : undefined;
  }

  get away(): TandemError | undefined {
    return this.awayError;
  }

  figures(): Readonly<Record<string, number>> {
    return this.paths.figures();
  }

  start(): void {
    if (this.running) return;
    this.running = true;
    this.paths.answered();
    this.awayError = undefined;
    this.connect();
  }

  /** Resolves when every connection is closed, those that were given up included. */
  async stop(): Promise<void> {
    this.running = false;
    this.retry?.cancel();
    const { current } = this;
    this.current = undefined;
    current?.connection?.destroy();
    await Promise.all(this.closing);
  }

  /** Gives the connection up; what is not on the wire yet does not leave any more. */
  cut(reason: string): void {
    const { current } = this;
    if (current?.connection === undefined) return;
    const { connection } = current;
    this.lost(reason);
    if (connection.reset === undefined) connection.destroy();
    else connection.reset();
  }

  private connect(): void {
    const session: NonNullable<typeof this.current> = { connection: undefined, open: false, heard: false };
    this.current = session;
    const closed = new Promise<void>((resolve) => this.whenClosed.set(session, resolve));
    this.closing.add(closed);
    void closed.then(() => this.closing.delete(closed));
    session.connection = this.paths.current(this.host, {
      onOpen: () => {
        if (this.current !== session) return;
        session.open = true;
        if (this.awayError !== undefined) this.host.log.info(`${this.settings.name} is open again`);
        this.awayError = undefined;
        this.paths.connected();
        this.events.opened();
      },
      onData: (data) => {
        if (this.current !== session) return;
        session.heard = true;
        this.paths.answered();
        this.events.data(data);
      },
      onClose: (reason) => {
        this.whenClosed.get(session)?.();
        this.whenClosed.delete(session);
        if (this.current === session) this.lost(reason);
      },
    });
  }

  private lost(reason: string): void {
    const { current, settings } = this;
    this.current = undefined;
    const wasOpen = current?.open === true;
    const wasLast = this.paths.lost(current?.heard === true);
    if (!wasOpen && wasLast) {
      if (this.awayError === undefined) this.host.log.warn(`${settings.name} is away: ${reason}`);
      this.awayError = new TandemError('FIELD_UNREACHABLE', `cannot open ${settings.name} (${reason})`);
    }
    this.events.lost(wasOpen, reason);
    if (!this.running) return;
    this.retry = this.host.timers.after(reconnectDelayMs(this.paths.nextAttempt(), this.host.random.next()), () => this.connect());
  }
}

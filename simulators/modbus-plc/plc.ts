import type { Clock, Random, Timers } from '../../src/contract/clock.js';
import type { Listener, Network, SerialTarget, TcpConnection, TcpEvents } from '../../src/contract/network.js';
import { Faults } from './faults.js';
import { exceptions } from './exceptions.js';
import { asciiFraming } from './framing/ascii.js';
import { rtuFraming } from './framing/rtu.js';
import { tcpFraming } from './framing/tcp.js';
import { exception, handle } from './functions.js';
import { Ledger } from './ledger.js';
import { serve, type BusOptions } from './session.js';
import { PlcUnit, type Background, type PlcWrite } from './unit.js';

export interface PlcGiven {
  readonly network: Network;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  /** What registers of a unit show that nobody has written; zero without it. */
  readonly background?: (unit: number) => Background;
}

/**
 * A Modbus server with any number of units on TCP, RTU over TCP, ASCII and serial ports. A unit exists from the first
 * {@link unit} on; requests for others are answered as a gateway does, with exception 0x0B, and on a bus not at all.
 */
export class VirtualPlc {
  readonly units = new Map<number, PlcUnit>();
  readonly faults: Faults;
  readonly ledger = new Ledger();
  /** Where a device that allows few connections is wanted: what comes on top is closed at once. */
  maxConnections = Infinity;
  private readonly listeners: Listener[] = [];
  private readonly connections = new Set<TcpConnection>();
  private readonly writeListeners = new Set<(write: PlcWrite) => void>();

  constructor(private readonly given: PlcGiven) {
    const startMs = given.clock.monotonicMs();
    this.faults = new Faults({ random: given.random, sinceStartMs: () => given.clock.monotonicMs() - startMs });
  }

  /** Listens on one more address; port 0 takes a free one. Returns the port. With `bus`, as a device server with serial frames on TCP. */
  async listen(host: string, port: number, bus?: BusOptions): Promise<number> {
    const listener = await this.given.network.listenTcp({ host, port }, (connection) => this.accept(connection, bus));
    this.listeners.push(listener);
    return listener.port;
  }

  /** Serves a serial port. Resolves once it is open. */
  openSerial(target: SerialTarget, bus: BusOptions = {}): Promise<void> {
    const { network } = this.given;
    if (network.openSerial === undefined) throw new Error('this network has no serial ports');
    const open = network.openSerial.bind(network);
    return new Promise((resolve, reject) => {
      // The events exist only once `accept` has seen the port, so they are reached through a holder.
      const holder: { events?: TcpEvents } = {};
      const port = open(target, {
        onOpen: () => {
          holder.events = this.accept(port, bus);
          resolve();
        },
        onData: (data) => holder.events?.onData(data),
        onClose: (reason) => {
          holder.events?.onClose(reason);
          reject(new Error(`${target.path} does not open: ${reason}`));
        },
      });
    });
  }

  /** Stops listening and closes all connections; the registers stay. */
  async close(): Promise<void> {
    this.dropConnections();
    await Promise.all(this.listeners.splice(0).map((listener) => listener.close()));
  }

  unit(id = 1): PlcUnit {
    let unit = this.units.get(id);
    if (unit === undefined) {
      unit = new PlcUnit(id, this.given.background?.(id));
      this.units.set(id, unit);
    }
    return unit;
  }

  get openConnections(): number {
    return this.connections.size;
  }

  /** Called after each write of a client to any unit. Returns what takes the listener away. */
  onWrite(listener: (write: PlcWrite) => void): () => void {
    this.writeListeners.add(listener);
    return () => this.writeListeners.delete(listener);
  }

  dropConnections(): void {
    for (const connection of this.connections) connection.destroy();
  }

  /** Serves an open connection or serial port; `bus` where its frames are serial ones. Returns where its events go. */
  accept(connection: TcpConnection, bus?: BusOptions): TcpEvents {
    const { host } = connection.remote;
    if (this.connections.size >= this.maxConnections) {
      connection.destroy();
      return { onData: () => undefined, onClose: () => undefined };
    }
    this.connections.add(connection);
    this.ledger.opened(host);
    const given = {
      timers: this.given.timers,
      random: this.given.random,
      received: (unit: number, functionCode: number) => {
        this.ledger.asked(host, functionCode);
        return this.faults.take(unit, functionCode);
      },
      handle: (unit: number, pdu: Uint8Array, refusal?: number) => (bus === undefined ? this.answer(host, unit, pdu, refusal) : this.answerOnBus(host, unit, pdu, refusal)),
      closed: () => {
        this.connections.delete(connection);
        this.ledger.closed(host);
      },
    };
    if (bus === undefined) return serve(connection, tcpFraming(), given);
    return serve(connection, bus.framing === 'ascii' ? asciiFraming() : rtuFraming(), given, bus);
  }

  /** On a bus nobody answers for a unit that is not there, and nobody a broadcast, which all carry out. */
  private answerOnBus(remote: string, id: number, pdu: Uint8Array, refusal: number | undefined): Uint8Array | undefined {
    if (id !== 0) return this.units.has(id) ? this.answer(remote, id, pdu, refusal) : undefined;
    for (const unit of this.units.keys()) this.answer(remote, unit, pdu, refusal);
    return undefined;
  }

  private answer(remote: string, id: number, pdu: Uint8Array, refusal: number | undefined): Uint8Array {
    const unit = this.units.get(id);
    if (unit === undefined) return exception(pdu, exceptions.gatewayTargetSilent).answer;
    if (refusal !== undefined) return exception(pdu, refusal).answer;
    const { answer, write } = handle(pdu, unit);
    if (write !== undefined) {
      const entry: PlcWrite = { timeMs: this.given.clock.wallMs(), remote, unit: id, ...write };
      this.ledger.wrote(entry);
      unit.written(entry);
      for (const listener of this.writeListeners) listener(entry);
    }
    return answer;
  }
}

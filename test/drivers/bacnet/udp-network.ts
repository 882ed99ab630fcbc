import type { Address, Network, Random, Timers, UdpBinding, UdpSocket } from '../../../src/contract/index.js';

interface Bound {
  readonly at: Address;
  readonly hears: (to: Address) => boolean;
  receive(data: Uint8Array, from: Address): void;
}

/** A datagram network in memory, on virtual time: loses, doubles, delays and reorders from a seed. */
export class UdpNetwork {
  /** Probability, per datagram. */
  loss = 0;
  duplication = 0;
  minDelayMs = 1;
  jitterMs = 0;
  /** Sees each datagram before it leaves; false drops it. */
  filter: (data: Uint8Array, from: Address, to: Address) => boolean = () => true;
  sent = 0;
  private readonly sockets = new Set<Bound>();
  private nextPort = 50_000;

  constructor(private readonly timers: Timers, private readonly random: Random) {}

  /** The network as a gateway or a virtual device sees it. */
  asNetwork(): Network {
    const unused = (): never => {
      throw new Error('no TCP in this test');
    };
    return { connectTcp: unused, listenTcp: unused, openUdp: async (at, onMessage) => this.open(at, onMessage) };
  }

  /** A datagram out of nowhere, with any sender: a spoofer. */
  inject(data: Uint8Array, from: Address, to: Address): void {
    for (const socket of this.sockets) if (socket.hears(to)) socket.receive(data, from);
  }

  private open(binding: UdpBinding, onMessage: (data: Uint8Array, from: Address) => void): UdpSocket {
    const local = { host: binding.host, port: binding.port === 0 ? this.nextPort++ : binding.port };
    const taken = [...this.sockets].some((other) => other.at.host === local.host && other.at.port === local.port);
    if (taken && !binding.reuseAddress) throw new Error(`${local.host}:${local.port} is taken`);
    const socket: Bound = { at: local, hears: (to) => to.port === local.port && to.host === local.host, receive: onMessage };
    this.sockets.add(socket);
    return {
      local,
      send: (data, to) => this.send(Uint8Array.from(data), local, to),
      close: () => {
        this.sockets.delete(socket);
        return Promise.resolve();
      },
    };
  }

  private send(data: Uint8Array, from: Address, to: Address): void {
    this.sent++;
    if (!this.filter(data, from, to) || this.random.next() < this.loss) return;
    const copies = this.random.next() < this.duplication ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      this.timers.after(this.minDelayMs + this.jitterMs * this.random.next(), () => {
        for (const socket of this.sockets) if (socket.hears(to)) socket.receive(data, from);
      });
    }
  }
}

import {
  TandemError,
  type CertificateFace,
  type Channel,
  type ChannelEvents,
  type Endpoint,
  type LinkTransport,
  type Listener,
  type Network,
  type TcpConnection,
  type TcpEvents,
} from '../../src/contract/index.js';
import type { NodeClock } from '../virtual-time/index.js';
import { End } from './connection.js';
import type { SimulatedNetwork } from './network.js';
import type { Journey } from './path.js';

/** What listens at a port: the process's own kind of connection, told by what it does with a new end. */
interface Port {
  readonly kind: 'tcp' | 'link';
  readonly accept: (end: End) => void;
}

/**
 * One life of a process on a machine with an address. A killed process leaves a kernel that resets its
 * connections and refuses new ones; a machine without power answers nothing.
 */
export class SimulatedHost {
  readonly ends = new Set<End>();
  /** Of what its process is reading right now. */
  reading: Journey | undefined;
  /** What this process shows on links, as TLS would prove it. */
  certificate: (() => CertificateFace) | undefined;
  readonly transport: LinkTransport;
  readonly network: Network;
  private readonly ports = new Map<number, Port>();
  private kernel: 'up' | 'down' = 'up';

  constructor(
    private readonly world: SimulatedNetwork,
    readonly address: string,
    readonly machine: NodeClock,
  ) {
    this.transport = {
      listen: async (at, accept) => this.listen(at, { kind: 'link', accept: (end) => acceptChannel(end, accept) }),
      dial: (to, timeoutMs, events) => this.dial(to, timeoutMs, events),
    };
    this.network = {
      connectTcp: (target, events) => this.connectTcp(target, target.connectTimeoutMs, events),
      listenTcp: async (at, accept) => this.listen(at, { kind: 'tcp', accept: (end) => acceptTcp(end, accept) }),
      openUdp: async () => Promise.reject(new TandemError('INTERNAL', 'the simulated network carries no datagrams')),
    };
  }

  kernelIsUp(): boolean {
    return this.world.kernelIsUp(this.address);
  }

  /** Whether this life's own kernel runs. */
  get isUp(): boolean {
    return this.kernel === 'up';
  }

  /** kill -9: nothing of the process runs again, the kernel cleans up after it. */
  kill(): void {
    this.machine.halt();
    this.ports.clear();
    for (const end of [...this.ends]) end.finish('reset');
  }

  /** The mains fails: peers see nothing at all until something is sent to a machine that has started again. */
  powerOff(): void {
    this.machine.halt();
    this.ports.clear();
    for (const end of [...this.ends]) end.lose();
    this.kernel = 'down';
  }

  /** Connections to `address` become half open on the way: see {@link End.forget}. Returns how many. */
  forgetConnectionsTo(address: string): number {
    const ends = [...this.ends].filter((end) => end.remoteAddress === address);
    for (const end of ends) end.forget();
    return ends.length;
  }

  /** Something on the way resets the connections to `address`: both ends are told. */
  resetConnectionsTo(address: string): void {
    for (const end of [...this.ends].filter((own) => own.remoteAddress === address)) {
      for (const each of [end, end.peer]) each?.host.machine.enter(() => each.close('reset'));
    }
  }

  portAt(port: number): Port | undefined {
    return this.ports.get(port);
  }

  private async listen(at: Endpoint, port: Port): Promise<Listener> {
    if (this.ports.has(at.port)) throw new TandemError('PORT_IN_USE', `port ${at.port} of ${at.host} is in use by another program`);
    this.ports.set(at.port, port);
    return {
      port: at.port,
      close: async () => {
        this.ports.delete(at.port);
      },
    };
  }

  private dial(to: Endpoint, timeoutMs: number, events: ChannelEvents): Channel {
    const end = new End(this.world.time, this, 'ended');
    end.events = { onOpen: () => events.onOpen?.(), onPayload: (payload) => events.onMessage(payload), onClose: (reason) => events.onClose(reason) };
    this.world.connect(end, to, 'link', timeoutMs);
    return channelOf(end, `${to.host}:${to.port}`);
  }

  private connectTcp(to: Endpoint, timeoutMs: number, events: TcpEvents): TcpConnection {
    const end = new End(this.world.time, this, 'local');
    end.events = tcpEnd(events);
    this.world.connect(end, to, 'tcp', timeoutMs);
    return connectionOf(end, to);
  }
}

function acceptChannel(end: End, accept: (channel: Channel) => ChannelEvents): void {
  const events = accept(channelOf(end, `${end.remoteAddress}:0`));
  end.events = { onPayload: (payload) => events.onMessage(payload), onClose: (reason) => events.onClose(reason) };
}

function acceptTcp(end: End, accept: (connection: TcpConnection) => TcpEvents): void {
  const events = accept(connectionOf(end, { host: end.remoteAddress, port: 0 }));
  end.events = tcpEnd(events);
  events.onOpen?.();
}

function tcpEnd(events: TcpEvents): NonNullable<End['events']> {
  return {
    onOpen: () => events.onOpen?.(),
    onPayload: (payload) => events.onData(typeof payload === 'string' ? Buffer.from(payload) : payload),
    onClose: (reason) => events.onClose(reason),
  };
}

function channelOf(end: End, remote: string): Channel {
  return {
    remote,
    get certificate() {
      return end.peer?.host.certificate?.();
    },
    get bufferedBytes() {
      return end.bufferedBytes;
    },
    get bytesReceived() {
      return end.bytesReceived;
    },
    send: (message) => end.send(message),
    destroy: () => end.destroy(),
  };
}

function connectionOf(end: End, remote: Endpoint): TcpConnection {
  return {
    remote,
    get bufferedBytes() {
      return end.bufferedBytes;
    },
    write: (data) => end.send(data),
    destroy: () => end.destroy(),
    reset: () => end.destroy('reset'),
  };
}

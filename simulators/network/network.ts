import type { Endpoint } from '../../src/contract/index.js';
import type { NodeClock, SeededRandom, VirtualClock } from '../virtual-time/index.js';
import { End } from './connection.js';
import { SimulatedHost } from './host.js';
import { Path } from './path.js';

/**
 * Hosts and the paths between them, on virtual time. Everything that happens is a function of the seed: chance
 * is in the latencies only, and each direction draws from a stream of its own.
 *
 *     const net = new SimulatedNetwork(time, seededRandom(1));
 *     const a = net.host('10.0.0.1', time.node());
 *     net.cut('10.0.0.1', '10.0.0.2');
 */
export class SimulatedNetwork {
  private readonly hosts = new Map<string, SimulatedHost>();
  private readonly paths = new Map<string, Path>();
  private readonly datagrams = new Map<string, (text: string) => void>();
  private readonly refused = new Set<string>();

  constructor(
    readonly time: VirtualClock,
    private readonly random: SeededRandom,
  ) {}

  /** A process starts at an address; the one that was there before must be dead. */
  host(address: string, machine: NodeClock): SimulatedHost {
    const host = new SimulatedHost(this, address, machine);
    this.hosts.set(address, host);
    // Whoever still sends to the machine that was there before learns of its end now.
    for (const [key, path] of this.paths) if (key.endsWith(`>${address}`)) path.kick();
    return host;
  }

  /** Somebody takes datagrams at an address; returns how to stop that. */
  bindDatagrams(at: Endpoint, onDatagram: (text: string) => void): () => void {
    const key = `${at.host}:${at.port}`;
    this.datagrams.set(key, onDatagram);
    return () => {
      if (this.datagrams.get(key) === onDatagram) this.datagrams.delete(key);
    };
  }

  /** Sends one: lost where the way is cut, late as everything else. */
  datagram(from: string, to: Endpoint, text: string): void {
    const path = this.path(from, to.host);
    if (path.isCut) return;
    this.time.after(path.delayMs(), () => {
      if (!path.isCut) this.datagrams.get(`${to.host}:${to.port}`)?.(text);
    });
  }

  path(from: string, to: string): Path {
    const key = `${from}>${to}`;
    let path = this.paths.get(key);
    if (path === undefined) this.paths.set(key, (path = new Path(this.random.fork(key))));
    return path;
  }

  cut(a: string, b: string): void {
    this.path(a, b).cut();
    this.path(b, a).cut();
  }

  heal(a: string, b: string): void {
    this.path(a, b).heal();
    this.path(b, a).heal();
  }

  /** A firewall refuses one port of `to` to `from`: calls are answered with a reset, by a machine that lives and is reached on all others. */
  refuse(from: string, to: Endpoint): void {
    this.refused.add(`${from}>${to.host}:${to.port}`);
  }

  allow(from: string, to: Endpoint): void {
    this.refused.delete(`${from}>${to.host}:${to.port}`);
  }

  kernelIsUp(address: string): boolean {
    return this.hosts.get(address)?.isUp ?? false;
  }

  /** The greeting of TCP (and, for a link, of HTTP above it): answered by `onOpen` or `onClose`. */
  connect(end: End, to: Endpoint, kind: 'tcp' | 'link', timeoutMs: number): void {
    const from = end.host.address;
    const there = this.path(from, to.host);
    const back = this.path(to.host, from);
    const timer = end.host.machine.after(timeoutMs, () => end.giveUp('timeout'));
    const { events } = end;
    if (events !== undefined) {
      end.events = {
        ...events,
        onOpen: () => {
          timer.cancel();
          events.onOpen?.();
        },
        onClose: (reason) => {
          timer.cancel();
          events.onClose(reason);
        },
      };
    }
    this.time.after(there.delayMs(), () => {
      const host = this.hosts.get(to.host);
      if (there.isCut || back.isCut || host?.isUp !== true || end.isOver) return;
      const port = this.refused.has(`${from}>${to.host}:${to.port}`) ? undefined : host.portAt(to.port);
      if (port === undefined) {
        this.time.after(back.delayMs(), () => {
          if (!back.isCut) end.host.machine.enter(() => end.close('refused'));
        });
        return;
      }
      const far = new End(this.time, host, kind === 'link' ? 'ended' : 'local');
      End.join(this.time, end, far, there, back);
      const accept = (): void => {
        if (far.isOver) return;
        if (port.kind === kind) {
          // Before whatever is sent from within `accept`.
          if (kind === 'link') far.opened();
          port.accept(far);
        } else far.events = { onPayload: () => undefined, onClose: () => undefined };
      };
      // A kernel shakes hands for a process that is frozen; HTTP needs the process.
      if (kind === 'tcp') far.opened();
      host.machine.enter(accept);
    });
  }
}

import { drivers } from '../../drivers/index.js';
import { readSheet, writeSheet, type LoadedSite } from '../../src/config/index.js';
import { createGateway, type Gateway } from '../../src/gateway.js';
import type { ConfigurationSource } from '../../src/gateway/configuration-source.js';
import { directTexts } from '../../src/gateway/text-desk.js';
import { messageOf, type ChannelEvents, type LinkTransport, type Log, type Network, type NodeConfig, type Role } from '../../src/contract/index.js';
import type { ClientServerOptions, NodeApi } from '../../src/clients/index.js';
import type { Database } from '../../src/store/index.js';
import { SimulatedDisk } from '../../simulators/disk/index.js';
import { simulatedHeartbeats, type SimulatedHost } from '../../simulators/network/index.js';
import type { NodeClock } from '../../simulators/virtual-time/index.js';
import { readableBefore2 } from '../redundancy/link-protocol-1.js';
import { simulatedClients } from './sockets.js';
import { ADDRESSES, documentOf, loadText, nodeOf, SECOND, TOKEN, WITNESS_SECRET, type NodeId } from './site.js';
import type { SimWorld } from './world.js';

/** One run of the program on a machine, from its start to its death. */
export interface Life {
  readonly number: number;
  readonly machine: NodeClock;
  readonly host: SimulatedHost;
  /** On the network that carries nothing but heartbeats. */
  readonly second: SimulatedHost | undefined;
  state: 'starting' | 'running' | 'stopping';
  gateway?: Gateway;
  api?: NodeApi;
  db?: Database;
}

/** As a service manager does it. */
const RESTART_AFTER_MS = 2_000;
const HARD_STOP_MS = 10_000;
const OLDER = { least: 1, most: 1 };

/** One machine with its disk and its gateway: started, killed, frozen and started again. */
export class SimNode {
  readonly disk: SimulatedDisk;
  readonly address: string;
  readonly config: NodeConfig;
  life: Life | undefined;
  private lives = 0;
  /** The wall clock of this machine against the world's; it outlives a process. */
  private wallOffsetMs = 0;
  private rate = 1;
  /** Speaks the link's protocol before this one, from its next start on. */
  isOlder: boolean;
  /** How long it takes to read a changed configuration. */
  readsMs = 0;
  /** Its disk has lost what it had acknowledged, and has not been made whole by the other node since. */
  isDamaged = false;

  constructor(
    private readonly world: SimWorld,
    readonly id: NodeId,
  ) {
    this.disk = new SimulatedDisk(world.random.fork(`disk ${id}`));
    this.address = ADDRESSES[id];
    this.config = nodeOf(id, world.options.secondPath === true, world.options.arbitration);
    this.isOlder = world.options.older === true && id !== 'C';
  }

  get role(): Role | 'dead' {
    return this.life?.gateway?.pair.currentRole ?? 'dead';
  }

  get gateway(): Gateway | undefined {
    return this.life?.gateway;
  }

  get isFrozen(): boolean {
    return this.life !== undefined && !this.life.machine.isRunning;
  }

  /** Has a process, whatever it does. */
  get isUp(): boolean {
    return this.life !== undefined;
  }

  /** Whether an effect could leave this node at this very instant. */
  get mayAct(): boolean {
    const { gateway } = this;
    return gateway !== undefined && !this.isFrozen && gateway.pair.permit();
  }

  /** Talks with the other node. */
  get isConnected(): boolean {
    return (this.gateway?.pair.linkVersion ?? 0) > 0;
  }

  get isInSync(): boolean {
    return this.role === 'active' && this.gateway?.pair.status().protected === true;
  }

  start(): void {
    if (this.life !== undefined) return;
    const { world } = this;
    const machine = world.time.node({ wallOffsetMs: this.wallOffsetMs });
    machine.setRate(this.rate);
    const host = world.net.host(this.address, machine);
    const second = world.options.secondPath === true && this.id !== 'C' ? world.net.host(SECOND[this.id], machine) : undefined;
    const life: Life = { number: ++this.lives, machine, host, second, state: 'starting' };
    this.life = life;
    world.say(this.id, 'starts');
    const db = this.disk.open(machine);
    const { journal, editable } = world.options;
    const configuration: ConfigurationSource = { load: async ({ text }) => this.readSlowly(machine, text), sheets: { write: async (text, section, dialect) => writeSheet(text, section, dialect, drivers), read: async (text, request) => readSheet(text, request, drivers) }, texts: directTexts, file: { path: 'site.yaml', text: documentOf(world.siteOptions) } };
    createGateway({ site: world.site, node: this.config, token: TOKEN, witnessSecret: WITNESS_SECRET, ...(journal === undefined ? {} : { journal }), ...(editable === true ? { configuration } : {}), ...(this.isOlder ? { protocol: OLDER } : {}) }, drivers, {
      clock: machine,
      timers: machine,
      random: world.random.fork(`${this.id} ${life.number}`),
      network: second === undefined ? host.network : onBoth(host.network, second.network),
      heartbeats: simulatedHeartbeats(world.net, machine),
      transport: this.isOlder ? this.asOlder(host.transport) : host.transport,
      witnessTransport: host.transport,
      log: this.log(''),
      ...(world.options.messenger === undefined ? {} : { messenger: world.options.messenger }),
      ...(world.options.programs === undefined || this.id === 'C' ? {} : { programs: world.options.programs[this.id] }),
      openDatabase: async () => {
        const opened: unknown = await db;
        life.db = opened as Database;
        return life.db;
      },
      serveClients: (options: ClientServerOptions) => {
        life.api = options.api;
        return simulatedClients(host)(options);
      },
    }).then(
      (gateway) => {
        if (this.life !== life) return;
        life.gateway = gateway;
        life.state = 'running';
        world.begun(this, life, gateway);
        void gateway.failed.then((error) => {
          if (this.life !== life || life.state === 'stopping') return;
          world.say(this.id, `cannot go on: ${error.message}`);
          this.stop(true);
        });
      },
      (error: unknown) => {
        if (this.life !== life) return;
        world.say(this.id, `does not start: ${messageOf(error)}`);
        this.ended(life, true);
      },
    );
  }

  private async readSlowly(machine: NodeClock, text: string): Promise<LoadedSite> {
    const { readsMs } = this;
    if (readsMs > 0) await new Promise<void>((resolve) => void machine.after(readsMs, resolve));
    return loadText(text);
  }

  /** A clean stop, as SIGTERM asks for. `again`: the service manager starts it anew. */
  stop(again = false): void {
    const { life, world } = this;
    if (life?.gateway === undefined || life.state === 'stopping') return;
    life.state = 'stopping';
    world.say(this.id, 'stops');
    const end = (): void => {
      if (this.life === life) this.ended(life, again);
    };
    life.machine.after(HARD_STOP_MS, end);
    life.gateway.stop().then(end, (error: unknown) => {
      world.wrong('thrown', `${this.id} failed to stop: ${messageOf(error)}`);
      end();
    });
  }

  /** kill -9. */
  kill(): void {
    const { life } = this;
    if (life === undefined) return;
    this.world.say(this.id, 'is killed');
    this.end(life, 'process');
  }

  /** The machine loses its power; its disk forgets what was not synced, and nobody is told. Returns the writes that were lost. */
  powerOff(): number {
    const { life } = this;
    if (life === undefined) return 0;
    this.world.say(this.id, 'loses its power');
    return this.end(life, 'machine');
  }

  /** `main thread`: what carries heartbeats on the second path goes on. */
  freeze(what: 'process' | 'main thread' = 'process'): void {
    if (this.life?.machine.isRunning !== true) return;
    this.world.say(this.id, what === 'process' ? 'freezes' : 'hangs');
    this.life.machine.freeze(what);
  }

  thaw(): void {
    if (!this.isFrozen) return;
    this.world.say(this.id, 'goes on');
    this.life?.machine.thaw();
  }

  stepWall(byMs: number): void {
    this.wallOffsetMs += byMs;
    this.life?.machine.stepWall(byMs);
  }

  setRate(rate: number): void {
    this.rate = rate;
    this.life?.machine.setRate(rate);
  }

  private ended(life: Life, again: boolean): void {
    this.world.say(this.id, 'has ended');
    this.end(life, 'process');
    if (again) this.world.time.after(RESTART_AFTER_MS, () => this.start());
  }

  private end(life: Life, what: 'process' | 'machine'): number {
    this.life = undefined;
    this.world.ending(this, life);
    for (const host of [life.host, life.second]) {
      if (what === 'process') host?.kill();
      else host?.powerOff();
    }
    life.machine.halt();
    return this.disk.crash(what).lostWrites;
  }

  /** What the other node says to one of the older version must be what that can read (R32). */
  private asOlder(transport: LinkTransport): LinkTransport {
    const { world, id } = this;
    const heard = (message: string | Uint8Array): void => {
      const unreadable = typeof message === 'string' ? (readableBefore2(message) ? undefined : message.slice(0, 120)) : message[2] === 1 ? undefined : `a frame of format ${String(message[2])}`;
      if (unreadable !== undefined) world.wrong('R32', `${id} is of the older version and was sent ${unreadable}`);
    };
    const tap = (events: ChannelEvents): ChannelEvents => ({
      ...events,
      onMessage: (message) => {
        heard(message);
        events.onMessage(message);
      },
    });
    return { listen: async (at, accept) => transport.listen(at, (channel) => tap(accept(channel))), dial: (to, waitMs, events) => transport.dial(to, waitMs, tap(events)) };
  }

  private log(space: string): Log {
    const { world, id } = this;
    const told = space === 'redundancy';
    return {
      debug: () => undefined,
      info: (text) => {
        if (told) world.say(id, text);
      },
      warn: (text) => {
        if (told) world.say(id, text);
      },
      error: (text, cause) => world.say(id, `ERROR ${space}: ${text}: ${messageOf(cause)}`),
      child: (name) => this.log(space === '' ? name : `${space}.${name}`),
    };
  }
}

/** Each of the two networks is reached from the machine's own address on it. */
function onBoth(first: Network, second: Network): Network {
  const at = (host: string): Network => (host === SECOND.A || host === SECOND.B ? second : first);
  return {
    ...first,
    connectTcp: (target, events) => at(target.host).connectTcp(target, events),
    listenTcp: async (endpoint, accept) => at(endpoint.host).listenTcp(endpoint, accept),
  };
}

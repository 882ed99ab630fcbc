import type { Json, PairState } from '../../src/image/index.js';
import { EMPTY_TABLE, PairState as State, Publisher, type PointTable } from '../../src/image/index.js';
import type { Channel, FieldComparison, ConfigurationDocument, ChannelEvents, LinkTransport, NodeMode, Position, Role } from '../../src/contract/index.js';
import { SampleBuilder } from '../../src/contract/index.js';
import { currentConfiguration, type DeviceReach, type Inspector, LiveSettings, Pair, PairClock, putConfiguration, Trust, type Mark } from '../../src/redundancy/index.js';
import { snapshotOf, Store, type Database } from '../../src/store/index.js';
import { SimulatedDisk } from '../../simulators/disk/index.js';
import { simulatedHeartbeats, type SimulatedHost } from '../../simulators/network/index.js';
import type { NodeClock } from '../../simulators/virtual-time/index.js';
import type { MemoryTrust } from './memory-trust.js';
import { WITNESS_SECRET, type World } from './world.js';

interface Life {
  readonly machine: NodeClock;
  readonly host: SimulatedHost;
  /** The same machine on the second network. */
  readonly second: SimulatedHost | undefined;
  readonly state: PairState;
  readonly store: Store;
  readonly publisher: Publisher;
  readonly pair: Pair;
  /** Where it stood when it had loaded. */
  readonly loaded: Position;
  readonly damaged: string | undefined;
}

/** One machine with its disk; a process that is started, killed, frozen and started again. */
export class TestNode {
  readonly disk: SimulatedDisk;
  life: Life | undefined;
  /** How often this machine was started. */
  lives = 0;
  quiesceMs = 0;
  /** Plays an older version on the link. */
  protocol: { readonly least: number; readonly most: number } | undefined;
  /** Told each text that arrives on the link. */
  heard: ((message: string | Uint8Array) => void) | undefined;
  /** What it is entitled to run. */
  modules: readonly string[] | undefined;
  /** What it reaches of the field. */
  reach: DeviceReach[] | undefined;
  /** What it finds in the field beside the image, while it is in sync. */
  comparison: FieldComparison | undefined;
  priority: number | undefined;
  /** Looks at what a verification compares. */
  inspect: ((store: Store) => Inspector) | undefined;
  /** With TLS: its key and list of certificates, which survive the process. */
  certificates: MemoryTrust | undefined;
  trust: Trust | undefined;
  /** What it is started with, because nobody can run the configuration in force. */
  inPlace: ConfigurationDocument | undefined;
  /** Of its present life. */
  live: LiveSettings | undefined;
  /** What was synced to its disk when somebody last looked. */
  durable: Position | undefined;
  private machine: NodeClock | undefined;
  private channel: Channel | undefined;

  constructor(
    private readonly world: World,
    readonly id: string,
    readonly mode: NodeMode,
    readonly address: string,
    private readonly peerAddress: string,
  ) {
    this.disk = new SimulatedDisk(world.random.fork(`disk ${id}`));
  }

  /** The same that src/gateway.ts does for the parts that these tests are about. */
  async start(): Promise<void> {
    const { world } = this;
    const { time, table, settings } = world;
    const machine = (this.machine = time.node());
    const host = world.net.host(this.address, machine);
    const second = world.secondPath ? world.net.host(this.secondAddress, machine) : undefined;
    const life = ++this.lives;
    const state = new State(EMPTY_TABLE, (frame) => this.world.tables.get(frame.revision));
    const log = world.log(this.id);
    const db: unknown = await this.disk.open(machine);
    const store = new Store({ db: db as Database, table: EMPTY_TABLE, log, journalBytes: world.journalBytes });
    const { damaged } = await store.load(state);
    const { inPlace } = this;
    state.retable(world.tables.get(inPlace?.revision ?? currentConfiguration(state.keyed)?.revision ?? '') ?? table);
    store.retable(state.table);
    state.tables$.subscribe((next) => store.retable(next));
    const pairClock = new PairClock(machine);
    pairClock.observe(state.pairTimeMs);
    const publisher = new Publisher({ state, clock: machine, timers: machine, pairTime: () => pairClock.now(), frameMs: 20 });
    const mark = damaged === undefined ? ((await store.readMark('mark')) as Mark | undefined) : undefined;
    const { certificates } = this;
    const live = (this.live = new LiveSettings(settings));
    const trust = (this.trust = certificates === undefined ? undefined : new Trust({ store: certificates, node: this.id, pins: certificates.pins, clock: machine, log }));
    if (certificates !== undefined) host.certificate = () => certificates.own();
    const pair: Pair = new Pair({
      site: 'demo',
      node: {
        id: this.id,
        mode: this.mode,
        data: '/data',
        console: { host: this.address, port: 8080 },
        link: { host: this.address, port: 7000 },
        ...(world.secondPath ? { heartbeat: { host: this.secondAddress, port: 7002 } } : {}),
        url: `http://${this.address}:8080`,
        ...(this.modules === undefined ? {} : { modules: this.modules }),
        ...(this.mode === 'reader' ? { otherPartner: { symbol: 'other', address: world.b.address, port: 7000 } } : {}),
        ...(this.priority === undefined ? {} : { priority: this.priority }),
        partner: { symbol: 'peer', address: this.peerAddress, port: 7000, ...(world.secondPath ? { secondPath: { host: world.other(this).secondAddress, port: 7002 } } : {}) },
      },
      settings: live.current,
      live,
      state,
      publisher,
      pairClock,
      journal: store,
      mark: mark ?? 'following',
      historyGap: await store.readMark('history-gap'),
      historyOwed: await store.readMark('history-owed'),
      configuration: {
        current: () => currentConfiguration(state.keyed),
        prepare: async ({ revision }) => (world.tables.has(revision) ? [] : [{ code: 'CONFIG_INVALID', message: 'unknown here', file: '', line: 1, column: 1, path: '', severity: 'error' }]),
        replacement: () => (inPlace === undefined || inPlace.revision === currentConfiguration(state.keyed)?.revision ? undefined : { ...inPlace, number: (currentConfiguration(state.keyed)?.number ?? 0) + 1 }),
      },
      reach: () => this.reach ?? [],
      comparison: () => (pair.isInSync ? this.comparison : undefined),
      ...(this.inspect === undefined ? {} : { inspector: this.inspect(store) }),
      ...(this.protocol === undefined ? {} : { protocol: this.protocol }),
      witnessSecret: WITNESS_SECRET,
      health: () => ({ memoryBytes: this.id === 'A' ? 1 : 2, ...(this.mode === 'backup' ? { diskLow: true } : {}) }),
      registers: {
        write: async (value) => {
          await this.plcAnswers(machine);
          world.plc.values.set(this.id, value);
        },
        read: async () => {
          await this.plcAnswers(machine);
          return world.plc.values.get(world.other(this).id) ?? 0;
        },
      },
      heartbeats: simulatedHeartbeats(world.net, machine),
      clock: machine,
      timers: machine,
      random: world.random.fork(`${this.id} ${life}`),
      network: {
        ...host.network,
        // Each network is reached from the machine's own address on it.
        connectTcp: (target, events) => (target.host.startsWith('10.1.') && second !== undefined ? second : host).network.connectTcp(target, events),
        listenTcp: async (at, accept) => (at.host === this.secondAddress && second !== undefined ? second : host).network.listenTcp(at, accept),
      },
      transport: this.tapped(host.transport),
      trust,
      rows: await store.readMark('rows'),
      log,
      snapshot: () => snapshotOf(state),
      quiesce: async () => new Promise((resolve) => void machine.after(this.quiesceMs, resolve)),
    });
    const loaded = state.position;
    await host.network.listenTcp({ host: this.address, port: 8080 }, () => ({ onData: () => undefined, onClose: () => undefined }));
    await pair.start();
    this.life = { machine, host, second, state, store, publisher, pair, loaded, damaged };
    world.trace(`${this.id} started: mark ${mark ?? 'none'}, epoch ${loaded.epoch.number}, seq ${loaded.seq}`);
  }

  private async plcAnswers(machine: NodeClock): Promise<void> {
    await new Promise<void>((resolve) => void machine.after(5, resolve));
    if (!this.world.plc.reached.has(this.id)) throw new Error('the PLC does not answer');
  }

  private tapped(transport: LinkTransport): LinkTransport {
    const tap = (events: ChannelEvents): ChannelEvents => ({
      ...events,
      onMessage: (message) => {
        this.heard?.(message);
        events.onMessage(message);
      },
    });
    const keep = (channel: Channel): Channel => (this.channel = channel);
    return { listen: async (at, accept) => transport.listen(at, (channel) => tap(accept(keep(channel)))), dial: (to, waitMs, events) => keep(transport.dial(to, waitMs, tap(events))) };
  }

  /** Says something on the link that this version would not. */
  sendRaw(text: string): void {
    this.channel?.send(text);
  }

  /** On the second, dedicated network. */
  get secondAddress(): string {
    return this.address.replace('10.0.', '10.1.');
  }

  get role(): Role | 'dead' {
    return this.life?.pair.currentRole ?? 'dead';
  }

  get running(): Life {
    if (this.life === undefined) throw new Error(`node ${this.id} is not running`);
    return this.life;
  }

  get pair(): Pair {
    return this.running.pair;
  }

  get state(): PairState {
    return this.running.state;
  }

  get isFrozen(): boolean {
    return this.machine?.isRunning === false;
  }

  /** As the active sees it: a confirmation means both nodes. */
  get isInSync(): boolean {
    return this.role === 'active' && this.pair.status().protected;
  }

  /** Whether effects are allowed right now. A frozen process cannot ask, but would be told the same. */
  get permitted(): boolean {
    return this.life?.pair.permit() ?? false;
  }

  /** The position that a restart must bring back; nothing while a snapshot is on its way to disk. */
  durablePosition(): Position | undefined {
    const { state, store } = this.running;
    const { position } = state;
    return store.durableSeq === position.seq ? position : this.durable;
  }

  /** As the gateway does it from time to time. */
  async checkpoint(): Promise<void> {
    const { publisher, state, store } = this.running;
    publisher.cut();
    state.keyed.dropTombstones(store.journalFloor - 1);
    await store.checkpoint(state);
  }

  /** kill -9. */
  kill(): void {
    this.world.trace(`${this.id} killed`);
    this.life?.host.kill();
    this.life?.second?.kill();
    this.machine?.halt();
    this.life = undefined;
    this.disk.crash('process');
  }

  /** The machine loses its power; its disk forgets what was not synced, and its peer is told nothing. */
  powerOff(): void {
    this.world.trace(`${this.id} without power`);
    this.life?.host.powerOff();
    this.life?.second?.powerOff();
    this.machine?.halt();
    this.life = undefined;
    this.disk.crash('machine');
  }

  /** The main thread hangs; what carries heartbeats is a thread of its own. */
  hang(): void {
    this.world.trace(`${this.id} hangs`);
    this.machine?.freeze('main thread');
  }

  freeze(): void {
    this.world.trace(`${this.id} frozen`);
    this.machine?.freeze();
  }

  thaw(): void {
    this.world.trace(`${this.id} thawed`);
    this.machine?.thaw();
  }

  async stop(): Promise<void> {
    const { pair, store, state } = this.running;
    await pair.stop();
    await store.checkpoint(state);
    await store.close();
    this.life?.host.kill();
    this.life?.second?.kill();
    this.life = undefined;
  }

  /** Field values, by point id. */
  ingest(...values: readonly (readonly [point: number, value: number | string])[]): void {
    const builder = new SampleBuilder();
    for (const [point, value] of values) builder.add(point, value, 0, this.running.machine.wallMs());
    this.running.publisher.ingest(builder.take());
  }

  put(key: string, value: Json): number {
    return this.running.publisher.record([{ key, value }], [{ kind: 'audit', data: { key } }]);
  }

  /** Another configuration, as src/gateway/configuration.ts puts it into force; the frame that carries it. */
  switchTo(table: PointTable): number {
    const { publisher, state } = this.running;
    const number = (currentConfiguration(state.keyed)?.number ?? 0) + 1;
    const origin = { how: 'edit', node: this.id, user: 'test', timeMs: state.pairTimeMs, comment: '' } as const;
    publisher.cut();
    if (table.revision !== state.table.revision) state.retable(table);
    return publisher.record(putConfiguration(state.keyed, { revision: table.revision, number, origin, points: '', text: table.revision }));
  }

  async confirmed(key: string, value: Json): Promise<'protected' | 'unprotected'> {
    return this.pair.sync.confirm(this.put(key, value));
  }
}

import { TandemClient, type ReadFrom } from '../../src/client-sdk/index.js';
import type { WireLog } from '../../src/contract/index.js';
import type { SeededRandom } from '../../simulators/virtual-time/index.js';
import { ADDRESSES, TOKEN, type NodeId } from './site.js';
import { simulatedWebSocket } from './sockets.js';
import type { SimWorld } from './world.js';

export interface ScreenOptions {
  /** Also the name of its stream of random numbers. */
  readonly who: string;
  readonly address: string;
  /** What the ids of its requests begin with. */
  readonly ids: string;
  /** Nodes that it knows. */
  readonly nodes: readonly NodeId[];
  readonly readFrom: ReadFrom;
}

/** A screen that shows everything: the real client library on the simulated network. */
export class SimScreen {
  readonly client: TandemClient;
  readonly who: string;
  /** Log entries that it was shown, with how often. */
  readonly seenLogs = new Map<string, number>();
  /** Where what it was told without a gap began: the position of its last snapshot. */
  sinceSeq = 0;
  protected readonly random: SeededRandom;
  private ids = 0;

  constructor(
    protected readonly world: SimWorld,
    options: ScreenOptions,
  ) {
    this.who = options.who;
    this.random = world.random.fork(options.who);
    const machine = world.time.node();
    const host = world.net.host(options.address, machine);
    const ids = this.random.fork('ids');
    this.client = new TandemClient({
      urls: options.nodes.map((id) => `http://${ADDRESSES[id]}:8080`),
      points: ['*'],
      token: TOKEN,
      readFrom: options.readFrom,
      webSocket: simulatedWebSocket(host),
      now: () => machine.monotonicMs(),
      timers: machine,
      random: () => this.random.next(),
      newId: () => `${options.ids}-${++this.ids}-${ids.hex(4)}`,
    });
    this.client.on('snapshot', ({ position }) => {
      this.sinceSeq = position.seq;
      this.seenLogs.clear();
    });
    this.client.on('log', (log) => this.onLog(log));
    this.client.on('problem', ({ code, message }) => world.wrong('h', `${this.who}: ${code}: ${message}`));
    this.client.on('state', (state) => world.say(options.who.replace(' ', ''), `is ${state}`));
  }

  start(): void {
    this.client.start();
  }

  private onLog(log: WireLog): void {
    const times = (this.seenLogs.get(log.id) ?? 0) + 1;
    this.seenLogs.set(log.id, times);
    if (times > 1) this.world.wrong('h', `${this.who} was shown record ${log.id} (${log.kind}) ${times} times`);
  }
}

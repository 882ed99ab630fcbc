import { messageOf } from '../../src/contract/index.js';
import { WitnessServer, type WitnessRecord } from '../../src/redundancy/index.js';
import type { SimulatedHost } from '../../simulators/network/index.js';
import type { NodeClock } from '../../simulators/virtual-time/index.js';
import { ADDRESSES, WITNESS_PORT, WITNESS_SECRET } from './site.js';
import type { SimWorld } from './world.js';

const SYNC_MS = 2;
/** As a service manager does it. */
const RESTART_AFTER_MS = 2_000;

interface Life {
  readonly machine: NodeClock;
  readonly host: SimulatedHost;
}

/** The third machine with its disk: the real witness, which is started, killed, frozen and started again. */
export class SimWitness {
  readonly address = ADDRESSES.W;
  /** What is on its disk. */
  private readonly records = new Map<string, WitnessRecord>();
  private life: Life | undefined;
  private lives = 0;
  private rate = 1;
  private failing = false;

  constructor(private readonly world: SimWorld) {}

  get isUp(): boolean {
    return this.life !== undefined;
  }

  start(): void {
    if (this.life !== undefined) return;
    const { world } = this;
    const machine = world.time.node();
    machine.setRate(this.rate);
    const host = world.net.host(this.address, machine);
    const life: Life = { machine, host };
    this.life = life;
    this.failing = false;
    world.say('W', 'starts');
    const quiet = { debug: () => undefined, info: (text: string) => world.say('W', text), warn: (text: string) => world.say('W', text), error: (text: string) => world.say('W', text), child: () => quiet };
    const server = new WitnessServer({
      listen: { host: this.address, port: WITNESS_PORT },
      secret: WITNESS_SECRET,
      disk: { load: async () => new Map(this.records), save: async (site, record) => this.save(life, site, record) },
      clock: machine,
      timers: machine,
      random: world.random.fork(`witness ${++this.lives}`),
      transport: host.transport,
      log: quiet,
    });
    server.start().catch((error: unknown) => world.wrong('thrown', `the witness does not start: ${messageOf(error)}`));
    // Its disk failed: it must say nothing more, and ends (src/cli/witness.ts).
    void server.failed.then(() => {
      if (this.life !== life) return;
      this.kill();
      world.time.after(RESTART_AFTER_MS, () => this.start());
    });
  }

  /** kill -9: what it promised, it forgets. */
  kill(): void {
    if (this.life === undefined) return;
    this.world.say('W', 'is killed');
    this.life.host.kill();
    this.life = undefined;
  }

  powerOff(): void {
    if (this.life === undefined) return;
    this.world.say('W', 'loses its power');
    this.life.host.powerOff();
    this.life = undefined;
  }

  freeze(): void {
    this.life?.machine.freeze();
  }

  thaw(): void {
    this.life?.machine.thaw();
  }

  setRate(rate: number): void {
    this.rate = rate;
    this.life?.machine.setRate(rate);
  }

  /** The next write to its disk fails. */
  failDisk(): void {
    this.failing = true;
  }

  private async save(life: Life, site: string, record: WitnessRecord): Promise<void> {
    return new Promise((resolve, reject) => {
      life.machine.after(SYNC_MS, () => {
        if (this.failing) {
          reject(new Error('IO error: fsync: Input/output error'));
          return;
        }
        this.records.set(site, record);
        resolve();
      });
    });
  }
}

import { WitnessServer, type WitnessRecord } from '../../src/redundancy/index.js';
import type { SimulatedHost } from '../../simulators/network/index.js';
import type { NodeClock } from '../../simulators/virtual-time/index.js';
import { WITNESS_AT, WITNESS_SECRET, type World } from './world.js';

/** The third machine of a simulated site, with its disk; a process that is started, killed, frozen and started again. */
export class TestWitness {
  readonly records = new Map<string, WitnessRecord>();
  /** How long its disk takes. */
  syncMs = 2;
  private life: { readonly machine: NodeClock; readonly host: SimulatedHost; readonly server: WitnessServer } | undefined;

  constructor(
    private readonly world: World,
    readonly address: string,
  ) {}

  get isRunning(): boolean {
    return this.life !== undefined;
  }

  async start(): Promise<void> {
    if (this.life !== undefined) return;
    const { world } = this;
    const machine = world.time.node();
    const host = world.net.host(this.address, machine);
    const server = new WitnessServer({
      listen: WITNESS_AT,
      secret: WITNESS_SECRET,
      disk: {
        load: async () => new Map(this.records),
        save: async (site, record) =>
          new Promise((resolve) => {
            machine.after(this.syncMs, () => {
              this.records.set(site, record);
              resolve();
            });
          }),
      },
      clock: machine,
      timers: machine,
      random: world.random.fork(`witness ${world.time.monotonicMs()}`),
      transport: host.transport,
      log: world.log('W'),
    });
    this.life = { machine, host, server };
    await server.start();
  }

  /** kill -9: what it promised, it forgets. */
  kill(): void {
    this.world.trace('W killed');
    this.life?.host.kill();
    this.life = undefined;
  }

  powerOff(): void {
    this.world.trace('W without power');
    this.life?.host.powerOff();
    this.life = undefined;
  }

  freeze(): void {
    this.world.trace('W frozen');
    this.life?.machine.freeze();
  }

  thaw(): void {
    this.world.trace('W thawed');
    this.life?.machine.thaw();
  }
}

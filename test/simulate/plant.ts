import { VirtualPlc } from '../../simulators/modbus-plc/index.js';
import type { SeededRandom } from '../../simulators/virtual-time/index.js';
import { ADDRESSES, ALARMS, WANDERING } from './site.js';
import type { SimWorld } from './world.js';

const STEP_MS = 500;
/** An excursion, and the calm after it, last longer than the alarm's delays and than it takes to see them. */
const LEAST_MS = 4_000;
const MOST_MS = 20_000;

export type PlcName = 'plc1' | 'plc2';

/** What a PLC got from a node. */
export interface FieldWrite {
  readonly atMs: number;
  /** When it left the node, where a cut held it up and the node's kernel has repeated it since. */
  readonly repeatedOfMs?: number;
  readonly device: PlcName;
  readonly from: string;
  readonly register: number;
  readonly value: number;
}

/** The PLCs and what goes on in the building, without anybody's help. */
export class Plant {
  readonly plcs: Readonly<Record<PlcName, VirtualPlc>>;
  readonly writes: FieldWrite[] = [];
  /** How often the building really went beyond an alarm's limit. */
  readonly excursions = new Map<string, number>(ALARMS.map(({ name }) => [name, 0]));
  onWrite: ((write: FieldWrite) => void) | undefined;
  private readonly random: SeededRandom;
  private isResting = false;

  constructor(private readonly world: SimWorld) {
    this.random = world.random.fork('plant');
    this.plcs = { plc1: this.plc('plc1'), plc2: this.plc('plc2') };
    this.plcs.plc2.maxConnections = 1;
  }

  async start(): Promise<void> {
    for (const name of ['plc1', 'plc2'] as const) await this.plcs[name].listen(ADDRESSES[name], 502);
    for (const { device, register } of [...ALARMS, ...WANDERING]) this.plcs[device].unit().setFloat32('ir', register, 20);
    if (this.world.options.site !== undefined) return;
    for (const alarm of ALARMS) this.excur(alarm);
    this.world.time.every(STEP_MS, () => this.wander());
  }

  /** Everything is back to normal, and nothing changes any more. */
  rest(): void {
    this.isResting = true;
    for (const { device, register } of ALARMS) this.plcs[device].unit().setFloat32('ir', register, 20);
  }

  private plc(name: PlcName): VirtualPlc {
    const { world } = this;
    const machine = world.time.node();
    const host = world.net.host(ADDRESSES[name], machine);
    const plc = new VirtualPlc({ network: host.network, clock: machine, timers: machine, random: this.random.fork(name) });
    plc.onWrite(({ remote, address, values }) => {
      const from = remote === ADDRESSES.A ? 'A' : remote === ADDRESSES.B ? 'B' : remote;
      const write = { atMs: world.time.monotonicMs(), ...(host.reading?.isRepeated === true ? { repeatedOfMs: host.reading.sentMs } : {}), device: name, from, register: address, value: ((values[0] ?? 0) << 16) | (values[1] ?? 0) };
      this.writes.push(write);
      this.onWrite?.(write);
    });
    return plc;
  }

  private wander(): void {
    if (this.isResting) return;
    for (const { device, register } of WANDERING) {
      if (this.random.next() < 0.6) continue;
      this.plcs[device].unit().setFloat32('ir', register, Math.round((15 + this.random.next() * 10) * 8) / 8);
    }
  }

  private excur(alarm: (typeof ALARMS)[number]): void {
    const unit = this.plcs[alarm.device].unit();
    const { time } = this.world;
    const pause = (): number => LEAST_MS + this.random.below(MOST_MS - LEAST_MS);
    time.after(pause(), () => {
      if (this.isResting) return;
      unit.setFloat32('ir', alarm.register, alarm.high + 5);
      this.excursions.set(alarm.name, (this.excursions.get(alarm.name) ?? 0) + 1);
      time.after(pause(), () => {
        if (this.isResting) return;
        unit.setFloat32('ir', alarm.register, 20);
        this.excur(alarm);
      });
    });
  }
}


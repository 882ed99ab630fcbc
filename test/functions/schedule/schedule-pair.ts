import { EMPTY, filter, switchMap } from 'rxjs';
import { GOOD, silentLog, TandemError, type PointDefinition, type PointValue, type ScheduleDefinition } from '../../../src/contract/index.js';
import { runFunctions, TrendMemory } from '../../../src/functions/index.js';
import { COMMANDS } from '../../../src/gateway/command-record.js';
import { Commands } from '../../../src/gateway/commands.js';
import type { TestNode } from '../../redundancy/node.js';
import { World } from '../../redundancy/world.js';

const WRITE_TIMEOUT_MS = 500;
const write = { priority: 8, verify: 'readback', repeatable: true } as const;
const POINTS: readonly PointDefinition[] = Array.from({ length: 12 }, (_, id) => ({ id, name: `P${id}`, kind: 'number', device: 'D', poll: 'normal', write }));

/** A pair with its commands and schedules, as src/gateway.ts puts them together, and one device that both can write. */
export class SchedulePair {
  readonly world: World;
  /** Every write that arrived at the device, in order. */
  readonly ledger: string[] = [];
  private readonly device = new Map<string, PointValue | null>();

  constructor(private readonly schedules: readonly ScheduleDefinition[], seed: number) {
    this.world = new World({ seed, points: POINTS, settings: { pingRateMs: 500, failoverTimeMs: 2_000 } });
  }

  async begin(): Promise<void> {
    const { a, b } = this.world;
    await this.world.time.advanceWhile(Promise.all([this.boot(a), this.boot(b)]), 10_000);
    await this.world.untilInSync();
  }

  async boot(node: TestNode): Promise<void> {
    await node.start();
    const { machine, state, publisher, pair } = node.running;
    const { time } = this.world;
    const wait = async (ms: number): Promise<void> => new Promise((resolve) => void machine.after(ms, resolve));
    const commands = new Commands({
      state,
      publisher,
      timers: machine,
      log: silentLog,
      role: () => pair.currentRole,
      pairTime: () => Math.max(machine.wallMs(), state.pairTimeMs),
      confirm: async (seq) => pair.sync.confirm(seq),
      write: async (point, value, priority) => {
        await pair.mayAct();
        if (!pair.permit()) throw new TandemError('FENCED', 'not now');
        // What has left the node arrives, whatever becomes of the node.
        time.after(20, () => {
          this.device.set(point, value);
          this.ledger.push(`${point}@${priority}=${String(value)}`);
        });
        await wait(60);
      },
      read: async (point) => {
        await wait(30);
        return this.device.get(point) ?? NaN;
      },
      writeTimeoutMs: () => WRITE_TIMEOUT_MS,
    });
    const effects = {
      hasBegun: (id: string) => state.keyed.get(COMMANDS + id) !== undefined,
      write: async ({ id, point, value, priority, by }: { id: string; point: string; value: PointValue | null; priority: number; by: string }) => {
        await commands.write({ id, point, value, priority, by, epoch: state.position.epoch.number });
      },
    };
    const memory = new TrendMemory(state.table.size, []);
    const options = { alarms: [], trends: [], schedules: { schedules: this.schedules, calendars: [], effects }, state, memory, log: this.world.log(node.id) };
    const role$ = pair.role$.pipe(filter((role) => role !== 'starting'));
    role$.pipe(switchMap((role) => (role === 'active' ? runFunctions(options, publisher.drafts$) : EMPTY))).subscribe();
    role$.subscribe((role) => {
      if (role === 'active') commands.takeOver();
    });
    machine.every(100, () => publisher.tick());
    // Something else is always going on.
    machine.every(700, () => {
      if (pair.currentRole === 'active') node.ingest([11, (machine.wallMs() / 700) % 50 + GOOD]);
    });
  }
}

import { isTandemError, messageOf, type DeviceDefinition, type DriverPoint, type Log, type PointValue, type PriorityView, type Random, type Role, type Timers } from '../contract/index.js';
import { priorityInForce, readSlots } from '../functions/index.js';
import type { PairState, Publisher } from '../image/index.js';
import { staleSince } from '../redundancy/index.js';
import { commandsOf, type CommandRecord } from './command-record.js';
import type { Commands } from './commands.js';

export interface OnReturnOptions {
  readonly state: PairState;
  readonly publisher: Pick<Publisher, 'record'>;
  readonly commands: Pick<Commands, 'write' | 'adopt'>;
  readonly devices: () => readonly DeviceDefinition[];
  readonly role: () => Role;
  readonly read: (point: string) => Promise<PointValue>;
  readonly readPriorities: (point: string) => Promise<PriorityView>;
  readonly hasPriorities: (driver: string) => boolean;
  readonly pairTime?: () => number;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
}

/** Devices that come back together, after a power cut, begin within this time of each other. */
const STAGGER_MS = 5_000;
/** Writes per second on a line, or to a device that shares its way with nobody. */
const DEFAULT_WRITE_RATE = 5;
/** Devices that were lost, and of whose commands not all are there again: on both nodes, so that the other one goes on. */
const AWAY = 'away/';

interface Run {
  stopped: boolean;
  /** That the device was away is known, not only likely. */
  readonly certain: boolean;
}

/**
 * What becomes of this gateway's commands when a device is back that this node, while active, had and lost, or that says
 * that it has restarted (F13). A device that is found for the first time since this node is active has not returned: a
 * takeover asserts nothing, but for a device that the other node had lost, or had not seen to when it ended.
 */
export class OnReturn {
  private readonly seen = new Map<string, 'online' | 'lost'>();
  /** Ends with the activation, or when the device is lost again. */
  private readonly running = new Map<string, Run>();
  /** The last in turn for each way that devices share. */
  private readonly turns = new Map<string, Promise<void>>();

  constructor(private readonly options: OnReturnOptions) {}

  /** A new activation begins, or the one before has ended. */
  reset(): void {
    this.seen.clear();
    for (const run of this.running.values()) run.stopped = true;
    this.running.clear();
    if (this.options.role() !== 'active') return;
    for (const [key] of this.options.state.keyed.entries(AWAY)) this.seen.set(key.slice(AWAY.length), 'lost');
  }

  deviceIs(name: string, online: boolean): void {
    if (this.options.role() !== 'active') return;
    const before = this.seen.get(name);
    if (online) {
      this.seen.set(name, 'online');
      if (before === 'lost') this.begin(name, true);
    } else if (before === 'online') {
      this.seen.set(name, 'lost');
      this.mark(name, true);
      const run = this.running.get(name);
      if (run !== undefined) run.stopped = true;
    }
  }

  /**
   * It has restarted while it was there. Where that is not certain (an I-Am that nobody asked for) only slots of
   * ours that are empty count, so it takes a protocol with priorities.
   */
  restarted(name: string, certain: boolean): void {
    if (this.options.role() !== 'active' || this.seen.get(name) !== 'online') return;
    const before = this.running.get(name);
    // What is under way and certain goes on: it does more than this would.
    if (before?.stopped === false && before.certain && !certain) return;
    if (before !== undefined) before.stopped = true;
    this.begin(name, certain);
  }

  private begin(name: string, certain: boolean): void {
    const { timers, random, log } = this.options;
    const { device, points } = this.concerned(name);
    if (device === undefined || points.length === 0) {
      this.mark(name, false);
      return;
    }
    const run: Run = { stopped: false, certain };
    if (certain) this.mark(name, true);
    this.running.set(name, run);
    timers.after(random.next() * STAGGER_MS, () => {
      this.settle(device, points, run)
        .then((isDone) => {
          if (isDone && !run.stopped) this.mark(name, false);
        })
        .catch((error: unknown) => log.error(`return of ${name}`, error))
        .finally(() => {
          run.stopped = true;
        });
    });
  }

  private concerned(name: string): { readonly device: DeviceDefinition | undefined; readonly points: readonly DriverPoint[] } {
    const device = this.options.devices().find((candidate) => candidate.name === name);
    return { device, points: device?.points.filter((point) => (point.write?.onReturn ?? 'leave') !== 'leave') ?? [] };
  }

  /** Says on both nodes that a device has something to come, or nothing any more. */
  private mark(name: string, isAway: boolean): void {
    const { state, publisher } = this.options;
    const key = AWAY + name;
    if ((state.keyed.get(key) !== undefined) === isAway || (isAway && this.concerned(name).points.length === 0)) return;
    publisher.record([{ key, value: isAway ? true : null }]);
  }

  /** Resolves with whether all was seen to. */
  private async settle(device: DeviceDefinition, points: readonly DriverPoint[], run: Run): Promise<boolean> {
    const { log, role } = this.options;
    for (const point of points) {
      const owed = [...this.lastCommands(device, point)].map(([id, record]) => async () => this.restore(device, point, id, record, run));
      if (run.certain && this.isLeftToDefault(device, point)) owed.push(async () => this.restoreDefault(device, point, run));
      for (const restore of owed) {
        const isLost = await this.inTurn(device, async () => {
          if (run.stopped || role() !== 'active') return 'lost';
          try {
            return (await restore()) ? 'written' : 'left';
          } catch (error) {
            log.warn(`return of ${device.name}: ${point.name}: ${messageOf(error)}`);
            return isTandemError(error, 'FIELD_UNREACHABLE') || isTandemError(error, 'NOT_ACTIVE') ? 'lost' : 'written';
          }
        }) === 'lost';
        if (isLost) return false;
      }
    }
    return true;
  }

  /** One after the other on each way that devices share, and after each write the pause that its rate asks for. */
  private async inTurn(device: DeviceDefinition, restore: () => Promise<'written' | 'left' | 'lost'>): Promise<'written' | 'left' | 'lost'> {
    const { name, way = `device ${name}`, writeRate = DEFAULT_WRITE_RATE } = device;
    const before = this.turns.get(way);
    const work = (before ?? Promise.resolve()).then(restore);
    const turn = work.then(async (result) => {
      if (result === 'written') await new Promise<void>((resolve) => this.options.timers.after(1_000 / writeRate, resolve));
    });
    this.turns.set(way, turn.catch(() => undefined));
    await turn;
    return work;
  }

  /** Returns whether the device was written to. */
  private async restore(device: DeviceDefinition, point: DriverPoint, id: string, { value, priority }: CommandRecord, run: Run): Promise<boolean> {
    const { commands, random, state, read } = this.options;
    const { slot, found } = await this.look(device, point, priority);
    if (!run.certain && slot !== null) return false;
    // What somebody has commanded meanwhile stands; so does everything where the device was lost amidst.
    if (run.stopped || isSame(found, value) || this.lastCommands(device, point).get(id) === undefined) return false;
    const by = `return of ${device.name}`;
    const own = `return-${random.hex(8)}`;
    if (point.write?.onReturn === 'adopt') {
      await commands.adopt({ id: own, point: point.name, value: await read(point.name), priority, by });
      return false;
    }
    await commands.write({ id: own, point: point.name, value, priority, by, epoch: state.position.epoch.number });
    return true;
  }

  /** Returns whether the device was written to. */
  private async restoreDefault(device: DeviceDefinition, point: DriverPoint, run: Run): Promise<boolean> {
    const { commands, random, state } = this.options;
    const { found } = await this.look(device, point, point.write?.priority ?? 16);
    if (run.stopped || isSame(found, point.write?.relinquishDefault ?? null) || !this.isLeftToDefault(device, point)) return false;
    await commands.write({ id: `return-${random.hex(8)}`, point: point.name, value: null, priority: point.write?.priority ?? 16, by: `return of ${device.name}`, epoch: state.position.epoch.number });
    return true;
  }

  /** The device keeps no priorities, nobody commands the point, and its configuration says what it then is to have. */
  private isLeftToDefault(device: DeviceDefinition, { name, write }: DriverPoint): boolean {
    const { state, hasPriorities, pairTime } = this.options;
    if (write?.onReturn !== 'reassert' || write.relinquishDefault === undefined || hasPriorities(device.driver)) return false;
    if (priorityInForce(readSlots(state.keyed, name), pairTime?.() ?? state.pairTimeMs) !== undefined) return false;
    let last: CommandRecord | undefined;
    for (const [, record] of commandsOf(state.keyed, name)) {
      if (record.state !== 'failed' && record.timeMs >= (last?.timeMs ?? -Infinity)) last = record;
    }
    // That nobody commands is as old as the rest of what a node knows that runs on what may be old (rule 3).
    const since = staleSince(state);
    if (since > -Infinity && (last === undefined || last.timeMs < since)) return false;
    // One that is still under way settles itself, and one that holds without a slot is written again as it is.
    return last === undefined || (last.state === 'done' && (last.value === null || readSlots(state.keyed, name).size > 0));
  }

  /**
   * What the point holds of ours: its slot, where there are priorities, because the value may be another's of higher
   * priority; else its value. Nothing where it cannot be read: it is written without a look then.
   */
  private async look(device: DeviceDefinition, { name }: DriverPoint, priority: number): Promise<{ readonly slot?: PointValue | null; readonly found?: PointValue | null }> {
    const { hasPriorities, readPriorities, read } = this.options;
    if (hasPriorities(device.driver)) {
      try {
        const slot = (await readPriorities(name)).slots[priority - 1] ?? null;
        return { slot, found: slot };
      } catch (error) {
        if (!isTandemError(error, 'POINT_NO_PRIORITIES')) return {};
      }
    }
    const found = await read(name).catch(() => undefined);
    return found === undefined ? {} : { found };
  }

  /** The last command of a point that was carried out, by its id; one for each priority where the driver has them. */
  private lastCommands(device: DeviceDefinition, { name }: DriverPoint): Map<string, CommandRecord> {
    const { state, hasPriorities } = this.options;
    const priorities = hasPriorities(device.driver);
    // Rule 3: a node that runs on what may be old does not assert what it knows from before.
    const since = staleSince(state);
    const last = new Map<number, readonly [id: string, record: CommandRecord]>();
    for (const [id, record] of commandsOf(state.keyed, name)) {
      if (record.state === 'failed' || record.timeMs < since) continue;
      const known = last.get(record.priority);
      if (known === undefined || record.timeMs >= known[1].timeMs) last.set(record.priority, [id, record]);
    }
    if (!priorities) this.keepInForce(name, last);
    // One that is still under way settles itself, and one that was relinquished holds nothing.
    return new Map([...last.values()].filter(([, record]) => record.state === 'done' && record.value !== null));
  }

  /** Where the array is not the device's, it holds one value: that of the best priority which is taken, or what came last (pulses). */
  private keepInForce(point: string, last: Map<number, readonly [id: string, record: CommandRecord]>): void {
    const { state, pairTime } = this.options;
    const slots = readSlots(state.keyed, point);
    const latest = [...last].sort(([, [, a]], [, [, b]]) => b.timeMs - a.timeMs)[0]?.[0];
    const inForce = slots.size === 0 ? latest : priorityInForce(slots, pairTime?.() ?? state.pairTimeMs);
    for (const priority of [...last.keys()]) if (priority !== inForce) last.delete(priority);
  }
}

/** A device may hold a number with fewer digits than it was commanded with. */
function isSame(found: PointValue | null | undefined, value: PointValue | null): boolean {
  return found === value || (typeof found === 'number' && typeof value === 'number' && Math.fround(found) === Math.fround(value));
}

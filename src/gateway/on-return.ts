import { isTandemError, messageOf, type DeviceDefinition, type DriverPoint, type Log, type PointValue, type Random, type Role, type Timers } from '../contract/index.js';
import type { PairState } from '../image/index.js';
import { STALE_SINCE } from '../redundancy/index.js';
import { COMMANDS, commandFromJson, type CommandRecord } from './command-record.js';
import type { Commands } from './commands.js';

export interface OnReturnOptions {
  readonly state: PairState;
  readonly commands: Pick<Commands, 'write' | 'adopt'>;
  readonly devices: () => readonly DeviceDefinition[];
  readonly role: () => Role;
  readonly read: (point: string) => Promise<PointValue>;
  readonly hasPriorities: (driver: string) => boolean;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
}

/** Devices that come back together, after a power cut, begin within this time of each other. */
const STAGGER_MS = 5_000;
/** Writes per second and device. */
const DEFAULT_WRITE_RATE = 5;

/**
 * What becomes of this gateway's commands when a device is back that this node, while active, had and lost (F13). A device that
 * is found for the first time since this node is active has not returned: a takeover asserts nothing.
 */
export class OnReturn {
  private readonly seen = new Map<string, 'online' | 'lost'>();
  /** Ends with the activation, or when the device is lost again. */
  private readonly running = new Map<string, { stopped: boolean }>();

  constructor(private readonly options: OnReturnOptions) {}

  /** A new activation begins, or the one before has ended. */
  reset(): void {
    this.seen.clear();
    for (const run of this.running.values()) run.stopped = true;
    this.running.clear();
  }

  deviceIs(name: string, online: boolean): void {
    if (this.options.role() !== 'active') return;
    const before = this.seen.get(name);
    if (online) {
      this.seen.set(name, 'online');
      if (before === 'lost') this.begin(name);
    } else if (before === 'online') {
      this.seen.set(name, 'lost');
      const run = this.running.get(name);
      if (run !== undefined) run.stopped = true;
    }
  }

  private begin(name: string): void {
    const { devices, timers, random, log } = this.options;
    const device = devices().find((candidate) => candidate.name === name);
    const points = device?.points.filter((point) => (point.write?.onReturn ?? 'leave') !== 'leave') ?? [];
    if (device === undefined || points.length === 0) return;
    const run = { stopped: false };
    this.running.set(name, run);
    timers.after(random.next() * STAGGER_MS, () => {
      this.settle(device, points, run).catch((error: unknown) => log.error(`return of ${name}`, error));
    });
  }

  private async settle(device: DeviceDefinition, points: readonly DriverPoint[], run: { readonly stopped: boolean }): Promise<void> {
    const { timers, log, role } = this.options;
    const pauseMs = 1_000 / (device.writeRate ?? DEFAULT_WRITE_RATE);
    for (const point of points) {
      for (const [id, record] of this.lastCommands(device, point)) {
        if (run.stopped || role() !== 'active') return;
        try {
          if (!(await this.restore(device, point, id, record))) continue;
        } catch (error) {
          log.warn(`return of ${device.name}: ${point.name}: ${messageOf(error)}`);
          if (isTandemError(error, 'FIELD_UNREACHABLE') || isTandemError(error, 'NOT_ACTIVE')) return;
        }
        await new Promise<void>((resolve) => timers.after(pauseMs, resolve));
      }
    }
  }

  /** Returns whether the device was written to. */
  private async restore(device: DeviceDefinition, point: DriverPoint, id: string, { value, priority }: CommandRecord): Promise<boolean> {
    const { commands, random, state } = this.options;
    const found = await this.look(device, point);
    // What somebody has commanded meanwhile stands.
    if (found === value || this.lastCommands(device, point).get(id) === undefined) return false;
    const by = `return of ${device.name}`;
    const own = `return-${random.hex(8)}`;
    if (point.write?.onReturn === 'adopt') {
      if (found !== undefined) await commands.adopt({ id: own, point: point.name, value: found, priority, by });
      return false;
    }
    await commands.write({ id: own, point: point.name, value, priority, by, epoch: state.position.epoch.number });
    return true;
  }

  /** The point as it is now. One that cannot be read is written without a look, and so is one of many priorities, of which the value shows but one. */
  private async look(device: DeviceDefinition, point: DriverPoint): Promise<PointValue | undefined> {
    if (point.write?.onReturn === 'adopt') return this.options.read(point.name);
    return this.options.hasPriorities(device.driver) ? undefined : this.options.read(point.name).catch(() => undefined);
  }

  /** The last command of a point that was carried out, by its id; one for each priority where the driver has them. */
  private lastCommands(device: DeviceDefinition, { name }: DriverPoint): Map<string, CommandRecord> {
    const { state, hasPriorities } = this.options;
    const priorities = hasPriorities(device.driver);
    // Rule 3: a node that runs on what may be old does not assert what it knows from before.
    const since = state.keyed.get(STALE_SINCE);
    const last = new Map<number, readonly [id: string, record: CommandRecord]>();
    for (const [key, json] of state.keyed.entries(COMMANDS)) {
      const record = commandFromJson(json);
      if (record.point !== name || record.state === 'failed' || (typeof since === 'number' && record.timeMs < since)) continue;
      const slot = priorities ? record.priority : 0;
      const known = last.get(slot);
      if (known === undefined || record.timeMs >= known[1].timeMs) last.set(slot, [key.slice(COMMANDS.length), record]);
    }
    // One that is still under way settles itself, and one that was relinquished holds nothing.
    return new Map([...last.values()].filter(([, record]) => record.state === 'done' && record.value !== null));
  }
}

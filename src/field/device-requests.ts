import { TandemError, type DeviceAcknowledgement, type DeviceDefinition, type DeviceLog, type DeviceScheduleEdit, type DeviceSchedules, type Driver, type IdentityEntry, type PointValue, type PriorityView } from '../contract/index.js';
import type { HostCounters } from './host-counters.js';
import type { QueuedWrite, WriteQueue } from './write-queue.js';

export interface DeviceRequestsOptions {
  readonly counters: HostCounters;
  readonly queue: WriteQueue;
  /** As the configuration in force has it. */
  readonly device: () => DeviceDefinition;
  /** Undefined while there is no connection. */
  readonly driver: () => Driver | undefined;
  /** The ids of points that the driver knows, which may be those of an older configuration. */
  readonly toDriver: (point: number) => number;
  readonly fromDriver: (id: number) => number;
  /** The right to have effects from now on, of this activation only. */
  readonly lease: () => () => boolean;
  /** Whether the driver may speak to the device at all, whatever the role. */
  readonly isConnected: () => boolean;
}

/** What a device is asked once, beside its polls, for somebody who waits for the answer. */
export class DeviceRequests {
  constructor(private readonly options: DeviceRequestsOptions) {}

  async write(request: QueuedWrite): Promise<void> {
    const { counters, queue, toDriver } = this.options;
    counters.writes++;
    try {
      await queue.write({ ...request, point: toDriver(request.point) });
    } catch (error) {
      counters.failedWrites++;
      throw error;
    }
  }

  /** A register that is this node's own: no role is needed to write it, only a connection. */
  async writeOwn(request: QueuedWrite): Promise<void> {
    await this.driver().write({ ...request, point: this.options.toDriver(request.point), permit: this.options.isConnected });
  }

  async read(point: number): Promise<PointValue> {
    return this.driver().read(this.options.toDriver(point));
  }

  async readPriorities(point: number): Promise<PriorityView> {
    const driver = this.driver();
    if (driver.readPriorities === undefined) throw new TandemError('POINT_NO_PRIORITIES', `points of ${this.name} have no priority array`);
    return driver.readPriorities(this.options.toDriver(point));
  }

  async acknowledge(request: Omit<DeviceAcknowledgement, 'permit'>): Promise<void> {
    const driver = this.driver();
    if (driver.acknowledge === undefined) throw new TandemError('FIELD_REJECTED', `${this.name} has no alarms of its own`);
    await driver.acknowledge({ ...request, permit: this.options.lease() });
  }

  schedules(): DeviceSchedules {
    const { schedules } = this.driver();
    if (schedules === undefined) throw new TandemError('SCHEDULE_UNKNOWN', `${this.name} has no schedules of its own`);
    return schedules;
  }

  async writeSchedule(object: string, edit: DeviceScheduleEdit): Promise<void> {
    const { device, lease } = this.options;
    await this.schedules().write(object, edit, { timeoutMs: device().writeTimeoutMs, permit: lease() });
  }

  /** Points of the present configuration whose past the device can tell. */
  loggedPoints(): readonly number[] {
    const { driver, fromDriver } = this.options;
    return (driver()?.loggedPoints ?? []).map(fromDriver);
  }

  async readLog(point: number, fromMs: number, toMs: number): Promise<DeviceLog> {
    const driver = this.driver();
    if (driver.readLog === undefined) throw new TandemError('FIELD_REJECTED', `${this.name} has no logs of its own`);
    return driver.readLog(this.options.toDriver(point), fromMs, toMs);
  }

  /** Asks the device what it is. */
  async identify(): Promise<readonly IdentityEntry[]> {
    const driver = this.driver();
    if (driver.identify === undefined) throw new TandemError('DEVICE_NO_IDENTIFICATION', `devices of driver ${this.options.device().driver} do not say what they are`);
    return driver.identify();
  }

  private get name(): string {
    return this.options.device().name;
  }

  private driver(): Driver {
    const driver = this.options.driver();
    if (driver === undefined) throw new TandemError('FIELD_CLOSED', `${this.name} is not connected now`);
    return driver;
  }
}

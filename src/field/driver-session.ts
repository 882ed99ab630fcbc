import { NEVER, type Subscription } from 'rxjs';
import { messageOf, TandemError, type DeviceEventReport, type DeviceRestart, type Driver, type DriverPoint, type DriverHost, type DriverModule, type PollClass, type PollResult, type SampleBatch } from '../contract/index.js';

export interface SessionEvents {
  /** A batch from the driver. Not called after {@link DriverSession.close} has begun. */
  samples(batch: SampleBatch): void;
  /** What the device reports of its own accord. Not called after {@link DriverSession.close} has begun either. */
  event(report: DeviceEventReport): void;
  /** The device has restarted. Not called after {@link DriverSession.close} has begun. */
  restarted(restart: DeviceRestart): void;
  /** The driver broke its contract. */
  fault(what: string, error: unknown): void;
}

/**
 * One life of a driver, from start to stop, with everything that it may do wrong caught here. A device gets a
 * fresh driver for each life, so nothing of a life before can leak into it when roles change quickly.
 */
export class DriverSession {
  /** The driver cannot be used any more; a fresh one may do better. */
  hasFailed = false;
  /** It had its chance: one that fails before its first poll is asked once, and so backed off, before it is replaced. */
  hasPolled = false;
  private readonly driver: Driver;
  private readonly subscription: Subscription;
  private closed = false;

  constructor(
    readonly device: string,
    module: DriverModule,
    host: DriverHost,
    settings: unknown,
    points: readonly DriverPoint[],
    private current: 'active' | 'collect' | 'listen',
    private readonly events: SessionEvents,
  ) {
    this.driver = this.make(() => module.create(host, settings, points));
    this.subscription = this.driver.samples$.subscribe({
      next: (batch) => this.events.samples(batch),
      error: (error: unknown) => this.fail('its samples ended in an error', error),
    });
    this.subscription.add(this.driver.events$?.subscribe({
      next: (report) => this.events.event(report),
      error: (error: unknown) => this.fail('its events ended in an error', error),
    }));
    this.subscription.add(this.driver.restarts$?.subscribe({
      next: (restart) => this.events.restarted(restart),
      error: (error: unknown) => this.fail('its restarts ended in an error', error),
    }));
    this.guard('start', () => this.driver.start(current));
  }

  get activity(): 'active' | 'collect' | 'listen' {
    return this.current;
  }

  get isClosed(): boolean {
    return this.closed;
  }

  get usable(): Driver | undefined {
    return this.closed || this.hasFailed ? undefined : this.driver;
  }

  counters(): Readonly<Record<string, number>> {
    let counters: Readonly<Record<string, number>> = {};
    this.guard('counters', () => void (counters = this.driver.counters()));
    return counters;
  }

  setActivity(activity: 'active' | 'collect' | 'listen'): void {
    this.current = activity;
    this.guard('setActivity', () => this.driver.setActivity(activity));
  }

  async poll(pollClass: PollClass): Promise<PollResult> {
    this.hasPolled = true;
    try {
      const result = await this.driver.poll(pollClass);
      return this.hasFailed && result.reachable ? { ...result, reachable: false, error: 'the driver has failed' } : result;
    } catch (error) {
      this.fail('its poll was rejected', error);
      return { reachable: false, points: 0, error: messageOf(error) };
    }
  }

  /** Resolves when the device has no connection of ours left. */
  async close(): Promise<void> {
    this.closed = true;
    this.subscription.unsubscribe();
    try {
      await this.driver.stop();
    } catch (error) {
      this.events.fault('its stop was rejected', error);
    }
  }

  private make(create: () => Driver): Driver {
    try {
      return create();
    } catch (error) {
      this.fail('it could not be made', error);
      return brokenDriver(error);
    }
  }

  private guard(what: string, call: () => void): void {
    try {
      call();
    } catch (error) {
      this.fail(`its ${what} threw`, error);
    }
  }

  private fail(what: string, error: unknown): void {
    if (this.closed) return;
    this.hasFailed = true;
    this.events.fault(what, error);
  }
}

/** Stands in for a driver that could not be made, so that its device is simply one that does not answer. */
function brokenDriver(cause: unknown): Driver {
  const error = new TandemError('FIELD_CLOSED', `the driver could not be made: ${messageOf(cause)}`, { cause });
  return {
    samples$: NEVER,
    start: () => undefined,
    setActivity: () => undefined,
    stop: () => Promise.resolve(),
    poll: () => Promise.resolve({ reachable: false, points: 0, error: error.message }),
    write: () => Promise.reject(error),
    read: () => Promise.reject(error),
    counters: () => ({}),
  };
}

import { Subject } from 'rxjs';
import {
  GOOD, SampleBuilder, TandemError,
  type DeviceRestart, type Driver, type DriverHost, type DriverModule, type DriverPoint, type PointValue, type PollClass, type PollResult, type SampleBatch, type WriteRequest,
} from '../../src/contract/index.js';

/** What a scripted device does; tests change it while it runs. */
export interface FakeDevice {
  pollMs: number;
  /** 'silent': polls time out after `pollMs`; 'hang': they never end; 'reject': the driver breaks its contract. */
  mode: 'answers' | 'silent' | 'hang' | 'reject';
  writeMs: number;
  value: number;
  stopMs: number;
  /** Left out of every answer. */
  readonly mute: Set<number>;
  readonly calls: string[];
  readonly polls: { readonly atMs: number; readonly pollClass: PollClass }[];
  readonly writes: { readonly atMs: number; readonly point: number; readonly value: PointValue | null; readonly priority: number }[];
  /** Lives that have been started and not stopped. */
  open: number;
  mostPolling: number;
  created: number;
  samples$: Subject<SampleBatch>;
  restarts$: Subject<DeviceRestart>;
  failCreate: boolean;
  useShared?: { key: string; make: () => { close(): Promise<void> } };
}

export function fakeDevice(values: Partial<FakeDevice> = {}): FakeDevice {
  return {
    pollMs: 10, mode: 'answers', writeMs: 5, value: 1, stopMs: 0, mute: new Set(), calls: [], polls: [], writes: [],
    open: 0, mostPolling: 0, created: 0, samples$: new Subject(), restarts$: new Subject(), failCreate: false, ...values,
  };
}

/** A driver whose device block *is* its {@link FakeDevice}. */
export function fakeModule(priorities = false): DriverModule {
  return {
    kind: 'fake',
    version: '1.0.0',
    capabilities: { priorities, standby: 'collect' },
    deviceShape: {},
    pointShape: {},
    parseDevice: () => undefined,
    parsePoint: () => undefined,
    create: (host, device, points) => new FakeDriver(host, device as FakeDevice, points),
  };
}

class FakeDriver implements Driver {
  readonly samples$ = new Subject<SampleBatch>();
  readonly restarts$ = new Subject<DeviceRestart>();
  private polling = 0;

  constructor(
    private readonly host: DriverHost,
    private readonly device: FakeDevice,
    private readonly points: readonly DriverPoint[],
  ) {
    if (device.failCreate) throw new RangeError('planted in create');
    device.created++;
    device.samples$ = this.samples$;
    device.restarts$ = this.restarts$;
  }

  start(activity: string): void {
    this.device.calls.push(`start ${activity}`);
    this.device.open++;
    if (this.device.useShared !== undefined) this.host.shared(this.device.useShared.key, this.device.useShared.make);
  }

  setActivity(activity: string): void {
    this.device.calls.push(`activity ${activity}`);
  }

  async stop(): Promise<void> {
    this.device.calls.push('stop');
    await this.pass(this.device.stopMs);
    this.device.open--;
  }

  async poll(pollClass: PollClass): Promise<PollResult> {
    const { device, host } = this;
    device.polls.push({ atMs: host.clock.monotonicMs(), pollClass });
    device.mostPolling = Math.max(device.mostPolling, ++this.polling);
    await this.pass(device.pollMs);
    this.polling--;
    if (device.mode === 'hang') return new Promise(() => undefined);
    if (device.mode === 'reject') throw new RangeError('planted in poll');
    if (device.mode === 'silent') return { reachable: false, points: 0, error: 'no answer' };
    const answered = this.points.filter((point) => point.poll === pollClass && !device.mute.has(point.id));
    const builder = new SampleBuilder();
    for (const point of answered) builder.add(point.id, device.value, GOOD, host.clock.wallMs());
    this.samples$.next(builder.take());
    return { reachable: true, points: answered.length };
  }

  async write(request: WriteRequest): Promise<void> {
    await this.pass(this.device.writeMs);
    if (!request.permit()) throw new TandemError('FENCED', 'no permit');
    this.device.writes.push({ atMs: this.host.clock.monotonicMs(), point: request.point, value: request.value, priority: request.priority });
  }

  read(): Promise<PointValue> {
    return this.device.mode === 'answers' ? Promise.resolve(this.device.value) : new Promise(() => undefined);
  }

  counters(): Readonly<Record<string, number>> {
    return { requests: this.device.polls.length };
  }

  private pass(ms: number): Promise<void> {
    return ms === 0 ? Promise.resolve() : new Promise((resolve) => void this.host.timers.after(ms, resolve));
  }
}

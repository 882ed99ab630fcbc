import { Subject } from 'rxjs';
import type { Driver, DriverHost, DriverPoint, IdentityEntry, PollResult, WriteRequest } from '../../src/contract/driver.js';
import { messageOf, TandemError } from '../../src/contract/errors.js';
import type { PointValue, PollClass } from '../../src/contract/point.js';
import { GOOD, WRITE_ONLY } from '../../src/contract/quality.js';
import { SampleBuilder, type SampleBatch } from '../../src/contract/samples.js';
import { identify } from './identification.js';
import type { ModbusLink } from './link.js';
import { Pauses } from './patience.js';
import { Poller } from './poller.js';
import type { ModbusAddress, ModbusUnit } from './types.js';
import { Writer } from './writer.js';

type Activity = Parameters<Driver['start']>[0];

/** One Modbus unit, over whatever link it is given. */
export class ModbusDriver implements Driver {
  private readonly samples = new Subject<SampleBatch>();
  readonly samples$ = this.samples.asObservable();
  private readonly pauses: Pauses;
  private readonly poller: Poller;
  private readonly writer: Writer;
  private readonly points: ReadonlyMap<number, DriverPoint<ModbusAddress>>;
  /** Points that can only be written, by class. */
  private readonly unread: ReadonlyMap<PollClass, readonly DriverPoint<ModbusAddress>[]>;
  private readonly emit: (batch: SampleBatch) => void;
  private readonly clock: DriverHost['clock'];
  private activity: Activity | 'stopped' = 'stopped';

  constructor(host: DriverHost, private readonly device: ModbusUnit, points: readonly DriverPoint<ModbusAddress>[], private readonly link: ModbusLink) {
    const { clock } = host;
    this.pauses = new Pauses(host.timers);
    this.points = new Map(points.map((point) => [point.id, point]));
    const emit = (batch: SampleBatch): void => {
      // What was on its way when the driver stopped belongs to nobody.
      if (this.activity !== 'stopped') this.samples.next(batch);
    };
    const given = { clock, link, pauses: this.pauses };
    this.poller = new Poller({ ...given, emit }, device, byClass(points.filter(({ write }) => write?.only !== true)), points.filter(({ write }) => write?.only === true).map(({ address }) => address));
    this.unread = byClass(points.filter(({ write }) => write?.only === true));
    const sample = (point: number, value: PointValue, timeMs: number, quality = GOOD): void => {
      const builder = new SampleBuilder(1);
      builder.add(point, value, quality, timeMs);
      emit(builder.take());
    };
    this.emit = emit;
    this.clock = clock;
    this.writer = new Writer({ ...given, sample }, device);
  }

  start(activity: Activity): void {
    this.activity = activity;
    this.pauses.begin();
    this.link.start();
  }

  setActivity(activity: Activity): void {
    if (this.activity !== 'stopped') this.activity = activity;
  }

  async stop(): Promise<void> {
    this.activity = 'stopped';
    const closed = this.link.stop();
    this.pauses.endAll();
    await closed;
  }

  async poll(pollClass: PollClass): Promise<PollResult> {
    if (this.activity === 'stopped') return { reachable: false, points: 0, error: 'the driver is not running' };
    if (this.activity !== 'listen') {
      const result = await this.poller.poll(pollClass);
      if (result.reachable) this.confirmUnread(pollClass);
      // Without a connection nothing is sent, on a bus a silent unit is left alone: see reconnectDelayMs and the bus.
      return result.reachable ? result : { ...result, paced: true };
    }
    const { away } = this.link;
    return away === undefined ? { reachable: true, points: 0 } : { reachable: false, points: 0, error: messageOf(away) };
  }

  async write(request: WriteRequest): Promise<void> {
    await this.writer.write(this.pointOf(request.point), request);
  }

  async read(point: number): Promise<PointValue> {
    return (await this.writer.read(this.pointOf(point))).value;
  }

  async identify(): Promise<readonly IdentityEntry[]> {
    return identify(this.link, this.device.unit, this.device.timeoutMs);
  }

  counters(): Readonly<Record<string, number>> {
    return { ...this.link.figures(), holes: this.poller.holes.count };
  }

  /** Their device is there, and that is all that can be said of them: the value that was written last stays. */
  private confirmUnread(pollClass: PollClass): void {
    const points = this.unread.get(pollClass);
    if (points === undefined) return;
    const builder = new SampleBuilder(points.length);
    for (const { id } of points) builder.add(id, NaN, WRITE_ONLY, this.clock.wallMs());
    this.emit(builder.take());
  }

  private pointOf(id: number): DriverPoint<ModbusAddress> {
    const point = this.points.get(id);
    if (point === undefined) throw new TandemError('POINT_UNKNOWN', `there is no point ${id} in this device`);
    return point;
  }
}

function byClass(points: readonly DriverPoint<ModbusAddress>[]): ReadonlyMap<PollClass, readonly DriverPoint<ModbusAddress>[]> {
  const classes = new Map<PollClass, DriverPoint<ModbusAddress>[]>();
  for (const point of points) {
    const list = classes.get(point.poll);
    if (list === undefined) classes.set(point.poll, [point]);
    else list.push(point);
  }
  return classes;
}

import type { Subscription } from 'rxjs';
import { GOOD, silentLog, SampleBuilder, type AlarmAction, type AlarmDefinition, type AlarmWatch, type Epoch, type NotificationAction, type PointDefinition, type Quality, type TrendDefinition, type WireAlarm } from '../../src/contract/index.js';
import { decodeFrame, encodeFrame, PairState, PointTable, Publisher, type Frame, type Json } from '../../src/image/index.js';
import { Desk, runFunctions, TrendMemory, type LogicOptions, type NotificationsOptions, type SchedulesOptions } from '../../src/functions/index.js';
import { VirtualClock } from '../../simulators/virtual-time/index.js';

export const START_MS = Date.UTC(2026, 0, 5, 8);

interface Node {
  readonly state: PairState;
  readonly memory: TrendMemory;
  readonly publisher: Publisher;
}

export interface Row {
  readonly point: string;
  readonly value: number;
  readonly quality: number;
  readonly atMs: number;
}

/** Two nodes without a network: what one cuts the other applies, as bytes. Times are told from the start. */
export class FunctionsWorld {
  nowMs = 0;
  /** How far the devices' clocks are off. */
  sourceSkewMs = 0;
  readonly frames: Frame[] = [];
  readonly rows: Row[] = [];
  readonly desk = new Desk<AlarmAction>();
  readonly outbox = new Desk<NotificationAction>();
  /** Devices that do not answer. */
  readonly dead = new Set<string>();
  private active = 0;
  private epoch = 0;
  private running: Subscription | undefined;
  private readonly nodes: readonly Node[];
  private readonly table: PointTable;

  constructor(private readonly config: { alarms?: readonly AlarmDefinition[]; trends?: readonly TrendDefinition[]; notifications?: NotificationsOptions; schedules?: SchedulesOptions; logic?: LogicOptions; points?: number | readonly PointDefinition[]; startMs?: number }) {
    const { points = 3 } = config;
    this.table = new PointTable('0123456789abcdef', typeof points === 'number' ? Array.from({ length: points }, (_, id): PointDefinition => ({ id, name: `P${id}`, kind: 'number', device: 'D', poll: 'fast' })) : points);
    this.nodes = [this.node(), this.node()];
    this.activate();
  }

  /** The other node takes over. */
  failover(): void {
    this.running?.unsubscribe();
    this.here.publisher.close();
    this.active = 1 - this.active;
    this.activate();
  }

  set(point: number, value: number, quality: Quality = GOOD): void {
    const builder = new SampleBuilder();
    builder.add(point, value, quality, START_MS + this.nowMs + this.sourceSkewMs);
    this.here.publisher.ingest(builder.take());
    this.here.publisher.cut();
  }

  /** Ticks each `stepMs` up to and including `untilMs`. */
  tickTo(untilMs: number, stepMs = 100): void {
    while (this.nowMs < untilMs) {
      this.nowMs = Math.min(untilMs, (Math.floor(this.nowMs / stepMs) + 1) * stepMs);
      this.here.publisher.tick();
    }
  }

  acknowledge(name: string, occurrence: number, note?: string): string {
    return this.act({ kind: 'acknowledge', alarm: name, occurrence, ...(note === undefined ? {} : { note }) });
  }

  /** What a person does; the code of the refusal, or ok. */
  act(action: AlarmAction, by = 'ann'): string {
    let refusal: string | undefined;
    this.here.publisher.cut((draft) => (refusal = this.desk.act(action, by, draft)?.code));
    return refusal ?? 'ok';
  }

  /** What a person does with a message that waits; the code of the refusal, or ok. */
  actOnMessage(action: NotificationAction, by = 'ann'): string {
    let refusal: string | undefined;
    this.here.publisher.cut((draft) => (refusal = this.outbox.act(action, by, draft)?.code));
    return refusal ?? 'ok';
  }

  alarm(name: string): WireAlarm | undefined {
    return this.here.state.keyed.get(`alarm/${name}`) as unknown as WireAlarm | undefined;
  }

  keys(prefix: string): string[] {
    return [...this.here.state.keyed.entries(prefix)].map(([key]) => key);
  }

  /** The alarm journal: event, state and time of each transition. */
  journal(): string[] {
    return this.frames.flatMap((frame) => frame.logs).filter((log) => log.kind === 'alarm').map((log) => {
      const data = log.data as { event: string; name: string; occurrence: number; sinceMs: number };
      return `${data.name} ${data.event} ${data.occurrence} @${data.sinceMs - START_MS}`;
    });
  }

  /** Both nodes hold the same, but for what only the active has on the way. */
  sameOnBoth(): boolean {
    const keyed = this.nodes.map(({ state }) => JSON.stringify([...state.keyed.entries('')].sort(([a], [b]) => (a < b ? -1 : 1)) as Json));
    return keyed[0] === keyed[1];
  }

  get here(): Node {
    return this.nodes[this.active] as Node;
  }

  /** A further activation on this node with other definitions, as after a restart with another configuration. */
  restart(config: { alarms?: readonly AlarmDefinition[]; schedules?: SchedulesOptions; logic?: LogicOptions; notifications?: NotificationsOptions }): void {
    this.running?.unsubscribe();
    this.running = runFunctions({ alarms: config.alarms ?? [], desk: this.desk, outbox: this.outbox, isOnline: (device) => !this.dead.has(device), trends: [], notifications: config.notifications, ...(config.schedules === undefined ? {} : { schedules: config.schedules }), logic: config.logic, state: this.here.state, memory: this.here.memory, log: silentLog }, this.here.publisher.drafts$).subscribe();
    this.here.publisher.tick();
  }

  private node(): Node {
    const state = new PairState(this.table);
    const time = new VirtualClock();
    const memory = new TrendMemory(this.table.size, this.config.trends ?? []);
    const publisher = new Publisher({ state, clock: time, timers: time, pairTime: () => (this.config.startMs ?? START_MS) + this.nowMs, frameMs: 20 });
    publisher.frames$.subscribe((frame) => {
      const copy = decodeFrame(encodeFrame(frame));
      this.frames.push(frame);
      memory.observe(frame);
      const other = this.nodes[1 - this.active] as Node;
      other.state.apply(copy);
      other.memory.observe(copy);
      for (let row = 0; row < frame.samples.length; row++) {
        this.rows.push({ point: `P${frame.samples.points[row] ?? ''}`, value: frame.samples.values[row]!, quality: frame.samples.qualities[row]!, atMs: frame.samples.times[row]! - START_MS });
      }
    });
    return { state, memory, publisher };
  }

  private activate(): void {
    const epoch: Epoch = { number: ++this.epoch, node: 'ab'[this.active] ?? '', nonce: String(this.epoch) };
    const { state, memory, publisher } = this.here;
    publisher.open(epoch);
    this.running = runFunctions({ notifications: this.config.notifications, alarms: this.config.alarms ?? [], desk: this.desk, outbox: this.outbox, isOnline: (device) => !this.dead.has(device), trends: this.config.trends ?? [], ...(this.config.schedules === undefined ? {} : { schedules: this.config.schedules }), logic: this.config.logic, state, memory, log: { ...silentLog, error: (message) => { throw new RangeError(message); } } }, publisher.drafts$).subscribe();
    publisher.tick();
  }
}

type Limits = Partial<Extract<AlarmWatch, { kind: 'limits' }>>;

export function alarmOn(point: number, { high = 30, low, highHigh, lowLow, deadband = 1, ...values }: Partial<AlarmDefinition> & Omit<Limits, 'kind' | 'point'> = {}): AlarmDefinition {
  const limits = { high, ...(low === undefined ? {} : { low }), ...(highHigh === undefined ? {} : { highHigh }), ...(lowLow === undefined ? {} : { lowLow }) };
  return { name: `P${point} high`, watch: { kind: 'limits', point, ...limits, deadband }, onDelayMs: 0, offDelayMs: 0, priority: 2, class: 'process', ...values };
}

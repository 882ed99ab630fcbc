import { BehaviorSubject, Subject } from 'rxjs';
import { createClientServer, type AggregateQuery, type ClientServer, type Confirmation, type DeviceStatus, type DiscoveryApi, type DiscoveryView, type HistoryQuery, type HistorySample, type NodeApi, type WriteCommand } from '../../src/clients/index.js';
import { pointsOfBinding, type Clock, type SettingInForce, type AlarmAction, type AuditNote, type AlarmDefinition, type AlarmFigures, type AreaDefinition, type DeviceCalendar, type DeviceSchedule, type DeviceScheduleEdit, GOOD, SampleBuilder, silentLog, TandemError, type EpochEntry, type GraphicDefinition, type HistoryBucket, type IdentityEntry, type KpiDefinition, type Metric, type LogicView, type NotificationAction, type PointDefinition, type PointValue, type Position, type PointAction, type PointOverride, type PriorityView, type RedundancyEvent, type RedundancyStatus, type Role, type ScheduleView, type Timers, type WireAlarm, type Work } from '../../src/contract/index.js';
import { decodeFrame, encodeFrame, epochKey, epochToJson, PairState, PointTable, Publisher, standingOf, type Frame, type Json, type LogEntry, type Standing } from '../../src/image/index.js';
import { alarmFigures, type FigureOptions } from '../../src/functions/index.js';
import { allAreas } from '../../src/config/areas.js';
import { Activities } from '../../src/gateway/activities.js';
import { createAccess, type Access } from '../../src/gateway/access/access.js';
import { metricsOf } from '../../src/gateway/metrics.js';
import type { SetUpFile } from '../../src/gateway/access/set-up.js';
import { ScryptPasswords } from '../../src/platform/passwords.js';
import { realClock, realRandom, realTimers } from '../../src/platform/time.js';
import { Aggregator, Columns } from '../../src/store/index.js';

export const TOKEN = 'secret';

/** A node as the clients folder sees one: real image, real publisher, real HTTP and WebSocket; the rest is simple. */
export class FakeNode implements NodeApi {
  readonly site = 'Test';
  state: PairState;
  readonly role$ = new BehaviorSubject<Role>('standby');
  readonly visible$ = new Subject<Frame>();
  readonly server: ClientServer;
  readonly writes: WriteCommand[] = [];
  readonly actions: (AlarmAction & { readonly by: string })[] = [];
  readonly switches: string[] = [];
  /** Frames that this node has, oldest first. */
  readonly journal: Frame[] = [];
  /** Frames that were read for clients which resume; each one waits for {@link mayRead}. */
  framesRead = 0;
  readsUnderWay = 0;
  mayRead: () => Promise<void> = async () => Promise.resolve();
  /** Gets every frame before clients see it. */
  standby: FakeNode | undefined;
  peer: string | undefined;
  samples: HistorySample[] = [];
  readonly access: Access;
  /** Decisions about redundancy, oldest first. */
  readonly decided: RedundancyEvent[] = [];
  readonly decisions: NonNullable<NodeApi['decisions']> = {
    events: async (limit, before = this.decided.length + 1) => Promise.resolve(this.decided.map((event, index) => ({ ...event, number: index + 1 })).slice(0, before - 1).reverse().slice(0, limit)),
    conflicts: () => [],
    adopt: async (id) => Promise.reject(new TandemError('CONFLICT_UNKNOWN', id)),
    dismiss: async (id) => Promise.reject(new TandemError('CONFLICT_UNKNOWN', id)),
    dismissAll: async () => Promise.resolve({ dismissed: 0, held: 'protected' as const }),
  };
  private publisher: Publisher;
  private visibleSeq = 0;
  private holding = false;
  private held: Frame[] = [];
  private waiters: { seq: number; resolve: () => void }[] = [];

  constructor(
    readonly node: string,
    table: PointTable,
    private readonly options: { port?: number; consoleFolder?: string; frameMs?: number; access?: 'login'; setUpFile?: SetUpFile; origins?: readonly string[]; connections?: number; requests?: { burst: number; perSecond: number }; /** Of the server; the publisher has real ones. */ timers?: Timers; clock?: Clock } = {},
  ) {
    this.state = new PairState(table);
    this.activities = new Activities({ node, clock: { ...realClock, monotonicMs: () => realClock.monotonicMs() + this.laterMs }, sources: () => this.work });
    this.publisher = new Publisher({ state: this.state, clock: realClock, timers: realTimers, pairTime: () => realClock.wallMs(), frameMs: options.frameMs ?? 0 });
    this.publisher.frames$.subscribe((frame) => this.onSealed(frame));
    this.access = createAccess({
      state: this.state,
      publisher: this.publisher,
      pairTime: () => realClock.wallMs() + this.laterMs,
      isActive: () => this.role() === 'active',
      confirm: async (seq) => this.whenVisible(seq),
      areas: () => this.areas(),
      auditLog: async (limit, before) => this.logsOf('audit', limit, before),
      keepEvent: (what, evidence) => void this.kept.push(`${what}: ${evidence}`),
      log: silentLog,
      node,
      partner: node === 'A' ? 'B' : 'A',
      token: TOKEN,
      open: options.access !== 'login',
      origins: options.origins ?? ['https://hmi.example'],
      consoleUrl: 'http://node',
      passwords: new ScryptPasswords({ N: 2, r: 8, p: 1 }),
      random: realRandom,
      setUpFile: options.setUpFile,
    });
    this.server = createClientServer({
      api: this,
      listen: { host: '127.0.0.1', port: options.port ?? 0 },
      ...(options.consoleFolder === undefined ? {} : { consoleFolder: options.consoleFolder }),
      ...(options.connections === undefined ? {} : { connections: options.connections }),
      ...(options.requests === undefined ? {} : { requests: options.requests }),
      clock: options.clock ?? realClock,
      timers: options.timers ?? realTimers,
      log: silentLog,
    });
  }

  /** What parts of a node tell of themselves. */
  work: Work[] = [];
  readonly activities: Activities;

  drawn: GraphicDefinition[] = [];
  figures: KpiDefinition[] | null = null;
  readonly graphics: NodeApi['graphics'] = {
    list: () => this.drawn.map(({ name, title, elements }) => ({ name, title, version: 'v1', points: Object.values(elements).flatMap(pointsOfBinding) })),
    get: (name) => this.drawn.find((graphic) => graphic.name === name),
    kpis: () => this.figures,
    timezone: () => 'UTC',
    check: async () => ({ ok: true, problems: [] }),
  };

  programs: LogicView[] = [];
  readonly restarted: string[] = [];
  readonly logic: NodeApi['logic'] = {
    views: () => this.programs,
    restart: async (name) => {
      this.restarted.push(name);
      return { held: 'protected' };
    },
    dryRun: async ({ fromMs, toMs }) => ({ from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString(), steps: 1, held: 0, outputs: {}, memory: {} }),
  };

  /** By device and object; a write puts its edit beside what was there. */
  readonly scheduled = new Map<string, DeviceSchedule | DeviceCalendar>();
  readonly scheduleEdits: { readonly device: string; readonly object: string; readonly edit: DeviceScheduleEdit; readonly by: string }[] = [];
  readonly deviceSchedules: NodeApi['deviceSchedules'] = {
    list: async (device) => [...this.scheduled.keys()].filter((key) => key.startsWith(`${device}/`)).map((key) => key.slice(device.length + 1)),
    read: async (device, object) => {
      const found = this.scheduled.get(`${device}/${object}`);
      if (found === undefined) throw new TandemError('SCHEDULE_UNKNOWN', `${device} has no ${object}`);
      return found;
    },
    write: async (command) => {
      this.scheduleEdits.push(command);
      return { held: 'protected' };
    },
  };

  /** How much later it is for sessions and tokens. */
  laterMs = 0;
  /** What went into the event record of this node. */
  readonly kept: string[] = [];

  // What tests do to a node.

  activate(number: number, cause: EpochEntry['cause'] = 'start'): void {
    const epoch = { number, node: this.node, nonce: `n${String(number)}` };
    this.publisher.open(epoch);
    const entry: EpochEntry = { ...epoch, firstSeq: this.state.position.seq + 1, cause, owedToMain: false };
    this.publisher.record([{ key: epochKey(number), value: epochToJson(entry) }]);
    this.role$.next('active');
    if (this.options.access === 'login') this.access.activated();
  }

  deactivate(): void {
    this.publisher.close();
    this.held = [];
    this.standby = undefined;
    this.role$.next('standby');
  }

  set(values: Readonly<Record<string, PointValue>>): number {
    const builder = new SampleBuilder();
    for (const [name, value] of Object.entries(values)) builder.add(this.state.table.find(name)!.id, value, GOOD, 1_000);
    this.publisher.ingest(builder.take());
    return this.publisher.cut();
  }

  /** Ingests without cutting: the publisher frames it when it sees fit. */
  ingest(rows: readonly (readonly [id: number, value: number])[]): void {
    const builder = new SampleBuilder();
    for (const [id, value] of rows) builder.add(id, value, GOOD, 1_000);
    this.publisher.ingest(builder.take());
  }

  raise(alarm: WireAlarm): void {
    this.record([[`alarm/${alarm.name}`, { ...alarm }]], [{ kind: 'alarm', data: { name: alarm.name, state: alarm.state } }, { kind: 'audit', data: 'not for clients' }]);
  }

  record(puts: readonly (readonly [key: string, value: Json])[], logs: readonly { kind: string; data: Json }[] = []): number {
    return this.publisher.record(puts.map(([key, value]) => ({ key, value })), logs);
  }

  /** From now on frames are sealed but not visible, until `release`. */
  hold(): void {
    this.holding = true;
  }

  release(): void {
    this.holding = false;
    for (const frame of this.held.splice(0)) this.show(frame);
  }

  receive(frame: Frame): void {
    const copy = decodeFrame(encodeFrame(frame));
    this.state.apply(copy);
    this.journal.push(copy);
    this.show(copy);
  }

  /** All that the node holds, as one frame that replaces. */
  snapshotFrame(): Frame {
    const { position } = this.state;
    const base = this.journal.at(-1)!;
    return { ...base, ...position, fromSeq: 1, values: this.state.image.changedSince(0), puts: this.state.keyed.changedSince(0), logs: [], snapshot: true };
  }

  // NodeApi

  role(): Role {
    return this.role$.value;
  }

  peerUrl(): string | undefined {
    return this.peer;
  }

  cut(): Position {
    this.publisher.cut();
    return this.state.position;
  }

  whenVisible(seq: number): Promise<void> {
    if (seq <= this.visibleSeq) return Promise.resolve();
    return new Promise((resolve) => this.waiters.push({ seq, resolve }));
  }

  standingOf(position: Position): Standing {
    return standingOf(position, this.state.epochs(), this.state.position.seq);
  }

  logsBetween(fromSeq: number, toSeq: number): AsyncIterable<readonly LogEntry[]> | undefined {
    const reachesBack = (this.journal[0]?.fromSeq ?? Infinity) <= fromSeq + 1;
    return !reachesBack && toSeq > fromSeq ? undefined : this.readJournal(fromSeq, toSeq);
  }

  private async *readJournal(fromSeq: number, toSeq: number): AsyncGenerator<readonly LogEntry[]> {
    this.readsUnderWay++;
    try {
      for (const frame of [...this.journal]) {
        if (frame.seq <= fromSeq || frame.seq > toSeq) continue;
        await this.mayRead();
        this.framesRead++;
        yield frame.logs;
      }
    } finally {
      this.readsUnderWay--;
    }
  }

  async write(command: WriteCommand): Promise<Confirmation> {
    const key = `command/${command.id}`;
    if (this.state.keyed.get(key) === undefined) {
      if (command.epoch < this.state.position.epoch.number) throw new TandemError('COMMAND_UNKNOWN', 'this id is not known here');
      this.writes.push(command);
      await this.whenVisible(this.record([[key, { ok: true }]]));
    }
    return { held: this.standby === undefined ? 'unprotected' : 'protected' };
  }

  alarm(action: AlarmAction, by: string, done?: AuditNote): Promise<Confirmation> {
    if ('alarm' in action && this.state.keyed.get(`alarm/${action.alarm}`) === undefined) return Promise.reject(new TandemError('ALARM_UNKNOWN', 'no such alarm'));
    this.actions.push({ ...action, by });
    if (done !== undefined) this.access.note(done);
    return Promise.resolve({ held: 'unprotected' });
  }

  overridden: PointOverride[] = [];
  readonly pointActions: (PointAction & { readonly by: string })[] = [];

  point(action: PointAction, by: string): Promise<Confirmation> {
    this.pointActions.push({ ...action, by });
    return Promise.resolve({ held: 'protected' });
  }

  overrides(): readonly PointOverride[] {
    return this.overridden;
  }

  pairTime(): number {
    return 1_000_000;
  }

  keepsPriorities({ name }: PointDefinition): boolean {
    return name !== 'Fan.Mode';
  }

  priorities(point: string): Promise<PriorityView> {
    if (point !== 'Fan.Mode') return Promise.reject(new TandemError('POINT_NO_PRIORITIES', 'none'));
    return Promise.resolve({ slots: Array.from({ length: 16 }, (_, at) => (at === 7 ? 2 : at === 15 ? 1 : null)), relinquishDefault: 0, commands: new Map([[8, { value: 2, by: 'ann', sinceMs: 1_000, untilMs: 2_000, reason: 'test' }]]) });
  }

  history({ fromMs, toMs, limit }: HistoryQuery): Promise<readonly HistorySample[]> {
    return Promise.resolve(this.samples.filter((sample) => sample.timeMs >= fromMs && sample.timeMs <= toMs).slice(0, limit));
  }

  aggregates({ fromMs, toMs, everyMs }: AggregateQuery): Promise<readonly HistoryBucket[]> {
    const aggregator = new Aggregator(fromMs, toMs, everyMs);
    aggregator.feed(Columns.of(this.samples));
    return Promise.resolve(aggregator.finish(toMs));
  }

  private logsOf(kind: string, limit: number, before?: string): LogEntry[] {
    const entries = this.journal.flatMap((frame) => frame.logs).filter((entry) => entry.kind === kind).reverse();
    const start = before === undefined ? 0 : entries.findIndex(({ id }) => id === before) + 1;
    return entries.slice(start, start + limit);
  }

  async *alarmJournal(before?: string): AsyncGenerator<LogEntry> {
    const entries = this.journal.flatMap((frame) => frame.logs).filter((entry) => entry.kind === 'alarm').reverse();
    for (const entry of entries.slice(before === undefined ? 0 : entries.findIndex(({ id }) => id === before) + 1)) yield await Promise.resolve(entry);
  }

  notifications(): ReturnType<NodeApi['notifications']> {
    const alarm: WireAlarm = { name: 'N0.high', point: 'N0', state: 'unacknowledged', priority: 2, class: 'general', message: 'N0 above 20', sinceMs: 1_000, occurrence: 3 };
    const told = { what: 'given-up', id: '7.1.1.0/boss', to: 'boss', event: 'raised', alarm: 'N0.high', occurrence: 2, by: 'ann', reason: 'on holiday' };
    return Promise.resolve({
      pending: [{ id: '7.1.2.0/duty', to: 'duty', event: 'raised', alarm, timeMs: 1_000, notBeforeMs: 31_000, attempt: 2, error: 'the mail server does not answer' }],
      log: [{ id: '7.1.1.1', kind: 'notification', timeMs: 2_000, data: told }],
    });
  }

  readonly messageActions: (NotificationAction & { readonly by: string })[] = [];

  notification(action: NotificationAction, by: string): Promise<Confirmation> {
    if (action.id !== '7.1.2.0/duty') return Promise.reject(new TandemError('NOTIFICATION_UNKNOWN', `no notification ${action.id} waits`));
    this.messageActions.push({ ...action, by });
    return Promise.resolve({ held: 'unprotected' });
  }

  alarmFigures(options: FigureOptions): Promise<AlarmFigures> {
    return Promise.resolve(alarmFigures([], [], options));
  }

  alarmDefinition(name: string): AlarmDefinition | undefined {
    return name === 'defined' ? { name, watch: { kind: 'change', point: 0 }, onDelayMs: 0, offDelayMs: 0, priority: 3, class: 'general' } : undefined;
  }

  sharesLoad = true;
  servesReaders(): boolean {
    return this.role() === 'active' || this.sharesLoad;
  }

  settings(): readonly SettingInForce[] {
    return [{ name: 'pingRate', source: 'site', inForce: '250 ms', configured: '100 ms', needsRestart: true }];
  }

  readonly controlled: string[] = [];
  readonly control = {
    force: async (_by: string, reason: string): Promise<void> => void this.controlled.push(`force ${reason}`),
    hold: async (_by: string, reason: string, forMs: number): Promise<void> => void this.controlled.push(`hold ${reason} ${forMs}`),
    drill: async (): Promise<void> => void this.controlled.push('drill'),
    release: async (): Promise<void> => void this.controlled.push('release'),
  };

  switchOver(_by: string, reason: string): Promise<void> {
    if (this.peer === undefined) return Promise.reject(new TandemError('SWITCH_REFUSED', 'there is no other node'));
    this.switches.push(reason);
    return Promise.resolve();
  }

  devices(): readonly DeviceStatus[] {
    return [{ name: 'plc', driver: 'modbus-tcp', activity: 'active', online: true, points: this.state.table.size, cycles: [], counters: { requests: 1 } }];
  }

  areas(): readonly AreaDefinition[] {
    return allAreas([], this.state.table.all());
  }

  identify(device: string): Promise<readonly IdentityEntry[]> {
    if (device !== 'plc') return Promise.reject(new TandemError('DEVICE_UNKNOWN', 'none'));
    return Promise.resolve([{ name: 'vendor name', value: 'ACME' }]);
  }

  schedules(days: number): ScheduleView[] {
    const now = { at: '2026-01-05T06:00:00.000Z', value: 1, why: `preview of ${String(days)} days` };
    return ['AHU', 'Lobby'].map((name) => ({ name, timezone: 'UTC', now, targets: [], preview: [] }));
  }

  readonly discovery: DiscoveryApi = {
    start: ({ driver, line }) => {
      if (driver !== 'bacnet') throw new TandemError('CONFIG_REFERENCE', `there is no driver ${driver}`);
      return (this.discovered = { id: '1', driver, line: line ?? null, state: 'running', started: new Date(0).toISOString(), done: 0, total: null, text: '', error: null, devices: [], blocks: null });
    },
    get: (id) => (id === '1' ? this.discovered : undefined),
    import: async ({ driver, line, files }) => ({ id: '2', driver, line: line ?? null, state: 'done', started: new Date(0).toISOString(), done: files.length, total: files.length, text: '', error: null, devices: [], blocks: '' }),
    files: (id) => (id === '1' ? { format: 'ede', files: [{ name: 'site_EDE.csv', text: '# keyname' }] } : undefined),
    siteFiles: () => ({ format: 'ede', files: [{ name: 'site_EDE.csv', text: '# keyname' }] }),
    document: async (id, text) => Promise.resolve(id === '1' ? `${text}# with what was found` : undefined),
    cancel: (id) => (id === '1' && this.discovered !== undefined ? (this.discovered = { ...this.discovered, state: 'cancelled' }) : undefined),
  };
  private discovered: DiscoveryView | undefined;

  metrics(): readonly Metric[] {
    return metricsOf({ status: this.status(), devices: this.devices(), points: this.state.table.size, alarms: [], clients: this.server.clients(), bufferedBytes: this.server.bufferedBytes() });
  }

  /** What a standby found beside the image (R10). */
  comparison: RedundancyStatus['comparison'];
  fieldSwitch: RedundancyStatus['fieldSwitch'];

  status(): RedundancyStatus {
    const epoch = this.state.epochs().at(-1) ?? null;
    const self = { id: this.node, mode: 'main', state: 'running', role: this.role(), consoleUrl: this.server.url } as const;
    return {
      site: this.site, revision: this.state.table.revision, self, epoch, seq: this.state.position.seq, sync: { state: 'in-sync', lagFrames: 0 }, protected: true,
      canSwitch: true, recovery: { mode: 'manual' }, worstDetectionMs: 1_000, events: [], activities: this.activities.list(), ...(this.comparison === undefined ? {} : { comparison: this.comparison }), ...(this.fieldSwitch === undefined ? {} : { fieldSwitch: this.fieldSwitch }),
    };
  }

  private onSealed(frame: Frame): void {
    this.journal.push(frame);
    this.standby?.receive(frame);
    if (this.holding) this.held.push(frame);
    else this.show(frame);
  }

  private show(frame: Frame): void {
    this.visibleSeq = frame.seq;
    this.visible$.next(frame);
    const due = this.waiters.filter((waiter) => waiter.seq <= frame.seq);
    this.waiters = this.waiters.filter((waiter) => waiter.seq > frame.seq);
    for (const { resolve } of due) resolve();
  }
}

const write = { priority: 8, min: 0, max: 100, verify: 'none', repeatable: true } as const;

/** Ten numbers `N0`…`N9`, then one point of each kind. */
export function demoTable(revision = 'rev1'): PointTable {
  const numbers = Array.from({ length: 10 }, (_, i) => ({ name: `N${String(i)}`, kind: 'number' as const, write }));
  const others: Omit<PointDefinition, 'id' | 'device' | 'poll'>[] = [
    { name: 'Fan.On', kind: 'boolean', write: { ...write, max: 1 } },
    { name: 'Fan.Mode', kind: 'enum', states: ['off', 'low', 'high'], write },
    { name: 'Meter.Total', kind: 'integer64' },
    { name: 'Meter.Name', kind: 'text', unit: '', area: 'cellar' },
  ];
  return new PointTable(revision, [...numbers, ...others].map((point, id) => ({ ...point, id, device: 'plc', poll: 'normal' })));
}

export function numbersTable(count: number, revision = 'rev1'): PointTable {
  return new PointTable(revision, Array.from({ length: count }, (_, id) => ({ id, name: `P${String(id)}`, kind: 'number', device: 'plc', poll: 'normal' })));
}

export function demoAlarm(name: string, state: WireAlarm['state'], occurrence = 1): WireAlarm {
  return { name, point: 'N0', state, priority: 2, class: 'process', message: 'N0 high', sinceMs: 1_000, occurrence };
}

import { formatQuality, qualityOf, type GraphicDefinition, type PendingNotification, type WireAlarm, type WireLog, type WirePoint, type WireRow, type WireValue } from '../../src/contract/index.js';
import { FakeHolds } from './fake-holds.js';

/** A building of some dozens of points and a handful of alarms, shared by both fake nodes. */
export class FakePlant {
  readonly points: readonly WirePoint[];
  readonly rows = new Map<number, WireRow>();
  readonly alarms = new Map<string, WireAlarm>();
  readonly journal: WireLog[] = [];
  readonly notifications: { pending: PendingNotification[]; log: WireLog[] } = { pending: [], log: [] };
  /** As a node that has cleaned nothing would send them. */
  readonly graphics: GraphicDefinition[] = [];
  seq = 100;
  readonly #byName: ReadonlyMap<string, WirePoint>;

  readonly held = new FakeHolds();

  /** `extra` points more, for a table of thousands; `odd` ones with whatever somebody may have called them. */
  constructor(extra = 0, odd: readonly PointSeed[] = []) {
    this.points = [...odd, ...buildingPoints(), ...filler(extra)].map((point, index) => ({ ...point, index }));
    this.#byName = new Map(this.points.map((point) => [point.name, point]));
    for (const point of this.points) this.rows.set(point.index, [point.index, firstValue(point), qualityOfDevice(point.device), Date.now() - 4_000, this.seq]);
    for (const alarm of buildingAlarms(Date.now())) this.alarms.set(alarm.name, alarm);
  }

  find(name: string): WirePoint {
    const point = this.#byName.get(name);
    if (point === undefined) throw new Error(`no point ${name}`);
    return point;
  }

  set(name: string, value: WireValue): WireRow {
    const { index, device } = this.find(name);
    const row: WireRow = [index, value, qualityOfDevice(device), Date.now(), ++this.seq];
    this.rows.set(index, row);
    return row;
  }

  /** As `GET /api/v1/points` tells them. */
  restPoints(): readonly object[] {
    return this.points.map((point) => {
      const [, value, quality, timeMs, seq] = this.rows.get(point.index)!;
      return { ...point, value, quality: formatQuality(quality), time: new Date(timeMs).toISOString(), seq };
    });
  }

  /** Room temperatures wander; a share of the other numbers too. */
  wander(): readonly WireRow[] {
    return this.points
      .filter((point) => point.kind === 'number' && !point.writable && point.device !== 'meter-2')
      .map((point) => this.set(point.name, Number(this.rows.get(point.index)?.[1] ?? 0) + (Math.random() - 0.5) * 0.4));
  }

  /** What a person does with a message that waits; undefined for what is something else. */
  actOnMessage(path: string, { note }: Readonly<Record<string, unknown>>): { readonly status: number; readonly body: object } | undefined {
    const [, id, kind] = /^notifications\/([^/]+)\/(send|give-up)$/.exec(path) ?? [];
    if (id === undefined) return undefined;
    const { pending, log } = this.notifications;
    const at = pending.findIndex((message) => message.id === decodeURIComponent(id));
    const message = pending[at];
    if (message === undefined) return { status: 404, body: { code: 'NOTIFICATION_UNKNOWN', detail: 'no such notification waits' } };
    pending.splice(at, 1);
    const how = kind === 'send' ? { what: 'sent' } : { what: 'given-up', by: 'ann', ...(typeof note === 'string' ? { reason: note } : {}) };
    const { to, event, alarm } = message;
    log.unshift({ id: `12.1.${log.length}`, kind: 'notification', timeMs: Date.now(), data: { ...how, id: message.id, to, event, alarm: alarm.name, occurrence: alarm.occurrence } });
    return { status: 200, body: { held: 'protected' } };
  }

  /** An hour with a hole in its middle. */
  history(): object {
    const toMs = Date.now();
    const fromMs = toMs - 3_600_000;
    const samples = Array.from({ length: 60 }, (_, minute) => ({ timeMs: fromMs + minute * 60_000, value: 20 + Math.sin(minute / 6), quality: minute === 30 ? 'bad (communication)' : 'good' }));
    return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString(), samples };
  }

  /** Ten stretches, of which two in the middle are unknown. */
  aggregates(query: URLSearchParams): object {
    const [from, to] = [query.get('from') ?? '', query.get('to') ?? ''];
    const everyMs = (Date.parse(to) - Date.parse(from)) / 10;
    const buckets = Array.from({ length: 10 }, (_, index) => {
      const mean = 20 + Math.sin(index);
      const startMs = Date.parse(from) + index * everyMs;
      return index === 4 || index === 5 ? { startMs, sum: 0, count: 0, coverage: 0 } : { startMs, min: mean - 1.5, max: mean + 2, mean, sum: mean, count: 60, coverage: 1 };
    });
    return { from, to, everyMs, buckets };
  }

  acknowledge(name: string, note?: string): WireAlarm | undefined {
    const alarm = this.alarms.get(name);
    if (alarm === undefined) return undefined;
    const next: WireAlarm = { ...alarm, state: alarm.state === 'unacknowledged' ? 'acknowledged' : 'normal', sinceMs: Date.now() };
    this.alarms.set(name, next);
    this.seq++;
    this.journal.unshift({ id: `12.${String(this.seq)}.0`, kind: 'alarm', timeMs: Date.now(), data: { event: 'acknowledged', by: 'operator', ...(note === undefined ? {} : { note }), ...next } });
    return next;
  }
}

export type PointSeed = Omit<WirePoint, 'index'>;

function buildingPoints(): readonly PointSeed[] {
  const rooms = Array.from({ length: 14 }, (_, room) => `R${String(101 + room)}`).flatMap((room): PointSeed[] => [
    { name: `${room}.ZnT`, kind: 'number', device: 'ddc-roof', unit: 'degC', area: 'Tower/F1', writable: false },
    { name: `${room}.ZnTSp`, kind: 'number', device: 'ddc-roof', unit: 'degC', area: 'Tower/F1', writable: true },
    { name: `${room}.CO2`, kind: 'number', device: 'ddc-roof', unit: 'ppm', area: 'Tower/F1', writable: false },
  ]);
  return [
    { name: 'AHU1.SaT', kind: 'number', device: 'plc-ahu', unit: 'degC', area: 'Tower/Roof', writable: false },
    { name: 'AHU1.SaTSp', kind: 'number', device: 'plc-ahu', unit: 'degC', area: 'Tower/Roof', writable: true },
    { name: 'AHU1.FanCmd', kind: 'boolean', device: 'plc-ahu', states: ['stop', 'run'], area: 'Tower/Roof', writable: true },
    { name: 'AHU1.FanSts', kind: 'boolean', device: 'plc-ahu', states: ['stop', 'run'], area: 'Tower/Roof', writable: false },
    { name: 'AHU1.Mode', kind: 'enum', device: 'plc-ahu', states: ['off', 'heating', 'cooling', 'free cooling'], area: 'Tower/Roof', writable: true },
    { name: 'AHU1.FilterDp', kind: 'number', device: 'plc-ahu', unit: 'Pa', area: 'Tower/Roof', writable: false },
    { name: 'Main.kW', kind: 'number', device: 'meter-1', unit: 'kW', area: 'Tower/Basement', writable: false },
    { name: 'Main.kWh', kind: 'integer64', device: 'meter-1', unit: 'kWh', area: 'Tower/Basement', writable: false },
    { name: 'Chiller.kW', kind: 'number', device: 'meter-2', unit: 'kW', area: 'Tower/Basement', writable: false },
    { name: 'Chiller.kWh', kind: 'integer64', device: 'meter-2', unit: 'kWh', area: 'Tower/Basement', writable: false },
    { name: 'Site.OaT', kind: 'number', device: 'weather', unit: 'degC', area: 'Site', writable: false },
    { name: 'Site.Note', kind: 'text', device: 'weather', area: 'Site', writable: true },
    ...rooms,
  ];
}

function filler(count: number): readonly PointSeed[] {
  return Array.from({ length: count }, (_, index) => ({ name: `Vav${String(index + 1)}.Flow`, kind: 'number' as const, device: `vav-${String(Math.floor(index / 50) + 1)}`, unit: 'm3/h', area: 'Tower/F2', writable: false }));
}

function firstValue(point: PointSeed): WireValue {
  if (point.kind === 'boolean') return true;
  if (point.kind === 'enum') return 1;
  if (point.kind === 'integer64') return '9007199254740993';
  if (point.kind === 'text') return 'Filter change due';
  if (point.name.endsWith('.CO2')) return 640;
  if (point.name.endsWith('.kW')) return 182.4;
  if (point.name === 'Site.OaT') return 7.3;
  if (point.name === 'AHU1.FilterDp') return 148;
  return point.writable ? 21 : 21.4;
}

function qualityOfDevice(device: string): number {
  if (device === 'meter-2') return qualityOf('bad', 'communication');
  return device === 'weather' ? qualityOf('stale') : qualityOf('good');
}

function buildingAlarms(nowMs: number): readonly WireAlarm[] {
  return [
    { name: 'AHU1.SaT.high', point: 'AHU1.SaT', state: 'unacknowledged', priority: 1, class: 'hvac', message: 'Supply air above 26 °C for 2 min', sinceMs: nowMs - 74_000, occurrence: 3 },
    { name: 'AHU1.FilterDp.high', point: 'AHU1.FilterDp', state: 'unacknowledged', priority: 3, class: 'maintenance', message: 'Filter is loaded', sinceMs: nowMs - 3_600_000, occurrence: 1 },
    { name: 'Chiller.comm', point: 'Chiller.kW', state: 'acknowledged', priority: 2, class: 'system', message: 'Meter 2 does not answer', sinceMs: nowMs - 900_000, occurrence: 7 },
    { name: 'R104.CO2.high', point: 'R104.CO2', state: 'returned-unacknowledged', priority: 4, class: 'comfort', message: 'CO₂ was above 1000 ppm', sinceMs: nowMs - 240_000, occurrence: 12 },
    { name: 'R107.ZnT.low', point: 'R107.ZnT', state: 'normal', priority: 3, class: 'comfort', message: 'Room below 18 °C', sinceMs: nowMs - 86_400_000 * 2, occurrence: 4 },
  ];
}

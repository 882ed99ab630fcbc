import { isDeepStrictEqual } from 'node:util';
import { messageOf, TandemError, type AlarmAction, type DeviceAcknowledgement, type DeviceEventReport, type DeviceTransition, type Log, type PointDefinition, type Role, type Timer, type Timers, type WireAlarm } from '../contract/index.js';
import type { Confirmation } from '../clients/index.js';
import {
  acknowledgedHere, acknowledgedTransition, ALARM_NOTES_PREFIX, ALARM_PREFIX, alarmJson, DEVICE_ALARM_PREFIX, deviceAlarmJson, deviceAlarmName, deviceAlarmOf, deviceEvent, deviceSilent, deviceSummary, heldDeviceAlarm, heldSteps, mutedDeviceAlarm, Mutes, newDeviceAlarm, openTransitions, wireDeviceAlarm,
  type DeviceAlarm, type DeviceAlarmLog, type DeviceAlarmStep,
} from '../functions/index.js';
import type { Json, PairState, Publisher, Put } from '../image/index.js';

export interface DeviceAlarmsOptions {
  readonly state: PairState;
  readonly publisher: Publisher;
  readonly timers: Timers;
  readonly log: Log;
  /** Names of the devices of this configuration. */
  readonly devices: () => readonly string[];
  /** Classes of this configuration whose alarms no mute reaches. */
  readonly lifeSafetyClasses: () => readonly string[];
  readonly role: () => Role;
  readonly pairTime: () => number;
  readonly confirm: (seq: number) => Promise<'protected' | 'unprotected'>;
  /** Acknowledges at the device; refuses where this node may have no effects. */
  readonly acknowledge: (device: string, acknowledgement: Omit<DeviceAcknowledgement, 'permit' | 'timeoutMs'>) => Promise<void>;
  /** How long an acknowledgement waits for the device's alarms after a takeover. */
  readonly catchUpMs: number;
}

export interface AcknowledgeRequest {
  readonly alarm: string;
  readonly occurrence: number;
  readonly by: string;
  readonly note?: string;
}

/** An acknowledgement that a person has given and the device has not heard yet; on both nodes. */
interface PendingAck {
  readonly occurrence: number;
  readonly by: string;
  readonly note: string | null;
  readonly timeMs: number;
}

const PENDING = 'device-ack/';
/** Event state of BACnet (clause 12.15): it says itself that lives are at stake. */
const LIFE_SAFETY = 'life-safety-alarm';
/** Pair time may be slower than this node's clock; the end of a shelf or of a mute is looked at again so soon. */
const LOOK_AGAIN_MS = 100;

/**
 * Alarms that devices detect themselves, in the list of our own. What a device reports is a record on both nodes before
 * the device hears that it is taken; an acknowledgement is a record before the device hears of it, and is completed by
 * the next node where control moves between, once that node has asked the device what is left to be acknowledged.
 */
export class DeviceAlarms {
  private readonly running = new Map<string, Promise<Confirmation>>();
  /** Devices that have told this activation what is not normal. */
  private readonly caughtUp = new Set<string>();
  private waiting: (() => void)[] = [];
  /** The end of the next shelf or mute. */
  private next: { readonly endsMs: number; readonly timer: Timer } | undefined;

  constructor(private readonly options: DeviceAlarmsOptions) {}

  /** Call when the role is active: forgets what the activation before knew, and alarms of devices that are gone. */
  takeOver(): void {
    const { state, publisher } = this.options;
    const devices = this.options.devices();
    this.caughtUp.clear();
    const gone: Put[] = [];
    for (const [key, json] of state.keyed.entries(DEVICE_ALARM_PREFIX)) {
      const name = key.slice(DEVICE_ALARM_PREFIX.length);
      if (!devices.includes(deviceAlarmOf(json).device)) gone.push(...[DEVICE_ALARM_PREFIX, ALARM_PREFIX, ALARM_NOTES_PREFIX, PENDING].map((prefix) => ({ key: prefix + name, value: null })));
    }
    if (gone.length > 0) publisher.record(gone);
    this.look();
  }

  stop(): void {
    this.next?.timer.cancel();
  }

  /** What a device reports, in the order in which it does. Never throws. */
  take(device: string, report: DeviceEventReport, point: (id: number) => PointDefinition): void {
    if (this.options.role() !== 'active') return; // the device repeats it, or is asked by the next node
    try {
      this.lookAtTimes();
      if (report.kind === 'event') this.takeEvent(device, report, point);
      else this.takeSummary(device, report, point);
    } catch (error) {
      this.options.log.error(`alarms of ${device}: ${messageOf(error)}`, error);
    }
  }

  /** What a person does besides acknowledging. Rejects with ALARM_UNKNOWN, ALARM_REFUSED, NOT_ACTIVE or FENCED. */
  async act(action: Extract<AlarmAction, { alarm: string }>, by: string): Promise<Confirmation> {
    if (this.options.role() !== 'active') throw new TandemError('NOT_ACTIVE', 'this node is not active: ask the other one');
    this.lookAtTimes();
    const alarm = this.known(action.alarm);
    if (alarm === undefined) throw new TandemError('ALARM_UNKNOWN', `there is no alarm ${action.alarm}, or it has never been raised`);
    const seq = this.record(heldDeviceAlarm(action, alarm, by, this.options.pairTime()), action.note);
    this.plan();
    return { held: await this.options.confirm(seq ?? this.options.state.position.seq) };
  }

  /** Rejects with ALARM_UNKNOWN, NOT_ACTIVE, FENCED or a FIELD_… code; resolves when the device has confirmed. */
  async acknowledge({ alarm: name, occurrence, by, note }: AcknowledgeRequest): Promise<Confirmation> {
    if (this.options.role() !== 'active') throw new TandemError('NOT_ACTIVE', 'this node is not active: send the acknowledgement to the other one');
    const running = this.running.get(name);
    if (running !== undefined) return running;
    const alarm = this.known(name);
    if (alarm === undefined) throw new TandemError('ALARM_UNKNOWN', `there is no alarm ${name}, or it has never been raised`);
    if (alarm.occurrence !== occurrence) throw new TandemError('ALARM_UNKNOWN', `alarm ${name} is at occurrence ${alarm.occurrence}, not ${occurrence}: look at it again before acknowledging`);
    if (openTransitions(alarm).length === 0) return { held: await this.options.confirm(this.record([acknowledgedHere(alarm, by)], note) ?? this.options.state.position.seq) };
    const known = this.pending(name);
    const pending: PendingAck = known?.occurrence === occurrence ? known : { occurrence, by, note: note ?? null, timeMs: this.options.pairTime() };
    const seq = known === pending ? this.options.state.position.seq : this.options.publisher.record([{ key: PENDING + name, value: { ...pending } }]);
    return this.track(name, this.send(name, pending, seq));
  }

  private async track(name: string, work: Promise<Confirmation>): Promise<Confirmation> {
    this.running.set(name, work);
    return work.finally(() => void this.running.delete(name));
  }

  private takeEvent(device: string, { event, taken }: Extract<DeviceEventReport, { kind: 'event' }>, point: (id: number) => PointDefinition): void {
    const known = this.alarmOf(device, event.object, event.point, point);
    const muting = this.muting(known, event);
    const before = muting.at(-1)?.alarm ?? known;
    const pending = this.pending(deviceAlarmName(device, event.object));
    const step = event.notice === 'acknowledged' && pending !== undefined
      ? acknowledgedTransition(before, event.transition, undefined, pending.by)
      : deviceEvent(before, event, this.options.pairTime());
    const seq = this.record([...muting, step]) ?? this.options.state.position.seq;
    if (muting.length > 0) this.plan();
    this.options.confirm(seq).then(taken, (error: unknown) => this.options.log.warn(`an alarm of ${device} is not confirmed to it: ${messageOf(error)}`));
  }

  private takeSummary(device: string, { objects }: Extract<DeviceEventReport, { kind: 'summary' }>, point: (id: number) => PointDefinition): void {
    const nowMs = this.options.pairTime();
    const named = new Set(objects.map(({ object }) => deviceAlarmName(device, object)));
    const steps = objects.flatMap((object) => {
      const alarm = this.alarmOf(device, object.object, object.point, point);
      const muting = this.muting(alarm, { state: object.state, class: alarm.class });
      return [...muting, this.credited(deviceSummary(muting.at(-1)?.alarm ?? alarm, object, nowMs))];
    });
    for (const [, json] of this.options.state.keyed.entries(DEVICE_ALARM_PREFIX)) {
      const alarm = deviceAlarmOf(json);
      if (alarm.device === device && !named.has(deviceAlarmName(device, alarm.object))) steps.push(this.credited(deviceSilent(alarm, nowMs)));
    }
    this.record(steps);
    if (steps.some(({ alarm }) => alarm.holds?.mutedUntilMs !== undefined)) this.plan();
    this.caughtUp.add(device);
    for (const wake of this.waiting.splice(0)) wake();
    // What the node before was asked to acknowledge, and the device still waits for.
    for (const [key, json] of this.options.state.keyed.entries(PENDING)) {
      const name = key.slice(PENDING.length);
      const alarm = this.known(name);
      if (alarm?.device !== device || this.running.has(name)) continue;
      const pending = json as unknown as PendingAck;
      this.track(name, this.send(name, pending, this.options.state.position.seq)).catch((error: unknown) => this.options.log.warn(`acknowledgement of ${name}: ${messageOf(error)}`));
    }
  }

  /** What was acknowledged on the way, by a node that did not live to write it, is its person's. */
  private credited({ alarm, logs }: DeviceAlarmStep): DeviceAlarmStep {
    const pending = this.pending(deviceAlarmName(alarm.device, alarm.object));
    return pending === undefined ? { alarm, logs } : { alarm, logs: logs.map((log) => (log.event === 'acknowledged' ? { ...log, by: pending.by } : log)) };
  }

  private async send(name: string, pending: PendingAck, seq: number): Promise<Confirmation> {
    const { state, publisher, confirm } = this.options;
    await confirm(seq);
    const device = this.known(name)?.device;
    if (device !== undefined) await this.whenCaughtUp(device);
    let failure: TandemError | undefined;
    try {
      await this.sendOpen(name, pending);
    } catch (error) {
      failure = error instanceof TandemError ? error : new TandemError('INTERNAL', messageOf(error), { cause: error });
      // Nothing was sent: the pending record stays, and the next node sends it.
      if (this.options.role() !== 'active' || failure.code === 'NOT_ACTIVE') throw failure;
    }
    const shown = this.known(name);
    const logs = failure === undefined || shown === undefined ? [] : [{ kind: 'alarm', data: { event: 'acknowledge-failed', ...alarmData(this.wireOf(shown)), by: pending.by, code: failure.code, reason: failure.message } }];
    const last = publisher.record([{ key: PENDING + name, value: null }], logs);
    const held = await confirm(Math.max(last, state.position.seq));
    if (failure !== undefined) throw failure;
    return { held };
  }

  /** One after the other, each as it is now: somebody else may have acknowledged meanwhile. */
  private async sendOpen(name: string, { occurrence, by, note, timeMs }: PendingAck): Promise<void> {
    const refused: DeviceTransition[] = [];
    for (;;) {
      const alarm = this.known(name);
      const open = alarm === undefined ? [] : openTransitions(alarm).filter(([transition]) => !refused.includes(transition));
      const [next] = open;
      if (alarm === undefined || next === undefined) return;
      if (alarm.occurrence !== occurrence) throw new TandemError('ALARM_UNKNOWN', `alarm ${name} has come again since: look at it before acknowledging`);
      const [transition, { needsAck, ...stamp }] = next;
      if (needsAck) await this.options.acknowledge(alarm.device, { ...stamp, object: alarm.object, transition, by, atMs: timeMs });
      const now = this.known(name);
      if (now !== undefined) this.record([acknowledgedTransition(now, transition, stamp.stamp, by)], note ?? undefined);
      refused.push(transition); // never twice in one acknowledgement
    }
  }

  /** The device may have been told by the node before: what it says counts, not what that node did not live to write. */
  private async whenCaughtUp(device: string): Promise<void> {
    if (this.caughtUp.has(device)) return;
    await new Promise<void>((resolve) => {
      const timer = this.options.timers.after(this.options.catchUpMs, resolve);
      const look = (): void => {
        if (!this.caughtUp.has(device)) {
          this.waiting.push(look);
          return;
        }
        timer.cancel();
        resolve();
      };
      this.waiting.push(look);
    });
  }

  /** Seq of the frame; undefined where nothing is new. Steps of one alarm follow on each other. */
  private record(steps: readonly DeviceAlarmStep[], note?: string): number | undefined {
    const { keyed } = this.options.state;
    const puts: Put[] = [];
    const logs: { kind: string; data: Json }[] = [];
    const told = new Set(steps.filter(({ logs: events }) => events.length > 0).map(({ alarm }) => deviceAlarmName(alarm.device, alarm.object)));
    for (const { alarm, logs: events } of steps) {
      const name = deviceAlarmName(alarm.device, alarm.object);
      const known = this.known(name);
      if (known === undefined && !told.has(name)) continue;
      const shown = keyed.get(ALARM_PREFIX + name) as unknown as WireAlarm | undefined;
      const wire = withNotes(this.wireOf(alarm), shown);
      if (alarm !== known) puts.push({ key: DEVICE_ALARM_PREFIX + name, value: deviceAlarmJson(alarm) });
      if (told.has(name) || (shown !== undefined && !isDeepStrictEqual(shown, wire))) puts.push({ key: ALARM_PREFIX + name, value: alarmJson(wire) });
      logs.push(...events.map((event) => ({ kind: 'alarm', data: logData(event, wire, note) })));
    }
    return puts.length === 0 ? undefined : this.options.publisher.record(puts, logs);
  }

  /**
   * Brings back what was shelved or muted until now, mutes what mutes hold for by now, shows where each lies by now, and waits for the next
   * end. Call where a mute begins or is ended, and where the configuration is another one; not within a frame.
   */
  look(): void {
    if (this.options.role() !== 'active') return;
    const nowMs = this.options.pairTime();
    const mutes = new Mutes(this.options.state.keyed);
    this.record([...this.options.state.keyed.entries(DEVICE_ALARM_PREFIX)].flatMap(([, json]) => {
      const alarm = deviceAlarmOf(json);
      const steps = heldSteps(alarm, this.mutedUntilMs(alarm, this.isLifeSafety(alarm), mutes), nowMs);
      return steps.length === 0 ? [{ alarm, logs: [] }] : steps;
    }));
    this.plan();
  }

  /** Times that have passed come first. */
  private lookAtTimes(): void {
    if (this.next !== undefined && this.next.endsMs <= this.options.pairTime()) this.look();
  }

  /** What mutes make of an alarm of which the device says something: it may be new, or may concern lives by now. */
  private muting(alarm: DeviceAlarm, said: Pick<DeviceAlarm, 'state' | 'class'>): readonly DeviceAlarmStep[] {
    const isLifeSafety = this.isLifeSafety(alarm) || this.isLifeSafety(said);
    return mutedDeviceAlarm(alarm, this.mutedUntilMs(alarm, isLifeSafety, new Mutes(this.options.state.keyed)), this.options.pairTime());
  }

  private mutedUntilMs({ device, point }: DeviceAlarm, isLifeSafety: boolean, mutes: Mutes): number | undefined {
    if (isLifeSafety || mutes.isEmpty) return undefined;
    const { table } = this.options.state;
    // One without a point lies wherever its device has points.
    const areas = point === '' ? [...new Set(table.all().filter((each) => each.device === device).map(({ area }) => area))] : [table.find(point)?.area];
    const ends = (areas.length === 0 ? [undefined] : areas).map((area) => mutes.untilMs({ device, ...(area === undefined ? {} : { area }) }) ?? 0);
    const untilMs = Math.min(...ends);
    return untilMs > this.options.pairTime() ? untilMs : undefined;
  }

  private isLifeSafety({ state, class: of }: Pick<DeviceAlarm, 'state' | 'class'>): boolean {
    return state === LIFE_SAFETY || this.options.lifeSafetyClasses().includes(of);
  }

  /** As clients see it, with where it lies. */
  private wireOf(alarm: DeviceAlarm): WireAlarm {
    const area = alarm.point === '' ? undefined : this.options.state.table.find(alarm.point)?.area;
    return { ...wireDeviceAlarm(alarm), ...(area === undefined ? {} : { area }), ...(this.isLifeSafety(alarm) ? { lifeSafety: true as const } : {}) };
  }

  private plan(): void {
    this.next?.timer.cancel();
    this.next = undefined;
    let endsMs = Infinity;
    for (const [, json] of this.options.state.keyed.entries(DEVICE_ALARM_PREFIX)) {
      const { shelved, mutedUntilMs = Infinity } = deviceAlarmOf(json).holds ?? {};
      endsMs = Math.min(endsMs, mutedUntilMs, shelved?.untilMs ?? Infinity);
    }
    if (endsMs === Infinity) return;
    const timer = this.options.timers.after(Math.max(endsMs - this.options.pairTime(), LOOK_AGAIN_MS), () => {
      if (this.options.role() !== 'active') return; // the next node plans its own
      try {
        this.look();
      } catch (error) {
        this.options.log.error(`alarms of devices that are put aside: ${messageOf(error)}`, error);
      }
    });
    this.next = { endsMs, timer };
  }

  private alarmOf(device: string, object: string, pointId: number | undefined, point: (id: number) => PointDefinition): DeviceAlarm {
    const name = pointId === undefined ? '' : point(pointId).name;
    const known = this.known(deviceAlarmName(device, object));
    if (known === undefined) return newDeviceAlarm(device, object, name);
    return known.point === name ? known : { ...known, point: name };
  }

  private known(name: string): DeviceAlarm | undefined {
    const json = this.options.state.keyed.get(DEVICE_ALARM_PREFIX + name);
    return json === undefined ? undefined : deviceAlarmOf(json);
  }

  private pending(name: string): PendingAck | undefined {
    return this.options.state.keyed.get(PENDING + name) as unknown as PendingAck | undefined;
  }
}

/** What people have written to it stays with it, and that it was silenced for as long as it is the same occurrence that waits. */
function withNotes(wire: WireAlarm, { notes, silenced, occurrence }: Partial<WireAlarm> = {}): WireAlarm {
  const isQuiet = silenced === true && occurrence === wire.occurrence && (wire.state === 'unacknowledged' || wire.state === 'returned-unacknowledged');
  return { ...wire, ...(notes === undefined ? {} : { notes }), ...(isQuiet ? { silenced } : {}) };
}

function logData({ details, ...event }: DeviceAlarmLog, wire: WireAlarm, note: string | undefined): Json {
  // `by` of an entry is who did it, and not who has put the alarm aside.
  const plain: Partial<Record<keyof WireAlarm, unknown>> = { ...wire };
  delete plain.by;
  return { ...event, ...(details === undefined ? {} : { details: { ...details } }), ...(note === undefined ? {} : { note }), ...alarmData(plain as unknown as WireAlarm) };
}

function alarmData(wire: WireAlarm): Readonly<Record<string, Json>> {
  return alarmJson(wire) as Readonly<Record<string, Json>>;
}

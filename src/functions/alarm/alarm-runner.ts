import { isTandemError, TandemError, type AlarmAction, type AlarmDefinition, type WireAlarm } from '../../contract/index.js';
import type { FrameDraft, Json, PairState } from '../../image/index.js';
import { acknowledgeAlarm } from '../acknowledge.js';
import { ALARM_ACK_PREFIX, ALARM_INTERNAL_PREFIX, ALARM_NOTES_PREFIX, ALARM_PREFIX, alarmJson, DEVICE_ALARM_PREFIX, readAlarm, SYSTEM_ALARMS } from '../alarm-keys.js';
import type { SystemAlarmRunner } from '../system-alarms.js';
import { Deadlines } from '../deadlines.js';
import { usableValue } from '../expression.js';
import { PointIndex } from '../point-index.js';
import { hold, levelOf, nextDeadlineMs, shownState, stepAlarm, unlatch, without, type AlarmState, type AlarmStep, type JournalEvent } from './alarm.js';
import { internalJson, stateFrom, wireAlarm } from './alarm-json.js';
import { changeOf } from './alarm-change.js';
import { defineAlarm, type DefinedAlarm } from './defined-alarm.js';
import { Mutes } from './mutes.js';
import { withNote } from './notes.js';

export interface AlarmRunnerOptions {
  readonly definitions: readonly AlarmDefinition[];
  readonly state: PairState;
  /** Whether a device answers now. Asked with each draft, so it has to be quick. */
  readonly isOnline: (device: string) => boolean;
  /** Who runs the alarms of the system itself. */
  readonly system?: Pick<SystemAlarmRunner, 'act'>;
}

type Extra = Readonly<Record<string, Json>>;

/**
 * All alarms of the active node. What it knows it has from the keyed state and writes back there with the
 * frame that caused it, so whoever runs it next goes on exactly here.
 */
export class AlarmRunner {
  private readonly alarms: readonly DefinedAlarm[];
  private readonly byName: ReadonlyMap<string, number>;
  private readonly states: AlarmState[];
  /** As clients see it; undefined where they do not. */
  private readonly shown: (WireAlarm | undefined)[];
  private readonly hasInternal: boolean[];
  private readonly notes: number[];
  private readonly index: PointIndex;
  private readonly alarmOfEntry: Uint32Array;
  /** Alarms of devices, parents before their children. */
  private readonly communication: readonly number[];
  private readonly ofDevice: ReadonlyMap<string, number>;
  private readonly deadlines = new Deadlines();
  /** By alarm: the soonest of its deadlines. */
  private readonly plannedMs: Float64Array;
  private readonly mutes: Mutes;
  private hasStarted = false;

  constructor(private readonly options: AlarmRunnerOptions) {
    const { definitions, state, isOnline } = options;
    const inputs = { value: (point: number) => usableValue(state.image, point), isOnline };
    this.alarms = definitions.map((definition) => defineAlarm(definition, inputs, (id) => state.table.byId(id)));
    this.byName = new Map(definitions.map(({ name }, alarm) => [name, alarm]));
    const entries = this.alarms.flatMap(({ points }, alarm) => points.map((point) => ({ point, alarm })));
    this.index = new PointIndex(state.table.size, entries.map(({ point }) => point));
    this.alarmOfEntry = Uint32Array.from(entries, ({ alarm }) => alarm);
    this.states = this.alarms.map(({ initial }) => initial);
    this.shown = this.alarms.map(() => undefined);
    this.hasInternal = this.alarms.map(() => false);
    this.notes = this.alarms.map(() => 0);
    this.plannedMs = new Float64Array(definitions.length).fill(Infinity);
    this.communication = this.alarms.flatMap((_, alarm) => (definitions[alarm]?.watch.kind === 'communication' ? [alarm] : [])).sort((a, b) => this.depth(a) - this.depth(b));
    this.ofDevice = new Map(this.communication.map((alarm) => [deviceOf(definitions[alarm]), alarm]));
    this.mutes = new Mutes(state.keyed);
  }

  run(draft: FrameDraft): void {
    if (!this.hasStarted) {
      this.start(draft);
      return;
    }
    const nowMs = draft.pairTimeMs;
    this.mutes.expire(draft);
    for (const alarm of this.due(nowMs)) {
      this.look(alarm, draft);
      this.plan(alarm);
    }
    for (const alarm of this.communication) this.lookAtDevice(alarm, draft);
    const { points, length } = draft.changes;
    for (let row = 0; row < length; row++) {
      const point = points[row] as number;
      for (let at = this.index.first(point), end = this.index.end(point); at < end; at++) this.look(this.alarmOfEntry[this.index.item(at)] as number, draft);
    }
  }

  /** What a person does, in the frame of the draft. Returns what is wrong, with nothing done. */
  act(action: AlarmAction, by: string, draft: FrameDraft): TandemError | undefined {
    if (!this.hasStarted) this.start(draft);
    try {
      this.carryOut(action, by, draft);
      return undefined;
    } catch (error) {
      if (isTandemError(error)) return error;
      throw error;
    }
  }

  /**
   * Goes on from the keyed state. Looking at everything once is without effect after a plain takeover, because
   * each value has travelled with the alarm that it caused; it is what makes changed limits count.
   */
  private start(draft: FrameDraft): void {
    this.hasStarted = true;
    this.dropOrphans(draft);
    this.mutes.expire(draft);
    const { keyed } = this.options.state;
    this.alarms.forEach(({ definition, rule, point, initial }, alarm) => {
      const stored = readAlarm(keyed, definition.name);
      const internal = keyed.get(ALARM_INTERNAL_PREFIX + definition.name);
      this.hasInternal[alarm] = internal !== undefined;
      this.notes[alarm] = notesIn(keyed.get(ALARM_NOTES_PREFIX + definition.name));
      this.shown[alarm] = stored;
      // The name now means another point: a new alarm, which only goes on counting occurrences.
      const isKnown = stored === undefined || stored.point === point;
      if (!isKnown) logRemoved(stored, draft);
      const before = isKnown ? stateFrom(rule, stored, internal) : { ...initial, occurrence: stored.occurrence };
      const state = definition.watch.kind === 'communication' ? withoutDelays(before) : before;
      this.states[alarm] = state;
      if (state !== before || !isKnown) this.writeInternal(alarm, draft);
      if (stored !== undefined) this.publish(alarm, isKnown ? stored.message : '', draft);
      this.plan(alarm);
      this.apply(alarm, unlatch(rule, state, draft.pairTimeMs), draft);
      this.look(alarm, draft);
      this.mute(alarm, draft);
    });
  }

  private dropOrphans(draft: FrameDraft): void {
    const { keyed } = this.options.state;
    for (const prefix of [ALARM_PREFIX, ALARM_INTERNAL_PREFIX, ALARM_ACK_PREFIX, ALARM_NOTES_PREFIX]) {
      for (const [key] of keyed.entries(prefix)) {
        const name = key.slice(prefix.length);
        // Alarms of devices are the gateway's (src/gateway/device-alarms.ts), with all their keys.
        const isOfDevice = keyed.get(DEVICE_ALARM_PREFIX + name) !== undefined;
        if (this.byName.has(name) || isOfDevice || name.startsWith(SYSTEM_ALARMS)) continue;
        if (prefix === ALARM_PREFIX) logRemoved(readAlarm(keyed, name), draft);
        draft.put(key, null);
      }
    }
  }

  private look(alarm: number, draft: FrameDraft): void {
    const { rule, watch, truths, suppress } = this.alarms[alarm] as DefinedAlarm;
    const nowMs = draft.pairTimeMs;
    if (suppress !== undefined) this.suppress(alarm, suppress(), draft);
    const state = this.states[alarm] as AlarmState;
    const memory = watch.look(state.memory, nowMs, truths);
    const step = stepAlarm(rule, memory === state.memory ? state : { ...state, memory }, truths, nowMs);
    if (step.state !== state) this.apply(alarm, step, draft);
  }

  private suppress(alarm: number, truth: number, draft: FrameDraft): void {
    const { rule } = this.alarms[alarm] as DefinedAlarm;
    const state = this.states[alarm] as AlarmState;
    const isSuppressed = state.holds.suppressed === true;
    if (Number.isNaN(truth) || (truth !== 0) === isSuppressed) return;
    const holds = isSuppressed ? without(state.holds, 'suppressed') : { ...state.holds, suppressed: true as const };
    this.apply(alarm, hold(rule, state, holds, isSuppressed ? 'unsuppressed' : 'suppressed', draft.pairTimeMs), draft);
  }

  /** One alarm for a dead router, not one for each device behind it. */
  private lookAtDevice(alarm: number, draft: FrameDraft): void {
    const { definition, rule } = this.alarms[alarm] as DefinedAlarm;
    if (definition.watch.kind !== 'communication') return;
    const state = this.states[alarm] as AlarmState;
    const dead = definition.watch.behind.find((parent) => this.isDead(parent));
    if (dead !== state.holds.behind) {
      const holds = dead === undefined ? without(state.holds, 'behind') : { ...state.holds, behind: dead };
      this.apply(alarm, hold(rule, state, holds, dead === undefined ? 'unsuppressed' : 'suppressed', draft.pairTimeMs), draft);
    }
    this.look(alarm, draft);
  }

  private isDead(device: string): boolean {
    const alarm = this.ofDevice.get(device);
    return alarm !== undefined && levelOf(this.states[alarm] as AlarmState) !== undefined;
  }

  private depth(alarm: number): number {
    const { watch } = (this.alarms[alarm] as DefinedAlarm).definition;
    return watch.kind === 'communication' ? watch.behind.length : 0;
  }

  private mute(alarm: number, draft: FrameDraft): void {
    const { definition, rule } = this.alarms[alarm] as DefinedAlarm;
    const state = this.states[alarm] as AlarmState;
    const untilMs = definition.lifeSafety === true ? undefined : this.mutes.untilMs(definition);
    if (untilMs === state.holds.mutedUntilMs) return;
    const holds = untilMs === undefined ? without(state.holds, 'mutedUntilMs') : { ...state.holds, mutedUntilMs: untilMs };
    this.apply(alarm, hold(rule, state, holds, untilMs === undefined ? 'unmuted' : 'muted', draft.pairTimeMs), draft);
  }

  private carryOut(action: AlarmAction, by: string, draft: FrameDraft): void {
    if (action.kind === 'mute' || action.kind === 'unmute') {
      this.mutes.change(action, by, draft);
      this.alarms.forEach((_, alarm) => {
        this.look(alarm, draft);
        this.mute(alarm, draft);
      });
      return;
    }
    if (action.kind === 'silence') {
      this.silence(action.alarms, by, draft);
      return;
    }
    const alarm = this.byName.get(action.alarm);
    if (action.kind === 'note') {
      this.addNote(action, alarm, by, draft);
      return;
    }
    if (alarm === undefined) {
      this.actOnOther(action, by, draft);
      return;
    }
    // Deadlines that have passed come first.
    this.look(alarm, draft);
    const { definition, rule } = this.alarms[alarm] as DefinedAlarm;
    const step = changeOf(action, definition, rule, this.states[alarm] as AlarmState, by, draft.pairTimeMs);
    this.apply(alarm, step, draft, { by, ...(action.note === undefined ? {} : { note: action.note }) });
  }

  private actOnOther(action: Extract<AlarmAction, { alarm: string }>, by: string, draft: FrameDraft): void {
    const other = readAlarm(this.options.state.keyed, action.alarm);
    if (other !== undefined && action.kind !== 'acknowledge') {
      const { system } = this.options;
      if (system === undefined || !action.alarm.startsWith(SYSTEM_ALARMS)) throw new TandemError('ALARM_REFUSED', `${action.alarm} is not defined in the configuration: it can only be acknowledged`);
      system.act(action, other, by, draft);
      return;
    }
    const result = acknowledgeAlarm(this.options.state, action.alarm, action.kind === 'acknowledge' ? action.occurrence : 0, by, action.note, draft.pairTimeMs);
    if (result instanceof TandemError) throw result;
    for (const { key, value } of result.puts) draft.put(key, value);
    for (const { kind, data } of result.logs) draft.log(kind, data);
  }

  private silence(names: readonly string[] | undefined, by: string, draft: FrameDraft): void {
    this.states.forEach((state, alarm) => {
      const { definition } = this.alarms[alarm] as DefinedAlarm;
      const isLoud = (state.open.raised || state.open.returned) && !state.silenced;
      if (!isLoud || (names !== undefined && !names.includes(definition.name))) return;
      this.states[alarm] = { ...state, silenced: true };
      this.publish(alarm, this.shown[alarm]?.message ?? '', draft);
      this.log(alarm, 'silenced', draft, { by });
    });
    for (const [key, value] of this.options.state.keyed.entries(ALARM_PREFIX)) {
      const other = value as unknown as WireAlarm;
      const isOpen = other.state === 'unacknowledged' || other.state === 'returned-unacknowledged';
      if (this.byName.has(other.name) || !isOpen || other.silenced === true || (names !== undefined && !names.includes(other.name))) continue;
      draft.put(key, alarmJson({ ...other, silenced: true }));
      draft.log('alarm', { event: 'silenced', by, ...(alarmJson({ ...other, silenced: true }) as Extra) });
    }
  }

  private addNote(action: Extract<AlarmAction, { kind: 'note' }>, alarm: number | undefined, by: string, draft: FrameDraft): void {
    const { keyed } = this.options.state;
    const wire = alarm === undefined ? readAlarm(keyed, action.alarm) : this.shown[alarm];
    if (alarm === undefined && wire === undefined) throw new TandemError('ALARM_UNKNOWN', `there is no alarm ${action.alarm}`);
    const notes = withNote(keyed.get(ALARM_NOTES_PREFIX + action.alarm), { id: action.id, timeMs: draft.pairTimeMs, by, note: action.note });
    if (notes === undefined) return;
    draft.put(ALARM_NOTES_PREFIX + action.alarm, notes);
    if (alarm === undefined) {
      draft.put(ALARM_PREFIX + action.alarm, alarmJson({ ...(wire as WireAlarm), notes: notesIn(notes) }));
      draft.log('alarm', { event: 'note', ...(alarmJson(wire as WireAlarm) as Extra), by, note: action.note });
      return;
    }
    this.notes[alarm] = notesIn(notes);
    if (wire !== undefined) this.publish(alarm, wire.message, draft);
    this.log(alarm, 'note', draft, { by, note: action.note });
  }

  private apply(alarm: number, { state, events }: AlarmStep, draft: FrameDraft, extra?: Extra): void {
    const before = this.states[alarm];
    if (state === before) return;
    for (const event of events) {
      this.states[alarm] = event.state;
      const isNews = event.event === 'raised' || event.event === 'eased';
      this.publish(alarm, isNews ? this.describe(alarm) : (this.shown[alarm]?.message ?? ''), draft);
      if (event.event === 'acknowledged') draft.put(ALARM_ACK_PREFIX + this.nameOf(alarm), { occurrence: event.state.occurrence, timeMs: draft.pairTimeMs, ...extra });
      // A mute is one entry of the journal, and not one for each alarm.
      if (event.event !== 'muted' && event.event !== 'unmuted') this.log(alarm, event.event, draft, extra);
    }
    this.states[alarm] = state;
    this.writeInternal(alarm, draft);
    this.publish(alarm, this.shown[alarm]?.message ?? '', draft);
    this.plan(alarm);
  }

  private due(nowMs: number): Set<number> {
    const due = new Set<number>();
    for (let alarm = this.deadlines.popDue(nowMs); alarm !== undefined; alarm = this.deadlines.popDue(nowMs)) due.add(alarm);
    for (const alarm of due) this.plannedMs[alarm] = Infinity;
    return due;
  }

  /** Its next look, if none is planned by then: what changes each second and waits for an hour must not be planned thousands of times. */
  private plan(alarm: number): void {
    const { watch } = this.alarms[alarm] as DefinedAlarm;
    const state = this.states[alarm] as AlarmState;
    const atMs = Math.min(nextDeadlineMs(state) ?? Infinity, watch.againMs?.(state.memory) ?? Infinity);
    if (atMs >= (this.plannedMs[alarm] as number)) return;
    this.plannedMs[alarm] = atMs;
    this.deadlines.push(atMs, alarm);
  }

  /** How many looks are planned. */
  get planned(): number {
    return this.deadlines.size;
  }

  private writeInternal(alarm: number, draft: FrameDraft): void {
    const { definition, rule } = this.alarms[alarm] as DefinedAlarm;
    const json = internalJson(rule, this.states[alarm] as AlarmState);
    if (json === null && this.hasInternal[alarm] !== true) return;
    this.hasInternal[alarm] = json !== null;
    draft.put(ALARM_INTERNAL_PREFIX + definition.name, json);
  }

  /** Only what looks different, and nothing of an alarm that has never been anything but normal. */
  private publish(alarm: number, message: string, draft: FrameDraft): void {
    const { definition, rule, point } = this.alarms[alarm] as DefinedAlarm;
    const state = this.states[alarm] as AlarmState;
    const before = this.shown[alarm];
    if (before === undefined && shownState(state) === 'normal') return;
    const wire = wireAlarm(definition, rule, point, state, message, this.notes[alarm] ?? 0);
    if (before !== undefined && JSON.stringify(before) === JSON.stringify(wire)) return;
    this.shown[alarm] = wire;
    draft.put(ALARM_PREFIX + definition.name, alarmJson(wire));
  }

  private log(alarm: number, event: JournalEvent, draft: FrameDraft, extra: Extra = {}): void {
    const { definition, rule, point } = this.alarms[alarm] as DefinedAlarm;
    const wire = this.shown[alarm] ?? wireAlarm(definition, rule, point, this.states[alarm] as AlarmState, '', this.notes[alarm] ?? 0);
    // (`by` of an entry is who did it, and not who has put the alarm aside.)
    draft.log('alarm', { event, ...(alarmJson(wire) as Extra), ...extra });
  }

  private nameOf(alarm: number): string {
    return (this.alarms[alarm] as DefinedAlarm).definition.name;
  }

  private describe(alarm: number): string {
    const { definition, rule, watch } = this.alarms[alarm] as DefinedAlarm;
    return definition.message ?? watch.describe(rule.levels[levelOf(this.states[alarm] as AlarmState) ?? 0] ?? '');
  }
}

/** One that ends because nobody watches it any more: its last entry says so, or the journal would have it stand for ever. */
function logRemoved(alarm: WireAlarm | undefined, draft: FrameDraft): void {
  if (alarm === undefined || alarm.state === 'normal') return;
  const { name, point, priority, class: of, lifeSafety, area, message, occurrence } = alarm;
  draft.log('alarm', { event: 'removed', name, point, state: 'normal', priority, class: of, message, sinceMs: draft.pairTimeMs, occurrence, ...(lifeSafety === true ? { lifeSafety } : {}), ...(area === undefined ? {} : { area }) });
}

function deviceOf(definition: AlarmDefinition | undefined): string {
  return definition?.watch.kind === 'communication' ? definition.watch.device : '';
}

function notesIn(json: Json | undefined): number {
  return Array.isArray(json) ? json.length : 0;
}

/** Times without an answer are counted anew by whoever begins to ask: that connecting takes a moment is no alarm. */
function withoutDelays(state: AlarmState): AlarmState {
  if (state.parts.every(({ dueMs }) => dueMs === undefined)) return state;
  return { ...state, parts: state.parts.map(({ on }) => ({ on, dueMs: undefined })) };
}

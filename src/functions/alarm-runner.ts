import { QualityLevel, type AlarmDefinition } from '../contract/index.js';
import type { FrameDraft, Json, PairState } from '../image/index.js';
import { acknowledged, NO_ALARM, nextDeadlineMs, stepAlarm, type AlarmInput, type AlarmState } from './alarm.js';
import { ALARM_ACK_PREFIX, ALARM_INTERNAL_PREFIX, ALARM_PREFIX, DEVICE_ALARM_PREFIX, acknowledgedOccurrence, alarmJson, readAlarm, readState, wireAlarm, SYSTEM_ALARMS } from './alarm-keys.js';
import { Deadlines } from './deadlines.js';
import { PointIndex } from './point-index.js';

/**
 * All alarms of the active node. What it knows it has from the keyed state and writes back there with the
 * frame that caused it, so whoever runs it next goes on exactly here.
 */
export class AlarmRunner {
  private readonly states: AlarmState[];
  /** The visible alarm as it was last seen in the keyed state; another object there means that somebody acknowledged. */
  private readonly seen: (Json | undefined)[];
  private readonly messages: string[];
  private readonly index: PointIndex;
  private readonly deadlines = new Deadlines();
  /** Alarms written with the frame before: an acknowledgement in the same frame has to be applied to them again. */
  private written: number[] = [];
  private readonly writtenSeq: Float64Array;
  private hasStarted = false;

  constructor(
    private readonly definitions: readonly AlarmDefinition[],
    private readonly state: PairState,
  ) {
    this.index = new PointIndex(state.table.size, definitions.map((definition) => definition.point));
    this.states = definitions.map(() => NO_ALARM);
    this.seen = definitions.map(() => undefined);
    this.messages = definitions.map(() => '');
    this.writtenSeq = new Float64Array(definitions.length);
  }

  run(draft: FrameDraft): void {
    if (!this.hasStarted) {
      this.hasStarted = true;
      this.start(draft);
      return;
    }
    const check = this.written;
    this.written = [];
    for (const alarm of check) this.reconcileAck(alarm, draft);
    for (;;) {
      const alarm = this.deadlines.popDue(draft.pairTimeMs);
      if (alarm === undefined) break;
      this.step(alarm, { type: 'tick' }, draft);
    }
    const { points, length } = draft.changes;
    for (let row = 0; row < length; row++) for (const alarm of this.index.of(points[row] as number)) this.evaluate(alarm, draft);
  }

  /**
   * Goes on from the keyed state. Evaluating everything once is without effect after a plain takeover, because
   * each value has travelled with the alarm that it caused; it is what makes changed limits count.
   */
  private start(draft: FrameDraft): void {
    this.dropOrphans(draft);
    const { keyed } = this.state;
    this.definitions.forEach((definition, alarm) => {
      const stored = readAlarm(keyed, definition.name);
      const known = stored === undefined || stored.point === this.pointName(definition);
      // The name now means another point: a new alarm, which only goes on counting occurrences.
      this.states[alarm] = known ? readState(keyed, definition.name) : { ...NO_ALARM, occurrence: stored.occurrence };
      this.messages[alarm] = known ? (stored?.message ?? '') : '';
      this.seen[alarm] = keyed.get(ALARM_PREFIX + definition.name);
      const isOutdated = stored !== undefined && (!known || stored.priority !== definition.priority || stored.class !== definition.class);
      const deadlineMs = nextDeadlineMs(this.states[alarm] ?? NO_ALARM);
      if (deadlineMs !== undefined) this.deadlines.push(deadlineMs, alarm);
      if (isOutdated) this.publish(alarm, draft);
      if (!known) draft.put(ALARM_INTERNAL_PREFIX + definition.name, null);
      this.reconcileAck(alarm, draft);
      this.evaluate(alarm, draft);
    });
  }

  private dropOrphans(draft: FrameDraft): void {
    const names = new Set(this.definitions.map((definition) => definition.name));
    for (const prefix of [ALARM_PREFIX, ALARM_INTERNAL_PREFIX, ALARM_ACK_PREFIX]) {
      for (const [key] of this.state.keyed.entries(prefix)) {
        const name = key.slice(prefix.length);
        // Alarms of devices are the gateway's (src/gateway/device-alarms.ts), with all their keys.
        const isOfDevice = this.state.keyed.get(DEVICE_ALARM_PREFIX + name) !== undefined;
        if (!names.has(name) && !isOfDevice && !name.startsWith(SYSTEM_ALARMS)) draft.put(key, null);
      }
    }
  }

  private evaluate(alarm: number, draft: FrameDraft): void {
    const point = this.definition(alarm).point;
    const { image } = this.state;
    // An uncertain value is still the best there is; a stale or bad one says nothing about now.
    const isUsable = image.quality(point) >> 6 <= QualityLevel.uncertain;
    const value = image.value(point);
    this.step(alarm, { type: 'value', value: isUsable && typeof value === 'number' ? value : NaN }, draft);
  }

  private step(alarm: number, input: AlarmInput, draft: FrameDraft): void {
    this.refresh(alarm, draft);
    const before = this.states[alarm] ?? NO_ALARM;
    // What the deadline does is an event of its own, even if a value arrives with it and undoes it.
    if (input.type === 'value') this.apply(alarm, before, stepAlarm(this.definition(alarm), before, { type: 'tick' }, draft.pairTimeMs).state, draft);
    const between = this.states[alarm] ?? NO_ALARM;
    this.apply(alarm, between, stepAlarm(this.definition(alarm), between, input, draft.pairTimeMs).state, draft);
  }

  private apply(alarm: number, before: AlarmState, after: AlarmState, draft: FrameDraft): void {
    if (after === before) return;
    this.states[alarm] = after;
    const { name } = this.definition(alarm);
    const deadlineMs = nextDeadlineMs(after);
    if (deadlineMs !== nextDeadlineMs(before)) {
      if (deadlineMs !== undefined) this.deadlines.push(deadlineMs, alarm);
      draft.put(ALARM_INTERNAL_PREFIX + name, deadlineMs === undefined ? null : { onDeadlineMs: after.onDeadlineMs ?? null, offDeadlineMs: after.offDeadlineMs ?? null });
    }
    if (after.phase === before.phase && after.occurrence === before.occurrence) return;
    const isNew = after.occurrence !== before.occurrence;
    if (isNew) this.messages[alarm] = this.message(alarm);
    this.publish(alarm, draft);
    draft.log('alarm', { event: isNew ? 'raised' : 'returned', ...(this.seen[alarm] as Readonly<Record<string, Json>>) });
  }

  private publish(alarm: number, draft: FrameDraft): void {
    const definition = this.definition(alarm);
    const json = alarmJson(wireAlarm(definition, this.pointName(definition), this.states[alarm] ?? NO_ALARM, this.messages[alarm] ?? ''));
    this.seen[alarm] = json;
    this.written.push(alarm);
    this.writtenSeq[alarm] = draft.seq;
    draft.put(ALARM_PREFIX + definition.name, json);
  }

  /** Takes over an acknowledgement that the command path has framed. */
  private refresh(alarm: number, draft: FrameDraft): void {
    const { name } = this.definition(alarm);
    const json = this.state.keyed.get(ALARM_PREFIX + name);
    // While a write of ours is in the draft, the keyed state is behind it.
    if (json === this.seen[alarm] || this.writtenSeq[alarm] === draft.seq) return;
    this.seen[alarm] = json;
    const { phase, occurrence, sinceMs } = readState(this.state.keyed, name);
    this.states[alarm] = { ...(this.states[alarm] ?? NO_ALARM), phase, occurrence, sinceMs };
  }

  /** An acknowledgement that was framed together with a change of its alarm was overwritten by that change: it still counts. */
  private reconcileAck(alarm: number, draft: FrameDraft): void {
    const state = this.states[alarm] ?? NO_ALARM;
    if (state.occurrence === 0 || acknowledgedOccurrence(this.state.keyed, this.definition(alarm).name) !== state.occurrence) return;
    const step = acknowledged(state, draft.pairTimeMs);
    if (step.event === undefined) return;
    this.states[alarm] = step.state;
    this.publish(alarm, draft);
  }

  private message(alarm: number): string {
    const definition = this.definition(alarm);
    const { high, low, point } = definition;
    // Of the value only the side counts: at a deadline it may have moved on since the alarm was due.
    const value = Number(this.state.image.value(point));
    const isHigh = high !== undefined && (low === undefined || value > high);
    const isLow = low !== undefined && (high === undefined || value < low);
    const limit = isHigh ? `above ${high}` : isLow ? `below ${low}` : `outside ${low ?? ''} to ${high ?? ''}`;
    const text = `${this.pointName(definition)} ${limit}`;
    return definition.instruction === undefined ? text : `${text}. ${definition.instruction}`;
  }

  private pointName(definition: AlarmDefinition): string {
    return this.state.table.byId(definition.point).name;
  }

  private definition(alarm: number): AlarmDefinition {
    return this.definitions[alarm] as AlarmDefinition;
  }
}

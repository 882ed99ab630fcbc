import { formatDuration, LONGEST_SHELVE_MS, TandemError, type AlarmAction, type SystemAlarm, type WireAlarm } from '../contract/index.js';
import type { FrameDraft, PairState } from '../image/index.js';
import { ALARM_PREFIX, alarmJson, readAlarm, SYSTEM_ALARMS } from './alarm-keys.js';
import { isRaised } from './alarm/alarm.js';

/**
 * Alarms of the system itself (a lost witness, a hold, an unprotected pair): whoever is active says which conditions
 * hold, and they are raised (class `system`, no point), acknowledged, shelved, taken out of service and returned like any other alarm, in the same
 * keys and the same journal. What is shelved or out of service is in the alarm itself, so that it outlives a failover.
 */
export class SystemAlarmRunner {
  /** Names of those that are raised: looked up once, because this is asked with each frame and there may be ten thousand alarms. */
  private raised: Set<string> | undefined;
  /** Names of those that are shelved or out of service; likewise. */
  private readonly held = new Set<string>();
  /** Since when what has an on-delay holds without a break, in pair time, on this node: after a takeover it begins anew. */
  private readonly sinceMs = new Map<string, number>();

  constructor(
    private readonly conditions: () => readonly SystemAlarm[],
    private readonly state: PairState,
  ) {}

  run(draft: FrameDraft): void {
    const raised = (this.raised ??= this.load());
    for (const name of [...this.held]) this.expire(name, draft);
    const present = this.present(raised, draft.pairTimeMs);
    for (const [name, condition] of present) {
      if (this.held.has(name)) continue;
      const alarm = readAlarm(this.state.keyed, name);
      if (alarm === undefined || !isRaised(alarm.state)) this.put(draft, name, condition, 'unacknowledged', (alarm?.occurrence ?? 0) + 1, 'raised');
      else if (alarm.message !== condition.message) draft.put(ALARM_PREFIX + name, alarmJson({ ...alarm, message: condition.message }));
    }
    for (const name of raised) {
      if (present.has(name) && !this.held.has(name)) continue;
      raised.delete(name);
      if (this.held.has(name)) continue;
      const alarm = readAlarm(this.state.keyed, name);
      if (alarm === undefined || !isRaised(alarm.state)) continue;
      this.put(draft, alarm.name, alarm, alarm.state === 'acknowledged' ? 'normal' : 'returned-unacknowledged', alarm.occurrence, 'returned');
    }
    for (const name of present.keys()) if (!this.held.has(name)) raised.add(name);
  }

  /**
   * What a person does to one of them, but for acknowledging. What is so already is no error.
   * @throws ALARM_REFUSED
   */
  act(action: Extract<AlarmAction, { alarm: string }>, alarm: WireAlarm, by: string, draft: FrameDraft): void {
    this.raised ??= this.load();
    const plain = withoutHold(alarm);
    const note = action.kind !== 'note' && action.note !== undefined ? { note: action.note } : {};
    switch (action.kind) {
      case 'shelve':
        if (action.forMs <= 0 || action.forMs > LONGEST_SHELVE_MS) throw new TandemError('ALARM_REFUSED', `alarm ${alarm.name} may be shelved for ${formatDuration(LONGEST_SHELVE_MS)} at the most`, { details: { longestMs: LONGEST_SHELVE_MS } });
        if (alarm.state === 'out-of-service') throw new TandemError('ALARM_REFUSED', `alarm ${alarm.name} is out of service: return it to service first`);
        this.held.add(alarm.name);
        this.change(draft, { ...plain, state: 'shelved', by, untilMs: draft.pairTimeMs + action.forMs }, 'shelved', { by, ...note });
        return;
      case 'take-out-of-service':
        if (alarm.state === 'out-of-service') return;
        this.held.add(alarm.name);
        this.change(draft, { ...plain, state: 'out-of-service', by }, 'out-of-service', { by, ...note });
        return;
      case 'unshelve':
        if (alarm.state === 'shelved') this.release(alarm, 'unshelved', draft, { by, ...note });
        return;
      case 'return-to-service':
        if (alarm.state === 'out-of-service') this.release(alarm, 'in-service', draft, { by, ...note });
        return;
      case 'reset':
        throw new TandemError('ALARM_REFUSED', `alarm ${alarm.name} does not latch: there is nothing to reset`);
      case 'acknowledge':
      case 'note':
    }
  }

  /** What holds for long enough; what is raised already goes on for as long as it holds. */
  private present(raised: ReadonlySet<string>, nowMs: number): Map<string, SystemAlarm> {
    const holding = new Map(this.conditions().map((condition) => [SYSTEM_ALARMS + condition.name, condition]));
    for (const name of [...this.sinceMs.keys()]) if (!holding.has(name)) this.sinceMs.delete(name);
    for (const [name, { afterMs = 0 }] of holding) {
      if (afterMs === 0 || raised.has(name)) continue;
      const sinceMs = this.sinceMs.get(name) ?? nowMs;
      this.sinceMs.set(name, sinceMs);
      if (nowMs - sinceMs < afterMs) holding.delete(name);
    }
    return holding;
  }

  private expire(name: string, draft: FrameDraft): void {
    const alarm = readAlarm(this.state.keyed, name);
    if (alarm?.state === 'shelved' && (alarm.untilMs ?? Infinity) <= draft.pairTimeMs) this.release(alarm, 'unshelved', draft, {});
  }

  /** It is raised anew, and unacknowledged, if its condition holds (IEC 62682). */
  private release(alarm: WireAlarm, event: string, draft: FrameDraft, more: Readonly<Record<string, string>>): void {
    this.held.delete(alarm.name);
    this.change(draft, { ...withoutHold(alarm), state: 'normal' }, event, more);
  }

  private change(draft: FrameDraft, alarm: WireAlarm, event: string, more: Readonly<Record<string, string>>): void {
    const after = { ...alarm, sinceMs: draft.pairTimeMs };
    draft.put(ALARM_PREFIX + alarm.name, alarmJson(after));
    draft.log('alarm', { event, ...after, ...more });
  }

  private load(): Set<string> {
    const names = new Set<string>();
    for (const [key, value] of this.state.keyed.entries(ALARM_PREFIX + SYSTEM_ALARMS)) {
      const { state } = value as unknown as WireAlarm;
      if (isRaised(state)) names.add(key.slice(ALARM_PREFIX.length));
      if (state === 'shelved' || state === 'out-of-service') this.held.add(key.slice(ALARM_PREFIX.length));
    }
    return names;
  }

  private put(draft: FrameDraft, name: string, of: Pick<WireAlarm, 'priority' | 'message'>, state: WireAlarm['state'], occurrence: number, event: string): void {
    const notes = readAlarm(this.state.keyed, name)?.notes;
    const alarm: WireAlarm = { name, point: '', state, priority: of.priority, class: 'system', message: of.message, sinceMs: draft.pairTimeMs, occurrence, ...(notes === undefined ? {} : { notes }) };
    draft.put(ALARM_PREFIX + name, alarmJson(alarm));
    draft.log('alarm', { event, ...alarm });
  }
}

function withoutHold(alarm: WireAlarm): WireAlarm {
  const plain: Partial<Record<keyof WireAlarm, unknown>> = { ...alarm };
  delete plain.untilMs;
  delete plain.by;
  return plain as WireAlarm;
}

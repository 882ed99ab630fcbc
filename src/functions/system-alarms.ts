import type { SystemAlarm, WireAlarm } from '../contract/index.js';
import type { FrameDraft, PairState } from '../image/index.js';
import { ALARM_PREFIX, alarmJson, readAlarm, SYSTEM_ALARMS } from './alarm-keys.js';
import { isRaised } from './alarm/alarm.js';

/**
 * Alarms of the system itself (a lost witness, a hold, an unprotected pair): whoever is active says which conditions
 * hold, and they are raised (class `system`, no point), acknowledged and returned like any other alarm, in the same keys and the same journal.
 */
export class SystemAlarmRunner {
  /** Names of those that are raised: looked up once, because this is asked with each frame and there may be ten thousand alarms. */
  private raised: Set<string> | undefined;

  constructor(
    private readonly conditions: () => readonly SystemAlarm[],
    private readonly state: PairState,
  ) {}

  run(draft: FrameDraft): void {
    const raised = (this.raised ??= this.load());
    const present = new Map(this.conditions().map((condition) => [SYSTEM_ALARMS + condition.name, condition]));
    for (const [name, condition] of present) {
      const alarm = readAlarm(this.state.keyed, name);
      if (alarm === undefined || !isRaised(alarm.state)) this.put(draft, name, condition, 'unacknowledged', (alarm?.occurrence ?? 0) + 1, 'raised');
      else if (alarm.message !== condition.message) draft.put(ALARM_PREFIX + name, alarmJson({ ...alarm, message: condition.message }));
    }
    for (const name of raised) {
      if (present.has(name)) continue;
      raised.delete(name);
      const alarm = readAlarm(this.state.keyed, name);
      if (alarm === undefined || !isRaised(alarm.state)) continue;
      this.put(draft, alarm.name, alarm, alarm.state === 'acknowledged' ? 'normal' : 'returned-unacknowledged', alarm.occurrence, 'returned');
    }
    for (const name of present.keys()) raised.add(name);
  }

  private load(): Set<string> {
    const names = new Set<string>();
    for (const [key, value] of this.state.keyed.entries(ALARM_PREFIX + SYSTEM_ALARMS)) {
      if (isRaised((value as unknown as WireAlarm).state)) names.add(key.slice(ALARM_PREFIX.length));
    }
    return names;
  }

  private put(draft: FrameDraft, name: string, of: Pick<WireAlarm, 'priority' | 'message'>, state: WireAlarm['state'], occurrence: number, event: string): void {
    const alarm: WireAlarm = { name, point: '', state, priority: of.priority, class: 'system', message: of.message, sinceMs: draft.pairTimeMs, occurrence };
    draft.put(ALARM_PREFIX + name, alarmJson(alarm));
    draft.log('alarm', { event, ...alarm });
  }
}

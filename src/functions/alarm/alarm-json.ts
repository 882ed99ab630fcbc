import type { AlarmDefinition, AlarmLevel, WireAlarm } from '../../contract/index.js';
import type { Json } from '../../image/index.js';
import { levelOf, newAlarm, shownState, type AlarmPhase, type AlarmRule, type AlarmState, type Holds, type Part } from './alarm.js';

/** What clients see of an alarm. */
export function wireAlarm(definition: AlarmDefinition, rule: AlarmRule, point: string, state: AlarmState, message: string, notes: number): WireAlarm {
  const { name, priority, outerPriority, class: of, lifeSafety, area, consequence, instruction, graphic } = definition;
  const index = levelOf(state);
  const level: AlarmLevel = index === undefined ? '' : (rule.levels[index] ?? '');
  const isOuter = level === 'high-high' || level === 'low-low';
  const shown = shownState(state);
  const open = [...(state.open.raised ? (['raised'] as const) : []), ...(state.open.returned ? (['returned'] as const) : [])];
  const { outOfService, shelved, suppressed, behind } = state.holds;
  const by = shown === 'out-of-service' ? outOfService?.by : shown === 'shelved' ? shelved?.by : undefined;
  const why = shown !== 'suppressed' ? undefined : suppressed === true ? 'design' : behind === undefined ? 'mute' : `behind ${behind}`;
  return {
    name,
    point,
    state: shown,
    priority: isOuter ? (outerPriority ?? priority) : priority,
    class: of,
    message,
    sinceMs: state.sinceMs,
    occurrence: state.occurrence,
    ...(index === undefined ? {} : { active: true as const }),
    ...(level === '' ? {} : { level }),
    ...(open.length === 0 ? {} : { open }),
    ...(state.silenced ? { silenced: true as const } : {}),
    ...(lifeSafety === true ? { lifeSafety } : {}),
    ...(shown === 'shelved' && shelved !== undefined ? { untilMs: shelved.untilMs } : {}),
    ...(by === undefined ? {} : { by }),
    ...(why === undefined ? {} : { why }),
    ...(area === undefined ? {} : { area }),
    ...(consequence === undefined ? {} : { consequence }),
    ...(instruction === undefined ? {} : { instruction }),
    ...(graphic === undefined ? {} : { graphic }),
    ...(notes === 0 ? {} : { notes }),
  };
}

/** What is not shown to clients, and cannot be told from what is. */
interface Internal {
  /** Where it differs from what is shown. */
  readonly phase?: AlarmPhase;
  /** Conditions that hold, where there are several. */
  readonly on?: readonly string[];
  /** Running delays, by level. */
  readonly due?: Readonly<Record<string, number>>;
  readonly holds?: Holds;
  readonly memory?: readonly number[];
  /** As versions before 0.2 wrote the delay of an alarm's only condition. */
  readonly onDeadlineMs?: number | null;
  readonly offDeadlineMs?: number | null;
}

/** null where there is nothing to remember. */
export function internalJson(rule: AlarmRule, state: AlarmState): Json {
  const on = rule.levels.filter((_, part) => state.parts[part]?.on === true);
  const due = Object.fromEntries(rule.levels.flatMap((level, part) => (state.parts[part]?.dueMs === undefined ? [] : [[level, state.parts[part].dueMs]])));
  const internal = {
    ...(shownState(state) === state.phase ? {} : { phase: state.phase }),
    ...(on.length > 0 && rule.levels.length > 1 ? { on } : {}),
    ...(Object.keys(due).length > 0 ? { due } : {}),
    ...(Object.keys(state.holds).length > 0 ? { holds: state.holds as Readonly<Record<string, Json>> } : {}),
    ...(state.memory.length > 0 ? { memory: state.memory } : {}),
  };
  return Object.keys(internal).length === 0 ? null : internal;
}

/** Goes on from what the frames so far have left of it. */
export function stateFrom(rule: AlarmRule, alarm: WireAlarm | undefined, json: Json | undefined): AlarmState {
  if (alarm === undefined && json === undefined) return newAlarm(rule.levels.length);
  const internal = (json ?? {}) as unknown as Internal;
  const phase = internal.phase ?? phaseOf(alarm?.state);
  const isActive = alarm?.active ?? (phase === 'unacknowledged' || phase === 'acknowledged');
  const known = (internal.on ?? (isActive ? [alarm?.level ?? ''] : [])).filter((level) => (rule.levels as readonly string[]).includes(level));
  // A condition that is not watched any more ends as the first of those that are.
  const [first = ''] = rule.levels;
  const levels = isActive && known.length === 0 ? [first] : known;
  const parts = rule.levels.map((level, index): Part => {
    const on = levels.includes(level);
    return { on, dueMs: internal.due?.[level] ?? (index > 0 ? undefined : ((on ? internal.offDeadlineMs : internal.onDeadlineMs) ?? undefined)) };
  });
  return {
    ...newAlarm(rule.levels.length),
    phase,
    occurrence: alarm?.occurrence ?? 0,
    sinceMs: alarm?.sinceMs ?? 0,
    parts,
    // (Versions before 0.2 knew one transition to acknowledge, and did not name it.)
    open: { raised: alarm?.open?.includes('raised') ?? (phase === 'unacknowledged' || phase === 'returned-unacknowledged'), returned: alarm?.open?.includes('returned') ?? false },
    silenced: alarm?.silenced ?? false,
    holds: internal.holds ?? {},
    memory: internal.memory ?? [],
  };
}

function phaseOf(state: WireAlarm['state'] | undefined): AlarmPhase {
  return state === undefined || state === 'shelved' || state === 'suppressed' || state === 'out-of-service' ? 'normal' : state;
}

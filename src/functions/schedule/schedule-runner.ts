import type { CalendarDefinition, ScheduleDefinition } from '../../contract/index.js';
import type { FrameDraft, PairState } from '../../image/index.js';
import { Deadlines } from '../deadlines.js';
import { sameReason, type Calendars } from './day-plan.js';
import { inForceAt, steps } from './resolve.js';
import { readInForce, SCHEDULE_PREFIX, TARGET_PREFIX, targetKey, toJson, type InForce } from './schedule-keys.js';
import { TargetWriter, writersApart, type TargetEffects } from '../target-writer.js';

export interface SchedulesOptions {
  readonly schedules: readonly ScheduleDefinition[];
  readonly calendars: readonly CalendarDefinition[];
  readonly effects: TargetEffects;
}

/** Looked at again so often even if no entry is due. */
const LOOK_AHEAD_DAYS = 2;
const DAY_MS = 86_400_000;

/**
 * All schedules of the active node. On every activation it looks up what is in force now, whatever has been missed,
 * and goes on with the writes that the node before had begun.
 */
export class ScheduleRunner {
  private readonly calendars: Calendars;
  private readonly inForce: (InForce | undefined)[];
  private readonly writers: readonly (readonly TargetWriter[])[];
  private readonly deadlines = new Deadlines();
  private hasStarted = false;

  constructor(
    private readonly options: SchedulesOptions,
    private readonly state: PairState,
  ) {
    this.calendars = new Map(options.calendars.map((calendar) => [calendar.name, calendar]));
    this.inForce = options.schedules.map(() => undefined);
    this.writers = options.schedules.map(({ name, targets }) => targets.map((target) => new TargetWriter({ key: targetKey(name, state.table.byId(target.point), target), target, by: `schedule ${name}` }, state, options.effects)));
  }

  run(draft: FrameDraft): void {
    if (!this.hasStarted) {
      this.hasStarted = true;
      this.start(draft);
    }
    const apart = writersApart(draft);
    for (const writers of this.writers) for (const writer of writers) writer.run(draft, apart);
    for (;;) {
      const index = this.deadlines.popDue(draft.pairTimeMs);
      if (index === undefined) break;
      this.advance(index, draft);
    }
  }

  private start(draft: FrameDraft): void {
    const { schedules } = this.options;
    const { keyed } = this.state;
    const known = new Set([...schedules.map(({ name }) => SCHEDULE_PREFIX + name), ...this.writers.flat().map((writer) => writer.key)]);
    for (const prefix of [SCHEDULE_PREFIX, TARGET_PREFIX]) {
      for (const [key] of keyed.entries(prefix)) if (!known.has(key)) draft.put(key, null);
    }
    schedules.forEach(({ name }, index) => {
      this.inForce[index] = readInForce(keyed, name);
      for (const writer of this.writers[index] ?? []) writer.load();
      this.advance(index, draft);
    });
  }

  private advance(index: number, draft: FrameDraft): void {
    const schedule = this.options.schedules[index] as ScheduleDefinition;
    const nowMs = draft.pairTimeMs;
    const { value, why, atMs } = inForceAt(schedule, this.calendars, nowMs);
    const next = steps(schedule, this.calendars, nowMs, LOOK_AHEAD_DAYS).next();
    this.deadlines.push(next.done === true ? nowMs + DAY_MS : next.value.atMs, index);
    const before = this.inForce[index];
    if (before === undefined || before.value !== value || before.sinceMs !== atMs || !sameReason(before.why, why)) {
      const now: InForce = { ...(value === undefined ? {} : { value }), why, sinceMs: atMs };
      this.inForce[index] = now;
      draft.put(SCHEDULE_PREFIX + schedule.name, toJson(now));
      draft.log('schedule', { event: 'in force', name: schedule.name, ...(toJson(now) as object) });
    }
    for (const writer of this.writers[index] ?? []) writer.want(value, draft);
  }
}

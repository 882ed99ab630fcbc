import type { LogicDefinition, ScheduleValue, SystemAlarm } from '../../contract/index.js';
import type { FrameDraft, PairState } from '../../image/index.js';
import { Deadlines } from '../deadlines.js';
import { PointIndex } from '../point-index.js';
import { LocalClock } from '../schedule/local-clock.js';
import { TargetWriter, writersApart, type TargetEffects } from '../target-writer.js';
import { LOGIC_PREFIX, LOGIC_TARGET_PREFIX, logicJson, logicTargetKey, readLogic, type LogicState } from './logic-state.js';
import type { Programs } from './programs.js';
import { isRetryDue, takeStep } from './step.js';

export interface LogicOptions {
  readonly definitions: readonly LogicDefinition[];
  readonly programs: Programs;
  readonly effects: TargetEffects;
}

/** An input that never rests steps a program no more often than this. */
const LEAST_DISTANCE_MS = 100;
/** How often it is looked whether a person has let a stopped program run again. */
const STOPPED_LOOK_MS = 1_000;
const ALARM_PRIORITY = 2;

/**
 * All control programs of the active node. Each step is a function of the inputs, the replicated state and pair time, and puts
 * its state into the frame: on whichever node the next step is taken, it goes on from there.
 */
export class LogicRunner {
  private readonly writers: readonly ReadonlyMap<string, TargetWriter>[];
  private readonly clocks: readonly LocalClock[];
  private readonly deadlines = new Deadlines();
  private readonly dueAtMs: Float64Array;
  /** Of the inputs of programs that step by change: which program. */
  private readonly watched: number[] = [];
  private readonly index: PointIndex;
  private hasStarted = false;

  constructor(
    private readonly options: LogicOptions,
    private readonly state: PairState,
  ) {
    const { definitions, effects } = options;
    const points: number[] = [];
    definitions.forEach(({ inputs, onChange }, program) => {
      for (const { point } of onChange ? inputs : []) {
        points.push(point);
        this.watched.push(program);
      }
    });
    this.index = new PointIndex(state.table.size, points);
    this.dueAtMs = new Float64Array(definitions.length).fill(Infinity);
    this.clocks = definitions.map(({ timezone }) => new LocalClock(timezone));
    this.writers = definitions.map(
      ({ name, outputs }) =>
        new Map(
          outputs.map((output) => {
            const key = logicTargetKey(name, output.name, state.table.byId(output.point), output.priority);
            return [output.name, new TargetWriter({ key, target: output, by: `logic ${name}`, isRoutine: true }, state, effects)];
          }),
        ),
    );
  }

  run(draft: FrameDraft): void {
    if (!this.hasStarted) {
      this.hasStarted = true;
      this.start(draft);
    }
    const apart = writersApart(draft);
    for (const writers of this.writers) for (const writer of writers.values()) writer.run(draft, apart);
    const { points, length } = draft.changes;
    for (let row = 0; row < length; row++) {
      const point = points[row] as number;
      for (let at = this.index.first(point), end = this.index.end(point); at < end; at++) this.plan(this.watched[this.index.item(at)] as number, draft.pairTimeMs, draft.pairTimeMs);
    }
    this.stepAll(draft);
  }

  /** Programs that are stopped. */
  alarms(): SystemAlarm[] {
    return this.options.definitions.flatMap((definition) => {
      const { fault } = readLogic(this.state.keyed, definition);
      return fault === undefined ? [] : [{ name: `logic/${definition.name}`, priority: ALARM_PRIORITY, message: `The control program ${definition.name} is stopped: ${fault.message} (${fault.code})` }];
    });
  }

  private start(draft: FrameDraft): void {
    const { definitions } = this.options;
    const known = new Set([...definitions.map(({ name }) => LOGIC_PREFIX + name), ...this.writers.flatMap((writers) => [...writers.values()].map(({ key }) => key))]);
    for (const prefix of [LOGIC_PREFIX, LOGIC_TARGET_PREFIX]) {
      for (const [key] of this.state.keyed.entries(prefix)) if (!known.has(key)) draft.put(key, null);
    }
    definitions.forEach((definition, program) => {
      for (const writer of this.writers[program]?.values() ?? []) writer.load();
      const state = readLogic(this.state.keyed, definition);
      this.write(program, state, draft);
      // One that has not run yet begins now, and so does one that steps by change: what changed meanwhile is unknown.
      const { everyMs, onChange } = definition;
      this.plan(program, state.atMs === undefined || onChange || everyMs === undefined ? draft.pairTimeMs : afterMs(state.atMs, everyMs), draft.pairTimeMs);
    });
  }

  private plan(program: number, atMs: number, nowMs: number): void {
    const last = readLogic(this.state.keyed, this.definition(program)).atMs;
    const dueMs = Math.max(atMs, last === undefined || last > nowMs ? nowMs : last + LEAST_DISTANCE_MS);
    if (dueMs >= (this.dueAtMs[program] as number)) return;
    this.dueAtMs[program] = dueMs;
    this.deadlines.push(dueMs, program);
  }

  /** In the order of the document: that of the heap depends on when this activation began. */
  private due(nowMs: number): number[] {
    const due = new Set<number>();
    for (let program = this.deadlines.popDue(nowMs); program !== undefined; program = this.deadlines.popDue(nowMs)) {
      // Entries that an earlier one has overtaken are passed over.
      if ((this.dueAtMs[program] as number) <= nowMs) due.add(program);
    }
    return [...due].sort((a, b) => a - b);
  }

  private stepAll(draft: FrameDraft): void {
    const { programs } = this.options;
    if (!programs.isReady) return;
    const due = this.due(draft.pairTimeMs);
    const { lost } = programs;
    for (const [index, program] of due.entries()) {
      this.step(program, draft);
      if (programs.lost === lost) continue;
      // One has hung: whatever else this node has to do comes first, above all its sign of life.
      for (const waiting of due.slice(index + 1)) this.deadlines.push(draft.pairTimeMs, waiting);
      return;
    }
  }

  private step(program: number, draft: FrameDraft): void {
    const definition = this.definition(program);
    const before = readLogic(this.state.keyed, definition);
    const after = before.fault !== undefined && !isRetryDue(before, draft.pairTimeMs) ? before : this.take(program, before, draft);
    this.dueAtMs[program] = nextStep(definition, after, draft.pairTimeMs);
    if (this.dueAtMs[program] !== Infinity) this.deadlines.push(this.dueAtMs[program], program);
  }

  private take(program: number, before: LogicState, draft: FrameDraft): LogicState {
    const definition = this.definition(program);
    const { image, table } = this.state;
    const after = takeStep(definition, before, {
      program: () => this.options.programs.of(definition),
      point: (id) => table.byId(id),
      read: (id) => ({ value: image.value(id), quality: image.quality(id) }),
      clock: this.clocks[program] as LocalClock,
      nowMs: draft.pairTimeMs,
      excuses: () => this.options.programs.excuses(definition.name, before.steps),
    });
    if (after.fault !== undefined) this.options.programs.discard(definition);
    if (isSame(before, after)) return before;
    draft.put(LOGIC_PREFIX + definition.name, logicJson(after));
    if (after.fault?.message !== before.fault?.message) {
      draft.log('logic', { event: after.fault === undefined ? 'running again' : 'stopped', name: definition.name, ...(after.fault === undefined ? {} : { code: after.fault.code, message: after.fault.message }) });
    }
    this.write(program, after, draft);
    return after;
  }

  private write(program: number, state: LogicState, draft: FrameDraft): void {
    for (const { name, deadband } of this.definition(program).outputs) {
      const wanted = state.outputs[name];
      const writer = this.writers[program]?.get(name);
      if (wanted !== undefined && writer !== undefined && !isWithin(deadband, wanted, writer.goal)) writer.want(wanted, draft);
    }
  }

  private definition(program: number): LogicDefinition {
    return this.options.definitions[program] as LogicDefinition;
  }
}

/** Periods are aligned to pair time, so that they stay the same over lateness and failovers. */
function nextStep({ everyMs }: LogicDefinition, { fault }: LogicState, nowMs: number): number {
  if (fault !== undefined) return Math.min(fault.retryAtMs ?? Infinity, nowMs + STOPPED_LOOK_MS);
  return everyMs === undefined ? Infinity : afterMs(nowMs, everyMs);
}

function afterMs(ms: number, everyMs: number): number {
  return (Math.floor(ms / everyMs) + 1) * everyMs;
}

function isSame(before: LogicState, after: LogicState): boolean {
  return after.steps === before.steps && after.fault === undefined && before.fault === undefined && JSON.stringify(after.held) === JSON.stringify(before.held);
}

function isWithin(deadband: number, wanted: ScheduleValue, before: ScheduleValue | undefined): boolean {
  return deadband > 0 && typeof wanted === 'number' && typeof before === 'number' && Math.abs(wanted - before) < deadband;
}

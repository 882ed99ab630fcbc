import { TandemError, WAITING, type LogicDefinition, type LogicDryRun, type PointValue, type Quality, type Timers } from '../contract/index.js';
import { LocalClock, takeStep, type LogicState, type Programs } from '../functions/index.js';
import type { PointTable } from '../image/index.js';
import type { History } from '../store/index.js';

export interface RecordedSample {
  readonly timeMs: number;
  readonly value: PointValue;
  readonly quality: Quality;
}

/** What was recorded of a point: the sample in force before `fromMs`, then all up to `toMs`, oldest first. */
export type RecordedPoint = (point: string, fromMs: number, toMs: number) => AsyncIterable<RecordedSample>;

export function recordedIn(history: History): RecordedPoint {
  return async function* recorded(point, fromMs, toMs) {
    const before = await history.inForce(point, fromMs - 1);
    if (before !== undefined) yield before;
    for await (const columns of history.columns(point, fromMs, toMs)) for (let row = 0; row < columns.length; row++) yield columns.sample(row);
  };
}

export interface LogicTrialOptions {
  readonly definition: LogicDefinition;
  readonly programs: Programs;
  readonly table: PointTable;
  readonly timers: Timers;
  readonly recorded: RecordedPoint;
}

const MOST_STEPS = 100_000;
const MOST_SAMPLES = 500_000;
/** After so many steps the node does something else. */
const STEPS_A_TURN = 25;
const LEAST_DISTANCE_MS = 100;

interface Row extends RecordedSample {
  readonly point: number;
}

/** A control program on what its inputs were: from a state of nothing, with no effect on anything. */
export class LogicTrial {
  constructor(private readonly options: LogicTrialOptions) {}

  /** @throws LOGIC_TRIAL_TOO_LONG */
  async run(fromMs: number, toMs: number): Promise<LogicDryRun> {
    const { definition, programs, table, timers } = this.options;
    const rows = await this.read(fromMs, toMs);
    const times = this.stepTimes(rows, fromMs, toMs);
    const program = { compiled: undefined as ReturnType<Programs['fresh']> | undefined };
    const latest = new Map<number, RecordedSample>();
    const clock = new LocalClock(definition.timezone);
    const changes = new Map(definition.outputs.map(({ name }) => [name, [] as { at: string; value: PointValue | null }[]]));
    let state: LogicState = { digest: '', steps: 0, outputs: {} };
    let held = 0;
    let next = 0;
    let fault: LogicDryRun['fault'];
    try {
      for (const [index, nowMs] of times.entries()) {
        if (!programs.isReady) await programs.whenReady();
        if (program.compiled?.isLost === true) program.compiled = undefined;
        for (let row = rows[next]; row !== undefined && row.timeMs <= nowMs; row = rows[++next]) latest.set(row.point, row);
        const before = state;
        state = takeStep(definition, state, {
          program: () => (program.compiled ??= programs.fresh(definition)),
          point: (id) => table.byId(id),
          read: (id) => latest.get(id) ?? { value: NaN, quality: WAITING },
          clock,
          nowMs,
        });
        const at = new Date(nowMs).toISOString();
        if (state.held !== undefined) held++;
        for (const [name, value] of Object.entries(state.outputs)) if (value !== before.outputs[name]) changes.get(name)?.push({ at, value });
        if (state.fault !== undefined) {
          fault = { code: state.fault.code, message: state.fault.message, at };
          break;
        }
        if (index % STEPS_A_TURN === STEPS_A_TURN - 1) await new Promise<void>((resolve) => timers.afterIo(resolve));
      }
    } finally {
      program.compiled?.dispose();
    }
    return {
      from: new Date(fromMs).toISOString(),
      to: new Date(toMs).toISOString(),
      steps: state.steps,
      held,
      ...(fault === undefined ? {} : { fault }),
      outputs: Object.fromEntries(changes),
      memory: state.memory ?? {},
    };
  }

  private async read(fromMs: number, toMs: number): Promise<Row[]> {
    const { definition, table, recorded } = this.options;
    const rows: Row[] = [];
    for (const point of new Set(definition.inputs.map((input) => input.point))) {
      for await (const { timeMs, value, quality } of recorded(table.byId(point).name, fromMs, toMs)) {
        rows.push({ point, timeMs, value, quality });
        if (rows.length > MOST_SAMPLES) throw tooLong(`more than ${MOST_SAMPLES} samples of its inputs`);
      }
    }
    return rows.sort((a, b) => a.timeMs - b.timeMs);
  }

  private stepTimes(rows: readonly Row[], fromMs: number, toMs: number): number[] {
    const { everyMs, onChange } = this.options.definition;
    const times = new Set<number>([fromMs]);
    if (everyMs !== undefined) {
      if ((toMs - fromMs) / everyMs > MOST_STEPS) throw tooLong(`more than ${MOST_STEPS} steps`);
      for (let atMs = (Math.floor(fromMs / everyMs) + 1) * everyMs; atMs <= toMs; atMs += everyMs) times.add(atMs);
    }
    if (onChange) {
      for (const { timeMs } of rows) if (timeMs > fromMs && timeMs <= toMs) times.add(timeMs);
      if (times.size > MOST_STEPS) throw tooLong(`more than ${MOST_STEPS} steps`);
    }
    let last = -Infinity;
    return [...times].sort((a, b) => a - b).filter((atMs) => {
      if (atMs - last < LEAST_DISTANCE_MS) return false;
      last = atMs;
      return true;
    });
  }
}

function tooLong(what: string): TandemError {
  return new TandemError('LOGIC_TRIAL_TOO_LONG', `a trial over this time takes ${what}: choose a shorter one`);
}

import { BehaviorSubject, type Observable, type Subscription } from 'rxjs';
import { messageOf, TandemError, unbounded, type Log, type LogicDefinition, type LogicDryRun, type LogicView, type Role, type RunBounded, type SiteConfig, type StepBounded, type Timers } from '../contract/index.js';
import type { Confirmation } from '../clients/index.js';
import { LOGIC_PREFIX, logicJson, logicViews, Programs, readLogic, type LogicOptions, type TargetEffects } from '../functions/index.js';
import type { PairState, Publisher } from '../image/index.js';
import { detectionBudgetMs } from '../redundancy/index.js';
import { LogicTrial, type RecordedPoint } from './logic-trial.js';

export interface LogicParts {
  readonly site$: Observable<SiteConfig>;
  readonly current: () => SiteConfig;
  readonly state: PairState;
  readonly publisher: Publisher;
  readonly effects: TargetEffects;
  readonly bounded: RunBounded | undefined;
  readonly timers: Timers;
  readonly log: Log;
  readonly role: () => Role;
  readonly pairTime: () => number;
  readonly confirm: (seq: number) => Promise<Confirmation['held']>;
  readonly recorded: RecordedPoint;
  /** Loaded already, where nobody may wait for it (a simulation). */
  readonly programs?: Programs | undefined;
}

export interface DryRunRequest {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** In place of the text in force. */
  readonly program?: string | undefined;
}

const LEAST_MS = 100;
const MOST_MS = 500;

/** Control programs of this node, whatever its role: the engine that runs them, and what people do with them. */
export class Logic {
  private readonly engine = new BehaviorSubject<Programs | undefined>(undefined);
  private readonly subscription: Subscription;
  private loading: Promise<Programs> | undefined;

  constructor(private readonly parts: LogicParts) {
    if (parts.programs !== undefined) this.engine.next(parts.programs);
    this.subscription = parts.site$.subscribe(({ logic }) => {
      if (logic.length === 0) this.engine.value?.prepare(logic, parts.timers);
      else {
        void this.programs().then(
          (programs) => programs.prepare(logic, parts.timers),
          (error: unknown) => parts.log.error('the engine for control programs could not be loaded', error),
        );
      }
    });
  }

  /** Emits when the engine is there: not before there is a program to run. */
  get engine$(): Observable<Programs | undefined> {
    return this.engine;
  }

  /** What an active node needs to run the programs of `site`. */
  options({ logic }: SiteConfig): LogicOptions | undefined {
    const programs = this.engine.value;
    return programs === undefined || logic.length === 0 ? undefined : { definitions: logic, programs, effects: this.parts.effects };
  }

  views(): readonly LogicView[] {
    return logicViews(this.parts.current().logic, this.parts.state);
  }

  /** Lets a stopped program run again. @throws NOT_ACTIVE, LOGIC_UNKNOWN, LOGIC_RUNNING */
  async restart(name: string, by: string): Promise<Confirmation> {
    const { role, state, publisher, pairTime, confirm } = this.parts;
    if (role() !== 'active') throw new TandemError('NOT_ACTIVE', 'this node is not active: send it to the other one');
    const definition = this.definition(name);
    const { fault, ...before } = readLogic(state.keyed, definition);
    if (fault === undefined) throw new TandemError('LOGIC_RUNNING', `the program ${name} is not stopped`);
    const seq = publisher.record([{ key: LOGIC_PREFIX + name, value: logicJson(before) }], [{ kind: 'audit', data: { what: 'logic restart', name, by, was: fault.message, timeMs: pairTime() } }]);
    return { held: await confirm(seq) };
  }

  /** Runs a program against recorded history; nothing is written. @throws LOGIC_UNKNOWN, VALUE_OUT_OF_RANGE */
  async dryRun({ name, fromMs, toMs, program }: DryRunRequest): Promise<LogicDryRun> {
    const definition = this.definition(name);
    const programs = await this.programs().catch((error: unknown) => {
      throw new TandemError('INTERNAL', `the engine for control programs could not be loaded: ${messageOf(error)}`);
    });
    const { state, timers, recorded } = this.parts;
    return new LogicTrial({ definition: program === undefined ? definition : { ...definition, program }, programs, table: state.table, timers, recorded }).run(fromMs, toMs);
  }

  stop(): void {
    this.subscription.unsubscribe();
  }

  /** A step that hangs is cut off before the other node takes this one for dead; on no machine within less than a tenth of a second. */
  private readonly bounded: StepBounded = (run) => {
    const { bounded, current } = this.parts;
    return bounded === undefined ? unbounded(run) : bounded(Math.min(MOST_MS, Math.max(LEAST_MS, detectionBudgetMs(current().redundancy) / 2)), run);
  };

  private definition(name: string): LogicDefinition {
    const found = this.parts.current().logic.find((candidate) => candidate.name === name);
    if (found === undefined) throw new TandemError('LOGIC_UNKNOWN', `there is no control program ${name}`);
    return found;
  }

  private async programs(): Promise<Programs> {
    if (this.engine.value !== undefined) return this.engine.value;
    this.loading ??= Programs.load(this.bounded).then((programs) => {
      this.engine.next(programs);
      return programs;
    });
    return this.loading;
  }
}

import type { LogicDefinition, StepBounded, Timers } from '../../contract/index.js';
import { LogicError, Sandbox, type Program } from './sandbox.js';

/**
 * The compiled programs of a node, on both roles: compiling takes some milliseconds each, and a node that takes over must
 * not spend them then.
 */
export class Programs {
  private readonly compiled = new Map<string, Program>();
  /** By name: the step (their count) that was cut off last. */
  private readonly excused = new Map<string, number>();
  private loading: Promise<void> | undefined;
  private replaced = 0;

  private constructor(
    private sandbox: Sandbox,
    private spare: Sandbox | undefined,
    private readonly load: () => Promise<Sandbox>,
  ) {}

  static async load(bounded: StepBounded): Promise<Programs> {
    const load = async (): Promise<Sandbox> => Sandbox.load(bounded);
    return new Programs(await load(), await load(), load);
  }

  /** False for the moment that it takes to load another engine, where two were lost one after the other: no step can be taken. */
  get isReady(): boolean {
    if (this.sandbox.isLost && this.spare !== undefined) {
      // All go on in the other one, from their replicated state.
      this.replaced += 1;
      this.compiled.clear();
      this.sandbox = this.spare;
      this.spare = undefined;
    }
    if (this.spare === undefined) void this.loadSpare();
    return !this.sandbox.isLost;
  }

  /** How many engines have been lost. */
  get lost(): number {
    return this.replaced + Number(this.sandbox.isLost);
  }

  async whenReady(): Promise<void> {
    if (!this.isReady) await this.loadSpare();
  }

  /**
   * Whether a step that was cut off is let pass, to be taken again: the machine may have stood still. Not twice in a row; a program that
   * hangs would hang for ever. `steps` it has taken so far.
   */
  excuses(name: string, steps: number): boolean {
    const again = this.excused.get(name) === steps;
    this.excused.set(name, steps);
    return !again;
  }

  /** @throws LogicError LOGIC_SYNTAX */
  of(definition: LogicDefinition): Program {
    const key = keyOf(definition);
    const known = this.compiled.get(key);
    if (known !== undefined && !known.isLost) return known;
    const program = this.fresh(definition);
    this.compiled.set(key, program);
    return program;
  }

  /** One that is not kept, for a trial; the caller disposes of it. */
  fresh({ inputs, program, limits }: LogicDefinition): Program {
    if (!this.isReady) throw new LogicError('LOGIC_THREW', 'the engine for control programs is being loaded');
    return this.sandbox.compile(inputs.map(({ name }) => name), program, limits);
  }

  /** After an error: what is half done in it must not reach the next step. */
  discard(definition: LogicDefinition): void {
    const key = keyOf(definition);
    const program = this.compiled.get(key);
    this.compiled.delete(key);
    try {
      program?.dispose();
    } catch {
      this.sandbox.isLost = true; // (an assertion of the engine's own)
    }
  }

  private async loadSpare(): Promise<void> {
    this.loading ??= this.load()
      .then((sandbox) => void (this.spare = sandbox), () => undefined)
      .finally(() => (this.loading = undefined));
    return this.loading;
  }

  /** Compiles what is new, one program in each turn of the loop, and forgets what is gone. */
  prepare(definitions: readonly LogicDefinition[], timers: Timers): void {
    const wanted = new Set(definitions.map(keyOf));
    const names = new Set(definitions.map(({ name }) => name));
    for (const name of this.excused.keys()) if (!names.has(name)) this.excused.delete(name);
    for (const [key, program] of this.compiled) {
      if (wanted.has(key)) continue;
      this.compiled.delete(key);
      program.dispose();
    }
    const next = (index: number): void => {
      const definition = definitions[index];
      if (definition === undefined) return;
      timers.afterIo(() => {
        try {
          this.of(definition);
        } catch {
          // Said when it is to run.
        }
        next(index + 1);
      });
    };
    next(0);
  }
}

/** Asked for with each step, and a definition never changes. */
const keys = new WeakMap<LogicDefinition, string>();

function keyOf(definition: LogicDefinition): string {
  const { name, program, inputs, limits } = definition;
  const key = keys.get(definition) ?? JSON.stringify([name, program, inputs, limits]);
  keys.set(definition, key);
  return key;
}

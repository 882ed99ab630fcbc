import type { LogicDefinition, Timers } from '../../contract/index.js';
import { Sandbox, type Program } from './sandbox.js';

/**
 * The compiled programs of a node, on both roles: compiling takes some milliseconds each, and a node that takes over must
 * not spend them then.
 */
export class Programs {
  private readonly compiled = new Map<string, Program>();

  private constructor(
    private sandbox: Sandbox,
    private spare: Sandbox | undefined,
    private readonly load: () => Promise<Sandbox>,
  ) {}

  /** `nowMs` is a monotonic clock. */
  static async load(nowMs: () => number): Promise<Programs> {
    const load = async (): Promise<Sandbox> => Sandbox.load(nowMs);
    return new Programs(await load(), await load(), load);
  }

  /** @throws LogicError LOGIC_SYNTAX */
  of(definition: LogicDefinition): Program {
    const key = keyOf(definition);
    const known = this.compiled.get(key);
    if (known !== undefined) return known;
    const program = this.fresh(definition);
    this.compiled.set(key, program);
    return program;
  }

  /** One that is not kept, for a trial; the caller disposes of it. */
  fresh({ inputs, program, limits }: LogicDefinition): Program {
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
      this.replace();
    }
  }

  /** The engine itself has given up (an assertion of its own): all programs go on in another one, from their replicated state. */
  private replace(): void {
    this.compiled.clear();
    if (this.spare === undefined) return;
    this.sandbox = this.spare;
    this.spare = undefined;
    void this.load().then((sandbox) => (this.spare = sandbox), () => undefined);
  }

  /** Compiles what is new, one program in each turn of the loop, and forgets what is gone. */
  prepare(definitions: readonly LogicDefinition[], timers: Timers): void {
    const wanted = new Set(definitions.map(keyOf));
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

function keyOf({ name, program, inputs, limits }: LogicDefinition): string {
  return JSON.stringify([name, program, inputs, limits]);
}

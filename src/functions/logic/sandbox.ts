import { newQuickJSWASMModuleFromVariant, type QuickJSContext, type QuickJSHandle, type QuickJSRuntime, type QuickJSWASMModule } from 'quickjs-emscripten-core';
import { messageOf, type LogicFaultCode, type LogicLimits, type StepBounded } from '../../contract/index.js';
import { createHelpers } from './helpers.js';
import { createPsychrometrics } from './psychrometrics.js';

/** Why a step was not completed. */
export class LogicError extends Error {
  constructor(
    readonly code: LogicFaultCode,
    message: string,
  ) {
    super(message);
  }
}

/**
 * It was cut off by time, however few its turns were: one of them may call what goes through a billion holes of an array, and nobody asks
 * on the way. The program is to blame, or the machine that stood still meanwhile.
 */
export class CutOffError extends LogicError {
  constructor() {
    super('LOGIC_TOO_LONG', 'the step took too long');
  }
}

export interface StepInput {
  readonly inputs: Readonly<Record<string, number | boolean | string>>;
  /** Level of each input: `good`, `uncertain`, `stale`, `bad`. */
  readonly quality: Readonly<Record<string, string>>;
  readonly time: { readonly now: number; readonly dt: number; readonly hour: number; readonly minute: number; readonly second: number; readonly weekday: number; readonly day: number; readonly month: number; readonly year: number };
}

export interface StepResult {
  readonly outputs: Readonly<Record<string, number | boolean | string | null>>;
  /** JSON of what the program and its helpers keep. */
  readonly memory: unknown;
}

/** QuickJS asks so often whether to go on (`JS_INTERRUPT_COUNTER_INIT`): loop turns and calls. */
const TURNS_PER_INTERRUPT = 10_000;
/**
 * About a hundred calls deep. Small, because an overflow that the program catches costs a trace of the whole stack, and it may
 * catch one in each turn.
 */
const STACK_BYTES = 24 << 10;
/** What a program may keep; it travels to the other node with every step. */
const MEMORY_CHARACTERS = 64 << 10;
/** Line of the program's first line in what the `Function` constructor compiles. */
const FIRST_LINE = 4;

/**
 * No clock, no chance and nothing to keep a secret in: the same inputs, state and time give the same outputs on either node.
 * `scope` is all that changes between steps, and the step function sets it.
 */
const PRELUDE = `
const scope = {memory: {}, used: new Set(), nowMs: 0, dt: 0};
const helpers = Object.assign((${createHelpers.toString()})(scope), (${createPsychrometrics.toString()})());
delete Math.random; delete globalThis.eval; delete globalThis.Promise;
Object.assign(globalThis, helpers);
const finite = (where) => function (key, value) {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(where + (key === '' ? '' : '.' + key) + ' is ' + value);
  if (typeof value === 'bigint') throw new TypeError(where + '.' + key + ' is a BigInt: use a number');
  return value;
};
globalThis.__runner = (names, text) => {
const program = new Function(...names, 'quality', 'state', 'time', "'use strict';\\n" + text);
return (inputJson, memoryJson) => {
  const {inputs, quality, time} = JSON.parse(inputJson);
  const memory = JSON.parse(memoryJson);
  const state = memory.state ?? {};
  scope.memory = memory.helpers ?? {}; scope.used = new Set(); scope.nowMs = time.now; scope.dt = time.dt;
  const outputs = program(...names.map((name) => inputs[name]), quality, state, time) ?? {};
  if (typeof outputs !== 'object') throw new TypeError('a program returns {output: value}, not ' + typeof outputs);
  return '{"outputs":' + JSON.stringify(outputs, finite('output')) + ',"memory":{"state":' + JSON.stringify(state, finite('state')) + ',"helpers":' + JSON.stringify(scope.memory, finite('helper')) + '}}';
};
};
for (const key of Object.getOwnPropertyNames(globalThis)) {
  const value = globalThis[key];
  if (value === globalThis || value === null || (typeof value !== 'object' && typeof value !== 'function')) continue;
  Object.freeze(value);
  if (value.prototype) Object.freeze(value.prototype);
}
Object.freeze(globalThis);
`;

/** QuickJS in WebAssembly: programs have no access to anything but what each step hands them. */
export class Sandbox {
  /** A step was cut off in its midst, or the engine has given up by itself: nothing of it may be used any more. */
  isLost = false;

  private constructor(
    private readonly engine: QuickJSWASMModule,
    readonly bounded: StepBounded,
  ) {}

  static async load(bounded: StepBounded): Promise<Sandbox> {
    return new Sandbox(await newQuickJSWASMModuleFromVariant(import('@jitl/quickjs-wasmfile-release-sync')), bounded);
  }

  /** @throws LogicError LOGIC_SYNTAX */
  compile(inputs: readonly string[], program: string, limits: LogicLimits): Program {
    return new Program(this, this.engine.newRuntime(), `__runner(${JSON.stringify(inputs)}, ${JSON.stringify(program)})`, limits);
  }
}

/** One program in a runtime of its own. After an error it is disposed of and made anew: nothing half done stays. */
export class Program {
  private readonly context: QuickJSContext;
  private readonly step_: QuickJSHandle;
  private interrupts = 0;

  constructor(
    private readonly sandbox: Sandbox,
    private readonly runtime: QuickJSRuntime,
    source: string,
    limits: LogicLimits,
  ) {
    runtime.setMemoryLimit(limits.memoryBytes);
    runtime.setMaxStackSize(STACK_BYTES);
    const most = Math.max(1, Math.ceil((limits.kiloSteps * 1_000) / TURNS_PER_INTERRUPT));
    runtime.setInterruptHandler(() => ++this.interrupts > most);
    this.context = runtime.newContext({ intrinsics: { BaseObjects: true, Eval: true, JSON: true, RegExp: true, MapSet: true, TypedArrays: true, StringNormalize: true, Promise: true } });
    try {
      this.evaluate(PRELUDE).dispose();
      this.step_ = this.evaluate(source);
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** Made anew in another engine, where its own is lost. */
  get isLost(): boolean {
    return this.sandbox.isLost;
  }

  /** @throws LogicError */
  step(input: StepInput, memory: unknown): StepResult {
    let result: StepResult | undefined;
    const isWhole = this.sandbox.bounded(() => (result = this.call(input, memory)));
    if (isWhole && result !== undefined) return result;
    this.sandbox.isLost = true;
    throw new CutOffError();
  }

  private call(input: StepInput, memory: unknown): StepResult {
    const { context } = this;
    this.interrupts = 0;
    const given = context.newString(JSON.stringify(input));
    const kept = context.newString(JSON.stringify(memory ?? {}));
    try {
      const result = context.callFunction(this.step_, context.undefined, given, kept);
      if (result.error !== undefined) throw this.faultOf(result.error);
      const text = context.getString(result.value);
      result.value.dispose();
      if (text.length > MEMORY_CHARACTERS) throw new LogicError('LOGIC_TOO_LARGE', `state and outputs take ${text.length} characters, more than ${MEMORY_CHARACTERS}`);
      return JSON.parse(text) as StepResult;
    } finally {
      given.dispose();
      kept.dispose();
    }
  }

  dispose(): void {
    if (this.sandbox.isLost) return;
    if ((this.step_ as QuickJSHandle | undefined)?.alive === true) this.step_.dispose();
    if ((this.context as QuickJSContext | undefined)?.alive === true) this.context.dispose();
    if (this.runtime.alive) this.runtime.dispose();
  }

  private evaluate(source: string): QuickJSHandle {
    this.interrupts = 0;
    const result = this.context.evalCode(source, 'program');
    if (result.error !== undefined) throw this.faultOf(result.error);
    return result.value;
  }

  private faultOf(error: QuickJSHandle): LogicError {
    let dumped: unknown;
    try {
      dumped = this.context.dump(error);
    } catch (unreadable) {
      dumped = { name: 'Error', message: messageOf(unreadable) };
    } finally {
      error.dispose();
    }
    const { name, message, stack } = (typeof dumped === 'object' && dumped !== null ? dumped : { name: 'Error', message: String(dumped) }) as { name?: string; message?: string; stack?: string };
    const line = /<input>:(\d+)/.exec(stack ?? '')?.[1];
    const place = line === undefined ? '' : ` (line ${Math.max(1, Number(line) - FIRST_LINE + 1)})`;
    if (name === 'InternalError' && message === 'interrupted') return new LogicError('LOGIC_TOO_LONG', `the step took too many turns${place}`);
    if (name === 'InternalError' && /^(out of memory|invalid string length|string too long)$/.test(message ?? '')) return new LogicError('LOGIC_TOO_LARGE', 'the program ran out of its memory');
    if (name === 'SyntaxError') return new LogicError('LOGIC_SYNTAX', `${message ?? 'syntax error'}${place}`);
    return new LogicError('LOGIC_THREW', `${message === undefined || message === '' ? (name ?? 'an error') : message}${place}`);
  }
}

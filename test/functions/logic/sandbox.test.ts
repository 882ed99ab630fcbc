import assert from 'node:assert/strict';
import { logicHelperNames, type LogicLimits } from '../../../src/contract/index.js';
import { createHelpers } from '../../../src/functions/logic/helpers.js';
import { createPsychrometrics } from '../../../src/functions/logic/psychrometrics.js';
import { LogicError, Sandbox, type StepInput } from '../../../src/functions/logic/sandbox.js';
import { runBounded } from '../../../src/platform/bounded.js';

const limits: LogicLimits = { memoryBytes: 2e6, kiloSteps: 200 };
const time: StepInput['time'] = { now: 1_000, dt: 1, hour: 8, minute: 0, second: 0, weekday: 1, day: 5, month: 1, year: 2026 };

describe('sandbox of control programs', () => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await Sandbox.load((run) => runBounded(500, run));
  });

  const step = (text: string, inputs: StepInput['inputs'] = {}, memory: unknown = {}): ReturnType<ReturnType<Sandbox['compile']>['step']> => {
    const program = sandbox.compile(Object.keys(inputs), text, limits);
    try {
      return program.step({ inputs, quality: Object.fromEntries(Object.keys(inputs).map((name) => [name, 'good'])), time }, memory);
    } finally {
      program.dispose();
    }
  };
  const fault = (text: string): LogicError => {
    try {
      step(text);
    } catch (error) {
      assert.ok(error instanceof LogicError, String(error));
      return error;
    }
    throw new assert.AssertionError({ message: `no fault: ${text}` });
  };

  it('runs a program on its inputs, with helpers, time, quality and a state of its own', () => {
    const text = "state.n = (state.n ?? 0) + 1\nreturn { sp: fan ? clamp(22 - 0.2 * (oat - 10), 16, 22) : RELINQUISH, n: state.n, hour: time.hour, q: quality.oat }";
    const first = step(text, { oat: 20, fan: true });
    assert.deepEqual(first.outputs, { sp: 20, n: 1, hour: 8, q: 'good' });
    assert.deepEqual(step(text, { oat: 20, fan: false }, first.memory).outputs, { sp: null, n: 2, hour: 8, q: 'good' });
  });

  it('has all helpers by the names that the configuration reserves', () => {
    const helpers = [...Object.keys(createHelpers({ memory: {}, used: new Set(), nowMs: 0, dt: 0 })), ...Object.keys(createPsychrometrics()), 'quality', 'state', 'time'];
    assert.deepEqual([...logicHelperNames].sort(), helpers.sort());
    assert.deepEqual(step(`return {missing: [${logicHelperNames.map((name) => `typeof ${name}`).join()}].indexOf('undefined')}`).outputs, { missing: -1 });
  });

  it('stops what never ends', () => {
    for (const text of ['for (;;) {}', 'function f() { for (;;) { try { f() } catch {} } } f()', '/(a+)+b/.test("a".repeat(60))', 'try { for (;;) {} } catch { return {} }']) assert.equal(fault(text).code, 'LOGIC_TOO_LONG', text);
  });

  it('cuts off what hangs in one turn, where nothing counts turns: an array that is all holes, a text in a text, sorting again and again', async () => {
    for (const text of ['const a = []; a[4e9] = 1; return {sp: a.indexOf(2)}', 'return {sp: "a".repeat(1e6).indexOf("a".repeat(5e5) + "b")}', 'const a = new Float64Array(1e5); for (let n = 0; n < 9000; n++) a.fill(n).sort()']) {
      assert.equal(fault(text).code, 'LOGIC_TOO_LONG', text);
      assert.equal(sandbox.isLost, true);
      sandbox = await Sandbox.load((run) => runBounded(500, run));
    }
  });

  it('stops what takes memory without end', () => {
    for (const text of ['const a = []; for (;;) a.push({})', 'let s = "x"; for (;;) s += s', 'new Uint8Array(1e9)']) assert.equal(fault(text).code, 'LOGIC_TOO_LARGE', text);
    assert.equal(fault('state.s = "x".repeat(70000)').code, 'LOGIC_TOO_LARGE');
  });

  it('names what it threw, with the line', () => {
    assert.deepEqual([fault("\n\nthrow new Error('no pump')").code, fault("\n\nthrow new Error('no pump')").message], ['LOGIC_THREW', 'no pump (line 3)']);
    assert.match(fault('return {sp: oat}').message, /'oat' is not defined/);
    assert.match(fault('function f() { f() } f()').message, /stack overflow/);
    assert.match(fault('throw null').message, /an error|null/);
    assert.equal(fault('return {').code, 'LOGIC_SYNTAX');
  });

  it('lets nothing through that is no value', () => {
    assert.match(fault('return {sp: NaN}').message, /output\.sp is NaN/);
    assert.match(fault('state.x = {y: Infinity}').message, /state\.y is Infinity/);
    assert.match(fault('return 5').message, /returns \{output: value\}/);
    assert.match(fault('return {sp: 5n}').message, /BigInt/);
  });

  it('has no clock, no chance, no way out and nowhere to hide a state', () => {
    for (const text of ['Date.now()', 'Math.random()', 'require("fs")', 'process.exit()', 'fetch("http://127.0.0.1")', 'setTimeout(() => {}, 1)', 'globalThis.hidden = 1', 'hidden = 1', 'Array.prototype.hidden = 1', 'Math.hidden = 1', 'clamp.hidden = 1', 'new Promise(() => {})']) {
      assert.match(fault(text).code, /LOGIC_(THREW|SYNTAX)/, text);
    }
    // What is put off never happens.
    assert.deepEqual(step('import("fs").then((fs) => { state.fs = 1 }); (async () => { await 0; state.late = 1 })()').memory, { state: {}, helpers: {} });
    // A function made from text is in the sandbox too.
    assert.match(fault('return {a: (() => {}).constructor("return process")()}').message, /process/);
  });

  it('is the same in another engine from the same state', async () => {
    const text = "state.x = Math.sin((state.x ?? 1) * 1.7) + lag('l', pv, 30); return {x: pid('p', {pv: state.x, sp: pv, kp: 3, ti: 60})}";
    const other = await Sandbox.load((run) => runBounded(500, run));
    const here = sandbox.compile(['pv'], text, limits);
    const there = other.compile(['pv'], text, limits);
    let memory: unknown = {};
    for (let n = 0; n < 50; n++) {
      const input = { inputs: { pv: n % 7 }, quality: { pv: 'good' }, time };
      const result = here.step(input, memory);
      assert.deepEqual(there.step(input, memory), result);
      memory = result.memory;
    }
    here.dispose();
    there.dispose();
  });
});

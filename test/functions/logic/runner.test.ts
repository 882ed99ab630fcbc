import assert from 'node:assert/strict';
import { COMMUNICATION_LOST, TandemError, unbounded, type LogicDefinition, type LogicView, type PointDefinition } from '../../../src/contract/index.js';
import { logicViews, Programs, type TargetWrite } from '../../../src/functions/index.js';
import { FunctionsWorld } from '../functions-world.js';

const points: readonly PointDefinition[] = [
  { id: 0, name: 'OaT', kind: 'number', device: 'D', poll: 'fast' },
  { id: 1, name: 'Fan', kind: 'boolean', device: 'D', poll: 'fast', states: ['stop', 'run'] },
  { id: 2, name: 'Mode', kind: 'enum', device: 'D', poll: 'fast', states: ['off', 'heat', 'cool'], write: { priority: 10, verify: 'readback', repeatable: true } },
  { id: 3, name: 'SaTSp', kind: 'number', device: 'D', poll: 'fast', write: { priority: 12, min: 0, max: 100, verify: 'readback', repeatable: true } },
];

function definition(values: Partial<LogicDefinition>): LogicDefinition {
  return {
    name: 'reset',
    everyMs: 1_000,
    onChange: false,
    inputs: [{ name: 'oat', point: 0 }, { name: 'fan', point: 1 }, { name: 'mode', point: 2 }],
    outputs: [
      { name: 'sp', point: 3, priority: 12, canRelinquish: true, onFault: { kind: 'relinquish' }, deadband: 0 },
      { name: 'mode', point: 2, priority: 10, canRelinquish: true, onFault: { kind: 'value', value: 0 }, deadband: 0 },
    ],
    program: 'return {sp: oat}',
    badInputs: 'hold',
    limits: { memoryBytes: 2e6, kiloSteps: 200 },
    timezone: 'UTC',
    ...values,
  };
}

class Rig {
  readonly writes: string[] = [];
  refuse = 0;
  readonly world: FunctionsWorld;
  private readonly begun = new Set<string>();

  constructor(
    private readonly programs: Programs,
    readonly definitions: readonly LogicDefinition[],
  ) {
    this.world = new FunctionsWorld({ points, logic: this.options(definitions) });
    this.world.set(0, 10);
    this.world.set(1, 1);
    this.world.set(2, 1);
  }

  async to(ms: number, stepMs = 100): Promise<void> {
    while (this.world.nowMs < ms) {
      this.world.tickTo(Math.min(ms, this.world.nowMs + stepMs), stepMs);
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    }
  }

  view(index = 0): LogicView {
    const view = logicViews(this.definitions, this.world.here.state)[index];
    assert.ok(view !== undefined);
    return view;
  }

  redefine(definitions: readonly LogicDefinition[]): void {
    this.world.restart({ logic: this.options(definitions) });
  }

  private options(definitions: readonly LogicDefinition[]): { definitions: readonly LogicDefinition[]; programs: Programs; effects: { write: (write: TargetWrite) => Promise<void>; hasBegun: (id: string) => boolean } } {
    return { definitions, programs: this.programs, effects: { write: async (write) => this.write(write), hasBegun: (id) => this.begun.has(id) } };
  }

  /** As the commands of the gateway do it: an id that is known gets its outcome again. */
  private async write({ id, point, value, priority, by, isRoutine }: TargetWrite): Promise<void> {
    if (this.begun.has(id)) return;
    assert.deepEqual([by, isRoutine], ['logic reset', true]);
    if (this.refuse > 0) {
      this.refuse--;
      throw new TandemError('FIELD_UNREACHABLE', 'no answer');
    }
    this.begun.add(id);
    this.writes.push(`${point}@${priority}=${String(value)}`);
  }
}

describe('logic runner', () => {
  let programs: Programs;
  before(async () => {
    programs = await Programs.load(unbounded);
  });
  const rig = (...values: Partial<LogicDefinition>[]): Rig => new Rig(programs, values.map(definition));

  it('steps by its period, aligned to pair time, and writes differences only', async () => {
    const it = rig({ program: 'state.n = (state.n ?? 0) + 1; return {sp: oat * 2, mode: fan ? "cool" : "off"}' });
    await it.to(5_050);
    assert.deepEqual(it.writes, ['SaTSp@12=20', 'Mode@10=2']);
    it.world.set(0, 15);
    await it.to(6_100);
    assert.deepEqual(it.writes.slice(2), ['SaTSp@12=30']);
    assert.equal(it.view().steps, (it.view().memory as { state: { n: number } }).state.n);
    assert.ok(it.view().steps >= 6 && it.view().steps <= 8, String(it.view().steps));
    assert.equal(new Date(String(it.view().lastStep)).getTime() % 1_000, 0);
  });

  it('steps by change, at most each 100 ms', async () => {
    const { everyMs, ...byChange } = definition({ onChange: true });
    assert.ok(everyMs !== undefined);
    const it = new Rig(programs, [byChange]);
    await it.to(1_000);
    const before = it.view().steps;
    await it.to(5_000);
    assert.equal(it.view().steps, before);
    for (let n = 0; n < 100; n++) {
      it.world.set(0, n);
      it.world.nowMs += 10;
    }
    await it.to(7_000);
    const taken = it.view().steps - before;
    assert.ok(taken >= 5 && taken <= 12, String(taken));
    assert.equal(it.writes.at(-1), 'SaTSp@12=99');
  });

  it('sees states by their names and booleans as such', async () => {
    const it = rig({ program: 'return {sp: fan === true && mode === "heat" ? 1 : 0}' });
    await it.to(1_500);
    assert.deepEqual(it.writes, ['SaTSp@12=1']);
  });

  it('a failover continues timers and integrators: the outputs are those of a run without one', async () => {
    const text = 'const run = onDelay("d", oat > 5, 20); return {sp: run ? pid("p", {pv: oat, sp: 20, kp: 2, ti: 50}) : RELINQUISH}';
    const outputs = async (failovers: readonly number[]): Promise<{ writes: string[]; memory: unknown; steps: number }> => {
      const it = rig({ program: text });
      for (const atMs of failovers) {
        await it.to(atMs);
        it.world.failover();
        assert.ok(it.world.sameOnBoth());
      }
      await it.to(60_000);
      return { writes: it.writes, memory: it.view().memory, steps: it.view().steps };
    };
    const whole = await outputs([]);
    assert.ok(whole.writes.length > 10);
    assert.deepEqual(await outputs([7_300, 21_000, 40_900]), whole);
  });

  it('a step that hangs is cut off: let pass once, for the machine may have stood still, then the program is stopped; the others go on in another engine', async () => {
    let cuts = 0;
    let hangs = false;
    const cutting = await Programs.load((run) => {
      if (!hangs) return unbounded(run);
      hangs = false;
      cuts++;
      return false;
    });
    const it = new Rig(cutting, [
      definition({ program: 'state.n = (state.n ?? 0) + 1; return {sp: oat * 2}', outputs: definition({}).outputs.slice(0, 1) }),
      definition({ name: 'other', everyMs: 10_000, program: 'state.n = (state.n ?? 0) + 1; return {}', outputs: [] }),
    ]);
    await it.to(3_050);
    const [before, others] = [it.view(0).steps, it.view(1).steps];
    hangs = true;
    await it.to(4_050);
    assert.deepEqual([cuts, it.view(0).state, it.view(0).steps], [1, 'running', before]);
    await it.to(6_050);
    assert.ok(it.view(0).steps > before, 'taken again');
    for (const at of [7_050, 8_050]) {
      hangs = true;
      await it.to(at);
      await cutting.whenReady();
    }
    assert.deepEqual([cuts, it.view(0).state, it.view(0).fault?.code], [3, 'faulted', 'LOGIC_TOO_LONG']);
    await it.to(25_050);
    assert.deepEqual([it.view(1).state, it.view(1).steps], ['running', others + 2]);
  });

  it('holds while an input is not good, and says which', async () => {
    const it = rig({});
    await it.to(1_500);
    it.world.set(0, NaN, COMMUNICATION_LOST);
    await it.to(5_000);
    assert.deepEqual([it.view().state, it.view().held], ['held', ['oat']]);
    it.world.set(0, 12);
    await it.to(6_500);
    assert.deepEqual([it.view().state, it.writes], ['running', ['SaTSp@12=10', 'SaTSp@12=12']]);
  });

  it('runs on bad inputs where it is told to, and stops where it is told to', async () => {
    const it = rig({ badInputs: 'run', program: 'return {sp: quality.oat === "good" ? oat : 50}' });
    await it.to(1_500);
    it.world.set(0, NaN, COMMUNICATION_LOST);
    await it.to(3_000);
    assert.deepEqual(it.writes.slice(-2), ['SaTSp@12=10', 'SaTSp@12=50']);
    const strict = rig({ badInputs: 'fault' });
    strict.world.set(0, NaN, COMMUNICATION_LOST);
    await strict.to(1_500);
    assert.equal(strict.view().fault?.code, 'LOGIC_BAD_INPUT');
  });

  it('a failing program is stopped and alarmed, its outputs go to their safe values, the others run on', async () => {
    const it = rig({ program: 'if (oat > 20) throw new Error("too warm"); return {sp: oat, mode: "cool"}' }, { name: 'other', outputs: [], program: 'state.n = oat; return {}' });
    await it.to(1_500);
    it.world.set(0, 25);
    await it.to(4_000);
    assert.deepEqual(it.writes, ['SaTSp@12=10', 'Mode@10=2', 'SaTSp@12=null', 'Mode@10=0']);
    assert.deepEqual([it.view().state, it.view().fault?.message], ['faulted', 'too warm (line 1)']);
    const alarm = it.world.alarm('system/logic/reset');
    assert.equal(alarm?.state, 'unacknowledged');
    assert.match(alarm.message, /too warm/);
    assert.deepEqual(it.view(1).memory, { state: { n: 25 }, helpers: {} });
    it.world.set(0, 10);
    await it.to(9_000);
    assert.equal(it.view().state, 'faulted');
    it.world.failover();
    await it.to(12_000);
    assert.equal(it.view().state, 'faulted');
    assert.equal(it.world.alarm('system/logic/reset')?.occurrence, 1);
  });

  it('tries again after the time that is configured, and when its text is changed', async () => {
    const it = rig({ retryAfterMs: 10_000, program: 'if (oat > 20) throw new Error("x"); return {sp: oat}' });
    it.world.set(0, 25);
    await it.to(5_000);
    assert.equal(it.view().state, 'faulted');
    it.world.set(0, 11);
    await it.to(9_000);
    assert.equal(it.view().state, 'faulted');
    await it.to(13_000);
    assert.deepEqual([it.view().state, it.writes.at(-1)], ['running', 'SaTSp@12=11']);
    it.world.set(0, 25);
    await it.to(15_000);
    it.redefine([definition({ program: 'return {sp: 33}' })]);
    await it.to(17_000);
    assert.equal(it.writes.at(-1), 'SaTSp@12=33');
  });

  it('refuses outputs that the point cannot take, by name', async () => {
    for (const [program, why] of [['return {sp: 500}', /SaTSp takes 0 to 100, not 500/], ['return {set: 1}', /no output `set`/], ['return {mode: "dry"}', /has the states off, heat, cool/], ['return {mode: 1.5}', /whole number/], ['return {sp: "warm"}', /takes a number/]] as const) {
      const it = rig({ program });
      await it.to(1_500);
      assert.equal(it.view().fault?.code, 'LOGIC_BAD_OUTPUT');
      assert.match(it.view().fault?.message ?? '', why);
    }
  });

  it('writes a slow drift once it has left the deadband', async () => {
    const [sp] = definition({}).outputs;
    const it = rig({ outputs: [{ ...sp!, deadband: 1 }], program: 'state.x = (state.x ?? 0) + 0.3; return {sp: state.x}' });
    await it.to(10_500);
    const values = it.writes.map((text) => Number(text.split('=')[1]));
    assert.ok(values.length >= 2 && values.length <= 4, it.writes.join());
    assert.ok(values.every((value, index) => index === 0 || value - (values[index - 1] ?? 0) >= 1));
  });

  it('goes on with a write that the field refuses, and shows why', async () => {
    const it = rig({});
    it.refuse = 1;
    await it.to(2_000);
    assert.equal(it.view().outputs[0]?.error, 'no answer');
    await it.to(8_000);
    assert.deepEqual([it.writes, it.view().outputs[0]?.written], [['SaTSp@12=10'], 10]);
  });

  it('drops what a program that is gone has left', async () => {
    const it = rig({});
    await it.to(2_000);
    it.redefine([]);
    assert.deepEqual(it.world.keys('logic'), []);
  });

  it('does not make up for an absence: an integrator advances by at most five periods', async () => {
    const it = rig({ program: 'state.dt = time.dt; return {}' });
    await it.to(3_000);
    it.world.nowMs += 3_600_000;
    await it.to(it.world.nowMs + 100);
    assert.deepEqual((it.view().memory as { state: { dt: number } }).state.dt, 5);
  });
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfigurationDocument, LogicDryRun, LogicView, WireAlarm } from '../../src/contract/index.js';
import { DemoPair, json } from './demo-pair.js';
import { until } from './processes.js';

/** A loop with an error that stays, so that its output rises all the time, and programs that come to no good end. */
const ADDED = [
  'Loop|every: 200ms, in: {sp: Loop.Sp}, out: {valve: AHU1.HV1}|return { valve: pid("v", { pv: 20, sp, kp: 5, ti: 10, start: 30 }) }',
  'Endless|every: 1s, in: {sp: Loop.Sp}, out: {x: Loop.Endless}|for (;;) {}',
  'Hungry|every: 1s, in: {sp: Loop.Sp}, out: {x: Loop.Hungry}|let s = "x"; for (;;) s += s',
  'Throws|every: 1s, in: {sp: Loop.Sp}, out: {x: Loop.Throws}|throw new Error("no pump")',
];
/** Of the integral in a second: `kp` times the error of 1 by `ti`. */
const SLOPE = 0.5;
/** How much older than its write the first value may be, s. */
const LATE = 2;

describe('control programs of the demo, over `kill -9`', function () {
  this.timeout(120_000);
  let demo: DemoPair;
  const folder = mkdtempSync(join(tmpdir(), 'logic-'));

  before(async () => {
    demo = await DemoPair.start(folder);
    const { text, revision } = await json<ConfigurationDocument>(`${demo.urls[0]}/api/v1/configuration`);
    const points = '\npoints:\n  Loop.Sp: {type: number, write: {relinquishDefault: 21}}\n  Loop.NoValue: {expression: "1 / (Loop.Sp - 21)"}' + ['Endless', 'Hungry', 'Throws'].map((name) => `\n  Loop.${name}: {type: number, write: true}`).join('');
    const programs = ADDED.map((line) => line.split('|')).map(([name, keys, program]) => `\n  ${name}: {${keys}, program: '${program}'}`).join('');
    const changed = text.replace('\npoints:', points).replace('\nlogic:', `\nlogic:${programs}`);
    const answer = await post('configuration', { text: changed, expected: revision }, 'PUT');
    assert.equal(answer.status, 200, await answer.clone().text());
  });

  after(async () => {
    await demo.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const post = async (path: string, body: object, method = 'POST', url = demo.urls[0]): Promise<Response> =>
    fetch(`${url}/api/v1/${path}`, { method, headers: { 'content-type': 'application/json', 'authorization': `Bearer ${demo.token}` }, body: JSON.stringify(body) });
  const program = async (url: string, name = 'Plant.reset'): Promise<LogicView> => json<LogicView>(`${url}/api/v1/logic/${name}`);
  /** What reached the valve, in its order. */
  const valve = async (): Promise<readonly { timeMs: number; remote: string; percent: number }[]> =>
    (await json<{ writes: { timeMs: number; remote: string; area: string; address: number; values: number[] }[] }>(`${demo.inspection}/writes?device=plc-ahu`)).writes
      .filter(({ area, address }) => area === 'hr' && address === 103)
      .map(({ timeMs, remote, values }) => ({ timeMs, remote, percent: (values[0] ?? NaN) / 10 }));
  const alarm = async (url: string, name: string): Promise<WireAlarm | undefined> => (await json<{ alarms: WireAlarm[] }>(`${url}/api/v1/alarms`)).alarms.find((one) => one.name === `system/logic/${name}`);
  const ramps = ({ memory }: LogicView): { hw: number; chw: number } => {
    const { helpers } = memory as { helpers: Record<string, { at: number }> };
    return { hw: helpers['ramp hw']?.at ?? NaN, chw: helpers['ramp chw']?.at ?? NaN };
  };

  it('writes what it wants, and goes on from its state on the other node', async () => {
    const before = await until('its outputs are written', async () => {
      const view = await program(demo.urls[0]);
      return view.steps >= 2 && view.outputs.every(({ written }) => written !== undefined) ? view : undefined;
    });
    assert.deepEqual([before.state, before.outputs.map(({ point }) => point)], ['running', ['B1.HwSTSp', 'CH1.ChwSTSp']]);
    // What loops, takes memory without end or throws is stopped, each by its own error, and has an alarm; an expression without a value says so.
    for (const [name, code] of [['Endless', 'LOGIC_TOO_LONG'], ['Hungry', 'LOGIC_TOO_LARGE'], ['Throws', 'LOGIC_THREW']] as const) {
      assert.equal((await until(`${name} is stopped`, async () => (await program(demo.urls[0], name)).fault)).code, code);
      assert.equal((await until(`${name} has an alarm`, async () => alarm(demo.urls[0], name))).state, 'unacknowledged');
    }
    const { points } = await json<{ points: { quality: string }[] }>(`${demo.urls[0]}/api/v1/points?match=Loop.NoValue`);
    assert.deepEqual(points.map(({ quality }) => quality), ['bad (expression)']);
    assert.match(await (await fetch(`${demo.urls[0]}/metrics`, { headers: { authorization: `Bearer ${demo.token}` } })).text(), /^tandem_expressions_unknown 1$/m);
    // One of them is put aside: an alarm of the system itself, over the kill.
    assert.equal((await post('alarms/system%2Flogic%2FThrows/shelve', { for: '1h' })).status, 200);
    await until('the loop has run', async () => ((await valve()).length >= 8 ? true : undefined));
    await until('the standby has it too', async () => ((await program(demo.urls[1])).steps >= before.steps ? true : undefined));
    process.kill(demo.mainPid, 'SIGKILL');
    const after = await until('it steps on the backup', async () => {
      const view = await program(demo.urls[1]).catch(() => undefined);
      return view !== undefined && view.steps > before.steps + 1 ? view : undefined;
    });
    // At most 1 K a minute: a state that began anew would be at its target at once, wherever that is.
    const seconds = (new Date(after.lastStep ?? '').getTime() - new Date(before.lastStep ?? '').getTime()) / 1_000;
    for (const name of ['hw', 'chw'] as const) assert.ok(Math.abs(ramps(after)[name] - ramps(before)[name]) <= seconds / 60 + 1e-9, name);
    assert.equal(after.state, 'running');

    assert.deepEqual([(await alarm(demo.urls[1], 'Throws'))?.state, (await alarm(demo.urls[1], 'Endless'))?.occurrence], ['shelved', 1]);
    assert.equal((await program(demo.urls[1], 'Hungry')).fault?.code, 'LOGIC_TOO_LARGE');
    assert.equal((await post('alarms/system%2Flogic%2FThrows/unshelve', {}, 'POST', demo.urls[1])).status, 200);
    assert.equal((await until('it is raised anew', async () => (await alarm(demo.urls[1], 'Throws').then((one) => (one?.occurrence === 2 ? one : undefined))))).state, 'unacknowledged');
  });

  it('lets a loop go on without a bump: what reached the valve rises by what the integral adds in a step, and never begins anew', async () => {
    const writes = await until('the backup has written', async () => {
      const all = await valve();
      return all.filter(({ remote }) => remote === DemoPair.fieldAddress.backup).length >= 5 ? all : undefined;
    });
    assert.deepEqual([...new Set(writes.map(({ remote }) => remote))].slice(0, 2), [DemoPair.fieldAddress.main, DemoPair.fieldAddress.backup]);
    const [first] = writes;
    for (const [at, { timeMs, percent }] of writes.entries()) {
      // It never falls back, and is never above what the integral can have come to by then (the register has tenths).
      const highest = (first?.percent ?? NaN) + SLOPE * ((timeMs - (first?.timeMs ?? NaN)) / 1_000 + LATE) + 0.15;
      assert.ok(percent >= (writes[at - 1]?.percent ?? percent) && percent <= highest, `${String(percent)} at ${String(at)} of ${JSON.stringify(writes)}`);
    }
    assert.ok((writes.at(-1)?.percent ?? NaN) > 31, 'it has integrated');
  });

  it('runs against what was recorded, with another text, and writes nothing', async () => {
    const now = Date.now();
    const trial = async (body: object): Promise<LogicDryRun> => {
      const answer = await fetch(`${demo.urls[1]}/api/v1/logic/Plant.reset/dry-run`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${demo.token}` }, body: JSON.stringify(body) });
      assert.equal(answer.status, 200, await answer.clone().text());
      return (await answer.json()) as LogicDryRun;
    };
    const times = { from: new Date(now - 60_000).toISOString(), to: new Date(now).toISOString() };
    const whole = await trial({ ...times, program: 'state.n = (state.n ?? 0) + 1; return {hw: 41 + state.n}' });
    assert.ok(whole.steps >= 1, JSON.stringify(whole));
    assert.equal(whole.outputs.hw?.[0]?.value, 42);
    assert.equal(whole.outputs.hw.length, whole.steps);
    const failed = await trial({ ...times, program: 'throw new Error("oh")' });
    assert.deepEqual([failed.fault?.code, failed.fault?.message, failed.steps], ['LOGIC_THREW', 'oh (line 1)', 0]);
    const { outputs, steps } = await program(demo.urls[1]);
    assert.notEqual(outputs[0]?.wanted, 42);
    // One that hangs in a single turn takes the engine with it, and nothing else: the programs in force go on in another one.
    assert.equal((await trial({ ...times, program: 'const a = []; a[4e9] = 1; return { x: a.indexOf(2) }' })).fault?.code, 'LOGIC_TOO_LONG');
    await until('the programs in force go on', async () => ((await program(demo.urls[1])).steps > steps ? true : undefined));
  });
});

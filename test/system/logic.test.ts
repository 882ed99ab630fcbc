import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogicDryRun, LogicView } from '../../src/contract/index.js';
import { DemoPair, json } from './demo-pair.js';
import { until } from './processes.js';

describe('control programs of the demo, over `kill -9`', function () {
  this.timeout(120_000);
  let demo: DemoPair;
  const folder = mkdtempSync(join(tmpdir(), 'logic-'));

  before(async () => {
    demo = await DemoPair.start(folder);
  });

  after(async () => {
    await demo.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const program = async (url: string): Promise<LogicView> => json<LogicView>(`${url}/api/v1/logic/Plant.reset`);
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
    const wanted = (await program(demo.urls[1])).outputs[0]?.wanted;
    assert.notEqual(wanted, 42);
  });
});

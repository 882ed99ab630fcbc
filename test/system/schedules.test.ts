import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RedundancyStatus, ScheduleView } from '../../src/contract/index.js';
import { DemoPair, json } from './demo-pair.js';
import { until } from './processes.js';

describe('schedules of the demo, over `kill -9`', function () {
  this.timeout(120_000);
  let demo: DemoPair;
  const folder = mkdtempSync(join(tmpdir(), 'schedules-'));

  before(async () => {
    demo = await DemoPair.start(folder);
  });

  after(async () => {
    await demo.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const schedulesOf = async (url: string): Promise<ScheduleView[]> => (await json<{ schedules: ScheduleView[] }>(`${url}/api/v1/schedules`)).schedules;
  const isWritten = (schedules: readonly ScheduleView[]): boolean => schedules.length === 2 && schedules.every(({ now, targets }) => targets.every((target) => target.written === now.value && target.writing === undefined));
  const writes = async (): Promise<unknown[]> => (await Promise.all(['ddc-roof', 'vav-102'].map(async (device) => demo.writesTo(device)))).flat();

  it('writes what is in force once to each point, at its priority, and nothing again after a takeover', async () => {
    const before = await until('everything is written', async () => {
      const schedules = await schedulesOf(demo.urls[0]);
      return isWritten(schedules) ? schedules : undefined;
    });
    const written = await writes();
    const wanted = Object.fromEntries(before.map(({ name, now }) => [name, now.value]));
    assert.deepEqual(written.map((write) => (write as { value: unknown }).value), [wanted['Lobby.hours'], ...Array.from({ length: 3 }, () => wanted['F2.setback'])]);
    assert.deepEqual(new Set(written.map((write) => (write as { priority: unknown }).priority)), new Set([12]));
    await until('the standby has it too', async () => (isWritten(await schedulesOf(demo.urls[1])) ? true : undefined));
    process.kill(demo.mainPid, 'SIGKILL');
    await until('the backup is active', async () => ((await json<RedundancyStatus>(`${demo.urls[1]}/api/v1/redundancy`)).self.role === 'active' ? true : undefined));
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    // (Should an entry come into force in these seconds, each point is written once more, and that is right.)
    const after = await schedulesOf(demo.urls[1]);
    assert.ok(isWritten(after));
    if (JSON.stringify(after.map(({ now }) => now)) === JSON.stringify(before.map(({ now }) => now))) assert.deepEqual(await writes(), written);
  });
});

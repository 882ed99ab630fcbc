import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answers, Rig } from './rig.js';
import { freePorts, redundancyOf, until } from './processes.js';

describe('system points of a running node', function () {
  this.timeout(60_000);

  it('are served, trended and alarmed like any other', async () => {
    const rig = new Rig();
    const [port = 0] = await freePorts(1);
    const site = rig.write('site.yaml', `site: {name: s, timezone: UTC}
devices: {system: {driver: system}}
points:
  system/active: {device: system, at: active, poll: fast}
  system/disk: {device: system, at: A/disk-free, unit: MB, poll: fast}
  system/memory: {device: system, at: active/memory, unit: MB, poll: fast}
  system/other: {device: system, at: standby/memory, unit: MB, poll: fast}
alarms: {disk: {point: system/disk, low: 1000000000}}
trends: [{points: ["system/memory"], mode: interval, every: 200ms}]
`);
    try {
      const run = rig.node(site, { id: 'A', mode: 'independent', console: port });
      const url = `http://127.0.0.1:${String(port)}/api/v1`;
      await answers(`http://127.0.0.1:${String(port)}`, run);
      const point = async (name: string): Promise<{ value: unknown; quality: string }> => (await (await fetch(`${url}/points/${encodeURIComponent(name)}`)).json()) as { value: unknown; quality: string };
      const disk = await until('the disk is measured', async () => {
        const read = await point('system/disk');
        return read.quality === 'good' ? read : undefined;
      });
      assert.ok(Number(disk.value) > 0);
      assert.equal((await point('system/active')).value, 'A');
      assert.notEqual((await point('system/other')).quality, 'good', 'there is no standby');
      const names = async (): Promise<string[]> => ((await (await fetch(`${url}/alarms`)).json()) as { alarms: { name: string }[] }).alarms.map(({ name }) => name);
      await until('the alarm is raised', async () => ((await names()).includes('disk') ? true : undefined));
      await until('it is recorded', async () => {
        const { samples } = (await (await fetch(`${url}/history?point=${encodeURIComponent('system/memory')}`)).json()) as { samples?: unknown[] };
        return (samples?.length ?? 0) > 2 ? true : undefined;
      });
      const notes = async (): Promise<string[]> => ((await redundancyOf(`http://127.0.0.1:${String(port)}`))?.notes ?? []).map(({ code }) => code);
      const document = join(rig.folder, 'node-A-0.yaml');
      const text = readFileSync(document, 'utf8');
      assert.deepEqual(await notes(), []);
      writeFileSync(document, `${text}\n# another one`);
      await until('the node says that its document has changed', async () => ((await notes()).includes('NODE_DOCUMENT_CHANGED') ? true : undefined));
      const told = rig.tandem('redundancy', 'status', '--url', `http://127.0.0.1:${String(port)}`, '--token', 't');
      assert.equal(await told.exit(), 0);
      assert.match(told.stdout, /NODE_DOCUMENT_CHANGED: .*restart it/);
      writeFileSync(document, text);
      await until('it is as it was', async () => ((await notes()).length === 0 ? true : undefined));
    } finally {
      await rig.stop();
    }
  });
});

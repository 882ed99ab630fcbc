import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { drivers } from '../../drivers/index.js';
import { loadSite } from '../../src/config/index.js';
import { freePorts, until } from './processes.js';
import { answers, Rig } from './rig.js';

const PORT = 47_910;

interface View {
  readonly id: string;
  readonly state: string;
  readonly done: number;
  readonly devices: readonly { readonly id: string; readonly address: string; readonly objects: readonly { readonly address: string; readonly unit?: string; readonly commandable: boolean }[] }[];
  readonly blocks: string | null;
  readonly code?: string;
  readonly text?: string;
  readonly files?: readonly { readonly name: string; readonly text: string }[];
}

describe('discovering BACnet devices, from the command line and through the API', function () {
  this.timeout(90_000);
  const rig = new Rig();

  before(async () => {
    const run = rig.tandem('simulate', 'bacnet', '--address', '127.0.73.11', '--port', String(PORT), '--devices', '2', '--instance', '500', '--change', '0');
    await until('the devices are ready', () => (run.stdout.startsWith('ready') ? true : undefined));
  });
  after(() => rig.stop());

  const tandem = async (...args: readonly string[]): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> => {
    const run = rig.tandem(...args);
    const code = await run.exit();
    return { code, stdout: run.stdout, stderr: run.stderr };
  };
  const quick = ['--wait', '400ms', '--port', String(PORT)];

  it('prints what it found, in its range', async () => {
    const { code, stdout, stderr } = await tandem('discover', 'bacnet', '--interface', 'lo', ...quick);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^instance +address +objects +name/);
    assert.match(stdout, /500 +127\.0\.73\.11:47910 +23 +virtual-500 +Tandem virtual devices virtual/);
    assert.match(stdout, /501 +127\.0\.73\.12:47910/);
    const one = await tandem('discover', 'bacnet', '--interface', '127.0.73.1', '--range', '501-600', ...quick);
    assert.doesNotMatch(one.stdout, /virtual-500/);
    const none = await tandem('discover', 'bacnet', '--interface', '127.0.73.1', '--range', '0-9', ...quick);
    assert.equal(none.code, 1);
  });

  it('turns it into a site document that is accepted, and into EDE and back', async () => {
    const ede = join(rig.folder, 'Tower_EDE.csv');
    const { stdout } = await tandem('discover', 'bacnet', '--interface', '127.0.73.1', '--yaml', '--ede', ede, ...quick);
    const document = (blocks: string): string => `site: {name: t, timezone: UTC}\nlines:\n  bacnet: {kind: bacnet-ip}\n${blocks}`;
    const { site, problems } = loadSite({ path: 'site.yaml', text: document(stdout) }, drivers);
    assert.deepEqual(problems, []);
    assert.deepEqual([site?.devices.length, site?.points.length], [2, 46]);
    assert.match(readFileSync(ede, 'utf8'), /virtual-500;500;virtual-500;8;500/);
    const back = await tandem('import', 'ede', ede);
    const imported = loadSite({ path: 'site.yaml', text: document(back.stdout) }, drivers);
    assert.deepEqual(imported.problems, []);
    assert.deepEqual(imported.site?.points.map(({ name, kind, unit }) => [name, kind, unit]), site?.points.map(({ name, kind, unit }) => [name, kind, unit]));
    const file = rig.write('site.yaml', document(stdout));
    assert.equal((await tandem('export', 'ede', '--site', file, '--out', join(rig.folder, 'again.csv'))).code, 0);
    const again = await tandem('import', 'ede', join(rig.folder, 'again.csv'));
    const third = loadSite({ path: 'site.yaml', text: document(again.stdout) }, drivers);
    assert.deepEqual(third.problems, []);
    assert.deepEqual(third.site?.points.map(({ kind, unit }) => [kind, unit]), site?.points.map(({ kind, unit }) => [kind, unit]));
  });

  it('says what is wrong', async () => {
    for (const [args, code, said] of [
      [['discover'], 2, /discover what/], [['discover', 'bacnet', '--range', '9-1'], 1, /range of device instances/], [['discover', 'bacnet', '--interface', 'no-such'], 1, /no network interface no-such .*lo/],
      [['discover', 'bacnet', '--line', 'x'], 2, /needs --site/], [['import', 'ede', 'no-such.csv'], 1, /cannot read/], [['export', 'ede', '--site', 'x'], 2, /--out/],
    ] as const) {
      const result = await tandem(...args);
      assert.equal(result.code, code, result.stderr);
      assert.match(result.stderr, said);
    }
  });

  it('runs through the API of an active node, on the sockets of its line', async () => {
    const site = rig.write('lines.yaml', `site: {name: s, timezone: UTC}\nlines: {lan: {kind: bacnet-ip, port: ${String(PORT)}}}\ndevices: {d: {driver: bacnet, line: lan, instance: 500}}\npoints: {P: {device: d, object: "AI:1"}}\n`);
    const [console = 0] = await freePorts(1);
    const url = `http://127.0.0.1:${String(console)}`;
    await answers(url, rig.node(site, { id: 'A', mode: 'independent', console, blocks: 'lines: {lan: {interface: lo}}' }));
    const call = async (method: string, path: string, body?: unknown, token = 't'): Promise<{ readonly status: number; readonly body: View }> => {
      const response = await fetch(`${url}${path}`, { method, headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
      return { status: response.status, body: (await response.json()) as View };
    };
    await until('the point is read', async () => ((await (await fetch(`${url}/api/v1/points/P`)).json()) as { quality: string }).quality === 'good' ? true : undefined);
    const request = { driver: 'bacnet', line: 'lan', options: { range: '0-1000', wait: '400ms' } };
    assert.equal((await call('POST', '/api/v1/discovery', request, 'guess')).status, 401);
    const started = await call('POST', '/api/v1/discovery', request);
    assert.deepEqual([started.status, started.body.state], [202, 'running']);
    assert.equal((await call('POST', '/api/v1/discovery', request)).body.code, 'CLIENT_LIMIT');
    const { id } = started.body;
    const done = await until('it is done', async () => {
      const { body } = await call('GET', `/api/v1/discovery/${id}`);
      return body.state === 'running' ? undefined : body;
    });
    assert.deepEqual([done.state, done.done, done.devices.map((device) => [device.id, device.address])], ['done', 2, [['500', '127.0.73.11:47910'], ['501', '127.0.73.12:47910']]]);
    assert.deepEqual(done.devices[0]?.objects.find(({ address }) => address === 'AI:1')?.unit, 'degC');
    assert.match(done.blocks ?? '', /line: lan, instance: 501/);
    // Into a configuration that is accepted, of one device only; as EDE and back; the site's own as EDE.
    const added = await call('POST', `/api/v1/discovery/${id}/document`, { devices: ['501'] });
    const merged = loadSite({ path: 'site.yaml', text: added.body.text ?? '' }, drivers);
    assert.deepEqual(merged.problems, []);
    assert.deepEqual([merged.site?.devices.map(({ name }) => name), merged.site?.points.length], [['d', 'virtual-501'], 24]);
    assert.match(added.body.text ?? '', /# can be commanded/);
    const files = await call('GET', `/api/v1/discovery/${id}/files`);
    assert.deepEqual(files.body.files?.map(({ name }) => name), ['s_EDE.csv', 's_StateTexts.csv']);
    const imported = await call('POST', '/api/v1/discovery/import', { driver: 'bacnet', line: 'lan', files: files.body.files });
    assert.deepEqual([imported.body.state, imported.body.devices.map((device) => [device.id, device.objects.length])], ['done', done.devices.map((device) => [device.id, device.objects.length])]);
    assert.equal((await call('POST', `/api/v1/discovery/${imported.body.id}/document`, { text: 'site: {name: t, timezone: UTC}\n' })).status, 200);
    assert.match((await call('GET', '/api/v1/discovery/files?driver=bacnet')).body.files?.[0]?.text ?? '', /d\.P;500;P;0;1;/);
    for (const [path, body, code] of [
      ['/api/v1/discovery/import', { driver: 'bacnet', files: [{ name: 'x.csv', text: 'no;columns' }] }, 'CONFIG_SYNTAX'], ['/api/v1/discovery/import', { driver: 'modbus-tcp', files: [{ name: 'x.csv', text: '' }] }, 'CONFIG_INVALID'], ['/api/v1/discovery/import', { driver: 'bacnet', files: [{ name: 'x.csv', text: '' }], options: { device: 'x' } }, 'CONFIG_INVALID'],
      [`/api/v1/discovery/${id}/document`, { devices: ['7'] }, 'CONFIG_REFERENCE'], [`/api/v1/discovery/${id}/document`, { text: 'a: [' }, 'CONFIG_SYNTAX'], ['/api/v1/discovery/99/document', {}, 'DISCOVERY_UNKNOWN'],
    ] as const) assert.equal((await call('POST', path, body)).body.code, code, path);
    const wide = await call('POST', '/api/v1/discovery', { driver: 'bacnet', line: 'lan', options: { wait: '30s' } });
    assert.equal((await call('DELETE', `/api/v1/discovery/${wide.body.id}`)).body.state, 'cancelled');
    for (const [wrong, code] of [[{ driver: 'modbus-tcp-x' }, 'CONFIG_REFERENCE'], [{ driver: 'bacnet', line: 'nowhere' }, 'CONFIG_REFERENCE'], [{ driver: 'bacnet', options: { colour: 'red' } }, 'CONFIG_INVALID'], [{ line: 'lan' }, 'CLIENT_MALFORMED']] as const) {
      assert.equal((await call('POST', '/api/v1/discovery', wrong)).body.code, code);
    }
    assert.equal((await call('GET', '/api/v1/discovery/99')).body.code, 'DISCOVERY_UNKNOWN');
  });
});

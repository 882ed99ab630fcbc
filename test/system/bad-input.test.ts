import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { siteForLoad } from '../../simulators/load/site-for-load.js';
import { json } from './demo-pair.js';
import { FAST_PAIR, freePorts, redundancyOf, until } from './processes.js';
import { answers, isSilent, Rig } from './rig.js';

const MANY_MISTAKES = `site: {name: broken, timezone: UTC, colour: red}
devices:
  plc: {driver: modbus-tpc, host: 127.0.0.1, port: 5020, unit: 1}
  good: {driver: modbus-tcp, host: 127.0.0.1, port: 5021, unit: 1}
points:
  A: {device: good, at: "hr:99999", type: uint16}
  B: {device: godo, at: "hr:1", type: uint16}
  C: {device: good, at: "hr:1", typ: uint16}
  D: {device: good, at: "hr:2", type: uint16}
  D: {device: good, at: "hr:3", type: uint16}
`;
/** A pair whose standby would soon act on mere silence, so that it must not is soon seen as well. */
const HASTY_PAIR = FAST_PAIR.map((line) => line.replace(/^(staleWait|connectionWait):.*/, '$1: 2s'));
const HASTY_MS = 5_000;

const urlOf = (port: number): string => `http://127.0.0.1:${String(port)}`;

describe('what goes wrong at a start, in the field and at the other node', function () {
  this.timeout(120_000);
  let rig: Rig;
  let ports: number[];

  beforeEach(async () => {
    rig = new Rig();
    ports = await freePorts(5);
  });
  afterEach(async () => rig.stop());

  const qualities = async (url: string, match: string): Promise<string[]> => {
    const { points } = await json<{ points: { quality: string }[] }>(`${url}/api/v1/points?match=${match}`);
    return [...new Set(points.map(({ quality }) => quality))];
  };

  it('names every mistake in a document with its place, ends with 2 and listens nowhere', async () => {
    const [port = 0] = ports;
    const site = rig.write('site.yaml', MANY_MISTAKES);
    const checked = rig.tandem('check', site);
    const ran = rig.node(site, { id: 'A', mode: 'independent', console: port });
    for (const run of [checked, ran]) {
      assert.equal(await run.exit(), 2, run.stderr);
      const lines = run.stderr.trim().split('\n');
      for (const line of lines) assert.match(line, /^.*\.yaml:\d+:\d+ (error|warning) CONFIG_[A-Z_]+ /);
      for (const [place, code] of [['1:37', 'CONFIG_UNKNOWN_KEY'], ['3:', 'CONFIG_REFERENCE'], ['6:', 'CONFIG_ADDRESS'], ['7:', 'CONFIG_REFERENCE'], ['8:', 'CONFIG_UNKNOWN_KEY'], ['10:', 'CONFIG_DUPLICATE']] as const) {
        assert.ok(lines.some((line) => line.includes(`site.yaml:${place}`) && line.includes(code)), `no ${code} at ${place}:\n${run.stderr}`);
      }
    }
    assert.ok(await isSilent(urlOf(port)));
  });

  it('ends with 2 for a command that there is not', async () => {
    const run = rig.tandem('fly');
    assert.equal(await run.exit(), 2);
    assert.match(run.stderr, /^USAGE: there is no command fly/);
  });

  it('says which port is taken, and leaves the data folder free', async () => {
    const site = rig.write('site.yaml', siteForLoad(5, '127.0.0.1', ports[4] ?? 0, { redundancy: FAST_PAIR }));
    const node = { id: 'A', mode: 'main', console: ports[0] ?? 0, link: ports[1] ?? 0, partner: { id: 'B', port: ports[2] ?? 0 } } as const;
    for (const taken of [node.console, node.link]) {
      const other = createServer();
      await new Promise<void>((resolve) => other.listen(taken, '127.0.0.1', resolve));
      try {
        const run = rig.node(site, node);
        assert.equal(await run.exit(), 1, run.stderr);
        assert.match(run.stderr, new RegExp(`^PORT_IN_USE: .*${String(taken)}`, 'm'));
      } finally {
        await new Promise((resolve) => other.close(resolve));
      }
    }
    const run = rig.node(site, node);
    await answers(urlOf(node.console), run);
    const second = rig.node(site, { ...node, console: ports[3] ?? 0, link: ports[4] ?? 0 });
    assert.equal(await second.exit(), 1);
    assert.match(second.stderr, /^DATA_LOCKED: /m);
    assert.equal(await run.stop(), 0, run.stderr);
  });

  it('runs on without a device that cannot be reached, and tells its points from the others', async () => {
    const plc = await rig.plc(20);
    const site = siteForLoad(20, '127.0.0.1', plc.port)
      .replace('devices:\n', `devices:\n  gone: {driver: modbus-tcp, host: 127.0.0.1, port: ${String(ports[4])}, unit: 1, timeout: 500ms}\n`)
      .replace('points:\n', 'points:\n  Gone: {device: gone, at: "hr:1", type: uint16}\n');
    const run = rig.node(rig.write('site.yaml', site), { id: 'A', mode: 'independent', console: ports[0] ?? 0 });
    const url = urlOf(ports[0] ?? 0);
    await answers(url, run);
    await until('good and bad points', async () => ((await qualities(url, 'P*')).join() === 'good' && (await qualities(url, 'Gone')).join() === 'bad (communication)' ? true : undefined));
    const { devices } = await json<{ devices: { name: string; online: boolean }[] }>(`${url}/api/v1/devices`);
    assert.deepEqual(Object.fromEntries(devices.map(({ name, online }) => [name, online])), { 'gone': false, 'load-1': true });
  });

  it('outlives a device that answers garbage, and believes it again afterwards', async () => {
    const plc = await rig.plc(20);
    const run = rig.node(rig.write('site.yaml', siteForLoad(20, '127.0.0.1', plc.port)), { id: 'A', mode: 'independent', console: ports[0] ?? 0 });
    const url = urlOf(ports[0] ?? 0);
    const fault = async (kind: string): Promise<unknown> => json(`${plc.inspection}/faults`, { method: 'POST', body: JSON.stringify({ device: 'load', fault: kind }) });
    await answers(url, run);
    for (const kind of ['garbage', 'cut-short', 'wrong-length', 'hang']) {
      await until('good values', async () => ((await qualities(url, 'P*')).join() === 'good' ? true : undefined));
      await fault(kind);
      await until(`bad values at ${kind}`, async () => ((await qualities(url, 'P*')).every((quality) => quality.startsWith('bad')) ? true : undefined));
      assert.ok(run.running);
      await fault('none');
    }
    await until('good values in the end', async () => ((await qualities(url, 'P*')).join() === 'good' ? true : undefined));
    assert.equal(await run.stop(), 0, run.stderr);
  });

  it('refuses a node of another site, says so, and never takes it for dead', async () => {
    const [consoleA = 0, consoleB = 0, linkA = 0, linkB = 0] = ports;
    const plc = await rig.plc(20);
    const text = siteForLoad(20, '127.0.0.1', plc.port, { redundancy: HASTY_PAIR });
    const main = rig.node(rig.write('site.yaml', text), { id: 'A', mode: 'main', console: consoleA, link: linkA, partner: { id: 'B', port: linkB } });
    await until('the main is active on its own', async () => ((await redundancyOf(urlOf(consoleA)))?.self.role === 'active' ? true : undefined), 60_000);
    // (One with another configuration takes the pair's: test/system/configuration.test.ts.)
    for (const [what, other, reason] of [['site', text.replace('name: load', 'name: elsewhere'), /belongs to site/]] as const) {
      const backup = rig.node(rig.write(`other-${what}.yaml`, other), { id: 'B', mode: 'backup', console: consoleB, link: linkB, partner: { id: 'A', port: linkA }, data: what });
      for (const port of [consoleA, consoleB]) {
        await until(`refused for its ${what} at ${String(port)}`, async () => {
          const sync = (await redundancyOf(urlOf(port)))?.sync;
          return sync?.state === 'refused' && reason.test(sync.reason ?? '') ? true : undefined;
        });
      }
      // Longer than silence would need to become a takeover.
      const end = performance.now() + HASTY_MS;
      await until('the time of watching is over', async () => {
        const [a, b] = await Promise.all([consoleA, consoleB].map(async (port) => redundancyOf(urlOf(port))));
        assert.deepEqual([a?.self.role, b?.self.role === 'active', b?.sync.state], ['active', false, 'refused']);
        return performance.now() > end ? true : undefined;
      }, HASTY_MS * 4, 100);
      assert.equal(await backup.stop(), 0, backup.stderr);
    }
    assert.equal(await main.stop(), 0, main.stderr);
  });
});

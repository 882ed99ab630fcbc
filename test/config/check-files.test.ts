import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkFiles, formatProblem, loadPair } from '../../src/config/index.js';
import type { DriverModule, Problem } from '../../src/contract/index.js';
import { fakeDriver, modules, siteWith, type FakeDevice } from './fake-driver.js';

const site = siteWith(`lines: {bms: {kind: fake-ip, port: 47808}}
devices: {d: {driver: fake, host: h, line: bms}, e: {driver: fake, host: h}}
points: {a: {device: d, at: "num:1"}}
`);
const nodeA = `node: {id: A, mode: main, data: a, listen: {console: "10.0.0.1:80"}}
partners: [{symbol: B, address: 10.0.0.2, port: 8099}]
lines: {bms: {address: 10.0.0.1}}
field: {address: 10.9.0.1}
`;
const nodeB = `node: {id: B, mode: backup, data: b, listen: {console: "10.0.0.2:80"}}
partners: [{symbol: A, address: 10.0.0.1, port: 8099}]
lines: {bms: {address: 10.0.0.2}}
`;

describe('config: files', () => {
  let folder = '';
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tandem-config-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const texts = (problems: readonly Problem[]): string[] => problems.map((problem) => formatProblem(problem).replace(join(folder, '/'), ''));

  it('tells site and node documents apart, in any order', () => {
    const paths = [write('b.yaml', nodeB), write('site.yaml', site), write('a.yaml', nodeA)];
    const checked = checkFiles(paths, modules, 0);
    assert.deepEqual(texts(checked.problems), []);
    assert.deepEqual(checked.documents.map(({ kind }) => kind), ['node', 'site', 'node']);
    assert.deepEqual(checked.nodes.map(({ id }) => id), ['B', 'A']);
    assert.equal(checked.sites[0]?.name, 'test');
  });

  it('reports files that are missing, or neither', () => {
    const checked = checkFiles([join(folder, 'none.yaml'), write('odd.yaml', 'points: {}\n'), write('broken.yaml', 'site: [\n')], modules, 0);
    const [missing, ...others] = texts(checked.problems);
    assert.match(missing ?? '', /^none\.yaml:1:1 error CONFIG_FILE: cannot be read: ENOENT/);
    assert.equal(others[0], 'odd.yaml:1:1 error CONFIG_FILE: neither a site document (`site:` at its top) nor a node document (`node:`)');
    assert.match(others[1] ?? '', /^broken\.yaml:2:1 error CONFIG_SYNTAX/);
    assert.deepEqual(checked.documents.map(({ kind }) => kind), ['site'], 'a broken document is still a site document');
    assert.deepEqual(checked.sites, []);
  });

  it('checks the plugs of each node against the site', () => {
    const paths = [write('site.yaml', site), write('a.yaml', nodeA.replace('bms:', 'bmz:')), write('b.yaml', nodeB.replace(/lines.*\n/, ''))];
    assert.deepEqual(texts(checkFiles(paths, modules, 0).problems), [
      "a.yaml:3:1 error CONFIG_REFERENCE lines.bms: the site's line `bms` is not plugged in here: say where, or write {} for the default",
      'a.yaml:3:9 error CONFIG_REFERENCE lines.bmz: the site has no line `bmz`; did you mean `bms`?',
      "b.yaml:1:1 error CONFIG_REFERENCE lines.bms: the site's line `bms` is not plugged in here: say where, or write {} for the default",
    ]);
  });

  it('names the node that a driver objects to', () => {
    const picky: DriverModule<FakeDevice, string> = {
      ...fakeDriver(),
      parseDevice: (_raw, { problems, plug }) => {
        if (plug?.address === '10.0.0.2') problems.error('CONFIG_ADDRESS', 'no such address', ['line']);
        return undefined;
      },
    };
    const paths = [write('site.yaml', site), write('a.yaml', nodeA), write('b.yaml', nodeB)];
    const { problems } = checkFiles(paths, [picky], 0);
    assert.deepEqual(texts(problems), ['site.yaml:3:44 error CONFIG_ADDRESS devices.d.line: no such address (on node B)']);
  });

  it('checks two nodes against each other', () => {
    const check = (b: string): string[] => texts(checkFiles([write('a.yaml', nodeA), write('b.yaml', b)], modules, 0).problems);
    assert.deepEqual(check(nodeB.replace('backup', 'main')), ['b.yaml:1:21 error CONFIG_CLASH node.mode: both nodes are main: a pair is one main and one backup']);
    assert.deepEqual(check(nodeB.replace('id: B', 'id: C').replace('port: 8099', 'port: 9000')), [
      'a.yaml:2:21 error CONFIG_REFERENCE partners[0].symbol: the other node is called `C`',
      'b.yaml:2:49 error CONFIG_REFERENCE partners[0].port: the link of A listens on port 8099',
    ]);
  });

  it('loads the pair that a node runs, with its plugs', () => {
    const pair = loadPair(write('site.yaml', `\uFEFF${site}`), write('a.yaml', nodeA), modules, 0);
    assert.deepEqual(texts(pair.problems), []);
    assert.equal(pair.node?.data, join(folder, 'a'));
    const devices = pair.site?.devices.map(({ settings }) => settings as FakeDevice) ?? [];
    assert.deepEqual(devices[0], { host: 'h', plug: { address: '10.0.0.1' }, line: { kind: 'fake-ip', port: 47808 } });
    assert.deepEqual(devices[1], { host: 'h', plug: { address: '10.9.0.1' }, line: undefined });
    const other = loadPair(join(folder, 'site.yaml'), write('b.yaml', nodeB), modules, 0);
    assert.equal(other.site?.revision, pair.site?.revision);
    assert.equal((other.site?.devices[1]?.settings as FakeDevice).plug, undefined);
  });

  it('tells what is wrong with both documents of a pair', () => {
    const pair = loadPair(write('site.yaml', site.replace('num:1', 'x')), write('a.yaml', nodeA.replace('main', 'man')), modules, 0);
    assert.equal(pair.site, undefined);
    assert.equal(pair.node, undefined);
    assert.deepEqual(texts(pair.problems).map((problem) => problem.split(': ')[0]), ['site.yaml:4:29 error CONFIG_ADDRESS points.a.at', 'a.yaml:1:21 error CONFIG_INVALID node.mode']);
  });
});

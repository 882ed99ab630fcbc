import assert from 'node:assert/strict';
import { compareHistory, compareNodes, ordered } from '../../src/redundancy/verify/compare.js';
import type { NodeFacts } from '../../src/redundancy/verify/facts.js';

function facts(node: string, more: Partial<NodeFacts> = {}): NodeFacts {
  const main = node === 'A';
  return {
    node,
    role: main ? 'active' : 'standby',
    site: 'hospital',
    url: `http://10.0.0.${main ? 1 : 2}:8080`,
    link: { host: '0.0.0.0', port: 8099 },
    consoleAt: { host: '0.0.0.0', port: 8080 },
    partner: { symbol: main ? 'B' : 'A', address: main ? '10.0.0.2' : '10.0.0.1', port: 8099 },
    versions: { Tandem: '0.1.0', 'driver bacnet': '1.0.0' },
    configuration: { revision: 'r1', number: 4, digest: 'd' },
    sections: { points: 'p', logic: 'l' },
    console: 'c',
    settings: { pingRateMs: '250' },
    devices: [{ name: 'plc', state: 'reachable', why: '' }],
    database: { name: '/data', state: 'reachable', why: '' },
    network: [{ name: 'witness', state: 'reachable', why: '' }],
    warnings: [],
    ...more,
  };
}

const texts = (own: NodeFacts, theirs: NodeFacts, changes: readonly string[] = []): string[] => compareNodes(own, theirs, changes).map(({ part, severity, text }) => `${severity} ${part}: ${text}`);

describe('verify: comparing two nodes', () => {
  it('finds nothing in a pair that is as it should be', () => {
    assert.deepEqual(texts(facts('A'), facts('B')), []);
  });

  const cases: [what: string, own: Partial<NodeFacts>, theirs: Partial<NodeFacts>, changes: readonly string[], expected: RegExp][] = [
    ['another configuration, with the definitions', {}, { configuration: { revision: 'r0', number: 3, digest: 'e' } }, ['alarms.High changed'], /^difference configuration: node A runs number 4 \(r1\), node B runs number 3 \(r0\): alarms\.High changed$/],
    ['a site file that waits', {}, { candidate: '/etc/site.yaml' }, [], /^difference configuration: the site file \/etc\/site\.yaml of node B/],
    ['another program in the logic', {}, { sections: { points: 'p', logic: 'other' } }, [], /^difference logic: section `logic`/],
    ['screens on one node only', { sections: { points: 'p', logic: 'l', screens: 's' } }, {}, [], /^difference screens: section `screens`/],
    ['another build of the console', {}, { console: 'other' }, [], /^difference screens: the web console/],
    ['a setting of before', { settings: { pingRateMs: '100' } }, {}, [], /^difference settings: setting pingRateMs is 100 on node A and 250 on node B/],
    ['another version', {}, { versions: { Tandem: '0.2.0', 'driver bacnet': '1.0.0' } }, [], /^difference version: Tandem: 0\.1\.0 on node A, 0\.2\.0 on node B$/],
    ['a driver that one node lacks', { versions: { Tandem: '0.1.0' } }, {}, [], /^difference version: driver bacnet: absent on node A/],
    ['another site name', {}, { site: 'school' }, [], /^difference names: node A belongs to hospital/],
    ['a partner by another name', { partner: { symbol: 'X', address: '10.0.0.2', port: 8099 } }, {}, [], /^difference names: node A calls its partner X; it calls itself B$/],
    ['a link port that is not where the other one listens', {}, { link: { host: '', port: 9000 } }, [], /^difference ports: node A looks for the link of node B at port 8099; it listens on 9000$/],
    ['a second path on one side', {}, { heartbeat: { host: '', port: 8100 } }, [], /^difference ports: node B listens on a second path that node A does not use$/],
    ['a console that says another port', {}, { url: 'https://b.example' }, [], /^warning ports: the console of node B listens on port 8080, and its url says 443/],
    ['a device that the standby does not reach', {}, { devices: [{ name: 'plc', state: 'unreachable', why: 'timeout' }] }, [], /^difference device: device plc cannot be reached from node B: timeout$/],
    ['a device that it must not touch', {}, { devices: [{ name: 'plc', state: 'unchecked', why: 'exclusive: no' }] }, [], /^unchecked device: device plc: not checked, exclusive/],
    ['a witness that one node does not reach', { network: [{ name: 'witness', state: 'unreachable', why: 'it does not answer' }] }, {}, [], /^difference network: witness cannot be reached from node A/],
    ['a database that does not take what is written', {}, { database: { name: '/data', state: 'unreachable', why: 'full' } }, [], /^difference database: database \/data cannot be reached from node B: full$/],
    ['what a node warns of', { warnings: [{ part: 'address', text: 'device plc is at localhost' }] }, {}, [], /^warning address: device plc is at localhost$/],
  ];
  for (const [what, own, theirs, changes, expected] of cases) {
    it(`names ${what}`, () => {
      const found = texts(facts('A', own), facts('B', theirs), changes);
      assert.equal(found.length, 1, found.join('\n'));
      assert.match(found[0]!, expected);
    });
  }

  it('a device of the active node says nothing about the one that would take over', () => {
    assert.deepEqual(texts(facts('A', { devices: [{ name: 'plc', state: 'unreachable', why: '' }] }), facts('B')), []);
    assert.match(texts(facts('A'), facts('B', { role: 'starting' }))[0]!, /^unchecked device: neither node is standby/);
  });

  it('names points and days in which stored history differs', () => {
    const day = 86_400_000;
    const own = { node: 'A', digests: [['P', [[0, 3, 'x'], [day, 2, 'y']]], ['Q', [[0, 1, 'q']]]] as [string, [number, number, string][]][] };
    const theirs = { node: 'B', digests: [['P', [[0, 3, 'x'], [day, 1, 'z']]]] as [string, [number, number, string][]][] };
    assert.deepEqual(compareHistory(own, theirs).map(({ finding }) => finding.text), [
      'history of P differs on 1970-01-02 (2 samples on node A, 1 on node B)',
      'history of Q differs on 1970-01-01 (1 samples on node A, 0 on node B)',
    ]);
    assert.deepEqual(compareHistory(own, { node: 'B', digests: own.digests }), []);
  });

  it('puts differences first and says each thing once', () => {
    const warning = { part: 'address', severity: 'warning', text: 'w' } as const;
    assert.deepEqual(ordered([warning, { part: 'device', severity: 'difference', text: 'd' }, warning]).map(({ text }) => text), ['d', 'w']);
  });
});

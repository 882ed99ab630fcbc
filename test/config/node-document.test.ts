import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { formatProblem, loadNode, loadSite } from '../../src/config/index.js';

const problemsOf = (text: string): string[] => loadNode({ path: '/etc/tandem/node.yaml', text }, 0).problems.map(formatProblem);
const inNode = (problem: string): string => `/etc/tandem/node.yaml:${problem}`;

const main = `node: {id: A, mode: main, data: data, listen: {console: "10.0.0.1:8080"}}
partners: [{symbol: B, address: 10.0.0.2, port: 8099}]
`;

describe('config: node document', () => {
  it('has defaults, and a data folder beside itself', () => {
    const { node, problems } = loadNode({ path: '/etc/tandem/node.yaml', text: main }, 0);
    assert.deepEqual(problems, []);
    assert.deepEqual(node?.config, {
      id: 'A', mode: 'main', data: resolve('/etc/tandem/data'),
      console: { host: '10.0.0.1', port: 8080 }, link: { host: '0.0.0.0', port: 8099 }, url: 'http://10.0.0.1:8080',
      partner: { symbol: 'B', address: '10.0.0.2', port: 8099 },
    });
    assert.equal(node.field, undefined);
  });

  it('reads every key', () => {
    const { node } = loadNode({ path: 'node.yaml', text: `node: {id: B, mode: backup, data: /var/lib/tandem, listen: {console: "[::]:80", link: "10.0.0.2:9000"}, url: "https://b.example/", token: secret, priority: 3}
partners: [{symbol: A, address: a.example, port: 9000}]
lines: {bms: {interface: eno1, deviceInstance: 5, bbmd: {host: 10.0.0.9}}, bus: {port: COM3}}
field: {address: 10.0.0.2}
` }, 0);
    assert.deepEqual(node?.config, {
      id: 'B', mode: 'backup', data: resolve('/var/lib/tandem'), console: { host: '::', port: 80 }, link: { host: '10.0.0.2', port: 9000 },
      url: 'https://b.example', token: 'secret', priority: 3, partner: { symbol: 'A', address: 'a.example', port: 9000 },
    });
    assert.deepEqual([...node.lines], [['bms', { interface: 'eno1', deviceInstance: 5, bbmd: { host: '10.0.0.9' } }], ['bus', { port: 'COM3' }]]);
    assert.deepEqual(node.field, { address: '10.0.0.2' });
  });

  it('may be of a node that only reads', () => {
    const text = (partners: string): string => `node: {id: C, mode: reader, data: d, listen: {console: "10.0.0.5:80"}}\npartners: [${partners}]\n`;
    const a = '{symbol: A, address: 10.0.0.1, port: 8099}';
    const b = '{symbol: B, address: 10.0.0.2, port: 8099}';
    const { node, problems } = loadNode({ path: 'node.yaml', text: text(`${a}, ${b}`) }, 0);
    assert.deepEqual(problems, []);
    assert.deepEqual([node?.config.mode, node?.config.partner?.symbol, node?.config.otherPartner?.symbol], ['reader', 'A', 'B']);
    // It has no field, and needs to know of none.
    const site = 'site: {name: s, timezone: UTC}\nlines: {lan: {kind: bacnet-ip}}\n';
    assert.deepEqual(loadSite({ path: 'site.yaml', text: site }, [], node).problems.map(formatProblem), ['site.yaml:2:9 warning CONFIG_REFERENCE lines.lan: no device uses this line']);
    assert.match(problemsOf(text(a))[0] ?? '', /warning CONFIG_INVALID partners: name both nodes of the pair/);
    assert.match(problemsOf(text(''))[0] ?? '', /error CONFIG_INVALID partners: `partners` is missing: a reader needs the address of both nodes/);
  });

  it('is told what cannot go together with the site\'s virtual address', () => {
    const site = 'site: {name: s, timezone: UTC, virtualAddress: 10.0.0.10/24}\n';
    const onNode = (text: string): string[] => {
      const { node } = loadNode({ path: 'node.yaml', text }, 0);
      return loadSite({ path: 'site.yaml', text: site }, [], node).problems.map(formatProblem);
    };
    assert.deepEqual(onNode(main), ['node.yaml:1:57 warning CONFIG_INVALID node.listen.console: the console listens on 10.0.0.1 only: clients of the virtual address 10.0.0.10 reach nothing; listen on 0.0.0.0']);
    assert.deepEqual(onNode('node: {id: A, mode: main, data: d, listen: {console: "0.0.0.0:80", link: "10.0.0.10:8099"}}\npartners: [{symbol: B, address: 10.0.0.10, port: 8099}]'), [
      'node.yaml:1:74 error CONFIG_CLASH node.listen.link: 10.0.0.10 is the site\'s virtual address: this node has it only while it is active',
      'node.yaml:2:33 error CONFIG_CLASH partners[0].address: 10.0.0.10 is the site\'s virtual address, and not the other node\'s own',
    ]);
    assert.deepEqual(loadSite({ path: 'site.yaml', text: site }, []).site?.virtualAddress, { address: '10.0.0.10', prefix: 24 });
    assert.deepEqual(loadSite({ path: 'site.yaml', text: site.replace('/24', '') }, []).problems.map(formatProblem), [
      'site.yaml:1:48 error CONFIG_INVALID site.virtualAddress: must be an address with the length of its network: 10.20.0.10/24, fd00:20::10/64 (found "10.0.0.10")',
    ]);
    const read = (address: string): object | undefined => loadSite({ path: 'site.yaml', text: site.replace('10.0.0.10/24', `"${address}"`) }, []).site?.virtualAddress;
    assert.deepEqual(read('FD00:0020:0::0010/64'), { address: 'fd00:20::10', prefix: 64 });
    for (const wrong of ['fe80::1/64', '::1/128', '::/1', '::ffff:10.0.0.10/120', 'ff02::1/16', 'fd00::1/129', 'fd00::1', 'fd00::1%eth0/64', '10.0.0.10/33']) assert.equal(read(wrong), undefined, wrong);
    const six = site.replace('10.0.0.10/24', '"fd00::10/64"');
    const ofSix = (host: string): string[] => loadSite({ path: 'site.yaml', text: six }, [], loadNode({ path: 'node.yaml', text: `node: {id: A, mode: main, data: d, listen: {console: "${host}:80", link: "10.0.0.1:8099"}}\npartners: [{symbol: B, address: 10.0.0.2, port: 8099}]` }, 0).node).problems.map(formatProblem);
    assert.match(ofSix('0.0.0.0').join(), /clients of the virtual address fd00::10 reach nothing; listen on \[::\]/);
    assert.deepEqual(ofSix('[::]'), []);
  });

  it('makes an address for browsers', () => {
    const url = (console: string): string | undefined =>
      loadNode({ path: 'n.yaml', text: `node: {id: A, mode: independent, data: d, listen: {console: "${console}"}}` }, 0).node?.config.url;
    assert.equal(url('0.0.0.0:8080'), 'http://127.0.0.1:8080');
    assert.equal(url('[::]:8080'), 'http://127.0.0.1:8080');
    assert.equal(url('[fd00::1]:8080'), 'http://[fd00::1]:8080');
  });

  const cases: readonly (readonly [title: string, text: string, ...problems: string[]])[] = [
    ['everything at once', 'node: {id: "A B", mod: main, data: "", listen: {console: 8080, link: "x", prot: 1}, url: nowhere}\npartners: [{symbol: B, adress: x, port: 0}]\npoints: {}\nparters: []\n',
      '1:1 error CONFIG_INVALID node.mode: `mode` is missing: it must be one of independent, main, backup, reader',
      '1:12 error CONFIG_INVALID node.id: must be 1 to 16 letters, digits, _ or - (found "A B")',
      '1:19 error CONFIG_UNKNOWN_KEY node.mod: there is no key `mod` here; did you mean `mode`?',
      '1:36 error CONFIG_INVALID node.data: must not be empty (found "")',
      '1:58 error CONFIG_INVALID node.listen.console: must be "host:port" (found 8080)',
      '1:70 error CONFIG_INVALID node.listen.link: must be "host:port" or a port (found "x")',
      '1:75 error CONFIG_UNKNOWN_KEY node.listen.prot: there is no key `prot` here',
      '1:90 error CONFIG_INVALID node.url: must be an address like http://10.20.0.1:8080 (found "nowhere")',
      '2:12 error CONFIG_INVALID partners[0].address: `address` is missing: it must be a text (quote it if it looks like a number)',
      '2:24 error CONFIG_UNKNOWN_KEY partners[0].adress: there is no key `adress` here; did you mean `address`?',
      '2:41 error CONFIG_INVALID partners[0].port: must be at least 1 (found 0)',
      '3:1 error CONFIG_UNKNOWN_KEY points: `points` belongs to the site document, which is the same on both nodes',
      '4:1 error CONFIG_UNKNOWN_KEY parters: there is no key `parters` here; did you mean `partners`?'],
    ['a main without partner', main.replace(/partners.*\n/, ''), '1:1 error CONFIG_INVALID partners: `partners` is missing: a main needs the address of the other node'],
    ['a second partner', main.replace(']', ', {symbol: C, address: 10.0.0.3, port: 8099}]'), '2:56 error CONFIG_INVALID partners[1]: only one partner is supported yet'],
    ['an independent node with partner', main.replace('main', 'independent'), '2:1 error CONFIG_INVALID partners: an independent node has no partners: leave them out, or choose mode main or backup'],
    ['ports that meet', main.replace('console: "10.0.0.1:8080"', 'console: "10.0.0.1:8099"'), '1:39 error CONFIG_CLASH node.listen.link: console and link cannot both listen on port 8099'],
    ['itself as partner', main.replace('symbol: B', 'symbol: A'), '2:21 error CONFIG_CLASH partners[0].symbol: `A` is this node itself: give the symbol of the other one'],
    ['its own address as partner', main.replace('address: 10.0.0.2', 'address: localhost'), '2:33 error CONFIG_CLASH partners[0].address: this is the own address of this node'],
    ['a local partner of a node that listens for others', main.replace('address: 10.0.0.2, port: 8099', 'address: localhost, port: 8199'),
      '2:33 warning CONFIG_INVALID partners[0].address: the partner is said to be on this very machine (localhost), but the link listens for others'],
    ['a console that others cannot find', main.replace('10.0.0.1:8080', '0.0.0.0:8080'),
      '1:57 warning CONFIG_INVALID node.listen.console: clients on other machines cannot follow http://127.0.0.1:8080: set `url` to how they reach this node'],
    ['plugs', `${main}lines: {l: {serial: COM1}}\nfield: {interface: eno1}\n`,
      '3:13 error CONFIG_UNKNOWN_KEY lines.l.serial: there is no key `serial` here',
      '4:9 error CONFIG_UNKNOWN_KEY field.interface: there is no key `interface` here'],
    ['an address and an interface', `${main}lines: {l: {address: 10.0.0.1, interface: eno1}}\n`, '3:43 error CONFIG_CLASH lines.l.interface: give the `address` or the `interface`, not both'],
    ['what is no mapping', '- node\n', '1:1 error CONFIG_INVALID: a node document is a block of keys that begins with `node:`'],
    ['syntax', 'node: {\n', '2:1 error CONFIG_SYNTAX: Flow map in block collection must be sufficiently indented and end with a }'],
  ];

  for (const [title, text, ...expected] of cases) {
    it(title, () => assert.deepEqual(problemsOf(text), expected.map(inNode)));
  }
});

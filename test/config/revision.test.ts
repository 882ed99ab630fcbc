import assert from 'node:assert/strict';
import { siteOf, siteWith } from './fake-driver.js';

const rest = `devices: {d: {driver: fake, host: h}}
points:
  a: {device: d, at: "num:1", unit: kW}
  b: {device: d, at: "num:2"}
alarms: {x: {point: a, high: 1}}
trends: [{points: [a, b]}]
`;
const revision = (text: string): string => siteOf(text).revision;
const original = revision(siteWith(rest));

describe('config: revision of a site', () => {
  it('is 16 hexadecimal digits', () => assert.match(original, /^[0-9a-f]{16}$/));

  it('does not depend on comments, layout, quotes or the order of keys within a block', () => {
    const same = `# a comment
trends:
  - points:
      - a          # another
      - "b"
alarms: {x: {high: 1.0, point: 'a'}}
points:
  a:
    unit: kW
    device: d
    at: num:1
  b: {at: 'num:2', device: d}
devices:
  d: {host: h, driver: fake}
site:
  timezone: Europe/Berlin
  name: test
`;
    assert.equal(revision(same), original);
  });

  it('does not depend on whether points are written or made by a template', () => {
    const templated = rest.replace('  b: {device: d, at: "num:2"}\n', 'templates: {t: {"{p}": {device: d, at: "num:{n}"}}}\nuse: [{template: t, p: b, n: 2}]\n');
    assert.notEqual(templated, rest);
    assert.equal(revision(siteWith(templated)), original);
  });

  for (const [what, from, to] of [
    ['a value', 'high: 1', 'high: 2'],
    ['a unit', 'unit: kW', 'unit: MW'],
    ['an address', 'num:2', 'num:3'],
    ['a device', 'host: h', 'host: g'],
    ['a name', '  b:', '  c:'],
    ['a trend', '[a, b]', '[a]'],
    ['the zone', 'Europe/Berlin', 'Europe/Paris'],
    ['a setting', 'alarms:', 'redundancy: {missedPings: 4}\nalarms:'],
    ['a line', 'alarms:', 'lines: {l: {kind: k}}\nalarms:'],
    ['the order of points', '  a: {device: d, at: "num:1", unit: kW}\n  b: {device: d, at: "num:2"}\n', '  b: {device: d, at: "num:2"}\n  a: {device: d, at: "num:1", unit: kW}\n'],
  ] as const) {
    it(`changes with ${what}`, () => {
      const changed = siteWith(rest).replace(from, to).replace(what === 'a name' ? '[a, b]' : '\0', '[a, c]');
      assert.notEqual(changed, siteWith(rest));
      assert.notEqual(revision(changed), original);
    });
  }

});

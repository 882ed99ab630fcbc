import assert from 'node:assert/strict';
import { parse } from 'yaml';
import { drivers } from '../../../drivers/index.js';
import { loadSite } from '../../../src/config/index.js';
import type { Network } from '../../../src/contract/network.js';
import { changeMs, LoadPlc, unitsFor } from '../../../simulators/load/load-plc.js';
import { loadPoint, siteForLoad, writablePoint } from '../../../simulators/load/site-for-load.js';
import { VirtualPlc } from '../../../simulators/modbus-plc/index.js';
import { seededRandom, VirtualClock } from '../../../simulators/virtual-time/index.js';
import { expand, type DemoDocument } from '../building/demo-site.js';

function makePlc(time: VirtualClock): VirtualPlc {
  return new VirtualPlc({ network: {} as Network, clock: time, timers: time, random: seededRandom(1) });
}

describe('load: the PLC and its site document', () => {
  it('changes every register ten times a second, in all units', async () => {
    const time = new VirtualClock();
    const plc = makePlc(time);
    const load = new LoadPlc(plc, 25_000);
    load.start(time);
    const all = (): number[] => [...plc.unit(1).get('hr', 0, 10_000), ...plc.unit(2).get('hr', 0, 10_000), ...plc.unit(3).get('hr', 0, 5_000)];
    const before = all();
    await time.advance(changeMs);
    assert.deepEqual(all(), before.map((value) => (value + 1) & 0xffff));
    assert.equal(plc.units.size, 3);
    load.stop();
    assert.equal(time.pending, 0);
  });

  for (const points of [1, 1_050, 10_000, 10_001, 50_000]) {
    it(`lays out ${points} points over ${unitsFor(points)} units as the PLC fills them`, () => {
      const site = parse(siteForLoad(points, '127.0.0.1', 5021)) as Partial<DemoDocument> & Pick<DemoDocument, 'points' | 'devices'>;
      const places = new Map(expand({ templates: {}, use: [], ...site }).map(({ name, device, at }) => [name, `${site.devices[device]?.unit ?? 0} ${withoutZeros(at)}`]));
      assert.equal(places.size, points + 100);
      for (let index = 0; index < points; index++) {
        assert.equal(places.get(loadPoint(index)), `${Math.floor(index / 10_000) + 1} hr:${index % 10_000}`);
      }
      assert.equal(places.get(writablePoint(99)), '1 hr:20099');
    });
  }

  it('is a document that the gateway accepts and reads alike', () => {
    const text = siteForLoad(250, '127.0.0.1', 5021, { redundancy: ['failoverTime: 1s', 'pingRate: 100ms'] });
    const { problems, site } = loadSite({ path: 'load.yaml', text }, drivers);
    assert.deepEqual(problems.filter(({ severity }) => severity === 'error'), []);
    const addresses = new Map(site?.devices[0]?.points.map((point) => [point.name, point.address as { offset: number }]));
    assert.equal(addresses.size, 350);
    assert.deepEqual(['P00007', 'P00107', 'P00249', 'W000'].map((name) => addresses.get(name)?.offset), [7, 107, 249, 20_000]);
  });
});

/** `hr:0007` and `hr:7` are one register. */
function withoutZeros(at = ''): string {
  const [area = '', offset] = at.split(':');
  return `${area}:${Number(offset)}`;
}

import assert from 'node:assert/strict';
import { bacnet } from '../../../drivers/bacnet/index.js';
import { discover, type DiscoverOptions, type FoundDevice } from '../../../drivers/bacnet/discover.js';
import { exportEde, importEde } from '../../../drivers/bacnet/ede.js';
import { devicesOfSite } from '../../../drivers/bacnet/ede-of-site.js';
import { siteBlocks } from '../../../drivers/bacnet/site-blocks.js';
import { loadSite } from '../../../src/config/index.js';
import type { VirtualBacnetDevice } from '../../../simulators/bacnet-device/index.js';
import { BacnetWorld, LINE } from './world.js';

const PLUG = { address: '10.0.0.1', port: LINE.port, linePort: LINE.port, broadcast: '10.0.0.255' };

function fill(device: VirtualBacnetDevice): void {
  device.addObject({ type: 'AI', instance: 1, name: 'SaT', units: 62, description: 'Supply air; "after" coil' });
  device.addObject({ type: 'AV', instance: 2, name: 'SaT {Sp}', units: 62 });
  device.addObject({ type: 'AV', instance: 3, name: 'Sum', commandable: false, units: 95 });
  device.addObject({ type: 'BO', instance: 4, name: 'Fan', stateTexts: ['stop', 'run'] });
  device.addObject({ type: 'MV', instance: 5, name: 'Mode', stateTexts: ['off', 'auto', 'hand'] });
}

async function all(world: BacnetWorld, options: DiscoverOptions = {}): Promise<FoundDevice[]> {
  const found: FoundDevice[] = [];
  const read = async (): Promise<void> => {
    for await (const device of discover(world.host, PLUG, options)) found.push(device);
  };
  await world.time.advanceWhile(read(), 600_000);
  return found;
}

describe('BACnet discovery', () => {
  it('reads names, units, state texts and what can be commanded', async () => {
    const world = new BacnetWorld();
    fill(await world.device('10.0.0.11', { instance: 1200, name: 'AHU roof' }));
    await world.device('10.0.0.12', { instance: 7 });
    const [empty, roof] = await all(world);
    assert.deepEqual({ ...empty, vendor: '', model: '' }, { instance: 7, peer: { host: '10.0.0.12', port: LINE.port }, name: 'device-7', vendor: '', model: '', objects: [], problems: [] });
    assert.deepEqual(roof!.problems, []);
    assert.deepEqual(roof!.objects.map(({ name, units, states, commandable }) => [name, units, states?.join(), commandable]), [
      ['SaT', 62, undefined, false], ['SaT {Sp}', 62, undefined, true], ['Sum', 95, undefined, false], ['Fan', undefined, 'stop,run', true], ['Mode', undefined, 'off,auto,hand', true],
    ]);
    assert.equal(roof!.objects[0]!.description, 'Supply air; "after" coil');
  });

  it('reads object lists in segments, or entry by entry, and without ReadPropertyMultiple', async () => {
    for (const segmentation of ['both', 'none'] as const) {
      const world = new BacnetWorld();
      const device = await world.device('10.0.0.11', { instance: 5, maxApdu: 128, segmentation });
      for (let instance = 0; instance < 60; instance++) device.addObject({ type: 'AI', instance });
      if (segmentation === 'none') device.faults.unknownServices.add(14);
      const [found] = await all(world, { waitMs: 100 });
      assert.equal(found!.objects.length, 60);
      assert.deepEqual(found!.objects[59]!.object, { type: 0, instance: 59 });
      assert.deepEqual([found!.problems, device.complaints], [[], []]);
    }
  });

  it('keeps to its ranges, tells of two devices with one instance and of one that falls silent', async () => {
    const world = new BacnetWorld();
    fill(await world.device('10.0.0.11', { instance: 5 }));
    await world.device('10.0.0.12', { instance: 5 });
    await world.device('10.0.0.13', { instance: 400 });
    const [only, ...more] = await all(world, { ranges: [[0, 99], [100, 199]], waitMs: 100 });
    assert.deepEqual(more, []);
    assert.match(only!.problems[0]!, /answers for instance 5 too/);
    world.lan.filter = (data, from) => from.host !== '10.0.0.13' || data[6] === 0x10; // I-Am and nothing else
    const [silent] = await all(world, { ranges: [[400, 400]], waitMs: 100, timeoutMs: 100, retries: 0 });
    assert.match(silent!.problems[0]!, /did not answer/);
  });

  it('becomes a site document that is accepted as it is', async () => {
    const world = new BacnetWorld();
    fill(await world.device('10.0.0.11', { instance: 1200, name: 'AHU roof' }));
    fill(await world.device('10.0.0.12', { instance: 1201, name: 'AHU roof', route: { network: 20, mac: '05' } }));
    const found = (await all(world, { waitMs: 100 }));
    const text = `site: {name: t, timezone: Europe/Zurich}\nlines:\n  lan: {kind: bacnet-ip}\n${siteBlocks(found, 'lan')}`;
    const { site, problems } = loadSite({ path: 'site.yaml', text }, [bacnet]);
    assert.deepEqual(problems, [], text);
    assert.deepEqual(site!.devices.map(({ name, points }) => [name, points.length]), [['AHU roof', 5], ['AHU roof-2', 5]]);
    assert.deepEqual(site!.points.filter(({ device }) => device === 'AHU roof').map(({ name, unit, states }) => [name, unit ?? states?.join()]), [
      ['AHU roof.SaT', 'degC'], ['AHU roof.SaT _Sp_', 'degC'], ['AHU roof.Sum', undefined], ['AHU roof.Fan', 'stop,run'], ['AHU roof.Mode', 'off,auto,hand'],
    ]);
    assert.equal(text.match(/can be commanded/g)?.length, 6);
  });

  it('goes into EDE files and comes back', async () => {
    const world = new BacnetWorld();
    fill(await world.device('10.0.0.11', { instance: 1200, name: 'AHU roof' }));
    const [{ instance, name, objects }] = (await all(world, { waitMs: 100 })) as [FoundDevice];
    const files = exportEde([{ instance, name, objects, problems: [] }], 'Tower', 'me', 0);
    assert.match(files.ede, /^PROJECT_NAME;Tower\r$/m);
    assert.deepEqual(importEde(files), [{ instance, name, objects, problems: [] }]);
    assert.deepEqual(importEde({ ede: '# keyname,device obj.-instance,object-name,object-type,object-instance\nk,5,Room,0,1\nk,5,Cal,6,1\n', stateTexts: '' }), [
      { instance: 5, name: 'device-5', problems: [], objects: [{ object: { type: 0, instance: 1 }, name: 'Room', commandable: false }] },
    ]);
    // As people write it, whatever the way, the file has the number.
    const written = `site: {name: t, timezone: UTC}\nlines: {lan: {kind: bacnet-ip}}\ndevices: {d: {driver: bacnet, line: lan, instance: 5}}\npoints: {a: {device: d, object: "AI:1", unit: °C}, b: {device: d, object: "AI:2", unit: degreesCelsius}, c: {device: d, object: "AI:3", unit: furlong}}`;
    const { site, problems } = loadSite({ path: 'site.yaml', text: written }, [bacnet]);
    assert.deepEqual(problems.map(({ severity, path }) => [severity, path]), [['warning', 'points.c.unit']]);
    assert.deepEqual(devicesOfSite(site!.devices)[0]?.objects.map(({ units }) => units), [62, 62, undefined]);
    assert.throws(() => importEde({ ede: 'a;b', stateTexts: '' }), { code: 'CONFIG_SYNTAX' });
    assert.throws(() => importEde({ ede: '# keyname;device obj.-instance\nk;x\n', stateTexts: '' }), { code: 'CONFIG_SYNTAX', message: /line 2/ });
  });
});

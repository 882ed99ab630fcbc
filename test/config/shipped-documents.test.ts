import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { drivers } from '../../drivers/index.js';
import { checkFiles, formatProblem, loadPair } from '../../src/config/index.js';

const file = (name: string): string => fileURLToPath(new URL(`../../../config/${name}`, import.meta.url));

describe('config: the documents that are shipped', () => {
  for (const folder of ['demo', 'examples']) {
    it(`config/${folder} has no error and no warning`, () => {
      const { problems, documents } = checkFiles(['site', 'node-a', 'node-b'].map((name) => file(`${folder}/${name}.yaml`)), drivers, 0);
      assert.deepEqual(problems.map(formatProblem), []);
      assert.deepEqual(documents.map(({ kind }) => kind), ['site', 'node', 'node']);
    });
  }

  it('means the same on both nodes, whatever their plugs', () => {
    const [a, b] = ['node-a', 'node-b'].map((name) => loadPair(file('demo/site.yaml'), file(`demo/${name}.yaml`), drivers, 0));
    assert.ok(a?.site !== undefined && b?.site !== undefined);
    assert.equal(a.site.revision, b.site.revision);
    assert.deepEqual(a.site.points, b.site.points);
    assert.notDeepEqual(a.site.devices.map(({ settings }) => settings), b.site.devices.map(({ settings }) => settings));
  });

  it('leaves the plant PLC of the demo to the active node', () => {
    const { site } = loadPair(file('demo/site.yaml'), file('demo/node-b.yaml'), drivers, 0);
    assert.deepEqual(site?.devices.map(({ name, standby }) => [name, standby]), [
      ['plc-ahu', 'collect'],
      ['plc-plant', 'silent'],
      ['ddc-roof', 'collect'],
      ['vav-101', 'collect'],
      ['vav-102', 'collect'],
    ]);
  });
});

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drivers } from '../../../drivers/index.js';
import { checkFiles, formatProblem } from '../../../src/config/index.js';
import { writeDemoDocuments, type DemoDocuments } from '../../../simulators/demo/demo-documents.js';

const source = fileURLToPath(new URL('../../../../config/demo', import.meta.url));

describe('documents of the demo', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-demo-documents-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  const problems = ({ site, nodes }: DemoDocuments): string[] => checkFiles([site, ...nodes], drivers, 0).problems.filter(({ severity }) => severity === 'error').map(formatProblem);

  for (const [title, portBase, manyLoopbacks] of [['as they come', 8080, true], ['moved', 9000, true], ['on a machine with 127.0.0.1 alone', 8080, false]] as const) {
    it(`are sound ${title}`, () => {
      const documents = writeDemoDocuments(source, { folder, portBase, manyLoopbacks });
      assert.deepEqual(problems(documents), []);
      assert.deepEqual(documents.urls, [`http://127.0.0.1:${String(portBase)}`, `http://127.0.0.1:${String(portBase + 1)}`]);
      const addresses = Object.values(documents.addresses).map(({ host, port }) => `${host}:${String(port)}`);
      assert.equal(new Set(addresses).size, addresses.length, addresses.join());
      if (!manyLoopbacks) assert.ok(addresses.every((address) => address.startsWith('127.0.0.1:')), addresses.join());
    });
  }

  it('keep their token', () => {
    const first = writeDemoDocuments(source, { folder, portBase: 8080, manyLoopbacks: true });
    const second = writeDemoDocuments(source, { folder, portBase: 9000, manyLoopbacks: true });
    assert.equal(first.token, second.token);
    assert.ok(readFileSync(second.nodes[0], 'utf8').includes(second.token));
  });
});

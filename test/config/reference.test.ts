import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { drivers } from '../../drivers/index.js';
import { errorCodes } from '../../src/contract/index.js';

const reference = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');

/** Keys in the first columns of the tables. */
const documented = new Set([...reference.matchAll(/^\| (`[^|]+`) \|/gm)].flatMap((row) => (row[1] ?? '').split(',').map((cell) => cell.replaceAll('`', '').trim())));

describe('config: docs/configuration.md', () => {
  for (const { kind, deviceShape, pointShape } of drivers) {
    it(`lists every key of ${kind}`, () => {
      assert.deepEqual([...Object.keys(deviceShape), ...Object.keys(pointShape)].filter((key) => !documented.has(key)), []);
    });
  }

  it('lists every problem code', () => {
    assert.deepEqual(Object.keys(errorCodes).filter((code) => code.startsWith('CONFIG_') && !documented.has(code)), []);
  });
});

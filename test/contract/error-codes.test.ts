import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { errorCodes } from '../../src/contract/index.js';

describe('docs/errors.md', () => {
  const text = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| `([A-Z_]+)` \| (\d+) \|/gm)].map((match) => [match[1] ?? '', Number(match[2])] as const);

  it('has one row for each code, with its status', () => {
    assert.deepEqual(new Map(rows), new Map(Object.entries(errorCodes).map(([code, { status }]) => [code, status])));
    assert.equal(rows.length, Object.keys(errorCodes).length);
  });
});

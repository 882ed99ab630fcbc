import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { playBook } from '../simulate/playbook.js';

const folder = fileURLToPath(new URL('../../../test/scenarios', import.meta.url));

/** Failover stories as text. After a change that is meant: TANDEM_REWRITE=1, and review the difference. */
describe('failover stories', () => {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.txt')).sort()) {
    it(basename(file, '.txt').replaceAll('-', ' '), async () => {
      const path = join(folder, file);
      const written = readFileSync(path, 'utf8');
      const played = await playBook(written);
      if (process.env.TANDEM_REWRITE !== undefined) writeFileSync(path, played.text);
      else assert.equal(played.text, written);
      assert.deepEqual(played.wrongs, []);
    });
  }
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mutants } from './mutants.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** Stories in which a missing guard has to show. Most show within ten. */
const SEEDS = 300;

describe('sharpness of the simulation', function () {
  this.timeout(300_000);

  for (const { guard, rule, edits, breaks } of mutants) {
    it(`finds that there is no ${guard} (${rule})`, () => {
      const folder = mkdtempSync(join(tmpdir(), 'tandem-mutant-'));
      try {
        for (const part of ['src', 'drivers', 'simulators', 'test/simulate', 'test/redundancy']) cpSync(join(root, 'dist', part), join(folder, 'dist', part), { recursive: true });
        cpSync(join(root, 'package.json'), join(folder, 'package.json'));
        symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
        for (const { file, find, replace } of edits) {
          const path = join(folder, 'dist', file);
          const text = readFileSync(path, 'utf8');
          assert.equal(text.split(find).length, 2, `${file} does not have \`${find}\` exactly once any more: write the mutant "${guard}" in test/simulate/mutants.ts anew`);
          writeFileSync(path, text.replace(find, replace));
        }
        const { stdout, stderr } = spawnSync(process.execPath, [join(folder, 'dist/test/simulate/main.js'), '--seeds', String(SEEDS), '--minutes', '1', '--first', '--quiet'], { encoding: 'utf8', maxBuffer: 64 << 20 });
        const found = stdout.split('\n').filter((line) => /^ {2}\([a-i]\)/.test(line));
        assert.ok(found.some((line) => breaks.test(line)), `${SEEDS} stories without ${guard} went well:\n${stdout}\n${stderr}`);
        console.log(`        ${stdout.split('\n')[0] ?? ''}: ${found[0]?.trim() ?? ''}`);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('../..', import.meta.url));

describe('the bundled command line', function () {
  this.timeout(60_000);

  it('is what runs, unless the modules were compiled after it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-bundle-'));
    const at = (path: string): string => join(folder, path);
    const program = (): string => spawnSync(process.execPath, [at('src/main.js')], { encoding: 'utf8' }).stdout.trim();
    try {
      for (const path of ['src', 'bundle/node']) mkdirSync(at(path), { recursive: true });
      writeFileSync(at('package.json'), '{"type": "module"}');
      copyFileSync(join(dist, 'src/main.js'), at('src/main.js'));
      writeFileSync(at('src/command-line.js'), "console.log('modules');");
      assert.equal(program(), 'modules', 'without a bundle');
      writeFileSync(at('bundle/node/command-line.js'), "console.log('bundle');");
      assert.equal(program(), 'bundle', 'as it is installed');
      writeFileSync(at('.tsbuildinfo'), '');
      utimesSync(at('.tsbuildinfo'), 1_000, 1_000);
      assert.equal(program(), 'bundle', 'in a checkout');
      utimesSync(at('bundle/node/command-line.js'), 999, 999);
      assert.equal(program(), 'modules', 'in a checkout whose sources were compiled since');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('holds everything that a node needs, in few files', function () {
    const bundle = join(dist, 'bundle/node');
    if (!existsSync(bundle) && process.env.CI === undefined) this.skip();
    for (const name of ['command-line.js', 'heartbeat-thread.js', 'site-worker.js', 'sheet-worker.js']) assert.ok(existsSync(join(bundle, name)), name);
    const { stdout, stderr } = spawnSync(process.execPath, [join(bundle, 'command-line.js'), 'check', 'config/demo/site.yaml'], { encoding: 'utf8', cwd: join(dist, '..') });
    assert.match(stdout, /ok \(site\)/, stderr);
  });
});

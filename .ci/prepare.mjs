// Makes a checkout ready to run: installs when the lock file is newer than what is installed,
// compiles and bundles the command line when sources changed, and bundles the console when its sources changed. Every npm
// script starts here, so that two commands are enough on a fresh clone.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Tandem needs Node 20.19 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

function run(command, args) {
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], shell: process.platform === 'win32' });
  if (result.status !== 0) process.exit(result.status ?? 1);
}

function hashOf(paths) {
  const hash = createHash('sha256');
  const visit = (path) => {
    for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const child = join(path, entry.name);
      if (entry.isDirectory()) visit(child);
      else hash.update(entry.name).update(readFileSync(child));
    }
  };
  for (const path of paths) {
    if (!existsSync(path)) continue;
    if (statSync(path).isFile()) hash.update(readFileSync(path));
    else visit(path);
  }
  return hash.digest('hex');
}

/** Runs `work` unless the stamp `name` already carries the hash of `inputs`. */
function once(name, inputs, outputs, work) {
  const stamp = join(root, 'node_modules', `.tandem-${name}`);
  const hash = hashOf(inputs.map((path) => join(root, path)));
  const done = existsSync(stamp) && readFileSync(stamp, 'utf8') === hash;
  if (done && outputs.every((path) => existsSync(join(root, path)))) return;
  work();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, hash);
}

once('install', ['package.json', 'package-lock.json'], ['node_modules/typescript/package.json'], () => {
  console.error('installing packages …');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
});
once('build', ['tsconfig.json', 'package-lock.json', 'src', 'drivers', 'simulators', 'test'], ['dist/src/main.js', 'dist/src/client-sdk/index.d.ts'], () => {
  console.error('compiling …');
  run(process.execPath, [join('node_modules', 'typescript', 'bin', 'tsc'), '-p', '.']);
  // The types of the client library.
  run(process.execPath, [join('node_modules', 'typescript', 'bin', 'tsc'), '-p', join('src', 'client-sdk')]);
});
once('bundle', ['tsconfig.json', 'package-lock.json', 'src', 'drivers', 'simulators', 'test', '.ci/bundle.config.mjs'], ['dist/bundle/node/command-line.js'], () => {
  console.error('bundling the command line …');
  run(process.execPath, [join('node_modules', 'vite', 'bin', 'vite.js'), 'build', '--logLevel', 'warn', '--config', '.ci/bundle.config.mjs']);
});
once('console', ['package-lock.json', 'src/console', 'src/client-sdk', 'src/contract', '.ci/client.config.mjs'], ['dist/console/index.html', 'dist/console/client.js'], () => {
  console.error('bundling the console …');
  run(process.execPath, [join('node_modules', 'vite', 'bin', 'vite.js'), 'build', '--logLevel', 'warn', '--config', 'src/console/vite.config.ts']);
  // Beside it, from where pages of others import it.
  run(process.execPath, [join('node_modules', 'vite', 'bin', 'vite.js'), 'build', '--logLevel', 'warn', '--config', '.ci/client.config.mjs']);
});

// The tests, and lint beside them on whatever they leave of the machine: one process of tests keeps one of two cores
// busy, and a minute and a half of waiting for lint is a twelfth of CI. Both have to pass.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { setPriority } from 'node:os';

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const lint = spawn(npm, ['run', '--silent', 'lint'], { stdio: ['ignore', 'pipe', 'pipe'] });
try {
  setPriority(lint.pid, 19);
} catch {
  // Then it is as quick as the tests.
}
let said = '';
for (const stream of [lint.stdout, lint.stderr]) stream.on('data', (text) => (said += text));
const linted = new Promise((resolve) => lint.once('close', resolve)).then((code) => {
  if (code !== 0) console.error(`lint:\n${said}`);
  return code ?? 1;
});

const mocha = spawn(process.execPath, [createRequire(import.meta.url).resolve('mocha/bin/mocha.js'), ...process.argv.slice(2)], { stdio: 'inherit' });
const tested = new Promise((resolve) => mocha.once('close', (code) => resolve(code ?? 1)));
const [lintCode, testCode] = await Promise.all([linted, tested]);
process.exitCode = testCode || lintCode;

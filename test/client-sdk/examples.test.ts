import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { demoAlarm, demoTable, TOKEN } from '../clients/fake-node.js';
import { until } from '../clients/helpers.js';
import { Browser } from '../console/browser.js';
import { requireTool } from '../hooks.js';
import { FakePair } from './helpers.js';

const folder = 'docs/examples';
const DEADLINE_MS = 20_000;

/** An example in a process of its own, as a reader of the documentation starts it. */
class Example {
  output = '';
  code: number | null | undefined;
  private readonly child: ChildProcess;

  constructor(file: string, ...args: readonly string[]) {
    this.child = spawn(process.execPath, [join(folder, file), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr]) stream?.on('data', (data: Buffer) => (this.output += data.toString('utf8')));
    this.child.once('exit', (code) => (this.code = code));
  }

  async says(text: string): Promise<void> {
    await until(() => this.output.includes(text), `"${text}" of the example`, DEADLINE_MS).catch((error: unknown) => {
      throw new Error(`it said:\n${this.output}`, { cause: error });
    });
  }

  async ends(): Promise<number | null> {
    await until(() => this.code !== undefined, 'the end of the example', DEADLINE_MS);
    return this.code ?? null;
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }
}

describe('client library: examples', function () {
  this.timeout(60_000);
  let pair: FakePair;
  const examples: Example[] = [];
  const start = (file: string, ...args: readonly string[]): Example => {
    const example = new Example(file, ...args, ...pair.urls);
    examples.push(example);
    return example;
  };

  beforeEach(() => {
    pair = new FakePair();
  });

  afterEach(async () => {
    for (const example of examples.splice(0)) example.kill();
    await pair.stop();
  });

  it('fit the types that the package brings, strictly', () => {
    const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
    const { status, stdout } = spawnSync(process.execPath, [compiler, '-p', folder], { encoding: 'utf8' });
    assert.equal(status, 0, stdout);
  });

  it('follow.mjs tells what changes, and goes on at the other node', async () => {
    await pair.start();
    const example = start('follow.mjs', TOKEN, 'N*');
    await example.says(`live ${pair.a.server.url}`);
    pair.active.set({ N0: 1.5 });
    await example.says('N0 becomes 1.5');
    pair.active.set({ N1: 4 });
    pair.switchOver();
    pair.active.set({ N0: 2.5 });
    await example.says(`live ${pair.b.server.url}`);
    await example.says('N0 becomes 2.5');
    assert.equal(example.output.split('N1 becomes 4').length, 2, example.output);
    assert.ok(!example.output.includes('Fan.On'), 'only what was asked for');
  });

  it('write.mjs writes once and says how it is held, or why not', async () => {
    await pair.start();
    const good = start('write.mjs', TOKEN, 'N0', '21.5');
    assert.equal(await good.ends(), 0, good.output);
    assert.match(good.output, /^written, on (both nodes|one node only)\n$/);
    assert.deepEqual(pair.active.writes.map(({ value }) => value), [21.5]);
    const bad = start('write.mjs', TOKEN, 'N0', '2000');
    assert.equal(await bad.ends(), 1);
    assert.match(bad.output, /^VALUE_OUT_OF_RANGE: /);
  });

  it('alarms.mjs reads from the standby and acknowledges at the active node', async () => {
    await pair.start();
    const example = start('alarms.mjs', '--acknowledge', TOKEN);
    await example.says(`reading: values of ${pair.b.server.url}, requests to ${pair.a.server.url}`);
    pair.active.raise(demoAlarm('high', 'unacknowledged'));
    await example.says('high acknowledged, ');
    assert.deepEqual(pair.active.actions.map(({ kind }) => kind), ['acknowledge']);
  });

  it('wall-screen.html, on a web server of somebody else, follows the pair in a browser with nothing but the file that a node serves', async function () {
    requireTool(this, 'chromium');
    const page = readFileSync(join(folder, 'wall-screen.html'));
    const server = createServer((_request, response) => response.setHeader('content-type', 'text/html').end(page));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    pair = new FakePair(demoTable(), { consoleFolder: resolve('dist/console'), origins: [origin] });
    await pair.start();
    pair.active.set({ N0: 20.5, 'Fan.Mode': 1 });
    const browser = await Browser.open();
    try {
      const screen = await browser.page(`${origin}/#token=${TOKEN}&points=N0&points=Fan.Mode&node=${pair.urls[0]}&node=${pair.urls[1]}`);
      await screen.getByRole('status').filter({ hasText: `live ${pair.urls[0]}` }).waitFor();
      await screen.getByRole('row').filter({ hasText: 'N0' }).filter({ hasText: '20.5' }).waitFor();
      pair.switchOver();
      pair.active.set({ N0: 21.5 });
      await screen.getByRole('status').filter({ hasText: `live ${pair.urls[1]}` }).waitFor();
      await screen.getByRole('row').filter({ hasText: 'N0' }).filter({ hasText: '21.5' }).waitFor();
      assert.deepEqual(browser.complaints, []);
    } finally {
      await browser.close();
      server.close();
    }
  });
});

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { PairProcesses, redundancyOf, TOKEN, until } from './processes.js';
import { Writer } from './writer.js';

/** Longer than any heartbeat budget of the pair, and than the lease of its active node. */
const FREEZE_MS = 3_000;
/** A request that had left the main before it was frozen may be entered at the device a little later. */
const IN_FLIGHT_MS = 100;

describe('a pair that is given rubbish, and one whose main is frozen', function () {
  this.timeout(120_000);
  let pair: PairProcesses;

  before(async () => {
    pair = await PairProcesses.start({ points: 100, tls: 'off' });
  });
  after(async () => (pair as PairProcesses | undefined)?.stop());

  const linkPort = (name: 'main' | 'backup'): number => Number(/link: "127\.0\.0\.1:(\d+)"/.exec(readFileSync(join(pair.folder, `${name}.yaml`), 'utf8'))?.[1]);

  /** Opens a WebSocket, sends what is given, and tells what came back until it closed. */
  const told = async (url: string, messages: readonly (string | Buffer)[]): Promise<{ texts: string[]; code: number }> =>
    new Promise((resolve) => {
      const socket = new WebSocket(url);
      const texts: string[] = [];
      socket.on('open', () => {
        for (const message of messages) socket.send(message);
      });
      socket.on('message', (data: Buffer) => texts.push(data.toString('utf8')));
      // Its closing is what counts.
      socket.on('error', () => undefined);
      socket.on('close', (code) => resolve({ texts, code }));
    });

  /** Bytes of no protocol over a plain socket, until the node has had enough. */
  const bytesTo = async (port: number): Promise<void> => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    const closed = once(socket, 'close');
    socket.end(randomBytes(4_096));
    socket.resume();
    await closed;
  };

  it('answers rubbish with codes, and goes on in sync', async () => {
    const rubbish = ['{', 'null', '[]', '{"type":"hello"}', '{"type":"__proto__"}', 'x'.repeat(10_000), randomBytes(500), Buffer.alloc(0), randomBytes(500), 'more', 'and more'];
    for (const [index, url] of pair.urls.entries()) {
      const link = linkPort(index === 0 ? 'main' : 'backup');
      await bytesTo(link);
      await bytesTo(Number(new URL(url).port));
      for (const one of ['garbage', randomBytes(300), JSON.stringify({ type: 'status', beat: 1 })]) {
        const { texts } = await told(`ws://127.0.0.1:${String(link)}/link`, [one]);
        assert.ok(texts.some((text) => text.includes('"code":"LINK_MALFORMED"')), `the link answered ${texts.join()}`);
      }
      const { texts, code } = await told(`${url.replace('http', 'ws')}/ws`, rubbish);
      assert.equal(texts.filter((text) => text.includes('"code":"CLIENT_MALFORMED"')).length >= 5, true, texts.join('\n'));
      assert.ok(code >= 1002 && code !== 1006, `closed with ${String(code)}`);
      for (const [path, init, status, expected] of [
        ['/api/v1/points/W000', { method: 'PUT', body: '{"value":', headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` } }, 400, 'CLIENT_MALFORMED'],
        ['/api/v1/points/Nothing', {}, 404, 'POINT_UNKNOWN'],
        ['/api/v1/history?point=W000&from=yesterday', {}, 400, 'CLIENT_MALFORMED'],
        ['/api/v1/points?limit=-1', {}, 400, 'CLIENT_MALFORMED'],
        ['/api/v1/points/%00%ff', {}, 400, 'CLIENT_MALFORMED'],
        ['/../../etc/passwd', {}, 404, 'CLIENT_MALFORMED'],
        ['/api/v1/redundancy/switch', { method: 'POST', body: 'x'.repeat(100_000), headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` } }, 413, 'CLIENT_LIMIT'],
      ] as const) {
        const response = await fetch(url + path, init);
        assert.equal(response.status, status, path);
        assert.equal(((await response.json()) as { code: string }).code, expected, path);
      }
    }
    await pair.inSync('A');
    assert.ok(pair.main.running && pair.backup.running);
  });

  it('gives nothing away of its disk, whichever way the path is written', async () => {
    const [url] = pair.urls;
    const { port } = new URL(url);
    // As bytes: fetch would clear such paths up by itself.
    const asked = async (path: string): Promise<string> =>
      new Promise((resolve, reject) => {
        const socket = connect(Number(port), '127.0.0.1');
        let answer = '';
        socket.on('error', reject);
        socket.on('data', (data: Buffer) => (answer += data.toString('latin1')));
        socket.on('close', () => resolve(answer));
        socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`);
      });
    assert.match(await asked('/index.html'), /^HTTP\/1\.1 200 /, 'the console is served');
    for (const path of ['/../../package.json', '/assets/../../../package.json', '/%2e%2e/%2e%2e/package.json', '/..%2f..%2fpackage.json', '/..%5c..%5cpackage.json', '/....//....//package.json', '/assets/%252e%252e/%252e%252e/package.json', '//etc/passwd', '/%2fetc%2fpasswd', '/index.html%00.js', '/api/v1/points/..%2f..%2fpackage.json', `/${'a/../'.repeat(500)}../package.json`]) {
      const answer = await asked(path);
      assert.match(answer, /^HTTP\/1\.1 (400|403|404|414|431) /, `${path}: ${answer.slice(0, 100)}`);
      assert.match(answer, /"code":"[A-Z_]+"/, path);
      assert.doesNotMatch(answer, /"dependencies"|root:/, path);
    }
  });

  it('is disturbed neither by a thousand connections that say half a sentence, nor by one that sends for ever', async () => {
    const [url] = pair.urls;
    const { port, host } = new URL(url);
    const client = pair.client(['W*']);
    client.start();
    const writer = new Writer(client);
    const sockets = Array.from({ length: 1_000 }, (_, index) => {
      const socket = connect(Number(port), '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(index % 2 === 0 ? 'GET /api/v1/poi' : `POST /api/v1/session HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{"user":`);
      return socket;
    });
    const endless = connect(Number(port), '127.0.0.1');
    let refused = '';
    endless.on('error', () => undefined);
    endless.on('data', (data: Buffer) => (refused += data.toString('latin1')));
    endless.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n`);
    const filler = `X: ${'y'.repeat(1_000)}\r\n`;
    try {
      for (let line = 0; line < 100 && !endless.destroyed; line++) endless.write(filler);
      await until('headers without end are refused', () => (refused.startsWith('HTTP/1.1 431 ') ? true : undefined));
      const [before] = [writer.confirmed.length];
      await until('writes go on being confirmed', () => (writer.confirmed.length > before + 10 ? true : undefined));
      assert.equal((await fetch(`${url}/healthz`)).status, 200);
      assert.equal((await redundancyOf(url))?.self.role, 'active');
    } finally {
      for (const socket of [...sockets, endless]) socket.destroy();
      await writer.stop();
      client.close();
    }
  });

  it('keeps a main that was frozen from acting when it wakes', async () => {
    const client = pair.client(['W*']);
    client.start();
    const writer = new Writer(client);
    await until('writes are confirmed', () => (writer.confirmed.length > 5 ? true : undefined));
    const { pid } = pair.main;
    const [mainUrl, backupUrl] = pair.urls;
    process.kill(pid, 'SIGSTOP');
    const frozenMs = Date.now();
    // They wait in the sockets of the frozen node, and are read when nobody asks for them any more.
    const late = [60_001, 60_002, 60_003].map(async (value) =>
      fetch(`${mainUrl}/api/v1/points/W099`, { method: 'PUT', body: JSON.stringify({ value }), headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` } }));
    try {
      await until('the backup is active', async () => ((await redundancyOf(backupUrl))?.self.role === 'active' ? true : undefined));
      await until('the main was frozen for 3 s', () => (Date.now() - frozenMs > FREEZE_MS ? true : undefined));
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    const epoch = (await redundancyOf(backupUrl))?.epoch;
    assert.equal(epoch?.node, 'B');
    for (const response of await Promise.all(late)) {
      const { code } = (await response.json()) as { code?: string };
      assert.ok(response.status === 503 && (code === 'FENCED' || code === 'NOT_ACTIVE' || code === 'CLIENT_LATE'), `a late write was answered ${String(response.status)} ${code ?? ''}`);
    }
    await until('the main yields', async () => {
      const status = await redundancyOf(mainUrl);
      return status?.self.role === 'standby' && status.epoch?.node === 'B' ? true : undefined;
    });
    await pair.inSync('B');
    // Back to the main, by right of the settings, before the writes are counted: whatever waited has come by then.
    const handedBack = await until('the main leads again', async () => {
      const [main, backup] = await Promise.all(pair.urls.map(redundancyOf));
      assert.ok(!(main?.self.role === 'active' && backup?.self.role === 'active'), 'two active nodes');
      return main?.self.role === 'active' ? main.epoch : undefined;
    });
    assert.equal(handedBack?.cause, 'recovery');
    await writer.stop();
    client.close();
    const { writes } = await pair.ledger();
    assert.deepEqual(writer.lost(writes), []);
    const byBackup = writes.filter(({ remote }) => remote === pair.fieldAddress.backup);
    const [first, last] = [byBackup[0], byBackup.at(-1)];
    assert.ok(first !== undefined && last !== undefined, 'the backup wrote nothing');
    const stray = writes.filter(({ remote, timeMs }) => remote === pair.fieldAddress.main && timeMs > frozenMs + IN_FLIGHT_MS && timeMs < last.timeMs);
    assert.deepEqual(stray, [], 'the frozen main wrote after it had been frozen');
    assert.ok(!writes.some(({ values }) => values.some((value) => value > 60_000)), 'a write that was given to the frozen node was carried out');
  });
});

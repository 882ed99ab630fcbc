import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { TandemClient, type WebSocketLike } from '../../src/client-sdk/index.js';
import { siteForLoad } from '../../simulators/load/site-for-load.js';
import { stopAtFirstFailure } from './demo-pair.js';
import { FAST_PAIR, freePorts, until } from './processes.js';
import { Rig, type Run } from './rig.js';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** As a browser does: the certificate has to hang on `ca` and to name the host. */
async function get(url: string, ca: string | undefined, headers: Record<string, string> = {}, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asking = request(url, { ...(ca === undefined ? {} : { ca }), agent: false, headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }, method: body === undefined ? 'GET' : 'POST' }, (response) => {
      let text = '';
      response.on('data', (part: Buffer) => (text += part.toString('utf8')));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    });
    asking.on('error', reject);
    asking.end(body);
  });
}

describe('https on a pair, with an authority of the site', function () {
  this.timeout(60_000);
  stopAtFirstFailure();
  let rig: Rig;
  let urls: readonly [string, string];
  let nodes: readonly [Run, Run];
  let root = '';
  let files: readonly [string, string];
  let pki = '';

  before(() => {
    rig = new Rig();
    pki = join(rig.folder, 'pki');
  });
  after(async () => rig.stop());

  it('`tandem certificates` makes a root, and certificates that name both nodes and the virtual address', async () => {
    const [consoleA = 0, consoleB = 0, linkA = 0, linkB = 0] = await freePorts(4);
    const document = (id: string, mode: string, console: number, host: string): string => rig.write(`${id}.yaml`, `node: {id: ${id}, mode: ${mode}, data: ${id}, url: "https://${host}:${console}", listen: {console: "127.0.0.1:${console}"}}\npartners: [{symbol: X, address: 10.9.9.9, port: 1}]\n`);
    const site = rig.write('vip.yaml', 'site: {name: Tower, timezone: UTC, virtualAddress: 10.0.0.10/24}\n');
    const make = rig.tandem('certificates', '--site', site, '--out', pki, document('A', 'main', consoleA, '10.20.0.1'), document('B', 'backup', consoleB, 'b.example'), '--name', 'bms.example');
    assert.equal(await make.exit(), 0, make.stderr);
    root = readFileSync(join(pki, 'root.pem'), 'utf8');
    assert.equal(statSync(join(pki, 'root.key')).mode & 0o777, 0o600);
    files = [join(pki, 'A.pem'), join(pki, 'B.pem')];
    for (const file of files) {
      const certificate = new X509Certificate(readFileSync(file));
      for (const ip of ['10.20.0.1', '10.0.0.10', '127.0.0.1']) assert.ok(certificate.checkIP(ip), `${file}: ${ip}`);
      for (const host of ['b.example', 'bms.example', 'localhost']) assert.ok(certificate.checkHost(host), `${file}: ${host}`);
      assert.ok(certificate.verify(new X509Certificate(root).publicKey));
      assert.equal(certificate.ca, false);
      assert.equal(statSync(file).mode & 0o777, 0o600);
    }
    const { port } = await rig.plc(3);
    const load = rig.write('site.yaml', siteForLoad(3, '127.0.0.1', port, { redundancy: FAST_PAIR }));
    urls = [`https://127.0.0.1:${consoleA}`, `https://127.0.0.1:${consoleB}`];
    nodes = [
      rig.node(load, { id: 'A', mode: 'main', console: consoleA, link: linkA, partner: { id: 'B', port: linkB }, access: 'login', https: files[0] }),
      rig.node(load, { id: 'B', mode: 'backup', console: consoleB, link: linkB, partner: { id: 'A', port: linkA }, access: 'login', https: files[1] }),
    ];
    await until('both are in sync', async () => {
      const states = await Promise.all(urls.map(async (url) => get(`${url}/api/v1/redundancy`, root, { authorization: 'Bearer t' }).catch(() => undefined)));
      return states.every((state) => state?.body.includes('"state":"in-sync"') === true) ? true : undefined;
    });
  });

  it('both nodes are believed by who knows the root, and by nobody else; browsers are told to stay', async () => {
    for (const url of urls) {
      const answer = await get(`${url}/healthz`, root);
      assert.equal(answer.status, 200);
      assert.match(String(answer.headers['strict-transport-security']), /^max-age=\d{7,}/);
      assert.match(String(answer.headers['content-security-policy']), /connect-src 'self' https:\/\/127\.0\.0\.1:\d+ wss:\/\/127\.0\.0\.1:\d+/);
      await assert.rejects(get(`${url}/healthz`, undefined), /certificate/);
      await assert.rejects(get(`${url.replace('127.0.0.1', '127.0.0.77')}/healthz`, root), /ECONNREFUSED|altnames/);
      await assert.rejects(fetch(url.replace('https', 'http')));
    }
  });

  it('a session is kept in a cookie that goes nowhere in the clear', async () => {
    const code = readFileSync(await until('the code', () => join(rig.folder, 'A', 'set-up-code')), 'utf8').trim();
    const { status, headers } = await get(`${urls[0]}/api/v1/set-up`, root, {}, JSON.stringify({ code, name: 'anna', password: 'a long enough one' }));
    assert.equal(status, 200);
    const cookie = String(headers['set-cookie']);
    assert.match(cookie, /^__Host-tandem_\w+=[^;]+; Path=\/; .*HttpOnly; SameSite=Strict; Secure/);
    const { body } = await get(`${urls[1]}/api/v1/session`, root, { cookie: cookie.split(';')[0] ?? '' });
    assert.match(body, /"name":"anna"/);
  });

  it('the command line on the machine expects the very certificate', async () => {
    const nodeFile = join(rig.folder, nodes[0].child.spawnargs.at(-1)?.split('/').at(-1) ?? '');
    const status = rig.tandem('redundancy', 'status', '--node', nodeFile);
    assert.equal(await status.exit(), 0, status.stderr);
    assert.match(status.stdout, /node A \(main\): running/);
    const other = rig.write('other.yaml', readFileSync(nodeFile, 'utf8').replace(files[0], files[1]));
    const refused = rig.tandem('redundancy', 'status', '--node', other);
    assert.equal(await refused.exit(), 1);
    assert.match(refused.stderr, /shows another certificate/);
  });

  it('a client follows a failover over wss', async () => {
    const client = new TandemClient({ urls, points: ['*'], token: 't', webSocket: (url): WebSocketLike => new WebSocket(url, { ca: root }) });
    client.start();
    try {
      await until('live', () => (client.state === 'live' ? true : undefined));
      process.kill(nodes[0].pid, 'SIGKILL');
      await until('at the other node', () => (client.activeUrl === urls[1] && client.state === 'live' ? true : undefined));
      await client.write('W000', 7);
    } finally {
      client.close();
    }
  });
});

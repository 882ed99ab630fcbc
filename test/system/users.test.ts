import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { siteForLoad } from '../../simulators/load/site-for-load.js';
import { TandemClient, type WebSocketLike } from '../../src/client-sdk/index.js';
import type { AuditEntry } from '../../src/contract/index.js';
import { stopAtFirstFailure } from './demo-pair.js';
import { FAST_PAIR, freePorts, redundancyOf, tokens, until } from './processes.js';
import { answers, Rig, type Run } from './rig.js';

const PASSWORD = 'a long enough one';

describe('users of two real nodes', function () {
  this.timeout(60_000);
  stopAtFirstFailure();
  let rig: Rig;
  let urls: readonly [string, string];
  let nodes: readonly [Run, Run];
  let client: TandemClient | undefined;
  let key = '';
  let apiToken = '';
  let areaToken = '';
  let eve: TandemClient | undefined;
  let cookie = '';

  before(async () => {
    rig = new Rig();
    const [consoleA = 0, consoleB = 0, linkA = 0, linkB = 0] = await freePorts(4);
    const { port } = await rig.plc(3);
    const site = rig.write('site.yaml', `${siteForLoad(3, '127.0.0.1', port, { redundancy: FAST_PAIR })}areas: {Tower: {points: ["W00*"]}, Tower/F2: {}, Cellar: {points: ["W01*"]}}\n`);
    urls = [`http://127.0.0.1:${String(consoleA)}`, `http://127.0.0.1:${String(consoleB)}`];
    nodes = [
      rig.node(site, { id: 'A', mode: 'main', console: consoleA, link: linkA, partner: { id: 'B', port: linkB }, access: 'login' }),
      rig.node(site, { id: 'B', mode: 'backup', console: consoleB, link: linkB, partner: { id: 'A', port: linkA }, access: 'login' }),
    ];
    for (const url of urls) tokens.set(url, 't');
    await Promise.all(urls.map(async (url, index) => answers(url, nodes[index as 0 | 1])));
    await until('in sync', async () => {
      const states = await Promise.all(urls.map(redundancyOf));
      return states[0]?.self.role === 'active' && states.every((state) => state?.sync.state === 'in-sync') ? true : undefined;
    });
  });
  after(async () => {
    client?.close();
    eve?.close();
    await (rig as Rig | undefined)?.stop();
  });

  const call = async (url: string, method: string, path: string, secret: string, body?: unknown): Promise<{ readonly status: number; readonly cookie: string; readonly body: Record<string, unknown> }> => {
    const response = await fetch(`${url}/api/v1/${path}`, {
      method,
      headers: { ...(secret === '' ? {} : { authorization: `Bearer ${secret}` }), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, cookie: (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '', body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
  };
  const cli = async (input: string, ...args: readonly string[]): Promise<string> => {
    const run = rig.tandem(...args, '--url', urls[0], ...(args.includes('--code') ? [] : ['--token', 't']));
    run.child.stdin?.end(input);
    assert.equal(await run.exit(), 0, run.stderr);
    return run.stdout;
  };

  it('begin with a code that the active node shows once, in its log and in a file for its owner alone', async () => {
    const file = join(rig.folder, 'A', 'set-up-code');
    await until('the file', () => (existsSync(file) ? true : undefined));
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const code = readFileSync(file, 'utf8').trim();
    const said = (nodes[0].stdout + nodes[0].stderr).split(code).length - 1;
    assert.equal(said, 1, 'shown once');
    assert.ok(!existsSync(join(rig.folder, 'B', 'set-up-code')));
    assert.equal((await call(urls[0], 'GET', 'points', '')).status, 401);
    assert.match(await cli(`${PASSWORD}\n`, 'user', 'setup', '--name', 'anna', '--code', code), /anna: administrator/);
    assert.ok(!existsSync(file));
  });

  it('are made, listed and given tokens on the command line', async () => {
    assert.match(await cli(`${PASSWORD}\n`, 'user', 'add', 'oli', '--role', 'operator'), /oli: added, operator/);
    assert.match(await cli('', 'user', 'list'), /anna +administrator[^]*oli +operator/);
    apiToken = (await cli('', 'token', 'create', 'reports', '--role', 'viewer', '--for', '30d')).trim();
    assert.match(apiToken, /^tandem_/);
  });

  it('let the command line read what needs a login, with a token', async () => {
    assert.match(await cli('', 'redundancy', 'status'), /node A \(main\): running/);
    assert.match(await cli('', 'events', '--limit', '5'), /: /);
    await cli('', 'conflicts', 'list');
    await cli('', 'trust', 'list');
    assert.match(await cli('', 'config', 'history'), /^1 /m);
    const run = rig.tandem('redundancy', 'status', '--url', urls[0]);
    assert.notEqual(await run.exit(), 0);
    assert.match(run.stderr, /CLIENT_UNAUTHORIZED/);
  });

  it('have roles for areas, given on the command line', async () => {
    assert.match(await cli(`${PASSWORD}\n`, 'user', 'add', 'eve', '--role', 'none', '--area', 'Tower=operator', '--area', 'Tower/F2=none'), /eve: added, Tower: operator; Tower\/F2: none/);
    assert.match(await cli('', 'user', 'set', 'eve', '--area', 'Tower/F2='), /eve: changed, Tower: operator\n/);
    assert.match(await cli('', 'user', 'list'), /eve +Tower: operator/);
    areaToken = (await cli('', 'token', 'create', 'cellar', '--role', 'none', '--area', 'Cellar=viewer')).trim();
    const run = rig.tandem('user', 'set', 'eve', '--area', 'Attic=viewer', '--url', urls[0], '--token', 't');
    assert.notEqual(await run.exit(), 0);
    assert.match(run.stderr, /AREA_UNKNOWN/);
    const signedIn = await call(urls[0], 'POST', 'session', '', { user: 'eve', password: PASSWORD });
    eve = new TandemClient({ urls, points: ['*'], token: signedIn.body.key as string, webSocket: (url): WebSocketLike => new WebSocket(url) });
    eve.start();
    await until('live', () => (eve?.state === 'live' ? true : undefined));
    assert.deepEqual([...eve.points.keys()].map((name) => name.slice(0, 3)).filter((prefix) => prefix !== 'W00'), []);
    await eve.write('W005', 5);
    await assert.rejects(eve.write('W015', 5), { code: 'POINT_UNKNOWN' });
  });

  it('stay signed in when the active node is killed, and nobody loses what they changed', async () => {
    const signedIn = await call(urls[0], 'POST', 'session', '', { user: 'oli', password: PASSWORD });
    key = signedIn.body.key as string;
    ({ cookie } = signedIn);
    client = new TandemClient({ urls, points: ['*'], token: key, webSocket: (url): WebSocketLike => new WebSocket(url) });
    client.start();
    await until('live', () => (client?.state === 'live' ? true : undefined));
    await client.write('W000', 11);
    process.kill(nodes[0].pid, 'SIGKILL');
    await until('the client is at the other node', () => (client?.activeUrl === urls[1] && client.state === 'live' ? true : undefined));
    await client.write('W001', 12);
    assert.equal((await call(urls[1], 'GET', 'session', key)).body.needsSetUp, false);
    assert.equal((await call(urls[1], 'PUT', 'points/W002', key, { value: 13 })).status, 200);
    assert.equal((await call(urls[1], 'GET', 'points', apiToken)).status, 200);
    assert.equal((await call(urls[1], 'PUT', 'points/W002', apiToken, { value: 14 })).status, 403);
    const restored = (await (await fetch(`${urls[1]}/api/v1/session`, { headers: { cookie } })).json()) as { key?: string; user?: { name: string } };
    assert.deepEqual([restored.user?.name, restored.key], ['oli', key]);
  });

  it('reach as far as before at the other node, and less from the moment on when it is taken away there', async () => {
    await until('eve is there', () => (eve?.activeUrl === urls[1] && eve.state === 'live' ? true : undefined));
    await eve!.write('W006', 6);
    await assert.rejects(eve!.write('W016', 6), { code: 'POINT_UNKNOWN' });
    assert.ok(eve!.counters.resumes > 0, 'it went on where it was: the same part of the site');
    const seen = (await call(urls[1], 'GET', 'points', areaToken)).body.points as { name: string }[];
    assert.deepEqual([seen.length, seen.every(({ name }) => name.startsWith('W01'))], [10, true]);
    assert.equal((await call(urls[1], 'PUT', 'users/eve', 't', { areas: { Tower: 'viewer' } })).status, 200);
    await assert.rejects(eve!.write('W006', 7), { code: 'CLIENT_FORBIDDEN' });
    assert.ok(eve!.points.has('W006'));
    assert.equal((await call(urls[1], 'PUT', 'users/eve', 't', { areas: { Cellar: 'viewer' } })).status, 200);
    await until('the other area', () => (eve?.points.has('W010') === true && !eve.points.has('W006') ? true : undefined));
  });

  it('are in the audit of the other node with everything they did', async () => {
    const { body } = await call(urls[1], 'GET', 'audit?limit=1000', 't');
    const seen = (body.entries as AuditEntry[]).map(({ who, action, target }) => `${who} ${action} ${target}`);
    for (const entry of ['anna set-up anna', 'node A user-add oli', 'node A token-add reports', 'oli sign-in oli', 'oli write W000', 'oli write W001', 'oli write W002']) {
      assert.equal(seen.filter((each) => each === entry).length, 1, `${entry} in\n${seen.join('\n')}`);
    }
  });
});

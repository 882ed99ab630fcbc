import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GOOD, isTandemError } from '../../src/contract/index.js';
import { routeDocs } from '../../src/clients/api-docs/open-api.js';
import { demoAlarm, demoTable, FakeNode, TOKEN } from './fake-node.js';

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // What REST answers is checked by the assertions, not by types.
  readonly body: Record<string, unknown>;
}

describe('clients: REST', () => {
  let node: FakeNode;
  let folder: string;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'console-'));
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'index.html'), '<!doctype html><title>console</title>');
    writeFileSync(join(folder, 'assets', 'app-1a2b.js'), 'void 0');
    node = new FakeNode('a', demoTable(), { consoleFolder: folder });
    await node.server.start();
    node.activate(1);
    node.set({ N0: 21.5, 'Fan.On': 1, 'Fan.Mode': 1, 'Meter.Total': 9007199254740993n });
  });

  afterEach(async () => {
    await node.server.stop();
    rmSync(folder, { recursive: true });
  });

  const call = async (method: string, path: string, body?: unknown, token?: string): Promise<Answer> => {
    const headers = { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
    const response = await fetch(node.server.url + path, { method, headers, ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }) });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : { text } };
  };
  const get = (path: string): Promise<Answer> => call('GET', path);
  const problem = (answer: Answer, status: number, code: string): void => {
    assert.deepEqual([answer.status, answer.body.code, answer.body.status], [status, code, status]);
    assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/);
  };

  it('lists points in pages, by pattern', async () => {
    const first = await get('/api/v1/points?match=N*&limit=6');
    assert.deepEqual((first.body.points as { name: string }[]).map((point) => point.name), ['N0', 'N1', 'N2', 'N3', 'N4', 'N5']);
    assert.equal(first.body.next, 'N5');
    const rest = await get('/api/v1/points?match=N*&limit=6&after=N5');
    assert.equal((rest.body.points as unknown[]).length, 4);
    assert.equal(rest.body.next, undefined);
    problem(await get('/api/v1/points?limit=0'), 400, 'CLIENT_MALFORMED');
  });

  it('reads one point of each kind', async () => {
    const { body } = await get('/api/v1/points/N0');
    assert.deepEqual([body.value, body.quality, body.time, body.writable], [21.5, 'good', '1970-01-01T00:00:01.000Z', true]);
    assert.equal((await get('/api/v1/points/Fan.On')).body.value, true);
    assert.equal((await get('/api/v1/points/Fan.Mode')).body.state, 'low');
    assert.equal((await get('/api/v1/points/Meter.Total')).body.value, '9007199254740993');
    assert.equal((await get('/api/v1/points/N1')).body.quality, 'bad (waiting)');
    problem(await get('/api/v1/points/Nowhere'), 404, 'POINT_UNKNOWN');
  });

  it('writes with a token, once for one id', async () => {
    problem(await call('PUT', '/api/v1/points/N0', { value: 5 }), 401, 'CLIENT_UNAUTHORIZED');
    problem(await call('PUT', '/api/v1/points/N0', { value: 5 }, 'guess'), 401, 'CLIENT_UNAUTHORIZED');
    const done = await call('PUT', '/api/v1/points/N0', { value: 5, priority: 10, id: 'once' }, TOKEN);
    assert.deepEqual([done.status, done.body], [200, { id: 'once', point: 'N0', held: 'unprotected' }]);
    await call('PUT', '/api/v1/points/N0', { value: 5, id: 'once' }, TOKEN);
    await call('PUT', '/api/v1/points/Fan.Mode', { value: 'high' }, TOKEN);
    await call('PUT', '/api/v1/points/Fan.On', { value: null }, TOKEN);
    assert.deepEqual(node.writes.map(({ point, value, priority }) => [point, value, priority]), [['N0', 5, 10], ['Fan.Mode', 2, undefined], ['Fan.On', null, undefined]]);
    assert.equal(new Set(node.writes.map(({ id }) => id)).size, 3);
    problem(await call('PUT', '/api/v1/points/Meter.Total', { value: '1' }, TOKEN), 403, 'POINT_READ_ONLY');
    problem(await call('PUT', '/api/v1/points/N0', { value: 'warm' }, TOKEN), 422, 'VALUE_INVALID');
    problem(await call('PUT', '/api/v1/points/N0', { valu: 1 }, TOKEN), 400, 'CLIENT_MALFORMED');
  });

  it('shows who commands a point, on the active node', async () => {
    const { body } = await get('/api/v1/points/Fan.Mode/priority-array');
    assert.deepEqual(body, { point: 'Fan.Mode', slots: [...Array<null>(7).fill(null), 2, ...Array<null>(7).fill(null), 1], relinquishDefault: 0, active: 8, commands: { 8: { value: 2, by: 'ann', reason: 'test', since: '1970-01-01T00:00:01.000Z', until: '1970-01-01T00:00:02.000Z' } } });
    problem(await get('/api/v1/points/N0/priority-array'), 404, 'POINT_NO_PRIORITIES');
    problem(await get('/api/v1/points/Nowhere/priority-array'), 404, 'POINT_UNKNOWN');
  });

  it('overrides with an end and a reason what can be commanded, and what cannot', async () => {
    const override = '/api/v1/points/Fan.Mode/override';
    problem(await call('POST', override, { value: 'low' }, TOKEN), 400, 'CLIENT_MALFORMED');
    problem(await call('POST', override, { value: 'warm', reason: 'r' }, TOKEN), 422, 'VALUE_INVALID');
    assert.equal((await call('POST', override, { value: 'low', for: '2h', reason: 'test run' }, TOKEN)).status, 200);
    assert.equal((await call('DELETE', `${override}?priority=5`, undefined, TOKEN)).status, 200);
    assert.deepEqual(node.writes.map(({ point, value, priority, untilMs, reason }) => [point, value, priority, untilMs, reason]), [['Fan.Mode', 1, 8, 1_000_000 + 7_200_000, 'test run'], ['Fan.Mode', null, 5, undefined, undefined]]);
    await call('POST', '/api/v1/points/Meter.Total/override', { value: '12', reason: 'broken meter', for: '1h' }, TOKEN);
    await call('DELETE', '/api/v1/points/Meter.Total/override', undefined, TOKEN);
    await call('POST', '/api/v1/points/N0/take-out-of-service', { reason: 'maintenance' }, TOKEN);
    await call('POST', '/api/v1/points/N0/return-to-service', undefined, TOKEN);
    assert.deepEqual(node.pointActions.map((action) => ({ ...action, by: '' })), [
      { kind: 'override', point: 'Meter.Total', value: 12n, reason: 'broken meter', forMs: 3_600_000, by: '' },
      { kind: 'release', point: 'Meter.Total', by: '' },
      { kind: 'take-out-of-service', point: 'N0', reason: 'maintenance', by: '' },
      { kind: 'return-to-service', point: 'N0', by: '' },
    ]);
    node.overridden = [{ point: 'Fan.Mode', kind: 'command', priority: 8, value: 1, by: 'ann', sinceMs: 1_000, untilMs: 2_000, reason: 'test' }];
    assert.deepEqual((await get('/api/v1/overrides')).body, { overrides: [{ point: 'Fan.Mode', kind: 'command', priority: 8, by: 'ann', reason: 'test', value: 1, since: '1970-01-01T00:00:01.000Z', until: '1970-01-01T00:00:02.000Z' }] });
    problem(await call('POST', override, { value: 'low', reason: 'r' }), 401, 'CLIENT_UNAUTHORIZED');
  });

  it('reads everything on a standby, and sends writes to the active node', async () => {
    node.peer = 'http://other:8080';
    node.deactivate();
    assert.equal((await get('/api/v1/points/N0')).body.value, 21.5);
    const refused = await call('PUT', '/api/v1/points/N0', { value: 5 }, TOKEN);
    problem(refused, 503, 'NOT_ACTIVE');
    assert.equal(refused.body.active, 'http://other:8080');
    assert.equal((await get('/healthz')).status, 200);
    const active = await get('/active');
    assert.deepEqual([active.status, active.body.active], [503, false]);
    assert.equal((await call('POST', '/api/v1/redundancy/switch', { reason: 'test' }, TOKEN)).status, 202);
    assert.equal((await call('POST', '/api/v1/redundancy/force', { reason: 'gone' }, TOKEN)).status, 202);
    assert.equal((await call('POST', '/api/v1/redundancy/hold', { reason: 'works', for: '2h' }, TOKEN)).status, 200);
    assert.equal((await call('POST', '/api/v1/redundancy/release', {}, TOKEN)).status, 200);
    assert.equal((await call('POST', '/api/v1/redundancy/drill', {}, TOKEN)).status, 202);
    assert.deepEqual((await call('GET', '/api/v1/redundancy/drill')).body, { drill: null });
    assert.deepEqual(node.controlled, ['force gone', 'hold works 7200000', 'release', 'drill']);
    problem(await call('POST', '/api/v1/redundancy/hold', { reason: 'works', for: '8d' }, TOKEN), 400, 'CLIENT_MALFORMED');
    problem(await call('POST', '/api/v1/redundancy/force', { reason: 'gone' }), 401, 'CLIENT_UNAUTHORIZED');
    assert.deepEqual(node.switches, ['test']);
  });

  it('shows and acknowledges alarms', async () => {
    node.raise(demoAlarm('high', 'unacknowledged', 3));
    assert.deepEqual((await get('/api/v1/alarms')).body, { alarms: [demoAlarm('high', 'unacknowledged', 3)] });
    assert.equal(((await get('/api/v1/alarms/journal?limit=5')).body.entries as unknown[]).length, 1);
    problem(await call('POST', '/api/v1/alarms/high/acknowledge', {}), 401, 'CLIENT_UNAUTHORIZED');
    problem(await call('POST', '/api/v1/alarms/none/acknowledge', {}, TOKEN), 404, 'ALARM_UNKNOWN');
    assert.equal((await call('POST', '/api/v1/alarms/high/acknowledge', undefined, TOKEN)).status, 200);
    assert.equal((await call('POST', '/api/v1/alarms/high/acknowledge', { occurrence: 2, note: 'seen' }, TOKEN)).status, 200);
    assert.deepEqual(node.actions.map((action) => (action.kind === 'acknowledge' ? [action.occurrence, action.note] : [])) , [[3, undefined], [2, 'seen']]);
  });

  it('queries history by ISO time or milliseconds', async () => {
    node.samples = [1_000, 2_000, 3_000].map((timeMs) => ({ timeMs, value: timeMs / 1_000, quality: GOOD }));
    const iso = await get('/api/v1/history?point=N0&from=1970-01-01T00:00:02Z&to=3000');
    assert.deepEqual(iso.body.samples, [{ timeMs: 2_000, value: 2, quality: 'good' }, { timeMs: 3_000, value: 3, quality: 'good' }]);
    problem(await get('/api/v1/history?point=N0&from=yesterday'), 400, 'CLIENT_MALFORMED');
    problem(await get('/api/v1/history?point=N0&from=2&to=1'), 400, 'CLIENT_MALFORMED');
    problem(await get('/api/v1/history?point=Nowhere'), 404, 'POINT_UNKNOWN');
  });

  it('asks a device what it is, for those who may write', async () => {
    const path = '/api/v1/devices/plc/identification';
    problem(await get(path), 401, 'CLIENT_UNAUTHORIZED');
    assert.deepEqual((await call('GET', path, undefined, TOKEN)).body, { device: 'plc', identification: [{ name: 'vendor name', value: 'ACME' }] });
    problem(await call('GET', '/api/v1/devices/none/identification', undefined, TOKEN), 404, 'DEVICE_UNKNOWN');
    node.deactivate();
    problem(await call('GET', path, undefined, TOKEN), 503, 'NOT_ACTIVE');
  });

  it('tells status, devices and health', async () => {
    assert.equal((await get('/api/v1/redundancy')).body.site, 'Test');
    assert.deepEqual((await get('/api/v1/redundancy/settings')).body, { settings: node.settings() });
    assert.equal((await get('/api/v1/devices')).status, 200);
    assert.equal((await get('/active')).status, 200);
    problem(await call('POST', '/api/v1/redundancy/switch', { reason: 'test' }, TOKEN), 409, 'SWITCH_REFUSED');
    problem(await get('/api/v1/nothing'), 404, 'CLIENT_MALFORMED');
  });

  it('refuses with a problem what an address does not take', async () => {
    for (const [method, path, allowed] of [
      ['DELETE', '/api/v1/points', 'GET, HEAD'],
      ['PATCH', '/api/v1/points/N0?x=1', 'GET, HEAD, PUT'],
      ['POST', '/healthz', 'GET, HEAD'],
      ['GET', '/api/v1/points/N0/override', 'DELETE, POST'],
    ] as const) {
      const answer = await call(method, path, undefined, TOKEN);
      problem(answer, 405, 'CLIENT_MALFORMED');
      assert.equal(answer.headers.get('allow'), allowed, path);
    }
    for (const path of ['/api/v1/points/', '/api/v1/points/N0/override/more', '/no/such/file']) problem(await call('DELETE', path, undefined, TOKEN), 404, 'CLIENT_MALFORMED');
    const typed = async (type: string, body: string): Promise<Response> => fetch(`${node.server.url}/api/v1/points/N0`, { method: 'PUT', headers: { 'content-type': type, 'authorization': `Bearer ${TOKEN}` }, body });
    for (const [type, body, status] of [['application/xml', '<value>1</value>', 415], ['text/plain', '{"value": 1}', 400], ['application/json', '[]', 400], ['application/json', '{"value":1,"__proto__":{}}', 400]] as const) {
      const answer = await typed(type, body);
      assert.equal(answer.status, status, `${type} ${body}`);
      assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/);
    }
    assert.equal(node.writes.length, 0);
  });

  it('refuses a query parameter that an address does not know, on every route, and says which ones it takes', async () => {
    const typo = await get('/api/v1/points?limt=5&match=N*');
    problem(typo, 400, 'CLIENT_PARAMETER');
    assert.deepEqual([typo.body.unknown, typo.body.known], [['limt'], ['match', 'limit', 'after']]);
    assert.match(String(typo.body.detail), /"limt": this address takes match, limit, after$/);
    for (const route of Object.keys(routeDocs)) {
      const [method = '', url = ''] = route.split(' ');
      const answer = await call(method, `${url.replace(/:\w+/g, 'N0')}?limt=5`, undefined, TOKEN);
      problem(answer, 400, 'CLIENT_PARAMETER');
    }
    assert.equal((await fetch(`${node.server.url}/active?x`, { method: 'HEAD' })).status, 400);
    // Not a word to who may not ask; and what is of the console's pages has no parameters of ours.
    problem(await call('GET', '/api/v1/audit?x=1'), 401, 'CLIENT_UNAUTHORIZED');
    assert.equal((await get('/?from=bookmark')).status, 200);
    const many = await get(`/healthz?${Array.from({ length: 300 }, (_, index) => `${'x'.repeat(40)}${String(index)}`).join('&')}`);
    assert.ok(String(many.body.detail).length < 600);
    assert.equal(node.writes.length, 0);
  });

  it('refuses bodies that are too large or no JSON', async () => {
    problem(await call('PUT', '/api/v1/points/N0', `{"value":"${'x'.repeat(70_000)}"}`, TOKEN), 413, 'CLIENT_LIMIT');
    problem(await call('PUT', '/api/v1/points/N0', '{', TOKEN), 400, 'CLIENT_MALFORMED');
  });

  it('serves the console with its headers, and nothing outside it', async () => {
    const index = await get('/');
    assert.equal(index.status, 200);
    assert.match(index.headers.get('content-security-policy') ?? '', /default-src 'self'/);
    for (const { headers } of [index, await get('/api/v1/points'), await get('/api/v1/nothing')]) {
      const told = Object.fromEntries(['x-content-type-options', 'x-frame-options', 'referrer-policy', 'cross-origin-opener-policy'].map((name) => [name, headers.get(name)]));
      assert.deepEqual(told, { 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'referrer-policy': 'no-referrer', 'cross-origin-opener-policy': 'same-origin' });
      assert.match(headers.get('content-security-policy') ?? '', /object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'/);
      assert.match(headers.get('permissions-policy') ?? '', /camera=\(\)/);
    }
    assert.equal((await get('/api/v1/points')).headers.get('cache-control'), 'no-store');
    assert.ok(!/https?:/.test(index.headers.get('content-security-policy') ?? ''));
    assert.equal(index.headers.get('cache-control'), 'no-cache');
    assert.match((await get('/assets/app-1a2b.js')).headers.get('cache-control') ?? '', /immutable/);
    const status = await new Promise<number | undefined>((resolve) => {
      request({ port: node.server.port, host: '127.0.0.1', path: '/..%2f..%2f..%2f..%2fetc/passwd' }, (response) => resolve(response.statusCode)).end();
    });
    assert.ok(status === 403 || status === 404, `path traversal answered ${String(status)}`);
  });

  it('slows an address down that asks too much, and says when it may ask again', async () => {
    const busy = new FakeNode('c', demoTable(), { requests: { burst: 20, perSecond: 0.01 } });
    await busy.server.start();
    try {
      const ask = async (): Promise<Response> => fetch(`${busy.server.url}/healthz`);
      for (let i = 0; i < 20; i++) assert.equal((await ask()).status, 200);
      const refused = await ask();
      assert.equal(refused.status, 429);
      assert.equal(((await refused.json()) as { code: string }).code, 'CLIENT_LIMIT');
      assert.ok(Number(refused.headers.get('retry-after')) > 0);
    } finally {
      await busy.server.stop();
    }
  });

  it('lets the console of the other node in, and nobody else', async () => {
    node.peer = 'http://other:8080';
    const origin = async (from: string): Promise<string | null> => (await fetch(`${node.server.url}/api/v1/points`, { headers: { origin: from } })).headers.get('access-control-allow-origin');
    assert.equal(await origin('http://other:8080'), 'http://other:8080');
    assert.equal(await origin('http://evil'), null);
  });

  it('reports a port that is taken', async () => {
    const second = new FakeNode('b', demoTable(), { port: node.server.port });
    await assert.rejects(second.server.start(), (error) => isTandemError(error, 'PORT_IN_USE'));
  });
});

import assert from 'node:assert/strict';
import { WebSocket } from 'ws';
import { TandemClient, type WebSocketLike } from '../../src/client-sdk/index.js';
import { routeRules } from '../../src/clients/route-roles.js';
import type { Activity, AreaRole, AuditEntry, PointDefinition, SiteRole, WireAlarm, FieldComparison, FieldDifference } from '../../src/contract/index.js';
import { PointTable } from '../../src/image/index.js';
import { FakeNode, TOKEN } from './fake-node.js';
import { connected, until, type RawClient } from './helpers.js';

const write = { priority: 8, min: 0, max: 100, verify: 'none', repeatable: true } as const;

/** `East` and `West`, one floor each, with a device each, one that serves both, and a point that lies nowhere. */
function table(revision = 'r1', westArea = 'West/F1'): PointTable {
  const points: readonly (readonly [name: string, device: string, area?: string])[] = [
    ['East.T', 'plc-e', 'East/F1'],
    ['East.Sp', 'plc-e', 'East/F1'],
    ['West.T', 'plc-w', westArea],
    ['West.Sp', 'plc-w', westArea],
    ['East.Shared', 'plc-x', 'East'],
    ['West.Shared', 'plc-x', 'West'],
    ['Site.OaT', 'plc-w'],
  ];
  return new PointTable(revision, points.map(([name, device, area], id): PointDefinition => ({ id, name, device, kind: 'number', poll: 'normal', write, ...(area === undefined ? {} : { area }), ...(name.endsWith('.T') ? { tags: ['room', 'hvac:air'] } : {}) })));
}

function alarm(name: string, point: string, area?: string): WireAlarm {
  return { name, point, state: 'unacknowledged', priority: 2, class: 'process', message: `${point} high`, sinceMs: 1_000, occurrence: 1, open: ['raised'], ...(area === undefined ? {} : { area }) };
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

describe('clients: roles for areas', () => {
  let node: FakeNode;
  const clients: RawClient[] = [];
  const others: FakeNode[] = [];
  let tokens = 0;
  const libraries: TandemClient[] = [];
  const start = async (other: FakeNode): Promise<FakeNode> => {
    others.push(other);
    await other.server.start();
    return other;
  };

  beforeEach(async () => {
    tokens = 0;
    node = new FakeNode('A', table(), { access: 'login' });
    await node.server.start();
    node.activate(1);
    node.set({ 'East.T': 21, 'East.Sp': 22, 'West.T': 31, 'West.Sp': 32, 'Site.OaT': 5 });
    node.record([['alarm/East.high', { ...alarm('East.high', 'East.T', 'East/F1') }], ['alarm/West.high', { ...alarm('West.high', 'West.T', 'West/F1') }], ['alarm/system/unprotected', { ...alarm('system/unprotected', '') }]], [
      { kind: 'alarm', data: { event: 'raised', ...alarm('East.high', 'East.T', 'East/F1') } },
      { kind: 'alarm', data: { event: 'raised', ...alarm('West.high', 'West.T', 'West/F1') } },
      { kind: 'alarm', data: { event: 'muted', scope: { area: 'West' } } },
    ]);
    node.record([['alarm-mute/area/East', { scope: { area: 'East' }, untilMs: 9, by: 'x', sinceMs: 1 }], ['alarm-mute/area/West', { scope: { area: 'West' }, untilMs: 9, by: 'x', sinceMs: 1 }], ['alarm-mute/device/plc-w', { scope: { device: 'plc-w' }, untilMs: 9, by: 'x', sinceMs: 1 }]]);
  });

  afterEach(async () => {
    for (const library of libraries.splice(0)) library.close();
    for (const client of clients.splice(0)) client.socket.terminate();
    await Promise.all([node, ...others.splice(0)].map(async ({ server }) => server.stop()));
  });

  const call = async (secret: string, method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(`${node.server.url}/api/v1/${path}`, { method, headers: { authorization: `Bearer ${secret}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await response.text();
    return { status: response.status, text, body: response.headers.get('content-type')?.includes('json') === true ? (JSON.parse(text) as Record<string, unknown>) : {} };
  };
  const refused = ({ status, body }: Answer, expected: number, code: string): void => assert.deepEqual([status, body.code], [expected, code]);
  const tokenFor = async (role: SiteRole, areas: Record<string, AreaRole>): Promise<string> => {
    const { status, body } = await call(TOKEN, 'POST', 'tokens', { name: `t${++tokens}`, role, areas });
    assert.equal(status, 201, JSON.stringify(body));
    return body.token as string;
  };
  const join = async (secret: string): Promise<RawClient> => {
    const client = await connected(node);
    clients.push(client);
    client.send({ type: 'authenticate', token: secret });
    await client.next('authenticated');
    return client;
  };
  const audit = async (): Promise<readonly AuditEntry[]> => (await call(TOKEN, 'GET', 'audit?limit=1000')).body.entries as AuditEntry[];

  it('shows nothing of other areas, by whatever route', async () => {
    const east = await tokenFor('none', { East: 'operator' });
    // By the table, so that a new route is asked too; what is asked for by name is asked for on the other side.
    const named: Record<string, string> = { 'points/:name': 'points/West.T', 'points/:name/priority-array': 'points/West.T/priority-array', 'alarms/:name': 'alarms/West.high', 'schedules/:name': 'schedules/AHU', 'logic/:name': 'logic/w', 'graphics/:name': 'graphics/e', history: 'history?point=West.T', 'history/aggregate': 'history/aggregate?point=West.T', 'history.csv': 'history.csv?point=East.T&point=West.T', 'devices/:name/identification': 'devices/plc-w/identification', 'devices/:device/schedules': 'devices/plc-w/schedules', 'devices/:device/schedules/:object': 'devices/plc-w/schedules/schedule,1' };
    node.samples = [{ timeMs: Date.now() - 1_000, value: 31, quality: 0 }];
    node.overridden = [{ point: 'West.T', kind: 'out-of-service', by: 'x', sinceMs: 1 }];
    node.programs = [{ name: 'w', onChange: true, program: 'return West', state: 'running', steps: 1, inputs: [{ name: 'e', point: 'East.T' }, { name: 'w', point: 'West.T' }], outputs: [], memory: {} }];
    const found = (point: string, device: string): FieldDifference => ({ point, device, image: '1', field: '2', sinceMs: 1 });
    node.comparison = { node: 'B', devices: ['plc-w', 'plc-x'].map((name) => ({ name, state: 'differs', differing: 1 })), differences: [found('West.T', 'plc-w'), found('West.Shared', 'plc-x'), found('East.Shared', 'plc-x')] };
    node.work = ['plc-w', 'plc-x'].map((subject) => ({ id: `windback/${subject}`, kind: 'windback', subject, sinceMs: -1e9, step: 'device-log' }));
    const activities = async (secret: string, path: string): Promise<readonly unknown[]> => ((await call(secret, 'GET', path)).body.activities as Activity[]).map(({ subject }) => subject);
    for (const path of ['activities', 'redundancy']) assert.deepEqual([await activities(east, path), await activities(TOKEN, path)], [['plc-x'], ['plc-w', 'plc-x']]);
    node.fieldSwitch = { margin: 1, holdMs: 1_000, onlyStandby: ['plc-w', 'plc-x'] };
    assert.deepEqual((await call(east, 'GET', 'redundancy')).body.fieldSwitch, { margin: 1, holdMs: 1_000, onlyStandby: ['plc-x'] });
    assert.deepEqual((await call(TOKEN, 'GET', 'redundancy')).body.fieldSwitch, node.fieldSwitch);
    const seen = (await call(east, 'GET', 'redundancy')).body.comparison as FieldComparison;
    assert.deepEqual([seen.devices.map(({ name }) => name), seen.differences.map(({ point }) => point)], [['plc-x'], ['East.Shared']]);
    assert.deepEqual((await call(TOKEN, 'GET', 'redundancy')).body.comparison, node.comparison);
    const svg = '<svg/>';
    node.drawn = [{ name: 'e', title: 'e', colours: 'theme', svg, elements: { a: { point: 'East.T' }, b: { point: 'East.T', fill: [{ point: 'West.T', colour: 'on' }] } } }, { name: 'WestPage', title: 'w', colours: 'theme', svg, elements: { a: { point: 'West.T' } } }];
    node.figures = [{ title: 'e', show: 'point', point: 'East.T' }, { title: 'w', show: 'point', point: 'West.T' }, { title: 'c', show: 'count', points: ['East.T', 'West.T'], above: 3 }];
    let asked = 0;
    for (const [route, { role }] of Object.entries(routeRules)) {
      const [method = '', path = ''] = route.split(' /api/v1/');
      if (method !== 'GET' || role === 'anybody' || path === '') continue;
      const answer = await call(east, 'GET', named[path] ?? path.replace(/:\w+/g, 'West'));
      asked++;
      // What was asked for may stand in the refusal.
      const told = answer.status < 400 ? answer.text : '';
      assert.ok(!/West|plc-w|Site\.OaT|unprotected/.test(told), `${route}: ${told}`);
      assert.ok(answer.status < 500, `${route}: ${answer.status}`);
    }
    assert.ok(asked > 40);
    assert.equal(node.devices().length, 1);
  });

  it('shows what is of the own areas', async () => {
    const east = await tokenFor('none', { East: 'viewer' });
    const names = async (path: string, key: string, of: string): Promise<unknown> => ((await call(east, 'GET', path)).body[key] as Record<string, unknown>[]).map((each) => each[of]);
    assert.deepEqual(await names('points', 'points', 'name'), ['East.T', 'East.Sp', 'East.Shared']);
    assert.deepEqual(await names('points?match=*.T', 'points', 'name'), ['East.T']);
    assert.deepEqual(await names('alarms', 'alarms', 'name'), ['East.high']);
    assert.deepEqual(await names('areas', 'areas', 'name'), ['East/F1', 'East']);
    assert.deepEqual(((await call(east, 'GET', 'alarms/journal')).body.entries as { data: { name: string } }[]).map(({ data }) => data.name), ['East.high']);
    assert.ok(!(await call(east, 'GET', 'alarms/journal?format=csv')).text.includes('West'));
    assert.equal(((await call(east, 'GET', 'alarms/mutes')).body.mutes as unknown[]).length, 1);
    assert.equal((await call(east, 'GET', 'history?point=East.T')).status, 200);
    refused(await call(east, 'GET', 'history?point=West.T'), 404, 'POINT_UNKNOWN');
    refused(await call(east, 'GET', 'points?after=West.T'), 404, 'POINT_UNKNOWN');
    refused(await call(east, 'GET', 'configuration'), 403, 'CLIENT_FORBIDDEN');
  });

  it('lets nobody do anything outside, over REST', async () => {
    const east = await tokenFor('viewer', { East: 'operator', 'East/F1': 'viewer', West: 'none' });
    assert.equal((await call(east, 'PUT', 'points/East.Shared', { value: 1 })).status, 200);
    const refusal = await call(east, 'PUT', 'points/East.T', { value: 1 });
    refused(refusal, 403, 'CLIENT_FORBIDDEN');
    assert.match(refusal.body.detail as string, /operator for the area East\/F1, and t1 has viewer there/);
    for (const [method, path, body] of [['POST', 'override', { value: 1, reason: 'r' }], ['DELETE', 'override', undefined], ['POST', 'take-out-of-service', { reason: 'r' }], ['POST', 'return-to-service', undefined]] as const) {
      refused(await call(east, method, `points/East.T/${path}`, body), 403, 'CLIENT_FORBIDDEN');
      refused(await call(east, method, `points/West.T/${path}`, body), 404, 'POINT_UNKNOWN');
    }
    for (const path of ['acknowledge', 'shelve', 'notes', 'reset', 'unshelve', 'take-out-of-service', 'return-to-service']) {
      const body = path === 'shelve' ? { for: '1h' } : path === 'notes' ? { note: 'n' } : {};
      refused(await call(east, 'POST', `alarms/East.high/${path}`, body), 403, 'CLIENT_FORBIDDEN');
      refused(await call(east, 'POST', `alarms/West.high/${path}`, body), 404, 'ALARM_UNKNOWN');
    }
    refused(await call(east, 'POST', 'alarms/mutes', { area: 'East', for: '1h' }), 403, 'CLIENT_FORBIDDEN');
    refused(await call(east, 'POST', 'alarms/mutes', { device: 'plc-x', for: '1h' }), 403, 'CLIENT_FORBIDDEN');
    refused(await call(east, 'DELETE', 'alarms/mutes?area=West'), 403, 'CLIENT_FORBIDDEN');
    refused(await call(east, 'PUT', 'devices/plc-x/schedules/schedule,1', { default: 1 }), 403, 'CLIENT_FORBIDDEN');
    refused(await call(east, 'POST', 'redundancy/switch', { reason: 'r' }), 403, 'CLIENT_FORBIDDEN');
    assert.deepEqual([node.writes.length, node.actions.length, node.pointActions.length, node.scheduleEdits.length], [1, 0, 0, 0]);
    const attempts = (await audit()).filter(({ outcome }) => outcome === 'refused').map(({ who, action, target }) => `${who} ${action} ${target}`);
    for (const attempt of ['t1 write East.T', 't1 point-override East.T', 't1 acknowledge East.high', 't1 alarm-mute ', 't1 device-schedule plc-x/schedule,1', 't1 switch ']) assert.ok(attempts.includes(attempt), `${attempt} in ${attempts.join(', ')}`);
  });

  it('lets nobody see or do anything outside, over the WebSocket', async () => {
    const east = await tokenFor('none', { East: 'operator' });
    const client = await join(east);
    client.send({ type: 'subscribe', id: 's', points: ['*', 'West.T', 'Site.OaT'] });
    const snapshot = await client.next('snapshot');
    assert.deepEqual(snapshot.points.map(({ name }) => name), ['East.T', 'East.Sp', 'East.Shared']);
    assert.deepEqual(snapshot.values.map(([index]) => index), [0, 1, 4]);
    assert.deepEqual(snapshot.alarms.map(({ name }) => name), ['East.high']);
    node.set({ 'West.T': 33, 'Site.OaT': 6 });
    node.record([['alarm/West.high', null], ['alarm/West.low', { ...alarm('West.low', 'West.T', 'West/F1') }]], [{ kind: 'alarm', data: { event: 'raised', name: 'West.low', area: 'West/F1' } }]);
    node.set({ 'East.T': 23 });
    node.record([['alarm/East.high', null]], [{ kind: 'alarm', data: { event: 'returned', name: 'East.high', area: 'East/F1' } }]);
    await until(() => client.of('changes').some(({ logs }) => logs !== undefined), 'the change of the own area');
    assert.deepEqual(client.of('changes').flatMap(({ values }) => values.map(([index]) => index)), [0]);
    assert.ok(!JSON.stringify(client.messages).includes('West'));

    const results: Record<string, string | undefined> = {};
    for (const [id, send] of Object.entries({
      east: { type: 'write', point: 'East.Sp', value: 1, epoch: 1 },
      west: { type: 'write', point: 'West.Sp', value: 1, epoch: 1 },
      acknowledge: { type: 'acknowledge', alarm: 'West.low', occurrence: 1 },
      shelve: { type: 'alarm', action: { kind: 'shelve', alarm: 'West.low', forMs: 1_000 } },
      mute: { type: 'alarm', action: { kind: 'mute', scope: { area: 'West' }, forMs: 1_000 } },
      device: { type: 'alarm', action: { kind: 'mute', scope: { device: 'plc-x' }, forMs: 1_000 } },
      own: { type: 'alarm', action: { kind: 'mute', scope: { area: 'East/F1' }, forMs: 1_000 } },
    })) {
      client.send({ id, ...send } as never);
      results[id] = (await client.next('result')).code;
    }
    assert.deepEqual(results, { east: undefined, west: 'POINT_UNKNOWN', acknowledge: 'ALARM_UNKNOWN', shelve: 'ALARM_UNKNOWN', mute: 'CLIENT_FORBIDDEN', device: 'CLIENT_FORBIDDEN', own: undefined });
    assert.deepEqual([node.writes.map(({ point }) => point), node.actions.map(({ kind }) => kind)], [['East.Sp'], ['mute']]);
  });

  it('finds by tags only what may be seen', async () => {
    const east = await tokenFor('none', { East: 'viewer' });
    const names = async (secret: string, match: string): Promise<unknown> => ((await call(secret, 'GET', `points?match=${encodeURIComponent(match)}`)).body.points as { name: string }[]).map(({ name }) => name);
    assert.deepEqual([await names(east, '#room'), await names(TOKEN, '#room'), await names(TOKEN, '#ro*'), await names(TOKEN, '#nothing')], [['East.T'], ['East.T', 'West.T'], ['East.T', 'West.T'], []]);
    const client = await join(east);
    client.send({ type: 'subscribe', id: 's', points: ['#room', 'East.Sp'] });
    assert.deepEqual((await client.next('snapshot')).points.map(({ name, tags }) => [name, tags]), [['East.T', ['room', 'hvac:air']], ['East.Sp', undefined]]);
    client.send({ type: 'subscribe', id: 's', points: Array.from({ length: 65 }, (_, at) => `#t${at}`) });
    assert.equal((await client.next('error')).code, 'CLIENT_LIMIT');
  });

  it('does of many what it may, and names the others', async () => {
    const east = await tokenFor('viewer', { East: 'operator' });
    const client = await join(east);
    const silence = async (alarms?: readonly string[]): Promise<{ ok: boolean; code?: string; refused?: readonly { name: string; code: string }[] }> => {
      client.send({ type: 'alarm', id: 's', action: { kind: 'silence', ...(alarms === undefined ? {} : { alarms }) } });
      return client.next('result');
    };
    const some = await silence(['East.high', 'West.high', 'nowhere']);
    assert.deepEqual([some.ok, some.refused?.map(({ name, code }) => [name, code])], [true, [['West.high', 'CLIENT_FORBIDDEN'], ['nowhere', 'CLIENT_FORBIDDEN']]]);
    assert.equal((await silence(['West.high'])).code, 'CLIENT_FORBIDDEN');
    assert.equal((await silence()).ok, true);
    assert.deepEqual(node.actions.map((action) => (action.kind === 'silence' ? action.alarms : action.kind)), [['East.high'], ['East.high']]);
    const rest = await call(east, 'POST', 'alarms/silence', { alarms: ['East.high', 'West.high'] });
    assert.deepEqual((rest.body.refused as { name: string }[]).map(({ name }) => name), ['West.high']);
  });

  it('changes open sockets at once: what is hidden now goes, what is shown comes, and nothing more may be done', async () => {
    const { status } = await call(TOKEN, 'POST', 'users', { name: 'oli', role: 'none', areas: { East: 'operator' }, password: 'a long enough one' });
    assert.equal(status, 201);
    const { key } = (await call('', 'POST', 'session', { user: 'oli', password: 'a long enough one' })).body as { key: string };
    const client = new TandemClient({ urls: [node.server.url], points: ['*'], token: key, webSocket: (url): WebSocketLike => new WebSocket(url) });
    const users: unknown[] = [];
    client.on('user', ({ role, areas }) => void users.push([role, areas]));
    libraries.push(client);
    client.start();
    await until(() => client.points.has('East.T'), 'the own area');
    assert.ok(!client.points.has('West.T'));
    await client.write('East.Sp', 1);

    assert.equal((await call(TOKEN, 'PUT', 'users/oli', { areas: { West: 'viewer' } })).status, 200);
    // The frame that took the role away is visible: from here on nothing of East may come.
    node.set({ 'East.T': 77 });
    await assert.rejects(client.write('East.Sp', 2), { code: 'CLIENT_FORBIDDEN' });
    await assert.rejects(client.write('West.Sp', 2), { code: 'CLIENT_FORBIDDEN' });
    await until(() => client.points.has('West.T') && !client.points.has('East.T'), 'the other area');
    assert.deepEqual([...client.alarms.keys()], ['West.high']);
    assert.ok([...client.points.values()].every(({ value }) => value !== 77));
    assert.deepEqual(users.at(-1), ['none', { West: 'viewer' }]);
    assert.equal(node.writes.length, 1);
  });

  it('resumes on the other node only what is still the same part of the site', async () => {
    const standby = new FakeNode('B', table(), { access: 'login' });
    node.standby = standby;
    for (const frame of node.journal) standby.receive(frame);
    await start(standby);
    const east = await tokenFor('none', { East: 'viewer' });
    const west = await tokenFor('none', { West: 'viewer' });
    const client = await join(east);
    client.send({ type: 'subscribe', id: 's', points: ['*'] });
    const { position } = await client.next('snapshot');
    assert.match(position.scope ?? '', /^[0-9a-f]{16}$/);
    node.deactivate();
    standby.activate(2);
    standby.set({ 'East.T': 25, 'West.T': 35 });
    const other = await connected(standby);
    clients.push(other);
    other.send({ type: 'authenticate', token: east });
    await other.next('authenticated');
    other.send({ type: 'subscribe', id: 's', points: ['*'], resume: position });
    const resumed = await other.next('changes');
    assert.deepEqual([resumed.resumed, resumed.values.map(([index]) => index)], [true, [0]]);
    other.send({ type: 'authenticate', token: west });
    await other.next('authenticated');
    assert.equal((await other.next('snapshot')).reset, true, 'somebody else at the same socket');
    other.send({ type: 'subscribe', id: 's', points: ['*'], resume: position });
    const snapshot = await other.next('snapshot');
    assert.deepEqual([snapshot.reset, snapshot.points.map(({ name }) => name)], [true, ['West.T', 'West.Sp', 'West.Shared']]);
    other.send({ type: 'subscribe', id: 's', points: ['*'], resume: { ...position, scope: undefined } as never });
    assert.equal((await other.next('snapshot')).reset, true);
  });

  it('refuses roles that promise what they cannot hold, with a code', async () => {
    const add = async (role: string, areas?: object): Promise<Answer> => call(TOKEN, 'POST', 'users', { name: 'new', role, areas, password: 'a long enough one' });
    refused(await add('none'), 422, 'USER_INVALID');
    refused(await add('none', { East: 'none' }), 422, 'USER_INVALID');
    refused(await add('engineer', { East: 'viewer' }), 422, 'USER_INVALID');
    refused(await add('none', { East: 'engineer' }), 400, 'CLIENT_MALFORMED');
    refused(await add('viewer', { Nowhere: 'operator' }), 422, 'AREA_UNKNOWN');
    refused(await add('viewer', { East: 'operator', 'East/F2': 'none' }), 422, 'AREA_UNKNOWN');
    refused(await add('viewer', JSON.parse('{"constructor": "operator"}') as object), 422, 'AREA_UNKNOWN');
    refused(await call(TOKEN, 'POST', 'tokens', { name: 't', role: 'none', areas: { Nowhere: 'viewer' } }), 422, 'AREA_UNKNOWN');
    assert.equal((await add('viewer', { 'East/F1': 'operator' })).status, 201);
    refused(await call(TOKEN, 'PUT', 'users/new', { areas: { Nowhere: 'none' } }), 422, 'AREA_UNKNOWN');
    const after = (await call(TOKEN, 'PUT', 'users/new', { role: 'engineer', areas: {} })).body;
    assert.deepEqual([after.role, after.areas], ['engineer', undefined]);
    const change = (await audit()).find(({ action }) => action === 'user-change');
    assert.deepEqual([change?.old, change?.new], [{ role: 'viewer', areas: { 'East/F1': 'operator' } }, { role: 'engineer' }]);
  });

  it('keeps the role for an area that the configuration has lost for a while, and lets it reach nothing', async () => {
    const token = await tokenFor('none', { 'West/F1': 'operator' });
    const changed = new FakeNode('B', table('r1', 'North'), { access: 'login' });
    for (const frame of node.journal) changed.receive(frame);
    await start(changed);
    const response = await fetch(`${changed.server.url}/api/v1/points`, { headers: { authorization: `Bearer ${token}` } });
    assert.deepEqual([response.status, ((await response.json()) as { points: unknown[] }).points], [200, []]);
  });

  it('does not hide from who has signed in what is open to anyone', async () => {
    const open = await start(new FakeNode('A', table()));
    open.activate(1);
    const ask = async (path: string, init: RequestInit, secret: string): Promise<Response> => fetch(`${open.server.url}/api/v1/${path}`, { ...init, headers: { authorization: `Bearer ${secret}`, ...(init.body === undefined ? {} : { 'content-type': 'application/json' }) } });
    const { token } = (await (await ask('tokens', { method: 'POST', body: JSON.stringify({ name: 'e', role: 'none', areas: { East: 'operator', West: 'none' } }) }, TOKEN)).json()) as { token: string };
    assert.equal(((await (await ask('points', {}, token)).json()) as { points: unknown[] }).points.length, 7);
    const write = async (point: string): Promise<number> => (await ask(`points/${point}`, { method: 'PUT', body: '{"value":1}' }, token)).status;
    assert.deepEqual([await write('East.Sp'), await write('West.Sp'), await write('Site.OaT')], [200, 403, 403]);
  });
});

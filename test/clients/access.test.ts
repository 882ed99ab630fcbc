import assert from 'node:assert/strict';
import { WebSocket } from 'ws';
import { TandemClient, type WebSocketLike } from '../../src/client-sdk/index.js';
import type { AuditEntry, TokenView, UserView } from '../../src/contract/index.js';
import type { Json } from '../../src/image/index.js';
import { demoAlarm, demoTable, FakeNode, TOKEN } from './fake-node.js';
import { connected, RawClient, until } from './helpers.js';

const PASSWORD = 'a long enough one';
const HOUR = 3_600_000;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

describe('clients: users, sessions and tokens', () => {
  let node: FakeNode;
  let code: string | undefined;

  beforeEach(async () => {
    code = undefined;
    node = new FakeNode('A', demoTable(), { access: 'login', setUpFile: { path: 'set-up-code', read: () => code, write: (made) => (code = made), remove: () => (code = undefined) } });
    await node.server.start();
    node.activate(1);
  });

  afterEach(async () => node.server.stop());

  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> => {
    const response = await fetch(node.server.url + path, { method, headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
  };
  const as = (secret: string): Record<string, string> => ({ authorization: `Bearer ${secret}` });
  const setUp = async (): Promise<string> => {
    const { status, body } = await call('POST', '/api/v1/set-up', { code, name: 'Anna', password: PASSWORD });
    assert.equal(status, 200, JSON.stringify(body));
    return body.key as string;
  };
  const add = async (key: string, name: string, role: string): Promise<string> => {
    assert.equal((await call('POST', '/api/v1/users', { name, role, password: PASSWORD }, as(key))).status, 201);
    return (await call('POST', '/api/v1/session', { user: name, password: PASSWORD })).body.key as string;
  };
  const refused = ({ status, body }: Answer, expected: number, wanted: string): void => assert.deepEqual([status, body.code], [expected, wanted]);
  const audit = async (key: string, query = ''): Promise<readonly AuditEntry[]> => (await call('GET', `/api/v1/audit?limit=1000${query}`, undefined, as(key))).body.entries as AuditEntry[];

  it('tells nothing and takes nothing before somebody has signed in', async () => {
    for (const path of ['/api/v1/points', '/api/v1/redundancy', '/api/v1/configuration', '/api/v1/audit', '/api/v1/users']) refused(await call('GET', path), 401, 'CLIENT_UNAUTHORIZED');
    refused(await call('PUT', '/api/v1/points/N0', { value: 1 }), 401, 'CLIENT_UNAUTHORIZED');
    assert.equal((await call('GET', '/healthz')).status, 200);
    assert.equal((await call('GET', '/active')).status, 200);
    const client = await connected(node);
    client.send({ type: 'subscribe', id: 's', points: ['*'] });
    assert.equal((await client.next('error')).code, 'CLIENT_UNAUTHORIZED');
    client.send({ type: 'write', id: 'w', point: 'N0', value: 1, epoch: 1 });
    assert.equal((await client.next('result')).code, 'CLIENT_UNAUTHORIZED');
    client.socket.close();
  });

  it('makes the first administrator with the code that it showed, once', async () => {
    assert.match(code ?? '', /^([0-9A-Z]{4}-){3}[0-9A-Z]{4}$/);
    assert.equal((await call('GET', '/api/v1/session')).body.needsSetUp, true);
    refused(await call('POST', '/api/v1/set-up', { code: 'AAAA-AAAA-AAAA-AAAA', name: 'Eve', password: PASSWORD }), 403, 'SETUP_REFUSED');
    refused(await call('POST', '/api/v1/set-up', { code, name: 'Anna', password: 'short' }), 422, 'USER_INVALID');
    const shown = code!.toLowerCase().replaceAll('-', ' ');
    const { status, body } = await call('POST', '/api/v1/set-up', { code: shown, name: 'Anna', password: PASSWORD });
    assert.equal(status, 200);
    assert.equal(code, undefined, 'the file is removed');
    const session = (await call('GET', '/api/v1/session', undefined, as(body.key as string))).body;
    assert.deepEqual([session.needsSetUp, (session.user as { name: string; role: string }).role], [false, 'administrator']);
    refused(await call('POST', '/api/v1/set-up', { code: shown, name: 'Eve', password: PASSWORD }), 403, 'SETUP_REFUSED');
  });

  it('gives each role what its routes need and no more', async () => {
    const key = await setUp();
    const viewer = await add(key, 'vic', 'viewer');
    const operator = await add(key, 'oli', 'operator');
    const engineer = await add(key, 'eng', 'engineer');
    assert.equal((await call('GET', '/api/v1/points', undefined, as(viewer))).status, 200);
    refused(await call('PUT', '/api/v1/points/N0', { value: 1 }, as(viewer)), 403, 'CLIENT_FORBIDDEN');
    assert.equal((await call('PUT', '/api/v1/points/N0', { value: 1 }, as(operator))).status, 200);
    assert.match(node.writes[0]!.by, /^oli@127\.0\.0\.1$/);
    refused(await call('POST', '/api/v1/redundancy/drill', {}, as(operator)), 403, 'CLIENT_FORBIDDEN');
    assert.equal((await call('POST', '/api/v1/redundancy/drill', {}, as(engineer))).status, 202);
    refused(await call('GET', '/api/v1/users', undefined, as(engineer)), 403, 'CLIENT_FORBIDDEN');
    // Another role is in force with the next request.
    await call('PUT', '/api/v1/users/oli', { role: 'viewer' }, as(key));
    refused(await call('PUT', '/api/v1/points/N0', { value: 2 }, as(operator)), 403, 'CLIENT_FORBIDDEN');
  });

  it('never stores or tells a password, key or token', async () => {
    const key = await setUp();
    const { body } = await call('POST', '/api/v1/tokens', { name: 'reports', role: 'viewer' }, as(key));
    const stored = JSON.stringify([...node.state.keyed.entries('')]) + JSON.stringify(node.journal.flatMap(({ logs }) => logs));
    for (const secret of [PASSWORD, key, body.token as string]) assert.ok(!stored.includes(secret));
    for (const path of ['/api/v1/users', '/api/v1/tokens', '/api/v1/sessions', '/api/v1/audit']) {
      const text = JSON.stringify((await call('GET', path, undefined, as(key))).body);
      assert.ok(!/scrypt|hash/.test(text) && ![PASSWORD, key, body.token as string].some((secret) => text.includes(secret)), path);
    }
  });

  it('keeps a person signed in by a cookie that no script and no other page can use', async () => {
    await setUp();
    const signedIn = await call('POST', '/api/v1/session', { user: 'anna', password: PASSWORD });
    const cookie = signedIn.headers.get('set-cookie') ?? '';
    assert.match(cookie, /HttpOnly; SameSite=Strict/);
    const brought = { cookie: cookie.split(';')[0]! };
    assert.equal((await call('GET', '/api/v1/session', undefined, brought)).body.key, signedIn.body.key);
    assert.equal((await call('GET', '/api/v1/points', undefined, brought)).status, 200);
    refused(await call('PUT', '/api/v1/points/N0', { value: 1 }, brought), 403, 'CLIENT_ORIGIN');
    refused(await call('PUT', '/api/v1/points/N0', { value: 1 }, { ...brought, origin: 'http://evil.example' }), 403, 'CLIENT_ORIGIN');
    assert.equal((await call('PUT', '/api/v1/points/N0', { value: 1 }, { ...brought, origin: node.server.url })).status, 200);
    assert.equal((await call('DELETE', '/api/v1/session', undefined, { ...brought, origin: node.server.url })).status, 204);
    refused(await call('GET', '/api/v1/points', undefined, brought), 401, 'CLIENT_UNAUTHORIZED');
  });

  it('ends a session after twelve idle hours, after a week, with its user, and when somebody says so', async () => {
    const key = await setUp();
    const idle = await add(key, 'idle', 'viewer');
    const gone = await add(key, 'gone', 'viewer');
    const works = async (secret: string): Promise<boolean> => (await call('GET', '/api/v1/points', undefined, as(secret))).status === 200;
    node.laterMs = 11 * HOUR;
    assert.deepEqual([await works(key), await works(gone)], [true, true]);
    node.laterMs = 13 * HOUR;
    assert.deepEqual([await works(key), await works(idle), await works(gone)], [true, false, true]);
    await call('PUT', '/api/v1/users/gone', { disabled: true }, as(key));
    assert.equal(await works(gone), false);
    for (let hours = 20; hours < 7 * 24; hours += 8) {
      node.laterMs = hours * HOUR;
      assert.equal(await works(key), true, `after ${String(hours)} h`);
    }
    node.laterMs = (7 * 24 + 1) * HOUR;
    assert.equal(await works(key), false);
  });

  it('locks a user after five wrong passwords, whoever guesses, and an administrator unlocks it', async () => {
    const key = await setUp();
    await add(key, 'oli', 'operator');
    const guess = async (password: string): Promise<Answer> => call('POST', '/api/v1/session', { user: 'oli', password });
    for (let i = 0; i < 5; i++) refused(await guess('wrong'), 401, 'CLIENT_UNAUTHORIZED');
    refused(await guess(PASSWORD), 429, 'USER_LOCKED');
    refused(await call('POST', '/api/v1/session', { user: 'nobody', password: 'wrong' }), 401, 'CLIENT_UNAUTHORIZED');
    const { users } = (await call('GET', '/api/v1/users', undefined, as(key))).body as { users: UserView[] };
    assert.ok((users.find(({ name }) => name === 'oli')?.lockedUntilMs ?? 0) > Date.now());
    await call('PUT', '/api/v1/users/oli', { locked: false }, as(key));
    assert.equal((await guess(PASSWORD)).status, 200);
    for (let i = 0; i < 5; i++) await guess('wrong');
    node.laterMs = 6 * 60_000;
    assert.equal((await guess(PASSWORD)).status, 200);
  });

  it('slows down an address that keeps guessing', async () => {
    const codes = new Set<unknown>();
    for (let i = 0; i < 30; i++) codes.add((await call('POST', '/api/v1/session', { user: `u${String(i)}`, password: 'wrong' })).body.code);
    assert.deepEqual([...codes], ['CLIENT_UNAUTHORIZED', 'CLIENT_LIMIT']);
    const limited = await call('POST', '/api/v1/session', { user: 'u', password: 'wrong' });
    assert.ok(Number(limited.headers.get('retry-after')) > 0);
  });

  it('never loses its last administrator', async () => {
    const key = await setUp();
    for (const change of [{ role: 'operator' }, { disabled: true }]) refused(await call('PUT', '/api/v1/users/anna', change, as(key)), 422, 'USER_INVALID');
    refused(await call('DELETE', '/api/v1/users/anna', undefined, as(key)), 422, 'USER_INVALID');
    await add(key, 'ben', 'administrator');
    assert.equal((await call('DELETE', '/api/v1/users/anna', undefined, as(key))).status, 204);
    refused(await call('GET', '/api/v1/users', undefined, as(key)), 401, 'CLIENT_UNAUTHORIZED');
  });

  it('gives tokens with a scope and an end, shown once', async () => {
    const key = await setUp();
    const { body } = await call('POST', '/api/v1/tokens', { name: 'bms-report', role: 'viewer', for: '1h' }, as(key));
    const token = body.token as string;
    assert.match(token, /^tandem_/);
    refused(await call('POST', '/api/v1/tokens', { name: 'bms-report', role: 'viewer' }, as(key)), 409, 'USER_EXISTS');
    assert.equal((await call('GET', '/api/v1/points', undefined, as(token))).status, 200);
    refused(await call('PUT', '/api/v1/points/N0', { value: 1 }, as(token)), 403, 'CLIENT_FORBIDDEN');
    node.laterMs = 2 * HOUR;
    refused(await call('GET', '/api/v1/points', undefined, as(token)), 401, 'CLIENT_UNAUTHORIZED');
    const { tokens } = (await call('GET', '/api/v1/tokens', undefined, as(key))).body as { tokens: TokenView[] };
    assert.equal(tokens.length, 1);
    assert.equal((await call('DELETE', `/api/v1/tokens/${tokens[0]!.id}`, undefined, as(key))).status, 204);
  });

  it('audits who did what, from where, from what to what, and how it ended', async () => {
    const key = await setUp();
    const oli = await add(key, 'oli', 'operator');
    await call('POST', '/api/v1/redundancy/switch', { reason: 'test' }, as(oli));
    await call('PUT', '/api/v1/users/oli', { role: 'engineer' }, as(key));
    const entries = await audit(key);
    const find = (action: string): AuditEntry | undefined => entries.find((entry) => entry.action === action);
    assert.deepEqual({ ...find('user-change'), id: '', timeMs: 0 }, { id: '', timeMs: 0, who: 'Anna', from: '127.0.0.1', action: 'user-change', target: 'oli', old: { role: 'operator' }, new: { role: 'engineer' }, outcome: 'done' });
    assert.deepEqual([find('switch')?.who, find('switch')?.outcome, find('switch')?.new], ['oli', 'refused', { reason: 'test' }]);
    assert.ok(find('set-up') !== undefined && find('sign-in') !== undefined);
    assert.deepEqual((await audit(key, '&who=oli&action=switch')).map(({ who }) => who), ['oli']);
    const first = (await call('GET', '/api/v1/audit?limit=2', undefined, as(key))).body as { entries: AuditEntry[]; next: string };
    const second = (await call('GET', `/api/v1/audit?limit=2&before=${first.next}`, undefined, as(key))).body as { entries: AuditEntry[] };
    assert.deepEqual([...first.entries, ...second.entries].map(({ id }) => id), entries.slice(0, 4).map(({ id }) => id));
  });

  it('audits what was refused, also where it is nested too deeply to be written', async () => {
    const key = await setUp();
    const deep = 30_000;
    const response = await fetch(`${node.server.url}/api/v1/alarms/silence`, { method: 'POST', headers: { ...as(key), 'content-type': 'application/json' }, body: `{"alarms":${'['.repeat(deep)}${']'.repeat(deep)}}` });
    assert.equal(response.status, 400);
    const [entry] = await audit(key, '&action=alarm-silence');
    assert.deepEqual([entry?.who, entry?.outcome, entry?.new], ['Anna', 'refused', { nested: 'too deeply' }]);
  });

  it('gives the audit and the event record as files whole, page by page, and lists them as under way', async () => {
    const key = await setUp();
    const note = (count: number): object => ({ who: 'x', from: '', action: 'note', target: String(count), outcome: 'done' });
    node.record([], Array.from({ length: 2_500 }, (_, count) => ({ kind: 'audit', data: note(count) as Json })));
    const asked: (readonly unknown[])[] = [];
    const read = node.access.audit.bind(node.access);
    Object.assign(node.access, { audit: async (query: Parameters<typeof read>[0]) => {
      node.laterMs = 2_000;
      asked.push(node.activities.list().map(({ kind, subject, done, unit }) => [kind, subject, done, unit]));
      return read(query);
    } });
    const file = async (path: string): Promise<string> => (await fetch(`${node.server.url}/api/v1/${path}`, { headers: as(TOKEN) })).text();
    const lines = (await file('audit?format=csv&action=note')).trim().split('\n');
    assert.deepEqual([lines.length, lines[1]?.includes(',note,2499,'), lines.at(-1)?.includes(',note,0,')], [2_501, true, true]);
    assert.deepEqual(asked.flat(), [['export', 'audit', undefined, undefined], ['export', 'audit', 1, 'rows'], ['export', 'audit', 1_001, 'rows']].slice(0, asked.flat().length));
    assert.ok(asked.length === 3);
    assert.equal((await file('audit?format=jsonl&limit=3')).trim().split('\n').length, 3);
    for (let at = 1; at <= 2_100; at++) node.decided.push({ timeMs: at, node: 'A', what: 'went', evidence: `evidence ${String(at)}` });
    assert.equal((await file('redundancy/events?format=jsonl')).trim().split('\n').length, 2_100);
    assert.equal((await file('redundancy/events?format=csv&match=evidence%207&limit=5')).trim().split('\n').length, 6);
    assert.deepEqual(node.activities.list(), []);
    node.laterMs = 0;
    assert.equal(((await call('GET', '/api/v1/audit?action=note', undefined, as(key))).body.entries as unknown[]).length, 100);
  });

  it('asks for a credential on a WebSocket too, and takes it away while the socket lives', async () => {
    const key = await setUp();
    const client = await connected(node);
    client.send({ type: 'authenticate', token: 'guess' });
    assert.equal((await client.next('error')).code, 'CLIENT_UNAUTHORIZED');
    client.send({ type: 'authenticate', token: key });
    assert.deepEqual((await client.next('authenticated')).user, { name: 'Anna', role: 'administrator' });
    client.send({ type: 'subscribe', id: 's', points: ['N0'] });
    await client.next('snapshot');
    const { sessions } = (await call('GET', '/api/v1/sessions', undefined, as(TOKEN))).body as { sessions: { id: string }[] };
    await call('DELETE', `/api/v1/sessions/${sessions[0]!.id}`, undefined, as(TOKEN));
    assert.equal((await client.next('error')).code, 'CLIENT_UNAUTHORIZED');
    node.set({ N0: 7 });
    await client.next('heartbeat');
    assert.equal(client.of('changes').length, 0);
    client.socket.close();
  });

  it('ends a session by time on a WebSocket too; its key is then worth nothing anywhere, whoever brings it', async () => {
    await setUp();
    const signedIn = await call('POST', '/api/v1/session', { user: 'anna', password: PASSWORD });
    const key = signedIn.body.key as string;
    const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0]!;
    const client = await connected(node);
    client.send({ type: 'authenticate', token: key });
    client.send({ type: 'subscribe', id: 's', points: ['N0'] });
    await client.next('snapshot');
    node.laterMs = 13 * HOUR;
    assert.equal((await client.next('error')).code, 'CLIENT_UNAUTHORIZED');
    node.set({ N0: 7 });
    client.send({ type: 'write', id: 'w', point: 'N0', value: 1, epoch: 1 });
    assert.equal((await client.next('result')).code, 'CLIENT_UNAUTHORIZED');
    assert.deepEqual([client.of('changes').length, client.closed], [0, undefined], 'nothing more is told, and the socket waits for who signs in');
    // Stolen while it was good: as a bearer, as a cookie, from a page of somebody else, changed, and for another session.
    for (const [headers, status, wanted] of [
      [as(key), 401, 'CLIENT_UNAUTHORIZED'],
      [{ cookie, origin: node.server.url }, 401, 'CLIENT_UNAUTHORIZED'],
      [{ cookie, origin: 'http://evil.example' }, 403, 'CLIENT_ORIGIN'],
      [as(`${key}x`), 401, 'CLIENT_UNAUTHORIZED'],
      [as('x'.repeat(8_000)), 401, 'CLIENT_UNAUTHORIZED'],
    ] as const) {
      refused(await call('PUT', '/api/v1/points/N0', { value: 1 }, headers), status, wanted);
      refused(await call('PUT', '/api/v1/session', {}, headers), status, wanted);
    }
    assert.equal(node.writes.length, 0);
    const again = (await call('POST', '/api/v1/session', { user: 'anna', password: PASSWORD })).body.key as string;
    client.send({ type: 'authenticate', token: again });
    client.send({ type: 'subscribe', id: 's', points: ['N0'] });
    await until(() => client.of('snapshot').at(-1)?.values[0]?.[1] === 7, 'the same socket goes on');
    client.socket.close();
  });

  it('refuses WebSockets of pages of other origins', async () => {
    const open = async (origin: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = new WebSocket(`${node.server.url.replace('http', 'ws')}/ws`, { origin });
        socket.once('open', () => resolve('open'));
        socket.once('unexpected-response', (_request, response) => resolve(String(response.statusCode)));
        socket.once('error', () => undefined);
      });
    assert.deepEqual([await open('http://evil.example'), await open('null'), await open('https://hmi.example'), await open(node.server.url)], ['403', '403', 'open', 'open']);
  });

  it('lets the client library sign in, and go on where it was when its session had ended', async () => {
    const key = await setUp();
    const client = new TandemClient({ urls: [node.server.url], points: ['N*'], webSocket: (url): WebSocketLike => new WebSocket(url) });
    client.start();
    await until(() => client.state === 'unauthorized', 'unauthorized');
    client.setToken(key);
    await until(() => client.state === 'live', 'live');
    await client.write('N0', 3);
    const { sessions } = (await call('GET', '/api/v1/sessions', undefined, as(TOKEN))).body as { sessions: { id: string }[] };
    await call('DELETE', `/api/v1/sessions/${sessions[0]!.id}`, undefined, as(TOKEN));
    await until(() => client.state === 'unauthorized', 'unauthorized again');
    node.set({ N1: 5 });
    client.setToken((await call('POST', '/api/v1/session', { user: 'anna', password: PASSWORD })).body.key as string);
    await until(() => client.points.get('N1')?.value === 5, 'what changed meanwhile');
    assert.deepEqual([client.counters.snapshots, client.counters.missed, client.counters.repeated], [1, 0, 0]);
    client.close();
  });

  it('knows the sessions of the other node, and changes users on the active one only', async () => {
    const standby = new FakeNode('B', demoTable(), { access: 'login' });
    node.standby = standby;
    for (const frame of node.journal) standby.receive(frame);
    await standby.server.start();
    const key = await setUp();
    const answer = await fetch(`${standby.server.url}/api/v1/session`, { headers: as(key) });
    assert.equal(((await answer.json()) as { user: { name: string } }).user.name, 'Anna');
    const refusal = await fetch(`${standby.server.url}/api/v1/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ user: 'anna', password: PASSWORD }) });
    assert.equal(((await refusal.json()) as { code: string }).code, 'NOT_ACTIVE');
    node.deactivate();
    standby.activate(2);
    const raw = new RawClient(standby);
    await raw.next('hello');
    raw.send({ type: 'authenticate', token: key });
    await raw.next('authenticated');
    raw.socket.close();
    await standby.server.stop();
  });

  it('keep in the audit what somebody does to alarms over the WebSocket, refused attempts too', async () => {
    const key = await setUp();
    node.raise(demoAlarm('high', 'unacknowledged'));
    const client = await connected(node);
    client.send({ type: 'authenticate', token: key });
    await client.next('authenticated');
    client.send({ type: 'acknowledge', id: '1', alarm: 'high', occurrence: 1, note: 'seen' });
    assert.equal((await client.next('result')).ok, true);
    client.send({ type: 'alarm', id: '2', action: { kind: 'shelve', alarm: 'nowhere', forMs: 60_000 } });
    assert.equal((await client.next('result')).code, 'ALARM_UNKNOWN');
    client.send({ type: 'alarm', id: '3', action: { kind: 'mute', scope: { area: 'Tower/F1' }, forMs: 60_000 } });
    assert.equal((await client.next('result')).ok, true);
    const entries = (await audit(key)).map(({ who, action, target, outcome, code: why }) => [who, action, target, outcome, why]);
    assert.deepEqual(entries.filter(([who, action]) => who === 'Anna' && action !== 'set-up').reverse(), [
      ['Anna', 'acknowledge', 'high', 'done', undefined],
      ['Anna', 'alarm-shelve', 'nowhere', 'refused', 'ALARM_UNKNOWN'],
      ['Anna', 'alarm-mute', 'Tower/F1', 'done', undefined],
    ]);
    client.socket.close();
  });
});

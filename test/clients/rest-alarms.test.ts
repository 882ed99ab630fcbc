import assert from 'node:assert/strict';
import type { AlarmAction, WireLog } from '../../src/contract/index.js';
import { demoAlarm, demoTable, FakeNode, TOKEN } from './fake-node.js';

describe('clients: alarms over REST', () => {
  let node: FakeNode;
  beforeEach(async () => {
    node = new FakeNode('a', demoTable());
    await node.server.start();
    node.activate(1);
  });
  afterEach(async () => node.server.stop());

  const call = async (method: string, path: string, body?: unknown, token = TOKEN): Promise<{ status: number; body: Record<string, unknown> }> => {
    const headers = { ...(body === undefined ? {} : { 'content-type': 'application/json' }), authorization: `Bearer ${token}` };
    const response = await fetch(node.server.url + path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await response.text();
    return { status: response.status, body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : { text } };
  };
  const log = (name: string, more: Record<string, string | number>): void =>
    void node.record([], [{ kind: 'alarm', data: { event: 'raised', name, state: 'unacknowledged', priority: 2, class: 'hvac', point: `${name}.P`, area: 'Tower/F1', message: `${name} is high`, occurrence: 1, ...more } }]);

  it('carries out what a person does, in the words of the protocol, with a token only', async () => {
    node.raise(demoAlarm('high/1', 'unacknowledged'));
    const path = '/api/v1/alarms/high%2F1';
    const requests: [string, string, unknown][] = [
      ['POST', `${path}/shelve`, { for: '2h', note: 'pump is out' }],
      ['POST', `${path}/unshelve`, undefined],
      ['POST', `${path}/take-out-of-service`, { note: 'sensor' }],
      ['POST', `${path}/return-to-service`, undefined],
      ['POST', `${path}/reset`, undefined],
      ['POST', `${path}/notes`, { note: 'ordered', id: 'n1' }],
      ['POST', `${path}/acknowledge`, { occurrence: 1, transition: 'returned' }],
      ['POST', '/api/v1/alarms/silence', undefined],
      ['POST', '/api/v1/alarms/silence', { alarms: ['high/1'] }],
      ['POST', '/api/v1/alarms/mutes', { area: 'Tower', for: '8h', note: 'commissioning' }],
      ['DELETE', '/api/v1/alarms/mutes?device=plc', undefined],
    ];
    for (const [method, url, body] of requests) {
      const refused = await fetch(node.server.url + url, { method, ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }) });
      assert.equal(refused.status, 401, url);
      assert.equal((await call(method, url, body)).status, 200, url);
    }
    const expected: AlarmAction[] = [
      { kind: 'shelve', alarm: 'high/1', forMs: 7_200_000, note: 'pump is out' },
      { kind: 'unshelve', alarm: 'high/1' },
      { kind: 'take-out-of-service', alarm: 'high/1', note: 'sensor' },
      { kind: 'return-to-service', alarm: 'high/1' },
      { kind: 'reset', alarm: 'high/1' },
      { kind: 'note', alarm: 'high/1', id: 'n1', note: 'ordered' },
      { kind: 'acknowledge', alarm: 'high/1', occurrence: 1, transition: 'returned' },
      { kind: 'silence' },
      { kind: 'silence', alarms: ['high/1'] },
      { kind: 'mute', scope: { area: 'Tower' }, forMs: 28_800_000, note: 'commissioning' },
      { kind: 'unmute', scope: { device: 'plc' } },
    ];
    assert.deepEqual(node.actions.map((action) => ({ ...action, by: '' })), expected.map((action) => ({ ...action, by: '' })));
    for (const [url, body] of [[`${path}/shelve`, { for: 7 }], [`${path}/shelve`, {}], ['/api/v1/alarms/mutes', { for: '1h' }], ['/api/v1/alarms/mutes', { for: '1h', area: 'a', device: 'b' }], [`${path}/notes`, { note: '' }]] as const) {
      assert.deepEqual([(await call('POST', url, body)).status, node.actions.length], [400, expected.length], url);
    }
    assert.equal((await call('POST', '/api/v1/alarms/nobody/shelve', { for: '1h' })).status, 404);
    node.deactivate();
    assert.equal((await call('POST', `${path}/reset`)).status, 503);
  });

  it('finds in the journal by time, priority, class, point, state, area and text, in pages', async () => {
    log('A', { priority: 1 });
    const between = Date.now() + 1;
    while (Date.now() <= between);
    log('B', { class: 'fire', state: 'shelved', event: 'shelved', by: 'ann', note: 'works' });
    log('C', { area: 'Tower/F2' });
    const names = async (query: string): Promise<string[]> => ((await call('GET', `/api/v1/alarms/journal?${query}`)).body.entries as WireLog[]).map(({ data }) => (data as { name: string }).name);
    assert.deepEqual(await names(''), ['C', 'B', 'A']);
    assert.deepEqual(await names('priority=1,3'), ['A']);
    assert.deepEqual(await names('class=fire&state=shelved'), ['B']);
    assert.deepEqual(await names('point=C.P'), ['C']);
    assert.deepEqual(await names('area=Tower'), ['C', 'B', 'A']);
    assert.deepEqual(await names('area=Tower/F2'), ['C']);
    assert.deepEqual(await names('match=WORKS'), ['B']);
    assert.deepEqual(await names('event=raised&event=returned'), ['C', 'A']);
    assert.deepEqual(await names(`from=${between}`), ['C', 'B']);
    assert.deepEqual(await names(`to=${between - 1}`), ['A']);
    const first = (await call('GET', '/api/v1/alarms/journal?limit=2')).body;
    assert.deepEqual([(first.entries as WireLog[]).length, typeof first.next], [2, 'string']);
    const second = (await call('GET', `/api/v1/alarms/journal?limit=2&before=${encodeURIComponent(String(first.next))}`)).body;
    assert.deepEqual([(second.entries as WireLog[]).length, second.next], [1, undefined]);
    assert.equal((await call('GET', '/api/v1/alarms/journal?before=x')).status, 400);
    const csv = String((await call('GET', '/api/v1/alarms/journal?format=csv&separator=;&class=fire')).body.text);
    assert.match(csv, /^time;event;alarm;state;priority.*\n[^;]*;shelved;B;shelved;2;fire;B\.P;Tower\/F1;B is high;1;ann;works;.*\n$/);
  });

  it('shows one alarm with its definition and notes, those of a state, and the figures', async () => {
    node.raise({ ...demoAlarm('high', 'unacknowledged'), area: 'Tower/F1' });
    node.raise(demoAlarm('low', 'acknowledged'));
    node.record([['alarm-notes/high', [{ id: '1', timeMs: 1, by: 'ann', note: 'ordered' }]], ['alarm-mute/area/X', { scope: { area: 'X' }, untilMs: 9, sinceMs: 1, by: 'ann' }]]);
    const { body } = await call('GET', '/api/v1/alarms/high');
    assert.deepEqual([(body.alarm as { state: string }).state, body.definition, body.notes], ['unacknowledged', null, [{ id: '1', timeMs: 1, by: 'ann', note: 'ordered' }]]);
    assert.equal(((await call('GET', '/api/v1/alarms/defined')).body.definition as { name: string }).name, 'defined');
    assert.equal((await call('GET', '/api/v1/alarms/none')).status, 404);
    assert.deepEqual(((await call('GET', '/api/v1/alarms?state=acknowledged,latched')).body.alarms as { name: string }[]).map(({ name }) => name), ['low']);
    assert.deepEqual(((await call('GET', '/api/v1/alarms?area=Tower')).body.alarms as { name: string }[]).map(({ name }) => name), ['high']);
    assert.deepEqual(((await call('GET', '/api/v1/alarms/mutes')).body.mutes as unknown[]).length, 1);
    const figures = (await call('GET', '/api/v1/alarms/figures?from=0&to=600000&operators=2')).body;
    assert.deepEqual([figures.raised, figures.operators, figures.to], [0, 2, '1970-01-01T00:10:00.000Z']);
    assert.equal((await call('GET', '/api/v1/alarms/figures?from=5&to=5')).status, 400);
  });
});

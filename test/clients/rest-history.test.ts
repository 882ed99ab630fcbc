import assert from 'node:assert/strict';
import { GOOD, qualityOf, TandemError, type Activity } from '../../src/contract/index.js';
import { demoTable, FakeNode, TOKEN } from './fake-node.js';

const AT = Date.UTC(2026, 10, 21);

describe('clients: history over REST', () => {
  let node: FakeNode;

  beforeEach(async () => {
    node = new FakeNode('a', demoTable());
    await node.server.start();
    node.activate(1);
    node.samples = [[0, 20], [60, -4.5], [120, 22]].map(([second = 0, value = 0]) => ({ timeMs: AT + second * 1_000, value, quality: second === 120 ? qualityOf('bad', 'communication') : GOOD }));
  });
  afterEach(async () => node.server.stop());

  const get = async (path: string): Promise<{ status: number; body: Record<string, unknown> }> => {
    const response = await fetch(`${node.server.url}/api/v1/${path}`);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const csv = async (path: string, token?: string): Promise<string> => {
    const response = await fetch(`${node.server.url}/api/v1/${path}`, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });
    assert.match(response.headers.get('content-type') ?? '', /text\/csv/);
    // `text()` would take the byte-order mark away.
    return Buffer.from(await response.arrayBuffer()).toString('utf8');
  };
  const range = `from=${String(AT)}&to=${String(AT + 180_000)}`;

  it('gives pages that say where the next one begins', async () => {
    const first = await get(`history?point=N0&${range}&limit=2`);
    assert.deepEqual([(first.body.samples as unknown[]).length, first.body.next], [2, AT + 120_000]);
    const last = await get(`history?point=N0&from=${String(first.body.next)}&to=${String(AT + 180_000)}&limit=2`);
    assert.deepEqual([(last.body.samples as unknown[]).length, last.body.next], [1, undefined]);
  });

  it('sums up by stretches, and says for how much of each something is known', async () => {
    const { body } = await get(`history/aggregate?point=N0&${range}&every=1min`);
    assert.deepEqual(body.buckets, [
      { startMs: AT, min: 20, max: 20, mean: 20, first: 20, last: 20, sum: 20, count: 1, coverage: 1 },
      { startMs: AT + 60_000, min: -4.5, max: -4.5, mean: -4.5, first: -4.5, last: -4.5, sum: -4.5, count: 1, coverage: 1 },
      { startMs: AT + 120_000, sum: 0, count: 0, coverage: 0 },
    ]);
    assert.equal(((await get(`history/aggregate?point=N0&${range}&buckets=6`)).body).everyMs, 30_000);
  });

  it('refuses what cannot be summed up', async () => {
    for (const [query, status, code] of [
      [`point=N0&${range}&every=5ms`, 429, 'CLIENT_LIMIT'],
      [`point=N0&${range}&every=fast`, 400, 'CLIENT_MALFORMED'],
      [`point=Meter.Total&${range}`, 400, 'CLIENT_MALFORMED'],
      [`point=Nowhere&${range}`, 404, 'POINT_UNKNOWN'],
    ] as const) {
      const { status: found, body } = await get(`history/aggregate?${query}`);
      assert.deepEqual([found, body.code], [status, code], query);
    }
  });

  it('is a table for spreadsheets, of either kind', async () => {
    assert.equal(
      await csv(`history.csv?point=N0&${range}`),
      '\ufeffpoint,time,value,unit,quality\nN0,2026-11-21T00:00:00.000Z,20,,good\nN0,2026-11-21T00:01:00.000Z,-4.5,,good\nN0,2026-11-21T00:02:00.000Z,22,,bad (communication)\n',
    );
    // What takes long is seen by everybody as it goes on, by the time that it has come to; it ends with its last row.
    const seen: (readonly Activity[])[] = [];
    const history = node.history.bind(node);
    node.history = async (query) => {
      node.laterMs = 2_000;
      seen.push(node.activities.list());
      return history(query);
    };
    await csv(`history.csv?point=N0&point=N1&${range}`, TOKEN);
    assert.deepEqual(seen.at(-1)?.map(({ kind, by, state, done, total, unit }) => [kind, by, state, done, total, unit]), [['export', 'node a@127.0.0.1', 'running', 180_000, 360_000, 'ms']]);
    assert.deepEqual((await get('activities')).body.activities, []);
    node.history = async () => Promise.reject(new TandemError('STORE_CORRUPT', 'a block cannot be read'));
    assert.equal((await get(`history.csv?point=N0&${range}`)).body.code, 'STORE_CORRUPT');
    assert.deepEqual((await get('activities')).body.activities, [], 'it failed at once');
    node.laterMs = 0;
    node.history = history;
    const german = await csv(`history.csv?point=N0&point=N1&${range}&separator=;&every=1min`);
    assert.deepEqual(german.split('\n').slice(0, 3), ['\ufeffpoint;time;mean;min;max;sum;count;coverage;unit', 'N0;2026-11-21T00:00:00.000Z;20;20;20;20;1;1;', 'N0;2026-11-21T00:01:00.000Z;-4,5;-4,5;-4,5;-4,5;1;1;']);
    assert.equal(german.trim().split('\n').length, 7);
  });
});

import assert from 'node:assert/strict';
import { demoTable, FakeNode } from './fake-node.js';

describe('clients: schedules over REST', () => {
  let node: FakeNode;

  beforeEach(async () => {
    node = new FakeNode('a', demoTable());
    await node.server.start();
  });

  afterEach(async () => node.server.stop());

  const get = async (path: string): Promise<{ status: number; body: unknown }> => {
    const response = await fetch(node.server.url + path);
    return { status: response.status, body: await response.json() };
  };

  it('lists them, with a preview of a week or of as many days as are asked for', async () => {
    const { status, body } = await get('/api/v1/schedules');
    assert.equal(status, 200);
    assert.deepEqual((body as { schedules: { name: string; now: { why: string } }[] }).schedules.map(({ name, now }) => [name, now.why]), [['AHU', 'preview of 7 days'], ['Lobby', 'preview of 7 days']]);
    assert.equal(((await get('/api/v1/schedules/Lobby?days=31')).body as { now: { why: string } }).now.why, 'preview of 31 days');
  });

  it('refuses what cannot be', async () => {
    for (const [path, ...expected] of [['/api/v1/schedules?days=32', 400, 'CLIENT_MALFORMED'], ['/api/v1/schedules?days=x', 400, 'CLIENT_MALFORMED'], ['/api/v1/schedules/none', 404, 'SCHEDULE_UNKNOWN']] as const) {
      const { status, body } = await get(path);
      assert.deepEqual([status, (body as { code: string }).code], expected, path);
    }
  });
});

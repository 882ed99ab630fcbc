import assert from 'node:assert/strict';
import { PointTable } from '../../src/image/index.js';
import { FakeNode, TOKEN } from './fake-node.js';

const any = { year: null, month: null, day: null, weekday: null };

describe('schedules of devices over REST', () => {
  let node: FakeNode;
  let url: string;
  const ask = async (path: string, init: RequestInit = {}): Promise<{ status: number; body: Record<string, unknown> }> => {
    const response = await fetch(`${url}/api/v1/devices/${path}`, init);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const put = (path: string, body: unknown, token = TOKEN): ReturnType<typeof ask> => ask(path, { method: 'PUT', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: JSON.stringify(body) });

  beforeEach(async () => {
    node = new FakeNode('A', new PointTable('r', []));
    await node.server.start();
    url = `http://127.0.0.1:${String(node.server.port)}`;
    node.activate(1);
    node.scheduled.set('ahu/CAL:2', { kind: 'calendar', object: 'CAL:2', dateList: [] });
  });
  afterEach(async () => node.server.stop());

  it('are listed and read on the active node only', async () => {
    assert.deepEqual(await ask('ahu/schedules'), { status: 200, body: { schedules: ['CAL:2'] } });
    assert.deepEqual(await ask('ahu/schedules/CAL:2'), { status: 200, body: { kind: 'calendar', object: 'CAL:2', dateList: [] } });
    assert.equal((await ask('ahu/schedules/CAL:3')).status, 404);
    node.deactivate();
    assert.equal((await ask('ahu/schedules')).status, 503);
  });

  it('are written with a token, and only what one can be', async () => {
    const edit = { dateList: [{ date: { ...any, month: 12, day: 'last' } }, { range: { from: any, to: any } }, { weekNDay: { month: 'odd', week: 6, weekday: 5 } }] };
    assert.deepEqual(await put('ahu/schedules/CAL:2', edit), { status: 200, body: { device: 'ahu', object: 'CAL:2', held: 'protected' } });
    assert.deepEqual(node.scheduleEdits.map(({ device, object, edit: written }) => [device, object, written]), [['ahu', 'CAL:2', edit]]);
    assert.equal((await put('ahu/schedules/CAL:2', edit, 'wrong')).status, 401);
    for (const wrong of [{ dateList: [{ date: { ...any, day: 32 } }] }, { weekly: [[]] }, { weekly: 'never' }, { default: { real: 'hot' } }, { exceptions: [{ period: { calendar: 'CAL:1' }, values: [{ time: '25:00', value: null }], priority: 1 }] }, { unknown: 1 }]) {
      assert.equal((await put('ahu/schedules/CAL:2', wrong)).status, 400, JSON.stringify(wrong));
    }
    assert.equal(node.scheduleEdits.length, 1);
  });
});

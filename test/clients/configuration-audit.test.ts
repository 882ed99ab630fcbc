import assert from 'node:assert/strict';
import type { AppliedConfiguration, ConfigurationApi } from '../../src/clients/index.js';
import { TandemError, type ConfigurationDocument } from '../../src/contract/index.js';
import { demoTable, FakeNode, TOKEN } from './fake-node.js';

const origin = { how: 'edit', node: 'A', user: 'u', timeMs: 1, comment: 'two' } as const;
const before: ConfigurationDocument = { revision: 'old', number: 1, points: '', origin, text: 'site: {}' };
const after: AppliedConfiguration = { revision: 'new', number: 2, points: '', origin, held: 'protected' };

describe('clients: what the audit says of a change of the configuration', () => {
  let node: FakeNode;
  let edit: () => Promise<AppliedConfiguration>;
  let diff: ConfigurationApi['diff'];

  beforeEach(async () => {
    node = new FakeNode('a', demoTable());
    await node.server.start();
    node.activate(1);
    diff = async () => Promise.resolve({ from: before, to: after, changes: [{ section: 'alarms', name: 'High', change: 'added' }], patch: '' });
    const configuration: Partial<ConfigurationApi> = { current: () => before, edit: async () => edit(), diff: async (...range) => diff(...range) };
    Object.assign(node, { configuration });
  });

  afterEach(async () => node.server.stop());

  const put = async (): Promise<{ status: number; body: { number?: number; code?: string; detail?: string } }> => {
    const answer = await fetch(`${node.server.url}/api/v1/configuration/alarms/High`, { method: 'PUT', headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }, body: JSON.stringify({ value: { point: 'x' } }) });
    return { status: answer.status, body: (await answer.json()) as { number?: number } };
  };
  const audited = async (): Promise<{ outcome: string; code?: string; message?: string; new?: unknown }> => {
    const answer = await fetch(`${node.server.url}/api/v1/audit?action=configuration-edit`, { headers: { authorization: `Bearer ${TOKEN}` } });
    const { entries } = (await answer.json()) as { entries: { outcome: string; new?: unknown }[] };
    assert.equal(entries.length, 1);
    return entries[0] ?? { outcome: '' };
  };

  it('names what differs', async () => {
    edit = async () => Promise.resolve(after);
    assert.equal((await put()).status, 200);
    assert.deepEqual((await audited()).new, { revision: 'new', number: 2, comment: 'two', changes: ['added alarms High'] });
  });

  it('tells nobody that a change failed which is in force, because the revision before it is not kept', async () => {
    edit = async () => Promise.resolve(after);
    diff = async () => Promise.reject(new TandemError('CONFIG_UNKNOWN', 'configuration 1 is not kept (any more)'));
    const { status, body } = await put();
    assert.deepEqual([status, body.number], [200, 2]);
    const { outcome, new: said } = await audited();
    assert.deepEqual([outcome, said], ['done', { revision: 'new', number: 2, comment: 'two', changes: ['not compared'] }]);
  });

  it('is no refusal where it is in force and nobody confirms that it stays', async () => {
    edit = async () => Promise.reject(new TandemError('FENCED', 'configuration 2 (new) was put into force on this node, but nobody confirms that the pair keeps it'));
    assert.equal((await put()).body.code, 'FENCED');
    const { outcome, code, message } = await audited();
    assert.deepEqual([outcome, code], ['failed', 'FENCED']);
    assert.match(message ?? '', /was put into force/);
  });

  it('is a refusal where nothing was applied', async () => {
    edit = async () => Promise.reject(new TandemError('CONFIG_PARTNER', 'nothing was applied'));
    assert.equal((await put()).status, 409);
    const { outcome, code } = await audited();
    assert.deepEqual([outcome, code], ['refused', 'CONFIG_PARTNER']);
  });
});

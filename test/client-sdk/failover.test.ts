import assert from 'node:assert/strict';
import { TandemClientError, type ClientState, type TandemClient } from '../../src/client-sdk/index.js';
import { TandemError } from '../../src/contract/index.js';
import { demoAlarm } from '../clients/fake-node.js';
import { until } from '../clients/helpers.js';
import { clientOf, FakePair, Sockets } from './helpers.js';

describe('client library: failover', () => {
  let pair: FakePair;
  let sockets: Sockets;
  let client: TandemClient;

  beforeEach(async () => {
    pair = new FakePair();
    sockets = new Sockets();
    await pair.start();
    client = clientOf(pair, sockets);
    await until(() => client.state === 'live', 'live');
  });

  afterEach(async () => {
    client.close();
    await pair.stop();
  });

  const n0 = (): unknown => client.points.get('N0')?.value;

  it('holds values and alarms of the active node, and is connected to both', async () => {
    pair.active.set({ N0: 1, 'Fan.On': 1 });
    pair.active.raise(demoAlarm('high', 'unacknowledged'));
    await until(() => n0() === 1 && client.alarms.has('high'), 'value and alarm');
    assert.equal(client.points.get('Fan.On')!.value, true);
    await until(() => pair.standby.server.clients() === 1, 'warm second socket');
    pair.active.raise(demoAlarm('high', 'normal'));
    await until(() => !client.alarms.has('high'), 'alarm gone');
    assert.equal(client.activeUrl, pair.a.server.url);
  });

  it('goes on at the other node, missing and repeating nothing', async () => {
    const states: ClientState[] = [];
    const logs: string[] = [];
    client.on('state', (state) => states.push(state));
    client.on('log', (log) => logs.push(log.id));
    await until(() => pair.standby.server.clients() === 1, 'warm second socket');
    pair.active.set({ N0: 1 });
    pair.active.hold();
    pair.active.set({ N0: 2 });
    pair.active.raise(demoAlarm('high', 'unacknowledged'));
    const began = performance.now();
    pair.switchOver();
    await until(() => n0() === 2, 'the value that the lost node did not show');
    const tookMs = performance.now() - began;
    await until(() => client.state === 'live' && client.activeUrl === pair.b.server.url, 'live on the other');
    assert.deepEqual(states, ['switching', 'live']);
    assert.deepEqual(logs, ['1.4.0.n1']);
    const { missed, repeated, resets, resumes, snapshots } = client.counters;
    assert.deepEqual({ missed, repeated, resets, resumes, snapshots }, { missed: 0, repeated: 0, resets: 0, resumes: 1, snapshots: 1 });
    assert.ok(tookMs < 500, `took ${String(tookMs)} ms`);
  });

  it('asks for more at once than a node takes: what is above waits, and everything is done', async () => {
    const alarms = Array.from({ length: 1_050 }, (_, at) => `flood ${String(at)}`);
    for (const name of alarms) pair.active.raise(demoAlarm(name, 'unacknowledged'));
    await until(() => client.alarms.size >= alarms.length, 'the flood');
    const results = await Promise.allSettled(alarms.map(async (name) => client.acknowledge(name, { occurrence: 1 })));
    assert.deepEqual(results.filter(({ status }) => status === 'rejected'), []);
    assert.deepEqual([client.counters.resumes, client.counters.snapshots], [0, 1], 'it was never sent away');
  });

  it('follows through many switches', async () => {
    for (let round = 1; round <= 6; round++) {
      pair.switchOver();
      pair.active.set({ N0: round });
      await until(() => n0() === round && client.activeUrl === pair.active.server.url, `round ${String(round)}`);
    }
    assert.equal(client.counters.resets, 0);
    assert.equal(client.counters.missed + client.counters.repeated, 0);
  });

  it('takes a snapshot where the other node has another history', async () => {
    pair.active.standby = undefined;
    pair.active.set({ N0: 99 });
    await until(() => n0() === 99, 'value');
    pair.switchOver();
    await until(() => n0() === null, 'the phantom is gone');
    assert.equal(client.counters.resets, 1);
  });

  it('writes, and is told how it is held', async () => {
    const { held } = await client.write('N0', 5);
    assert.equal(held, 'protected');
    assert.equal(pair.active.writes[0]!.epoch, 1);
    await assert.rejects(client.write('Meter.Name', 'x'), (error) => error instanceof TandemClientError && error.code === 'POINT_READ_ONLY');
    client.setToken('guess');
    await assert.rejects(client.write('N0', 6), (error) => error instanceof TandemClientError && error.code === 'CLIENT_UNAUTHORIZED');
  });

  it('sends a write again under its id after a failover: once done, one outcome', async () => {
    pair.active.hold();
    const confirmed = client.write('N0', 5);
    await until(() => pair.a.writes.length === 1, 'write begun');
    pair.switchOver();
    assert.equal((await confirmed).held, 'protected');
    assert.equal(pair.a.writes.length + pair.b.writes.length, 1);
  });

  it('rejects a write that the new active node knows nothing of', async () => {
    pair.active.standby = undefined;
    pair.active.hold();
    const confirmed = client.write('N0', 5);
    await until(() => pair.a.writes.length === 1, 'write begun');
    pair.switchOver();
    await assert.rejects(confirmed, (error) => error instanceof TandemClientError && error.code === 'COMMAND_UNKNOWN');
    assert.equal(pair.b.writes.length, 0);
  });

  it('keeps a write until a node is active', async () => {
    pair.active.deactivate();
    await until(() => client.state !== 'live', 'nobody is active');
    const confirmed = client.write('N0', 5);
    pair.switchOver();
    await confirmed;
    assert.equal(pair.b.writes.length, 1);
  });

  it('asks again where a node is not active for a moment and knows no other one', async () => {
    const node = pair.active;
    node.peer = undefined;
    const carryOut = node.write.bind(node);
    let refusals = 3;
    node.write = async (command) => {
      if (refusals-- > 0) throw new TandemError('NOT_ACTIVE', 'this node is about to take over');
      return carryOut(command);
    };
    assert.equal((await client.write('N0', 5)).held, 'protected');
    assert.deepEqual([refusals, node.writes.length], [-1, 1]);
  });

  it('gives up a request after its time, saying whether it was sent', async () => {
    const impatient = clientOf(pair, sockets, { requestTimeoutMs: 50 });
    const stranded = clientOf(pair, sockets, { requestTimeoutMs: 50, urls: ['http://127.0.0.1:1'] });
    await assert.rejects(stranded.write('N0', 5), (error) => error instanceof TandemClientError && error.code === 'NOT_ACTIVE');
    stranded.close();
    await until(() => impatient.state === 'live', 'live');
    pair.active.hold();
    await assert.rejects(impatient.write('N0', 5), (error) => error instanceof TandemClientError && error.code === 'COMMAND_IN_DOUBT');
    impatient.close();
  });

  it('is told at once that a request is too large or too long, and nothing else that is under way is lost', async () => {
    await until(() => pair.standby.server.clients() === 1, 'warm second socket');
    const { opened } = sockets;
    const rejects = async (value: string, code: string): Promise<void> => assert.rejects(client.write('N0', value), (error: unknown) => error instanceof TandemClientError && error.code === code);
    // More often than a node bears what is no message at all.
    for (let i = 0; i < 8; i++) await rejects('x'.repeat(4_001), 'CLIENT_MALFORMED');
    await rejects('\u2713'.repeat(30_000), 'CLIENT_LIMIT');
    await client.write('N0', 4);
    assert.deepEqual(pair.active.writes.map(({ value }) => value), [4]);
    assert.equal(sockets.opened, opened, 'on the same connection');
  });

  it('acknowledges the occurrence that it shows', async () => {
    pair.active.raise(demoAlarm('high', 'unacknowledged', 4));
    await until(() => client.alarms.has('high'), 'alarm');
    await client.acknowledge('high', { note: 'on my way' });
    assert.deepEqual(pair.active.actions.map((action) => ({ ...action, by: '' })), [{ kind: 'acknowledge', alarm: 'high', occurrence: 4, note: 'on my way', by: '' }]);
    assert.equal((await client.actOnAlarm({ kind: 'shelve', alarm: 'high', forMs: 60_000 })).held, 'unprotected');
    assert.equal(pair.active.actions.at(-1)?.kind, 'shelve');
    await assert.rejects(client.acknowledge('none'), (error) => error instanceof TandemClientError && error.code === 'ALARM_UNKNOWN');
  });

  it('asks for other points', async () => {
    pair.active.set({ 'Fan.On': 1 });
    client.setPoints(['Fan.*']);
    await until(() => client.points.size === 2, 'two points');
    assert.equal(client.points.get('Fan.On')!.value, true);
    pair.switchOver();
    await until(() => client.activeUrl === pair.b.server.url && client.state === 'live', 'live on the other');
    assert.equal(client.points.size, 2);
  });
});

import assert from 'node:assert/strict';
import { CloseCode } from '../../src/contract/index.js';
import { demoAlarm, demoTable, FakeNode } from './fake-node.js';
import { connected, RawClient, until } from './helpers.js';

describe('clients: sessions', () => {
  let node: FakeNode;
  const clients: RawClient[] = [];
  const join = async (to = node): Promise<RawClient> => {
    const client = await connected(to);
    clients.push(client);
    return client;
  };

  beforeEach(async () => {
    node = new FakeNode('a', demoTable());
    await node.server.start();
    node.activate(1);
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.socket.terminate();
    await node.server.stop();
  });

  it('says hello with role, position and revision', async () => {
    const client = new RawClient(node);
    clients.push(client);
    const hello = await client.next('hello');
    assert.equal(hello.protocol, 1);
    assert.equal(hello.role, 'active');
    assert.deepEqual(hello.position, { epoch: { number: 1, node: 'a', nonce: 'n1' }, seq: 1, revision: 'rev1' });
  });

  it('sends a snapshot, then changes, with every kind of value', async () => {
    node.set({ N0: 1.5, 'Fan.On': 1, 'Fan.Mode': 2, 'Meter.Total': 12345678901234567890n, 'Meter.Name': 'east "1"' });
    node.raise(demoAlarm('high', 'unacknowledged'));
    const client = await join();
    client.send({ type: 'subscribe', id: 's', points: ['*'] });
    const snapshot = await client.next('snapshot');
    assert.equal(snapshot.reset, false);
    assert.equal(snapshot.position.seq, 3);
    const byName = new Map(snapshot.points.map((point) => [point.name, snapshot.values.find((row) => row[0] === point.index)!]));
    assert.equal(byName.get('N0')![1], 1.5);
    assert.equal(byName.get('N1')![1], null);
    assert.equal(byName.get('Fan.On')![1], true);
    assert.equal(byName.get('Fan.Mode')![1], 2);
    assert.equal(byName.get('Meter.Total')![1], '12345678901234567890');
    assert.equal(byName.get('Meter.Name')![1], 'east "1"');
    assert.deepEqual(snapshot.alarms.map((alarm) => alarm.name), ['high']);

    node.set({ 'Fan.On': 0, N3: Infinity });
    const changes = await client.next('changes');
    assert.equal(changes.seq, 4);
    assert.deepEqual(changes.values.map((row) => row[1]).sort(), [false, null]);
    assert.equal(changes.alarms, undefined);
  });

  it('sends only what the patterns mean, and nothing for a frame without it', async () => {
    const client = await join();
    client.send({ type: 'subscribe', id: 's', points: ['Fan.*', 'N1'] });
    const { points } = await client.next('snapshot');
    assert.deepEqual(points.map((point) => point.name), ['N1', 'Fan.On', 'Fan.Mode']);
    node.set({ N2: 1 });
    node.set({ N1: 2 });
    const changes = await client.next('changes');
    assert.deepEqual(changes.values.map(([index, value]) => [index, value]), [[1, 2]]);
    // The heartbeat covers the frames of which there was nothing to say.
    node.set({ N2: 5 });
    let beat = await client.next('heartbeat');
    while (beat.seq < 4) beat = await client.next('heartbeat');
  });

  it('tells alarms and their journal, and a deleted alarm as normal', async () => {
    const client = await join();
    client.send({ type: 'subscribe', id: 's', points: ['N5'] });
    await client.next('snapshot');
    node.raise(demoAlarm('high', 'unacknowledged'));
    const changes = await client.next('changes');
    assert.deepEqual(changes.values, []);
    assert.deepEqual(changes.alarms, [demoAlarm('high', 'unacknowledged')]);
    assert.deepEqual(changes.logs!.map((log) => log.kind), ['alarm']);
    node.record([['alarm/high', null]]);
    assert.equal((await client.next('changes')).alarms![0]!.state, 'normal');
  });

  it('holds a snapshot back until its position is visible, and sends what follows after it', async () => {
    const client = await join();
    node.hold();
    node.set({ N0: 1 });
    client.send({ type: 'subscribe', id: 's', points: ['*'] });
    await client.next('heartbeat');
    assert.equal(client.of('snapshot').length, 0);
    node.set({ N0: 2 });
    node.release();
    const snapshot = await client.next('snapshot');
    const changes = await client.next('changes');
    assert.equal(snapshot.values[0]![1], 1);
    assert.equal(changes.values[0]![1], 2);
    assert.equal(changes.seq, snapshot.position.seq + 1);
  });

  it('ends a subscription, and replaces one of the same id', async () => {
    const client = await join();
    client.send({ type: 'subscribe', id: 's', points: ['N0'] });
    await client.next('snapshot');
    client.send({ type: 'subscribe', id: 's', points: ['N1'] });
    assert.deepEqual((await client.next('snapshot')).points.map((point) => point.name), ['N1']);
    client.send({ type: 'unsubscribe', id: 's' });
    client.send({ type: 'subscribe', id: 't', points: ['N2'] });
    await client.next('snapshot');
    node.set({ N0: 1, N1: 1, N2: 1 });
    const changes = await client.next('changes');
    assert.equal(changes.id, 't');
    assert.equal(client.of('changes').length, 1);
  });

  it('redirects everybody without anyRole when it stops being active', async () => {
    node.peer = 'http://other:8080';
    const follower = await join();
    const reader = await join();
    follower.send({ type: 'subscribe', id: 's', points: ['*'] });
    reader.send({ type: 'subscribe', id: 's', points: ['*'], anyRole: true });
    await follower.next('snapshot');
    await reader.next('snapshot');
    const seq = node.set({ N0: 7 });
    node.deactivate();
    const redirect = await follower.next('redirect');
    assert.equal(redirect.url, 'http://other:8080');
    assert.equal(redirect.position.seq, seq);
    await until(() => follower.closed === CloseCode.redirect, 'close 4001');
    assert.equal((await reader.next('role')).role, 'standby');
    assert.equal(reader.closed, undefined);
  });

  it('without load sharing a standby serves nobody, and sends its readers to the active node', async () => {
    node.peer = 'http://other:8080';
    node.sharesLoad = false;
    const reader = await join();
    reader.send({ type: 'subscribe', id: 's', points: ['*'], anyRole: true });
    await reader.next('snapshot');
    node.deactivate();
    assert.equal((await reader.next('redirect')).url, 'http://other:8080');
    const late = await join();
    late.send({ type: 'subscribe', id: 's', points: ['*'], anyRole: true });
    assert.equal((await late.next('error')).code, 'NOT_ACTIVE');
    for (const [path, status] of [['points', 503], ['points/N0', 503], ['alarms', 503], ['redundancy', 200]] as const) assert.equal((await fetch(`${node.server.url}/api/v1/${path}`)).status, status, path);
    node.sharesLoad = true;
    assert.equal((await fetch(`${node.server.url}/api/v1/points`)).status, 200);
  });

  it('keeps a session on a standby waiting, and tells it when the node goes active', async () => {
    const standby = new FakeNode('b', demoTable());
    await standby.server.start();
    const client = await join(standby);
    client.send({ type: 'subscribe', id: 's', points: ['*'] });
    assert.equal((await client.next('error')).code, 'NOT_ACTIVE');
    standby.activate(5);
    const role = await client.next('role');
    assert.equal(role.role, 'active');
    assert.equal(role.epoch.number, 5);
    client.send({ type: 'subscribe', id: 's', points: ['*'] });
    await client.next('snapshot');
    await standby.server.stop();
    await until(() => client.closed === CloseCode.shutdown, 'close 4005');
  });

  it('tells at once of the epoch in which an active node leads on, whatever of it the client has subscribed to', async () => {
    const client = await join();
    client.send({ type: 'subscribe', id: 's', points: [] });
    await client.next('snapshot');
    node.activate(7);
    const told = await client.next('role');
    assert.deepEqual([told.role, told.epoch], ['active', node.state.position.epoch]);
  });

  it('serves a standby to who takes any role, and starts over when a snapshot replaces everything', async () => {
    const standby = new FakeNode('b', demoTable());
    await standby.server.start();
    standby.receive(node.snapshotFrame());
    node.standby = standby;
    const client = await join(standby);
    client.send({ type: 'subscribe', id: 's', points: ['*'], anyRole: true });
    await client.next('snapshot');
    node.set({ N0: 3 });
    const told = await client.next('changes');
    assert.equal(told.values[0]![1], 3);
    assert.deepEqual([told.role, told.epoch], ['standby', node.state.position.epoch]);
    standby.receive(node.snapshotFrame());
    const again = await client.next('snapshot');
    assert.equal(again.reset, true);
    assert.equal(again.values[0]![1], 3);
    node.set({ N0: 4 });
    assert.equal((await client.next('changes')).values[0]![1], 4);
    await standby.server.stop();
  });
});

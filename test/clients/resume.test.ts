import assert from 'node:assert/strict';
import type { WirePosition } from '../../src/contract/index.js';
import { limits } from '../../src/clients/limits.js';
import { demoAlarm, demoTable, FakeNode } from './fake-node.js';
import { connected, type RawClient, until } from './helpers.js';

describe('clients: resume', () => {
  let a: FakeNode;
  let b: FakeNode;
  const clients: RawClient[] = [];
  const join = async (to: FakeNode): Promise<RawClient> => {
    const client = await connected(to);
    clients.push(client);
    return client;
  };

  beforeEach(async () => {
    a = new FakeNode('a', demoTable());
    b = new FakeNode('b', demoTable());
    await a.server.start();
    await b.server.start();
    a.standby = b;
    a.activate(1);
    a.set({ N0: 1, N1: 1 });
    a.raise(demoAlarm('old', 'unacknowledged'));
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.socket.terminate();
    await a.server.stop();
    await b.server.stop();
  });

  const resume = async (node: FakeNode, position: WirePosition, anyRole = false): Promise<RawClient> => {
    const client = await join(node);
    client.send({ type: 'subscribe', id: 's', points: ['*'], resume: position, anyRole });
    return client;
  };
  const positionOf = (node: FakeNode): WirePosition => ({ ...node.state.position, revision: node.state.table.revision });

  it('tells on the same node what changed since', async () => {
    const position = positionOf(a);
    a.set({ N1: 2 });
    a.raise(demoAlarm('new', 'unacknowledged'));
    const changes = await (await resume(a, position)).next('changes');
    assert.equal(changes.resumed, true);
    assert.deepEqual(changes.values.map(([index, value, , , seq]) => [index, value, seq]), [[1, 2, 4]]);
    assert.deepEqual(changes.alarms!.map((alarm) => alarm.name), ['new']);
    assert.deepEqual(changes.logs!.map((log) => log.id), ['1.5.0.n1']);
  });

  it('reads the journal no further for a client that has gone', async () => {
    const position = positionOf(a);
    for (let entry = 0; entry < 50; entry++) a.record([], [{ kind: 'alarm', data: entry }]);
    let read: () => void = () => undefined;
    a.mayRead = async () => new Promise((resolve) => (read = resolve));
    const client = await resume(a, position);
    await until(() => {
      read();
      return a.framesRead > 2;
    }, 'it reads');
    client.socket.terminate();
    await until(() => a.server.clients() === 0, 'the client has gone');
    a.mayRead = async () => Promise.resolve();
    await until(() => {
      read();
      return a.readsUnderWay === 0;
    }, 'it reads no more');
    assert.ok(a.framesRead < 40, `${String(a.framesRead)} of 50 frames were read`);
  });

  it('starts over where more has happened than is told of after the fact', async () => {
    const position = positionOf(a);
    for (let entry = 0; entry <= limits.logsOwed; entry++) a.record([], [{ kind: 'alarm', data: entry }, { kind: 'audit', data: 'no client is told of these' }]);
    const snapshot = await (await resume(a, position)).next('snapshot');
    assert.equal(snapshot.reset, true);
    const last = positionOf(a);
    for (let entry = 0; entry < limits.logsOwed; entry++) a.record([], [{ kind: 'alarm', data: entry }, { kind: 'audit', data: 'nor do they count' }]);
    const changes = await (await resume(a, last)).next('changes');
    assert.equal(changes.logs?.length, limits.logsOwed);
  });

  it('goes on at the other node after it has taken over', async () => {
    const position = positionOf(a);
    a.set({ N1: 2 });
    a.deactivate();
    b.activate(2, 'failover');
    b.set({ N2: 3 });
    const client = await resume(b, position);
    const changes = await client.next('changes');
    assert.equal(changes.resumed, true);
    assert.deepEqual(changes.epoch, { number: 2, node: 'b', nonce: 'n2' });
    assert.deepEqual(changes.values.map(([index, value]) => [index, value]), [[1, 2], [2, 3]]);
    b.set({ N2: 4 });
    assert.equal((await client.next('changes')).values[0]![1], 4);
  });

  it('answers even when nothing changed, so that the client knows where it is', async () => {
    const changes = await (await resume(a, positionOf(a))).next('changes');
    assert.deepEqual([changes.resumed, changes.values, changes.seq], [true, [], 3]);
  });

  const reset = async (node: FakeNode, position: WirePosition): Promise<void> => {
    const client = await resume(node, position);
    assert.equal((await client.next('snapshot')).reset, true);
    assert.equal(client.of('changes').length, 0);
  };

  it('resets who holds frames that this history does not have', async () => {
    a.standby = undefined;
    a.set({ N0: 99 });
    b.activate(2, 'failover');
    await reset(b, positionOf(a));
  });

  it('resets across configurations, and below the tombstones that are gone', async () => {
    await reset(a, { ...positionOf(a), revision: 'other' });
    const position = positionOf(a);
    a.record([['alarm/old', null]]);
    a.state.keyed.dropTombstones(a.state.position.seq);
    await reset(a, position);
  });

  it('resets when the journal does not reach back', async () => {
    const position = positionOf(a);
    a.set({ N0: 5 });
    a.journal.length = 0;
    a.set({ N0: 6 });
    await reset(a, position);
  });

  it('waits on a standby that is merely behind', async () => {
    a.standby = undefined;
    a.set({ N0: 5 });
    const frame = a.journal.at(-1)!;
    const client = await resume(b, positionOf(a), true);
    b.receive(frame);
    const changes = await client.next('changes');
    assert.deepEqual([changes.resumed, changes.values], [true, []]);
  });

  it('resets after a bounded wait when the standby does not get there', async () => {
    a.standby = undefined;
    a.set({ N0: 5 });
    const client = await resume(b, positionOf(a), true);
    const snapshot = await client.next('snapshot');
    assert.equal(snapshot.reset, true);
    assert.equal(snapshot.values[0]![1], 1);
  });

  it('takes from a merged frame only what is new to the session', async () => {
    a.standby = undefined;
    const client = await resume(b, positionOf(b), true);
    await client.next('changes');
    a.set({ N0: 5 });
    const first = a.journal.at(-1)!;
    const second = a.set({ N1: 6 });
    const rows = a.state.image.changedSince(first.seq - 1);
    b.receive(first);
    b.visible$.next({ ...a.journal.at(-1)!, fromSeq: first.seq, values: rows });
    const changes = [await client.next('changes'), await client.next('changes')];
    assert.deepEqual(changes.map(({ seq, values }) => [seq, values.map((row) => row[0])]), [[first.seq, [0]], [second, [1]]]);
  });
});

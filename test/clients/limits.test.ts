import assert from 'node:assert/strict';
import { CloseCode, type ClientMessage } from '../../src/contract/index.js';
import { matchesGlob } from '../../src/clients/glob.js';
import { demoTable, FakeNode, numbersTable, TOKEN } from './fake-node.js';
import { RawClient, until } from './helpers.js';
import { oneNode } from './one-node.js';

describe('clients: limits', () => {
  const on = oneNode();

  it('answers rubbish with a code, and closes after a few', async () => {
    await on.begin(new FakeNode('a', demoTable()));
    const client = await on.join();
    for (const rubbish of ['{', '[]', '{"type":"subscribe"}', '{"type":"write","id":[1],"point":"N0","value":{},"token":"","epoch":0}', '{"type":"launch"}']) client.socket.send(rubbish);
    await until(() => client.closed !== undefined, 'closed');
    assert.equal(client.closed, CloseCode.malformed);
    assert.deepEqual(client.of('error').map((error) => error.code), Array.from({ length: 5 }, () => 'CLIENT_MALFORMED'));
  });

  it('answers a request that is not as documented with a result, because somebody waits for it', async () => {
    await on.begin(new FakeNode('a', demoTable()));
    const client = await on.join();
    const long = 'x'.repeat(4_001);
    for (const request of [{ type: 'write', id: 'w', point: 'N0', value: long, token: TOKEN, epoch: 1 }, { type: 'acknowledge', id: 'a', alarm: 'N0.high', occurrence: 1, token: TOKEN, note: long }, { type: 'alarm', id: 'n', token: TOKEN, action: { kind: 'note', alarm: 'N0.high', id: 'n', note: '' } }]) {
      client.socket.send(JSON.stringify(request));
      const { id, ok, code, message } = await client.next('result');
      assert.deepEqual([id, ok, code], [request.id, false, 'CLIENT_MALFORMED']);
      assert.match(message ?? '', /value|note/);
    }
    assert.equal(client.of('error').length, 0);
  });

  it('refuses binary and oversized messages, and too many of them', async () => {
    await on.begin(new FakeNode('a', demoTable()));
    const binary = await on.join();
    binary.socket.send(Buffer.from([1, 2, 3]));
    assert.equal((await binary.next('error')).code, 'CLIENT_MALFORMED');
    const big = await on.join();
    big.socket.send('x'.repeat(70_000));
    await until(() => big.closed === 1009, 'close 1009');
    const chatty = await on.join();
    for (let i = 0; i < 3_000; i++) chatty.send({ type: 'unsubscribe', id: 'x' });
    await until(() => chatty.closed === CloseCode.limit, 'close 4003');
  });

  it('bounds subscriptions and patterns', async () => {
    await on.begin(new FakeNode('a', demoTable()));
    const client = await on.join();
    for (let i = 0; i < 17; i++) client.send({ type: 'subscribe', id: `s${String(i)}`, points: ['N0'] });
    assert.equal((await client.next('error')).code, 'CLIENT_LIMIT');
    client.send({ type: 'subscribe', id: 's0', points: Array.from({ length: 65 }, (_, i) => `*${String(i)}`) });
    assert.equal((await client.next('error')).code, 'CLIENT_LIMIT');
    assert.equal(client.closed, undefined);
  });

  it('matches hostile patterns in bounded time', () => {
    assert.ok(matchesGlob('A*.Sa?', 'AHU1.Sa?'));
    assert.ok(!matchesGlob('A*b', 'AHU1'));
    const began = performance.now();
    assert.ok(!matchesGlob('*a'.repeat(100) + 'b', 'a'.repeat(300)));
    assert.ok(performance.now() - began < 1_000);
  });

  it('refuses writes without the token, of unknown points and of values that do not fit', async () => {
    await on.begin(new FakeNode('a', demoTable()));
    const client = await on.join();
    const code = async (change: Partial<Extract<ClientMessage, { type: 'write' }>>): Promise<string | undefined> => {
      client.send({ type: 'write', id: 'w', point: 'N0', value: 1, token: TOKEN, epoch: 1, ...change });
      return (await client.next('result')).code;
    };
    assert.equal(await code({ token: 'guess' }), 'CLIENT_UNAUTHORIZED');
    assert.equal(await code({ point: 'Nowhere' }), 'POINT_UNKNOWN');
    assert.equal(await code({ point: 'Meter.Name', value: 'x' }), 'POINT_READ_ONLY');
    assert.equal(await code({ value: 'warm' }), 'VALUE_INVALID');
    assert.equal(await code({ value: 101 }), 'VALUE_OUT_OF_RANGE');
    assert.equal(await code({ point: 'Fan.Mode', value: 'medium' }), 'VALUE_INVALID');
    assert.equal(on.node.writes.length, 0);
    assert.equal(await code({ id: 'x', point: 'Fan.Mode', value: 'high' }), undefined);
    assert.equal(await code({ id: 'y', value: null }), undefined);
    assert.deepEqual(on.node.writes.map((write) => write.value), [2, null]);
  });

  it('makes each message once for a hundred clients', async () => {
    await on.begin(new FakeNode('a', demoTable()));
    const all = await Promise.all(Array.from({ length: 100 }, async () => on.join()));
    for (const client of all) client.send({ type: 'subscribe', id: 'main', points: ['*'] });
    await Promise.all(all.map((client) => client.next('snapshot')));
    const before = { ...on.node.server.encoded() };
    for (let i = 0; i < 10; i++) on.node.set({ N0: i + 1 });
    await Promise.all(all.map((client) => until(() => client.of('changes').length === 10, 'ten changes')));
    assert.equal(on.node.server.encoded().frames - before.frames, 10);
    assert.equal(before.snapshots, 1);
    assert.equal(on.node.server.clients(), 100);
  });

  it('takes a thousand sockets at once, and goes on for the one that was there before', async () => {
    await on.begin(new FakeNode('a', demoTable()));
    const before = await on.join();
    before.send({ type: 'subscribe', id: 's', points: ['N0'] });
    await before.next('snapshot');
    const sockets = Array.from({ length: 1_000 }, () => new RawClient(on.node));
    on.clients.push(...sockets);
    await until(() => sockets.every((client) => client.of('hello').length === 1), 'a thousand hellos', 20_000);
    assert.equal(on.node.server.clients(), 1_001);
    const seq = on.node.set({ N0: 5 });
    assert.equal((await before.next('changes')).seq, seq);
    for (const client of sockets) client.socket.terminate();
    await until(() => on.node.server.clients() === 1, 'they are gone', 20_000);
  });

  it('takes messages out of order: what means nothing yet is answered or passed over, and the socket stays', async () => {
    await on.begin(new FakeNode('a', demoTable()));
    const client = await on.join();
    client.send({ type: 'unsubscribe', id: 'never begun' });
    client.send({ type: 'acknowledge', id: '1', alarm: 'none', occurrence: 7, token: TOKEN });
    assert.equal((await client.next('result')).code, 'ALARM_UNKNOWN');
    // A position of an epoch that is still to come, twice the same subscription, its end, and it again.
    const resume = { epoch: { number: 9, node: 'z', nonce: 'n' }, seq: 99_999, revision: 'rev1' };
    client.send({ type: 'subscribe', id: 's', points: ['N0'], resume });
    client.send({ type: 'subscribe', id: 's', points: ['N1'] });
    client.send({ type: 'unsubscribe', id: 's' });
    client.send({ type: 'subscribe', id: 's', points: ['N2'] });
    await until(() => client.of('snapshot').some(({ points }) => points[0]?.name === 'N2'), 'the last one counts');
    on.node.set({ N1: 1, N2: 2 });
    assert.deepEqual((await client.next('changes')).values.map(([index]) => index), [2]);
    assert.equal(client.closed, undefined);
  });

  it('merges for a client that does not read, in bounded memory, and brings it up to date', async () => {
    await on.begin(new FakeNode('a', numbersTable(2_000)));
    const slow = await on.join();
    slow.send({ type: 'subscribe', id: 's', points: ['*'] });
    await slow.next('snapshot');
    slow.socket.pause();
    let most = 0;
    for (let round = 1; round <= 400; round++) {
      on.node.ingest(Array.from({ length: 2_000 }, (_, id) => [id, round + id / 10_000]));
      on.node.cut();
      if (round === 200) on.node.record([], [{ kind: 'alarm', data: 'while it slept' }]);
      await new Promise((resolve) => setImmediate(resolve));
      most = Math.max(most, on.node.server.bufferedBytes());
    }
    assert.ok(most < 1_000_000, `queued ${String(most)} bytes`);
    slow.socket.resume();
    const last = on.node.state.position.seq;
    await until(() => (slow.of('changes').at(-1)?.seq ?? 0) >= last, 'up to date');
    const values = new Map<number, readonly [unknown, number]>();
    for (const { values: rows } of slow.of('changes')) {
      for (const [index, value, , , seq] of rows) {
        assert.ok(seq > (values.get(index)?.[1] ?? 0), 'a row went back');
        values.set(index, [value, seq]);
      }
    }
    for (let id = 0; id < 2_000; id++) assert.equal(values.get(id)![0], 400 + id / 10_000);
    assert.ok(slow.of('changes').length < 300, 'frames were merged');
    assert.equal(slow.of('changes').flatMap((changes) => changes.logs ?? []).length, 1);
  });
});

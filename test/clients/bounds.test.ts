import assert from 'node:assert/strict';
import { WebSocket } from 'ws';
import { CloseCode, type Timers } from '../../src/contract/index.js';
import { limits } from '../../src/clients/limits.js';
import { realTimers } from '../../src/platform/time.js';
import { demoTable, FakeNode, numbersTable, TOKEN } from './fake-node.js';
import { type RawClient, until } from './helpers.js';
import { oneNode } from './one-node.js';

/** What a node keeps for one client is bounded, and so is how many there are: refused with a code, and nobody else is disturbed. */
describe('clients: bounds', () => {
  const on = oneNode();

  it('takes as many sockets as it says, refuses the next one with a code, and takes it when one has gone', async () => {
    await on.begin(new FakeNode('a', demoTable(), { connections: 3 }));
    const [first, second] = [await on.join(), await on.join(), await on.join()];
    const refused = await new Promise<{ readonly status: number | undefined; readonly body: string }>((resolve, reject) => {
      const socket = new WebSocket(`${on.node.server.url.replace('http', 'ws')}/ws`);
      socket.on('error', reject);
      socket.once('unexpected-response', (_request, response) => {
        let body = '';
        response.on('data', (part: Buffer) => (body += part.toString('utf8')));
        response.on('end', () => resolve({ status: response.statusCode, body }));
      });
    });
    assert.deepEqual([refused.status, (JSON.parse(refused.body) as { code: string }).code], [503, 'CLIENT_LIMIT']);
    first.send({ type: 'subscribe', id: 's', points: ['N0'] });
    await first.next('snapshot');
    second.socket.close();
    await until(() => on.node.server.clients() === 2, 'one has gone');
    await on.join();
  });

  it('gives up a client that does not read for sixty heartbeats, with a code, and serves the others', async () => {
    const beats: (() => void)[] = [];
    const timers: Timers = {
      ...realTimers,
      every: (periodMs, run) => {
        if (periodMs !== limits.heartbeatMs) return realTimers.every(periodMs, run);
        beats.push(run);
        return { cancel: () => void beats.splice(0) };
      },
    };
    await on.begin(new FakeNode('a', numbersTable(2_000), { timers }));
    const [slow, other] = [await on.join(), await on.join()];
    for (const [client, points] of [[slow, '*'], [other, 'P0']] as const) {
      client.send({ type: 'subscribe', id: 's', points: [points] });
      await client.next('snapshot');
    }
    slow.socket.pause();
    // What it was sent until then is not looked at.
    slow.socket.removeAllListeners('message');
    // Until nothing more goes into its socket.
    for (let round = 1; on.node.server.bufferedBytes() <= limits.bufferedBytes; round++) {
      assert.ok(round < 2_000, 'its socket takes everything');
      on.node.ingest(Array.from({ length: 2_000 }, (_, id) => [id, round + id / 10_000]));
      on.node.cut();
      await new Promise((resolve) => setImmediate(resolve));
    }
    const last = (): number => other.of('changes').at(-1)?.seq ?? 0;
    await until(() => last() >= on.node.state.position.seq, 'the other one has it all', 20_000);
    const beat = async (): Promise<void> => {
      for (const run of beats) run();
      // The other one shows in between that it is there: its node asks it, too.
      await other.next('heartbeat');
    };
    for (let count = 1; count < limits.stalledBeats; count++) await beat();
    assert.equal(slow.socket.readyState, WebSocket.OPEN, 'a minute is not over');
    await beat();
    slow.socket.resume();
    await until(() => slow.closed !== undefined, 'it is closed', 20_000);
    assert.equal(slow.closed, CloseCode.slow);
    const seq = on.node.set({ P0: -1 });
    await until(() => last() >= seq, 'the other one goes on');
    assert.equal(other.closed, undefined);
  });

  it('lets so many requests of a socket wait for their result, and refuses the next one with a code', async () => {
    await on.begin(new FakeNode('a', demoTable()));
    const [client, other] = [await on.join(), await on.join()];
    on.node.hold();
    const write = (to: RawClient, id: string): void => to.send({ type: 'write', id, point: 'N0', value: 1, token: TOKEN, epoch: 1 });
    for (let count = 0; count <= limits.requestsInFlight; count++) write(client, `w${String(count)}`);
    const refused = await client.next('result');
    assert.deepEqual([refused.id, refused.ok, refused.code], [`w${String(limits.requestsInFlight)}`, false, 'CLIENT_LIMIT']);
    write(other, 'another');
    await until(() => on.node.writes.length === limits.requestsInFlight + 1, 'another socket has its own');
    on.node.release();
    await until(() => client.of('result').length === limits.requestsInFlight + 1 && other.of('result').length === 1, 'all have their result');
    assert.ok([...client.of('result').slice(1), ...other.of('result')].every(({ ok }) => ok));
    write(client, 'afterwards');
    await until(() => client.of('result').at(-1)?.ok === true && client.of('result').at(-1)?.id === 'afterwards', 'and goes on');
  });

  it('starts over for who slept through more of the journal than is kept for it', async () => {
    await on.begin(new FakeNode('a', numbersTable(2_000)));
    const slow = await on.join();
    slow.send({ type: 'subscribe', id: 's', points: ['*'] });
    await slow.next('snapshot');
    slow.socket.pause();
    for (let round = 1; on.node.server.bufferedBytes() <= limits.bufferedBytes; round++) {
      on.node.ingest(Array.from({ length: 2_000 }, (_, id) => [id, round + id / 10_000]));
      on.node.cut();
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (let entry = 0; entry <= limits.logsOwed; entry++) on.node.record([], [{ kind: 'alarm', data: entry }]);
    await new Promise((resolve) => setImmediate(resolve));
    slow.socket.resume();
    await until(() => slow.of('snapshot').some(({ reset }) => reset), 'a snapshot in place of it all', 20_000);
    assert.ok(slow.of('changes').flatMap(({ logs = [] }) => logs).length <= limits.logsOwed);
  });
});

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { limits } from '../../src/clients/limits.js';
import { Presence } from '../../src/clients/presence.js';
import type { Clock, Timers } from '../../src/contract/index.js';
import { realClock, realTimers } from '../../src/platform/time.js';
import { demoTable, FakeNode, TOKEN } from './fake-node.js';
import { until } from './helpers.js';

/** Longer than {@link limits.lateBeats}, and with room below {@link limits.awayBeats}. */
const FREEZE_MS = 2_300;

describe('clients: what waited while the node did not run', () => {
  it('is told by the heartbeats: waited is what came behind a late one, until one is on time', () => {
    let nowMs = 500;
    const presence = new Presence({ ...realClock, monotonicMs: () => nowMs });
    const beat = (afterMs: number): number | undefined => ((nowMs += afterMs), presence.beat());
    assert.equal(beat(1_000), undefined);
    const early = presence.arrival();
    nowMs += 2_000;
    assert.equal(presence.waited(early), 'no');
    nowMs += 1;
    assert.deepEqual([presence.waited(early), presence.waited(presence.arrival()), presence.wasAway], ['perhaps', 'perhaps', false]);
    // By its own beats it is late behind as well, until the first one on time.
    assert.equal(beat(0), undefined);
    const behind = presence.arrival();
    assert.equal(presence.waited(behind), 'perhaps');
    beat(1_000);
    assert.deepEqual([early, behind, presence.arrival()].map((each) => presence.waited(each)), ['perhaps', 'perhaps', 'no']);

    nowMs += 5_001;
    assert.deepEqual([presence.waited(presence.arrival()), presence.wasAway], ['long', true]);
    assert.equal(beat(999), 6_000);
    assert.equal(presence.wasAway, false, 'who connects anew stays');
    assert.equal(presence.waited(early), 'long');
    // A loop that stands still again has not read yet what waited.
    assert.equal(beat(2_500), undefined);
    assert.equal(presence.waited(presence.arrival()), 'long');
    beat(1_100);
    assert.equal(presence.waited(presence.arrival()), 'no');
  });

  it('is refused after a long absence where it changes anything, over REST', async () => {
    let laterMs = 0;
    const clock: Clock = { ...realClock, monotonicMs: () => laterMs };
    let beat: (() => void) | undefined;
    const timers: Timers = { ...realTimers, every: (_periodMs, run) => ((beat = run), { cancel: () => undefined }) };
    const node = new FakeNode('a', demoTable(), { clock, timers });
    await node.server.start();
    node.activate(1);
    const ask = async (method: string, path: string, body?: unknown): Promise<{ status: number; code?: unknown }> => {
      const headers = { authorization: `Bearer ${TOKEN}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
      const response = await fetch(node.server.url + path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
      const { code } = (await response.json()) as { code?: unknown };
      return { status: response.status, ...(code === undefined ? {} : { code }) };
    };
    const write = async (value: number): Promise<{ status: number; code?: unknown }> => ask('PUT', '/api/v1/points/N0', { value });
    try {
      assert.equal((await write(1)).status, 200);
      laterMs += limits.awayBeats * limits.heartbeatMs + 1;
      const late = { status: 503, code: 'CLIENT_LATE' };
      assert.deepEqual(await write(2), late);
      assert.deepEqual(await ask('POST', '/api/v1/alarms/N0 high/acknowledge', {}), late);
      assert.deepEqual(await ask('POST', '/api/v1/redundancy/switch', { reason: 'r' }), late);
      assert.equal((await ask('GET', '/api/v1/points/N0')).status, 200);
      beat?.();
      assert.deepEqual(await write(3), late, 'what waited may be read later than the first heartbeat');
      laterMs += limits.heartbeatMs;
      beat?.();
      assert.equal((await write(4)).status, 200);
      assert.deepEqual([node.writes.map(({ value }) => value), node.switches], [[1, 4], []]);
    } finally {
      await node.server.stop();
    }
  });

  it('is not carried out behind a freeze of the process where the client has left', async function () {
    this.timeout(60_000);
    const child = spawn(process.execPath, [fileURLToPath(new URL('frozen-child.js', import.meta.url))], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines: string[] = [];
    createInterface(child.stdout).on('line', (line) => lines.push(line));
    const sockets: Socket[] = [];
    try {
      await until(() => lines.length > 0, 'the node runs', 20_000);
      const url = new URL(lines[0]!.slice('at '.length));
      const open = async (): Promise<{ socket: Socket; text: () => string }> => {
        const socket = connect(Number(url.port), url.hostname);
        sockets.push(socket);
        let text = '';
        socket.on('data', (data: Buffer) => (text += data.toString('utf8'))).on('error', () => undefined);
        await once(socket, 'connect');
        return { socket, text: () => text };
      };
      const write = (value: number): string => {
        const body = JSON.stringify({ value });
        return `PUT /api/v1/points/N0 HTTP/1.1\r\nHost: ${url.host}\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\nContent-Length: ${String(body.length)}\r\n\r\n${body}`;
      };
      const [used, reset, stays] = [await open(), await open(), await open()];
      for (const [index, { socket, text }] of [used, reset, stays].entries()) {
        socket.write(write(index));
        await until(() => text().includes('"held"'), 'a write is answered', 20_000);
      }
      child.kill('SIGSTOP');
      await sleep(FREEZE_MS);
      used.socket.end(write(11));
      reset.socket.write(write(12), () => reset.socket.resetAndDestroy());
      // The kernel takes these for the process.
      const [fresh, many] = [await open(), await Promise.all(Array.from({ length: 20 }, open))];
      fresh.socket.end(write(13));
      for (const { socket } of many) socket.end(write(14));
      stays.socket.write(write(20));
      await sleep(100);
      child.kill('SIGCONT');
      await until(() => (stays.text().match(/HTTP\/1\.1 /g) ?? []).length === 2, 'who waits is answered', 20_000);
      const last = await open();
      // A machine that is slow has taken it for a long absence.
      for (let tries = 0; !last.text().includes('"held"'); tries++) {
        assert.ok(tries < 100, 'a new write is carried out');
        const answered = last.text().length;
        last.socket.write(write(30));
        await until(() => last.text().length > answered, 'it is answered', 20_000);
        await sleep(100);
      }
      await until(() => lines.includes('write 30'), 'it is told', 20_000);
      const carriedOut = lines.slice(1).map((line) => line.slice('write '.length));
      assert.deepEqual(carriedOut.filter((value) => value.startsWith('1') && value !== '1'), [], 'their clients had left');
      assert.equal(carriedOut.includes('20'), !stays.text().includes('CLIENT_LATE'), 'who stayed is told what became of it');
    } finally {
      for (const socket of sockets) socket.destroy();
      child.kill('SIGCONT');
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
    }
  });
});

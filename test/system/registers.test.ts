import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writableStart } from '../../simulators/load/load-plc.js';
import { FAST_PAIR, PairProcesses, redundancyOf, until } from './processes.js';

describe('signs of life outside of the link', function () {
  this.timeout(120_000);

  it('each node counts in its own register, a standby writes nothing else; the active feeds the watchdog and tells a server, and so does the next one', async () => {
    const calls: string[] = [];
    const server = createServer((request, response) => {
      calls.push(`${request.method ?? ''} ${request.url ?? ''}`);
      response.end('ok');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const pair = await PairProcesses.start({
      points: 50,
      tls: 'off',
      redundancy: [...FAST_PAIR, 'registers: {points: {A: W000, B: W001}, every: 200ms}', 'watchdog: {point: W002, every: 200ms}', `deadMan: {url: "http://127.0.0.1:${String(port)}/pair", every: 1s, method: POST}`],
    });
    try {
      /** Registers that an address has written since, by offset from the first writable one. */
      const writtenBy = async (remote: string, since: number): Promise<number[]> => {
        const { writes } = await pair.ledger(since);
        return [...new Set(writes.filter((write) => write.remote === remote).map(({ address }) => address - writableStart))].sort();
      };
      const { main, backup } = pair.fieldAddress;
      await until('both registers move', async () => ((await Promise.all(pair.urls.map(redundancyOf))).every((status) => status?.registers === 'moving') ? true : undefined));
      await until('the server is told', () => (calls.length > 1 ? true : undefined));
      assert.deepEqual(new Set(calls), new Set(['POST /pair']));
      assert.deepEqual(await writtenBy(main, 0), [0, 2]);
      assert.deepEqual(await writtenBy(backup, 0), [1], 'a standby writes its own register and nothing else');
      const { next } = await pair.ledger();
      pair.main.kill();
      await until('the backup feeds the watchdog', async () => ((await writtenBy(backup, next)).includes(2) ? true : undefined));
      const before = calls.length;
      await until('the server is told by the other node', () => (calls.length > before + 1 ? true : undefined));
    } finally {
      await pair.stop();
      server.close();
    }
  });
});

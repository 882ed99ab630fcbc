import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Supervised } from '../../simulators/demo/supervised.js';
import type { RedundancyStatus } from '../../src/contract/index.js';
import { dist, freePorts, PairProcesses, redundancyOf, until } from './processes.js';

describe('a third node that only reads', function () {
  this.timeout(120_000);

  it('shows what the pair has over a kill of its active node, takes no command, and touches no device', async () => {
    const pair = await PairProcesses.start({ points: 50, tls: 'off' });
    const [port = 0] = await freePorts(1);
    const url = `http://127.0.0.1:${String(port)}`;
    const file = join(pair.folder, 'reader.yaml');
    const link = (name: 'main' | 'backup'): string => /link: "127\.0\.0\.1:(\d+)"/.exec(readFileSync(join(pair.folder, `${name}.yaml`), 'utf8'))?.[1] ?? '';
    writeFileSync(file, `node: {id: C, mode: reader, data: ${join(pair.folder, 'reader')}, token: t, access: open, tls: off, listen: {console: "127.0.0.1:${String(port)}"}}
partners: [{symbol: A, address: 127.0.0.1, port: ${link('main')}}, {symbol: B, address: 127.0.0.1, port: ${link('backup')}}]
field: {address: 127.0.0.53}
`);
    const reader = new Supervised({ name: 'reader', script: join(dist, 'src/main.js'), args: ['run', '--site', join(pair.folder, 'site.yaml'), '--node', file], logFile: join(pair.folder, 'reader.log') });
    reader.start();
    try {
      const reads = async (from: string): Promise<RedundancyStatus> =>
        until(`node C reads from ${from}`, async () => {
          const status = await redundancyOf(url);
          return status?.self.role === 'standby' && status.sync.state === 'in-sync' && status.peer?.id === from ? status : undefined;
        }, 30_000);
      const valueAt = async (node: string, point: string): Promise<unknown> => ((await (await fetch(`${node}/api/v1/points/${point}`)).json()) as { value: unknown }).value;
      assert.equal((await reads('A')).canSwitch, false);
      const [name = ''] = ((await (await fetch(`${url}/api/v1/points?limit=1`)).json()) as { points: { name: string }[] }).points.map((point) => point.name);
      assert.deepEqual((await redundancyOf(pair.urls[0]))?.readers?.map(({ id, following }) => ({ id, following })), [{ id: 'C', following: true }]);
      pair.main.kill();
      await reads('B');
      const before = await valueAt(url, name);
      await until('values go on', async () => ((await valueAt(url, name)) !== before ? true : undefined), 30_000);
      const answer = await fetch(`${url}/api/v1/points/${name}`, { method: 'PUT', headers: { authorization: 'Bearer t', 'content-type': 'application/json' }, body: '{"value":1}' });
      assert.ok(answer.status >= 400, String(answer.status));
      assert.equal((await redundancyOf(pair.urls[1]))?.protected, false, 'a reader protects nothing');
      assert.equal((await pair.remotes())['127.0.0.53'], undefined, 'the reader was at the device');
    } finally {
      await reader.stop();
      await pair.stop();
    }
  });
});

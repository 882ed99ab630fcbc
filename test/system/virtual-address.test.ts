import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { requireTool } from '../hooks.js';
import { dist } from './processes.js';
import { inOwnNetwork } from './two-hosts.js';

describe('a virtual address', function () {
  this.timeout(120_000);

  it('is the active node\'s and nobody else\'s, through a switch, kill -9 and a frozen process; others\' caches follow', async function () {
    requireTool(this, 'ip');
    requireTool(this, 'unshare');
    requireTool(this, 'setpriv');
    const run = inOwnNetwork([join(dist, 'test/system/virtual-address-child.js')]);
    if (run === undefined) {
      assert.equal(process.env.CI, undefined, 'CI must be able to make network namespaces');
      this.skip();
    }
    const { stdout } = await promisify(execFile)(run.command, [...run.args], { env: run.env });
    const { rights, ...seen } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { rights: { code: number; stderr: string } } & Record<string, unknown>;
    const address = { address: '10.77.0.10', prefix: 24, interface: 'eth0' };
    assert.deepEqual(seen, {
      first: true, switched: true, killed: true, frozen: true,
      status: { ...address, state: 'held' },
      standby: { ...address, state: 'free' },
      allowed: 'http://10.77.0.10:8080',
      both: 0,
    });
    assert.equal(rights.code, 1);
    assert.match(rights.stderr, /^VIRTUAL_ADDRESS: .*CAP_NET_ADMIN/m);
  });
});

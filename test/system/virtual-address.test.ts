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
    const { rights, ...seen } = (await measured(this)) as { rights: { code: number; stderr: string } } & Record<string, unknown>;
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

  it('may be one of IPv6: neighbours are told of each move, and what the machines had of their own stays', async function () {
    requireTool(this, 'ip');
    requireTool(this, 'unshare');
    const address = { address: 'fd77::10', prefix: 64, interface: 'eth0' };
    const left = { reaches: true, ends: false, detection: '1' };
    assert.deepEqual(await measured(this, '6'), {
      first: true, switched: true, killed: true,
      status: { ...address, state: 'held' },
      standby: { ...address, state: 'free' },
      allowed: 'http://[fd77::10]:8080',
      both: 0,
      left: [left, left],
    });
  });
});

/** What the child saw on machines of its own. */
async function measured(context: Mocha.Context, ...args: readonly string[]): Promise<unknown> {
  const run = inOwnNetwork([join(dist, 'test/system/virtual-address-child.js'), ...args]);
  if (run === undefined) {
    assert.equal(process.env.CI, undefined, 'CI must be able to make network namespaces');
    return context.skip();
  }
  const { stdout } = await promisify(execFile)(run.command, [...run.args], { env: run.env });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as unknown;
}

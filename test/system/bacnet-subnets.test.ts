import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { requireTool } from '../hooks.js';
import { dist } from './processes.js';
import { inOwnNetwork } from './two-hosts.js';

interface Seen {
  readonly without: string;
  readonly through: string;
  readonly value: number;
  readonly foreignDevices: readonly { readonly host: string; readonly port: number }[];
}

describe('BACnet across subnets', function () {
  this.timeout(120_000);

  it('finds and reads devices behind an IP router through their BBMD, registered as a foreign device and renewed', async function () {
    requireTool(this, 'ip');
    requireTool(this, 'unshare');
    const run = inOwnNetwork([join(dist, 'test/system/bacnet-subnets-child.js')]);
    if (run === undefined) {
      assert.equal(process.env.CI, undefined, 'CI must be able to make network namespaces');
      this.skip();
    }
    const { stdout } = await promisify(execFile)(run.command, [...run.args], { env: run.env });
    const seen = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Seen;
    assert.doesNotMatch(seen.without, /virtual-60/, 'broadcasts crossed the router by themselves: this test would show nothing');
    assert.match(seen.through, /600 +10\.81\.1\.11:47808/);
    assert.match(seen.through, /601 +10\.81\.1\.12:47808/);
    assert.equal(seen.value, 18);
    assert.ok(seen.foreignDevices.some(({ host, port }) => host === '10.81.2.1' && port === 47_808), JSON.stringify(seen.foreignDevices));
  });
});

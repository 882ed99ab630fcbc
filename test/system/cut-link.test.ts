import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { requireTool } from '../hooks.js';
import type { EventFigures } from './failover-meter.js';
import { dist } from './processes.js';
import { inOwnNetwork } from './two-hosts.js';

/**
 * The pair on two machines (network namespaces), with kill, frozen process, pulled cable, switch and every return:
 * the story of `npm run bench -- failover`, once, for its counts.
 */
describe('a pair on two machines', function () {
  this.timeout(180_000);

  it('loses, misses and repeats nothing when one is killed, frozen or cut off', async function () {
    requireTool(this, 'ip');
    requireTool(this, 'unshare');
    const script = [join(dist, 'test/bench/main.js'), 'failover', '--cycles', '1', '--points', '300', '--json'];
    const run = inOwnNetwork(script);
    if (run === undefined) {
      // Only root may make machines; CI is root.
      assert.equal(process.env.CI, undefined, 'CI must be able to make network namespaces');
      this.skip();
    }
    const { stdout } = await promisify(execFile)(run.command, [...run.args], { env: run.env });
    const { points, pollMs, ...events } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { points: number; pollMs: number } & Record<string, EventFigures & { writtenTwice: number }>;
    assert.deepEqual([points, pollMs], [300, 100]);
    assert.deepEqual(Object.keys(events), ['kill', 'recovery', 'freeze', 'linkCut', 'switch']);
    for (const [event, figures] of Object.entries(events)) {
      const { cycles, confirmedLost, clientMissed, clientRepeated, clientResets, writtenTwice } = figures;
      assert.ok(cycles > 0, event);
      assert.deepEqual({ confirmedLost, clientMissed, clientRepeated, writtenTwice }, { confirmedLost: 0, clientMissed: 0, clientRepeated: 0, writtenTwice: 0 }, event);
      // Of two that were active apart one yields (R21), and who was its client starts over with a snapshot (rule 8): at most once.
      assert.ok(clientResets <= (event === 'linkCut' ? cycles : 0), `${event}: ${clientResets} resets`);
    }
    assert.ok(events.kill !== undefined && events.kill.confirmed > 5);
  });
});

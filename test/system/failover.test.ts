import assert from 'node:assert/strict';
import { FailoverMeter } from './failover-meter.js';
import { PairProcesses, TOKEN } from './processes.js';

/**
 * The pair's promise, from outside: real processes, `kill -9`, a client that writes without pause. How fast it
 * is belongs to `npm run bench -- failover`; here nothing may be lost, missed or told twice.
 */
describe('failover of real processes', function () {
  this.timeout(180_000);
  let pair: PairProcesses;

  before(async () => {
    pair = await PairProcesses.start({ points: 300 });
  });
  after(async () => pair.stop());

  it('loses nothing when the main is killed and comes back, twice', async () => {
    const before = (await pair.remotes())[PairProcesses.fieldAddress.backup];
    assert.equal(before?.writes ?? 0, 0, 'the standby wrote to a device');
    const meter = await FailoverMeter.start(pair);
    await meter.killCycle();
    await meter.killCycle();
    const { confirmed, lost } = await meter.finish();
    assert.ok(confirmed > 20, `only ${String(confirmed)} writes were confirmed`);
    assert.deepEqual(lost, []);
    assert.deepEqual(meter.clientCounts, { missed: 0, repeated: 0, resets: 0 });
  });

  it('loses nothing when an operator switches to the backup and back', async () => {
    const meter = await FailoverMeter.start(pair);
    await meter.switchCycle(TOKEN);
    const { confirmed, lost, refused } = await meter.finish();
    assert.ok(confirmed > 5, `only ${String(confirmed)} writes were confirmed`);
    assert.deepEqual(lost, []);
    assert.deepEqual(refused, [], 'a planned switch refuses no command');
    assert.deepEqual(meter.clientCounts, { missed: 0, repeated: 0, resets: 0 });
  });

  it('writes each command once', async () => {
    const { writes } = await pair.ledger();
    const values = writes.flatMap((entry) => entry.values);
    // Values are unique within a run of the writer; the two runs above each began at 1.
    const counts = new Map<number, number>();
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
    const repeated = [...counts].filter(([, count]) => count > 2).map(([value]) => value);
    assert.deepEqual(repeated, []);
  });
});

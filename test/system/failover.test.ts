import assert from 'node:assert/strict';
import { FailoverMeter } from './failover-meter.js';
import { PairProcesses } from './processes.js';

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
    const before = (await pair.remotes())[pair.fieldAddress.backup];
    assert.equal(before?.writes ?? 0, 0, 'the standby wrote to a device');
    const meter = await FailoverMeter.start(pair);
    await meter.killCycle();
    await meter.killCycle();
    const { confirmed, lost, twice } = await meter.finish();
    assert.deepEqual(twice, [], 'a command reached the device twice');
    assert.ok(confirmed > 20, `only ${String(confirmed)} writes were confirmed`);
    assert.deepEqual(lost, []);
    assert.deepEqual(meter.clientCounts, { missed: 0, repeated: 0, resets: 0 });
  });

  it('loses nothing when an operator switches to the backup and back', async () => {
    const meter = await FailoverMeter.start(pair);
    await meter.switchCycle();
    const { confirmed, lost, twice, refused } = await meter.finish();
    assert.deepEqual(twice, [], 'a command reached the device twice');
    assert.ok(confirmed > 5, `only ${String(confirmed)} writes were confirmed`);
    assert.deepEqual(lost, []);
    assert.deepEqual(refused, [], 'a planned switch refuses no command');
    assert.deepEqual(meter.clientCounts, { missed: 0, repeated: 0, resets: 0 });
  });
});

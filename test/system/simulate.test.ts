import assert from 'node:assert/strict';
import { Rig } from './rig.js';
import { until } from './processes.js';

describe('tandem simulate', () => {
  let rig: Rig;
  beforeEach(() => {
    rig = new Rig();
  });
  afterEach(() => rig.stop());

  it('names what it can simulate, and refuses what it cannot', async () => {
    const nothing = rig.tandem('simulate');
    assert.equal(await nothing.exit(), 2);
    assert.match(nothing.stderr, /USAGE: tandem simulate what\? One of: building, load/);
    const wrong = rig.tandem('simulate', 'load', '--points', 'many');
    assert.equal(await wrong.exit(), 2);
    assert.match(wrong.stderr, /USAGE: --points is a whole number/);
  });

  it('runs the load PLC until it is asked to end', async () => {
    const run = rig.tandem('simulate', 'load', '--points', '100');
    await until('the PLC is ready', () => (run.stdout.startsWith('ready') ? true : undefined));
    assert.equal(await run.stop(), 0);
  });
});

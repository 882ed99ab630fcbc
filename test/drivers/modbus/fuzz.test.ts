import assert from 'node:assert/strict';
import { overCores } from '../../over-cores.js';

/** MODBUS_FUZZ_SEED replays another run, MODBUS_FUZZ_FRAMES makes it longer. */
const seed = process.env.MODBUS_FUZZ_SEED ?? 'modbus fuzz';
const frames = Number(process.env.MODBUS_FUZZ_FRAMES ?? 1_000_000);
/** Each job is "transport frames seed"; ASCII costs the most. */
const jobs = [...Array.from({ length: 7 }, () => 'tcp'), 'rtu', 'rtu', 'ascii'].map((transport, job) => `${transport} ${Math.round(frames / 10)} ${seed} ${job}`);

describe('Modbus driver: spoilt answers', () => {
  it(`${frames} frames of TCP, RTU and ASCII, seed "${seed}": nothing crashes or hangs, and nothing is good that the device did not send`, async function () {
    this.timeout(600_000);
    assert.deepEqual(await overCores(new URL('fuzz-player.js', import.meta.url), jobs), []);
  });
});

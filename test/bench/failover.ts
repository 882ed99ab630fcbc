import { FailoverMeter } from '../system/failover-meter.js';
import { PairProcesses, TOKEN } from '../system/processes.js';
import type { BenchOptions } from './main.js';

/**
 * A pair of real processes on a virtual PLC whose registers all change ten times a second, a client that writes
 * set-points throughout and one that watches every point: the main is killed and comes back `cycles` times,
 * then control is switched to and fro as often. (Freeze and cut link: with the redundancy issue.)
 */
export async function failoverBench({ cycles, points, log }: BenchOptions): Promise<Record<string, unknown>> {
  const pair = await PairProcesses.start({ points });
  const run = async (events: readonly string[], cycle: (meter: FailoverMeter) => Promise<void>, rounds: number): Promise<Record<string, unknown>> => {
    const meter = await FailoverMeter.start(pair);
    for (let round = 1; round <= rounds; round++) {
      await cycle(meter);
      log(`${events[0] ?? ''} ${String(round)}/${String(rounds)}`);
    }
    const { confirmed, lost, refused } = await meter.finish();
    if (refused.length > 0) log(`refused: ${refused.join(' · ')}`);
    return Object.fromEntries(events.map((event) => [event, meter.figures(event, { confirmed, lost: lost.length })]));
  };
  try {
    const killed = await run(['kill', 'recovery'], async (meter) => meter.killCycle(), cycles);
    const switched = await run(['switch'], async (meter) => meter.switchCycle(TOKEN), Math.ceil(cycles / 2));
    return { points, ...killed, ...switched };
  } finally {
    await pair.stop();
  }
}

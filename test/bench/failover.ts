import { spawnSync } from 'node:child_process';
import { FailoverMeter } from '../system/failover-meter.js';
import { PairProcesses } from '../system/processes.js';
import { hasOwnNetwork, inOwnNetwork, TwoHosts } from '../system/two-hosts.js';
import type { BenchOptions } from './main.js';

/** One kind of event gets so long for each of its cycles, whatever is left of them: the figures say how many there were. */
const LONGEST_CYCLE_MS = 12_000;

/**
 * A pair of real processes on a virtual PLC whose registers all change ten times a second (polled as often, or each `pollMs`), a client that writes
 * set-points throughout and one that watches every point: the main is killed and comes back `cycles` times, is frozen
 * and goes on, is cut off and plugged in again, and control is switched to and fro. Each node is a machine of its own
 * (a network namespace) where this user may make such; otherwise the cut is left out, and `linkCut` is null.
 */
export async function failoverBench({ cycles, points, pollMs = 100, log }: BenchOptions): Promise<Record<string, unknown>> {
  const elsewhere = hasOwnNetwork() ? undefined : inOwnNetwork(process.argv.slice(1));
  if (elsewhere !== undefined) process.exit(spawnSync(elsewhere.command, elsewhere.args, { stdio: 'inherit', env: elsewhere.env }).status ?? 1);
  const hosts = hasOwnNetwork() ? TwoHosts.create() : undefined;
  if (hosts === undefined) log('no network namespaces for this user: both nodes on one address, no cut');
  try {
    return await onHosts(hosts, { cycles, points, pollMs, log });
  } finally {
    hosts?.remove();
  }
}

async function onHosts(hosts: TwoHosts | undefined, { cycles, points, pollMs, log }: Required<Pick<BenchOptions, 'cycles' | 'points' | 'pollMs' | 'log'>>): Promise<Record<string, unknown>> {
  const pair = await PairProcesses.start({ points, pollMs, ...(hosts === undefined ? {} : { hosts }) });
  const run = async (events: readonly string[], cycle: (meter: FailoverMeter) => Promise<void>, rounds: number): Promise<Record<string, unknown>> => {
    const meter = await FailoverMeter.start(pair);
    let failedCycles = 0;
    const untilMs = Date.now() + rounds * LONGEST_CYCLE_MS;
    for (let round = 1; round <= rounds && Date.now() < untilMs; round++) {
      try {
        await cycle(meter);
        log(`${events[0] ?? ''} ${String(round)}/${String(rounds)}`);
      } catch (error) {
        // Nobody is there to begin again: what went wrong is counted, and the pair put together anew.
        failedCycles++;
        log(`${events[0] ?? ''} ${String(round)}/${String(rounds)} failed: ${error instanceof Error ? error.message : String(error)}`);
        hosts?.heal('main');
        pair.main.thaw();
        if (!pair.main.running) pair.main.start();
        await pair.putTogether(120_000).catch((cause: unknown) => {
          throw new Error(`the pair was not put together again; its logs:\n${pair.logs()}`, { cause });
        });
      }
    }
    const { confirmed, lost, refused, twice } = await meter.finish();
    for (const why of new Set(refused)) log(`refused ${String(refused.filter((other) => other === why).length)} times: ${why}`);
    if (twice.length > 0) log(`written twice: ${twice.join(' ')}`);
    return Object.fromEntries(events.map((event) => [event, { ...meter.figures(event, { confirmed, lost: lost.length }), writtenTwice: twice.length, failedCycles }]));
  };
  try {
    const killed = await run(['kill', 'recovery'], async (meter) => meter.killCycle(), cycles);
    const frozen = await run(['freeze'], async (meter) => meter.freezeCycle(), cycles);
    const cut = hosts === undefined ? { linkCut: null } : await run(['linkCut'], async (meter) => meter.cutCycle(hosts), cycles);
    const switched = await run(['switch'], async (meter) => meter.switchCycle(), Math.ceil(cycles / 2));
    return { points, pollMs, ...killed, ...frozen, ...cut, ...switched };
  } finally {
    await pair.stop();
  }
}

import { GatewayRig } from './rig.js';
import type { Seen } from './tally.js';

const POINTS = 1_000;

/**
 * The device is killed, then frozen with its connection open: when the client has been told of every point, whether a
 * stale value was sent as good, and how soon everything is fresh again. Times in milliseconds.
 */
export async function faults(log: (line: string) => void): Promise<Record<string, unknown>> {
  const rig = new GatewayRig({ points: POINTS, history: true });
  try {
    await rig.start();
    const killed = await breakAndMend(rig, async () => rig.plc.stop(), async () => rig.startPlc());
    log(`PLC killed: ${told(killed)}`);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const hung = await breakAndMend(rig, () => rig.plc.child.kill('SIGSTOP'), () => rig.plc.child.kill('SIGCONT'));
    log(`PLC hung: ${told(hung)}`);
    return { points: POINTS, killed, hung };
  } finally {
    await rig.stop();
  }
}

interface FaultTimes {
  readonly toldMs: number;
  readonly staleGood: number;
  readonly goodWhileAway: number;
  readonly freshMs: number;
}

async function breakAndMend(rig: GatewayRig, harm: () => unknown, mend: () => unknown): Promise<FaultTimes> {
  await rig.client.ask('reset');
  const brokenAtMs = Date.now();
  await harm();
  const told = await rig.untilSeen('every point is bad', ({ good }) => good === 0, 30_000);
  // Long enough for the slowest retry to be in force.
  await new Promise((resolve) => setTimeout(resolve, 15_000));
  const away = await rig.client.ask<Seen>('seen');
  await mend();
  const mendedAtMs = Date.now();
  const fresh = await rig.untilSeen('every point is good again', ({ good }) => good === POINTS, 60_000);
  return { toldMs: told.noneGoodAtMs - brokenAtMs, staleGood: fresh.staleGood, goodWhileAway: away.goodAfterNone, freshMs: fresh.allGoodAtMs - mendedAtMs };
}

function told({ toldMs, staleGood, goodWhileAway, freshMs }: FaultTimes): string {
  return `told after ${toldMs} ms · stale as good ${staleGood + goodWhileAway} · fresh ${freshMs} ms after its return`;
}

import { freePorts, until } from '../../system/processes.js';
import { PeerProcess, cpuNs, rssBytes } from './peer-process.js';
import type { Seen } from './tally.js';

export interface Load {
  readonly updatesPerSecond: number;
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** CPU of the gateway's process for one update at the client, microseconds. */
  readonly cpuUsPerUpdate: number;
  readonly cpuShare: number;
  readonly rssBytes: number;
}

/** The floor on the same workload: `windowMs` of it, after a second to warm up. */
export async function runFloor(points: number, periodMs: number, windowMs: number): Promise<Load> {
  const [plcPort = 0, clientPort = 0] = await freePorts(2);
  const plc = PeerProcess.start('plc-process.js', [plcPort]);
  await plc.next();
  const floor = PeerProcess.start('floor-process.js', [plcPort, clientPort, points, periodMs]);
  const client = PeerProcess.start('client-process.js', ['floor', clientPort, points]);
  try {
    await until('the floor runs', async () => ((await client.ask<Seen>('seen')).good === points ? true : undefined));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    return await measure(client, floor.child.pid ?? 0, async () => new Promise((resolve) => setTimeout(resolve, windowMs)));
  } finally {
    await Promise.all([client.stop(), floor.stop(), plc.stop()]);
  }
}

/** What a client sees and a process spends between the two ends of `during`. */
export async function measure(client: PeerProcess, pid: number, during: () => Promise<unknown>): Promise<Load> {
  const cpuBefore = cpuNs(pid);
  await client.ask('reset');
  const startMs = performance.now();
  await during();
  const seen = await client.ask<Seen>('seen');
  const elapsedMs = performance.now() - startMs;
  const cpu = cpuNs(pid) - cpuBefore;
  return {
    updatesPerSecond: Math.round(seen.updates / (elapsedMs / 1_000)),
    latencyMs: seen.latencyMs,
    cpuUsPerUpdate: rounded(cpu / 1_000 / seen.updates),
    cpuShare: rounded(cpu / 1e6 / elapsedMs),
    rssBytes: rssBytes(pid).now,
  };
}

export function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

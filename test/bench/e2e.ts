import { runFloor, measure, rounded, type Load } from './e2e/floor.js';
import { cpuNs, PeerProcess, rssBytes } from './e2e/peer-process.js';
import { faults } from './e2e/faults.js';
import { GatewayRig } from './e2e/rig.js';
import type { BenchOptions } from './main.js';
import type { Seen } from './e2e/tally.js';

const WINDOW_MS = 12_000;
const MANY_POINTS = 50_000;
const FLAT_OUT_POINTS = 10_000;

/**
 * MEASURED.md, section 8: a Modbus TCP device in a process of its own, every register another at every read; a pair of
 * gateway processes with journal, history, sync link and standby; one client that receives every change. Beside it, in
 * the same run, the floor: the least that Node needs for the same. Linux only (CPU and memory are read in /proc).
 */
export async function e2eBench({ points, only, log }: BenchOptions): Promise<Record<string, unknown>> {
  const parts: Readonly<Record<string, () => Promise<unknown>>> = {
    steady: async () => steadyRun(points, log),
    many: async () => steadyRun(MANY_POINTS, log),
    fortyUnits: async () => steadyRun(10_000, log, 40),
    flatOut: async () => flatOutRun(log),
    faults: async () => faults(log),
    overload: async () => overloadRun(log),
  };
  const figures: Record<string, unknown> = { points };
  for (const [part, run] of Object.entries(parts)) if (only.length === 0 || only.includes(part)) figures[part] = await run();
  if (figures.steady === undefined) return figures;
  const { gateway, floor, toFloor } = figures.steady as Steady;
  return {
    pointsPerSecond: gateway.updatesPerSecond,
    latencyMs: { p50: gateway.latencyMs.p50, p99: gateway.latencyMs.p99 },
    cpuShare: gateway.cpuShare,
    rssBytes: gateway.rssBytes,
    startMs: gateway.startMs,
    startCpuMs: gateway.startCpuMs,
    floor,
    toFloor,
    ...figures,
  };
}

interface Steady {
  readonly points: number;
  readonly gateway: Load & {
    readonly startMs: number;
    readonly startCpuMs: number;
    /** Registers that the device served to the active node, and what of it the client saw. */
    readonly served: number;
    readonly delivered: number;
    readonly staleGood: number;
    readonly missedScans: number;
    /** Samples that the history holds of what it should, of points picked over the whole range. */
    readonly historyShare: number;
    readonly standbyCpuShare: number;
    readonly peakRssBytes: number;
    readonly standbyRssBytes: number;
  };
  readonly floor: Load;
  readonly toFloor: ReturnType<typeof ratios>;
}

/** Every point each second, the default of the configuration, with history of all at 1 s; over `units` behind one address. */
async function steadyRun(points: number, log: BenchOptions['log'], units = 1): Promise<Steady> {
  const floor = await runFloor(points, 1_000, WINDOW_MS);
  log(`floor, ${points} points each second: ${line(floor)}`);
  const rig = new GatewayRig({ points, units, history: true });
  try {
    await rig.start();
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const standbyBefore = cpuNs(rig.backup.pid);
    const fromMs = Date.now();
    const load = await measure(rig.client, rig.main.pid, async () => new Promise((resolve) => setTimeout(resolve, WINDOW_MS)));
    const untilMs = Date.now();
    const standbyCpu = cpuNs(rig.backup.pid) - standbyBefore;
    // What was served at the end of the window may still be on its way.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const seen = await rig.client.ask<Seen>('seen');
    const gateway = {
      ...load,
      startMs: rig.startMs,
      startCpuMs: rig.startCpuMs,
      ...(await rig.between(fromMs + 200, untilMs)),
      staleGood: seen.staleGood,
      missedScans: await missedScans(rig.url),
      historyShare: await historyShare(rig, fromMs, untilMs),
      standbyCpuShare: rounded(standbyCpu / 1e6 / (untilMs - fromMs)),
      peakRssBytes: rssBytes(rig.main.pid).peak,
      standbyRssBytes: rssBytes(rig.backup.pid).now,
    };
    log(`gateway${units === 1 ? '' : `, ${units} units`}: ${line(gateway)} · all seen after ${gateway.startMs} ms (${gateway.startCpuMs} of CPU) · delivered ${gateway.delivered} of ${gateway.served} · history ${gateway.historyShare} · scans missed ${gateway.missedScans} · standby ${gateway.standbyCpuShare} of a core`);
    return { points, gateway, floor, toFloor: ratios(gateway, floor) };
  } finally {
    await rig.stop();
  }
}

/** One scan after the other: `polling: {fast: 0s}`. */
async function flatOutRun(log: BenchOptions['log']): Promise<Record<string, unknown>> {
  const floor = await runFloor(FLAT_OUT_POINTS, 0, 5_000);
  log(`floor, flat out: ${line(floor)}`);
  const rig = new GatewayRig({ points: FLAT_OUT_POINTS, poll: { pollClass: 'fast', period: '0s' }, history: true });
  try {
    await rig.start();
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const gateway = await measure(rig.client, rig.main.pid, async () => new Promise((resolve) => setTimeout(resolve, 8_000)));
    log(`gateway, flat out: ${line(gateway)}`);
    return { points: FLAT_OUT_POINTS, gateway, floor, toFloor: ratios(gateway, floor) };
  } finally {
    await rig.stop();
  }
}

/**
 * More than the gateway can do, and a client that asks for everything and reads nothing: latency must stay in bounds and
 * memory must not grow. Three stretches of ten seconds, so that growth can be seen.
 */
async function overloadRun(log: BenchOptions['log']): Promise<Record<string, unknown>> {
  const rig = new GatewayRig({ points: MANY_POINTS, poll: { pollClass: 'fast', period: '0s' }, history: true });
  let stalled: PeerProcess | undefined;
  try {
    await rig.start();
    stalled = PeerProcess.start('client-process.js', ['stalled', rig.url, 0]);
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    const stretches: Load[] = [];
    for (let stretch = 0; stretch < 3; stretch++) {
      stretches.push(await measure(rig.client, rig.main.pid, async () => new Promise((resolve) => setTimeout(resolve, 10_000))));
      log(`overload, ${MANY_POINTS} points one scan after the other, one client does not read: ${line(stretches[stretch] as Load)}`);
    }
    const [first, last] = [stretches[0] as Load, stretches.at(-1) as Load];
    return { points: MANY_POINTS, stretches, rssGrowth: rounded(last.rssBytes / first.rssBytes), p99Growth: rounded(last.latencyMs.p99 / first.latencyMs.p99), standbyRssBytes: rssBytes(rig.backup.pid).now };
  } finally {
    await stalled?.stop();
    await rig.stop();
  }
}

interface Device {
  readonly counters: Readonly<Record<string, number>>;
}

async function missedScans(url: string): Promise<number> {
  const devices = (await (await fetch(`${url}/api/v1/devices`)).json()) as readonly Device[] | { readonly devices: readonly Device[] };
  const list = 'devices' in devices ? devices.devices : devices;
  return list.reduce((sum, { counters }) => sum + (counters.missedPeriods ?? 0), 0);
}

/** Of twenty points over the whole range: samples stored in whole seconds of the window, as a share of the seconds. */
async function historyShare(rig: GatewayRig, fromMs: number, untilMs: number): Promise<number> {
  const from = Math.ceil(fromMs / 1_000) * 1_000;
  const until = Math.floor(untilMs / 1_000) * 1_000 - 1_000;
  let found = 0;
  const picks = 20;
  for (let pick = 0; pick < picks; pick++) {
    const name = `P${String(Math.floor((pick * (rig.options.points - 1)) / (picks - 1))).padStart(5, '0')}`;
    const response = await fetch(`${rig.url}/api/v1/history?point=${name}&from=${from}&to=${until}`);
    const { samples } = (await response.json()) as { readonly samples: readonly { readonly timeMs: number }[] };
    found += new Set(samples.map(({ timeMs }) => timeMs)).size;
  }
  return rounded(found / (picks * ((until - from) / 1_000 + 1)));
}

function ratios(gateway: Load, floor: Load): { updates: number; cpuPerUpdate: number; p50PlusMs: number; p99PlusMs: number } {
  return {
    updates: rounded(gateway.updatesPerSecond / floor.updatesPerSecond),
    cpuPerUpdate: rounded(gateway.cpuUsPerUpdate / floor.cpuUsPerUpdate),
    p50PlusMs: gateway.latencyMs.p50 - floor.latencyMs.p50,
    p99PlusMs: gateway.latencyMs.p99 - floor.latencyMs.p99,
  };
}

function line({ updatesPerSecond, latencyMs, cpuUsPerUpdate, rssBytes: bytes }: Load): string {
  return `${updatesPerSecond} updates/s · pipe ${latencyMs.p50} / ${latencyMs.p99} ms · ${cpuUsPerUpdate} µs CPU an update · ${megabytes(bytes)} MB`;
}

function megabytes(bytes: number): number {
  return Math.round(bytes / (1 << 20));
}

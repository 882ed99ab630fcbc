import type { Subscription } from 'rxjs';
import { GOOD, SampleBuilder, silentLog, type AlarmDefinition, type PointDefinition, type ScheduleDefinition, type TrendDefinition } from '../../src/contract/index.js';
import { runFunctions, TrendMemory } from '../../src/functions/index.js';
import { PairState, PointTable, Publisher } from '../../src/image/index.js';
import { seededRandom, VirtualClock } from '../../simulators/virtual-time/index.js';
import { realKills } from './functions-kills.js';
import type { BenchOptions } from './main.js';

const ALARMS = 10_000;
const SCHEDULES = 1_000;
const PER_FRAME = 1_000;
const FRAMES = 1_000;
const START_MS = Date.UTC(2026, 0, 5, 8);
/** As many standing alarms as a bad day brings: what is asked with each frame must not look through them. */
const RAISED = 2_000;

/**
 * What 10,000 alarms and 1,000 schedules on 100,000 points cost for each change of a value: processor time with the functions less that
 * without, in one process; a tick in quiet; an activation. With `--kills N` the pair of real processes is killed N times instead.
 */
export async function functionsBench({ points, cycles, kills, log }: BenchOptions): Promise<Record<string, unknown>> {
  if (kills > 0) return realKills(kills, log);
  const runs = Array.from({ length: cycles }, () => {
    const bare = measure(points, false);
    const full = measure(points, true);
    const run = { bareNs: bare.perChangeNs, fullNs: full.perChangeNs, functionsNs: full.perChangeNs - bare.perChangeNs, tickUs: full.tickUs - bare.tickUs, activationMs: full.activationMs };
    log(JSON.stringify(run));
    return run;
  });
  const median = (key: keyof (typeof runs)[number]): number => Math.round((runs.map((run) => run[key]).sort((a, b) => a - b)[Math.floor(runs.length / 2)] ?? NaN) * 10) / 10;
  return Promise.resolve({ points, alarms: ALARMS, schedules: SCHEDULES, changesPerFrame: PER_FRAME, cpuNsPerChange: median('functionsNs'), withoutFunctionsNsPerChange: median('bareNs'), tickUs: median('tickUs'), activationMs: median('activationMs') });
}

function measure(points: number, withFunctions: boolean): { perChangeNs: number; tickUs: number; activationMs: number } {
  const table = new PointTable('0123456789abcdef', Array.from({ length: points }, (_, id): PointDefinition => ({ id, name: `P${id}`, kind: 'number', device: 'D', poll: 'fast', write: { priority: 8, verify: 'none', repeatable: true } })));
  const state = new PairState(table);
  const time = new VirtualClock();
  let nowMs = START_MS;
  const publisher = new Publisher({ state, clock: time, timers: time, pairTime: () => nowMs, frameMs: 20 });
  publisher.open({ number: 1, node: 'A', nonce: 'n' });
  const trends: TrendDefinition[] = [];
  const memory = new TrendMemory(points, trends);
  const random = seededRandom('functions');
  const cut = (count: number, next: () => number): void => {
    const builder = new SampleBuilder(count);
    for (let row = 0; row < count; row++) builder.addNumber(random.below(points), next(), GOOD, nowMs);
    publisher.ingest(builder.take());
    publisher.cut();
  };
  let activationMs = 0;
  const alarmed = Math.floor(points / ALARMS);
  if (withFunctions) {
    const builder = new SampleBuilder(points);
    for (let id = 0; id < points; id++) builder.addNumber(id, id % alarmed === 0 && id / alarmed < RAISED ? 99 : 20, GOOD, nowMs);
    publisher.ingest(builder.take());
    publisher.cut();
    const schedules = Array.from({ length: SCHEDULES }, (_, index): ScheduleDefinition => ({
      name: `S${index}`, timezone: 'Europe/Berlin', targets: [{ point: points - 1 - index, priority: 12, canRelinquish: true }], default: 0, exceptions: [], effective: {},
      weekly: Array.from({ length: 7 }, () => [{ timeMs: 6 * 3_600_000, value: 1 }, { timeMs: 20 * 3_600_000, value: 0 }]),
    }));
    const alarms = Array.from({ length: ALARMS }, (_, index): AlarmDefinition => ({ name: `A${index}`, watch: { kind: 'limits', point: index * alarmed, high: 50, deadband: 1 }, onDelayMs: 0, offDelayMs: 0, priority: 2, class: 'general' }));
    const activate = (): Subscription => {
      const running = runFunctions({ alarms, trends, schedules: { schedules, calendars: [], effects: { write: async () => Promise.resolve(), hasBegun: () => true } }, systemAlarms: () => [], state, memory, log: silentLog }, publisher.drafts$).subscribe();
      publisher.tick();
      return running;
    };
    activate().unsubscribe();
    // As the node that takes over does it: what is known is in the state.
    const startedNs = cpuNs();
    activate();
    activationMs = (cpuNs() - startedNs) / 1e6;
  }
  // Below every limit, but for those that stand: nothing is raised while it is measured.
  const calm = (): number => 10 + random.next() * 30;
  for (let frame = 0; frame < 50; frame++) cut(PER_FRAME, calm);
  const startedNs = cpuNs();
  for (let frame = 0; frame < FRAMES; frame++) {
    nowMs += 20;
    cut(PER_FRAME, calm);
  }
  const perChangeNs = (cpuNs() - startedNs) / (FRAMES * PER_FRAME);
  const tickedNs = cpuNs();
  for (let tick = 0; tick < FRAMES; tick++) {
    nowMs += 100;
    publisher.tick();
  }
  return { perChangeNs, tickUs: (cpuNs() - tickedNs) / FRAMES / 1_000, activationMs };
}

function cpuNs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1_000;
}

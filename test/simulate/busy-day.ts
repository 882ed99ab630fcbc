import { drivers } from '../../drivers/index.js';
import { loadSite } from '../../src/config/index.js';
import type { NodeApi } from '../../src/clients/index.js';
import { formatQuality, type Notification, type SiteConfig, type WireAlarm } from '../../src/contract/index.js';
import { seededRandom } from '../../simulators/virtual-time/index.js';
import { ADDRESSES } from './site.js';
import { SimWorld } from './world.js';

/** Monday, a little before the office hours. */
const START_MS = Date.UTC(2026, 0, 5, 4);
const STEP_MS = 20_000;
/** Away from aligned times: what changes at one is before or after it by chance. */
const PHASE_MS = 2_300;
const POINTS = ['Hot', 'T1', 'T2', 'Sum'] as const;
const REGISTERS = { Hot: 0, HotLater: 2, T1: 4, T2: 6 } as const;
const BASE = { Sp1: 10, Sched: 30, Sched2: 32 } as const;

/** What a day of the building's functions leaves behind, to be compared. */
export interface Day {
  /** By alarm: its transitions in order, each with its occurrence; and when it was raised, seconds from the start. */
  readonly journal: Readonly<Record<string, readonly string[]>>;
  readonly raisedS: Readonly<Record<string, readonly number[]>>;
  /** By register: the values that arrived at the device, in order. */
  readonly writes: Readonly<Record<string, readonly number[]>>;
  /** Messages, each once; `repeats` arrived again and said so. */
  readonly sent: readonly string[];
  readonly repeats: number;
  readonly unmarkedRepeats: readonly string[];
  /** By point: good samples. Those of mode change without what only repeats the one before. */
  readonly history: Readonly<Record<(typeof POINTS)[number], readonly string[]>>;
  /** Declared gaps: samples that say that nothing was recorded. */
  readonly gaps: number;
  /** History, keyed state and image are the same on both nodes. */
  readonly sameOnBoth: boolean;
  readonly kills: number;
  readonly wrongs: readonly string[];
}

export interface DayOptions {
  readonly minutes: number;
  /** 0: a day without a failure. */
  readonly kills: number;
  readonly seed: number;
}

/**
 * A busy day of two whole gateways on virtual time: alarms with and without delay, acknowledged by an operator, told by webhook; a
 * schedule with an entry each minute; overrides that end by themselves; a virtual point and what follows from it; trends of each
 * mode. The building does the same at the same time in every run; the nodes are killed at random instants.
 */
export async function playDay({ minutes, kills, seed }: DayOptions): Promise<Day> {
  const sent = new Map<string, Notification[]>();
  const world = new SimWorld({
    seed: `busy day ${seed}`, startMs: START_MS, policy: 'prefer-availability', recovery: 'manual', clients: 0, invariants: [], site: site(minutes),
    messenger: {
      send: async (message) => {
        sent.set(message.id, [...(sent.get(message.id) ?? []), message]);
        return Promise.resolve();
      },
    },
  });
  await world.start();
  await world.time.advanceUntil(() => world.isWhole, 60_000);
  const beganMs = world.nowMs;
  const endMs = beganMs + minutes * 60_000;
  const day = new Script(world, endMs);
  day.begin();
  const random = seededRandom(`kills ${seed}`);
  let killed = 0;
  for (; killed < kills; killed++) {
    // Spread over what is left of the day, half of them within two seconds of something that happens.
    const share = (endMs - 40_000 - world.nowMs) / (kills - killed);
    const waitMs = random.next() * Math.max(0, 2 * share - 6_000);
    const toStepMs = STEP_MS - ((world.nowMs + waitMs - beganMs) % STEP_MS);
    await world.time.advance(random.next() < 0.5 && waitMs + toStepMs < 2 * share ? waitMs + toStepMs + random.below(2_000) : waitMs);
    if (world.nowMs > endMs - 40_000) break;
    const victim = random.next() < 0.8 ? world.active : world.other(world.active ?? world.a);
    if (victim === undefined) continue;
    if (random.next() < 0.7) victim.kill();
    else victim.powerOff();
    world.time.after(1_000 + random.below(2_000), () => victim.start());
    await world.time.advance(1_000);
    await world.time.advanceUntil(() => world.isWhole, 60_000);
  }
  await world.time.advance(Math.max(0, endMs - world.nowMs) + 75_000);
  return collect(world, sent, killed);
}

function site(minutes: number): SiteConfig {
  const first = 5 * 60 - 1;
  const entries = Array.from({ length: minutes + 3 }, (_, index) => `"${String(Math.floor((first + index) / 60)).padStart(2, '0')}:${String((first + index) % 60).padStart(2, '0')}": ${1_000 + index}`).join(', ');
  const text = `
site: {name: busy, timezone: Europe/Berlin}
redundancy: {recovery: manual, activity: warm, pingRate: 250ms, missedPings: 3, failoverTime: 1s, connectionWait: 3s, staleWait: 20s, confirmWait: 1s, recoveryHold: 5s}
polling: {fast: 500ms, normal: 500ms, slow: 5s}
devices: {plc1: {driver: modbus-tcp, host: ${ADDRESSES.plc1}, maxInFlight: 4, timeout: 500ms}}
communicationAlarms: false
points:
  Hot: {device: plc1, at: "ir:0", type: float32, poll: fast}
  HotLater: {device: plc1, at: "ir:2", type: float32, poll: fast}
  T1: {device: plc1, at: "ir:4", type: float32}
  T2: {device: plc1, at: "ir:6", type: float32}
  Sp1: {device: plc1, at: "hr:${BASE.Sp1}", type: uint32, write: {relinquishDefault: 5}}
  Sched.Sp: {device: plc1, at: "hr:${BASE.Sched}", type: uint32, write: true}
  Sched.Sp2: {device: plc1, at: "hr:${BASE.Sched2}", type: uint32, write: {verify: echo}}
  Sum: {expression: "T1 + T2"}
alarms:
  Hot: {point: Hot, high: 30, deadband: 1}
  HotLater: {point: HotLater, high: 30, deadband: 1, onDelay: 4s, offDelay: 1s, priority: 1, acknowledge: both}
  Sum: {when: "Sum > 45 && Hot > 30"}
notifications:
  recipients: {duty: {webhook: duty}}
  routes: [{to: [duty], on: [raised, returned], escalate: [{after: 6s, to: [duty]}]}]
schedules:
  Minutes: {writes: [Sched.Sp, {point: Sched.Sp2, priority: 12}], default: 1, weekly: {Mon-Sun: {${entries}}}}
trends:
  - {points: [T1], mode: change, deadband: 0.2}
  - {points: [Hot, T2], mode: interval, every: 5s}
  - {points: [Sum], mode: triggered, when: "Hot > 30"}
`;
  const loaded = loadSite({ path: 'site.yaml', text }, drivers);
  if (loaded.site === undefined) throw new Error(JSON.stringify(loaded.problems));
  return loaded.site;
}

/** The building and its operator: the same in every run. */
class Script {
  private step = 0;

  constructor(
    private readonly world: SimWorld,
    private readonly endMs: number,
  ) {}

  begin(): void {
    // To a whole step of pair time, which every node goes by.
    const wallMs = START_MS + this.world.nowMs;
    const toStepMs = STEP_MS - (wallMs % STEP_MS) + PHASE_MS;
    this.world.time.after(toStepMs, () => this.turn());
  }

  private turn(): void {
    const { world } = this;
    if (world.nowMs > this.endMs - STEP_MS) return;
    const step = ++this.step;
    const unit = world.plant.plcs.plc1.unit();
    const set = (register: keyof typeof REGISTERS, value: number): void => unit.setFloat32('ir', REGISTERS[register], value);
    set('T1', 15 + ((step * 7) % 11));
    set('T2', 20 + ((step * 5) % 13));
    // Later than what is recorded when it happens: what changes at once is read at once, or not.
    world.time.after(4_000, () => set('Hot', step % 3 === 1 ? 35 : 20));
    set('HotLater', step % 4 === 2 ? 36 : 20);
    if (step % 3 === 1) world.time.after(13_000, () => this.acknowledge('Hot'));
    if (step % 4 === 2) world.time.after(12_000, () => this.acknowledge('HotLater'));
    if (step % 5 === 2) this.insist(async (api) => api.write({ id: `override ${step}`, point: 'Sp1', value: 100 + step, priority: 8, by: 'ann', epoch: epochOf(api), untilMs: api.pairTime() + 15_000, reason: 'test' }));
    world.time.after(STEP_MS, () => this.turn());
  }

  private acknowledge(alarm: string): void {
    this.insist(async (api) => {
      const { occurrence = 0, state } = (api.state.keyed.get(`alarm/${alarm}`) ?? {}) as Partial<WireAlarm>;
      if (state !== 'unacknowledged') throw new Error('not raised yet');
      return api.alarm({ kind: 'acknowledge', alarm, occurrence }, 'ann');
    }, 7_000);
  }

  /** As an operator does: again until it is done. */
  private insist(act: (api: NodeApi) => Promise<unknown>, forMs = 10_000): void {
    const { world } = this;
    const untilMs = world.nowMs + forMs;
    const again = (): void => {
      if (world.nowMs < untilMs) world.time.after(500, attempt);
    };
    const attempt = (): void => {
      const api = world.active?.life?.api;
      let isOver = false;
      const settle = (ok: boolean): void => {
        if (isOver) return;
        isOver = true;
        if (!ok) again();
      };
      // A node that is killed never answers.
      world.time.after(2_000, () => settle(false));
      if (api === undefined) settle(false);
      else act(api).then(() => settle(true), () => settle(false));
    };
    attempt();
  }
}

function epochOf(api: NodeApi): number {
  return api.state.position.epoch.number;
}

async function collect(world: SimWorld, sent: ReadonlyMap<string, readonly Notification[]>, kills: number): Promise<Day> {
  const api = world.active?.life?.api;
  const other = world.other(world.active ?? world.a).life?.api;
  if (api === undefined || other === undefined) throw new Error('the pair is not whole');
  const settled = async <T>(work: Promise<T>): Promise<T> => world.time.advanceWhile(work, 60_000);
  const journal: Record<string, string[]> = {};
  const raisedS: Record<string, number[]> = {};
  const entries: { event: string; name: string; occurrence: number; sinceMs: number }[] = [];
  await settled((async () => {
    for await (const { data } of api.alarmJournal()) entries.unshift(data as unknown as (typeof entries)[number]);
  })());
  for (const { event, name, occurrence, sinceMs } of entries.filter((entry) => !entry.name.startsWith('system/'))) {
    (journal[name] ??= []).push(`${event} ${occurrence}`);
    if (event === 'raised') (raisedS[name] ??= []).push(Math.round((sinceMs - START_MS) / 1_000));
  }
  const writes = Object.fromEntries(Object.entries(BASE).map(([name, register]) => [name, world.plant.writes.filter((write) => write.register === register).map(({ value }) => value)]));
  const history: Record<string, string[]> = {};
  let gaps = 0;
  let sameOnBoth = true;
  for (const point of POINTS) {
    const query = { point, fromMs: START_MS, toMs: START_MS + world.nowMs, limit: 1_000_000 };
    const [samples, others] = [await settled(api.history(query)), await settled(other.history(query))];
    sameOnBoth &&= JSON.stringify(samples) === JSON.stringify(others);
    gaps += samples.filter(({ quality }) => formatQuality(quality).includes('notRecorded')).length;
    const good = samples.filter(({ quality }) => formatQuality(quality) === 'good');
    history[point] = point === 'T1' || point === 'Sum'
      ? good.map(({ value }) => String(value)).filter((value, index, all) => point === 'Sum' || value !== all[index - 1])
      : good.map(({ timeMs, value }) => `${(timeMs - START_MS) / 1_000} ${String(value)}`);
  }
  const messages = [...sent.values()];
  const keyOf = ({ to, event, alarm, escalation }: Notification): string => `${to} ${event} ${alarm.name} ${alarm.occurrence}${escalation === undefined ? '' : ` escalation ${escalation}`}`;
  return {
    journal, raisedS, writes,
    sent: messages.map(([message]) => keyOf(message as Notification)).filter((key) => !key.includes('system/')).sort(),
    repeats: messages.reduce((sum, { length }) => sum + length - 1, 0),
    unmarkedRepeats: messages.flatMap((each) => each.slice(1).filter(({ possibleRepeat }) => possibleRepeat !== true).map(keyOf)),
    history: history as unknown as Day['history'],
    gaps, sameOnBoth, kills, wrongs: world.wrongs,
  };
}

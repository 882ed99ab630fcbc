import type { NodeApi } from '../../src/clients/index.js';
import { formatQuality, unbounded, type AlarmAction, type Notification, type WireAlarm } from '../../src/contract/index.js';
import { Programs } from '../../src/functions/index.js';
import { seededRandom } from '../../simulators/virtual-time/index.js';
import { contentOf } from '../redundancy/fingerprint.js';
import { BASE, busySite, DAYS, REGISTERS } from './busy-day-site.js';
import { DayWatch } from './busy-day-watch.js';
import { SimWorld } from './world.js';

const STEP_MS = 20_000;
const MINUTE_MS = 60_000;
/** Away from aligned times: what changes at one is before or after it by chance. */
const PHASE_MS = 2_300;
const POINTS = ['Hot', 'T1', 'T2', 'Sum'] as const;

/** What a day of the building's functions leaves behind, to be compared. */
export interface Day {
  /** By alarm: its transitions in order, each with its occurrence; and when it was raised, seconds from the start. */
  readonly journal: Readonly<Record<string, readonly string[]>>;
  readonly raisedS: Readonly<Record<string, readonly number[]>>;
  /** By register: the values that arrived at the device, in order. */
  readonly writes: Readonly<Record<string, readonly number[]>>;
  /** Messages, each once; `repeats` arrived again and said so. */
  readonly sent: readonly string[];
  /** Of them, those that quiet hours hold for: when they left, seconds from the start. */
  readonly quietS: Readonly<Record<string, number>>;
  readonly repeats: number;
  readonly unmarkedRepeats: readonly string[];
  /** By point: good samples. Those of mode change without what only repeats the one before. */
  readonly history: Readonly<Record<(typeof POINTS)[number], readonly string[]>>;
  /** Declared gaps: samples that say that nothing was recorded. */
  readonly gaps: number;
  /** What differs between the nodes in the end: samples, block digests of the history, keyed state, image. */
  readonly unlikeOnBoth: readonly string[];
  /** Samples whose digests the nodes compared. */
  readonly digested: number;
  readonly watch: Pick<DayWatch, 'behindMs' | 'aheadMs' | 'backwards' | 'bumps' | 'steps'>;
  readonly kills: number;
  readonly wrongs: readonly string[];
}

export interface DayOptions {
  readonly minutes: number;
  /** 0: a day without a failure. */
  readonly kills: number;
  readonly seed: number;
  readonly day?: keyof typeof DAYS;
}

/**
 * A busy day of two whole gateways on virtual time: alarms with and without delay, acknowledged by an operator, told by webhook; a
 * schedule with an entry each minute; overrides that end by themselves; a virtual point and what follows from it; shelving and quiet
 * hours that end; a latched alarm; a controller, a timer and a counter as programs; trends of each mode. The building does the same at the same time in every run; the nodes are killed at random instants.
 */
export async function playDay({ minutes, kills, seed, day: name = 'monday' }: DayOptions): Promise<Day> {
  const { startMs } = DAYS[name];
  const sent = new Map<string, { readonly message: Notification; readonly atMs: number }[]>();
  const watch = new DayWatch(startMs);
  const programs = { A: await Programs.load(unbounded), B: await Programs.load(unbounded) };
  const world = new SimWorld({
    seed: `busy day ${seed}`, startMs, policy: 'prefer-availability', recovery: 'manual', clients: 0, invariants: [watch], site: busySite(minutes, DAYS[name]), programs,
    messenger: {
      send: async (message) => {
        sent.set(message.id, [...(sent.get(message.id) ?? []), { message, atMs: world.nowMs }]);
        return Promise.resolve();
      },
    },
  });
  for (const register of [REGISTERS.Cold, REGISTERS.Pv, REGISTERS.Steam]) world.plant.plcs.plc1.unit().setFloat32('ir', register, 20);
  await world.start();
  await world.time.advanceUntil(() => world.isWhole, 60_000);
  // Until every program has taken its first step: when that is depends on when its inputs were there.
  await world.time.advance(STEP_MS + 1_000);
  const beganMs = world.nowMs;
  const endMs = beganMs + minutes * 60_000;
  const script = new Script(world, startMs, endMs);
  script.begin();
  const random = seededRandom(`kills ${seed}`);
  let killed = 0;
  for (; killed < kills; killed++) {
    // Spread over what is left of the day.
    const share = (endMs - 40_000 - world.nowMs) / (kills - killed);
    const waitMs = random.next() * Math.max(0, 2 * share - 6_000);
    const aim = random.next();
    const toStepMs = STEP_MS - ((world.nowMs + waitMs - beganMs) % STEP_MS);
    const toMinuteMs = MINUTE_MS - ((startMs + world.nowMs) % MINUTE_MS);
    // At any time; within two seconds of something that happens; while an entry comes into force; while a write is being confirmed.
    if (aim < 0.15 && toMinuteMs < 2 * share) await world.time.advance(toMinuteMs + random.below(400));
    else if (aim < 0.3) {
      const { writes } = watch;
      await world.time.advanceUntil(() => watch.writes > writes, 2 * MINUTE_MS);
      await world.time.advance(random.below(80));
    } else if (aim < 0.6) await world.time.advance(waitMs + toStepMs < 2 * share ? waitMs + toStepMs + random.below(2_000) : waitMs);
    else await world.time.advance(waitMs);
    if (world.nowMs > endMs - 40_000) break;
    const victim = aim < 0.3 || random.next() < 0.8 ? world.active : world.other(world.active ?? world.a);
    if (victim === undefined) continue;
    if (random.next() < 0.7) victim.kill();
    else victim.powerOff();
    world.time.after(1_000 + random.below(2_000), () => victim.start());
    await world.time.advance(1_000);
    await world.time.advanceUntil(() => world.isWhole, 60_000);
  }
  await world.time.advance(Math.max(0, endMs - world.nowMs) + 75_000);
  return collect(world, startMs, sent, watch, killed);
}

/** The building and its operator: the same in every run. */
class Script {
  private step = 0;

  constructor(
    private readonly world: SimWorld,
    private readonly startMs: number,
    private readonly endMs: number,
  ) {}

  begin(): void {
    // To a whole step of pair time, which every node goes by.
    const wallMs = this.startMs + this.world.nowMs;
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
    // Put aside for a while: it is raised anew when that is over.
    if (step % 5 === 1 || step % 5 === 3) set('Cold', step % 5 === 1 ? 5 : 20);
    if (step % 5 === 1) {
      world.time.after(2_500, () => this.onAlarm('Cold', ['unacknowledged'], 'shelved', () => ({ kind: 'shelve', alarm: 'Cold', forMs: 20_000 })));
      world.time.after(28_000, () => this.acknowledge('Cold'));
    }
    // Stays latched until somebody resets it.
    if (step % 4 === 1 || step % 4 === 2) set('Steam', step % 4 === 1 ? 35 : 20);
    if (step % 4 === 1) {
      world.time.after(8_000, () => this.acknowledge('Steam'));
      world.time.after(27_000, () => this.onAlarm('Steam', ['latched'], 'normal', () => ({ kind: 'reset', alarm: 'Steam' })));
    }
    if (step % 5 === 2) this.insist(async (api) => api.write({ id: `override ${step}`, point: 'Sp1', value: 100 + step, priority: 8, by: 'ann', epoch: epochOf(api), untilMs: api.pairTime() + 15_000, reason: 'test' }));
    world.time.after(STEP_MS, () => this.turn());
  }

  private acknowledge(alarm: string): void {
    this.onAlarm(alarm, ['unacknowledged'], 'acknowledged', (occurrence) => ({ kind: 'acknowledge', alarm, occurrence }));
  }

  /** Once the alarm is in one of these states; done already where it is in the one that this leads to. */
  private onAlarm(alarm: string, from: readonly string[], to: string, action: (occurrence: number) => AlarmAction): void {
    this.insist(async (api) => {
      const { occurrence = 0, state = 'normal' } = (api.state.keyed.get(`alarm/${alarm}`) ?? {}) as Partial<WireAlarm>;
      if (state === to) return undefined;
      if (!from.includes(state)) throw new Error(`it is ${state}`);
      return api.alarm(action(occurrence), 'ann');
    }, 9_000);
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

async function collect(world: SimWorld, startMs: number, sent: ReadonlyMap<string, readonly { readonly message: Notification; readonly atMs: number }[]>, watch: DayWatch, kills: number): Promise<Day> {
  const active = world.active ?? world.a;
  const api = active.life?.api;
  const other = world.other(active).life?.api;
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
    if (event === 'raised') (raisedS[name] ??= []).push(Math.round((sinceMs - startMs) / 1_000));
  }
  const writes = Object.fromEntries(Object.entries(BASE).map(([name, register]) => [name, world.plant.writes.filter((write) => write.register === register).map(({ value }) => value)]));
  const history: Record<string, string[]> = {};
  const unlikeOnBoth: string[] = [];
  let gaps = 0;
  for (const point of POINTS) {
    const query = { point, fromMs: startMs, toMs: startMs + world.nowMs, limit: 1_000_000 };
    const [samples, others] = [await settled(api.history(query)), await settled(other.history(query))];
    if (JSON.stringify(samples) !== JSON.stringify(others)) unlikeOnBoth.push(`samples of ${point}`);
    gaps += samples.filter(({ quality }) => formatQuality(quality).includes('notRecorded')).length;
    const good = samples.filter(({ quality }) => formatQuality(quality) === 'good');
    history[point] = point === 'T1' || point === 'Sum'
      ? good.map(({ value }) => String(value)).filter((value, index, all) => point === 'Sum' || value !== all[index - 1])
      : good.map(({ timeMs, value }) => `${(timeMs - startMs) / 1_000} ${String(value)}`);
  }
  const compared = await compareNodes(world);
  const messages = [...sent.values()];
  const keyOf = ({ to, event, alarm, escalation }: Notification): string => `${to} ${event} ${alarm.name} ${alarm.occurrence}${escalation === undefined ? '' : ` escalation ${escalation}`}`;
  const firsts = messages.flatMap(([first]) => (first === undefined || first.message.alarm.name.startsWith('system/') ? [] : [{ key: keyOf(first.message), ...first }]));
  return {
    journal, raisedS, writes,
    sent: firsts.map(({ key }) => key).sort(),
    quietS: Object.fromEntries(firsts.filter(({ message }) => message.to === 'nurse').map(({ key, atMs }) => [key, Math.round(atMs / 1_000)])),
    repeats: messages.reduce((sum, { length }) => sum + length - 1, 0),
    unmarkedRepeats: messages.flatMap((each) => each.slice(1).filter(({ message }) => message.possibleRepeat !== true).map(({ message }) => keyOf(message))),
    history: history as unknown as Day['history'],
    gaps, unlikeOnBoth: [...unlikeOnBoth, ...compared.unlike], digested: compared.samples, watch, kills, wrongs: world.wrongs,
  };
}

/** As an operator has it done (R16): digests of all history blocks; and here, where one can look into both, all state at one position. */
async function compareNodes(world: SimWorld): Promise<{ readonly unlike: readonly string[]; readonly samples: number }> {
  const [a, b] = world.nodes.map(({ gateway }) => gateway);
  if (a === undefined || b === undefined) throw new Error('the pair is not whole');
  const { verifier } = a.pair;
  verifier.start('the test', world.nowMs);
  await world.time.advanceUntil(() => verifier.report.state !== 'running', 120_000);
  const { findings, history } = verifier.report;
  const unlike = findings.filter(({ part, severity }) => part === 'history' && severity === 'difference').map(({ text }) => text);
  await world.time.advanceUntil(() => a.state.position.seq === b.state.position.seq, 10_000);
  if (contentOf(a.state) !== contentOf(b.state)) unlike.push('image or keyed state');
  return { unlike, samples: history?.samples ?? 0 };
}

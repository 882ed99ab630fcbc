import assert from 'node:assert/strict';
import { GOOD, qualityOf, SampleBuilder, type DeviceDefinition, type PointDefinition, type PointValue, type Quality } from '../../src/contract/index.js';
import { Comparison } from '../../src/field/index.js';
import { comparePeriodMs } from '../../src/field/poll-plan.js';
import { seededRandom, type SeededRandom } from '../../simulators/virtual-time/index.js';

const PERIOD = { fast: 1_000, normal: 5_000, slow: 30_000 };
const HOLD_MS = 10_000;
const STEP_MS = 100;

/** `bad`: it has no value. */
type Signal = (ms: number) => PointValue;

/** Both nodes' ways to one point: each polls at its own pace, and what the active reads arrives at the standby later. */
interface Plant {
  readonly truth: Signal;
  /** What answers the standby; the same device, unless something is wrong. */
  other: Signal;
  readonly cov: number;
  readonly poll: 'fast' | 'normal' | 'slow';
}

class Rig {
  ms = 0;
  readonly values: PointValue[] = [];
  readonly qualities: Quality[] = [];
  readonly held = new Set<string>();
  readonly comparison: Comparison;
  reach: 'reachable' | 'unreachable' = 'reachable';
  unnoticedMs = 0;
  private readonly onTheWay: { readonly atMs: number; readonly point: number; readonly value: PointValue; readonly quality: Quality }[] = [];
  private readonly phases: { readonly active: number; standby: number }[];
  private readonly framed: (PointValue | undefined)[] = [];

  constructor(
    readonly plants: Plant[],
    readonly random: SeededRandom,
    private readonly lagMs = 1_500,
    unnoticedMs = 0,
  ) {
    const points = plants.map(({ poll, cov }, id): PointDefinition & { address: unknown } => ({ id, name: `P${id}`, kind: 'number', device: 'D', poll, address: undefined, ...(cov === 0 ? {} : { cov }) }));
    const device: DeviceDefinition = { name: 'D', driver: 'fake', settings: {}, standby: 'collect', compare: true, writeTimeoutMs: 1_000, points };
    this.comparison = new Comparison({
      node: 'B',
      image: () => ({ value: (id) => this.values[id] ?? NaN, quality: (id) => this.qualities[id] ?? qualityOf('bad', 'waiting') }),
      isHeld: (point) => this.held.has(point),
      unnoticedMs: () => unnoticedMs,
    });
    this.comparison.install([device, { ...device, name: 'warm', compare: undefined as never, points: [] }], { periodMs: PERIOD }, HOLD_MS);
    this.phases = plants.map(() => ({ active: STEP_MS * Math.floor(random.next() * 400), standby: 5_000 * random.next() }));
  }

  get now(): { ms: number; pairMs: number } {
    return { ms: this.ms, pairMs: 1e12 + this.ms };
  }

  run(ms: number, after?: () => void): this {
    for (const endMs = this.ms + ms; this.ms < endMs; this.ms += STEP_MS) {
      this.plants.forEach((plant, point) => this.active(plant, point));
      this.deliver();
      if (this.reach === 'reachable') this.standby();
      this.comparison.reached([{ name: 'D', state: this.reach }], this.now);
      after?.();
    }
    return this;
  }

  differing(): string[] {
    return this.comparison.report(this.now).differences.map(({ point }) => point);
  }

  private active({ truth, cov, poll }: Plant, point: number): void {
    if ((this.ms + (this.phases[point]?.active ?? 0)) % PERIOD[poll] !== 0 && this.ms !== 0) return;
    const value = truth(this.ms);
    const last = this.framed[point];
    if (value !== 'bad' && last !== undefined && typeof value === 'number' && typeof last === 'number' && Math.abs(value - last) < cov) return;
    this.framed[point] = value === 'bad' ? undefined : value;
    this.onTheWay.push({ atMs: this.ms + this.random.next() * this.lagMs, point, value: value === 'bad' ? (this.values[point] ?? NaN) : value, quality: value === 'bad' ? qualityOf('bad', 'device') : GOOD });
  }

  /** In order, as a link delivers. */
  private deliver(): void {
    while (this.onTheWay[0] !== undefined && this.onTheWay[0].atMs <= this.ms) {
      const { point, value, quality } = this.onTheWay.shift()!;
      this.values[point] = value;
      this.qualities[point] = quality;
      this.comparison.framed(Uint32Array.of(point), this.now);
    }
  }

  private standby(): void {
    const builder = new SampleBuilder();
    this.plants.forEach(({ other, poll }, point) => {
      const phases = this.phases[point]!;
      if (this.ms < phases.standby) return;
      phases.standby += comparePeriodMs(PERIOD, poll);
      const value = other(this.ms);
      builder.add(point, value === 'bad' ? NaN : value, value === 'bad' ? qualityOf('bad', 'device') : GOOD, this.ms);
    });
    if (builder.length > 0) this.comparison.sampled(builder.take(), this.now);
  }
}

/** Signals of all kinds, from a seed. */
function signals(random: SeededRandom): Signal[] {
  const [a, b, c] = [random.next(), random.next(), random.next()];
  const steps = Array.from({ length: 100 }, () => Math.floor(random.next() * 5));
  return [
    () => 20 + a,
    (ms) => 20 + (ms / 1_000) * (0.01 + a),
    (ms) => Math.floor(ms / 97),
    (ms) => BigInt(2 ** 53) * 4n + BigInt(Math.floor(ms / 330)),
    (ms) => 20 + 10 * Math.sin(ms / (700 + 9_000 * b)),
    (ms) => Math.floor(ms / (400 + 3_000 * c)) % 2,
    (ms) => steps[Math.floor(ms / 41_000) % 100] ?? 0,
    (ms) => ['auto', 'hand', 'off'][Math.floor(ms / 23_000) % 3] ?? '',
    (ms) => `message ${Math.floor(ms / 700)}`,
    (ms) => (Math.floor(ms / 60_000) % 3 === 2 ? 'bad' : 7),
    () => 'bad',
  ];
}

const classes = ['fast', 'normal', 'slow'] as const;

describe('comparison of the field with the image (R10)', () => {
  it('one device that both nodes read never differs, however it changes and whoever is ahead (seeds)', () => {
    for (let seed = 1; seed <= 12; seed++) {
      const random = seededRandom(`same ${seed}`);
      const plants = signals(random).map((truth, index): Plant => ({ truth, other: truth, cov: index < 2 && seed % 2 === 0 ? 0.5 : 0, poll: classes[(index + seed) % 3] ?? 'fast' }));
      const rig = new Rig(plants, random);
      rig.run(6 * 60_000, () => assert.deepEqual(rig.differing(), [], `seed ${seed} at ${rig.ms}`));
      assert.equal(rig.comparison.report(rig.now).devices[0]?.state, 'equal');
    }
  });

  it('another device is told within the hold and some polls, with both values and since when, and told no more when both are equal again (seeds)', () => {
    const wrong: readonly ((truth: Signal) => Signal)[] = [
      (truth) => (ms) => Number(truth(ms)) + 5,
      () => () => 'bad',
      () => () => 'a text',
      () => () => -1,
    ];
    for (let seed = 1; seed <= 12; seed++) {
      const random = seededRandom(`other ${seed}`);
      const truths: Signal[] = [() => 20, (ms) => 20 + ms / 1e6, (ms) => Math.floor(ms / 20_000), (ms) => 2 * Math.sin(ms / 3_000) + 40];
      const poll = classes[seed % 3] ?? 'fast';
      const plants = truths.map((truth, index): Plant => ({ truth, other: truth, cov: index === 1 ? 0.5 : 0, poll }));
      const rig = new Rig(plants, random).run(120_000);
      assert.deepEqual(rig.differing(), []);
      const sinceMs = rig.ms;
      rig.plants.forEach((plant, index) => (plant.other = wrong[(index + seed) % wrong.length]!(plant.truth)));
      const holdMs = HOLD_MS + 3 * Math.max(PERIOD[poll], comparePeriodMs(PERIOD, poll));
      const roundMs = Math.max(PERIOD[poll], comparePeriodMs(PERIOD, poll));
      // A window may have begun at the last reading before.
      rig.run(holdMs - roundMs - 3_000, () => assert.deepEqual(rig.differing(), [], 'not before the hold'));
      rig.run(4 * roundMs + 20_000);
      // Five more than a counter is a counter that is ahead of the other for a while: what it was is compared, not when.
      const expected = rig.plants.flatMap((_plant, index) => (index === 2 && (index + seed) % wrong.length === 0 ? [] : [`P${index}`]));
      assert.deepEqual(rig.differing().filter((point) => expected.includes(point)).sort(), expected, `seed ${seed}`);
      const { devices, differences } = rig.comparison.report(rig.now);
      assert.equal(devices[0]?.state, 'differs');
      for (const { sinceMs: at, point } of differences) assert.ok(at - 1e12 >= sinceMs - (point === 'P0' ? 0 : holdMs) && at - 1e12 <= sinceMs + (point === 'P2' ? holdMs : 2 * roundMs) + 2_000, `since ${at - 1e12}, not ${sinceMs}: ${point} of seed ${seed}`);
      for (const plant of rig.plants) plant.other = plant.truth;
      rig.run(8 * roundMs + 60_000);
      assert.deepEqual(rig.differing(), [], `seed ${seed}: equal again`);
      assert.equal(rig.comparison.report(rig.now).devices[0]?.state, 'equal');
    }
  });

  it('a copy that stands still is told once the device moves; within its increment it is equal', () => {
    const plants: Plant[] = [
      { truth: (ms) => (ms < 60_000 ? 20 : 21), other: () => 20, cov: 0, poll: 'fast' },
      { truth: (ms) => (ms < 60_000 ? 20 : 20.4), other: () => 20, cov: 0.5, poll: 'fast' },
    ];
    const rig = new Rig(plants, seededRandom('still')).run(59_000);
    assert.deepEqual(rig.differing(), []);
    rig.run(60_000);
    assert.deepEqual(rig.comparison.report(rig.now).differences.map(({ point, image, field }) => ({ point, image, field })), [{ point: 'P0', image: '21', field: '20' }]);
  });

  it('says nothing of points that a person holds, that are stale, not read yet, or lost with their device', () => {
    const rig = new Rig([{ truth: () => 1, other: () => 2, cov: 0, poll: 'fast' }], seededRandom('held'));
    rig.held.add('P0');
    assert.deepEqual(rig.run(60_000).differing(), []);
    rig.held.clear();
    assert.deepEqual(rig.run(60_000).differing(), ['P0']);
    rig.plants[0] = { truth: () => 1, other: () => 2, cov: Infinity, poll: 'fast' };
    rig.run(2_000);
    for (const quality of [qualityOf('uncertain', 'operatorOverride'), qualityOf('stale'), qualityOf('bad', 'communication'), qualityOf('bad', 'waiting'), qualityOf('bad', 'outOfService'), qualityOf('uncertain', 'writeOnly')]) {
      rig.qualities[0] = quality;
      rig.run(6_000);
      assert.deepEqual(rig.differing(), [], `quality ${quality}`);
      rig.qualities[0] = GOOD;
    }
  });

  it('waits longer where a device tells of larger changes only', () => {
    const rig = new Rig([{ truth: () => 1, other: () => 2, cov: 0, poll: 'fast' }], seededRandom('cov'), 0, 150_000);
    assert.deepEqual(rig.run(150_000).differing(), []);
    assert.deepEqual(rig.run(60_000).differing(), ['P0']);
  });

  it('a device that only the active reaches is told, after a while, and one that nobody reaches is not', () => {
    const rig = new Rig([{ truth: () => 1, other: () => 1, cov: 0, poll: 'fast' }], seededRandom('lost')).run(20_000);
    const state = (): string | undefined => rig.comparison.report(rig.now).devices[0]?.state;
    assert.equal(state(), 'equal');
    rig.reach = 'unreachable';
    rig.run(5_000);
    assert.equal(state(), 'waiting');
    rig.run(40_000);
    assert.equal(state(), 'unreachable');
    rig.qualities[0] = qualityOf('bad', 'communication');
    assert.equal(state(), 'waiting');
    rig.qualities[0] = GOOD;
    rig.reach = 'reachable';
    rig.run(10_000);
    assert.equal(state(), 'equal');
  });

  it('names no more than fifty, and counts all', () => {
    const rig = new Rig(Array.from({ length: 120 }, (): Plant => ({ truth: () => 1, other: () => 2, cov: 0, poll: 'fast' })), seededRandom('many')).run(60_000);
    const { devices, differences } = rig.comparison.report(rig.now);
    assert.deepEqual([devices.length, devices[0]?.differing, differences.length], [1, 120, 50]);
    rig.comparison.reset();
    assert.deepEqual(rig.differing(), []);
  });
});

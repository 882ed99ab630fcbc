import assert from 'node:assert/strict';
import fc from 'fast-check';
import { COMMUNICATION_LOST, GOOD, type TrendDefinition } from '../../src/contract/index.js';
import { TrendMemory } from '../../src/functions/index.js';
import { FunctionsWorld, type Row } from './functions-world.js';

const change = (values: Partial<TrendDefinition> = {}): TrendDefinition => ({ points: [0], mode: 'change', deadband: 0, everyMs: 0, keepMs: 1e12, ...values });
const interval = (everyMs: number, points = [0]): TrendDefinition => ({ points, mode: 'interval', deadband: 0, everyMs, keepMs: 1e12 });
const brief = (rows: readonly Row[]): string[] => rows.map(({ point, value, atMs }) => `${point}=${value} @${atMs}`);

describe('trends', () => {
  it('record changes past the deadband, counted from the last record', () => {
    const world = new FunctionsWorld({ trends: [change({ deadband: 1 })] });
    for (const value of [20, 20.6, 20.9, 21, 20.5, 19.9]) {
      world.nowMs += 100;
      world.set(0, value);
    }
    assert.deepEqual(brief(world.rows), ['P0=20 @100', 'P0=21 @400', 'P0=19.9 @600']);
  });

  it('record a change of quality, so that gaps are seen', () => {
    const world = new FunctionsWorld({ trends: [change({ deadband: 5 })] });
    world.set(0, 20);
    world.nowMs = 1_000;
    world.set(0, NaN, COMMUNICATION_LOST);
    world.nowMs = 2_000;
    world.set(0, 20);
    assert.deepEqual(world.rows.map((row) => row.quality), [GOOD, COMMUNICATION_LOST, GOOD]);
  });

  it('record at least every so often', () => {
    const world = new FunctionsWorld({ trends: [change({ everyMs: 1_000 })] });
    world.set(0, 20);
    world.tickTo(1_500);
    world.set(0, 21);
    world.tickTo(4_600);
    assert.deepEqual(brief(world.rows), ['P0=20 @0', 'P0=20 @1000', 'P0=21 @1500', 'P0=21 @2500', 'P0=21 @3500', 'P0=21 @4500']);
  });

  it('count the longest time without a sample in pair time, whatever the devices\' clocks say', () => {
    const world = new FunctionsWorld({ trends: [change({ everyMs: 1_000 })] });
    world.sourceSkewMs = -60_000;
    world.set(0, 20);
    world.tickTo(2_500);
    assert.deepEqual(brief(world.rows), ['P0=20 @-60000', 'P0=20 @1000', 'P0=20 @2000']);
  });

  it('record at multiples of their interval, under the exact time, and nothing before the first value', () => {
    const world = new FunctionsWorld({ trends: [interval(1_000, [0, 1])] });
    world.nowMs = 250;
    world.set(0, 20);
    world.tickTo(3_130, 70);
    assert.deepEqual(brief(world.rows), ['P0=20 @1000', 'P0=20 @2000', 'P0=20 @3000']);
  });

  it('record all their points when a condition becomes true, once, over failovers and while it is unknown', () => {
    const when = { text: 'P0 > 10', expression: { kind: 'binary', operator: '>', left: { kind: 'point', point: 0 }, right: { kind: 'constant', value: 10 } } } as const;
    const trends: TrendDefinition[] = [{ points: [1, 2], mode: 'triggered', deadband: 0, everyMs: 0, keepMs: 1e12, when }, { points: [0], mode: 'triggered', deadband: 0, everyMs: 1_000, keepMs: 1e12, when }];
    const world = new FunctionsWorld({ trends });
    const at = (ms: number, act: () => void): void => {
      world.tickTo(ms);
      act();
    };
    world.set(1, 7);
    world.set(0, 5);
    at(1_500, () => world.set(0, 11));
    at(1_700, () => world.failover());
    at(1_800, () => world.set(0, NaN, COMMUNICATION_LOST));
    at(1_900, () => world.set(0, 12));
    at(3_200, () => world.set(0, 9));
    at(4_500, () => world.set(0, 10.5));
    assert.deepEqual(brief(world.rows), ['P1=7 @1500', 'P0=11 @1500', 'P0=12 @2000', 'P0=12 @3000', 'P1=7 @4500', 'P0=10.5 @4500']);
    // It becomes true while nobody looks, and whoever looks next records it.
    at(4_600, () => world.set(0, 1));
    const before = world.rows.length;
    world.restart({});
    world.set(0, 20);
    world.failover();
    world.tickTo(4_700);
    assert.deepEqual(brief(world.rows.slice(before)), ['P1=7 @4600', 'P0=20 @4600']);
  });

  it('leave a gap instead of inventing what was there while nobody looked', () => {
    const world = new FunctionsWorld({ trends: [interval(1_000)] });
    world.set(0, 20);
    world.tickTo(1_000);
    world.nowMs = 4_800;
    world.failover();
    world.tickTo(6_200);
    assert.deepEqual(brief(world.rows), ['P0=20 @0', 'P0=20 @1000', 'P0=20 @5000', 'P0=20 @6000'].filter((row) => !row.endsWith('@0')));
  });

  it('are the same as in an uninterrupted run, whenever the roles are changed', () => {
    const event = fc.record({
      waitMs: fc.integer({ min: 0, max: 900 }), point: fc.integer({ min: 0, max: 2 }), value: fc.integer({ min: 0, max: 8 }), isBad: fc.boolean(),
    });
    const story = (events: readonly { waitMs: number; point: number; value: number; isBad: boolean }[], switches: ReadonlySet<number>): string[] => {
      const world = new FunctionsWorld({ trends: [change({ points: [0, 1], deadband: 2, everyMs: 1_500 }), interval(700, [2])] });
      world.sourceSkewMs = -250;
      events.forEach((given, index) => {
        world.tickTo(world.nowMs + given.waitMs);
        world.set(given.point, given.isBad ? NaN : given.value, given.isBad ? COMMUNICATION_LOST : GOOD);
        if (switches.has(index)) world.failover();
      });
      world.tickTo(world.nowMs + 3_000);
      return brief(world.rows);
    };
    fc.assert(fc.property(fc.array(event, { minLength: 1, maxLength: 40 }), fc.array(fc.integer({ min: 0, max: 39 }), { maxLength: 5 }), (events, at) => {
      assert.deepEqual(story(events, new Set(at)), story(events, new Set()));
    }), { numRuns: 500 });
  });

  it('are not made up by a takeover for a point that got its first value after the aligned time', () => {
    const world = new FunctionsWorld({ trends: [interval(1_000)] });
    world.tickTo(1_000);
    world.set(0, 20);
    world.failover();
    world.tickTo(1_300);
    assert.deepEqual(world.rows, []);
  });

  it('hand their memory on with a snapshot', () => {
    const trends = [change({ points: [0, 1] }), interval(1_000, [2])];
    const memory = new TrendMemory(3, trends);
    memory.note(0, 5, GOOD, 1_234, 1_300);
    memory.note(2, 7, GOOD, 4_000, 4_050);
    const copy = new TrendMemory(3, trends);
    copy.observe({ pairTimeMs: 5_000, samples: memory.snapshot() });
    assert.deepEqual([copy.value(0), copy.knows(1), copy.boundaryMs(1)], [5, false, 4_000]);
  });

  it('record the present value under its own time where the past is unknown', () => {
    const world = new FunctionsWorld({ trends: [change()] });
    world.nowMs = 500;
    world.set(0, 20);
    world.nowMs = 2_000;
    world.here.memory.clear();
    world.failover();
    world.here.memory.clear();
    world.failover();
    assert.deepEqual(new Set(brief(world.rows)), new Set(['P0=20 @500']));
  });
});

import assert from 'node:assert/strict';
import type { ScheduleDefinition } from '../../../src/contract/index.js';
import { seededRandom } from '../../../simulators/virtual-time/index.js';
import { fingerprint } from '../../redundancy/fingerprint.js';
import { scheduleWith } from './definitions.js';
import { SchedulePair } from './schedule-pair.js';

const MINUTE = 60_000;

/** More of them with TANDEM_SEEDS=20. */
const seeds = Array.from({ length: Number(process.env.TANDEM_SEEDS ?? 3) }, (_, index) => index + 1);

/** A day as busy as no building has one: two schedules, one of them for two points, with an entry every minute or two. */
function busyDay(): ScheduleDefinition[] {
  const minutes = Array.from({ length: 1_440 }, (_, index) => index);
  const each = (every: number, first: number): ScheduleDefinition['weekly'] => {
    const values = minutes.filter((minute) => minute % every === 0).map((minute) => ({ timeMs: minute * MINUTE, value: first + (Math.floor(minute / every) % 7 === 3 ? 2 : Math.floor(minute / every) % 3) }));
    return Array.from({ length: 7 }, () => values);
  };
  const target = (point: number): ScheduleDefinition['targets'][number] => ({ point, priority: 10 + point, canRelinquish: true });
  return [
    scheduleWith({ name: 'minutely', timezone: 'UTC', weekly: each(1, 100), targets: [target(0)] }),
    scheduleWith({ name: 'both', timezone: 'UTC', weekly: each(2, 200), targets: [target(1), target(2)] }),
  ];
}

/** Writes of each point, in order, up to `minutes`. */
function byPoint(ledger: readonly string[]): string[][] {
  return [0, 1, 2].map((point) => ledger.filter((text) => text.startsWith(`P${point}@`)));
}

describe('schedules on a pair', () => {
  let expected: string[][];
  const minutes = 30;

  before(async () => {
    const pair = new SchedulePair(busyDay(), 1);
    await pair.begin();
    await pair.world.time.advance(minutes * MINUTE);
    expected = byPoint(pair.ledger);
    assert.ok(expected[0]!.length >= 18 && expected[1]!.length >= 9, JSON.stringify(expected.map((list) => list.length)));
  });

  for (const seed of seeds) {
    it(`killed at random instants, half of them while an entry comes into force, they write what a pair without failure writes (seed ${seed})`, async () => {
      const random = seededRandom(`schedules ${seed}`);
      const pair = new SchedulePair(busyDay(), 1);
      const { world } = pair;
      await pair.begin();
      const startMs = world.time.monotonicMs();
      const endMs = startMs + minutes * MINUTE;
      let kills = 0;
      for (;;) {
        const nowMs = world.time.monotonicMs();
        // The story begins at a whole minute less what the start has taken.
        const toEntryMs = MINUTE - (world.time.wallMs() % MINUTE);
        const waitMs = random.next() < 0.5 ? toEntryMs + random.below(400) : random.below(50_000);
        if (nowMs + waitMs > endMs - 30_000) break;
        await world.time.advance(waitMs);
        const victim = random.next() < 0.8 ? world.active() : world.other(world.active());
        if (random.next() < 0.7) victim.kill();
        else victim.powerOff();
        kills++;
        await world.until(() => world.other(victim).role === 'active');
        await world.time.advance(random.below(10_000));
        await world.wait(pair.boot(victim));
        await world.untilInSync();
      }
      await world.time.advance(endMs - world.time.monotonicMs());
      assert.ok(kills > 20, `${kills} kills`);
      assert.deepEqual(byPoint(pair.ledger), expected);
      assert.deepEqual(world.errors, []);
      await world.time.advance(1_000);
      assert.equal(fingerprint(world.a.state), fingerprint(world.b.state));
    });
  }
});

import assert from 'node:assert/strict';
import { differencesOf } from './busy-day-compare.js';
import { playDay, type Day, type DayOptions } from './busy-day.js';
import type { DAYS } from './busy-day-site.js';

/** By hand: `TANDEM_DAY_MINUTES=130 TANDEM_DAY_KILLS=500 npx mocha … dist/test/simulate/busy-day.test.js` */
const minutes = Number(process.env.TANDEM_DAY_MINUTES ?? 4);
const kills = Number(process.env.TANDEM_DAY_KILLS ?? 18);
const seed = Number(process.env.TANDEM_DAY_SEED ?? 1);
const dayName = (process.env.TANDEM_DAY ?? 'monday') as keyof typeof DAYS;

/** Pair time is behind by what a beat took at least, and ahead by nothing. */
const MOST_BEHIND_MS = 20;
const MOST_AHEAD_MS = 1;

describe('a busy day of the building\'s functions', function () {
  this.timeout(3_600_000);

  async function leavesTheSame(options: Omit<DayOptions, 'kills'>, kills: number): Promise<Day> {
    const calm = await playDay({ ...options, kills: 0 });
    const day = await playDay({ ...options, kills });
    // That there is something to compare.
    const journal = Object.values(calm.journal).flat();
    const { minutes } = options;
    assert.deepEqual([calm.sent.length > minutes, journal.length > 9 * minutes, calm.watch.steps > 50 * minutes, calm.digested > 20 * minutes], [true, true, true, true], `${calm.sent.length} messages, ${journal.length} entries, ${calm.watch.steps} steps, ${calm.digested} samples`);
    for (const writes of Object.values(calm.writes)) assert.ok(writes.length >= options.minutes / 2, JSON.stringify(calm.writes).slice(0, 2_000));
    for (const event of ['shelved 1', 'unshelved 1', 'reset 1', 'acknowledged 1', 'returned 1']) assert.ok(journal.includes(event), `${event} in ${[...new Set(journal.map((entry) => entry.split(' ')[0]))].join(', ')}`);
    assert.ok(day.kills > kills * 0.8, `${day.kills} kills`);
    assert.deepEqual([calm.wrongs, day.wrongs, calm.unlikeOnBoth, day.unlikeOnBoth], [[], [], [], []]);
    assert.deepEqual(day.unmarkedRepeats, []);
    assert.deepEqual(differencesOf(calm, day), []);
    for (const { watch } of [calm, day]) {
      assert.deepEqual([watch.bumps, watch.backwards], [[], 0]);
      assert.ok(watch.behindMs <= MOST_BEHIND_MS && watch.aheadMs <= MOST_AHEAD_MS, `pair time was ${watch.behindMs} ms behind, ${watch.aheadMs} ms ahead`);
    }
    return day;
  }

  it('leaves the same behind whether nodes are killed or not', async () => {
    const day = await leavesTheSame({ minutes, seed, day: dayName }, kills);
    if (kills > 100) console.log(`      ${day.kills} kills in ${minutes} minutes: ${day.sent.length} messages (${day.repeats} sent again and marked), ${Object.values(day.journal).flat().length} journal entries, ${Object.values(day.writes).flat().length} writes, ${Object.values(day.history).flat().length} samples, ${day.gaps} declared gaps; the controller took ${day.watch.steps} steps; pair time at most ${day.watch.behindMs.toFixed(1)} ms behind`);
  });

  it('and in a night in which the clocks change', async () => {
    await leavesTheSame({ minutes: 3, seed, day: seed % 2 === 1 ? 'spring' : 'autumn' }, 8);
  });
});

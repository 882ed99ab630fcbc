import assert from 'node:assert/strict';
import { differencesOf } from './busy-day-compare.js';
import { playDay } from './busy-day.js';

/** By hand: `TANDEM_DAY_MINUTES=600 TANDEM_DAY_KILLS=500 npx mocha … dist/test/simulate/busy-day.test.js` */
const minutes = Number(process.env.TANDEM_DAY_MINUTES ?? 5);
const kills = Number(process.env.TANDEM_DAY_KILLS ?? 24);
const seed = Number(process.env.TANDEM_DAY_SEED ?? 1);

describe('a busy day of the building\'s functions', function () {
  this.timeout(3_600_000);

  it('leaves the same behind whether nodes are killed or not', async () => {
    const calm = await playDay({ minutes, kills: 0, seed });
    const day = await playDay({ minutes, kills, seed });
    // That there is something to compare.
    assert.ok(calm.sent.length > minutes && Object.values(calm.journal).flat().length > 6 * minutes && (calm.writes.Sched?.length ?? 0) >= minutes, JSON.stringify(calm).slice(0, 2_000));
    assert.ok(day.kills > kills * 0.8, `${day.kills} kills`);
    assert.deepEqual([calm.wrongs, day.wrongs, calm.sameOnBoth, day.sameOnBoth], [[], [], true, true]);
    assert.deepEqual(day.unmarkedRepeats, []);
    assert.deepEqual(differencesOf(calm, day), []);
    if (kills > 100) console.log(`      ${day.kills} kills in ${minutes} minutes: ${day.sent.length} messages (${day.repeats} sent again and marked), ${Object.values(day.journal).flat().length} journal entries, ${Object.values(day.writes).flat().length} writes, ${Object.values(day.history).flat().length} samples, ${day.gaps} declared gaps`);
  });
});

import assert from 'node:assert/strict';
import { liveThrough, POINTS, UNITS } from './line-day.js';

/** MODBUS_DAY_SEED=7 lives through another whole day. */
const seed = process.env.MODBUS_DAY_SEED ?? 'a day on the line';

/** Besides it, shorter ones: on each of these a late answer was once taken for the next one, or for that to another block. */
const shorter = ['1', '2', '4'];

describe('Modbus RTU: a day on a bad serial line', () => {
  for (const [of, hours] of [[seed, 24], ...shorter.map((other) => [other, 3] as const)] as const) {
    it(`${hours} hours, ${UNITS} units, seed "${of}": no wrong value is good, and every unit is heard`, async function () {
      this.timeout(180_000);
      const { goodOf, ...day } = await liveThrough(of, hours);
      if (hours === 24) console.log(`      ${JSON.stringify(day)}`);
      assert.deepEqual({ wrong: day.wrong, late: day.late, writesLost: day.writesLost }, { wrong: 0, late: 0, writesLost: 0 });
      assert.ok(day.good > 0.85 * day.cycles * UNITS * POINTS, 'the line was of use');
      for (let unit = 1; unit <= UNITS; unit++) assert.ok(goodOf[unit]! > 0.7 * day.cycles * POINTS, `unit ${unit} was heard`);
      assert.ok(day.unreachable > 0 && day.deadSpells > 2 && day.unplugged > 2 && day.spoilt > 100 && day.collisions > 0 && day.known > 10);
    });
  }
});

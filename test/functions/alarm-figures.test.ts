import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { WireAlarm } from '../../src/contract/index.js';
import { alarmFigures, type FigureEntry } from '../../src/functions/index.js';

const MIN = 60_000;
const raised = (name: string, timeMs: number, priority = 3): FigureEntry => ({ name, timeMs, event: 'raised', priority, occurrence: timeMs });
const over = (entries: readonly FigureEntry[], hours = 24, operators = 1): ReturnType<typeof alarmFigures> => alarmFigures(entries, [], { fromMs: 0, toMs: hours * 60 * MIN, operators });

describe('alarm figures', () => {
  it('count rates, priorities, bad actors and how long people took', () => {
    const entries: FigureEntry[] = [
      ...Array.from({ length: 6 }, (_, i) => raised('A', i * 3 * 60 * MIN, 2)),
      raised('B', 60 * MIN),
      { ...raised('B', 60 * MIN), event: 'acknowledged', timeMs: 64 * MIN },
      { ...raised('C', 10 * MIN), event: 'returned' },
    ];
    const figures = over(entries);
    assert.deepEqual([figures.raised, figures.byPriority, figures.per10MinPeak, figures.floods, figures.acknowledgeMeanMs], [7, { 2: 6, 3: 1 }, 1, 0, 4 * MIN]);
    assert.equal(figures.per10MinAverage.toFixed(4), (7 / 144).toFixed(4));
    assert.deepEqual(figures.top, [{ name: 'A', raised: 6, share: 6 / 7 }, { name: 'B', raised: 1, share: 1 / 7 }]);
    assert.equal(over(entries, 24, 2).per10MinAverage.toFixed(4), (7 / 288).toFixed(4));
  });

  it('know floods: more than ten in ten minutes, until there are fewer than five', () => {
    // Eleven in the first minute; the window falls below five when the seventh leaves it.
    const burst = Array.from({ length: 11 }, (_, i) => raised(`A${i}`, 60 * MIN + i * 6_000));
    const figures = over(burst, 2);
    assert.deepEqual([figures.floods, figures.per10MinPeak], [1, 11]);
    assert.equal(figures.floodShare * 120 * MIN, 10 * MIN + 6 * 6_000 - 60_000);
    assert.equal(over(burst, 2, 2).floods, 0);
    assert.equal(over(burst.slice(1), 2).floods, 0);
  });

  it('agree with a look at every second', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 3_599 }), { maxLength: 80 }), (seconds) => {
      const times = seconds.map((second) => second * 1_000).sort((a, b) => a - b);
      const figures = over(times.map((timeMs, i) => raised(`A${i}`, timeMs)), 1);
      let [inFlood, flooded, floods] = [false, 0, 0];
      for (let now = 0; now < 3_600_000; now += 1_000) {
        const count = times.filter((timeMs) => timeMs <= now && timeMs + 10 * MIN > now).length;
        if (!inFlood && count > 10) {
          inFlood = true;
          floods += 1;
        } else if (inFlood && count < 5) inFlood = false;
        if (inFlood) flooded += 1_000;
      }
      assert.deepEqual([figures.floods, Math.round(figures.floodShare * 3_600_000)], [floods, flooded]);
    }), { numRuns: 300 });
  });

  it('name what stands, chatters, and is there now', () => {
    const now = (name: string, sinceMs: number, state: WireAlarm['state'], active = true): WireAlarm => ({ name, point: '', state, priority: 3, class: '', message: '', sinceMs, occurrence: 1, ...(active ? { active: true as const } : {}) });
    const present = [now('old', 0, 'acknowledged'), now('new', 40 * 60 * MIN, 'unacknowledged'), now('gone', 0, 'returned-unacknowledged', false), now('quiet', 0, 'normal', false)];
    const figures = alarmFigures([0, 20_000, 40_000].map((timeMs) => raised('flutter', timeMs)), present, { fromMs: 0, toMs: 41 * 60 * MIN, operators: 1 });
    assert.deepEqual(figures.standing.map(({ name }) => name), ['old']);
    assert.deepEqual(figures.chattering, ['flutter']);
    assert.deepEqual(figures.present, { acknowledged: 1, unacknowledged: 1, 'returned-unacknowledged': 1 });
  });
});

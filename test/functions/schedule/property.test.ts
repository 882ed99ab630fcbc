import assert from 'node:assert/strict';
import fc from 'fast-check';
import { resolve, steps } from '../../../src/functions/schedule/resolve.js';
import { anySchedule, day, scheduleWith, at } from './definitions.js';
import { referenceValue, WallClock } from './reference.js';

const MINUTE = 60_000;
const DAY = 86_400_000;
/** Zones with their nights of 2026 (the day whose clock jumps): an hour, half an hour, and midnight itself. */
const zones: readonly (readonly [zone: string, ...days: string[]])[] = [
  ['Europe/Berlin', '2026-03-29', '2026-10-25'],
  ['America/New_York', '2026-03-08', '2026-11-01'],
  ['Australia/Lord_Howe', '2026-04-05', '2026-10-04'],
  ['America/Santiago', '2026-04-05', '2026-09-06'],
  ['Asia/Beirut', '2026-03-29', '2026-10-25'],
];

describe('schedule: against a slow, obvious reference', () => {
  for (const [zone, ...nights] of zones) {
    it(`any schedule, minute by minute over the nights of ${zone}`, () => {
      for (const night of nights) {
        fc.assert(
          fc.property(anySchedule(zone, day(night)), ({ schedule, calendars }) => {
            const known = new Map(calendars.map((calendar) => [calendar.name, calendar]));
            const beginMs = (day(night) - 1) * DAY - 11 * 3_600_000;
            const clock = new WallClock(zone, beginMs);
            const ahead = steps(schedule, known, beginMs, 4);
            let next = ahead.next();
            let expected = referenceValue(schedule, calendars, clock.local);
            let minute = 0;
            assert.equal(resolve(schedule, known, beginMs).value, expected);
            for (; clock.nowMs < beginMs + 3 * DAY; minute++) {
              const value = referenceValue(schedule, calendars, clock.tick());
              // What comes into force does so at this very minute, and nothing else does.
              if (next.done !== true && next.value.atMs === clock.nowMs) {
                assert.equal(next.value.value, value, `at ${new Date(clock.nowMs).toISOString()}`);
                next = ahead.next();
              } else {
                assert.equal(value, expected, `at ${new Date(clock.nowMs).toISOString()}: nothing comes into force`);
              }
              expected = value;
              if (minute % 97 === 0) assert.equal(resolve(schedule, known, clock.nowMs).value, value, new Date(clock.nowMs).toISOString());
            }
          }),
          { seed: 135, numRuns: 6 },
        );
      }
    }).timeout(60_000);

    it(`a year in ${zone}: each entry once, and none at any other time`, () => {
      const weekly = Array.from({ length: 7 }, (_, weekday) => [at(0, 30), at(1, 45), at(2, 15), at(2, 45), at(23, 30)].map((timeMs, index) => ({ timeMs, value: weekday * 5 + index })));
      const schedule = scheduleWith({ timezone: zone, weekly, default: -1 });
      const fromMs = Date.UTC(2026, 0, 1, 12);
      const ahead = [...steps(schedule, new Map(), fromMs, 365)];
      const clock = new WallClock(zone, fromMs);
      let index = 0;
      let expected = referenceValue(schedule, [], clock.local);
      while (clock.nowMs < fromMs + 365 * DAY) {
        const value = referenceValue(schedule, [], clock.tick(5));
        if (value === expected) continue;
        assert.deepEqual([ahead[index]?.atMs, ahead[index]?.value], [clock.nowMs, value]);
        assert.equal(resolve(schedule, new Map(), clock.nowMs - MINUTE).value, expected);
        expected = value;
        index++;
      }
      assert.ok(index > 2_100, `${index} entries`);
    }).timeout(60_000);
  }
});

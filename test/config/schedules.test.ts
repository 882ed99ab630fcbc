import assert from 'node:assert/strict';
import { dayNumber } from '../../src/contract/index.js';
import { siteOf, siteWith } from './fake-driver.js';

describe('config: schedules', () => {
  it('means what the example of the design says', () => {
    const site = siteOf(siteWith(`devices: {d: {driver: fake, host: h}}
points: {AHU1.FanCmd: {device: d, at: "bit:1", states: [stop, run], write: true}}
calendars: {holidays: {dates: ["*-12-25", "2026-04-03", {from: "2026-12-27", to: "2027-01-01"}, {month: 5, week: last, day: Mon}]}}
schedules:
  AHU1.occupancy:
    writes: [{point: AHU1.FanCmd, priority: 15}]
    default: relinquish
    weekly: {Mon-Fri: {"20:00": stop, "06:00": run}}
    exceptions: [{calendar: holidays, priority: 8, values: {"00:00": stop}}]
`));
    assert.deepEqual(site.calendars, [{
      name: 'holidays',
      days: [
        { kind: 'yearly', month: 12, dayOfMonth: 25 },
        { kind: 'date', day: dayNumber(2026, 4, 3) },
        { kind: 'range', from: dayNumber(2026, 12, 27), to: dayNumber(2027, 1, 1) },
        { kind: 'week-and-day', month: 5, week: 'last', weekday: 1 },
      ],
    }]);
    const workday = [{ timeMs: 21_600_000, value: 1 }, { timeMs: 72_000_000, value: 0 }];
    assert.deepEqual(site.schedules, [{
      name: 'AHU1.occupancy',
      timezone: 'Europe/Berlin',
      targets: [{ point: 0, priority: 15, canRelinquish: true }],
      default: null,
      weekly: [workday, workday, workday, workday, workday, [], []],
      exceptions: [{ when: { kind: 'calendar', name: 'holidays' }, priority: 8, values: [{ timeMs: 0, value: 0 }] }],
      effective: {},
    }]);
  });

  it('is part of the revision', () => {
    const rest = 'devices: {d: {driver: fake, host: h}}\npoints: {p: {device: d, at: "num:1", write: true}}\n';
    const revisions = ['', 'calendars: {c: {dates: []}}\n', 'schedules: {s: {writes: [p], default: 1}}\n', 'schedules: {s: {writes: [p], default: 2}}\n'].map((text) => siteOf(siteWith(rest + text)).revision);
    assert.equal(new Set(revisions).size, revisions.length);
  });

  it('takes three hundred exceptions in reasonable time', () => {
    const exceptions = Array.from({ length: 300 }, (_, index) => `{date: "${2000 + index}-07-01", values: {"00:00": 1}}`).join(', ');
    siteOf(siteWith(`devices: {d: {driver: fake, host: h}}\npoints: {p: {device: d, at: "num:1", write: true}}\nschedules: {s: {writes: [p], default: 1, exceptions: [${exceptions}]}}\n`));
  });
});
